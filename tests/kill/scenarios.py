"""What is killed: commands on homes that are prepared for them, and what has to come of it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.settings import Settings
from tests.kill.contents import Content, log_content, packs, published_content
from tests.kill.deaths import Death
from tests.kill.landings import FIRST_NIGHT, QUARTER, SECOND_NIGHT, YEAR_AFTER, make_nights
from tests.kill.processes import Command, Landmark, Moment, Timeline, observe, run, strike
from tests.kill.readers import Reader

ATTEMPTS = 8
BUILT = "warehouse/dbt/target/run/"
HEAVY = ("site", "dbt", "takeup.duckdb", "published", "exports", "gates", "runs")


@dataclass(frozen=True)
class Point:
    """Where in a run's life it dies, as shares (0 to 1) that a timeline turns into a moment.

    within: None spreads deaths over the seconds of the run, a text over the files that it writes
        and whose path begins so.
    where: share of the seconds, or of those files.
    wait: share of the time from the file to the next one.
    """

    within: str | None
    where: float
    wait: float
    spares_children: bool = False

    def moment(self, timeline: Timeline, *, misses: int = 0) -> Moment:
        """The moment in a run that goes like the one whose timeline this is.

        Args:
            misses: how often a run ended before this moment came: each time it comes earlier,
                at last soon after the start.
        """
        marks: list[tuple[float, Landmark | None]] = [(0.0, None), *timeline.seen]
        if self.within is not None and not timeline.has_seen(self.within):
            # Too short-lived for a look round the home; whoever strikes looks for it alone.
            marks.append((timeline.total, Landmark(f"{self.within}*")))
        ends = [at for at, _ in marks[1:]] + [timeline.total]
        if self.within is None:
            second = self.where * timeline.total
            index = max(i for i, (at, _) in enumerate(marks) if at <= second)
            wait = second - marks[index][0]
        else:
            paths = [mark.pattern if mark else "" for _, mark in marks]
            chosen = [i for i, path in enumerate(paths) if path.startswith(self.within)]
            index = chosen[min(int(self.where * len(chosen)), len(chosen) - 1)]
            wait = self.wait * (ends[index] - marks[index][0])
        return Moment(marks[index * (ATTEMPTS - misses) // ATTEMPTS][1], wait / 2**misses)


@dataclass(frozen=True)
class Draw:
    """One test: a scenario and the points at which its run, and the next one, die."""

    scenario: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Scenario:
    """A command, the home that it is given, and what is compared afterwards."""

    command: Command
    prepare: Callable[[Nights, Path], None]
    content: Callable[[Path], Content]
    is_read: bool = False


@dataclass(frozen=True)
class Baseline:
    """What an undisturbed run of a scenario wrote, and what its home holds then."""

    timeline: Timeline
    content: Content
    home: Path


@dataclass(frozen=True)
class Killed:
    """A home whose run was killed, and someone who reads its published file all along."""

    home: Path
    deaths: list[Death]
    reader: Reader | None


@dataclass
class Nights:
    """Two nights: the home as the first leaves it, and what every scenario comes to undisturbed."""

    folder: Path
    first: Path = field(init=False)
    second: Path = field(init=False)
    before: Path = field(init=False)
    _baselines: dict[str, Baseline] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.first, self.second = make_nights(self.folder / "nights")
        self.before = self.folder / "before"
        land(self.first, self.before)
        for command in (Command(("nightly",), FIRST_NIGHT), EXPORT):
            ended = run(command, self.before)
            assert ended.code == 0, ended.said

    def baseline(self, name: str) -> Baseline:
        """The undisturbed run of a scenario, made when it is first asked for."""
        if name not in self._baselines:
            scenario, home = SCENARIOS[name], self.folder / f"undisturbed-{name}"
            scenario.prepare(self, home)
            ended, timeline = observe(scenario.command, home)
            assert ended.code == 0, ended.said
            self._baselines[name] = Baseline(timeline, scenario.content(home), home)
        return self._baselines[name]

    def killed(self, draw: Draw, folder: Path) -> Killed:
        """Prepare a home and kill its run at each point; a run that got away is tried again."""
        scenario, timeline = SCENARIOS[draw.scenario], self.baseline(draw.scenario).timeline
        misses = [0] * len(draw.points)
        for attempt in range(ATTEMPTS):
            home = folder / f"home-{attempt}"
            scenario.prepare(self, home)
            reader = Reader(Settings(home=home).published_file) if scenario.is_read else None
            deaths = []
            for number, point in enumerate(draw.points):
                moment = point.moment(timeline, misses=misses[number])
                ended = strike(
                    scenario.command, home, moment, spares_children=point.spares_children
                )
                if not ended.is_killed:
                    assert ended.code == 0, ended.said
                    misses[number] += 1
                    break
                deaths.append(Death(draw.scenario, moment, ended))
            if len(deaths) == len(draw.points):
                return Killed(home, deaths, reader)
            if reader is not None:
                reader.stop()
            shutil.rmtree(home)
        raise AssertionError(f"{draw.scenario} ended before it could be killed, {ATTEMPTS} times")


def land(files: Path, home: Path) -> None:
    """Put files into a home's landing folder."""
    shutil.copytree(files, Settings(home=home).landing, dirs_exist_ok=True)


def _first_ingest(nights: Nights, home: Path) -> None:
    land(nights.first, home)
    land(nights.second, home)


def _ingest(nights: Nights, home: Path) -> None:
    shutil.copytree(nights.before, home, ignore=shutil.ignore_patterns(*HEAVY))
    land(nights.second, home)


def _retry(nights: Nights, home: Path) -> None:
    after = nights.baseline("ingest").home
    shutil.copytree(after, home)


def _export(nights: Nights, home: Path) -> None:
    after = nights.baseline("night").home
    for name in ("published", "exports"):
        shutil.copytree(after / name, home / name)


def _publish(nights: Nights, home: Path) -> None:
    after = nights.baseline("night").home
    shutil.copytree(after, home, ignore=shutil.ignore_patterns("site", "dbt", "published"))
    shutil.copytree(nights.before / "published", home / "published")


def _night(nights: Nights, home: Path) -> None:
    shutil.copytree(nights.before, home)
    land(nights.second, home)


def _log_and_tables(home: Path) -> Content:
    return {**log_content(home), **published_content(home)}


EXPORT = Command(("export", "--quarter", QUARTER))
SCENARIOS = {
    "first-ingest": Scenario(Command(("ingest", "{landing}")), _first_ingest, log_content),
    "ingest": Scenario(Command(("ingest", "{landing}")), _ingest, log_content),
    "retry": Scenario(Command(("quarantine", "retry"), YEAR_AFTER), _retry, log_content),
    "export": Scenario(EXPORT, _export, packs),
    "publish": Scenario(Command(("publish",)), _publish, published_content, is_read=True),
    "night": Scenario(Command(("nightly",), SECOND_NIGHT), _night, _log_and_tables, is_read=True),
}
WRITTEN = ""
TARGETS: dict[str, tuple[str | None, ...]] = {
    "first-ingest": (None, "log/_delta_log/", WRITTEN),
    # Between parts, just before a commit (its ledger is the last part) and just after.
    "ingest": (
        None,
        None,
        WRITTEN,
        "log/record_kind=event/",
        "log/record_kind=file/",
        "log/_delta_log/",
    ),
    "retry": (None, "log/"),
    "export": (None, "exports/.mi-", WRITTEN),
    # Between the copy and the swap, and just after.
    "publish": ("published/.takeup-", "published/takeup.duckdb"),
}
NIGHTS = 2
"""Tests of a whole night per cycle. A night is long: each of them dies twice before it ends."""
CYCLE = sum(map(len, TARGETS.values())) + 2 * NIGHTS
"""Deaths after which every kind of target has been struck once."""


def draws(deaths: int, *, seed: int) -> list[Draw]:
    """Tests in which so many runs die, spread evenly over the life of each.

    Raises:
        ValueError: fewer than one of each kind, or not a multiple of that.
    """
    if deaths % CYCLE or deaths < CYCLE:
        raise ValueError(f"kills come in multiples of {CYCLE}, not {deaths}")
    chance = random.Random(seed)
    cycles = deaths // CYCLE
    found = [
        Draw(name, (point,))
        for name, targets in TARGETS.items()
        for within in targets
        for point in _spread(within, cycles, chance)
    ]
    return found + list(_nights(NIGHTS * cycles, chance))


def _spread(within: str | None, count: int, chance: random.Random) -> list[Point]:
    return [
        Point(within, (number + chance.random()) / count, chance.random())
        for number in range(count)
    ]


def _nights(count: int, chance: random.Random) -> Iterator[Draw]:
    """Every other one first loses the process that waits for dbt, and nothing else."""
    seconds, files = _spread(None, count, chance), _spread(WRITTEN, count, chance)
    models, later = _spread(BUILT, count, chance), _spread(None, count, chance)
    chance.shuffle(later)
    for number in range(count):
        if number % 2:
            first = replace(models[number], spares_children=True)
        else:
            first = (files if number % 4 else seconds)[number]
            first = replace(first, where=first.where / 2)
        yield Draw("night", (first, replace(later[number], where=(1 + later[number].where) / 2)))
