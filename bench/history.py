"""Logs that nobody had to wait for: of many small nights, or of one batch over and over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

FIRST_RUN: Final = datetime(2006, 1, 1, 2, tzinfo=UTC)
TRANSACTIONS: Final = 20
RATINGS: Final = 3
VOIDED_BEFORE: Final = 10
"""So many nights after its day an event is voided, one in every fifth night."""
SOURCE: Final = "https://forms.example.org/vehicle-management/events"
NAMES: Final = {"event": ("id", "transaction_id"), "file": ("name",)}
"""What a batch that is there once more calls otherwise, by kind of record."""
SERVICE: Final = "dft-vehicle-management"


def lay_history(folder: Path, *, nights: int) -> None:
    """Write a log of so many nights, without landed files and without their checks."""
    from core.sql import connect
    from core.version import code_version
    from ingest.load.parts import Parts
    from ingest.log.columns import no_records
    from ingest.log.event_log import EventLog

    log = EventLog.create(folder, is_simulated=True, run_at=FIRST_RUN)
    code = code_version("ingest")
    with connect() as connection:
        for night in range(log.version + 1, nights + 1):
            parts = Parts(connection, log, run_at=FIRST_RUN + timedelta(days=night))
            columns = f"{parts.common}, 'blake3:{night:064}' as file_hash"
            for kind, query in (
                ("event", _transactions(columns, night)),
                ("event", _ratings(columns, night)),
                ("duplicate", _duplicate(columns, night)),
                ("file", _file(columns, night, code)),
            ):
                parts.write(kind, f"{no_records(kind)} union all by name {query}")
            parts.commit()


def repeat_batch(folder: Path, numbers: Iterable[int]) -> None:
    """Add the batch that a log's first run wrote once more for each of some numbers.

    Each time is a commit of its own, a moment later, with other names of events and transactions.
    """
    from core.sql import connect, quote
    from ingest.load.parts import Parts, rows_of
    from ingest.log.event_log import EventLog

    log = EventLog.open(folder)
    first = EventLog.open(folder, version=1)
    with connect(preserve_insertion_order=False) as connection:
        for number in numbers:
            run_at = log.run_at() + timedelta(milliseconds=1)
            parts = Parts(connection, log, run_at=run_at)
            anew = {
                "commit_version": str(parts.version),
                "recorded_at": f"{quote(run_at.isoformat())}::timestamptz",
                "file_hash": f"concat('blake3:', sha256(concat(file_hash, {number})))",
            }
            for file in first.files():
                replaced = anew | {
                    # concat() would make a name of none.
                    name: f"{name} || '-{number}'"
                    for name in NAMES[file.record_kind]
                }
                spelled = ", ".join(f"{value} as {name}" for name, value in replaced.items())
                parts.write(
                    file.record_kind,
                    f"select * replace ({spelled}) from {rows_of([file.path])}",
                )
            parts.commit()


def _transactions(columns: str, night: int) -> str:
    """One in two is started, the others end; in every fifth night the last voids an earlier one."""
    last = "voided" if night % 5 == 0 and night > VOIDED_BEFORE else "completed"
    return f"""
    select
        {_event(columns, night, "t")}, range + 1 as position, 'none' as assistance,
        'uk.gov.takeup.transaction.' || case
            when range % 2 = 0 then 'started' when range = {TRANSACTIONS - 1} then '{last}'
            else 'completed'
        end || '.v1' as type,
        case when ends_with(type, 'completed.v1') then 'intended' end as outcome,
        case when ends_with(type, 'started.v1') then concat('{night}-', range) end
            as transaction_id,
        case when ends_with(type, 'voided.v1') then '{SOURCE}' end as target_source,
        case when ends_with(type, 'voided.v1') then '{night - VOIDED_BEFORE}-t-1' end as target_id
    from range({TRANSACTIONS})
    """


def _ratings(columns: str, night: int) -> str:
    return f"""
    select
        {_event(columns, night, "r")}, range + {TRANSACTIONS + 1} as position,
        'uk.gov.takeup.feedback.given.v1' as type,
        '{{"rating":4,"service_id":"{SERVICE}"}}' as data
    from range({RATINGS})
    """


def _event(columns: str, night: int, kind: str) -> str:
    day = (FIRST_RUN + timedelta(days=night - 1)).isoformat()
    return (
        f"{columns}, '{SOURCE}' as source, concat('{night}-{kind}-', range) as id,"
        f" timestamptz '{day}' + range * interval 1 minute as time, '1.0' as specversion,"
        f" '{SERVICE}' as service_id, 'online' as channel"
    )


def _duplicate(columns: str, night: int) -> str:
    again = TRANSACTIONS + RATINGS + 1
    return f"""
    select
        {columns}, {again} as position, '{SOURCE}' as source, '{night}-t-0' as id,
        file_hash as winner_file_hash, 1 as winner_position,
        commit_version as winner_commit_version
    """


def _file(columns: str, night: int, code: str) -> str:
    accepted = TRANSACTIONS + RATINGS
    return f"""
    select
        {columns}, 'night-{night}.jsonl' as name,
        'cloudevents' as source_kind, 'ingested' as state, {accepted + 1} as read_count,
        {accepted} as accepted_count, 1 as duplicate_count,
        0 as quarantined_count, 1000 as size_bytes, '[]' as flags,
        '{code}' as code_version
    """
