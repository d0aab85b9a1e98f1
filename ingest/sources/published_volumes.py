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
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from core.periods import REPORTING_ZONE
from core.sql import connect, quote
from ingest.landing.inspection import SourceFile
from ingest.refusals import FileRejected
from ingest.sources.base import Context, Source
from ingest.sources.manifests import PublicationManifest
from ingest.sources.volume_columns import SIMULATED_MARK, Layout, has_volumes, read_layout

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE = "urn:takeup:gds-transaction-volumes"
MANIFEST = PublicationManifest()
RECORDS_SQL = Path(__file__).with_suffix(".sql")
DATE_IN_NAME = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")


class PublishedVolumes(Source):
    """Known by its header: names of services beside quarterly or rolling volumes."""

    name = "published_volumes"

    def recognise(self, file: SourceFile) -> bool:
        if file.container != "uncompressed" or b"Name of service" not in file.head:
            return False
        return has_volumes(_first_row(file.head))

    def marks_simulated(self, file: SourceFile) -> bool:
        """Whether the file says that it was made by the simulator."""
        return SIMULATED_MARK in _first_row(file.head)

    def flags(self, file: SourceFile) -> tuple[str, ...]:
        """`no_manifest` for a file that no manifest beside it names."""
        return () if MANIFEST.beside(file.path) is not None else ("no_manifest",)

    def publication_time(self, file: SourceFile, given: datetime | None) -> datetime | None:
        """The manifest's, else the one that is given, else midnight of a date in its name."""
        listed = MANIFEST.beside(file.path)
        if listed is not None:
            MANIFEST.check_digest(file.path, listed.sha256)
            return listed.published_at
        return given or date_in_name(file.name)

    def read(self, file: SourceFile, context: Context) -> Iterator[pa.Table]:
        """One table with the records of all rows."""
        if context.published_at is None:
            raise FileRejected(
                "no_publication_time",
                f"no {MANIFEST.file_name} beside it names it, --published-at was not given, "
                "and its name holds no date (YYYY-MM-DD)",
            )
        header = _first_row(file.path.read_bytes()[: 1 << 20])
        layout = read_layout(header)
        rows, refused = _rows(file, layout)
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
        raise FileRejected("corrupt", f"not a CSV that can be read to its end: {error}") from error
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


def _records(rows: pa.Table, layout: Layout, *, document: str, published_at: datetime) -> pa.Table:
    """Records of all rows, built in DuckDB."""
    from ingest.landing.records import RECORD_SCHEMA

    variables = {
        "source": SOURCE,
        "moment": published_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "document": PurePosixPath(document).name,
    }
    with connect() as connection:
        connection.register("landed", rows)
        for name, value in variables.items():
            connection.execute(f"set variable {name} = {quote(value)}")
        connection.execute(
            r"""create temp macro tidy(cell) as
            regexp_replace(cell, '^[\s\x{00a0}]+|[\s\x{00a0}]+$', '', 'g')"""
        )
        connection.execute(_listings(layout, rows="landed", into="listings"))
        connection.execute(_cells(layout, rows="landed", into="cells"))
        table = connection.execute(RECORDS_SQL.read_text(encoding="utf-8")).to_arrow_table()
    if layout.is_simulated:
        table = _marked_simulated(table)
    return table.select(RECORD_SCHEMA.names).cast(RECORD_SCHEMA)


def _marked_simulated(table: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    marked = pc.replace_substring(
        table["line"], '{"specversion"', '{"simulated":true,"specversion"', max_replacements=1
    )
    return table.set_column(table.schema.get_field_index("line"), "line", marked)


def _listings(layout: Layout, *, rows: str, into: str) -> str:
    """SQL: table `into`, one row per service, with what the file says of it as JSON."""
    fields = ", ".join(
        f"'{field}', nullif(tidy(f{index}), '')" for field, index in layout.listing.items()
    )
    key = f"tidy(f{layout.key})"
    return f"""
    create temp table {into} as
    select
        row_number as position,
        {key} as service_id,
        json_merge_patch('{{}}', json_object('service_id', {key}, {fields})) as fields,
    from {rows}
    where {key} <> ''
    """


def _cells(layout: Layout, *, rows: str, into: str) -> str:
    """SQL: table `into`, one row per service and column of figures."""
    columns = (*layout.quarters, *layout.rolling)
    listed = ",\n".join(
        f"({c.index}, {quote(c.header)}, {quote(c.breakdown)}, {quote(c.metric)}, {quote(c.unit)},"
        f" {quote(c.period_kind)}, '{c.start}', '{c.end}')"
        for c in columns
    )
    values = ", ".join(f"f{c.index}" for c in columns)
    indexes = ", ".join(str(c.index) for c in columns)
    return f"""
    create temp table {into} as
    with figure_columns as (
        select * from (values {listed}) as columns (
            column_index, place, breakdown, metric, unit, period_kind, period_start, period_end
        )
    ),
    unpivoted as (
        select
            row_number as position,
            tidy(f{layout.key}) as service_id,
            unnest([{values}]) as raw,
            unnest([{indexes}]) as column_index,
        from {rows}
        where tidy(f{layout.key}) <> ''
    )
    select unpivoted.*, tidy(raw) as cell, figure_columns.* exclude (column_index),
        json_object('kind', period_kind, 'start', period_start, 'end', period_end) as period,
    from unpivoted
    inner join figure_columns on unpivoted.column_index = figure_columns.column_index
    """


def _first_row(content: bytes) -> list[str]:
    text = content.decode("utf-8-sig", "replace")
    return next(csv.reader(io.StringIO(text, newline="")), [])
