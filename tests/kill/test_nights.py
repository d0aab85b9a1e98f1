"""A night that is interrupted, wherever and by whatever that is, goes on as if nothing had been.

Each night here is interrupted in every one of its steps, one after the other, and goes on where it
was. What `docs/runbook.md` promises of faults of runs is shown by:

| case | shown by |
| --- | --- |
| two runs at once; a dead holder's lease | tests/component/test_lease.py |
| SIGKILL at any moment | here; other commands than the night in test_commands.py |
| a gate fails | tests/component/test_gates.py, tests/nights/ |
| a reader holds the file during the swap | the readers here; tests/component/test_swap.py |
| staging files, temporary files, a `.wal` left over | here; tests/component/test_swap.py |
| disk full, read-only folder, too few file handles, out of memory | here |
| the clock is moved | here |
| the log is damaged | tests/component/test_verification.py |
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from publish.after_run import WARNING
from takeup.verification import verify_home
from tests.kill.contents import (
    check_home,
    differing,
    log_content,
    moments,
    published_content,
    published_figures,
)
from tests.kill.faults import KINDS, left_out
from tests.kill.interruptions import STEPS, nights_of
from tests.kill.landings import SECOND_NIGHT
from tests.kill.nights import InterruptedNight, Nights, Stopped
from tests.kill.processes import descendants_of

COUNT = int(os.environ.get("KILLS", "25"))
SEED = int(os.environ.get("KILLS_SEED", "1"))
NIGHTS = nights_of(COUNT, seed=SEED, kinds=[kind for kind in KINDS if kind not in left_out()])
NEVER_FAILS = ("pack", "pages", "runs")
"""What a run makes last: it tells of trouble and does not end by it."""

pytestmark = pytest.mark.kill


def test_every_step_meets_every_kind_before_it_meets_one_again() -> None:
    drawn = [one for night in nights_of(len(STEPS) * len(KINDS), seed=SEED) for one in night]
    assert len({(one.step, one.kind) for one in drawn}) == len(drawn)
    assert sum(map(len, NIGHTS)) == COUNT


def test_a_few_are_of_every_kind_and_step() -> None:
    few = [one for night in nights_of(25, seed=SEED) for one in night]
    assert min(Counter(one.kind for one in few).values()) >= len(few) // (len(KINDS) + 2)
    assert Counter(one.kind for one in few).keys() == set(KINDS)
    assert Counter(one.step for one in few).keys() == set(STEPS)
    assert min(Counter(one.step for one in few).values()) >= len(few) // len(STEPS)


@pytest.fixture
def night(nights: Nights, small_disk_folder: Path) -> Iterator[InterruptedNight]:
    begun = InterruptedNight(nights, small_disk_folder / "home")
    yield begun
    begun.see_out()
    shutil.rmtree(begun.home)


@pytest.mark.parametrize("number", range(len(NIGHTS)))
def test_an_interrupted_night_goes_on(
    number: int, nights: Nights, night: InterruptedNight, account: list[Stopped]
) -> None:
    for interruption in NIGHTS[number]:
        stopped = night.stop_at(interruption)
        account.append(stopped)
        _says_clearly_what_ended_it(stopped)
        assert verify_home(Settings(home=night.home)).problems == [], night.told
    ended = night.finish()

    assert ended.code == 0, f"{night.told}\n{ended.said}"
    _is_what_an_undisturbed_night_leaves(night, nights)
    check_home(night.home)
    _others_saw_one_version_or_the_other(night, nights)
    assert descendants_of(night.home) == []


def _says_clearly_what_ended_it(stopped: Stopped) -> None:
    """By a signal, or in a message that says what, where and what to do; never a traceback."""
    code, said = stopped.ended.code, stopped.ended.said
    told = f"{stopped}\n{said}"
    if code < 0:
        return
    assert "Traceback" not in said, told
    if stopped.interruption.step in NEVER_FAILS:
        assert code in (0, 1), told
        assert code == 1 or WARNING in said, told
    else:
        assert code == 1, told
    if code == 1:
        assert re.search("^takeup: ", said, re.MULTILINE), told
        assert said.rstrip().endswith("then run it again"), told


def _is_what_an_undisturbed_night_leaves(night: InterruptedNight, nights: Nights) -> None:
    expected, home, told = nights.undisturbed, night.home, night.told
    if moments(home) == moments(expected.home):
        tables = {**log_content(home), **published_content(home)}
        assert differing(tables, expected.tables) == [], told
        assert differing(night.version.packs, expected.version.packs) == [], told
        assert differing(night.version.pages, expected.version.pages) == [], told
    else:
        assert night.clock != SECOND_NIGHT
        assert differing(log_content(home), log_content(expected.home)) == [], told
        assert differing(published_figures(home), published_figures(expected.home)) == [], told


def _others_saw_one_version_or_the_other(night: InterruptedNight, nights: Nights) -> None:
    assert night.reader.failures == []
    assert night.browser.failures == []
    assert night.reader.looks > 0
    assert night.browser.count > 0
    whole = (nights.version_before, night.version)
    assert night.reader.seen <= {version.seen for version in whole}
    sites = [version.pages for version in whole]
    torn = [view for view in night.browser.views if not any(map(view.is_of, sites))]
    assert torn == []
    for stopped in night.stopped:
        assert stopped.version.seen in [version.seen for version in whole], str(stopped)
        assert stopped.version.pages in sites, str(stopped)
        assert stopped.version.packs in [version.packs for version in whole], str(stopped)
