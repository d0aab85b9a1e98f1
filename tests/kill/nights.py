"""The night that is interrupted: the home that it begins with, and what comes of it undisturbed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

from core.settings import Settings
from tests.kill.browsers import Browser
from tests.kill.contents import Content, log_content, packs, pages, published_content
from tests.kill.faults import fault_of
from tests.kill.interruptions import Interruption
from tests.kill.landings import FIRST_NIGHT, SECOND_NIGHT, make_nights
from tests.kill.processes import Command, Ended, interrupt, run
from tests.kill.readers import Reader, Seen, look
from tests.kill.stops import Length, read_lengths

SETTINGS: Final = MappingProxyType({"TAKEUP_LANDED_FILES": "archive", "TAKEUP_KEEP_RUNS": "1"})
"""Nights move what they took in to the archive, and have something old to remove."""


@dataclass(frozen=True)
class Version:
    """What a home shows to others: its packs, its pages, and what a reader sees at a glance."""

    seen: Seen
    packs: Mapping[str, Content]
    pages: Content

    @classmethod
    def of(cls, home: Path) -> Version:
        return cls(look(Settings(home=home).published_file), packs(home), pages(home))


@dataclass(frozen=True)
class Undisturbed:
    """The night without interruption: how long its steps are, and what its home holds then."""

    home: Path
    lengths: Mapping[str, Length]

    @cached_property
    def tables(self) -> Content:
        return {**log_content(self.home), **published_content(self.home)}

    @cached_property
    def version(self) -> Version:
        return Version.of(self.home)


@dataclass(frozen=True)
class Stopped:
    """One interruption: how the run ended, and what others saw of the home then."""

    interruption: Interruption
    where: str
    ended: Ended
    version: Version

    def __str__(self) -> str:
        return f"{self.interruption.kind} {self.where} (exit {self.ended.code})"


@dataclass
class Nights:
    """Two nights: the home as the first leaves it, and what the second comes to."""

    folder: Path
    second: Path = field(init=False)
    before: Path = field(init=False)

    def __post_init__(self) -> None:
        first, self.second = make_nights(self.folder / "nights")
        self.before = self.folder / "before"
        land(first, self.before)
        ended = run(night(FIRST_NIGHT), self.before)
        assert ended.code == 0, ended.said

    @cached_property
    def version_before(self) -> Version:
        return Version.of(self.before)

    @cached_property
    def undisturbed(self) -> Undisturbed:
        """The second night as it should be."""
        home, noted = self.folder / "undisturbed", self.folder / "lengths"
        self.prepare(home)
        ended = run(night(SECOND_NIGHT), home, lengths=noted)
        assert ended.code == 0, ended.said
        return Undisturbed(home, read_lengths(noted))

    def prepare(self, home: Path) -> None:
        """A home before the second night, with all that it will find."""
        shutil.copytree(self.before, home, symlinks=True)
        land(self.second, home)


@dataclass
class InterruptedNight:
    """The second night in a home of its own, with somebody who reads its published file and
    somebody who reads its pages from before the first interruption to the end."""

    nights: Nights
    home: Path
    clock: str = SECOND_NIGHT
    stopped: list[Stopped] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.nights.prepare(self.home)
        settings = Settings(home=self.home)
        self.reader, self.browser = Reader(settings.published_file), Browser(settings)

    def stop_at(self, interruption: Interruption) -> Stopped:
        """Run until the interruption, and as far as the run comes with it."""
        stop = interruption.stop(self.nights.undisturbed.lengths, self.clock)
        chance = random.Random(interruption.seed)
        fault = fault_of(interruption.kind, interruption.step, chance)
        ended = interrupt(night(self.clock), self.home, stop, fault)
        self.clock = stop.clock or self.clock
        self.stopped.append(Stopped(interruption, str(stop), ended, Version.of(self.home)))
        return self.stopped[-1]

    def finish(self) -> Ended:
        """Run once more, to the end, and let the readers go."""
        ended = run(night(self.clock), self.home)
        self.see_out()
        return ended

    @cached_property
    def version(self) -> Version:
        """What the home shows when the night is over."""
        return Version.of(self.home)

    @property
    def told(self) -> str:
        """All that came over it."""
        return "; ".join(map(str, self.stopped))

    def see_out(self) -> None:
        """Let the readers go."""
        self.reader.stop()
        self.browser.stop()


def night(moment: str) -> Command:
    """The nightly run at a moment."""
    return Command(("nightly",), moment, SETTINGS)


def land(files: Path, home: Path) -> None:
    """Put files into a home's landing folder."""
    shutil.copytree(files, Settings(home=home).landing, dirs_exist_ok=True)
