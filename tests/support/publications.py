"""Small publications of transaction volumes, in the layout of the real ones."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

LISTING = ("Department", "Abbr", "Name of service", "Slug")
QUARTERS = (
    "Total transactions Jan - Mar 2015",
    "Digital transactions Jan - Mar 2015",
    "Total transactions Apr - Jun 2015",
    "Digital transactions Apr - Jun 2015",
)
DEPARTMENT = {"Department": "Department for Work and Pensions", "Abbr": "DWP"}


def publication(
    services: Mapping[str, Sequence[Any]],
    *,
    columns: Sequence[str] = QUARTERS,
    header: Sequence[str] | None = None,
) -> bytes:
    """A vintage: cells of `columns` by service key; `header` puts the columns in its order."""
    names = list(header or (*LISTING, *columns))
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(names)
    for slug, cells in services.items():
        row = {**DEPARTMENT, "Name of service": slug.title(), "Slug": slug}
        row |= dict(zip(columns, cells, strict=True))
        writer.writerow([row.get(name, "") for name in names])
    return stream.getvalue().encode()


def manifest(published: Mapping[str, tuple[str, bytes]]) -> bytes:
    """`vintages.csv`: file name to publication time and content."""
    lines = ["file,published_at,sha256"]
    lines += [
        f"{name},{published_at},{hashlib.sha256(content).hexdigest()}"
        for name, (published_at, content) in published.items()
    ]
    return ("\n".join(lines) + "\n").encode()
