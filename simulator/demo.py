"""A landing with something of every kind: publications in both formats, events of all types, and
returns."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from simulator.events import simulate_events
from simulator.landing import simulate_landing
from simulator.odd_events import simulate_odd_events
from simulator.returns import simulate_returns
from simulator.small_body import simulate_small_body

EVENTS: Final = 60_000
FIRST_DAY: Final = date(2014, 1, 1)
LAST_DAY: Final = date(2015, 9, 30)
"""Seven quarters: some have a year behind them, and in the last the rule on completion changed."""


def simulate_demo(folder: Path, *, events: int = EVENTS, seed: int = 1) -> None:
    """Write a landing of every kind into `folder`; events that are there already stay.

    The same seed gives the same bytes.
    """
    simulate_landing(folder / "published", seed=seed)
    simulate_returns(folder / "returns", seed=seed)
    simulate_odd_events(folder / "odd" / "events.jsonl")
    simulate_small_body(folder / "tidy")
    target = folder / "events"
    if target.exists():
        return
    with TemporaryDirectory(dir=folder.parent) as scratch:
        made = simulate_events(
            Path(scratch), events=events, seed=seed, start=FIRST_DAY, end=LAST_DAY
        )
        made.landing.rename(target)
