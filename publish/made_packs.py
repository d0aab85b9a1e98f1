"""The packs of quarters that lie in a folder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import TakeupError
from core.files import read_object
from core.periods import Quarter
from publish.editions import EDITION
from publish.pack import MANIFEST
from publish.pack_files import sha256

_OF_A_LOG_VERSION: Final = re.compile(r"-log-[0-9]+(-simulated)?(-edition-[0-9]+)?$")


@dataclass(frozen=True)
class MadePack:
    """A quarter's pack as it lies in its folder.

    `follows` says whether its editions follow what is known now: a pack as of a moment, or of a
    version of the log, says what it said.
    """

    path: Path
    quarter: str
    department: str | None
    edition: int
    manifest_sha256: str
    manifest: dict[str, Any]
    follows: bool


def made_pack(path: Path) -> MadePack | None:
    """The pack in a folder; None where there is none of a quarter."""
    try:
        content = (path / MANIFEST).read_bytes()
        manifest = json.loads(content)
        quarter = str(Quarter.parse(str(manifest["quarter"])))
    except (OSError, ValueError, KeyError, TypeError, TakeupError):
        return None
    return MadePack(
        path=path,
        quarter=quarter,
        department=manifest.get("department") or None,
        edition=read_object(path / EDITION).get("edition", 1),
        manifest_sha256=sha256(content),
        manifest=manifest,
        follows=not manifest.get("as_of") and _OF_A_LOG_VERSION.search(path.name) is None,
    )


def newest_editions(exports: Path) -> Iterator[MadePack]:
    """The newest edition of each pack that follows what is known now."""
    newest: dict[tuple[str, str], MadePack] = {}
    for path in sorted(exports.glob("mi-*")):
        pack = made_pack(path)
        if pack is None or not pack.follows:
            continue
        about = (pack.quarter, pack.department or "")
        if about not in newest or newest[about].edition < pack.edition:
            newest[about] = pack
    for _, pack in sorted(newest.items()):
        yield pack
