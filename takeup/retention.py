"""What a night removes when it has published: old gate results, run states, warehouses and packs.

Never the log, the landed files or a damaged log that was set aside; never the last result that
passed; and no pack, unless a setting says so, nor ever one that was handed over.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

from core.errors import LeaseHeld, TakeupError
from core.files import sole_writer
from core.limits import limit_met
from core.settings import Settings
from expectations.definitions import Gate
from expectations.results import outcome_of
from publish.editions import editions_in
from publish.pack import MANIFEST
from publish.receipts import Receipts


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
            why = limit_met(error) or str(error)
            return f"warning: {kind}s that are no longer kept could not be removed: {why}"
    said = [f"{count:,} {_noun(kind, count)}" for kind, count in counts.items() if count]
    return f"removed, as the settings keep no more: {', '.join(said)}" if said else ""


def _noun(kind: str, count: int) -> str:
    first, _, rest = kind.partition(" of ")
    return kind if count == 1 else f"{first}s{' of ' + rest if rest else ''}"


def _remove(path: Path) -> int:
    """Remove a file or a folder, unless somebody is writing there; how many that were."""
    if not path.is_dir():
        path.unlink(missing_ok=True)
        return 1
    try:
        with sole_writer(path):
            shutil.rmtree(path)
    except LeaseHeld:
        return 0
    return 1


def _newest_first(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)


def _gate_results(settings: Settings) -> Iterator[Path]:
    """Results of each gate but the newest, and but the newest that passed. Of those of runs that
    had nothing to look at only the last, if it is the newest: they take the place of no other."""
    for gate in get_args(Gate):
        found = _newest_first((settings.warehouse / "gates").glob(f"*-{gate}.json"))
        idle = [path for path in found if outcome_of(path) == "nothing_new"]
        yield from (path for path in idle if path != found[0])
        looking = [path for path in found if path not in idle]
        old = looking[settings.keep_runs :]
        if old and not any(map(_passed, looking[: settings.keep_runs])):
            last_good = next(filter(_passed, old), None)
            old = [path for path in old if path != last_good]
        yield from old


def _passed(result: Path) -> bool:
    return outcome_of(result) == "passed"


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
    handed_over = {receipt.pack for receipt in Receipts(settings.receipts).all()}
    for editions in editions_in(settings.exports).values():
        packs = [path for _, path in sorted(editions.items()) if (path / MANIFEST).is_file()]
        for path in packs[: -settings.keep_packs]:
            if path.name not in handed_over:
                yield path
