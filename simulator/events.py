"""Simulated transaction events at any scale, with the truth beside them.

`OUT/landing` holds what a pipeline would be given, `OUT/truth` what it should find in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from core.errors import UsageError
from core.settings import SEEDS
from simulator.faults import faults_for
from simulator.files import Format, slice_files, write_files
from simulator.makers import Makers
from simulator.pattern import BLOCK, Ratios, make_pattern
from simulator.rows import Stream
from simulator.truth import write_truth
from simulator.world import make_world


@dataclass(frozen=True)
class SimulatedEvents:
    """What was written."""

    landing: Path
    files: tuple[Path, ...]
    truth: Path
    events: int
    size_bytes: int


def simulate_events(
    out: Path,
    *,
    events: int,
    seed: int,
    start: date,
    end: date,
    faults: bool = False,
    duplicates_ratio: float = 0.05,
    late_ratio: float = 0.02,
    corrected_ratio: float = 0.01,
    broken_ratio: float = 0.01,
    format: Format = "jsonl",
    files: int | Literal["daily"] = 1,
    threads: int = 2,
    seeds_dir: Path = SEEDS,
    progress: Callable[[int], None] | None = None,
) -> SimulatedEvents:
    """Write `events` records of London days `start` to `end` (both included) below `out`.

    files: how many files, in order of delivery, or "daily" for one per day of delivery.
    faults: whether `broken_ratio` of the records is broken, in every way that `faults.py` lists.
    progress: called with the number of records written since the last call.

    The same arguments give the same bytes, whatever `threads` is.

    Raises:
        UsageError: an argument is out of range, or `out` holds a landing already.
    """
    if events < 1:
        raise UsageError("simulate: --events must be 1 or more")
    if format not in get_args(Format):
        raise UsageError(f"simulate: no format {format!r}: one of {', '.join(get_args(Format))}")
    landing = out / "landing"
    if landing.exists() and any(landing.iterdir()):
        raise UsageError(f"simulate: {landing} is not empty")
    ratios = Ratios(
        duplicates=duplicates_ratio,
        late=late_ratio,
        corrected=corrected_ratio,
        broken=broken_ratio if faults else 0.0,
    )
    stream = make_stream(
        events=events,
        seed=seed,
        start=start,
        end=end,
        ratios=ratios,
        with_faults=faults,
        is_columnar=not format.startswith("jsonl"),
        seeds_dir=seeds_dir,
    )
    slices = slice_files(stream, files=files, suffix=format)
    landing.mkdir(parents=True, exist_ok=True)
    with Makers(stream, threads=threads) as makers:
        write_files(landing, slices, makers, format=format, progress=progress)
        write_truth(out / "truth", stream, makers, slices=slices)
    paths = tuple(landing / part.name for part in slices)
    size = sum(path.stat().st_size for path in paths)
    return SimulatedEvents(landing, paths, out / "truth", events, size)


def make_stream(
    *,
    events: int,
    seed: int,
    start: date,
    end: date,
    ratios: Ratios,
    with_faults: bool,
    is_columnar: bool,
    seeds_dir: Path,
) -> Stream:
    """Everything that the records depend on."""
    world = make_world(start=start, end=end, seed=seed, blocks=events // BLOCK, seeds_dir=seeds_dir)
    pattern = make_pattern(ratios, starts_share=world.starts_share, with_faults=with_faults)
    return Stream(seed, events, pattern, world, faults_for(is_columnar=is_columnar))
