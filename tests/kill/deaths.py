"""The account of what was killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.kill.processes import Ended, Moment


@dataclass(frozen=True)
class Death:
    """A run that was killed, and completed by another."""

    scenario: str
    moment: Moment
    ended: Ended


def account(deaths: Sequence[Death]) -> Iterator[str]:
    """Lines that say how many runs of each scenario died, and what they had written last."""
    for scenario in dict.fromkeys(death.scenario for death in deaths):
        mine = [death for death in deaths if death.scenario == scenario]
        seconds = sorted(death.ended.seconds for death in mine)
        yield f"{scenario}: {len(mine)}, after {seconds[0]:.2f} to {seconds[-1]:.2f} s"
        for name, count in Counter(_kind(death.moment) for death in mine).most_common():
            yield f"  {count:4} after {name}"


def _kind(moment: Moment) -> str:
    """The landmark, less what tells one of its kind from the next."""
    if moment.landmark is None:
        return "the start"
    parts = moment.landmark.pattern.split("/")
    if "dbt" in parts:
        return "/".join(parts[:4])
    return "/".join("*" if part[:4] == "0000" else part for part in parts)
