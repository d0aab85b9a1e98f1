"""A small world for the gates: a log of two publications, the marts that follow from it, and
for each expectation the one change that breaks it. Nothing here comes from the pipeline."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from core.settings import Settings
from expectations.contracts import published_models
from expectations.derived import Kind
from ingest.log.columns import columns_of
from tests.support.gate_measures import (
    BROKEN_MEASURES,
    MEASURES,
    MORE_BROKEN_MEASURES,
    SENT,
    projected,
)

FIRST_RUN = datetime(2017, 1, 1, 3, tzinfo=UTC)
LAST_RUN = datetime(2017, 1, 2, 3, tzinfo=UTC)
FIRST_VINTAGE = datetime(2015, 6, 30, 10, tzinfo=UTC)
SECOND_VINTAGE = datetime(2016, 3, 11, 11, tzinfo=UTC)
QUARTERS = [
    (date(2014, 1, 1), date(2014, 3, 31)),
    (date(2014, 4, 1), date(2014, 6, 30)),
    (date(2014, 7, 1), date(2014, 9, 30)),
    (date(2014, 10, 1), date(2014, 12, 31)),
]
YEAR = (date(2014, 1, 1), date(2014, 12, 31))

Event = dict[str, Any]


@dataclass(frozen=True)
class Service:
    """A service of the small world, with what the last publication that lists it says."""

    service_id: str
    department_id: str
    organisation_id: str | None
    volume_kind: str
    digital: tuple[int | None, ...]
    total: tuple[int | None, ...]
    known_at: datetime


FLOW = Service(
    "alpha", "first", "body", "flow", (61, 70, 80, 90), (100, 100, 100, 100), SECOND_VINTAGE
)
HOLED = Service("beta", "second", None, "flow", (5, None, 5, 5), (10, 10, 10, 10), SECOND_VINTAGE)
STOCK = Service(  # no longer listed by the second publication
    "gamma", "second", None, "stock", (10, 11, 12, 14), (20, 20, 21, 21), FIRST_VINTAGE
)
SERVICES = (FLOW, HOLED, STOCK)


def event(kind: str, identity: str, *, vintage: int = 1, **fields: Any) -> Event:
    """One event as the log holds it."""
    return {
        "commit_version": vintage,
        "recorded_at": FIRST_RUN if vintage == 1 else LAST_RUN,
        "file_hash": f"blake3:v{vintage}",
        "position": 1,
        "source": "urn:takeup:test",
        "id": f"{vintage}/{identity}",
        "type": f"uk.gov.takeup.{kind}.v1",
        "time": datetime(2014, 1, 15, tzinfo=UTC),
        "specversion": "1.0",
        "datacontenttype": "application/json",
    } | fields


def volumes(service: Service, vintage: int) -> list[Event]:
    """A publication's cells of one service, blanks included."""
    published_at = FIRST_VINTAGE if vintage == 1 else SECOND_VINTAGE
    found = [
        event(
            "service.listed",
            f"{service.service_id}/listed",
            vintage=vintage,
            published_at=published_at,
            service_id=service.service_id,
            data=json.dumps(
                {
                    "service_id": service.service_id,
                    "service_name": f"Service {service.service_id}",
                    "department_name": service.department_id,
                }
            ),
        )
    ]
    for breakdown, counts in (("digital", service.digital), ("total", service.total)):
        for (start, end), count in zip(QUARTERS, counts, strict=True):
            given = {"status": "not_provided"} if count is None else {"count": count}
            data = {
                "service_id": service.service_id,
                "breakdown": breakdown,
                "measure": "completed",
                "period": {"kind": "quarter", "start": str(start), "end": str(end)},
            }
            found.append(
                event(
                    "volume.reported",
                    f"{service.service_id}/{breakdown}/{start}",
                    vintage=vintage,
                    published_at=published_at,
                    service_id=service.service_id,
                    data=json.dumps(data | given),
                )
            )
    return found


def published_events() -> list[Event]:
    """The two publications, of which the second restates a quarter and lists one service less,
    and what services sent."""
    before = replace(FLOW, digital=(60, *FLOW.digital[1:]))
    first = [*volumes(before, 1), *volumes(HOLED, 1), *volumes(STOCK, 1)]
    sent = [
        event(name.partition(" ")[0], name, vintage=2, **fields) | {"file_hash": "blake3:sent"}
        for name, fields in SENT.items()
    ]
    return [*first, *volumes(FLOW, 2), *volumes(HOLED, 2), *sent]


def batch_events() -> list[Event]:
    """New events of every kind that the log's suite says something about."""
    claim = {"metric": "transactions", "text": "400", "value": 400}
    typed = {"service_id": "alpha", "channel": "online", "assistance": "none"}
    return [
        *volumes(FLOW, 1),
        *volumes(HOLED, 1),
        event("figure.published", "claim", data=json.dumps(claim)),
        event("figure.published", "no number", data='{"metric":"transactions","text":"-"}'),
        event("transaction.started", "started", transaction_id="t", **typed),
        event(
            "transaction.completed",
            "completed",
            transaction_id="t",
            online_extent="all",
            outcome="intended",
            **typed,
        ),
        event(
            "transaction.voided",
            "voided",
            target_source="urn:takeup:test",
            target_id="1/completed",
            data='{"reason":"entered twice"}',
        ),
        event(
            "transaction.channel_corrected",
            "corrected",
            target_source="urn:takeup:test",
            target_id="1/completed",
            channel="phone",
            assistance="on_behalf",
        ),
    ]


def write_records(path: Path, kind: str, records: list[dict[str, Any]]) -> str:
    """Records of one kind as a Parquet file of the log; returns its path."""
    columns = columns_of(kind)
    schema = pa.schema(list(columns.items()))
    rows = [dict.fromkeys(columns) | record for record in records]
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return str(path)


def write_registers(folder: Path) -> Path:
    """The registers that the gates read."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "channel_classes.csv").write_text(
        "definition_id,channel,class\n"
        "transactions-explorer,online,digital\ntransactions-explorer,phone,non_digital\n"
    )
    (folder / "channels.csv").write_text("channel,channel_name\nonline,Online\nphone,Phone\n")
    (folder / "targets.csv").write_text(
        "target_id,service_id,target_ratio,set_on,due_on,period_kind,definition_id\n"
        "reached,alpha,0.7,2014-06-30,2015-03-31,rolling_year,transactions-explorer\n"
        "unmeasured,beta,0.9,2014-06-30,,rolling_year,transactions-explorer\n"
    )
    (folder / "inclusion_topics.csv").write_text(
        "figure_id,metric,topic\n,people_trained,people\nreport:a:other:people_trained:1,,other\n"
    )
    return folder


def ledger_records() -> list[dict[str, Any]]:
    """What became of five landed files, one of them in an earlier state too."""
    counts = {"read_count": 0, "accepted_count": 0, "duplicate_count": 0, "quarantined_count": 0}
    first = {"recorded_at": FIRST_RUN, "commit_version": 1} | counts
    last = {"recorded_at": LAST_RUN, "commit_version": 2} | counts
    volume = {"source_kind": "published_volumes", "state": "ingested"}
    return [
        first
        | volume
        | {
            "name": "v1.csv",
            "file_hash": "blake3:v1",
            "read_count": 30,
            "accepted_count": 27,
            "duplicate_count": 2,
            "quarantined_count": 1,
        },
        first | {"name": "notes", "file_hash": "blake3:n", "state": "rejected", "reason": "binary"},
        first | {"name": "v2.csv", "file_hash": "blake3:v2", "state": "rejected", "reason": "gone"},
        last
        | volume
        | {"name": "v2.csv", "file_hash": "blake3:v2", "read_count": 18, "accepted_count": 18},
        last
        | {
            "name": "sent.jsonl",
            "file_hash": "blake3:sent",
            "source_kind": "cloudevents",
            "state": "ingested",
            "read_count": len(SENT),
            "accepted_count": len(SENT),
        },
        last
        | {
            "name": "again.csv",
            "file_hash": "blake3:v1",
            "state": "duplicate_file",
            "reason": "v1.csv",
        },
    ]


def take_up_rows() -> list[tuple[Any, ...]]:
    """The take-up that follows from what the publications say."""
    rows: list[tuple[Any, ...]] = []
    for service in SERVICES:
        cells = list(zip(QUARTERS, service.digital, service.total, strict=True))
        for (start, end), digital, total in cells:
            rows.append(take_up_row(service, "quarter", start, end, [digital], [total]))
        rows.append(
            take_up_row(service, "rolling_year", *YEAR, list(service.digital), list(service.total))
        )
    return rows


def take_up_row(
    service: Service,
    period_kind: str,
    start: date,
    end: date,
    digital: list[int | None],
    total: list[int | None],
) -> tuple[Any, ...]:
    """One row of take_up, in the order of its columns."""
    parts = [part for part in [*digital, *total] if part is not None]
    digital_sum, total_sum = sum_of(digital), sum_of(total)
    ratio = None if digital_sum is None or total_sum is None else digital_sum / total_sum
    divisor = len(digital) if service.volume_kind == "stock" else 1
    is_complete = ratio is not None
    return (
        service.service_id,
        period_kind,
        start,
        end,
        "transactions-explorer",
        "completed",
        None if digital_sum is None else int(digital_sum / divisor + 0.5),
        None if total_sum is None else int(total_sum / divisor + 0.5),
        ratio,
        ratio,
        ratio,
        len(parts),
        2 * len(digital),
        "complete" if is_complete else "incomplete",
        None if is_complete else "a part is missing",
        True,
        "reported",
        True,
        service.known_at,
        False,
    )


def sum_of(counts: list[int | None]) -> int | None:
    """The sum, or nothing where a part is missing."""
    given = [count for count in counts if count is not None]
    return sum(given) if len(given) == len(counts) else None


TAKE_UP = (
    "service_id, period_kind, period_start, period_end, definition_id, measure, digital_count, "
    "total_count, take_up_ratio, take_up_lower, take_up_upper, parts_present, parts_expected, "
    "value_status, status_reason, is_default_definition, basis, is_authoritative, known_at, "
    "is_simulated"
).split(", ")
SERVICE = (
    "service_id, service_name, department_id, department_name, organisation_id, "
    "organisation_name, volume_kind, is_exemplar, is_seasonal, has_offline_route, is_listed, "
    "first_period, last_period, is_simulated"
).split(", ")

DERIVED = """
update services set is_registered = true, is_department_registered = true;
insert into take_up_headline by name select * from take_up;
insert into department_take_up by name
with structures as (select unnest(['as_at_period', 'current']) as structure),
counted as (
    select service_id, department_id, organisation_id, period_kind, period_start, period_end,
        definition_id, value_status = 'complete' as is_measured,
        digital_count, total_count
    from take_up join services using (service_id)
    where volume_kind = 'flow' and period_kind = 'quarter'
),
parts as (
    select * exclude (digital_count, total_count), is_measured as is_whole,
        case when is_measured then digital_count end as digital_count,
        case when is_measured then total_count end as total_count,
        case when not is_measured then total_count else 0 end as unmeasured_count
    from counted
    union all
    select service_id, department_id, organisation_id, 'rolling_year', min(period_start),
        max(period_end), definition_id, true, bool_and(is_measured),
        sum(digital_count) filter (is_measured), sum(total_count) filter (is_measured),
        coalesce(sum(total_count) filter (not is_measured), 0)
    from counted
    group by all
),
levels as (
    select 'government' as level, 'all' as department_id, null as organisation_id,
        * exclude (department_id, organisation_id) from parts
    union all
    select 'department', department_id, null, * exclude (department_id, organisation_id) from parts
    union all
    select 'organisation', department_id, organisation_id,
        * exclude (department_id, organisation_id) from parts
    where organisation_id is not null
)
select level, department_id, organisation_id, structure, false as is_closed, period_kind,
    period_start, period_end, definition_id, unnest(['all', 'offers_both']) as scope,
    sum(digital_count)::bigint as digital_count, sum(total_count)::bigint as total_count,
    sum(digital_count) / sum(total_count) as take_up_ratio,
    coalesce(sum(digital_count), 0) / (coalesce(sum(total_count), 0) + sum(unmeasured_count))
        as take_up_lower,
    (coalesce(sum(digital_count), 0) + sum(unmeasured_count))
    / (coalesce(sum(total_count), 0) + sum(unmeasured_count)) as take_up_upper,
    count(*) as services_active,
    count(*) filter (is_whole) as services_measured,
    count(*) filter (is_measured and not is_whole) as services_in_part,
    count(*) filter (not is_measured) as services_without_digital,
    0::bigint as services_not_returned, 0::bigint as services_lapsed,
    0::bigint as services_never_returned,
    coalesce(sum(total_count), 0) / (coalesce(sum(total_count), 0) + sum(unmeasured_count))
        as coverage_ratio,
    case when bool_and(is_whole) then 'complete' else 'too_incomplete' end as coverage_status,
    (sum(total_count) - sum(digital_count))::bigint as offline_count,
    0::bigint as services_never_digital, 0::bigint as never_digital_count,
    0::bigint as services_digital_only, 0::bigint as digital_only_count,
    false as is_simulated
from levels cross join structures
group by level, department_id, organisation_id, structure, period_kind, period_start, period_end,
    definition_id;
insert into target_attainment by name
select 'reached' as target_id, 'alpha' as service_id, 'first' as department_id,
    'digital_take_up' as metric, 0.7::double as target_ratio, date '2014-06-30' as set_on,
    date '2015-03-31' as due_on, 'rolling_year' as period_kind,
    'transactions-explorer' as definition_id, 'transactions-explorer' as definition_used,
    'reported' as basis, 'a document' as source,
    null::double as planned_ratio, take_up_ratio as measured_ratio,
    period_start as measured_period_start, period_end as measured_period_end,
    100 * (take_up_ratio - 0.7::double) as gap_pp, null::double as planned_gap_pp,
    null::double as required_pp_per_quarter,
    true as is_attained, date '2014-12-31' as attained_not_before,
    date '2014-12-31' as attained_by, date '2014-12-31' as attained_on, null::date as lost_on,
    1::bigint as periods_early, 'quarter' as latest_period_kind,
    date '2014-12-31' as latest_period_end, 0.9::double as latest_ratio,
    'holding' as latest_says, false as is_stale, 'attained' as verdict, null::varchar as reason,
    false as is_simulated
from take_up where service_id = 'alpha' and period_kind = 'rolling_year'
union all
select 'unmeasured', 'beta', 'second', 'digital_take_up', 0.9, date '2014-06-30', null,
    'rolling_year', 'transactions-explorer', null, null, 'a document', null, null, null, null,
    null, null, null, null, null, null, null, null, null, null, null, null, 'unknown', false,
    'not_measurable', 'no complete year', false;
insert into warehouse_version by name
select 2::bigint as log_version, 'blake3:head' as chain_head, 1::bigint as epoch,
    '0.1.0' as code_version,
    timestamptz '2017-01-02 03:00:00+00' as run_at, 'transactions-explorer' as definitions_in_force,
    'blake3:definitions' as definitions_digest,
    false as is_simulated;
create macro take_up_as_of(ts) as table select * from take_up where known_at <= ts;
create macro department_take_up_as_of(ts) as table
    select * from department_take_up where ts is not null or ts is null;
create macro target_attainment_as_of(ts) as table
    select * from target_attainment
    where exists (from department_take_up_as_of(ts)) or not exists (from department_take_up);
"""


def build_log(folder: Path) -> dict[str, str]:
    """The log's Parquet files of the small world, by kind of record."""
    return {
        "event": write_records(folder / "event.parquet", "event", published_events()),
        "file": write_records(folder / "file.parquet", "file", ledger_records()),
        "retry": write_records(folder / "retry.parquet", "retry", []),
    }


def build_staging(file: Path, log: dict[str, str]) -> None:
    """A staging file whose marts follow from the log: every expectation holds of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("create schema internal")
        connection.execute(
            "create table internal.log_files "
            "(record_kind varchar, path varchar, commit_version bigint,"
            " first_type varchar, last_type varchar)"
        )
        for kind, path in log.items():
            connection.execute(
                "insert into internal.log_files values (?, ?, 1, null, null)", [kind, path]
            )
        create_tables(connection)
        insert(connection, "take_up", TAKE_UP, take_up_rows())
        insert(
            connection,
            "services",
            SERVICE,
            [
                (
                    service.service_id,
                    f"Service {service.service_id}",
                    service.department_id,
                    f"Department {service.department_id}",
                    service.organisation_id,
                    service.organisation_id,
                    service.volume_kind,
                    False,
                    False,
                    True,
                    service is not STOCK,
                    *YEAR,
                    False,
                )
                for service in SERVICES
            ],
        )
        latest = {(record["name"], record["file_hash"]): record for record in ledger_records()}
        columns = [
            "name",
            "source_kind",
            "state",
            "reason",
            "read_count",
            "accepted_count",
            "duplicate_count",
            "quarantined_count",
            "recorded_at",
            "commit_version",
        ]
        insert(
            connection,
            "ingest_ledger",
            ["content_hash", *columns, "is_simulated"],
            [
                (record["file_hash"], *(record.get(column) for column in columns), False)
                for record in latest.values()
            ],
        )
        connection.execute(DERIVED)
        connection.execute(
            f"create temporary view landed as select * from read_parquet('{log['file']}')"
        )
        connection.execute(MEASURES)
        described = connection.execute(
            "select table_name, column_name from duckdb_columns() "
            "where schema_name = 'main' and not internal"
        ).fetchall()
        for table, column in described:
            connection.execute(f"comment on column {table}.{column} is 'what it holds'")


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Every published table, empty, as its contract has it."""
    for table, model in published_models():
        columns = ", ".join(f"{one['name']} {one['data_type']}" for one in model["columns"])
        connection.execute(f"create table {table} ({columns})")


def insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[str],
    rows: list[tuple[Any, ...]],
) -> None:
    """Rows of these columns."""
    marks = ", ".join("?" for _ in columns)
    connection.executemany(f"insert into {table} ({', '.join(columns)}) values ({marks})", rows)


def settings_of(home: Path) -> Settings:
    """A home of its own, small enough for a test."""
    return Settings(home=home, threads=1, memory_limit="500MB")


def change(find: str, **fields: Any) -> Callable[[list[Event]], None]:
    """Give the event whose id ends so other fields; a callable gets the old value."""

    def apply(events: list[Event]) -> None:
        found = next(one for one in events if str(one["id"]).endswith(find))
        for name, value in fields.items():
            found[name] = value(found.get(name)) if callable(value) else value

    return apply


def in_data(**fields: Any) -> Callable[[str], str]:
    """Give `data` other values; `...` takes one away."""

    def apply(data: str) -> str:
        merged = json.loads(data) | fields
        return json.dumps({name: value for name, value in merged.items() if value is not ...})

    return apply


VOLUME = "alpha/digital/2014-01-01"

BROKEN_BATCHES: dict[str, Callable[[list[Event]], None]] = {
    "origin_is_given": change(VOLUME, position=0),
    "identity_is_not_empty": change(VOLUME, source=""),
    "identity_is_unique": lambda events: events.append(dict(events[-1])),
    "type_is_known": change("started", type="uk.gov.takeup.transaction.begun.v1"),
    "specversion_is_known": change(VOLUME, specversion="0.3"),
    "time_is_not_in_the_future": change(VOLUME, time=datetime(2017, 1, 1, 5, tzinfo=UTC)),
    "publication_is_not_in_the_future": change(
        VOLUME, published_at=datetime(2017, 1, 1, 5, tzinfo=UTC)
    ),
    "time_is_not_ancient": change(VOLUME, time=datetime(1999, 12, 31, tzinfo=UTC)),
    "data_is_an_object": change("voided", data='["entered twice"]'),
    "data_is_there_where_it_is_needed": change(VOLUME, data=None),
    "transactions_name_their_service": change("started", service_id=" "),
    "transactions_name_their_channel": change("corrected", channel=None),
    "channel_is_registered": change("started", channel="telegram"),
    "assistance_is_known": change("started", assistance="some"),
    "online_extent_is_known": change("completed", online_extent="half"),
    "outcome_is_known": change("completed", outcome="gave up"),
    "corrections_name_their_target": change("voided", target_id=None),
    "volumes_name_service_and_breakdown": change(VOLUME, data=in_data(measure=...)),
    "volumes_have_a_count_or_a_status": change(VOLUME, data=in_data(status="not_provided")),
    "counts_are_whole_and_not_negative": change(VOLUME, data=in_data(count=-1)),
    "missing_volumes_say_why": change(
        "beta/digital/2014-04-01", data=in_data(status="not asked for")
    ),
    "periods_are_whole": change(
        VOLUME, data=in_data(period={"kind": "quarter", "start": "2014-01-01", "end": "2014-03-30"})
    ),
    "a_file_gives_a_cell_once": lambda events: events.append(events[1] | {"id": "again"}),
    "listings_name_service_and_department": change(
        "alpha/listed", data=in_data(department_name=" ")
    ),
    "claims_hold_a_number_or_their_text": change("claim", data=in_data(value="400")),
}
"""By expectation of the log's suite (its columns apart): a change to the batch that breaks it."""

MORE_BROKEN_BATCHES: list[tuple[str, Callable[[list[Event]], None]]] = [
    ("origin_is_given", change(VOLUME, position=None)),
    ("identity_is_not_empty", change(VOLUME, id="")),
    ("data_is_an_object", change(VOLUME, data='{"count": 1')),
    ("transactions_name_their_service", change("completed", service_id=None)),
    ("transactions_name_their_channel", change("started", channel=None)),
    ("corrections_name_their_target", change("corrected", target_source=None)),
    ("volumes_name_service_and_breakdown", change(VOLUME, data=in_data(service_id=...))),
    ("volumes_name_service_and_breakdown", change(VOLUME, data=in_data(breakdown=" "))),
    ("volumes_have_a_count_or_a_status", change(VOLUME, data=in_data(count=...))),
    ("counts_are_whole_and_not_negative", change(VOLUME, data=in_data(count=1.5))),
    ("counts_are_whole_and_not_negative", change(VOLUME, data=in_data(count="61"))),
    ("counts_are_whole_and_not_negative", change(VOLUME, data=in_data(count=2**63))),
    ("periods_are_whole", change(VOLUME, data=in_data(period={"kind": "quarter"}))),
    (
        "periods_are_whole",
        change(
            VOLUME,
            data=in_data(period={"kind": "quarter", "start": "2014-02-01", "end": "2014-04-30"}),
        ),
    ),
    (
        "periods_are_whole",
        change(
            VOLUME,
            data=in_data(
                period={"kind": "financial_year", "start": "2014-01-01", "end": "2014-12-31"}
            ),
        ),
    ),
    (
        "periods_are_whole",
        change(
            VOLUME,
            data=in_data(period={"kind": "week", "start": "2014-01-01", "end": "2014-01-08"}),
        ),
    ),
    (
        "periods_are_whole",
        change(
            VOLUME,
            data=in_data(period={"kind": "fortnight", "start": "2014-01-01", "end": "2014-01-14"}),
        ),
    ),
    ("claims_hold_a_number_or_their_text", change("no number", data=in_data(text=...))),
    ("claims_hold_a_number_or_their_text", change("claim", data=in_data(metric=...))),
]
"""Other ways to break the same expectations, where one has several arms."""

ALPHA_YEAR = "service_id = 'alpha' and period_kind = 'rolling_year'"
ALPHA_QUARTER = "service_id = 'alpha' and period_start = '2014-01-01' and period_kind = 'quarter'"
GOVERNMENT = "level = 'government' and period_kind = 'quarter' and period_start = '2014-01-01'"

BROKEN_TABLES: dict[str, str] = {
    # take_up
    "take_up_is_there": "delete from take_up",
    "complete_take_up_has_all_its_parts": (
        f"update take_up set parts_present = 7 where {ALPHA_YEAR}"
    ),
    "digital_is_within_total": f"update take_up set digital_count = 401 where {ALPHA_YEAR}",
    "take_up_is_digital_over_total": (
        f"update take_up set take_up_ratio = 0.7526 where {ALPHA_YEAR}"
    ),
    "no_more_parts_are_there_than_expected": (
        f"update take_up set parts_present = 9 where {ALPHA_YEAR}"
    ),
    "take_up_lies_within_its_bounds": (
        f"update take_up set take_up_lower = 0.7 where {ALPHA_YEAR}"
    ),
    "take_up_periods_are_whole": (
        f"update take_up set period_end = '2014-12-30' where {ALPHA_YEAR}"
    ),
    "take_up_is_known_by_now": (
        f"update take_up set known_at = timestamptz '2017-01-02 03:00:01+00' where {ALPHA_YEAR}"
    ),
    "take_up_is_of_known_services": "delete from services where service_id = 'beta'",
    "quarter_counts_are_those_of_the_log": (
        f"update take_up set digital_count = 60 where {ALPHA_QUARTER}"
    ),
    "every_reported_quarter_is_there": (
        "delete from take_up where service_id = 'beta' and period_start = '2014-04-01'"
    ),
    "missing_take_up_gives_its_reason": "update take_up set status_reason = ' '",
    "years_are_made_of_their_quarters": (
        "update take_up set total_count = 20 where service_id = 'gamma' "
        "and period_kind = 'rolling_year'"
    ),
    "take_up_as_of_now_is_take_up": (
        "create or replace macro take_up_as_of(ts) as table "
        "select * from take_up where known_at < timestamptz '2016-01-01 00:00:00+00'"
    ),
    # take_up_headline
    "every_period_has_its_headline": f"delete from take_up_headline where {ALPHA_YEAR}",
    "headline_is_a_row_of_take_up": (
        f"update take_up_headline set take_up_ratio = 0.76 where {ALPHA_YEAR}"
    ),
    "headline_prefers_the_default_definition": (
        f"update take_up_headline set is_default_definition = false where {ALPHA_YEAR}"
    ),
    # department_take_up
    "bodies_are_named": (
        f"update department_take_up set department_id = 'first' where {GOVERNMENT}"
    ),
    "take_up_of_bodies_is_sum_over_sum": (
        f"update department_take_up set take_up_ratio = 0.555 where {GOVERNMENT}"
    ),
    "government_is_the_sum_of_its_services": (
        f"update department_take_up set digital_count = 76, total_count = 130 where {GOVERNMENT}"
    ),
    "departments_add_up_to_the_government": (
        "delete from department_take_up where level = 'department' and department_id = 'second'"
    ),
    "years_of_bodies_are_sums_of_their_quarters": (
        "update department_take_up set total_count = 399 "
        "where level = 'organisation' and period_kind = 'rolling_year'"
    ),
    "bounds_are_as_wide_as_what_is_not_measured": (
        f"update department_take_up set take_up_upper = 0.99 where {GOVERNMENT}"
    ),
    "organisations_fit_into_their_department": (
        "update department_take_up set total_count = 101 "
        "where level = 'organisation' and period_kind = 'quarter'"
    ),
    "department_take_up_as_of_now_is_department_take_up": (
        "create or replace macro department_take_up_as_of(ts) as table "
        "select * from department_take_up where level <> 'government'"
    ),
    # services
    "every_listed_service_is_there": "delete from services where service_id = 'gamma'",
    "listed_services_have_a_department": (
        "update services set department_id = null where service_id = 'alpha'"
    ),
    "what_is_unregistered_is_listed": (
        "update services set is_department_registered = false where service_id = 'alpha'"
    ),
    "volume_kind_is_given": "update services set volume_kind = null where service_id = 'alpha'",
    "first_period_is_before_the_last": (
        "update services set last_period = null where service_id = 'alpha'"
    ),
    # target_attainment
    "every_target_appears_once": "delete from target_attainment where target_id = 'unmeasured'",
    "targets_are_those_of_the_register": "update target_attainment set due_on = '2015-04-01'",
    "verdict_follows_from_the_numbers": (
        "update target_attainment set verdict = 'missed', is_attained = false "
        "where target_id = 'reached'"
    ),
    "nothing_counts_before_a_target_was_set": (
        "update target_attainment set attained_not_before = '2014-06-29' "
        "where target_id = 'reached'"
    ),
    "gap_and_plan_follow_from_the_numbers": "update target_attainment set periods_early = -1",
    "what_the_latest_says_is_about_a_later_period": (
        "update target_attainment set latest_period_end = '2014-09-30' where target_id = 'reached'"
    ),
    "unmeasured_targets_give_their_reason": "update target_attainment set reason = null",
    "measured_value_is_the_latest_take_up": (
        "update target_attainment set measured_ratio = 0.8, gap_pp = 100 * (0.8 - target_ratio) "
        "where target_id = 'reached'"
    ),
    "target_attainment_as_of_now_is_target_attainment": (
        "create or replace macro target_attainment_as_of(ts) as table "
        "select * replace (null::varchar as reason) from target_attainment"
    ),
    # ingest_ledger
    "state_is_given": "update ingest_ledger set state = null where name = 'notes'",
    "every_record_became_something": (
        "update ingest_ledger set read_count = 31 where name = 'v1.csv'"
    ),
    "every_landed_file_is_there": "delete from ingest_ledger where name = 'notes'",
    "accepted_records_are_in_the_log": (
        "update ingest_ledger set accepted_count = 28, quarantined_count = 0 where name = 'v1.csv'"
    ),
    "files_not_ingested_give_their_reason": (
        "update ingest_ledger set reason = null where name = 'again.csv'"
    ),
    "the_last_run_rejected_no_file": (
        "update ingest_ledger set recorded_at = timestamptz '2017-01-02 03:00:00+00'"
    ),
    "the_last_run_quarantined_nothing": (
        "update ingest_ledger set recorded_at = timestamptz '2017-01-02 03:00:00+00'"
    ),
    # warehouse_version
    "version_is_one_row": "update warehouse_version set chain_head = null",
    "version_is_of_the_last_run": (
        "update warehouse_version set run_at = timestamptz '2017-01-01 03:00:00+00'"
    ),
    "every_table_says_whether_it_is_simulated": "create table extra as select 1 as number",
    "every_column_is_described": "comment on column services.notes is null",
    "there_are_no_views": "create view latest as select * from take_up",
} | BROKEN_MEASURES
"""By written expectation of the warehouse: a change to the staging file that breaks it."""

BROKEN_CONTRACTS: list[tuple[Kind, str, str]] = [
    ("columns", "channel_shares", "alter table channel_shares drop column shift_pp_year"),
    ("columns", "channel_shares", "alter table channel_shares rename column basis to counted_by"),
    ("columns", "assisted_routes", "alter table assisted_routes add column mood varchar"),
    ("key", "take_up", f"insert into take_up from take_up where {ALPHA_YEAR}"),
    (
        "key",
        "department_take_up",
        f"insert into department_take_up from department_take_up where {GOVERNMENT}",
    ),
    ("key", "services", "insert into services from services where service_id = 'alpha'"),
    ("nulls", "services", "update services set service_name = null where service_id = 'alpha'"),
    ("nulls", "barriers", "update barriers set barrier = null"),
    ("nulls", "take_up", f"update take_up set measure = null where {ALPHA_YEAR}"),
    ("values", "take_up", f"update take_up set basis = 'guessed' where {ALPHA_YEAR}"),
    (
        "values",
        "channel_shift_decomposition",
        "update channel_shift_decomposition set comparison = 'decade'",
    ),
    ("values", "target_attainment", "update target_attainment set verdict = 'nearly'"),
    ("rules", "take_up", f"update take_up set digital_count = -1 where {ALPHA_YEAR}"),
    ("rules", "take_up", f"update take_up set take_up_ratio = 1.01 where {ALPHA_YEAR}"),
    ("rules", "take_up", f"update take_up set take_up_ratio = 'nan' where {ALPHA_YEAR}"),
    ("rules", "take_up", f"update take_up set take_up_upper = 'inf' where {ALPHA_YEAR}"),
    ("rules", "take_up", "update take_up set value_status = null"),
    ("rules", "take_up", "update take_up set status_reason = null"),
    ("rules", "channel_shares", "update channel_shares set share_ratio = share_ratio - 0.5"),
    ("rules", "data_quality", "update data_quality set value = 'inf'"),
    ("rules", "department_take_up", "update department_take_up set take_up_ratio = null"),
    ("rules", "service_measures", "update service_measures set contacts_per_transaction = 'inf'"),
    ("rules", "revisions", "update revisions set old_known_at = null"),
    ("rules", "target_projections", projected(lower_80=0.2, lower_95=0.3)),
    ("simulated", "take_up", "update take_up set is_simulated = true"),
    ("simulated", "take_up", f"update take_up set is_simulated = null where {ALPHA_YEAR}"),
]
"""Kind of derived expectation, table, and a change to the staging file that breaks it."""

MORE_BROKEN_TABLES: list[tuple[str, str]] = [
    (
        "complete_take_up_has_all_its_parts",
        f"update take_up set total_count = 0 where {ALPHA_YEAR}",
    ),
    (
        "no_more_parts_are_there_than_expected",
        f"update take_up set parts_present = 9 where {ALPHA_YEAR}",
    ),
    (
        "take_up_periods_are_whole",
        f"update take_up set period_kind = 'financial_year' where {ALPHA_YEAR}",
    ),
    (
        "quarter_counts_are_those_of_the_log",  # what was withdrawn comes back
        (
            "update take_up set digital_count = 4 "
            "where service_id = 'beta' and digital_count is null"
        ),
    ),
    (
        "quarter_counts_are_those_of_the_log",  # a count is lost
        "update take_up set digital_count = null where service_id = 'gamma'",
    ),
    (
        "years_are_made_of_their_quarters",  # lost, in a year that lacks another part
        (
            "update take_up set total_count = null where service_id = 'beta' "
            "and period_kind = 'rolling_year'"
        ),
    ),
    (
        "years_are_made_of_their_quarters",  # a partial sum
        (
            "update take_up set digital_count = 15 where service_id = 'beta' "
            "and period_kind = 'rolling_year'"
        ),
    ),
    (
        "take_up_as_of_now_is_take_up",
        (
            "create or replace macro take_up_as_of(ts) as table "
            "select * from take_up union all select * from take_up where known_at > ts "
            "union all select * replace (0.5 as take_up_ratio) from take_up"
        ),
    ),
    (
        "government_is_the_sum_of_its_services",  # a caseload counted in
        (
            f"update department_take_up set digital_count = 76, total_count = 130, "
            f"services_measured = 3, services_active = 3 where {GOVERNMENT}"
        ),
    ),
    ("government_is_the_sum_of_its_services", "delete from department_take_up"),
    ("bodies_are_named", "update department_take_up set organisation_id = null"),
    (
        "every_target_appears_once",
        "update target_attainment set target_id = 'unheard of' where target_id = 'reached'",
    ),
    ("every_target_appears_once", "insert into target_attainment from target_attainment"),
    (
        "gap_and_plan_follow_from_the_numbers",
        "update target_attainment set planned_ratio = 0.5 where target_id = 'reached'",
    ),
    (
        "gap_and_plan_follow_from_the_numbers",
        "update target_attainment set planned_ratio = 0.5, planned_gap_pp = 1",
    ),
    (
        "gap_and_plan_follow_from_the_numbers",
        "update target_attainment set attained_on = null where target_id = 'reached'",
    ),
    (
        "what_the_latest_says_is_about_a_later_period",
        "update target_attainment set latest_says = 'dipped' where target_id = 'unmeasured'",
    ),
    (
        "verdict_follows_from_the_numbers",
        "update target_attainment set verdict = 'lost' where target_id = 'reached'",
    ),
    (
        "verdict_follows_from_the_numbers",
        "update target_attainment set verdict = 'pending' where target_id = 'unmeasured'",
    ),
    (
        "measured_value_is_the_latest_take_up",
        "update target_attainment set measured_ratio = null where target_id = 'reached'",
    ),
    ("first_period_is_before_the_last", "update services set first_period = '2015-01-01'"),
    (
        "every_record_became_something",
        "update ingest_ledger set quarantined_count = null where name = 'v1.csv'",
    ),
    ("accepted_records_are_in_the_log", "delete from ingest_ledger where name = 'v2.csv'"),
    ("every_landed_file_is_there", "update ingest_ledger set state = 'rejected'"),
    ("version_is_one_row", "delete from warehouse_version"),
    ("version_is_one_row", "insert into warehouse_version from warehouse_version"),
    *MORE_BROKEN_MEASURES,
]
"""Other ways to break the same expectations, where one has several arms."""
