"""What a pipeline should find in a simulated landing, written beside it and read back by tests.

Counted from the records' columns, never from their text:

- duplicates count once, by (source, id);
- a void removes its transaction, whatever else is said of it;
- of several channel corrections the last one holds, by event time, then by (source, id);
  a correction of a correction is one more correction of the transaction;
- provider, extent and outcome stay as they were recorded;
- broken records count nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.sql import connect
from simulator.makers import Makers, stretches
from simulator.pattern import Kind, Shape
from simulator.rows import (
    CONTACT_CHANNELS,
    TYPES,
    Stream,
    corrections_sql,
    one_of,
    truth_sql,
)

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    from simulator.files import Slice

STRETCH = 2_000_000
TRANSACTIONS = "transactions.parquet"
ACTIVITY = "activity.parquet"
SUMMARY = "truth.json"


@dataclass(frozen=True)
class Truth:
    """The truth of one landing.

    summary: counts of the landing as a whole, see `docs/simulator.md`.
    transactions: completed transactions net of corrections: one row per date (London),
        service_id, channel, assistance, assistance_provider, online_extent, outcome, with
        transactions_count.
    activity: started transactions, feedback, contacts: one row per type, date, service_id,
        channel and their details, with records_count.
    """

    summary: Mapping[str, Any]
    transactions: pa.Table
    activity: pa.Table


def read_truth(folder: Path) -> Truth:
    """The truth that `simulate_events` wrote into `OUT/truth`."""
    import pyarrow.parquet as pq

    summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    return Truth(summary, pq.read_table(folder / TRANSACTIONS), pq.read_table(folder / ACTIVITY))


def write_truth(folder: Path, stream: Stream, makers: Makers, *, slices: Sequence[Slice]) -> None:
    """Count the whole stream once more, and write what is true of it into `folder`."""
    import pyarrow as pa

    folder.mkdir(parents=True, exist_ok=True)
    ranges = list(stretches(0, stream.events, size=STRETCH))
    connection = connect(threads=makers.threads)
    try:
        for name, make in (("counts", truth_sql), ("corrections", corrections_sql)):
            for table in makers.make(make(stream, *bounds) for bounds in ranges):
                _keep(connection, name, table)
        _keep(connection, "dates", pa.table({"date": [day.on for day in stream.world.days]}))
        for name in ("combinations", "days"):
            _keep(connection, name, makers.tables[name])
        connection.execute(_corrected())
        _write(connection, folder / TRANSACTIONS, _transactions())
        _write(connection, folder / ACTIVITY, _activity(stream))
        summary = _summary(connection, stream, slices)
    finally:
        connection.close()
    text = json.dumps(summary, indent=2, sort_keys=True) + "\n"
    (folder / SUMMARY).write_text(text, encoding="utf-8")


def _keep(connection: DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Add rows to a table of the connection, which the first rows make."""
    connection.register("source", table)
    connection.execute(f"create table if not exists {name} as select * from source limit 0")
    connection.execute(f"insert into {name} select * from source")
    connection.unregister("source")


def _write(connection: DuckDBPyConnection, path: Path, query: str) -> None:
    import pyarrow.parquet as pq

    pq.write_table(connection.execute(query).to_arrow_table(), path, compression="zstd")


def _corrected() -> str:
    """One row per transaction that is corrected or voided, with what holds of it in the end."""
    return f"""
create table corrected as
select
    about,
    any_value(day) as day,
    any_value(combination) as combination,
    bool_or(kind = {Kind.VOIDED}) as is_voided,
    max({{
        'event_ts': event_ts, 'source': source, 'id': id,
        'channel': new_channel, 'assistance': new_assistance
    }}) filter (where kind = {Kind.CORRECTED}) as correction,
from corrections
group by about
"""


def _transactions() -> str:
    return f"""
with changes as (
    select day, combination, null as channel, null as assistance, records_count,
    from counts
    where kind = {Kind.COMPLETED}

    union all by name

    select day, combination, -1 as records_count,
    from corrected

    union all by name

    select
        day, combination, correction.channel as channel, correction.assistance as assistance,
        1 as records_count,
    from corrected
    where not is_voided
)
select
    dates.date,
    combinations.service_id,
    coalesce(changes.channel, combinations.channel) as channel,
    coalesce(changes.assistance, combinations.assistance) as assistance,
    combinations.assistance_provider,
    combinations.online_extent,
    combinations.outcome,
    sum(changes.records_count)::bigint as transactions_count,
from changes
inner join combinations on changes.combination = combinations.combination
inner join days on changes.day = days.day
inner join (select date, row_number() over (order by date) - 1 as day from dates) as dates
    on changes.day = dates.day
group by all
having sum(changes.records_count) <> 0
order by all
"""


def _activity(stream: Stream) -> str:
    channel = one_of(CONTACT_CHANNELS, "counts.detail")
    barrier = one_of(stream.world.barriers, "counts.second_detail")
    reason = one_of(stream.world.contact_reasons, "counts.second_detail")
    types = " ".join(
        f"when {kind} then 'uk.gov.takeup.{TYPES[kind]}'"
        for kind in (Kind.STARTED, Kind.FEEDBACK, Kind.CONTACT)
    )
    return f"""
select
    case counts.kind {types} end as type,
    dates.date,
    combinations.service_id,
    case when counts.kind = {Kind.CONTACT} then {channel} else combinations.channel end
        as channel,
    case when counts.kind = {Kind.STARTED} then combinations.assistance end as assistance,
    case when counts.kind = {Kind.FEEDBACK} then counts.detail::bigint end as rating,
    case when counts.kind = {Kind.FEEDBACK} then {barrier} end as barrier,
    case when counts.kind = {Kind.CONTACT} then {reason} end as reason,
    sum(counts.records_count)::bigint as records_count,
from counts
inner join combinations on counts.combination = combinations.combination
inner join (select date, row_number() over (order by date) - 1 as day from dates) as dates
    on counts.day = dates.day
where counts.kind in ({Kind.STARTED}, {Kind.FEEDBACK}, {Kind.CONTACT})
group by all
order by all
"""


def _summary(
    connection: DuckDBPyConnection, stream: Stream, slices: Sequence[Slice]
) -> dict[str, Any]:
    def counted(query: str) -> dict[int, int]:
        return {int(key): int(count) for key, count in connection.execute(query).fetchall()}

    by_kind = counted("select kind, sum(records_count) from counts group by kind")
    by_fault = counted(
        f"select detail, sum(records_count) from counts where kind = {Kind.BROKEN} group by detail"
    )
    by_shape = counted(
        "select detail, sum(records_count) from counts"
        f" where kind in ({Kind.VOIDED}, {Kind.CORRECTED}) group by detail"
    )
    late, voided, corrected, transactions = connection.execute(
        f"""
        select
            (select coalesce(sum(records_count), 0)::bigint from counts where is_late),
            count(*) filter (where is_voided),
            count(*) filter (where not is_voided),
            (select sum(records_count)::bigint from counts where kind = {Kind.COMPLETED}),
        from corrected
        """
    ).fetchall()[0]
    faults: dict[str, dict[str, Any]] = {
        stream.faults[number].name: {"reason": stream.faults[number].reason, "count": count}
        for number, count in sorted(by_fault.items())
    }
    reasons: dict[str, int] = {}
    for fault in faults.values():
        reasons[fault["reason"]] = reasons.get(fault["reason"], 0) + fault["count"]
    duplicates, broken = by_kind.get(Kind.DUPLICATE, 0), by_kind.get(Kind.BROKEN, 0)
    return {
        "seed": stream.seed,
        "start": stream.world.days[0].on.isoformat(),
        "end": stream.world.days[-1].on.isoformat(),
        "files": {part.name: part.until - part.first for part in slices},
        "read_count": stream.events,
        "accepted_count": stream.events - duplicates - broken,
        "duplicate_count": duplicates,
        "quarantined_count": broken,
        "quarantined_by_reason": reasons,
        "faults": faults,
        "accepted_by_type": {
            f"uk.gov.takeup.{TYPES[kind]}": by_kind[kind] for kind in TYPES if kind in by_kind
        },
        "late_count": late,
        "corrections_by_shape": {
            Shape(number).name.lower(): count for number, count in sorted(by_shape.items())
        },
        "waiting_count": by_shape.get(Shape.NOTHING, 0),
        "voided_transactions_count": voided,
        "corrected_transactions_count": corrected,
        "transactions_count": transactions - voided,
    }
