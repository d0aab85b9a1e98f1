"""CloudEvents as tables: CSV (uncompressed, gzip, Zstandard) and Parquet, one event per row.

Columns are the envelope's attributes and either one column `data` with JSON text or columns
`data.<field>` (`data.period.start` for a nested one), found by name, in any order. The events'
JSON text is put together in columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from core.files import open_landed
from core.sql import scratch
from ingest.landing.inspection import SourceFile
from ingest.refusals import FileRejected
from ingest.sources.base import Context, Source
from ingest.sources.csv_head import check_form, column_of_head, has_header, rows_of_head
from ingest.sources.event_table_sql import EXACT_DOUBLE, Column, records_sql
from ingest.sources.manifests import DeliveryManifest
from ingest.validation.event_types import ENVELOPE

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

CSV_SUFFIXES = (".csv", ".csv.gz", ".csv.zst")
NEEDED = ("specversion", "id", "source", "type", "time")
TYPE_PREFIX = "uk.gov.takeup."
DATA_COLUMN = re.compile(r"data(\.[A-Za-z_][A-Za-z0-9_]*)+")
BLOCK_BYTES = 16 * 1024 * 1024
BATCH_ROWS = 61_440
EXACT_REALS = {"halffloat": 2**11, "float": 2**24}
"""Arrow's shorter floating-point types, and from where they no longer hold every whole number."""
MANIFEST = DeliveryManifest()


class EventTables(Source):
    """Parquet; or CSV whose first row names the envelope, or holds an event without a header.

    An empty CSV is one without events.
    """

    name = "event_tables"
    most_bytes = None
    may_take_fast_path = True

    def recognise(self, file: SourceFile) -> bool:
        if file.container == "parquet":
            return True
        if not file.name.lower().endswith(CSV_SUFFIXES):
            return False
        names = next(rows_of_head(file.head), [])
        return (
            not names
            or any(name.startswith(TYPE_PREFIX) for name in names)
            or has_header(file.head, _knows)
        )

    def marks_simulated(self, file: SourceFile) -> bool | None:
        """Whether the first events say that they are simulated; None where there are none."""
        if file.container == "parquet":
            return _parquet_marks_simulated(file)
        marks = column_of_head(file.head, "simulated")
        return None if marks is None else "true" in marks

    def flags(self, file: SourceFile) -> tuple[str, ...]:
        """`no_manifest` for a CSV that nothing beside it vouches for: it may have been cut."""
        is_vouched = file.container == "parquet" or MANIFEST.beside(file.path) is not None
        return () if is_vouched else ("no_manifest",)

    def read(self, file: SourceFile, context: Context) -> Iterator[pa.Table]:
        """One record per row: an event as JSON text, or a row that is not an event."""
        if file.container == "parquet":
            return _read_parquet(file)
        return _read_csv(file, context)


def _knows(names: Sequence[str]) -> bool:
    return len(set(NEEDED) & set(names)) >= 3


def check_names(names: Sequence[str]) -> None:
    """Refuse columns that can't be a table of events.

    Raises:
        FileRejected: `bad_header`, naming the column.
    """
    if any(name.startswith(TYPE_PREFIX) for name in names):
        raise FileRejected("bad_header", "no header: the first row holds an event")
    for name in names:
        if names.count(name) > 1:
            raise FileRejected("bad_header", f"column {name!r} appears twice")
        if name not in ENVELOPE and DATA_COLUMN.fullmatch(name) is None:
            raise FileRejected("bad_header", f"column {name!r} is unknown")
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise FileRejected("bad_header", f"column {missing[0]!r} is missing")
    below = [name for name in names if name.startswith("data.")]
    if "data" not in names and not below:
        raise FileRejected("bad_header", "column 'data' is missing, and columns 'data.…' too")
    for name in below:
        outer = next((one for one in names if name.startswith(f"{one}.")), None)
        if outer is not None:
            raise FileRejected("bad_header", f"columns {outer!r} and {name!r} say the same")


def _read_csv(file: SourceFile, context: Context) -> Iterator[pa.Table]:
    from ingest.landing.containers import open_stream
    from ingest.sources import csv_text

    delivered = MANIFEST.beside(file.path)
    if delivered is not None:
        MANIFEST.check_digest(file.path, delivered.sha256)
    check_form(file.head, _knows)
    rows_read = 0
    with open_stream(file.path, file.container) as stream, scratch() as connection:
        names, blocks = csv_text.open_rows(
            stream, block_bytes=min(context.chunk_bytes, BLOCK_BYTES)
        )
        if names:
            check_names(names)
        columns = [Column(name, f"c{i}", "text") for i, name in enumerate(names)]
        hides_rows = _has_forbidden(names, context)
        for block in blocks:
            rows_read += block.cells.num_rows + block.refused.num_rows
            yield _in_order(
                _records(connection, block.cells, columns, empty_is_absent=True),
                _without_text(block.refused) if hides_rows else block.refused,
            )
    if delivered is not None and delivered.rows != rows_read:
        said = f"{MANIFEST.file_name} says {delivered.rows}"
        raise FileRejected("manifest_mismatch", f"{rows_read} rows, {said}")


def _has_forbidden(names: Sequence[str], context: Context) -> bool:
    """Whether a column holds what the register forbids: a broken row can't be masked then."""
    from ingest.validation.masking import folded_field_name
    from ingest.validation.vocabulary import Vocabulary

    forbidden = Vocabulary.load(context.seeds).forbidden_fields
    return any(
        folded_field_name(part) in forbidden for name in names for part in name.split(".")[1:]
    )


def _without_text(refused: pa.Table) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    detail = pc.binary_join_element_wise(
        refused["detail"], "its text is not kept, a column is forbidden", "; "
    )
    count = refused.num_rows
    kept = refused.set_column(3, "raw", pa.array([""] * count, pa.large_string()))
    return kept.set_column(5, "detail", detail)


def _read_parquet(file: SourceFile) -> Iterator[pa.Table]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    position = 1
    with open_landed(file.path) as stream, scratch() as connection:
        try:
            parquet = pq.ParquetFile(stream, pre_buffer=False, page_checksum_verification=True)
            check_names(parquet.schema_arrow.names)
            for batch in parquet.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
                table, columns = _known_types(pa.Table.from_batches([batch]), position)
                yield _records(connection, table, columns, empty_is_absent=False)
                position += batch.num_rows
        except (pa.ArrowException, OSError, EOFError) as error:
            raise FileRejected("corrupt", f"parquet: {str(error).splitlines()[0][:200]}") from error


def _known_types(table: pa.Table, position: int) -> tuple[pa.Table, list[Column]]:
    """The table with its columns under the names that SQL knows, and what they are."""
    import pyarrow as pa

    arrays: dict[str, Any] = {
        "position": pa.array(range(position, position + table.num_rows), pa.int64())
    }
    columns = []
    for i, name in enumerate(table.column_names):
        array = table.column(i)
        if pa.types.is_dictionary(array.type):
            array = array.cast(array.type.value_type)
        if pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type):
            array = _as_text(array)
        _check_utf8(array, name, position)
        exact = EXACT_REALS.get(str(array.type), EXACT_DOUBLE)
        if pa.types.is_float16(array.type):
            array = array.cast(pa.float32())
        arrays[f"c{i}"] = array
        columns.append(Column(name, f"c{i}", _kind(array.type), exact))
    return pa.table(arrays), columns


def _as_text(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Bytes seen as text, not yet checked: some writers leave the annotation out."""
    import pyarrow as pa

    text = pa.large_string() if pa.types.is_large_binary(array.type) else pa.string()
    return pa.chunked_array([chunk.view(text) for chunk in array.chunks], text)


def _check_utf8(array: pa.ChunkedArray, name: str, position: int) -> None:
    import pyarrow as pa

    try:
        array.validate(full=True)
    except pa.ArrowInvalid as error:
        raise FileRejected(
            "not_utf8", f"column {name!r}, in the rows from {position} on: {error}"
        ) from error


def _kind(arrow_type: pa.DataType) -> str:
    import pyarrow as pa

    types = pa.types
    if types.is_string(arrow_type) or types.is_large_string(arrow_type):
        return "text"
    if types.is_timestamp(arrow_type):
        return "local" if arrow_type.tz is None else "moment"
    if types.is_floating(arrow_type) or types.is_decimal(arrow_type):
        return "real"
    return "nested" if types.is_nested(arrow_type) else "other"


def _records(
    connection: DuckDBPyConnection,
    rows: pa.Table,
    columns: Sequence[Column],
    *,
    empty_is_absent: bool,
) -> pa.Table:
    """Records of rows: `position` and the columns under their SQL names."""
    from ingest.landing.records import RECORD_SCHEMA, in_batches

    if rows.num_rows == 0:
        return RECORD_SCHEMA.empty_table()
    connection.register("rows", in_batches(rows))
    table = connection.execute(records_sql(columns, empty_is_absent=empty_is_absent))
    found = table.to_arrow_table()
    connection.unregister("rows")
    return found.select(RECORD_SCHEMA.names).cast(RECORD_SCHEMA)


def _in_order(*tables: pa.Table) -> pa.Table:
    import pyarrow as pa

    table = pa.concat_tables(tables)
    return table.sort_by("position") if tables[-1].num_rows else table


def _parquet_marks_simulated(file: SourceFile) -> bool | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with open_landed(file.path) as stream:
        try:
            parquet = pq.ParquetFile(stream, pre_buffer=False)
            if parquet.metadata.num_rows == 0:
                return None
            if "simulated" not in parquet.schema_arrow.names:
                return False
            first = next(parquet.iter_batches(batch_size=1000, columns=["simulated"]))
            return any(mark in (True, "true", b"true") for mark in first.column(0).to_pylist())
        except (pa.ArrowException, OSError, EOFError):
            return None
