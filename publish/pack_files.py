"""The files of an MI pack, as bytes: nothing here reads a database or touches the disk."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.errors import IntegrityError
from core.spreadsheet import neutralise

Value = str | int | float | bool | dt.date | Decimal | None


@dataclass(frozen=True)
class PackTable:
    """Rows of one file, in the order in which they are written."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def csv_bytes(table: PackTable) -> bytes:
    """The table as CSV: UTF-8, line feeds, a header; an empty cell where there is no value.

    Text that a spreadsheet would run is neutralised; numbers and dates are written in full and
    as they are.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode()


def records_digest(table: PackTable) -> str:
    """A digest of the values themselves, whatever file format they leave in."""
    digest = hashlib.sha256()
    for row in (table.columns, *table.rows):
        plain = [_plain(value) for value in row]
        digest.update(json.dumps(plain, ensure_ascii=False).encode() + b"\n")
    return "sha256:" + digest.hexdigest()


def manifest_bytes(manifest: dict[str, object]) -> bytes:
    """The manifest as JSON that a person can read too; keys are sorted so that bytes repeat."""
    return (json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def file_entry(table: PackTable, content: bytes) -> dict[str, object]:
    """What the manifest says of one file."""
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "row_count": len(table.rows),
        "columns": list(table.columns),
        "records_digest": records_digest(table),
    }


def combined_digest(digests: Sequence[str]) -> str:
    """One digest over several, in the order given."""
    return "sha256:" + hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _plain(value: Value) -> str | int | float | bool | None:
    if isinstance(value, dt.date | Decimal):
        return str(value)
    return value


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise IntegrityError(f"a mart holds {value}, which is not a figure")
        return repr(value)
    if isinstance(value, str):
        return neutralise(value)
    return str(value)
