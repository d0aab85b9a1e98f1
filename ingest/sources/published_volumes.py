"""Published transaction volumes: the GDS `services.csv`, one row a service, one file a vintage.

Columns are found by name, never by position; headers that are not known are passed over,
internal notes among them. A vintage yields, with its publication time:

- `service.listed` per row,
- `volume.reported` per row and discrete quarter, total and digital, blanks included
  (a blank in a later vintage takes back what an earlier one gave),
- `figure.published` per filled cell of the publisher's own rolling years.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from core.periods import REPORTING_ZONE
from core.sql import quote, scratch
from ingest.landing.inspection import SourceFile
from ingest.refusals import FileRejected
from ingest.sources.base import Context, Source
from ingest.sources.csv_head import check_form, has_header, rows_of_head
from ingest.sources.manifests import PublicationManifest
from ingest.sources.volume_columns import (
    KEY,
    NEEDED,
    Layout,
    has_volumes,
    is_marked_simulated,
    read_layout,
)
from ingest.sources.volume_events import define_volume_events
from ingest.sources.volume_remarks import remarks

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

SOURCE = "urn:takeup:gds-transaction-volumes"
MANIFEST = PublicationManifest()
RECORDS_SQL = Path(__file__).with_suffix(".sql")
DATE_IN_NAME = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")


class PublishedVolumes(Source):
    """Known by its header: names of services beside quarterly or rolling volumes."""

    name = "published_volumes"

    def recognise(self, file: SourceFile) -> bool:
        return file.container == "uncompressed" and has_header(file.head, has_volumes)

    def lists_services(self, file: SourceFile) -> bool:
        return True

    def marks_simulated(self, file: SourceFile) -> bool:
        """Whether the file says that it was made by the simulator."""
        return is_marked_simulated(next(rows_of_head(file.head), []))

    def flags(self, file: SourceFile) -> tuple[str, ...]:
        """What a reader of the file's figures should know: see `volume_remarks`.

        `no_manifest` for a file that no manifest beside it names.
        """
        is_vouched = MANIFEST.beside(file.path) is not None
        rows, _, layout = _rows(file)
        return (*(() if is_vouched else ("no_manifest",)), *remarks(rows, layout))

    def publication_time(self, file: SourceFile, given: datetime | None) -> datetime | None:
        """The manifest's, else the one that is given, else midnight of a date in its name."""
        listed = MANIFEST.beside(file.path)
        if listed is not None:
            MANIFEST.check_digest(file.path, listed.sha256)
            return listed.published_at
        return given or date_in_name(file.name)

    def edition_of(self, file: SourceFile, given: datetime | None) -> str | None:
        """The volumes' `source`, for a file that only a date in its name dates."""
        return SOURCE if given is None and MANIFEST.beside(file.path) is None else None

    def read(self, file: SourceFile, context: Context) -> Iterator[pa.Table]:
        """One table with the records of all rows."""
        if context.published_at is None:
            raise FileRejected(
                "no_publication_time",
                f"no {MANIFEST.file_name} beside it names it, --published-at was not given, "
                "and its name holds no date (YYYY-MM-DD)",
            )
        rows, refused, layout = _rows(file)
        yield refused
        yield _records(rows, layout, document=file.name, published_at=context.published_at)


def date_in_name(name: str) -> datetime | None:
    """Publication time from a date in the file's name: midnight in London."""
    match = DATE_IN_NAME.search(PurePosixPath(name).name)
    if match is None:
        return None
    try:
        return datetime.fromisoformat(match[1]).replace(tzinfo=REPORTING_ZONE).astimezone(UTC)
    except ValueError:
        return None


def _rows(file: SourceFile) -> tuple[pa.Table, pa.Table, Layout]:
    """Rows as text columns f0.. with their number, records of refused rows, and the layout.

    Raises:
        FileRejected: it is not a CSV of volumes.
    """
    import pyarrow as pa

    from ingest.landing.containers import open_stream
    from ingest.landing.records import RECORD_SCHEMA
    from ingest.sources import csv_text

    with open_stream(file.path, file.container) as stream:
        header, blocks = csv_text.open_rows(stream, keep_nameless=True)
        check_form(file.head, has_volumes)
        layout = read_layout(header)
        found = list(blocks)
    cells = pa.schema(
        [("position", pa.int64()), *((f"c{i}", pa.string()) for i in range(layout.width))]
    )
    rows = pa.concat_tables([cells.empty_table(), *(block.cells for block in found)])
    rows = rows.rename_columns(["row_number", *(f"f{i}" for i in range(layout.width))])
    refused = pa.concat_tables([RECORD_SCHEMA.empty_table(), *(block.refused for block in found)])
    return rows, refused, layout


def _records(rows: pa.Table, layout: Layout, *, document: str, published_at: datetime) -> pa.Table:
    """Records of all rows, built in DuckDB."""
    from ingest.landing.records import RECORD_SCHEMA

    variables = {
        "source": SOURCE,
        "moment": published_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "document": PurePosixPath(document).name,
    }
    with scratch() as connection:
        connection.register("landed", rows)
        define_volume_events(connection)
        for name, value in variables.items():
            connection.execute(f"set variable {name} = escaped({quote(value)})")
        connection.execute(_broken(layout, rows="landed", into="broken"))
        connection.execute(
            "create temp view whole as select * from landed anti join broken"
            " on landed.row_number = broken.position"
        )
        connection.execute(_listings(layout, rows="whole", into="listings"))
        connection.execute(_figure_columns(layout, into="figure_columns"))
        connection.execute(_cells(layout, rows="whole", listings="listings", into="cells"))
        _read_texts(connection)
        table = connection.execute(RECORDS_SQL.read_text(encoding="utf-8")).to_arrow_table()
    if layout.is_simulated:
        table = _marked_simulated(table)
    return table.select(RECORD_SCHEMA.names).cast(RECORD_SCHEMA)


def _read_texts(connection: DuckDBPyConnection) -> None:
    """Table `texts`: what each text that is in a cell says, read once however often it is there."""
    from ingest.sources.count_cells import read_counts

    raw = connection.execute("select distinct raw from cells").to_arrow_table()["raw"]
    connection.register("texts", read_counts(raw).append_column("raw", raw))


def _marked_simulated(table: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    marked = pc.replace_substring(
        table["line"], '{"specversion"', '{"simulated":true,"specversion"', max_replacements=1
    )
    return table.set_column(table.schema.get_field_index("line"), "line", marked)


def _broken(layout: Layout, *, rows: str, into: str) -> str:
    """SQL: table `into`, rows that do not say whose they are: their figures are nobody's."""
    name, department = layout.listing["service_name"], layout.listing["department_name"]
    said = [
        (layout.key, KEY, "missing_key", "has no slug"),
        (name, NEEDED["service_name"], "missing_field", "has no name of a service"),
        (department, NEEDED["department_name"], "missing_field", "has no department"),
    ]
    blank = " ".join(
        f"when tidy(f{index}) = '' then [{quote(place)}, {quote(reason)}, {quote(what)}]"
        for index, place, reason, what in said
    )
    return f"""
    create temp table {into} as
    select
        row_number as position, problem[1] as place, problem[2] as reason,
        'row ' || row_number || ' ' || problem[3] as detail,
        to_json(landed)::varchar as raw,
    from (select {rows} as landed, row_number, case {blank} end as problem from {rows})
    where problem is not null
    """


def _listings(layout: Layout, *, rows: str, into: str) -> str:
    """SQL: table `into`, one row per service, with its key and what the file says of it as JSON."""
    fields = ", ".join(
        f"'{field}', nullif(tidy(f{index}), '')" for field, index in layout.listing.items()
    )
    key = f"tidy(f{layout.key})"
    return f"""
    create temp table {into} as
    select
        row_number as position,
        escaped({key}) as service_id,
        json_merge_patch('{{}}', json_object('service_id', {key}, {fields})) as fields,
    from {rows}
    """


def _figure_columns(layout: Layout, *, into: str) -> str:
    """SQL: table `into`, one row per column of figures, with what all events of it say."""
    listed = ",\n".join(
        f"({c.index}, {quote(c.header)}, {quote(c.breakdown)}, {quote(c.metric)}, {quote(c.unit)},"
        f" {quote(c.period_kind)}, '{c.start}', '{c.end}', {quote(c.marker)})"
        for c in (*layout.quarters, *layout.rolling)
    )
    return f"""
    create temp table {into} as
    select *,
        period_kind = 'quarter' as is_quarter,
        escaped(place) as escaped_place,
        json_object('kind', period_kind, 'start', period_start, 'end', period_end) as period,
    from (values {listed}) as columns (
        column_index, place, breakdown, metric, unit, period_kind, period_start, period_end,
        column_marker
    )
    """


def _cells(layout: Layout, *, rows: str, listings: str, into: str) -> str:
    """SQL: table `into`, one row per service of `listings` and column of figures."""
    indexes = [column.index for column in (*layout.quarters, *layout.rolling)]
    return f"""
    create temp table {into} as
    select
        position,
        service_id,
        unnest([{", ".join(f"f{index}" for index in indexes)}]) as raw,
        unnest({indexes}) as column_index,
    from {rows}
    inner join {listings} as listings on {rows}.row_number = listings.position
    """
