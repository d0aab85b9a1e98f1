"""A pack: rows of marts as CSV files and a manifest, in a folder that is there whole or not."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import IntegrityError, TakeupError, UsageError
from core.files import flush, replace_folder, restore_set_aside, sole_writer
from core.sql import identifier
from publish.database import WarehouseVersion
from publish.pack_files import (
    PackTable,
    combined_digest,
    csv_bytes,
    file_entry,
    manifest_bytes,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PACK_FORMAT = 1
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Pack:
    """A pack as it lies on disk. `changed` names the files that differ from the pack that it
    replaced; `notes` says what the pack lacks."""

    path: Path
    state: Literal["written", "unchanged", "replaced"]
    changed: tuple[str, ...]
    notes: tuple[str, ...]
    manifest: dict[str, object]

    @property
    def line(self) -> str:
        """One line for a user."""
        simulated = " (SIMULATED data)" if self.manifest["is_simulated"] else ""
        if self.state == "unchanged":
            return f"{self.path}{simulated} is there already, the same to the last byte"
        if self.state == "replaced":
            return f"replaced {self.path}{simulated}: {', '.join(self.changed)} differed"
        return f"wrote {self.path}{simulated}"

    def as_dict(self) -> dict[str, object]:
        return {
            "path": str(self.path),
            "state": self.state,
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
    rows = connection.execute(f"select {selected} from ({query}) order by {order}").fetchall()
    return PackTable(name=name, columns=tuple(column[0] for column in columns), rows=tuple(rows))


def _selected(column: str, data_type: str) -> str:
    """How a column is fetched: moments as ISO 8601 text in UTC, nested values as text."""
    name = identifier(column)
    if data_type == "TIMESTAMP WITH TIME ZONE":
        return f"strftime({name} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') as {name}"
    if data_type in _PLAIN_TYPES or data_type.startswith("DECIMAL"):
        return name
    return f"cast({name} as varchar) as {name}"


_PLAIN_TYPES = {
    "BOOLEAN",
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "FLOAT",
    "DOUBLE",
    "DATE",
    "VARCHAR",
}


def make_pack(
    folder: Path,
    name: str,
    *,
    tables: Sequence[PackTable],
    version: WarehouseVersion,
    says: Mapping[str, object],
    notes: Sequence[str],
) -> Pack:
    """Write the pack `name` into `folder`; the same rows give the same bytes.

    `says` is what its manifest says besides the version, the files and the notes.

    Raises:
        IntegrityError: rows are real in one table and simulated in another.
        LeaseHeld: another export writes to the same folder.
        TakeupError: the folder can't be written.
    """
    _require_one_kind(tables, version)
    contents = {table.name: csv_bytes(table) for table in tables}
    files = {table.name: file_entry(table, contents[table.name]) for table in tables}
    manifest = {
        "pack_format": PACK_FORMAT,
        **says,
        **version.as_dict(),
        "files": files,
        "records_digest": combined_digest([str(file["records_digest"]) for file in files.values()]),
        "notes": list(notes),
    }
    contents[MANIFEST] = manifest_bytes(manifest)
    name += "-simulated" if version.is_simulated else ""
    try:
        state, changed = _write(folder / name, contents)
    except OSError as error:
        raise TakeupError(f"could not write the pack {name}: {error}") from error
    return Pack(folder / name, state, changed, notes=tuple(notes), manifest=manifest)


def _require_one_kind(tables: Sequence[PackTable], version: WarehouseVersion) -> None:
    """Every row says real or simulated, and all say what the file says of itself."""
    for table in tables:
        if "is_simulated" not in table.columns:
            raise IntegrityError(f"{table.name} doesn't say whether its data is simulated")
        place = table.columns.index("is_simulated")
        if any(row[place] is not version.is_simulated for row in table.rows):
            raise IntegrityError(f"{table.name} mixes real and simulated data")


def _write(
    target: Path, contents: dict[str, bytes]
) -> tuple[Literal["written", "unchanged", "replaced"], tuple[str, ...]]:
    """Write a folder of files, whole or not at all; what is there already stays if it is the
    same."""
    with sole_writer(target.parent):
        for leftover in target.parent.glob(".mi-*.tmp"):
            shutil.rmtree(leftover)
        restore_set_aside(target)
        if target.is_symlink() or (target.exists() and not target.is_dir()):
            raise UsageError(f"{target} is not a folder: move it away")
        before = _contents(target) if target.exists() else None
        if before == contents:
            return "unchanged", ()
        new = target.with_name(f".{target.name}.tmp")
        new.mkdir()
        try:
            for name, content in contents.items():
                (new / name).write_bytes(content)
                flush(new / name)
            replace_folder(new, target)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    if before is None:
        return "written", ()
    names = sorted(before.keys() | contents.keys())
    return "replaced", tuple(name for name in names if before.get(name) != contents.get(name))


def _contents(folder: Path) -> dict[str, bytes]:
    """Every entry of a folder with its bytes; anything but a file counts as different."""
    return {
        path.name: path.read_bytes() if path.is_file() else b"\x00not a file"
        for path in folder.iterdir()
    }
