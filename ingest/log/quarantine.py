"""Quarantine: what was refused and is still open, read from the log.

An open record is a quarantined one that no retry has accepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.sql import list_of
from ingest.log.compacted import readable
from ingest.log.event_log import EventLog

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEY_LENGTH = 12
OPEN = "open_quarantine"


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

    def as_dict(self) -> dict[str, Any]:
        """The record fit for JSON; bytes that are not UTF-8 are escaped."""
        return {
            "key": self.key,
            "name": self.name,
            "position": self.position,
            "place": self.place,
            "reason": self.reason,
            "detail": self.detail,
            "raw": self.raw.decode("utf-8", "backslashreplace"),
            "recorded_at": self.recorded_at.isoformat(),
            "schema_version": self.schema_version,
            "code_version": self.code_version,
            "attempts": self.attempts,
        }


def open_records(
    connection: DuckDBPyConnection,
    log: EventLog,
    *,
    reason: str | None = None,
    key: str | None = None,
    limit: int | None = None,
) -> list[QuarantinedRecord]:
    """Open records, by file and position."""
    load_open(connection, log, into=OPEN)
    rows = connection.execute(
        f"""
        select key, name, position, place, reason, detail, raw, recorded_at, schema_version,
            code_version, attempts
        from {OPEN}
        where ($reason is null or reason = $reason) and ($key is null or key = $key)
        order by name, position, place
        {"" if limit is None else f"limit {int(limit)}"}
        """,
        {"reason": reason, "key": key},
    ).fetchall()
    return [QuarantinedRecord(*row) for row in rows]


def counts_by_reason(connection: DuckDBPyConnection, log: EventLog) -> list[tuple[str, str, int]]:
    """Open records as (reason, file name, how many), most first."""
    load_open(connection, log, into=OPEN)
    return connection.execute(
        f"select reason, name, count(*) as open_count from {OPEN} group by reason, name"
        " order by open_count desc, reason, name"
    ).fetchall()


def open_by_reason(connection: DuckDBPyConnection, log: EventLog) -> dict[str, int]:
    """How many records are open, by reason."""
    load_open(connection, log, into=OPEN)
    return dict(
        connection.execute(
            f"select reason, count(*) from {OPEN} group by reason order by reason"
        ).fetchall()
    )


def load_open(connection: DuckDBPyConnection, log: EventLog, *, into: str) -> None:
    """Table `into`: open records with key, latest reason and detail, and attempts so far."""
    quarantined = _rows(
        log,
        "quarantine",
        "file_hash, position, place, reason, detail, raw, recorded_at, schema_version,"
        " code_version",
    )
    retries = _rows(log, "retry", "file_hash, position, place, attempt, outcome, reason, detail")
    files = _rows(log, "file", "file_hash, name, source_kind, state")
    connection.execute(
        f"""
        create or replace temp table {into} as
        with tried as (
            select file_hash, position, place,
                count(*) as attempts,
                bool_or(outcome in ('accepted', 'duplicate')) as is_closed,
                max_by(reason, attempt) as last_reason,
                max_by(detail, attempt) as last_detail,
            from {retries}
            group by file_hash, position, place
        ),
        named as (
            select file_hash, min(name) as name, min(source_kind) as source_kind
            from {files}
            where state = 'ingested'
            group by file_hash
        )
        select
            substr(split_part(quarantined.file_hash, ':', 2), 1, {KEY_LENGTH})
                || ':' || quarantined.position
                || coalesce(':' || quarantined.place, '') as key,
            quarantined.* exclude (reason, detail),
            coalesce(tried.last_reason, quarantined.reason) as reason,
            case when tried.last_reason is null then quarantined.detail
                else tried.last_detail
            end as detail,
            named.name,
            named.source_kind,
            coalesce(tried.attempts, 0) as attempts,
        from {quarantined} as quarantined
        left join tried
            on quarantined.file_hash = tried.file_hash
            and quarantined.position = tried.position
            and quarantined.place is not distinct from tried.place
        left join named on quarantined.file_hash = named.file_hash
        where not coalesce(tried.is_closed, false)
        """
    )


def _rows(log: EventLog, kind: str, columns: str) -> str:
    """SQL of the log's rows of a kind of record; no rows where it has no file of it."""
    paths = [file.path for file in readable(log, kind)]
    if not paths:
        typed = ", ".join(f"null as {name}" for name in columns.split(", "))
        return f"(select {typed} where false)"
    return (
        f"(select {columns} from read_parquet({list_of(paths)}, union_by_name = true,"
        " hive_partitioning = false))"
    )
