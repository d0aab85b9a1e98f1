"""What a night removes when it has published: old gate results, run states, warehouses and packs.

Never the log, the landed files or a damaged log that was set aside; never the last result that
passed; and no pack, unless a setting says so, nor ever one that was handed over.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, get_args

from core.errors import TakeupError
from core.settings import Settings
from expectations.definitions import Gate
from publish.receipts import Receipts

_EDITION: Final = re.compile(r"(?P<pack>.+?)(-edition-(?P<number>[0-9]+))?$")


def remove_old(settings: Settings) -> str:
    """Remove what the settings no longer keep; what that was in one line, empty where nothing.
    Needs the lease. Never a reason for a run to fail.
    """
    kinds = {
        "gate result": _gate_results,
        "run state": _run_states,
        "warehouse of an older log version": _warehouses,
        "pack edition": _packs,
    }
    counts = {}
    for kind, old_ones in kinds.items():
        try:
            counts[kind] = sum(_remove(path) for path in list(old_ones(settings)))
        except (OSError, TakeupError) as error:
            return f"warning: {kind}s that are no longer kept could not be removed: {error}"
    said = [f"{count:,} {_noun(kind, count)}" for kind, count in counts.items() if count]
    return f"removed, as the settings keep no more: {', '.join(said)}" if said else ""


def _noun(kind: str, count: int) -> str:
    first, _, rest = kind.partition(" of ")
    return kind if count == 1 else f"{first}s{' of ' + rest if rest else ''}"


def _remove(path: Path) -> int:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return 1


def _newest_first(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)


def _gate_results(settings: Settings) -> Iterator[Path]:
    """Results of each gate but the newest, and but the newest that passed."""
    for gate in get_args(Gate):
        found = _newest_first((settings.warehouse / "gates").glob(f"*-{gate}.json"))
        old = found[settings.keep_runs :]
        if old and not any(map(_passed, found[: settings.keep_runs])):
            last_good = next(filter(_passed, old), None)
            old = [path for path in old if path != last_good]
        yield from old


def _passed(result: Path) -> bool:
    return _said(result).get("outcome") == "passed"


def _run_states(settings: Settings) -> Iterator[Path]:
    yield from _newest_first((settings.warehouse / "runs").glob("*.json"))[settings.keep_runs :]


def _warehouses(settings: Settings) -> Iterator[Path]:
    """Warehouses that packs of an older log version were made from: they are made again by need."""
    found = _newest_first((settings.warehouse / "versions").glob("*/"))
    yield from found[settings.keep_warehouses :]


def _packs(settings: Settings) -> Iterator[Path]:
    """Editions of each pack but the newest, where a setting says how many; none that was handed
    over."""
    if not settings.keep_packs:
        return
    editions: dict[str, list[tuple[int, Path]]] = {}
    for manifest in settings.exports.glob("*/manifest.json"):
        match = _EDITION.fullmatch(manifest.parent.name)
        assert match is not None, "the pattern takes any name"
        number = int(match["number"] or 1)
        editions.setdefault(match["pack"], []).append((number, manifest.parent))
    handed_over = {receipt.pack for receipt in Receipts(settings.receipts).all()}
    for found in editions.values():
        for _, path in sorted(found, reverse=True)[settings.keep_packs :]:
            if path.name not in handed_over:
                yield path


def _said(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
