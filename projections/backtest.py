"""How often projections would have been right: quarters are held back and projected again.

Every service is projected from each of its quarters that has the fewest quarters up to it, as if
nothing after were known; what came is compared with what was expected.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

from projections.method import (
    FEWEST_QUARTERS,
    MULTIPLES,
    QUARTERS_IN_YEAR,
    CountedQuarter,
    Step,
    angle_of,
    angles_of,
    fitted,
    forecast,
    with_smallest_step,
    year_ratio,
)

FURTHEST: Final = 8
"""Quarters ahead that are tried, as far as there are any."""

NORMAL_95: Final = 1.96
"""Half-width of a 95% interval, in standard deviations, if errors were normal."""

BEYOND: Final = 64.0
"""Standard deviations after which an interval is said never to reach."""

Forecast = Callable[[Sequence[float], int], list[Step]]
Quarters = Mapping[int, CountedQuarter]


@dataclass(frozen=True)
class HeldBack:
    """One ratio that was held back, beside what was projected for it.

    `needed` is the half-width, in standard deviations, with which an interval just holds it.
    """

    service_id: str
    kind: str
    origin: int
    quarters_ahead: int
    has_moved: bool
    actual: float
    projected: float
    as_it_was: float
    needed: float
    width_95: float


@dataclass(frozen=True)
class Score:
    """How a set of projections did; errors and widths in percentage points, the rest shares."""

    count: int
    covered_80: float
    covered_95: float
    covered_normal_95: float
    error_pp: float
    as_it_was_error_pp: float
    median_width_95_pp: float


def scored(held_back: Sequence[HeldBack]) -> Score:
    """The score of at least one projection."""
    return Score(
        count=len(held_back),
        covered_80=coverage(held_back, MULTIPLES[80]),
        covered_95=coverage(held_back, MULTIPLES[95]),
        covered_normal_95=coverage(held_back, NORMAL_95),
        error_pp=100 * fmean(abs(one.actual - one.projected) for one in held_back),
        as_it_was_error_pp=100 * fmean(abs(one.actual - one.as_it_was) for one in held_back),
        median_width_95_pp=100 * median(one.width_95 for one in held_back),
    )


def coverage(held_back: Sequence[HeldBack], multiple: float) -> float:
    """Share of what was held back that an interval so wide holds."""
    return fmean(one.needed <= multiple for one in held_back)


def multiple_for(held_back: Sequence[HeldBack], share: float) -> float:
    """How wide an interval has to be to hold such a share."""
    needed = sorted(one.needed for one in held_back)
    return needed[math.ceil(share * len(needed)) - 1]


def is_for_fitting(service_id: str) -> bool:
    """Which half of the services a service is in: the one by which the interval was widened, or
    the one on which that is judged. By a hash of its name, so that it stays there."""
    return hashlib.sha256(service_id.encode()).digest()[0] % 2 == 0


def held_back(
    histories: Mapping[str, Sequence[CountedQuarter]], by: Forecast = forecast
) -> Iterator[HeldBack]:
    """All that can be held back of all services and projected, quarters and rolling years.

    Args:
        histories: per service its quarters with a ratio.
        by: the forecast that is tried.
    """
    for service_id, history in histories.items():
        quarters = {quarter.number: quarter for quarter in history}
        in_order = sorted(quarters)
        for origin in in_order[FEWEST_QUARTERS - 1 : -1]:
            known = {number: quarters[number] for number in in_order if number <= origin}
            yield from _from_origin(service_id, quarters, known, by)


def _from_origin(
    service_id: str, quarters: Quarters, known: Quarters, by: Forecast
) -> Iterator[HeldBack]:
    origin = max(known)
    has_moved = len({quarter.ratio for quarter in known.values()}) > 1
    steps = by(angles_of(list(known.values())), FURTHEST)
    for ahead in range(1, FURTHEST + 1):
        end = origin + ahead
        compared = {
            "quarter": (steps[ahead - 1].ratio, quarter_actual),
            "rolling_year": (year_ratio(known, steps, origin, end), year_actual),
        }
        for kind, (at, actual_of) in compared.items():
            actual, as_it_was = actual_of(quarters, end), actual_of(known, origin)
            if at is not None and actual is not None and as_it_was is not None:
                yield _held_back(at, service_id, kind, origin, ahead, has_moved, actual, as_it_was)


def _held_back(
    at: Callable[[float], float],
    service_id: str,
    kind: str,
    origin: int,
    ahead: int,
    has_moved: bool,
    actual: float,
    as_it_was: float,
) -> HeldBack:
    return HeldBack(
        service_id=service_id,
        kind=kind,
        origin=origin,
        quarters_ahead=ahead,
        has_moved=has_moved,
        actual=actual,
        projected=at(0.0),
        as_it_was=as_it_was,
        needed=needed_for(at, actual),
        width_95=at(MULTIPLES[95]) - at(-MULTIPLES[95]),
    )


def quarter_actual(quarters: Quarters, number: int) -> float | None:
    """The ratio of a quarter, None where there is none."""
    return quarters[number].ratio if number in quarters else None


def year_actual(quarters: Quarters, last: int) -> float | None:
    """The ratio of the four quarters that end with one, sum over sum; None if one is missing."""
    numbers = range(last - QUARTERS_IN_YEAR + 1, last + 1)
    if any(number not in quarters for number in numbers):
        return None
    of_year = [quarters[number] for number in numbers]
    digital = sum(quarter.digital_count for quarter in of_year)
    return digital / sum(quarter.total_count for quarter in of_year)


def needed_for(at: Callable[[float], float], actual: float) -> float:
    """The multiple with which the interval of a ratio just reaches a value; infinite if never."""
    tolerance = 1e-12
    if abs(at(0.0) - actual) <= tolerance:
        return 0.0
    side = 1.0 if actual > at(0.0) else -1.0

    def reaches(multiple: float) -> bool:
        return side * (at(side * multiple) - actual) >= -tolerance

    if not reaches(BEYOND):
        return math.inf
    low, high = 0.0, BEYOND
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high


def years_themselves(histories: Mapping[str, Sequence[CountedQuarter]]) -> Iterator[HeldBack]:
    """Rolling years projected by a random walk of rolling years, not of their quarters."""
    for service_id, history in histories.items():
        quarters = {quarter.number: quarter for quarter in history}
        in_order = sorted(quarters)
        years = {number: year_actual(quarters, number) for number in in_order}
        for origin in in_order[FEWEST_QUARTERS - 1 : -1]:
            seen = {number: years[number] for number in in_order if number <= origin}
            first = min(number for number in seen)
            ratios = [seen.get(number) for number in range(first, origin + 1)]
            last = ratios[-1]
            if last is None:
                continue
            angles = [math.nan if ratio is None else angle_of(ratio) for ratio in ratios]
            steps = forecast(angles, FURTHEST)
            has_moved = len({quarters[number].ratio for number in seen}) > 1
            for ahead, step in enumerate(steps, start=1):
                actual = years.get(origin + ahead)
                if actual is not None:
                    yield _held_back(
                        step.ratio,
                        service_id,
                        "rolling_year",
                        origin,
                        ahead,
                        has_moved,
                        actual,
                        last,
                    )


def drifting(angles: Sequence[float], horizon: int) -> list[Step]:
    """A random walk that goes on as it went on the whole."""
    return _tried("random walk with drift", angles, horizon)


def local_level(angles: Sequence[float], horizon: int) -> list[Step]:
    """A random walk under noise: the last quarters together say where it stands."""
    return _tried("local level", angles, horizon)


def _tried(level: str, angles: Sequence[float], horizon: int) -> list[Step]:
    known = {angle for angle in angles if not math.isnan(angle)}
    if len(known) == 1:
        return forecast(angles, horizon)
    return with_smallest_step(fitted(level, angles, horizon), angles)
