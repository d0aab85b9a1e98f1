"""Erasing one record from the log: all its rows, and its place in the ledger's counts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import UsageError
from core.settings import Settings
from core.sql import one_value, quote
from ingest.load import environment
from ingest.load.parts import Parts, rows_of
from ingest.log.erasures import commit_erasure, remove_erased
from ingest.log.event_log import EventLog, LogFile
from ingest.log.quarantine import OPEN, load_open
from ingest.log.set_asides import PREFIX
from ingest.validation.event_types import event_types

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS = ("event", "duplicate", "quarantine", "retry")
LONGEST_AUTHORITY = 200
_IS_ERASED = """
    exists (
        select 1 from erasing
        where erasing.file_hash = held.file_hash
            and erasing.position is not distinct from held.position
            and erasing.place is not distinct from held.place
    )
"""


@dataclass(frozen=True)
class Erased:
    """What was erased: records, rows of them in the log, and the version that says so. `files` are
    names of the landed files that have them still."""

    records: int
    rows: int
    version: int
    files: tuple[str, ...]


def erase(
    settings: Settings,
    key: str,
    record_id: str | None,
    *,
    authority: str,
    run_at: datetime,
    confirm: Callable[[int, list[str]], bool],
) -> Erased | None:
    """Erase a record from the log for ever. Needs the lease. None where that was not confirmed.

    What is made of the log (`warehouse/`) goes too, so that the next run makes it anew.

    Args:
        key: key of a quarantined record; with `record_id` the source of an event.
        confirm: asked with the number of records and the names of the files that they came in.

    Raises:
        UsageError: the log holds no such record, no authority is given, or the record sets
            something aside.
    """
    if not authority.strip() or not authority.isprintable() or len(authority) > LONGEST_AUTHORITY:
        raise UsageError(f"--authority is one line of text, at most {LONGEST_AUTHORITY} characters")
    log = EventLog.open(settings.log)
    finished = remove_erased(log)
    with environment.connect(settings) as connection:
        connection.execute("set preserve_insertion_order = true")
        log.remove_uncommitted()
        _find(connection, log, key, record_id)
        records = int(one_value(connection, "select count(*) from erasing"))
        if not records and not finished:
            raise UsageError(f"the log holds no record {' '.join(filter(None, (key, record_id)))}")
        names = _names(connection, log)
        if records and not confirm(records, names):
            return None
        version, rows = log.version, 0
        if records:
            version, rows = _take_out(
                connection, log, records=records, authority=authority.strip(), run_at=run_at
            )
    shutil.rmtree(settings.warehouse, ignore_errors=True)
    return Erased(records, rows, version, tuple(names))


def _find(connection: DuckDBPyConnection, log: EventLog, key: str, record_id: str | None) -> None:
    """Table `erasing`: file, position and place of each record that is meant."""
    if record_id is None:
        load_open(connection, log, into=OPEN)
        found = f"select file_hash, position, place from {OPEN} where key = {quote(key)}"
    else:
        if key == event_types()[f"{PREFIX}set_aside.v1"].sender:
            raise UsageError("what sets records aside is not erased: restore them instead")
        named = f"where source = {quote(key)} and id = {quote(record_id)}"
        found = " union ".join(
            f"select file_hash, position, place from {_rows(log, kind)} {named}"
            for kind in ("event", "duplicate")
            if log.files(kind)
        )
    empty = "select null::varchar, null::bigint, null::varchar where false"
    connection.execute(
        "create or replace temp table erasing as"
        f" select distinct * from ({found or empty}) as found (file_hash, position, place)"
    )


def _rows(log: EventLog, kind: str) -> str:
    return rows_of([file.path for file in log.files(kind)], options=", union_by_name = true")


def _names(connection: DuckDBPyConnection, log: EventLog) -> list[str]:
    """Names of the landed files that the records came in."""
    return [
        name
        for (name,) in connection.execute(
            f"select distinct name from {_rows(log, 'file')}"
            " where file_hash in (select file_hash from erasing) order by name"
        ).fetchall()
    ]


def _take_out(
    connection: DuckDBPyConnection,
    log: EventLog,
    *,
    records: int,
    authority: str,
    run_at: datetime,
) -> tuple[int, int]:
    """Write the parts anew without the records, and commit that."""
    parts = Parts(connection, log, run_at=run_at)
    connection.execute(
        "create or replace temp table erased_rows"
        " (kind varchar, file_hash varchar, position bigint, place varchar)"
    )
    removed: list[LogFile] = []
    try:
        for file in (file for kind in KINDS for file in log.files(kind)):
            held = f"{rows_of([file.path])} as held"
            found = connection.execute(
                "insert into erased_rows"
                f" select {quote(file.record_kind)}, file_hash, position, place from {held}"
                f" where {_IS_ERASED}"
            ).fetchone()
            if found is not None and found[0]:
                removed.append(file)
                parts.write(file.record_kind, f"select * from {held} where not {_IS_ERASED}")
        parts.write("file", _ledger_rows(log, parts))
        rows = int(one_value(connection, "select count(*) from erased_rows"))
        version = commit_erasure(
            log,
            removed,
            parts.written,
            records=records,
            rows=rows,
            authority=authority,
            run_at=run_at,
        )
    except BaseException:
        if log.version < parts.version:
            parts.discard()
        raise
    return version, rows


def _ledger_rows(log: EventLog, parts: Parts) -> str:
    """The ledger's last row of each file concerned, with the counts of what is left of it.

    A record counts by what became of it first: one that was quarantined and accepted when it was
    tried again counts as quarantined.
    """
    return f"""
        with first as (
            select file_hash, position, place,
                min(case kind when 'quarantine' then 1 when 'event' then 2 else 3 end) as outcome
            from erased_rows
            group by file_hash, position, place
        ),
        gone as (
            select file_hash, count(*) as read_sum,
                count(*) filter (outcome = 1) as quarantined_sum,
                count(*) filter (outcome = 2) as accepted_sum,
                count(*) filter (outcome = 3) as duplicate_sum
            from first
            group by file_hash
        ),
        ledger as (
            select *
            from {_rows(log, "file")}
            qualify row_number() over (
                partition by name, file_hash order by commit_version desc
            ) = 1
        )
        select ledger.* replace (
            {parts.version}::bigint as commit_version,
            {quote(parts.run_at.isoformat())}::timestamptz as recorded_at,
            read_count - read_sum as read_count,
            accepted_count - accepted_sum as accepted_count,
            duplicate_count - duplicate_sum as duplicate_count,
            quarantined_count - quarantined_sum as quarantined_count
        )
        from ledger
        inner join gone on ledger.file_hash = gone.file_hash
        where ledger.state = 'ingested'
    """
