"""What a commit says of a part besides its rows, so that readers pass over parts that hold nothing
for them: between which values its columns lie, as Delta Lake states it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pyarrow.parquet import FileMetaData

STATED: Final = ("type", "source", "service_id", "time", "commit_version")
"""Columns by which readers look for events."""
ALMOST: Final = timedelta(microseconds=999)
"""Less than the millisecond to which Delta states moments."""


def statistics_of(path: Path) -> str:
    """Rows, and the least and greatest value of columns that have one, of a part: JSON as an action
    `add` has it. A column of which any row group states none is left out."""
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(path)
    bounds = {name: found for name in STATED if (found := _bounds(metadata, name)) is not None}
    stated: dict[str, Any] = {"numRecords": metadata.num_rows}
    if bounds:
        stated["minValues"] = {name: _stated(least) for name, (least, _) in bounds.items()}
        stated["maxValues"] = {name: _stated(most, up=True) for name, (_, most) in bounds.items()}
    return json.dumps(stated)


def _bounds(metadata: FileMetaData, name: str) -> tuple[Any, Any] | None:
    groups = list(_bounds_of_groups(metadata, name))
    found = [bounds for bounds in groups if bounds is not None]
    if not found or len(found) < len(groups):
        return None
    return min(least for least, _ in found), max(most for _, most in found)


def _bounds_of_groups(metadata: FileMetaData, name: str) -> Iterator[tuple[Any, Any] | None]:
    """Of each row group that has a value."""
    if name not in metadata.schema.names:
        return
    column = metadata.schema.names.index(name)
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        stated = group.column(column).statistics
        if stated is not None and stated.null_count == group.num_rows:
            continue
        yield (stated.min, stated.max) if stated is not None and stated.has_min_max else None


def _stated(value: Any, *, up: bool = False) -> Any:
    """A bound as Delta spells it: moments to the millisecond, never narrower than they are."""
    if not isinstance(value, datetime):
        return value
    moment = value.astimezone(UTC) + (ALMOST if up else timedelta())
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
