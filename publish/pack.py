"""A pack: rows of marts as files and a manifest, in a folder that is there whole or not.

A pack is never overwritten. What would come out different is another edition beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import IntegrityError, TakeupError
from core.sql import identifier
from publish.database import WarehouseVersion
from publish.editions import EDITION, Edition, edition_bytes, latest_edition, mend, write_new
from publish.pack_files import (
    PackTable,
    combined_digest,
    file_entry,
    json_bytes,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PACK_FORMAT = 2
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Contents:
    """What a pack holds: tables, other files by their names, what its manifest says besides the
    version and the files, and notes on what it lacks."""

    tables: Sequence[PackTable]
    version: WarehouseVersion
    says: Mapping[str, object]
    notes: Sequence[str]
    others: Mapping[str, bytes] = field(default_factory=dict)


Make = Callable[[str | None], Contents]
"""Makes the contents of a pack that says what changed since a moment; None leaves that to it."""


State = Literal["written", "unchanged", "replaced", "same_records"]
"""What became of a pack; `same_records` where only what it was made from is new, and it stays."""


@dataclass(frozen=True)
class Pack:
    """A pack as it lies on disk.

    `changed` names the files that differ: of a new edition from its parent, of one that was mended
    from what was found in its folder. `notes` says what the pack lacks.
    """

    path: Path
    state: State
    changed: tuple[str, ...]
    notes: tuple[str, ...]
    manifest: dict[str, object]
    edition: int = 1

    @property
    def line(self) -> str:
        """One line for a user."""
        simulated = " (SIMULATED data)" if self.manifest["is_simulated"] else ""
        if self.state == "unchanged":
            return f"{self.path}{simulated} is there already, the same to the last byte"
        if self.state == "same_records":
            return f"{self.path}{simulated} is there already, with the same records"
        if self.state == "replaced":
            return f"mended {self.path}{simulated}: {', '.join(self.changed)} differed"
        if self.edition > 1:
            return f"wrote {self.path}{simulated}: {', '.join(self.changed)} differ"
        return f"wrote {self.path}{simulated}"

    def as_dict(self) -> dict[str, object]:
        return {
            "pack": str(self.path),
            "path": str(self.path),
            "state": self.state,
            "edition": self.edition,
            "changed": list(self.changed),
            "notes": list(self.notes),
            "manifest": self.manifest,
        }


def pack_table(
    connection: DuckDBPyConnection, name: str, query: str, first_by: str = ""
) -> PackTable:
    """The rows of `query` in an order that only their values decide: by all columns, after those
    of `first_by` (SQL)."""
    columns = connection.execute(f"describe {query}").fetchall()
    selected = ", ".join(_selected(column[0], column[1]) for column in columns)
    order = ", ".join([first_by] * bool(first_by) + [identifier(column[0]) for column in columns])
    found = connection.execute(f"select {selected} from ({query}) order by {order}")
    return PackTable(name=name, data=found.to_arrow_table().combine_chunks())


def _selected(column: str, data_type: str) -> str:
    """How a column is fetched: in a type that every format of a pack has; nested values as text."""
    name = identifier(column)
    if data_type in _PLAIN_TYPES:
        return name
    if data_type == "HUGEINT":
        return f"cast({name} as bigint) as {name}"
    if data_type.startswith("DECIMAL"):
        return f"cast({name} as double) as {name}"
    return f"cast({name} as varchar) as {name}"


_PLAIN_TYPES = {
    *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE"),
    *("DATE", "VARCHAR", "TIMESTAMP WITH TIME ZONE"),
}


def make_pack(folder: Path, name: str, *, make: Make, only_new_records: bool = False) -> Pack:
    """Write the pack `name` into `folder`; the same rows give the same bytes.

    Where an edition of it is there, the contents are made as they were for that one; only where
    they come out different a new edition is written, made to follow it; with `only_new_records`
    only where a record is different, whatever else it was made from.

    Raises:
        IntegrityError: rows are real in one table and simulated in another.
        LeaseHeld: another export writes to the same folder.
        TakeupError: the folder can't be written.
    """
    try:
        before = latest_edition(folder, name)
        files, contents = _files(make(before.changed_since if before else None))
        if before and before.is_made_of(files[MANIFEST]):
            changed = mend(before, files)
            return _pack(before, "replaced" if changed else "unchanged", changed, contents)
        if before and only_new_records and before.has_records(_manifest(contents)):
            return _pack(before, "same_records", (), contents)
        if before:
            files, contents = _files(make(before.known_until))
        new = Edition.after(before, folder, name)
        changed = before.differing(files) if before else ()
        write_new(new, before, {**files, EDITION: edition_bytes(new, before, files)})
    except OSError as error:
        raise TakeupError(f"could not write the pack {name}: {error}") from error
    return _pack(new, "written", changed, contents)


def _pack(
    edition: Edition,
    state: State,
    changed: Sequence[str],
    contents: Contents,
) -> Pack:
    return Pack(
        path=edition.path,
        state=state,
        changed=tuple(changed),
        notes=tuple(contents.notes),
        manifest=_manifest(contents),
        edition=edition.number,
    )


def _files(contents: Contents) -> tuple[dict[str, bytes], Contents]:
    """Every file of a pack but its edition, and what they were made of."""
    _require_one_kind(contents.tables, contents.version)
    files = dict(contents.others)
    for table in contents.tables:
        files[table.name] = table.csv
        files[f"{table.stem}.parquet"] = table.parquet
    return files | {MANIFEST: json_bytes(_manifest(contents))}, contents


def _manifest(contents: Contents) -> dict[str, object]:
    """What a pack says of itself."""
    entries = {name: file_entry(content) for name, content in contents.others.items()}
    digests = []
    for table in contents.tables:
        entry = file_entry(table.csv, table)
        entries[table.name] = entry
        entries[f"{table.stem}.parquet"] = file_entry(table.parquet, table)
        digests.append(str(entry["records_digest"]))
    return {
        "pack_format": PACK_FORMAT,
        **contents.says,
        **contents.version.as_dict(),
        "files": entries,
        "records_digest": combined_digest(digests),
        "notes": list(contents.notes),
    }


def _require_one_kind(tables: Sequence[PackTable], version: WarehouseVersion) -> None:
    """Every row says real or simulated, and all say what the file says of itself."""
    for table in tables:
        if "is_simulated" not in table.columns:
            raise IntegrityError(f"{table.name} doesn't say whether its data is simulated")
        if set(table.values("is_simulated")) - {version.is_simulated}:
            raise IntegrityError(f"{table.name} mixes real and simulated data")
