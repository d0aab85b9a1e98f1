"""Delivery manifests: `manifest.csv` beside event files, with file, rows and SHA-256 of each.

CSV has no end mark: a file that was cut between two cells or in the middle of a number still
reads well. A manifest is how a department says what it sent.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.landing.inspection import SourceFile
from ingest.refusals import FileRejected
from ingest.sources import Context

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "delivery_manifest"
FILE_NAME = "manifest.csv"
COLUMNS = {"file", "rows", "sha256"}
HOLDS_RECORDS = False


@dataclass(frozen=True)
class Delivered:
    """What a manifest says of one file. `rows` are those below the header."""

    rows: int
    sha256: str


def recognise(file: SourceFile) -> bool:
    """Known by its header."""
    first = file.head.split(b"\n", 1)[0].decode("utf-8", "replace").lstrip("\ufeff").strip()
    return {name.strip() for name in first.split(",")} == COLUMNS


def read(file: SourceFile, context: Context) -> Iterator[pa.Table]:
    """No records; a manifest that can't be read is rejected."""
    delivered_in(file.path)
    return iter(())


def delivered_in(path: Path) -> dict[str, Delivered]:
    """Files that a manifest names.

    Raises:
        FileRejected: a row can't be read, or a file stands twice.
    """
    rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
    names = [name.strip() for name in next(rows, [])]
    if set(names) != COLUMNS or len(names) != len(COLUMNS):
        raise FileRejected("bad_header", f"{path.name}: columns {', '.join(sorted(COLUMNS))}")
    listed: dict[str, Delivered] = {}
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        row = dict(zip(names, (cell.strip() for cell in cells), strict=False))
        digest = row.get("sha256", "").lower()
        if len(cells) != len(names) or not row["rows"].isdecimal() or not _is_sha256(digest):
            raise FileRejected("corrupt", f"{path.name} line {rows.line_num}: {','.join(cells)}")
        if row["file"] in listed:
            raise FileRejected("corrupt", f"{path.name}: {row['file']} stands twice")
        listed[row["file"]] = Delivered(int(row["rows"]), digest)
    return listed


def beside(path: Path) -> Delivered | None:
    """What the manifest in the same folder says of a file, when there is one that can be read."""
    manifest = path.parent / FILE_NAME
    if not manifest.is_file():
        return None
    try:
        return delivered_in(manifest).get(path.name)
    except (FileRejected, UnicodeDecodeError, OSError):
        return None


def _is_sha256(digest: str) -> bool:
    return len(digest) == 64 and set(digest) <= set("0123456789abcdef")
