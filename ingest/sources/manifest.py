"""Manifests: `vintages.csv` beside publications, with file, publication time and SHA-256.

A manifest holds no records; it says when the files beside it were published.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.landing.inspection import SourceFile
from ingest.refusals import FileRejected
from ingest.sources import Context

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "publication_manifest"
FILE_NAME = "vintages.csv"
COLUMNS = {"file", "published_at", "sha256"}
HOLDS_RECORDS = False


@dataclass(frozen=True)
class Listed:
    """What a manifest says of one file."""

    published_at: datetime
    sha256: str


def recognise(file: SourceFile) -> bool:
    """Known by its header."""
    first = file.head.split(b"\n", 1)[0].decode("utf-8", "replace").lstrip("\ufeff").strip()
    return set(first.split(",")) == COLUMNS


def read(file: SourceFile, context: Context) -> Iterator[pa.Table]:
    """No records; a broken manifest is rejected."""
    listed_in(file.path)
    return iter(())


def listed_in(path: Path) -> dict[str, Listed]:
    """Files that a manifest names.

    Raises:
        FileRejected: a row can't be read.
    """
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
    listed: dict[str, Listed] = {}
    for number, row in enumerate(rows, start=2):
        try:
            moment = datetime.fromisoformat(row["published_at"])
            if moment.tzinfo is None:
                raise ValueError("no time zone")
            listed[row["file"]] = Listed(moment, (row["sha256"] or "").strip().lower())
        except (ValueError, KeyError, TypeError) as error:
            raise FileRejected("bad_header", f"{path.name} line {number}: {error}") from error
    return listed


def beside(path: Path) -> Listed | None:
    """What the manifest in the same folder says of a file, when there is one that can be read."""
    manifest = path.parent / FILE_NAME
    if not manifest.is_file():
        return None
    try:
        return listed_in(manifest).get(path.name)
    except (FileRejected, UnicodeDecodeError, OSError):
        return None
