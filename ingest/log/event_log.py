"""The event log: an append-only Delta table, one atomic commit per batch.

Its folder holds `record_kind=<kind>/<version>-<n>.parquet` files and the Delta log.
Nothing is updated or deleted; old commits are kept for ever (`enableExpiredLogCleanup`
is off, because the default drops them silently after 30 days).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import IntegrityError, TakeupError, UsageError
from core.files import digest_bytes, digest_file, write_file
from core.limits import limit_met
from ingest.log import chain
from ingest.log.chain import Part
from ingest.log.columns import KINDS, PARTITION, table_schema
from ingest.log.formats import FORMAT, require_known, upcast
from ingest.log.statistics import statistics_of

if TYPE_CHECKING:
    from deltalake import DeltaTable

METADATA_KEY = "takeup"
HEAD_FILE = "_head.json"
NAME = re.compile(r"(?P<version>\d{20})-\d{5}\.parquet$")
CONFIGURATION = {
    "delta.enableExpiredLogCleanup": "false",
    "delta.appendOnly": "true",
    "delta.logRetentionDuration": "interval 36500 days",
}


STATED_OF_FILE = {
    "path": "path",
    "record_kind": f"partition.{PARTITION}",
    "row_count": "num_records",
    "size_bytes": "size_bytes",
    "first_type": "min.type",
    "last_type": "max.type",
    "first_time": "min.time",
    "last_time": "max.time",
    "first_commit": "min.commit_version",
    "last_commit": "max.commit_version",
}
"""What is known of a file, by the name that Delta's reader gives it."""


@dataclass(frozen=True)
class LogFile:
    """A live Parquet file: its kind of record, absolute path, rows and bytes, the commit that added
    it, and between which types, times and commits its rows lie, where its commit states that: what
    an erasure has left of a part came with an earlier commit than the one that added it."""

    record_kind: str
    path: str
    row_count: int
    size_bytes: int
    commit_version: int | None
    first_type: str | None = None
    last_type: str | None = None
    first_time: datetime | None = None
    last_time: datetime | None = None
    first_commit: int | None = None
    last_commit: int | None = None

    def may_hold(self, type: str) -> bool:
        """Whether an event of a type may be in it: yes where its commit does not state types."""
        if self.first_type is None or self.last_type is None:
            return True
        return self.first_type <= type <= self.last_type

    def may_be_of(self, commits: Collection[int]) -> bool:
        """Whether a row that came with one of these commits may be in it: yes where its commit does
        not state any."""
        if self.first_commit is None or self.last_commit is None:
            return True
        return any(self.first_commit <= commit <= self.last_commit for commit in commits)


@dataclass(frozen=True)
class Commit:
    """What the Delta log says of one version: its facts as they were written (None for a foreign
    commit) and actions."""

    version: int
    digest: str
    facts: dict[str, Any] | None
    link: str | None
    actions: list[dict[str, Any]]

    @property
    def said(self) -> Mapping[str, Any]:
        """Its facts as today's code writes them; empty for a foreign commit."""
        return {} if self.facts is None else upcast(self.facts)


class EventLog:
    """One home's log at its newest version."""

    def __init__(self, folder: Path, table: DeltaTable) -> None:
        self.folder = folder
        self._table = table
        first = self.commit_at(0).facts
        if first is None:
            raise IntegrityError(f"event log {folder}: commit 0 does not say what it is")
        self.is_simulated: bool = first["is_simulated"]
        self.newest_own()

    @classmethod
    def exists(cls, folder: Path) -> bool:
        """Whether a log was begun in this folder."""
        return (folder / "_delta_log").is_dir() and any((folder / "_delta_log").glob("*.json"))

    @classmethod
    def open(cls, folder: Path, *, version: int | None = None) -> EventLog:
        """The log in this folder, as it is or as it was at a version.

        Raises:
            UsageError: there is none, or it has no such version.
            IntegrityError: Delta cannot read it.
            TakeupError: nor can anybody here and now: the machine has no handle, memory or right
                left for it.
        """
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError, TableNotFoundError

        if not cls.exists(folder):
            raise UsageError(f"no event log in {folder}: ingest something first")
        if version is not None and not cls.path_of_commit(folder, version).is_file():
            raise UsageError(f"event log {folder} has no version {version}")
        try:
            return cls(folder, DeltaTable(str(folder), version=version))
        except (DeltaError, OSError, ValueError) as error:
            if limit := limit_met(error):
                raise TakeupError(f"event log {folder} can't be read: {limit}") from error
            if isinstance(error, TableNotFoundError):
                raise IntegrityError(f"event log {folder}: no readable commit ({error})") from error
            raise IntegrityError(f"event log {folder} can't be read: {error}") from error

    @classmethod
    def create(cls, folder: Path, *, is_simulated: bool, run_at: datetime) -> EventLog:
        """Begin a log, real or simulated for ever, as version 0 of its chain.

        Raises:
            IntegrityError: there was a log here, whose commits are gone; or another writer begins
                one.
        """
        from deltalake import CommitProperties, DeltaTable
        from deltalake.exceptions import DeltaError

        if (folder / HEAD_FILE).exists():
            raise IntegrityError(f"event log {folder}: no commit is left of it")
        facts = _facts(0, run_at, epoch=1, parts=[], more={"is_simulated": is_simulated})
        folder.mkdir(parents=True, exist_ok=True)
        try:
            DeltaTable.create(
                str(folder),
                table_schema(),
                partition_by=[PARTITION],
                configuration=CONFIGURATION,
                commit_properties=CommitProperties(
                    custom_metadata=_metadata(facts, chain.link(chain.GENESIS, "", facts))
                ),
            )
        except DeltaError as error:
            if cls.exists(folder):
                raise another_writer(folder, 0) from error
            raise
        return cls.open(folder)

    @property
    def version(self) -> int:
        return self._table.version()

    def newest_own(self, until: int | None = None) -> Commit:
        """The newest commit that this project wrote, or wrote up to a version.

        Raises:
            UsageError: later code wrote it.
            IntegrityError: it wrote none.
        """
        for version in range(self.version if until is None else until, -1, -1):
            commit = self.commit_at(version)
            if commit.link is not None:
                return commit
        raise IntegrityError(f"event log {self.folder}: no commit carries a link of the chain")

    def head(self) -> str:
        """Link of the newest commit that this project wrote."""
        return str(self.newest_own().link)

    def run_at(self) -> datetime:
        """The moment of the newest run that added something; of the first where none has."""
        commit = self.newest_own()
        while not commit.said["parts"] and commit.version:
            commit = self.newest_own(until=commit.version - 1)
        return datetime.fromisoformat(commit.said["run_at"])

    @property
    def epoch(self) -> int:
        """1, and one more for each time that the log was restored from a copy."""
        return int(self.newest_own().said["epoch"])

    @staticmethod
    def path_of_commit(folder: Path, version: int) -> Path:
        """The Delta log's file of one version."""
        return folder / "_delta_log" / f"{version:020d}.json"

    def commit_at(self, version: int) -> Commit:
        """One version as its commit file states it. Raises as `read_commit`."""
        return self.read_commit(self.folder, version)

    @classmethod
    def read_commit(cls, folder: Path, version: int) -> Commit:
        """One version of the log in a folder, without Delta's own reader.

        Raises:
            IntegrityError: the file is missing or is not a commit.
        """
        path = cls.path_of_commit(folder, version)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise IntegrityError(f"commit {version} is missing: {path.name}") from error
        try:
            actions = [json.loads(line) for line in content.splitlines() if line.strip()]
            info: dict[str, Any] = next((a["commitInfo"] for a in actions if "commitInfo" in a), {})
            stated = info.get(METADATA_KEY)
            own = json.loads(stated) if isinstance(stated, str) else None
            facts, own_link = (own["facts"], own["link"]) if own else (None, None)
            require_known(facts or {})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise IntegrityError(
                f"commit {version} can't be read: {path.name} ({error})"
            ) from error
        return Commit(version, digest_bytes(content), facts, own_link, actions)

    @classmethod
    def read_commit_digest(cls, folder: Path, version: int) -> str:
        """Digest of a commit file's bytes, whatever they say."""
        return digest_file(cls.path_of_commit(folder, version))

    def part_path(self, kind: str, version: int, number: int) -> Path:
        """Where a part of a commit is written before it is committed."""
        if kind not in KINDS:
            raise ValueError(f"no such kind of record: {kind}")
        folder = self.folder / f"{PARTITION}={kind}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{version:020d}-{number:05d}.parquet"

    def remove_uncommitted(self) -> list[Path]:
        """Delete Parquet files that a run left before its commit. Needs the lease."""
        left = [
            path
            for path in self.folder.glob(f"{PARTITION}=*/*.parquet*")
            if (match := NAME.search(path.name)) is None or int(match["version"]) > self.version
        ]
        live = {file.path for file in self.files()}
        left = [path for path in left if str(path) not in live]
        for path in left:
            path.unlink()
        return left

    def commit(
        self, parts: list[Path], *, run_at: datetime, says: Mapping[str, Any] | None = None
    ) -> int:
        """Add written parts in one commit, chained to the one before; returns its version.

        Args:
            says: more facts of the commit: the epoch that it begins, and why.

        Raises:
            IntegrityError: another writer got in between, although the lease was held.
        """
        from deltalake import CommitProperties, PostCommitHookProperties
        from deltalake.exceptions import CommitFailedError
        from deltalake.transaction import AddAction, RemoveAction

        described, metadata = chained(self, parts, run_at=run_at, says=says)
        version = self.version + 1
        actions: list[AddAction | RemoveAction] = [
            AddAction(
                path=part.path,
                size=part.size_bytes,
                partition_values={PARTITION: part.record_kind},
                modification_time=int(run_at.timestamp() * 1000),
                data_change=True,
                stats=statistics_of(self.folder / part.path),
            )
            for part in described
        ]
        try:
            # Never tried again: a second try would put a commit over one that it does not know.
            self._table.create_write_transaction(
                actions=actions,
                mode="append",
                schema=table_schema(),
                partition_by=[PARTITION],
                commit_properties=CommitProperties(custom_metadata=metadata, max_commit_retries=0),
                post_commithook_properties=PostCommitHookProperties(cleanup_expired_logs=False),
            )
        except CommitFailedError as error:
            raise another_writer(self.folder, version) from error
        self.adopt(version)
        return version

    def adopt(self, version: int) -> None:
        """Go on from the commit of this version, which was just written, and remember it whole:
        no later link covers it yet.

        Raises:
            IntegrityError: another writer got in between.
        """
        self._table.update_incremental()
        if self.version != version:
            raise another_writer(self.folder, self.version)
        newest = self.commit_at(version)
        head = {"version": version, "link": newest.link, "commit": newest.digest}
        write_file(self.folder / HEAD_FILE, json.dumps(head))

    def files(self, kind: str | None = None, *, after: int = -1) -> list[LogFile]:
        """Live Parquet files, of one kind, added after a version; in the order of commits."""
        import pyarrow as pa
        import pyarrow.compute as pc

        # Not pa.table: it imports pandas to see whether it was given a data frame.
        actions = self._table.get_add_actions(flatten=True)
        added = pa.RecordBatchReader.from_stream(actions).read_all()
        if kind is not None:
            added = added.filter(pc.equal(added[STATED_OF_FILE["record_kind"]], kind))
        nothing = [None] * added.num_rows
        stated = {
            name: added[column].to_pylist() if column in added.column_names else nothing
            for name, column in STATED_OF_FILE.items()
        }
        found = (
            self._file_of(dict(zip(stated, values, strict=True)))
            for values in zip(*stated.values(), strict=True)
        )
        return sorted(
            (one for one in found if one.commit_version is None or one.commit_version > after),
            key=lambda one: one.path,
        )

    def _file_of(self, stated: dict[str, Any]) -> LogFile:
        path = stated.pop("path")
        return LogFile(
            path=f"{self.folder}/{path}",
            commit_version=_version_in(path),
            row_count=stated.pop("row_count") or 0,
            **stated,
        )

    def below(self, file: LogFile) -> str:
        """A file's path below the log's folder, which stays true when the home is moved."""
        return file.path.removeprefix(f"{self.folder}/")


def another_writer(folder: Path, version: int) -> IntegrityError:
    """What a writer is told who finds that the version which it was to write is written."""
    return IntegrityError(
        f"event log {folder}: another writer has written version {version}, although this run holds"
        " the home's lease: find out who else writes there (another machine, a tool for Delta"
        " tables) and stop it, then run `takeup verify`"
    )


def chained(
    log: EventLog, parts: list[Path], *, run_at: datetime, says: Mapping[str, Any] | None = None
) -> tuple[list[Part], dict[str, str]]:
    """What the log's next commit says: its parts, and its metadata, linked to the commit before."""
    described = [_described(log.folder, path) for path in parts]
    facts = _facts(
        log.version + 1,
        run_at,
        epoch=log.epoch,
        parts=[asdict(part) for part in described],
        more=says or {},
    )
    link = chain.link(log.head(), log.commit_at(log.version).digest, facts)
    return described, _metadata(facts, link)


def _described(folder: Path, path: Path) -> Part:
    import pyarrow.parquet as pq

    return Part(
        path=path.relative_to(folder).as_posix(),
        record_kind=path.parent.name.removeprefix(f"{PARTITION}="),
        row_count=pq.read_metadata(path).num_rows,
        size_bytes=path.stat().st_size,
        digest=digest_file(path),
    )


def _version_in(path: str) -> int | None:
    match = NAME.search(path)
    return int(match["version"]) if match else None


def _spell(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _facts(
    version: int,
    run_at: datetime,
    *,
    epoch: int,
    parts: list[dict[str, Any]],
    more: Mapping[str, Any],
) -> dict[str, Any]:
    """What a commit says of itself, in today's format."""
    return {
        "format": FORMAT,
        "version": version,
        "run_at": _spell(run_at),
        "epoch": epoch,
        "parts": parts,
        **more,
    }


def _metadata(facts: dict[str, Any], link: str) -> dict[str, str]:
    return {METADATA_KEY: json.dumps({"facts": facts, "link": link}, sort_keys=True)}
