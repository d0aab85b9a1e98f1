"""Which interruptions are tried: a step of the night, a place in it, a kind of fault."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tests.kill.faults import FOLDERS, KINDS, MOVES, Kind
from tests.kill.stops import Length, Place, Stop

STEPS: Final = tuple(FOLDERS)
"""Those of the night, in order, and what it does besides them: moving landed files to the archive,
removing what is old, the pack, the pages, the page of runs."""
PLACES: Final[tuple[Place, ...]] = ("inside", "begins", "inside")
"""Where a step ends, the next one begins."""


@dataclass(frozen=True)
class Interruption:
    """Of one step. `share` (0 to 1) says how far into the step and `in_seconds` by which measure,
    where the place is inside it; `seed` how hard the fault is, and how the clock is moved."""

    step: str
    place: Place
    kind: Kind
    share: float
    in_seconds: bool
    seed: int

    def __str__(self) -> str:
        return f"{self.kind} {self.step} {self.place}"

    def stop(self, lengths: Mapping[str, Length], moment: str) -> Stop:
        """Where that is in a run whose steps are so long, and what its clock shows from there."""
        length = lengths[self.step]
        is_counted = self.place == "inside" and not self.in_seconds and length.changes > 0
        return Stop(
            step=self.step,
            place=self.place,
            seconds=None if is_counted else self.share * length.seconds,
            change=1 + int(self.share * length.changes) if is_counted else None,
            clock=self._moved(moment) if self.kind == "clock" else None,
        )

    def _moved(self, moment: str) -> str:
        seconds = random.Random(self.seed).choice(list(MOVES.values()))
        return (datetime.fromisoformat(moment) + timedelta(seconds=seconds)).isoformat()


def nights_of(
    count: int, *, seed: int, kinds: Collection[Kind] = KINDS
) -> list[list[Interruption]]:
    """So many interruptions, as nights each of which is stopped in every step, and goes on.

    Every step meets every kind before it meets one again, and then at another place.
    """
    drawn = _drawn(seed, [kind for kind in KINDS if kind in kinds])
    nights: list[list[Interruption]] = [[] for _ in range(max(1, count // len(STEPS)))]
    for number in range(count):
        # What is left over comes on top: a night of its own for a few of its steps would be dear.
        nights[number // len(STEPS) % len(nights)].append(next(drawn))
    return [sorted(night, key=lambda one: STEPS.index(one.step)) for night in nights]


def _drawn(seed: int, kinds: list[Kind]) -> Iterator[Interruption]:
    """Interruptions without end, step after step, night after night."""
    chance = random.Random(seed)
    chance.shuffle(kinds)
    night = 0
    while True:
        cycle = night // len(kinds)
        for number, step in enumerate(STEPS):
            yield Interruption(
                step=step,
                place=PLACES[(number + night + cycle) % len(PLACES)],
                kind=kinds[(number - night) % len(kinds)],
                share=chance.random(),
                in_seconds=chance.random() < 0.5,
                seed=chance.randrange(2**32),
            )
        night += 1
