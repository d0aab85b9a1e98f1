"""A run that is killed, whenever that is, is completed by the next as if nothing had happened."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from core.settings import Settings
from ingest.log.event_log import EventLog
from takeup.verification import verify_home
from tests.kill.contents import check_home, packs
from tests.kill.deaths import Death
from tests.kill.processes import descendants_of, run
from tests.kill.readers import look
from tests.kill.scenarios import SCENARIOS, Draw, Nights, draws

DEATHS = int(os.environ.get("KILLS", "20"))
SEED = int(os.environ.get("KILLS_SEED", "1"))
DRAWS = draws(DEATHS, seed=SEED)

pytestmark = pytest.mark.kill


def test_every_kind_of_run_dies_as_often_as_was_asked_for() -> None:
    assert sum(len(draw.points) for draw in DRAWS) == DEATHS
    assert {draw.scenario for draw in DRAWS} == set(SCENARIOS)


@pytest.mark.parametrize(
    "draw", DRAWS, ids=[f"{n:03}-{draw.scenario}" for n, draw in enumerate(DRAWS, 1)]
)
def test_what_a_killed_run_leaves_is_completed_by_the_next(
    draw: Draw, nights: Nights, tmp_path: Path, deaths: list[Death]
) -> None:
    scenario, expected = SCENARIOS[draw.scenario], nights.baseline(draw.scenario)

    killed = nights.killed(draw, tmp_path)
    _nothing_is_half_done(killed.home, nights, draw)
    ended = run(scenario.command, killed.home)

    where = "; ".join(str(death.moment) for death in killed.deaths)
    assert ended.code == 0, f"killed {where}\n{ended.said}"
    assert scenario.content(killed.home) == expected.content, f"killed {where}"
    if draw.scenario != "export":
        check_home(killed.home)
    if killed.reader is not None:
        killed.reader.stop()
        assert killed.reader.failures == []
        assert killed.reader.looks > 0
        assert killed.reader.seen <= {
            look(Settings(home=home).published_file) for home in (nights.before, expected.home)
        }
    assert descendants_of(killed.home) == []
    deaths += killed.deaths
    shutil.rmtree(killed.home)


def _nothing_is_half_done(home: Path, nights: Nights, draw: Draw) -> None:
    """What others may see of a home whose run has just died."""
    settings = Settings(home=home)
    if EventLog.exists(settings.log):
        assert verify_home(settings).problems == []
    if draw.scenario == "export":
        seen = {name: pack for name, pack in packs(home).items() if not name.startswith(".")}
        assert seen in (packs(nights.baseline("night").home), nights.baseline("export").content)
