"""The files of an MI pack, as bytes: nothing here reads a database or touches the disk."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.errors import IntegrityError
from core.spreadsheet import neutralise

if TYPE_CHECKING:
    import pyarrow as pa

_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class PackTable:
    """Rows of one CSV file, in the order in which they are written."""

    name: str
    data: pa.Table

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.data.column_names)

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return int(self.data.num_rows)

    @cached_property
    def csv(self) -> bytes:
        """The table as CSV: UTF-8, line feeds, a header; an empty cell where there is no value.

        Text that a spreadsheet would run is neutralised; numbers and dates are written in full and
        as they are.

        Raises:
            IntegrityError: a number is not finite.
        """
        return _csv(self, neutralised=True)

    @cached_property
    def parquet(self) -> bytes:
        """The table as Parquet, for programs: types as they are, text as the source gave it."""
        import pyarrow.parquet as pq

        stream = io.BytesIO()
        pq.write_table(self.data, stream, compression="zstd")
        return stream.getvalue()

    @cached_property
    def records_digest(self) -> str:
        """A digest of the values themselves, whatever file format they leave in."""
        return "sha256:" + sha256(_csv(self, neutralised=False))

    @property
    def stem(self) -> str:
        """The file's name without its kind."""
        return self.name.removesuffix(".csv")

    def values(self, column: str) -> list[Any]:
        """The values of one column."""
        return list(self.data[column].to_pylist())


def json_bytes(content: object) -> bytes:
    """JSON that a person can read too; keys are sorted so that bytes repeat."""
    return (json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def sha256(content: bytes) -> str:
    """The digest by which the manifest names the bytes of a file."""
    return hashlib.sha256(content).hexdigest()


def file_entry(content: bytes, table: PackTable | None = None) -> dict[str, object]:
    """What the manifest says of one file, and of the table in it where it holds one."""
    entry: dict[str, object] = {"sha256": sha256(content)}
    if table is not None:
        entry |= {
            "row_count": table.row_count,
            "columns": list(table.columns),
            "records_digest": table.records_digest,
        }
    return entry


def combined_digest(digests: Sequence[str]) -> str:
    """One digest over several, in the order given."""
    return "sha256:" + hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _csv(table: PackTable, *, neutralised: bool) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    columns = [_cells(table.data[name], neutralised=neutralised) for name in table.columns]
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode()


def _cells(column: pa.ChunkedArray, *, neutralised: bool) -> Iterable[Any]:
    """A column's values as the CSV writer takes them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_floating(kind) and not pc.all(pc.is_finite(column), min_count=0).as_py():
        raise IntegrityError("a mart holds a value that is infinite, which is not a figure")
    if pa.types.is_boolean(kind):
        column = column.cast(pa.string())
    elif pa.types.is_timestamp(kind):
        column = pc.strftime(column, format=_MOMENT)
    values: list[Any] = column.to_pylist()
    if not neutralised or not pa.types.is_string(kind):
        return values
    safe = {text: neutralise(text) for text in set(values) if text is not None}
    return map(safe.get, values)
