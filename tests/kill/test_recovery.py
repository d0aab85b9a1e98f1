"""A restore and an erasure are killed at random moments; the same command finishes them."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from ingest.log.verification import verify
from takeup.verification import verify_home
from tests.kill.processes import Command, Moment, run, strike
from tests.support.events import SOURCE, completed
from tests.support.homes import Home

DEATHS = max(2, int(os.environ.get("KILLS", "20")) // 10)
STILL_THERE = "what it erased is still there, erase it again"


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of three nights, and a copy of its log after the first."""
    folder = tmp_path_factory.mktemp("recovery")
    home = Home.at(folder / "home")
    for number in range(1, 4):
        records = [completed(f"{number}-{one}") for one in range(500)]
        home.land_events(f"{number}.jsonl", *records, completed("gone"))
        home.ingest()
        if number == 1:
            shutil.copytree(home.settings.log, folder / "copy")
    return folder


def fresh(before: Path, tmp_path: Path, *, is_damaged: bool) -> Home:
    shutil.copytree(before / "home", tmp_path / "home")
    home = Home.at(tmp_path / "home")
    if is_damaged:
        Path(home.log().files("event")[-1].path).unlink()
    return home


def ids(home: Home) -> list[str]:
    return sorted(row["id"] for row in home.rows("event"))


@pytest.mark.kill
@pytest.mark.parametrize("what", ["restore", "erase"])
def test_killed_and_given_again_it_is_done_once(before: Path, tmp_path: Path, what: str) -> None:
    arguments = {
        "restore": ("restore", str(before / "copy")),
        "erase": ("erase", SOURCE, "gone", "--authority", "order of a test", "--yes"),
    }[what]
    command = Command(arguments)
    undisturbed = fresh(before, tmp_path / "undisturbed", is_damaged=what == "restore")
    ended = run(command, undisturbed.settings.home)
    assert ended.code == 0, ended.said
    draw = random.Random(what)
    for number in range(DEATHS):
        home = fresh(before, tmp_path / str(number), is_damaged=what == "restore")
        moment = Moment(None, draw.uniform(0.3, 1.0) * ended.seconds)
        strike(command, home.settings.home, moment)
        if what == "erase":
            problems = verify(home.settings.log).problems
            assert all(STILL_THERE in problem for problem in problems), moment
        again = run(command, home.settings.home)
        # One that was done before it was killed has nothing left to do, and says so.
        assert again.code in (0, 2), (moment, again.said)
        assert ids(home) == ids(undisturbed), moment
        assert home.log().epoch == undisturbed.log().epoch, moment
        assert verify_home(home.settings).problems == [], moment
        assert home.ingest().known == 3
