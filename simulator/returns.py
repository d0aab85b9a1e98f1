"""Simulated management-information returns: what departments send of a quarter, and how.

One is signed off and later restated, one comes late, one is never signed, and the rest are as they
should be. Columns are those of the template; the pipeline's own reader is not asked.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from core.files import write_file
from core.periods import Quarter
from core.registers import load_register
from core.settings import SEEDS
from simulator.profiles import ServiceProfile, jitter, load_profiles
from simulator.world import OFFLINE_WEIGHTS, channels_between, largest_remainders

HEADER = (
    "department_id service_id service_name period_kind period_start period_end breakdown measure "
    "count status cost_gbp note submitted_on submitted_by_role signed_off_by_role signed_off_on "
    "assurance commentary due_on simulated"
).split()
QUARTERS = (Quarter(2014, 4), Quarter(2015, 1))
DAYS_TO_RETURN = 30
"""After the end of the quarter: the day by which a return is asked for."""
RESTATED_BY = 1.03
COMMENT = "Simulated: no department made this return."


@dataclass(frozen=True)
class Manner:
    """How a department makes its return: days after the due day, whether it is signed off, and
    how many days later it is sent again with other counts (0: it is not)."""

    days_late: int = -10
    is_signed: bool = True
    restated_after: int = 0


MANNERS = (Manner(restated_after=40), Manner(days_late=18), Manner(is_signed=False), Manner())
"""Of the departments in the order of their names; the last holds for all others."""


def simulate_returns(folder: Path, *, seed: int = 1, seeds_dir: Path = SEEDS) -> tuple[Path, ...]:
    """Write the returns of two quarters into `folder`, a file for each time that one is sent.

    The same seed gives the same bytes; a file that is there already is written again.
    """
    paths = []
    for quarter in QUARTERS:
        departments = _departments(quarter, seeds_dir)
        for number, (department, profiles) in enumerate(sorted(departments.items())):
            manner = MANNERS[min(number, len(MANNERS) - 1)]
            for sent, text in _returns(department, profiles, quarter, manner, seed, seeds_dir):
                path = folder / f"{department}-{quarter}-{sent.isoformat()}.csv".lower()
                path.parent.mkdir(parents=True, exist_ok=True)
                write_file(path, text)
                paths.append(path)
    return tuple(paths)


def _departments(quarter: Quarter, seeds_dir: Path) -> dict[str, list[ServiceProfile]]:
    """Services with channels of their own that are live in the quarter, by department and under
    the name of the register. One whose publication lacks the digital part makes no return: its
    channels would add up to another total than the published one."""
    known = channels_between(seeds_dir, quarter.start, quarter.end)
    register = {row["service_id"]: row for row in load_register("services", seeds_dir)}
    found: dict[str, list[ServiceProfile]] = {}
    for profile in load_profiles():
        row = register.get(profile.service_id)
        is_live = profile.is_digital_given and profile.live_from <= quarter.start
        if row is not None and is_live and profile.service_id in known:
            named = replace(profile, service_name=row["service_name"])
            found.setdefault(row["department_id"], []).append(named)
    return found


def _returns(
    department: str,
    profiles: Sequence[ServiceProfile],
    quarter: Quarter,
    manner: Manner,
    seed: int,
    seeds_dir: Path,
) -> Iterator[tuple[date, str]]:
    """Day and text of each time that a department sends its return."""
    due_on = quarter.end + timedelta(days=DAYS_TO_RETURN)
    sent_on = due_on + timedelta(days=manner.days_late)
    channels = channels_between(seeds_dir, quarter.start, quarter.end)
    times = [(sent_on, 1.0)]
    if manner.restated_after:
        times.append((sent_on + timedelta(days=manner.restated_after), RESTATED_BY))
    for sent, factor in times:
        same = {
            "department_id": department,
            "period_kind": "quarter",
            "period_start": quarter.start.isoformat(),
            "period_end": quarter.end.isoformat(),
            "measure": "completed",
            "submitted_on": sent.isoformat(),
            "submitted_by_role": "performance analyst",
            "due_on": due_on.isoformat(),
            "simulated": "true",
        }
        rows = [
            same | row
            for profile in profiles
            for row in _rows(profile, quarter, channels[profile.service_id], factor, seed)
        ]
        yield sent, _text(_signed(rows, sent) if manner.is_signed else rows)


def _rows(
    profile: ServiceProfile, quarter: Quarter, channels: Sequence[str], factor: float, seed: int
) -> Iterator[dict[str, str]]:
    """A row for each channel, and one for the total, with its cost where the service has one."""
    middle = date(quarter.year, 3 * quarter.number - 1, 15)
    wobble = jitter(seed, profile.service_id, str(quarter), "return")
    total = round(profile.volume_in_quarter(middle) * factor * (1 + 0.01 * wobble))
    online = round(total * profile.take_up_on(middle)) if "online" in channels else 0
    offline = [channel for channel in channels if channel != "online"]
    shares = largest_remainders([OFFLINE_WEIGHTS.get(c, 0.05) for c in offline], total - online)
    counts = dict(zip(offline, shares, strict=True)) if total > online else {}
    if "online" in channels:
        counts["online"] = total - sum(counts.values())
    said = {"service_id": profile.service_id, "service_name": profile.service_name}
    for channel, count in sorted(counts.items()):
        yield said | {"breakdown": channel, "count": str(count)}
    row = said | {"breakdown": "total", "count": f"{sum(counts.values()):,}"}
    cost = profile.cost_per_transaction_gbp
    if cost is not None:
        row["cost_gbp"] = f"{cost * sum(counts.values()):.2f}"
    yield row


def _signed(rows: Sequence[Mapping[str, str]], sent: date) -> list[dict[str, str]]:
    """The rows with the sign-off of each service on its total."""
    sign_off = {
        "signed_off_by_role": "service manager",
        "signed_off_on": sent.isoformat(),
        "assurance": "department",
        "commentary": COMMENT,
    }
    return [dict(row) | (sign_off if row["breakdown"] == "total" else {}) for row in rows]


def _text(rows: Sequence[Mapping[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADER, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
