"""Commands besides the night are killed, between any two changes that they make to the disk; the
same command, given again, finishes what they began."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.settings import Settings
from core.sql import connect, list_of
from ingest.log.compacted import readable
from ingest.log.event_log import EventLog
from takeup.verification import verify_home
from tests.kill.command import MACHINE, WHOLE
from tests.kill.contents import Content, log_content, packs
from tests.kill.faults import killed
from tests.kill.landings import FIRST_NIGHT, QUARTER, SECOND_NIGHT, YEAR_AFTER
from tests.kill.nights import Nights, land, night
from tests.kill.processes import Command, Ended, interrupt, run
from tests.kill.stops import Length, Stop, read_lengths
from tests.support.events import SOURCE, completed
from tests.support.homes import Home

COUNT = max(2, int(os.environ.get("KILLS", "25")) // 10)
"""Kills of each command."""
STILL_THERE = "what it erased is still there, erase it again"
ARCHIVED = Stop(step="archive", place="ended")
LIGHT = ("log", "landing", "masking.key")

pytestmark = pytest.mark.kill


@dataclass(frozen=True)
class Case:
    """A command, the home that it is given, and what has to come of it. Where `step` is a step of
    the night, the night ends with that."""

    command: Command
    prepare: Callable[[Nights, Path], None]
    content: Callable[[Path], Content]
    step: str = WHOLE

    def run(self, home: Path, noted: Path | None = None) -> Ended:
        """Undisturbed."""
        if self.step == WHOLE:
            return run(self.command, home, lengths=noted)
        return interrupt(self.command, home, ARCHIVED, killed(spares_children=False))


def recovered(home: Path) -> Content:
    """Ids of all events, and the epoch."""
    found = Home.at(home)
    return {"ids": sorted(row["id"] for row in found.rows("event")), "epoch": found.log().epoch}


def as_read(home: Path) -> Content:
    """Ids of all events as a build reads them, and how many files of a kind it opens for that."""
    files = readable(Home.at(home).log())
    events = [file.path for file in files if file.record_kind == "event"]
    with connect() as connection:
        ids = connection.execute(f"select id from read_parquet({list_of(events)}) order by id")
        return {
            "ids": [found for (found,) in ids.fetchall()],
            "files": Counter(file.record_kind for file in files),
        }


def landed(home: Path) -> Content:
    """What lies in landing and archive, by place."""
    settings = Settings(home=home)
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for folder in (settings.landing, settings.archive)
        for path in folder.rglob("*")
        if path.is_file()
    }


def exports(home: Path) -> Content:
    return packs(home)


def of_nothing(nights: Nights, home: Path) -> None:
    land(nights.second, home)


def of_the_first_night(nights: Nights, home: Path) -> None:
    for name in LIGHT:
        copy = shutil.copytree if (nights.before / name).is_dir() else shutil.copyfile
        home.mkdir(exist_ok=True)
        copy(nights.before / name, home / name)
    land(nights.second, home)


def of_the_second_night(nights: Nights, home: Path) -> None:
    home.mkdir()
    after = nights.undisturbed.home
    shutil.copytree(after / "log", home / "log")
    shutil.copyfile(after / "masking.key", home / "masking.key")


def taken_in(nights: Nights, home: Path) -> None:
    of_the_second_night(nights, home)
    land(nights.second, home)


def published(nights: Nights, home: Path) -> None:
    for name in ("published", "exports"):
        shutil.copytree(nights.before / name, home / name)


def three_nights(home: Path) -> None:
    """A home of three nights, and a copy of its log after the first."""
    begun = Home.at(home)
    for number in range(1, 4):
        records = [completed(f"{number}-{one}") for one in range(500)]
        begun.land_events(f"{number}.jsonl", *records, completed("gone"))
        begun.ingest()
        if number == 1:
            shutil.copytree(begun.settings.log, home / "copy")


def damaged(nights: Nights, home: Path) -> None:
    three_nights(home)
    Path(Home.at(home).log().files("event")[-1].path).unlink()


def of_three_nights(nights: Nights, home: Path) -> None:
    three_nights(home)


CASES = {
    "first-ingest": Case(Command(("ingest", "{landing}"), FIRST_NIGHT), of_nothing, log_content),
    "ingest": Case(Command(("ingest", "{landing}"), SECOND_NIGHT), of_the_first_night, log_content),
    "retry": Case(Command(("quarantine", "retry"), YEAR_AFTER), of_the_second_night, log_content),
    "archive": Case(night(SECOND_NIGHT), taken_in, landed, step="archive"),
    "export": Case(Command(("export", "--quarter", QUARTER), MACHINE), published, exports),
    "restore": Case(Command(("restore", "{landing}/../copy"), MACHINE), damaged, recovered),
    "erase": Case(
        Command(("erase", SOURCE, "gone", "--authority", "order of a test", "--yes"), MACHINE),
        of_three_nights,
        recovered,
    ),
    "compact": Case(Command(("log", "compact"), MACHINE), of_three_nights, as_read),
}


@pytest.mark.parametrize("name", CASES)
def test_killed_and_given_again_it_is_done_once(name: str, nights: Nights, tmp_path: Path) -> None:
    case, undisturbed = CASES[name], tmp_path / "undisturbed"
    case.prepare(nights, undisturbed)
    before = case.content(undisturbed) if name == "export" else {}
    ended = case.run(undisturbed, tmp_path / "lengths")
    assert ended.code == 0 or ended.is_killed, ended.said
    expected = case.content(undisturbed)
    length = nights.undisturbed.lengths.get(case.step) or read_lengths(tmp_path / "lengths")[WHOLE]

    for number, stop in enumerate(stops(case.step, length, random.Random(name))):
        home = tmp_path / str(number)
        case.prepare(nights, home)
        interrupt(case.command, home, stop, killed(spares_children=bool(number % 2)))
        nothing_is_half_done(name, home, stop, before, expected)
        again = case.run(home)
        # One that was done before it was killed has nothing left to do, and may say so.
        assert again.code in (0, 2) or case.step != WHOLE, (stop, again.said)
        assert case.content(home) == expected, stop
        if name != "export":
            assert verify_home(Settings(home=home)).problems == [], stop
        shutil.rmtree(home)


def stops(step: str, length: Length, chance: random.Random) -> Iterator[Stop]:
    """Places spread over the life of a command, every fourth one by its seconds."""
    for number in range(COUNT):
        share = (number + chance.random()) / COUNT
        if number % 4 == 3 or not length.changes:
            yield Stop(step=step, place="inside", seconds=share * length.seconds)
        else:
            change = 1 + int(share * length.changes)
            yield Stop(step=step, place="inside", change=change)


def nothing_is_half_done(
    name: str, home: Path, stop: Stop, before: Content, expected: Content
) -> None:
    """What others may see of a home whose command has just died."""
    settings = Settings(home=home)
    if name == "export":
        assert packs(home) in (before, expected), stop
    elif name == "erase":
        problems = verify_home(settings).problems
        assert all(STILL_THERE in problem for problem in problems), (stop, problems)
    elif name != "restore" and EventLog.exists(settings.log):
        assert verify_home(settings).problems == [], stop
