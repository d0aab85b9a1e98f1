"""Which of the nights bring what beside a day's events: shares of the quarter, so that it may be
tried with fewer of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

LAST_NIGHT: Final = datetime(2015, 7, 12, 2, tzinfo=UTC)
FEWEST: Final = 14
"""Nights below which the incidents would meet each other."""
MOST: Final = 90
"""Nights above which some would take in what is published or returned after them."""

BEGINS: Final = {
    "published": 0.01,
    "late": 0.18,
    "redelivered": 0.22,
    "corrected": 0.28,
    "returned": 0.34,
    "silent": 0.40,
    "killed": 0.48,
    "returned again": 0.57,
    "tripped": 0.62,
    "moved": 0.74,
    "nothing new": 0.78,
    "restated": 0.84,
    "unregistered": 0.92,
    "registered": 0.98,
}
"""After which share of the nights each incident comes; one that a gate trips over is set aside the
night after it."""
SILENT_SHARE: Final = 0.06
FEWEST_SILENT: Final = 3
PAGES_EVERY: Final = 10
"""Nights of which one makes pages and pack: those take longer than all the rest."""


@dataclass(frozen=True)
class Plan:
    """A quarter, or as many nights of one."""

    nights: int

    def __post_init__(self) -> None:
        if not FEWEST <= self.nights <= MOST:
            raise ValueError(f"NIGHTS={self.nights}: a quarter has {FEWEST} to {MOST} here")

    @property
    def numbers(self) -> range:
        """The nights, the first one is 1."""
        return range(1, self.nights + 1)

    @property
    def first_day(self) -> date:
        """The day before the first night: its events are what that night takes in."""
        return self.day(1)

    def moment(self, night: int) -> datetime:
        """When a night runs."""
        return LAST_NIGHT - timedelta(days=self.nights - night)

    def day(self, night: int) -> date:
        """The day whose events a night takes in."""
        return (self.moment(night) - timedelta(days=1)).date()

    def night_of(self, incident: str) -> int:
        """When an incident comes, or begins."""
        if incident == "mended":
            return self.night_of("tripped") + 1
        if incident == "back":
            return self.night_of("silent") + max(FEWEST_SILENT, self._share(SILENT_SHARE))
        return self._share(BEGINS[incident])

    def is_silent(self, night: int) -> bool:
        """Whether the feed that goes silent is so."""
        return self.night_of("silent") <= night < self.night_of("back")

    def incidents(self, night: int) -> tuple[str, ...]:
        """What begins in a night."""
        return tuple(name for name in (*BEGINS, "mended", "back") if self.night_of(name) == night)

    def has_pages(self, night: int) -> bool:
        """Whether it makes pages and pack."""
        return night % PAGES_EVERY == 0

    def is_quiet(self, night: int) -> bool:
        """Whether it is like any other: not the one that builds all from nothing, nor one with an
        incident, nor one after a failed run, nor one that makes pages."""
        after_failed = night == self.night_of("killed") + 1
        return night > 1 and not (self.incidents(night) or self.has_pages(night) or after_failed)

    def _share(self, share: float) -> int:
        return math.ceil(share * self.nights)
