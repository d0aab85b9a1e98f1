"""Published transaction volumes: the GDS `services.csv`, one row a service, one file a vintage.

Columns are found by name, never by position; headers that are not known are passed over,
internal notes among them. A vintage yields, with its publication time:

- `service.listed` per row,
- `volume.reported` per row and discrete quarter, total and digital, blanks included
  (a blank in a later vintage takes back what an earlier one gave),
- `figure.published` per filled cell of the publisher's own rolling years.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from core.sql import connect, quote
from ingest.landing.inspection import SourceFile
from ingest.refusals import FileRejected
from ingest.sources import Context

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "published_volumes"
SOURCE = "urn:takeup:gds-transaction-volumes"
KEY = "Slug"
SIMULATED_MARK = "Simulated"
LISTING = {
    "service_name": r"Name of service",
    "department_name": r"Department",
    "department_abbreviation": r"Abbr",
    "organisation_name": r"Agency/body",
    "organisation_abbreviation": r"Agency abbr",
    "customer_type": r"Customer type",
    "business_model": r"Business model",
    "category": r"Category",
    "description": r"Description of service",
    "notes_on_costs": r"Notes on costs",
    "other_notes": r"Other notes",
    "previous_department_name": r"Previous dept \(MOG, .*\)",
    "previous_organisation_name": r"previous agency",
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
QUARTER = re.compile(
    r"(?P<part>Total|Digital) transactions (?P<first>\w{3}) - \w{3} (?P<year>\d{4})"
)
ROLLING = re.compile(r"(?P<year>\d{4})-Q(?P<quarter>[1-4]) (?P<what>.+)")
ROLLING_METRICS = {
    "Vol.": ("transactions", "count"),
    "Digital vol.": ("digital_transactions", "count"),
    "CPT (£)": ("cost_per_transaction", "GBP"),
    "Digital CPT (£)": ("digital_cost_per_transaction", "GBP"),
    "Completion rate": ("completion_rate", "ratio"),
    "User satisfaction": ("user_satisfaction", "ratio"),
}
FIRST_WINDOW = (date(2011, 4, 1), date(2012, 3, 31))
"""Of label 2012-Q4: the one that breaks the rule of `rolling_window`."""

NUMBER = r"^\d+$|^\d{1,3}(,\d{3})+$"
WHOLE = r"^(\d+|\d{1,3}(,\d{3})+)(\.0+)?$"
DECIMAL = r"^-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?%?$"
LOOKS_LIKE_A_NUMBER = r"^[-+£\s\d.,%()]*\d[-+£\s\d.,%()]*$"
DATE_IN_NAME = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")


@dataclass(frozen=True)
class Column:
    """A column of figures: where it is, what it counts and for which period."""

    index: int
    header: str
    breakdown: str
    metric: str
    unit: str
    period_kind: str
    start: date
    end: date


@dataclass(frozen=True)
class Layout:
    """Where a vintage keeps what is known."""

    key: int
    listing: dict[str, int]
    quarters: tuple[Column, ...]
    rolling: tuple[Column, ...]
    width: int
    is_simulated: bool


def recognise(file: SourceFile) -> bool:
    """Known by its header: names of services beside quarterly or rolling volumes."""
    if file.container != "plain" or b"Name of service" not in file.head:
        return False
    header = _first_row(file.head)
    return any(QUARTER.fullmatch(_fold(name)) or _rolling(name) for name in header)


def marks_simulated(file: SourceFile) -> bool:
    """Whether the file says that it was made by the simulator."""
    return SIMULATED_MARK in _first_row(file.head)


def date_in_name(name: str) -> datetime | None:
    """Publication time from a date in the file's name: midnight in London."""
    from zoneinfo import ZoneInfo

    match = DATE_IN_NAME.search(PurePosixPath(name).name)
    if match is None:
        return None
    try:
        day = date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/London"))
    return midnight.astimezone(UTC)


def rolling_window(year: int, quarter: int) -> tuple[date, date]:
    """Twelve months that end before the labelled quarter, in which they were asked for."""
    if (year, quarter) == (2012, 4):
        return FIRST_WINDOW
    start_of_label = date(year, 3 * quarter - 2, 1)
    return start_of_label.replace(year=year - 1), start_of_label - timedelta(days=1)


def read_layout(header: list[str]) -> Layout:
    """Find the known columns by name.

    Raises:
        FileRejected: the key is missing, a known column stands twice, or there are no volumes.
    """
    names = [_fold(name) for name in header]
    if KEY not in names:
        raise FileRejected("bad_header", f"no column {KEY!r}, the key of a service")
    listing = {
        field: found
        for field, pattern in LISTING.items()
        if (found := next((i for i, n in enumerate(names) if re.fullmatch(pattern, n)), None))
        is not None
    }
    quarters = tuple(
        _quarter_column(i, header[i], n) for i, n in enumerate(names) if QUARTER.fullmatch(n)
    )
    rolling = tuple(_rolling_column(i, header[i], n) for i, n in enumerate(names) if _rolling(n))
    known = [names[column.index] for column in (*quarters, *rolling)]
    known += [KEY] * names.count(KEY)
    twice = sorted({name for name in known if known.count(name) > 1})
    if twice:
        raise FileRejected("bad_header", f"column {twice[0]!r} stands twice")
    if not quarters:
        raise FileRejected("bad_header", "no column of quarterly volumes")
    return Layout(
        key=names.index(KEY),
        listing=listing,
        quarters=quarters,
        rolling=rolling,
        width=len(header),
        is_simulated=SIMULATED_MARK in names,
    )


def read(file: SourceFile, context: Context) -> Iterator[pa.Table]:
    """One table with the records of all rows."""
    if context.published_at is None:
        raise FileRejected(
            "no_publication_time",
            "no vintages.csv beside it names it, --published-at was not given, "
            "and its name holds no date (YYYY-MM-DD)",
        )
    header = _first_row(file.path.read_bytes()[: 1 << 20])
    layout = read_layout(header)
    rows, refused = _rows(file, layout)
    yield refused
    yield _events(rows, layout, file=file, published_at=context.published_at)


def _rows(file: SourceFile, layout: Layout) -> tuple[pa.Table, pa.Table]:
    """Rows as text columns f0.. with their number, and the records of rows of another width."""
    import pyarrow as pa
    import pyarrow.csv as pacsv

    from ingest.landing.records import record_table

    wrong: list[tuple[int, str, int]] = []

    def on_invalid(row: pacsv.InvalidRow) -> str:
        wrong.append((row.number, row.text, row.actual_columns))
        return "skip"

    try:
        table = pacsv.read_csv(
            io.BytesIO(file.path.read_bytes()),
            read_options=pacsv.ReadOptions(autogenerate_column_names=True, use_threads=False),
            parse_options=pacsv.ParseOptions(
                newlines_in_values=True, invalid_row_handler=on_invalid
            ),
            convert_options=pacsv.ConvertOptions(
                column_types={f"f{i}": pa.string() for i in range(layout.width)},
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise FileRejected("corrupt", f"no CSV that can be read to its end: {error}") from error
    skipped = {number for number, _, _ in wrong}
    numbers = [n for n in range(1, table.num_rows + len(wrong) + 1) if n not in skipped]
    rows = table.append_column("row_number", pa.array(numbers, pa.int64())).slice(1)
    refused = record_table(
        position=[number for number, _, _ in wrong],
        raw=[text for _, text, _ in wrong],
        reason=["wrong_width"] * len(wrong),
        detail=[f"{count} cells, the header has {layout.width}" for _, _, count in wrong],
    )
    return rows, refused


def _events(
    rows: pa.Table, layout: Layout, *, file: SourceFile, published_at: datetime
) -> pa.Table:
    """Records of all rows, built in DuckDB."""

    from ingest.landing.records import RECORD_SCHEMA

    moment = published_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with connect() as connection:
        connection.register("landed", rows)
        connection.execute(
            """
            create temp macro envelope(kind, key, body) as to_json({
                'specversion': '1.0',
                'id': $moment || '/' || key,
                'source': $source,
                'type': 'uk.gov.takeup.' || kind || '.v1',
                'time': $moment,
                'datacontenttype': 'application/json',
                'publishedat': $moment,
                'data': body
            })::varchar
            """.replace("$moment", f"'{moment}'").replace("$source", f"'{SOURCE}'")
        )
        connection.execute(
            r"""create temp macro tidy(cell) as
            regexp_replace(cell, '^[\s\x{00a0}]+|[\s\x{00a0}]+$', '', 'g')"""
        )
        connection.execute(_unpivot(layout))
        query = " union all by name ".join(
            [_listed_sql(layout), _volumes_sql(), _figures_sql(file.name), _keyless_sql()]
        )
        table = connection.execute(
            f"select * from ({query}) order by position, place"
        ).to_arrow_table()
    if layout.is_simulated:
        table = _marked_simulated(table)
    return table.select(RECORD_SCHEMA.names).cast(RECORD_SCHEMA)


def _marked_simulated(table: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    marked = pc.replace_substring(
        table["line"], '{"specversion"', '{"simulated":true,"specversion"', max_replacements=1
    )
    return table.set_column(table.schema.get_field_index("line"), "line", marked)


def _unpivot(layout: Layout) -> str:
    """SQL: table `cells`, one row per service and column of figures."""
    columns = (*layout.quarters, *layout.rolling)
    listed = ",\n".join(
        f"({c.index}, {quote(c.header)}, {quote(c.breakdown)}, {quote(c.metric)}, {quote(c.unit)},"
        f" {quote(c.period_kind)}, '{c.start}', '{c.end}')"
        for c in columns
    )
    values = ", ".join(f"f{c.index}" for c in columns)
    indexes = ", ".join(str(c.index) for c in columns)
    return f"""
    create temp table figures_columns as
    select * from (values {listed}) as columns (
        column_index, place, breakdown, metric, unit, period_kind, period_start, period_end
    );
    create temp table cells as
    with unpivoted as (
        select
            row_number as position,
            tidy(f{layout.key}) as service_id,
            unnest([{values}]) as raw,
            unnest([{indexes}]) as column_index,
        from landed
        where tidy(f{layout.key}) <> ''
    )
    select unpivoted.*, tidy(raw) as cell, figures_columns.* exclude (column_index),
        json_object('kind', period_kind, 'start', period_start, 'end', period_end) as period,
    from unpivoted
    inner join figures_columns on unpivoted.column_index = figures_columns.column_index
    """


def _listed_sql(layout: Layout) -> str:
    fields = ", ".join(
        f"'{field}', nullif(tidy(f{index}), '')" for field, index in layout.listing.items()
    )
    return f"""
    select
        row_number as position,
        null as place,
        envelope('service.listed', 'listing/' || tidy(f{layout.key}),
            json_merge_patch('{{}}', json_object('service_id', tidy(f{layout.key}), {fields}))
        ) as line,
        null as raw, null as reason, null as detail,
    from landed
    where tidy(f{layout.key}) <> ''
    """


def _volumes_sql() -> str:
    return f"""
    select
        position,
        place,
        case when not is_unreadable then envelope(
            'volume.reported',
            service_id || '/' || breakdown || '/' || period_start,
            case
                when is_count then json_object(
                    'service_id', service_id, 'breakdown', breakdown, 'measure', 'completed',
                    'period', period, 'count', count::hugeint
                )
                when cell = '' then json_object(
                    'service_id', service_id, 'breakdown', breakdown, 'measure', 'completed',
                    'period', period, 'status', 'not_provided'
                )
                else json_object(
                    'service_id', service_id, 'breakdown', breakdown, 'measure', 'completed',
                    'period', period, 'status', 'not_provided', 'text', cell
                )
            end
        ) end as line,
        case when is_unreadable then raw end as raw,
        case when is_unreadable then 'unreadable_cell' end as reason,
        case when is_unreadable
            then 'row ' || position || ', column ' || replace(place, chr(10), ' ') || ': '
                || left(raw, 100)
        end as detail,
    from (
        select
            *,
            regexp_matches(cell, '{WHOLE}') as is_count,
            case when regexp_matches(cell, '{WHOLE}')
                then split_part(replace(cell, ',', ''), '.', 1)
            end as count,
            not regexp_matches(cell, '{WHOLE}') and regexp_matches(cell, '{LOOKS_LIKE_A_NUMBER}')
                or coalesce(strlen(count) > 18, false) as is_unreadable,
        from cells
        where period_kind = 'quarter'
    )
    """


def _figures_sql(document: str) -> str:
    name = quote(PurePosixPath(document).name)
    return f"""
    select
        position,
        place,
        envelope(
            'figure.published',
            service_id || '/' || metric || '/' || period_start,
            case when regexp_matches(cell, '{DECIMAL}')
                then json_object(
                    'metric', metric, 'service_id', service_id, 'period', period,
                    'value', replace(replace(cell, ',', ''), '%', '')::double
                        / case when ends_with(cell, '%') then 100 else 1 end,
                    'unit', unit, 'qualifier', 'exact', 'text', cell,
                    'document', {name}, 'place', place
                )
                else json_object(
                    'metric', metric, 'service_id', service_id, 'period', period,
                    'unit', unit, 'qualifier', 'no_number', 'text', cell,
                    'document', {name}, 'place', place
                )
            end
        ) as line,
        null as raw, null as reason, null as detail,
    from cells
    where period_kind = 'rolling_year' and cell <> ''
    """


def _keyless_sql() -> str:
    return """
    select
        row_number as position,
        'Slug' as place,
        null as line,
        to_json(landed)::varchar as raw,
        'missing_key' as reason,
        'row ' || row_number || ' has no slug' as detail,
    from landed
    where row_number not in (select position from cells)
    """


def _quarter_column(index: int, header: str, name: str) -> Column:
    match = QUARTER.fullmatch(name)
    assert match is not None
    try:
        first = MONTHS.index(match["first"]) + 1
        start = date(int(match["year"]), first, 1)
    except ValueError as error:
        raise FileRejected("bad_header", f"column {name!r} is no quarter") from error
    if first % 3 != 1:
        raise FileRejected("bad_header", f"column {name!r} is no quarter")
    return Column(
        index=index,
        header=header,
        breakdown=match["part"].lower(),
        metric="",
        unit="count",
        period_kind="quarter",
        start=start,
        end=_before_next_quarter(start),
    )


def _before_next_quarter(start: date) -> date:
    year, month = (start.year + 1, 1) if start.month == 10 else (start.year, start.month + 3)
    return date(year, month, 1) - timedelta(days=1)


def _rolling(name: str) -> re.Match[str] | None:
    match = ROLLING.fullmatch(_fold(name))
    return match if match is not None and match["what"] in ROLLING_METRICS else None


def _rolling_column(index: int, header: str, name: str) -> Column:
    match = _rolling(name)
    assert match is not None
    metric, unit = ROLLING_METRICS[match["what"]]
    start, end = rolling_window(int(match["year"]), int(match["quarter"]))
    return Column(index, header, "", metric, unit, "rolling_year", start, end)


def _first_row(content: bytes) -> list[str]:
    text = content.decode("utf-8-sig", "replace")
    return next(csv.reader(io.StringIO(text, newline="")), [])


def _fold(name: str) -> str:
    return " ".join(name.split())
