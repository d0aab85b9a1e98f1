"""The columns of the event log, by kind of record: the one place that declares them.

The schema of the Delta table, the relation that dbt reads each kind of record from, the log gate's
expectations and the comparison of rewritten files all follow from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Column:
    """One column: its type by DuckDB's name, what it means, whether every record has it."""

    type: Literal["varchar", "bigint", "timestamptz", "blob"]
    meaning: str
    is_always_filled: bool = False


def text(meaning: str, *, always: bool = False) -> Column:
    """A column of text."""
    return Column("varchar", meaning, always)


def whole(meaning: str, *, always: bool = False) -> Column:
    """A column of whole numbers."""
    return Column("bigint", meaning, always)


def moment(meaning: str, *, always: bool = False) -> Column:
    """A column of moments in UTC, to the microsecond."""
    return Column("timestamptz", meaning, always)


PARTITION = "record_kind"
PARQUET = "format parquet, compression zstd, compression_level 1, write_bloom_filter false"
"""The first level of Zstandard writes as fast as Snappy, in little more than half the bytes.
Bloom filters are made only for columns of few values, where they spare nothing."""
COMMON = {
    "commit_version": whole("version of the log that brought it", always=True),
    "recorded_at": moment("the run that recorded it", always=True),
    "file_hash": text("content hash of the landed file", always=True),
    "position": whole("record of the file, from 1; null for a file as a whole"),
    "place": text("where in the record, for a part of one: the header of a column, say"),
}
EVENT = {
    "source": text("who sent it; names the event together with id", always=True),
    "id": text("name of the event within its source", always=True),
    "type": text("type of event, as in ingest/schemas/", always=True),
    "time": moment("when it happened", always=True),
    "specversion": text("version of CloudEvents", always=True),
    "datacontenttype": text("as sent"),
    "dataschema": text("as sent"),
    "extensions": text("other attributes of the envelope, a JSON object"),
    "published_at": moment("when its source published it, where it says so"),
    "data": text("the data as sent, a JSON object; null where the columns below hold all of it"),
    "service_id": text("of the data"),
    "channel": text("of the data"),
    "assistance": text("of the data"),
    "assistance_provider": text("of the data"),
    "online_extent": text("of the data"),
    "outcome": text("of the data"),
    "transaction_id": text("of the data"),
    "target_source": text("source of the event that it voids or corrects"),
    "target_id": text("id of the event that it voids or corrects"),
}
QUARANTINE = {
    "reason": text("why it was refused, a word of the list of reasons", always=True),
    "detail": text("more of the reason"),
    "raw": Column("blob", "the record byte for byte, forbidden values masked", True),
    "schema_version": text("digest of the schemas that it was checked by", always=True),
    "code_version": text("the code that checked it", always=True),
}
DUPLICATE = {
    "source": text("as in the event", always=True),
    "id": text("as in the event", always=True),
    "winner_file_hash": text("file of the record that was accepted", always=True),
    "winner_position": whole("position of the record that was accepted", always=True),
    "winner_commit_version": whole("version that brought the accepted record", always=True),
}
FILE = {
    "name": text("name that it was landed under", always=True),
    "source_kind": text("what it was recognised as"),
    "state": text("ingested, rejected or duplicate_file", always=True),
    "reason": text("why it was not ingested"),
    "detail": text("more of the reason"),
    "read_count": whole("records read"),
    "accepted_count": whole("records accepted"),
    "duplicate_count": whole("records that the log held already"),
    "quarantined_count": whole("records quarantined"),
    "size_bytes": whole("size of the file", always=True),
    "flags": text("remarks on the file, a JSON list", always=True),
    "code_version": text("the code that read it", always=True),
}
RETRY = {
    "attempt": whole("number of the attempt, from 1", always=True),
    "outcome": text("accepted, duplicate or quarantined", always=True),
    "reason": text("why it stayed in quarantine"),
    "detail": text("more of the reason"),
    "code_version": text("the code that tried it", always=True),
}

KINDS: dict[str, dict[str, Column]] = {
    "event": EVENT,
    "quarantine": QUARANTINE,
    "duplicate": DUPLICATE,
    "file": FILE,
    "retry": RETRY,
}
"""Own columns of each kind of record, beside the common ones.

- event: one accepted event.
- quarantine: one record that was refused, byte for byte.
- duplicate: one redelivered event, with the record that won.
- file: what became of one landed file; the latest row of (name, file_hash) counts.
- retry: one attempt to accept a quarantined record, named by file_hash, position and place.
"""


def declared(kind: str | None = None) -> dict[str, Column]:
    """Columns of this kind of record, or of all kinds together, in the order of the files."""
    columns = dict(COMMON)
    for name, own in KINDS.items():
        if kind in (None, name):
            columns |= own
    return columns


def no_records(kind: str | None = None) -> str:
    """A SQL query without rows that has the columns of `declared(kind)`, each of its type.

    Files may lack columns that none of their records fills, or that are newer than they are: in a
    union by name with this query they have them.
    """
    columns = declared(kind).items()
    typed = ", ".join(f'cast(null as {column.type}) as "{name}"' for name, column in columns)
    return f"select {typed} where false"


def columns_of(kind: str) -> dict[str, pa.DataType]:
    """Columns that a Parquet file of this kind of record holds, in order."""
    return {name: _arrow_type(column) for name, column in declared(kind).items()}


def table_schema() -> pa.Schema:
    """Schema of the whole Delta table: the union of all kinds."""
    import pyarrow as pa

    columns = {PARTITION: pa.string()}
    columns |= {name: _arrow_type(column) for name, column in declared().items()}
    return pa.schema(list(columns.items()))


def _arrow_type(column: Column) -> pa.DataType:
    import pyarrow as pa

    return {
        "varchar": pa.string(),
        "bigint": pa.int64(),
        "timestamptz": pa.timestamp("us", tz="UTC"),
        "blob": pa.binary(),
    }[column.type]
