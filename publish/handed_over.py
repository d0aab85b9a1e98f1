"""Packs that were made before, and have changed: what was handed over is followed by an edition."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from core.errors import TakeupError
from core.periods import Quarter
from core.settings import Settings
from publish.export import export_latest_quarter, export_quarter
from publish.pack import Pack


def export_changed(settings: Settings) -> list[Pack]:
    """Make the latest quarter's pack, and an edition of each earlier pack whose records changed:
    of a quarter, for government or one department. A pack as of a moment, or of a version of the
    log, says what it said.

    A pack that can't be made keeps no other from being made.

    Raises:
        TakeupError: at the end, where some could not be made, with what is wrong with each.
    """
    made = set(_made(settings.exports))
    packs, problems = [], []
    latest = export_latest_quarter(settings)
    if latest is not None:
        packs.append(latest)
        made.discard((str(latest.manifest["quarter"]), ""))
    for quarter, department in sorted(made):
        try:
            packs.append(
                export_quarter(
                    settings, quarter=quarter, department=department or None, only_new_records=True
                )
            )
        except TakeupError as error:
            problems.append(f"{quarter} {department}".strip() + f": {error}")
    if problems:
        raise TakeupError(f"packs could not be made: {'; '.join(problems)}")
    return packs


def _made(exports: Path) -> Iterator[tuple[str, str]]:
    """Quarter and department (empty for all of government) of the packs in a folder that follow
    what is known now."""
    for manifest in exports.glob("mi-*/manifest.json"):
        said = _json(manifest)
        quarter, department = said.get("quarter"), said.get("department") or ""
        if said.get("as_of") or not _is_quarter(quarter):
            continue
        if re.search(r"-log-[0-9]+(-simulated)?(-edition-[0-9]+)?$", manifest.parent.name) is None:
            yield str(quarter), str(department)


def _is_quarter(text: object) -> bool:
    try:
        return Quarter.parse(str(text)) is not None
    except TakeupError:
        return False


def _json(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
