"""Quarantine: what was refused and is still open, and trying it again.

A retry judges open records by today's registers and schemas. One that passes moves to the
events, one that fails again counts its attempt; both are facts of one commit, and the record
itself is never copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UsageError
from core.settings import Settings
from core.sql import any_of, load_table
from core.version import code_version
from ingest.load.batch import SOURCE_REASONS, Batch
from ingest.load.recognition import all_sources
from ingest.log import identity_index
from ingest.log.event_log import EventLog
from ingest.sources import Context
from ingest.validation.full_check import Rules
from ingest.validation.masking import masking_key
from ingest.validation.vocabulary import Vocabulary

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEY_LENGTH = 12


@dataclass(frozen=True)
class QuarantinedRecord:
    """One open record: its key, where it came from, why it was refused, its bytes."""

    key: str
    name: str
    position: int
    place: str | None
    reason: str
    detail: str | None
    raw: bytes
    recorded_at: datetime
    schema_version: str
    code_version: str
    attempts: int


@dataclass(frozen=True)
class RetryResult:
    """What a retry did with the records that it tried."""

    tried: int
    accepted: int
    duplicate: int
    quarantined: int
    commit: int | None


def open_records(
    connection: DuckDBPyConnection,
    log: EventLog,
    *,
    reason: str | None = None,
    key: str | None = None,
    limit: int | None = None,
) -> list[QuarantinedRecord]:
    """Records that no retry has accepted, by file and position."""
    _load_open(connection, log)
    rows = connection.execute(
        f"""
        select key, name, position, place, reason, detail, raw, recorded_at, schema_version,
            code_version, attempts
        from open_quarantine
        where ($reason is null or reason = $reason) and ($key is null or key = $key)
        order by name, position, place
        {"" if limit is None else f"limit {int(limit)}"}
        """,
        {"reason": reason, "key": key},
    ).fetchall()
    return [QuarantinedRecord(*row) for row in rows]


def counts_by_reason(connection: DuckDBPyConnection, log: EventLog) -> list[tuple[str, str, int]]:
    """Open records as (reason, file name, how many), most first."""
    _load_open(connection, log)
    return connection.execute(
        "select reason, name, count(*) as open_count from open_quarantine group by reason, name"
        " order by open_count desc, reason, name"
    ).fetchall()


def retry(
    connection: DuckDBPyConnection,
    settings: Settings,
    *,
    run_at: datetime,
    reason: str | None = None,
    key: str | None = None,
) -> RetryResult:
    """Judge open records again and commit what came of it.

    Raises:
        UsageError: there is no log yet, or no such record.
    """
    from ingest.load.run import SEEDS

    log = EventLog.open(settings.log)
    log.remove_uncommitted()
    _load_open(connection, log)
    connection.execute(
        """
        create or replace temp table chosen as
        select
            row_number() over (order by file_hash, position, place) - 1 as row_id,
            *,
        from open_quarantine
        where ($reason is null or reason = $reason) and ($key is null or key = $key);
        """,
        {"reason": reason, "key": key},
    )
    chosen = connection.execute("select count(*) from chosen").fetchone()
    tried = int(chosen[0]) if chosen else 0
    if tried == 0:
        if key is not None:
            raise UsageError(f"no open record {key}: `takeup quarantine show` names them")
        return RetryResult(0, 0, 0, 0, None)
    _read_again(connection, SEEDS)
    identity_index.attach(connection, settings.warehouse / "identities.duckdb", log)
    batch = Batch(
        connection,
        log,
        Rules(
            vocabulary=Vocabulary.load(SEEDS),
            run_at=run_at,
            future_tolerance=timedelta(minutes=settings.future_tolerance_minutes),
            maximum_bytes=settings.maximum_record_bytes,
            maximum_depth=settings.maximum_record_depth,
            is_simulated=log.is_simulated,
        ),
        masking_key=masking_key(settings.home / "masking.key"),
        code_version=code_version(),
    )
    try:
        outcomes = batch.retry_chosen()
    except BaseException:
        batch.discard()
        raise
    # Not within the above: what fails after the commit must not take back committed parts.
    version = log.commit(batch.parts, run_at=run_at)
    batch.commit_identities()
    connection.execute(f"detach {identity_index.ATTACHED}")
    return RetryResult(
        tried,
        accepted=outcomes["accepted"],
        duplicate=outcomes["duplicate"],
        quarantined=outcomes["quarantined"],
        commit=version,
    )


def _read_again(connection: DuckDBPyConnection, seeds: Path) -> None:
    """Table `again`: lines, or refusals, of chosen records whose sources read them anew.

    What such a source keeps is what it was sent, so only the source can make an event of it.
    A text that it can't place stays as it was judged.
    """
    context = Context(published_at=None, seeds=seeds)
    readers = {
        source.NAME: reader
        for source in all_sources()
        if (reader := getattr(source, "read_again", None)) is not None
    }
    connection.execute(
        "create or replace temp table again"
        " (row_id bigint, line varchar, reason varchar, detail varchar)"
    )
    rows = connection.execute(
        f"select row_id, source_kind, decode(raw), place from chosen"
        f" where source_kind in ({any_of(list(readers))})"
        f" and reason not in ({any_of(SOURCE_REASONS)})"
    ).fetchall()
    found = [
        (row_id, record["line"], record["reason"], record["detail"])
        for row_id, kind, raw, place in rows
        for record in readers[kind](raw, place, context).to_pylist()
    ]
    if found:
        row_ids, lines, reasons, details = zip(*found, strict=True)
        load_table(connection, "found", row_id=row_ids, line=lines, reason=reasons, detail=details)
        connection.execute("insert into again by name select * from found")


def _load_open(connection: DuckDBPyConnection, log: EventLog) -> None:
    """Table `open_quarantine`: quarantined records less those that a retry settled."""

    def rows(kind: str, columns: str) -> str:
        paths: Sequence[str] = [file.path for file in log.files(kind)]
        if not paths:
            typed = ", ".join(f"null as {name}" for name in columns.split(", "))
            return f"(select {typed} where false)"
        return (
            f"(select {columns} from read_parquet({list(paths)!r}, union_by_name = true,"
            " hive_partitioning = false))"
        )

    key = f"substr(split_part(file_hash, ':', 2), 1, {KEY_LENGTH}) || ':' || position"
    connection.execute(
        f"""
        create or replace temp table open_quarantine as
        with quarantined as (
            select * from {
            rows(
                "quarantine",
                "file_hash, position, place, reason, detail, raw, recorded_at, "
                "schema_version, code_version",
            )
        }
        ),
        retries as (
            select file_hash, position, place,
                count(*) as attempts,
                bool_or(outcome in ('accepted', 'duplicate')) as is_settled,
                max_by(reason, attempt) as last_reason,
                max_by(detail, attempt) as last_detail,
            from {rows("retry", "file_hash, position, place, attempt, outcome, reason, detail")}
            group by file_hash, position, place
        ),
        files as (
            select file_hash, min(name) as name, min(source_kind) as source_kind
            from {rows("file", "file_hash, name, source_kind, state")}
            where state = 'ingested'
            group by file_hash
        )
        select
            {
            key.replace("file_hash", "quarantined.file_hash").replace(
                "|| position", "|| quarantined.position"
            )
        }
                || coalesce(':' || quarantined.place, '') as key,
            quarantined.* exclude (reason, detail),
            coalesce(retries.last_reason, quarantined.reason) as reason,
            case when retries.last_reason is null then quarantined.detail
                else retries.last_detail
            end as detail,
            files.name,
            files.source_kind,
            coalesce(retries.attempts, 0) as attempts,
        from quarantined
        left join retries
            on quarantined.file_hash = retries.file_hash
            and quarantined.position = retries.position
            and quarantined.place is not distinct from retries.place
        left join files on quarantined.file_hash = files.file_hash
        where not coalesce(retries.is_settled, false)
        """
    )


def as_dict(record: QuarantinedRecord) -> dict[str, Any]:
    """A record fit for JSON; bytes that are no UTF-8 are escaped."""
    return {
        "key": record.key,
        "name": record.name,
        "position": record.position,
        "place": record.place,
        "reason": record.reason,
        "detail": record.detail,
        "raw": record.raw.decode("utf-8", "backslashreplace"),
        "recorded_at": record.recorded_at.isoformat(),
        "schema_version": record.schema_version,
        "code_version": record.code_version,
        "attempts": record.attempts,
    }
