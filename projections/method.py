"""The forecast of a ratio from its quarters: a random walk on a bounded scale, with intervals.

Why a random walk, and why its intervals are wider than its own: docs/projections.md shows the
back-test, docs/decisions/0012-projections.md the choice.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

METHOD: Final = "random walk of arcsine(square root), 95% interval widened"
"""Name of the method, as rows of projections carry it."""

FEWEST_QUARTERS: Final = 8
"""Quarters with a ratio that a projection needs."""

SMALLEST_STEP: Final = 0.04
"""Standard deviation that a quarter's step is given at least, in radians of the bounded scale:
4 percentage points at 50%, 0.2 at 0%. A service that never moved may still move."""

MULTIPLES: Final[Mapping[int, float]] = {80: 1.2816, 95: 3.0}
"""Half-width of each interval in standard deviations. The model's own 95% interval, of 1.96 and
without a smallest step, held less than 90% of what came in services that move: it is widened."""

QUARTERS_IN_YEAR: Final = 4


@dataclass(frozen=True)
class CountedQuarter:
    """Counts of a calendar quarter, both known; `number` is `core.periods.Quarter.index`."""

    number: int
    digital_count: int
    total_count: int

    @property
    def ratio(self) -> float | None:
        """Digital over total; None where nothing was transacted."""
        return self.digital_count / self.total_count if self.total_count else None


@dataclass(frozen=True)
class Step:
    """A forecast of one quarter on the bounded scale: its middle and its standard deviation."""

    mean: float
    deviation: float

    def ratio(self, multiple: float = 0.0) -> float:
        """The ratio so many standard deviations above the middle (below: negative)."""
        return ratio_of(self.mean + multiple * self.deviation)


@dataclass(frozen=True)
class Estimate:
    """A ratio that is expected, within its intervals; all 0 to 1, the intervals nested."""

    ratio: float
    lower_80: float
    upper_80: float
    lower_95: float
    upper_95: float


def angle_of(ratio: float) -> float:
    """A ratio on the scale that is forecast, 0 to pi/2: steps there are about as large near 0 and
    1 as in the middle, and both ends have a place on it, which on a logit scale they have not."""
    return math.asin(math.sqrt(ratio))


def ratio_of(angle: float) -> float:
    """The ratio of a place on that scale; beyond its ends, 0 or 1."""
    return math.sin(min(max(angle, 0.0), math.pi / 2)) ** 2


def angles_of(quarters: Sequence[CountedQuarter]) -> list[float]:
    """One angle per quarter from the first to the last, NaN where there is no ratio."""
    known = {quarter.number: quarter.ratio for quarter in quarters}
    numbers = range(min(known), max(known) + 1)
    ratios = [known.get(number) for number in numbers]
    return [math.nan if ratio is None else angle_of(ratio) for ratio in ratios]


def forecast(angles: Sequence[float], horizon: int) -> list[Step]:
    """The quarters after a series of angles, which may have gaps (NaN) but not be all gap.

    The walk and its variance are fitted by statsmodels (`UnobservedComponents`, random walk). A
    step's deviation is not let below `SMALLEST_STEP` a quarter since the last known one.
    """
    return with_smallest_step(random_walk(angles, horizon), angles)


def with_smallest_step(steps: Sequence[Step], angles: Sequence[float]) -> list[Step]:
    """The same forecast with deviations that are not below the smallest."""
    last = max(place for place, angle in enumerate(angles) if not math.isnan(angle))
    gap = len(angles) - 1 - last
    return [
        Step(step.mean, max(step.deviation, SMALLEST_STEP * math.sqrt(gap + ahead)))
        for ahead, step in enumerate(steps, start=1)
    ]


def random_walk(angles: Sequence[float], horizon: int) -> list[Step]:
    """The walk as it is fitted: it stays where it is, and is less sure with every quarter."""
    known = [(place, angle) for place, angle in enumerate(angles) if not math.isnan(angle)]
    squares = [
        (later - earlier) ** 2 / (there - here)
        for (here, earlier), (there, later) in pairwise(known)
    ]
    if not any(squares):
        return [Step(known[-1][1], 0.0)] * horizon
    return fitted("random walk", angles, horizon, start=[sum(squares) / len(squares)])


def fitted(
    level: str, angles: Sequence[float], horizon: int, *, start: Sequence[float] | None = None
) -> list[Step]:
    """Forecast of a structural model of statsmodels, fitted by maximum likelihood.

    Args:
        level: the name of the model's level, as `UnobservedComponents` has it.
        start: where the search for the variances begins.
    """
    # Slow to import, and few nights have a target to project.
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    with warnings.catch_warnings():
        # The search begins at its end: that it can't go further is told as not converging.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = UnobservedComponents(list(angles), level)
        ahead = model.fit(disp=False, start_params=start).get_forecast(horizon)
    return [
        Step(float(mean), math.sqrt(max(float(variance), 0.0)))
        for mean, variance in zip(ahead.predicted_mean, ahead.var_pred_mean, strict=True)
    ]


def year_ratio(
    quarters: Mapping[int, CountedQuarter], steps: Sequence[Step], origin: int, last: int
) -> Callable[[float], float] | None:
    """Take-up of the four quarters that end with `last`, sum over sum, by standard deviations.

    Quarters up to `origin` are as they were counted; one still to come has its forecast ratio and
    the volume of the same quarter in the latest year that has one, else of the latest quarter. For
    a bound every quarter still to come is at its own bound, which is wider than if they moved
    apart.

    Returns:
        A function of the multiple of the standard deviation; None where a counted quarter is
        missing or nothing is transacted in the year.
    """
    numbers = range(last - QUARTERS_IN_YEAR + 1, last + 1)
    if any(number <= origin and number not in quarters for number in numbers):
        return None
    total = sum(_volume(quarters, number) for number in numbers)
    if not total:
        return None
    known = sum(quarters[number].digital_count for number in numbers if number <= origin)
    to_come = [
        (_volume(quarters, number), steps[number - origin - 1])
        for number in numbers
        if number > origin
    ]

    def at(multiple: float) -> float:
        return (known + sum(volume * step.ratio(multiple) for volume, step in to_come)) / total

    return at


def _volume(quarters: Mapping[int, CountedQuarter], number: int) -> int:
    same = range(number, min(quarters) - 1, -QUARTERS_IN_YEAR)
    known = next((one for one in same if one in quarters), max(quarters))
    return quarters[known].total_count


def estimate(at: Callable[[float], float]) -> Estimate:
    """What is expected, and within what, of a ratio by standard deviations."""
    return Estimate(
        ratio=at(0.0),
        lower_80=at(-MULTIPLES[80]),
        upper_80=at(MULTIPLES[80]),
        lower_95=at(-MULTIPLES[95]),
        upper_95=at(MULTIPLES[95]),
    )
