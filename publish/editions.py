"""Editions of a pack: folders beside each other, each with what it follows and what changed.

The first edition of `mi-2014-Q4` has that name, later ones `mi-2014-Q4-edition-2` and so on. The
file `edition.json` lies beside the hashed files and is not one of them: it is of a home, and the
others are the same in any home.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import LeaseHeld, UsageError
from core.files import flush, read_object, replace_folder, restore_set_aside, sole_writer
from publish.pack_files import json_bytes, sha256

EDITION: Final = "edition.json"
_MANIFEST: Final = "manifest.json"
_NAME: Final = re.compile(r"(?P<pack>.+?)(-edition-(?P<number>[2-9]|[1-9][0-9]+))?", re.DOTALL)


@dataclass(frozen=True)
class Edition:
    """One edition of a pack, as it lies in its folder or is to lie there.

    `manifest` is empty where there is none that can be read.
    """

    path: Path
    number: int
    manifest: Mapping[str, Any]
    manifest_sha256: str | None

    @classmethod
    def after(cls, before: Edition | None, folder: Path, name: str) -> Edition:
        """The next edition of a pack, which is not written yet."""
        number = 1 if before is None else before.number + 1
        return cls(
            path=folder / _name_of(name, number),
            number=number,
            manifest={},
            manifest_sha256=None,
        )

    @property
    def changed_since(self) -> str | None:
        """The moment since which this edition says what changed; None where it says none."""
        return self.manifest.get("changed_since")

    @property
    def known_until(self) -> str | None:
        """The moment since which an edition that follows is to say what changed."""
        said = self.manifest
        return said.get("latest_publication") or said.get("as_of") or said.get("run_at")

    def is_made_of(self, manifest: bytes) -> bool:
        """Whether this is the edition with that manifest."""
        return self.manifest_sha256 == sha256(manifest)

    def has_records(self, manifest: Mapping[str, Any]) -> bool:
        """Whether a pack of that manifest would hold the same records in the same format."""
        return all(
            self.manifest.get(name) == manifest[name] for name in ("pack_format", "records_digest")
        )

    def differing(self, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """Names of the files that this edition has otherwise, or not, or alone."""
        theirs = contents_of(self.path)
        theirs.pop(EDITION, None)
        names = sorted(theirs.keys() | files.keys())
        return tuple(name for name in names if theirs.get(name) != files.get(name))


def latest_edition(folder: Path, name: str) -> Edition | None:
    """The newest edition of a pack in `folder`; None where there is none.

    Raises:
        LeaseHeld: another export writes to the folder.
        UsageError: something else than a folder has its name.
    """
    if not folder.exists():
        return None
    with sole_writer(folder):
        _tidy(folder)
        return _latest(folder, name)


def edition_bytes(new: Edition, before: Edition | None, files: Mapping[str, bytes]) -> bytes:
    """What `edition.json` says: which edition this is, what it follows, and what changed."""
    changed: dict[str, object] = {}
    said = json.loads(files[_MANIFEST])
    if before:
        old, now = before.manifest.get("files", {}), said["files"]
        changed = {
            name: {"rows_before": _rows(old.get(name)), "rows_now": _rows(now.get(name))}
            for name in before.differing(files)
        }
    return json_bytes(
        {
            "edition": new.number,
            "pack": new.path.name,
            "manifest_sha256": sha256(files[_MANIFEST]),
            "epoch": said.get("epoch", 1),
            "parent": before.path.name if before else None,
            "parent_manifest_sha256": before.manifest_sha256 if before else None,
            "changed": changed,
        }
    )


def mend(edition: Edition, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Put an edition that somebody touched right again; returns the files that differed."""
    with sole_writer(edition.path.parent):
        changed = edition.differing(files)
        if changed:
            said = edition.path / EDITION
            kept = {EDITION: said.read_bytes()} if said.is_file() else {}
            _write(edition.path, {**files, **kept})
        return changed


def write_new(new: Edition, before: Edition | None, files: Mapping[str, bytes]) -> None:
    """Write a new edition, whole or not at all.

    Raises:
        LeaseHeld: another export writes there, or has written an edition since `before`.
    """
    folder = new.path.parent
    with sole_writer(folder):
        if new.path.exists() or (before and not before.path.exists()):
            raise LeaseHeld(f"another run is writing to {folder}")
        _write(new.path, files)


def contents_of(folder: Path) -> dict[str, bytes]:
    """Every entry of a folder with its bytes; anything but a file counts as different."""
    return {
        path.name: path.read_bytes() if path.is_file() else b"\x00not a file"
        for path in folder.iterdir()
    }


def _name_of(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-edition-{number}"


def editions_in(folder: Path) -> dict[str, dict[int, Path]]:
    """What lies in a folder under names of editions: by pack, and by number."""
    found: dict[str, dict[int, Path]] = {}
    for path in folder.glob("*"):
        match = _NAME.fullmatch(path.name)
        assert match is not None, "the pattern takes any name"
        found.setdefault(match["pack"], {})[int(match["number"] or 1)] = path
    return found


def _latest(folder: Path, name: str) -> Edition | None:
    first = folder / name
    if first.is_symlink() or (first.exists() and not first.is_dir()):
        raise UsageError(f"{first} is not a folder: move it away")
    found = editions_in(folder).get(name)
    if not found:
        return None
    number, path = max(found.items())
    said, manifest = read_object(path / EDITION), path / _MANIFEST
    digest = said.get("manifest_sha256")
    if digest is None and manifest.is_file():
        digest = sha256(manifest.read_bytes())
    return Edition(path=path, number=number, manifest=read_object(manifest), manifest_sha256=digest)


def _rows(entry: Mapping[str, Any] | None) -> int | None:
    return None if entry is None else entry.get("row_count")


def _tidy(folder: Path) -> None:
    """Remove what a run that died was writing, and bring back what it had set aside."""
    for leftover in folder.glob(".mi-*.tmp"):
        shutil.rmtree(leftover)
    for aside in folder.glob(".mi-*.previous"):
        restore_set_aside(folder / aside.name.removeprefix(".").removesuffix(".previous"))


def _write(target: Path, files: Mapping[str, bytes]) -> None:
    new = target.with_name(f".{target.name}.tmp")
    new.mkdir()
    try:
        for name, content in files.items():
            (new / name).write_bytes(content)
            flush(new / name)
        replace_folder(new, target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
