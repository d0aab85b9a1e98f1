"""What the nights at the end of a quarter take beside those at its beginning.

`make quarter` leaves a line for each of its nights, the nights that are like any other marked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.process import Run, middle

NIGHTS: Final = "nights.jsonl"
COMPARED: Final = 10
"""Nights at each end, where there are as many quiet ones."""
MIB: Final = 1024 * 1024

Night = dict[str, Any]


def nights_of(folder: Path) -> list[Night]:
    """The nights of the quarter in a folder; none where there is no quarter."""
    try:
        lines = (folder / NIGHTS).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    return [json.loads(line) for line in lines]


def ends_of(nights: Sequence[Night]) -> tuple[list[Night], list[Night]]:
    """The first and the last quiet nights, as many of each; none where there are too few."""
    quiet = [one for one in nights if one["is_quiet"]]
    count = min(COMPARED, len(quiet) // 2)
    return quiet[:count], quiet[len(quiet) - count :]


def usual(nights: Sequence[Night]) -> Run:
    """What the nights take in the middle, and at most of memory."""
    return middle([Run(one["wall_s"], one["cpu_s"], one["peak_mib"]) for one in nights])


def account(nights: Sequence[Night]) -> Iterator[str]:
    """Lines for a person: both ends, their ratios, and where the time went."""
    first, last = ends_of(nights)
    if not first:
        yield f"{len(nights)} nights, too few quiet ones to compare"
        return
    before, after = usual(first), usual(last)
    for name, ends in (("first", before), ("last", after)):
        yield (
            f"the {name} {len(first)} quiet nights of {len(nights)}: {ends.wall_s:.1f} s,"
            f" {ends.cpu_s:.1f} s of processor time, peak {ends.peak_mib:,.0f} MiB"
        )
    yield (
        f"ratio: {after.wall_s / before.wall_s:.2f} by the clock,"
        f" {after.cpu_s / before.cpu_s:.2f} of processor time (aim: at most 1.15)"
    )
    for step in last[-1]["steps"]:
        seconds = [median(one["steps"].get(step, 0.0) for one in ends) for ends in (first, last)]
        yield f"  {step}: {seconds[0]:.1f} s, then {seconds[1]:.1f} s"
    for folder in ("log", "warehouse"):
        sizes = [nights[place][f"{folder}_bytes"] / MIB for place in (0, -1)]
        yield f"{folder}: {sizes[0]:.1f} MiB after the first night, {sizes[1]:.1f} after the last"
