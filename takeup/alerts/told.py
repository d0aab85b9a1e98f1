"""What was told of each cause by each way: a small file in the home's folder `alerts/`.

Deleting it only repeats a message. It is written before a message goes out and after it: of a run
that was killed between the two it says so, and none is lost and none goes out a dozen times.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from blake3 import blake3

from core.files import write_file
from core.settings import Settings

FILE_NAME: Final = "told.json"
UNSURE_AT_MOST: Final = 2
"""How often a day a message may be tried of which nobody knows whether it went out."""


@dataclass
class Told:
    """What was told of one cause by one way.

    Args:
        on: the London day of the last alert, empty before the first.
        is_open: whether it was told, and not yet that it is over.
        items: digests of the lines that were told.
        unsure_on: the day on which a message was begun and not heard of again, and how often.
    """

    on: str = ""
    is_open: bool = False
    items: list[str] = field(default_factory=list)
    unsure_on: str = ""
    unsure_count: int = 0

    def wants(self, lines: Collection[str], *, today: str, is_news: bool) -> bool:
        """Whether an alert is due: one a day at most, and of news only what was not told yet."""
        if self.on == today:
            return False
        return not is_news or not self.is_open or not set(digests(lines)) <= set(self.items)

    def is_spent(self, today: str) -> bool:
        """Whether it was tried often enough today, with nobody knowing what became of it."""
        return self.unsure_on == today and self.unsure_count >= UNSURE_AT_MOST

    def begin(self, today: str) -> None:
        """A message is about to go out."""
        self.unsure_count = self.unsure_count + 1 if self.unsure_on == today else 1
        self.unsure_on = today

    def end(self) -> None:
        """It is known whether it did."""
        self.unsure_on, self.unsure_count = "", 0


class Memory:
    """All that was told of a home."""

    def __init__(self, path: Path, told: dict[tuple[str, str], Told]) -> None:
        self._path = path
        self._told = told

    @classmethod
    def of(cls, settings: Settings) -> Memory:
        """What the home's file says; nothing where there is none that can be read."""
        path = folder_of(settings) / FILE_NAME
        told: dict[tuple[str, str], Told] = {}
        try:
            found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
            for cause, ways in found.items():
                told |= {(cause, way): Told(**facts) for way, facts in ways.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            told = {}
        return cls(path, told)

    def about(self, cause: str, way: str) -> Told:
        """What was told of a cause by a way."""
        return self._told.setdefault((cause, way), Told())

    def keep(self) -> None:
        """Write it down.

        Raises:
            OSError: it can't be.
        """
        found: dict[str, dict[str, Any]] = {}
        for (cause, way), told in sorted(self._told.items()):
            if told != Told():
                found.setdefault(cause, {})[way] = asdict(told)
        write_file(self._path, json.dumps(found, indent=1))


def digests(lines: Collection[str]) -> list[str]:
    """Each line by its digest: what was told is not written down a second time."""
    return [blake3(line.encode("utf-8", "surrogatepass")).hexdigest()[:16] for line in lines]


def folder_of(settings: Settings) -> Path:
    """Where it is kept."""
    return settings.home / "alerts"
