"""The swap: the gated staging warehouse becomes the file that analysts read, or nothing does."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import IntegrityError, TakeupError, UsageError
from core.files import replace_file, sole_writer
from core.settings import Settings
from core.sql import connect, identifier, one_value, quote
from expectations.approval import require_approval as gate_must_have_passed
from publish.database import (
    PUBLISHED_SCHEMAS,
    WarehouseVersion,
    first_line,
    published_tables,
    reading,
    version_of,
)
from publish.fingerprint import Content, content_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RequirePass = Callable[[Settings], object]

# DuckDB keeps these beside a file that was not closed in good order.
_WAL_SUFFIXES = (".wal", ".wal.checkpoint", ".wal.recovery")

# Nobody but the swap changes what is published: a writer is refused by the file system.
_READ_ONLY = 0o444


@dataclass(frozen=True)
class Published:
    """What the swap did. `row_counts` has one entry per table of the published file."""

    path: Path
    state: Literal["published", "unchanged"]
    version: WarehouseVersion
    row_counts: dict[str, int]
    size_bytes: int
    removed_leftovers: tuple[str, ...]

    @property
    def line(self) -> str:
        """One line for a user."""
        at = f"log version {self.version.log_version}"
        if self.version.is_simulated:
            at += ", SIMULATED data"
        if self.state == "unchanged":
            return f"nothing new to publish: {self.path} already holds this content ({at})"
        rows = sum(self.row_counts.values())
        return f"published {self.path}: {len(self.row_counts)} tables, {rows:,} rows ({at})"

    def as_dict(self) -> dict[str, object]:
        return {
            **asdict(self),
            "path": str(self.path),
            "version": self.version.as_dict(),
            "removed_leftovers": list(self.removed_leftovers),
        }


def publish(
    settings: Settings, *, run_id: str, require_pass: RequirePass = gate_must_have_passed
) -> Published:
    """Put the staging warehouse in the place of the published file, in one step.

    Only what is in `PUBLISHED_SCHEMAS` goes along. Readers of the old file read on. The caller
    holds the home's lease; `require_pass` raises unless the warehouse gate has passed for
    exactly the staging file that lies there, which is closed and only read here.

    Whatever fails, up to the rename itself, leaves the published file as it was.

    Raises:
        GateFailed: from `require_pass`.
        UsageError: simulated data would replace real data, or the other way round.
        IntegrityError: the warehouse doesn't say its version, or the copy differs from it.
        LeaseHeld: another publication is at work.
        TakeupError: nothing was built, or not closed in good order; a view or a macro that
            analysts could not use; the published file is open for writing; the disk is full
            or not writable.
    """
    import duckdb

    target = settings.published_file
    staging = settings.staging_file
    if not staging.is_file():
        raise TakeupError(f"nothing to publish: {staging} was not built yet")
    try:
        with sole_writer(target.parent):
            removed = _remove_leftovers(target.parent)
            checked = _file_state(staging)
            require_pass(settings)
            if _wal_files(staging):
                raise TakeupError(f"{staging} was not closed in good order: build it again")
            return _publish_checked(
                settings,
                checked=checked,
                candidate=target.with_name(f".takeup-{_file_name_part(run_id)}.duckdb"),
                removed=removed,
            )
    except duckdb.Error as error:
        raise TakeupError(f"could not publish, the old file stays: {first_line(error)}") from error
    except OSError as error:
        raise TakeupError(f"could not publish, the old file stays: {error}") from error


def _publish_checked(
    settings: Settings, *, checked: tuple[int, int, int], candidate: Path, removed: list[str]
) -> Published:
    target = settings.published_file
    staging = settings.staging_file
    with reading(
        staging, memory_limit=settings.memory_limit, threads=settings.threads
    ) as connection:
        _require_no_views(connection)
        version = version_of(connection)
        content = content_of(connection, database="takeup")
        row_counts = _row_counts(connection)

    removed += _remove_stale_wal(target)
    current = _published_content(target, version=version)
    if current == content:
        state: Literal["published", "unchanged"] = "unchanged"
    else:
        try:
            _copy_published(staging, candidate, settings=settings)
            with ThreadPoolExecutor() as pool:
                usable = pool.submit(_require_usable, candidate)
                _require_same(candidate, content=content, version=version, row_counts=row_counts)
                usable.result()
            if _file_state(staging) != checked:
                raise TakeupError(f"{staging} changed while it was published: run it again")
            candidate.chmod(candidate.stat().st_mode & _READ_ONLY)
            replace_file(candidate, target)
        finally:
            _remove_file_and_wal(candidate)
            shutil.rmtree(_spill_folder(candidate), ignore_errors=True)
        state = "published"
    return Published(
        path=target,
        state=state,
        version=version,
        row_counts=row_counts,
        size_bytes=target.stat().st_size,
        removed_leftovers=tuple(removed),
    )


def _file_name_part(run_id: str) -> str:
    """`run_id` as part of a file name: Airflow's hold colons and plus signs."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", run_id)[:100].strip(".-") or "run"


def _remove_leftovers(folder: Path) -> list[str]:
    """Remove what dead runs left half-made; `sole_writer` makes sure that they are dead."""
    removed = []
    for path in sorted(folder.glob(".takeup-*.duckdb*")):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
        removed.append(path.name)
    return removed


def _wal_files(path: Path) -> list[Path]:
    """The write-ahead files beside `path` that exist."""
    beside = [path.with_name(path.name + suffix) for suffix in _WAL_SUFFIXES]
    return [wal for wal in beside if wal.exists() or wal.is_symlink()]


def _remove_stale_wal(target: Path) -> list[str]:
    """Remove write-ahead files beside the published file, which never has any of its own.

    They hold what somebody wrote against the rules, and would keep the next file from opening.
    """
    if not target.exists():
        return _unlink_all(_wal_files(target))
    handle = os.open(target, os.O_RDONLY)
    try:
        fcntl.lockf(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError) as error:
        raise TakeupError(
            f"{target} is open for writing in another process: close it, then publish again"
        ) from error
    finally:
        os.close(handle)
    return _unlink_all(_wal_files(target))


def _unlink_all(paths: list[Path]) -> list[str]:
    for path in paths:
        path.unlink()
    return [path.name for path in paths]


def _remove_file_and_wal(path: Path) -> None:
    path.unlink(missing_ok=True)
    _unlink_all(_wal_files(path))


def _published_content(target: Path, *, version: WarehouseVersion) -> Content | None:
    """What the published file holds now.

    None where there is none that can be read whole, or one that says another version: that is
    other content already.

    Raises:
        UsageError: it holds the other kind of data, real or simulated, than `version`.
    """
    import duckdb

    if not target.exists():
        return None
    try:
        with reading(target) as connection:
            published = version_of(connection)
            is_same = published == version
            content = content_of(connection, database="takeup") if is_same else None
    except (duckdb.Error, TakeupError):
        return None  # damaged: the new file takes its place
    if published.is_simulated != version.is_simulated:
        kind, other = ("simulated", "real") if version.is_simulated else ("real", "simulated")
        raise UsageError(
            f"{target} holds {other} data and the warehouse {kind} data: use a home for each"
        )
    return content


def _require_no_views(connection: DuckDBPyConnection) -> None:
    """A view carries the name of the database that it was made in, and breaks under another."""
    views = connection.execute(
        f"select view_name from duckdb_views() where schema_name in {PUBLISHED_SCHEMAS}"
        " and not internal order by view_name"
    ).fetchall()
    if views:
        raise TakeupError(
            "what is published of the warehouse may hold no views, it has: "
            + ", ".join(name for (name,) in views)
        )


def _row_counts(connection: DuckDBPyConnection) -> dict[str, int]:
    """Rows of each table that analysts see."""
    return {
        table: int(one_value(connection, f"select count(*) from main.{identifier(table)}"))
        for schema, table in published_tables(connection, database="takeup")
        if schema == "main"
    }


def _file_state(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _spill_folder(candidate: Path) -> Path:
    return candidate.with_name(candidate.name + ".spill")


def _copy_published(staging: Path, candidate: Path, *, settings: Settings) -> None:
    """Write what is published of the staging file to a new file.

    Copied afresh because dropping the rest from a byte copy leaves its blocks in the file: it
    stays as large as the staging file. The catalog is copied first, with constraints, comments
    and macros, and empty; then the rows of the tables that stay.
    """
    connection = connect(
        memory_limit=settings.memory_limit,
        threads=settings.threads,
        spill_to=_spill_folder(candidate),
    )
    try:
        connection.execute(f"attach {quote(staging)} as staging (read_only)")
        connection.execute(f"attach {quote(candidate)} as candidate")
        connection.execute("copy from database staging to candidate (schema)")
        schemas = connection.execute(
            "select schema_name from duckdb_schemas() where database_name = 'candidate'"
            f" and schema_name not in {PUBLISHED_SCHEMAS} and not internal"
        ).fetchall()
        for (schema,) in schemas:
            connection.execute(f"drop schema candidate.{identifier(schema)} cascade")
        for schema, table in published_tables(connection, database="candidate"):
            name = f"{identifier(schema)}.{identifier(table)}"
            connection.execute(f"insert into candidate.{name} select * from staging.{name}")
        connection.execute("checkpoint candidate")
        connection.execute("detach candidate")
    finally:
        connection.close()


def _require_same(
    candidate: Path, *, content: Content, version: WarehouseVersion, row_counts: dict[str, int]
) -> None:
    """Open the new file as an analyst would, and hold it against what was to be copied."""
    if _wal_files(candidate):
        raise IntegrityError(f"{candidate.name} was not closed in good order")
    with reading(candidate) as connection:
        same_rows = _row_counts(connection) == row_counts
        if not same_rows or content_of(connection, database="takeup") != content:
            raise IntegrityError("the copy for analysts differs from the warehouse")
        if version_of(connection) != version:
            raise IntegrityError("the copy for analysts says another version than the warehouse")
        schemas = connection.execute(
            "select schema_name from duckdb_schemas() where database_name = 'takeup'"
            f" and schema_name not in {PUBLISHED_SCHEMAS} and not internal"
        ).fetchall()
        if schemas:
            raise IntegrityError(f"the copy for analysts still holds {schemas}")


def _require_usable(candidate: Path) -> None:
    """Ask every macro of the new file, under another name than the one that dbt knew, as in an
    analyst's ATTACH."""
    import duckdb

    elsewhere = connect(threads=1)  # to plan them, beside the comparison
    try:
        elsewhere.execute(f"attach {quote(candidate)} as any_name (read_only)")
        elsewhere.execute("use any_name")
        for macro, call in _table_macro_calls(elsewhere):
            try:
                elsewhere.execute(f"describe select * from {call}")
            except (duckdb.BinderException, duckdb.CatalogException) as error:
                raise TakeupError(
                    f"macro {macro} can't be used in the published file: {first_line(error)}"
                ) from error
    finally:
        elsewhere.close()


def _table_macro_calls(connection: DuckDBPyConnection) -> list[tuple[str, str]]:
    """Table macros with a call of each in which every argument is null."""
    macros = connection.execute(
        """
        select schema_name, function_name, parameters
        from duckdb_functions()
        where database_name = 'any_name' and function_type = 'table_macro' and not internal
        order by all
        """
    ).fetchall()
    calls = []
    for schema, name, parameters in macros:
        arguments = ", ".join(map(_null_argument, parameters))
        calls.append((name, f"{identifier(schema)}.{identifier(name)}({arguments})"))
    return calls


def _null_argument(parameter: str) -> str:
    return "cast(null as timestamptz)" if parameter == "ts" else "null"
