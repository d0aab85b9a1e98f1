"""What a quarter of nights is planned to be, and how its nights are compared."""

from __future__ import annotations

from typing import Any

import pytest

from bench.quarter import account, ends_of
from tests.quarter.plan import BEGINS, FEWEST, MOST, Plan


def nights(count: int, *, seconds: float, grown: float, quiet: bool = True) -> list[dict[str, Any]]:
    """Nights of which those in the later half take `grown` times the seconds of the others."""
    return [
        {
            "night": number,
            "is_quiet": quiet,
            "wall_s": seconds * (grown if number > count / 2 else 1),
            "cpu_s": seconds,
            "peak_mib": 500.0,
            "steps": {"build": seconds},
            "log_bytes": 1,
            "warehouse_bytes": 1,
        }
        for number in range(1, count + 1)
    ]


def test_the_last_quiet_nights_are_held_against_the_first() -> None:
    found = nights(40, seconds=20, grown=1.5)
    found[0] |= {"is_quiet": False, "wall_s": 900.0}
    found[-1] |= {"is_quiet": False, "wall_s": 900.0}
    first, last = ends_of(found)
    assert [one["night"] for one in first] == list(range(2, 12))
    assert [one["night"] for one in last] == list(range(30, 40))
    said = "\n".join(account(found))
    assert "the first 10 quiet nights of 40: 20.0 s, 20.0 s of processor time" in said
    assert "ratio: 1.50 by the clock, 1.00 of processor time" in said


def test_a_night_is_never_held_against_itself() -> None:
    first, last = ends_of(nights(7, seconds=20, grown=1))
    assert ([one["night"] for one in first], [one["night"] for one in last]) == (
        [1, 2, 3],
        [5, 6, 7],
    )
    (said,) = account(nights(20, seconds=20, grown=1, quiet=False))
    assert said == "20 nights, too few quiet ones to compare"


@pytest.mark.parametrize("count", [FEWEST, 30, 60, MOST])
def test_every_incident_has_its_night_and_those_that_fail_have_none_beside_them(count: int) -> None:
    plan = Plan(count)
    came = [name for night in plan.numbers for name in plan.incidents(night)]
    assert sorted(came) == sorted([*BEGINS, "mended", "back"])
    apart = {plan.night_of(name) for name in ("killed", "tripped", "mended", "registered")}
    assert len(apart) == 4
    assert plan.night_of("killed") + 1 < plan.night_of("tripped")
    assert plan.night_of("nothing new") > plan.night_of("mended")
    assert not any(plan.is_quiet(night) for night in apart)


def test_of_ninety_nights_ten_at_each_end_are_like_any_other() -> None:
    plan = Plan(90)
    quiet = [night for night in plan.numbers if plan.is_quiet(night)]
    assert len([night for night in quiet if night <= 15]) >= 10
    assert len([night for night in quiet if night > 75]) >= 9
