"""Tidy volumes: published figures in a format of ours, which any department or government may use.

Three tables beside a `publications.csv`: `cells` (volumes, a row where a publication changes one),
`listings` (what publications say of a service) and `stated` (figures that the publisher derived or
asked for). A row of the last two holds from its `publication` to its `last_publication`, and is an
event for each of them. The events are those that the publications themselves would give, so a
publication that lands later brings duplicates. Listings alone differ: they leave out what a
publication says in sentences, and are marked as a digest of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.sql import identifier, quote, scratch
from ingest.landing.inspection import SourceFile
from ingest.sources.base import Context, Source
from ingest.sources.csv_head import check_form, has_header, rows_of_head
from ingest.sources.manifests import Publication, Publications
from ingest.sources.tidy_volumes.tables import CELLS, KEY, LISTINGS, Table, table_of
from ingest.sources.volume_events import define_volume_events
from ingest.sources.volume_remarks import remarks_on_services

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

PUBLICATIONS = Publications()


class TidyVolumes(Source):
    """Known by its header: service and publication beside columns of one of its tables."""

    name = "tidy_volumes"
    most_bytes = None

    def recognise(self, file: SourceFile) -> bool:
        return has_header(file.head, _is_table)

    def lists_services(self, file: SourceFile) -> bool:
        """Whether it is `listings`: the other tables speak of the services that these name."""
        return table_of(next(rows_of_head(file.head), [])) is LISTINGS

    def flags(self, file: SourceFile) -> tuple[str, ...]:
        """What a reader of listings should know: see `remarks_on_services`."""
        if not self.lists_services(file):
            return ()
        return remarks_on_services(*_first_listings(file))

    def publication_time(self, file: SourceFile, given: datetime | None) -> datetime | None:
        """None: each row has its publication's own, and waits for the file that says it."""
        PUBLICATIONS.of_folder(file.path)
        return None

    def marks_simulated(self, file: SourceFile) -> bool:
        """Whether a publication beside it says that it is simulated."""
        return any(one.is_simulated for one in PUBLICATIONS.of_folder(file.path).values())

    def read(self, file: SourceFile, context: Context) -> Iterator[pa.Table]:
        """Records of each block of rows; one that can't be read is one record, whole."""
        from ingest.landing.containers import open_stream
        from ingest.sources import csv_text

        check_form(file.head, _is_table)
        publications = PUBLICATIONS.of_folder(file.path)
        with open_stream(file.path, file.container) as stream:
            names, blocks = csv_text.open_rows(stream)
            table = table_of(names) or CELLS
            table.check(names)
            for block in blocks:
                yield block.refused
                yield _records(table, names, block.cells, publications)


def _is_table(names: Sequence[str]) -> bool:
    return table_of(names) is not None


def _first_listings(file: SourceFile) -> tuple[list[int], list[str], list[str]]:
    """Row, identifier and name of the first listing of each service.

    Raises:
        FileRejected: its header is not the table's.
    """
    from ingest.landing.containers import open_stream
    from ingest.sources import csv_text

    first: dict[str, tuple[int, str]] = {}
    with open_stream(file.path, file.container) as stream:
        names, blocks = csv_text.open_rows(stream)
        LISTINGS.check(names)
        columns = ["position", *(f"c{names.index(name)}" for name in (KEY, "service_name"))]
        for block in blocks:
            for position, service, name in zip(
                *(block.cells[column].to_pylist() for column in columns), strict=True
            ):
                first.setdefault(service, (position, name))
    return [row for row, _ in first.values()], list(first), [name for _, name in first.values()]


def _records(
    table: Table, names: Sequence[str], cells: pa.Table, publications: Mapping[str, Publication]
) -> pa.Table:
    """Records of rows, built in DuckDB."""
    from ingest.landing.records import RECORD_SCHEMA

    with scratch() as connection:
        define_volume_events(connection)
        connection.register("cells_of_rows", cells)
        connection.register("publications", _publication_table(publications))
        connection.execute(_rows(table, names))
        if table is CELLS:
            _read_counts(connection)
        connection.execute(_checked(table))
        connection.execute(SPANNED)
        connection.execute(f"create temp view events as {table.events_sql}")
        records = connection.execute(RECORDS).to_arrow_table()
    return records.select(RECORD_SCHEMA.names).cast(RECORD_SCHEMA)


def _publication_table(publications: Mapping[str, Publication]) -> pa.Table:
    """One row per publication, in the order of their time."""
    import pyarrow as pa

    moments = [one.published_at.astimezone(UTC) for one in publications.values()]
    return pa.table(
        {
            "publication": pa.array(list(publications), pa.string()),
            "number": pa.array(range(len(publications)), pa.int64()),
            "moment": pa.array([f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in moments], pa.string()),
            "source": pa.array([one.source for one in publications.values()], pa.string()),
            "document": pa.array([one.document for one in publications.values()], pa.string()),
            "is_simulated": pa.array([one.is_simulated for one in publications.values()]),
        }
    )


def _rows(table: Table, names: Sequence[str]) -> str:
    """SQL: table `landed`, the rows by the names of their columns; one that is not there is
    blank."""
    known = ", ".join(
        f"tidy(c{names.index(name)}) as {identifier(name)}"
        if name in names
        else f"'' as {identifier(name)}"
        for name in dict.fromkeys((*table.known, "last_publication"))
    )
    given = ", ".join(f"{quote(name)}, c{names.index(name)}" for name in names)
    return f"""
    create temp table landed as
    select position, json_object({given})::varchar as raw, {known},
    from cells_of_rows
    """


def _read_counts(connection: DuckDBPyConnection) -> None:
    """Give `landed` what each cell says as a count."""
    from ingest.sources.count_cells import read_counts

    landed = connection.execute("select * from landed order by position").to_arrow_table()
    counts = read_counts(landed["count"])
    for name in counts.column_names:
        landed = landed.append_column(f"cell_{name}", counts[name])
    connection.register("landed_cells", landed)
    connection.execute("create or replace temp table landed as from landed_cells")


def _checked(table: Table) -> str:
    """SQL: table `checked`, the rows with the reason why one can't be taken."""
    blanks = " ".join(
        f"when {identifier(name)} = '' then 'missing_field|{name} is blank'"
        for name in table.filled
    )
    return f"""
    create temp table checked as
    select
        landed.*, first.number as first_number, coalesce(last.number, first.number) as last_number,
        case
            when {KEY} = '' then 'missing_key|{KEY} is blank'
            {blanks}
            when landed.publication = '' then 'missing_field|publication is blank'
            when first.number is null
                then 'unknown_value|publications.csv has no ' || left(landed.publication, 100)
            when landed.last_publication <> '' and last.number is null
                then 'unknown_value|publications.csv has no ' || left(landed.last_publication, 100)
            when last.number < first.number
                then 'invalid_field|last_publication is before publication'
            when last.source <> first.source
                then 'invalid_field|last_publication is of another source'
            {table.problems}
        end as problem
    from landed
    left join publications as first on landed.publication = first.publication
    left join publications as last on landed.last_publication = last.publication
    """


SPANNED = """
    create temp view spanned as
    select
        checked.* exclude (publication), publications.publication, publications.source,
        publications.moment, publications.document, publications.is_simulated
    from checked
    inner join publications as first on checked.first_number = first.number
    inner join publications
        on publications.number between checked.first_number and checked.last_number
        and publications.source = first.source
    where checked.problem is null
    """
"""SQL: view `spanned`, rows that can be taken, once for each publication in which they hold."""

RECORDS = """
    select
        position, place, null as raw, null as reason, null as detail,
        case
            when is_digest or is_simulated
                then json_merge_patch(
                    volume_event(escaped(source), moment, kind, key, body),
                    case when is_digest then '{"digest":true}' else '{}' end,
                    case when is_simulated then '{"simulated":true}' else '{}' end
                )::varchar
            else volume_event(escaped(source), moment, kind, key, body)
        end as line,
    from events
    union all by name
    select
        position, raw, split_part(problem, '|', 1) as reason,
        'row ' || position || ': ' || substr(problem, strpos(problem, '|') + 1) as detail,
    from checked
    where problem is not null
    order by position, place
    """
"""SQL: records of the events, and of the rows that can't be taken."""
