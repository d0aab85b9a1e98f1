"""docs/projections.md: how targets are projected and how often it was right, from a published file.

The back-test runs on the quarters that were published; it takes about a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.periods import Quarter
from projections import backtest
from projections.backtest import HeldBack, held_back, scored
from projections.method import (
    FEWEST_QUARTERS,
    METHOD,
    MULTIPLES,
    SMALLEST_STEP,
    CountedQuarter,
    random_walk,
)
from publish.pages.page import Page, answers_of, opening, table

NEAR: Final = 4
"""Quarters ahead that the back-test is judged by; there is less to hold back further on."""

KINDS: Final = {"quarter": "Quarters", "rolling_year": "Rolling years"}
SCORE_COLUMNS: Final = (
    "ahead | >held back | >in 80% | >in 95% | >median width of 95%, pp | >mean error, pp "
    "| >stays as it is, pp"
)

HISTORIES: Final = """
    select service_id, period_start, digital_count, total_count
    from take_up
    inner join services using (service_id)
    where services.volume_kind = 'flow'
        and take_up.period_kind = 'quarter'
        and take_up.measure = 'completed'
        and take_up.basis = 'reported'
        and take_up.definition_id = 'transactions-explorer'
        and take_up.value_status = 'complete'
    order by service_id, period_start
"""

Histories = Mapping[str, Sequence[CountedQuarter]]


def histories(published_file: Path) -> dict[str, list[CountedQuarter]]:
    """Published quarters with a ratio of the flow services that have some to hold back.

    Raises:
        UsageError: there is no such file.
    """
    found: dict[str, list[CountedQuarter]] = {}
    with answers_of(published_file) as rows:
        for service_id, start, digital, total in rows(HISTORIES):
            found.setdefault(service_id, []).append(
                CountedQuarter(Quarter.holding(start).index, digital, total)
            )
    return {name: quarters for name, quarters in found.items() if len(quarters) > FEWEST_QUARTERS}


def page(published: Histories) -> str:
    """The whole page from the quarters of each service."""
    found = list(held_back(published))
    return "\n".join(
        [
            *_head(published, found),
            *_method(),
            *_results(found),
            *_widening(found, list(held_back(published, random_walk))),
            *_others(published, found),
            *_limits(),
        ]
    )


def _head(published: Histories, found: Sequence[HeldBack]) -> Iterator[str]:
    numbers = [quarter.number for quarters in published.values() for quarter in quarters]
    moving = {one.service_id for one in found if one.has_moved}
    yield from opening(
        "Projections of targets",
        says=". The table `target_projections` says of a target that is still ahead what its "
        "take-up may be expected to be. Nothing in it was measured: no row of it is a figure, "
        "and none is quoted as one.",
    )
    yield (
        f"Tried on {len(published)} services with more than {FEWEST_QUARTERS} complete quarters "
        f"between {Quarter.at(min(numbers)).start:%B %Y} and the quarter from "
        f"{Quarter.at(max(numbers)).start:%B %Y}, caseloads left out. "
        f"{len(moving)} of them had moved before they were projected; the others stood at 0% or "
        "100% until then, and most still do."
    )
    yield ""


def _method() -> Iterator[str]:
    yield "## The method"
    yield ""
    yield f"`{METHOD}`"
    yield ""
    yield (
        "1. The quarters' ratios are put on a scale with two ends, the arcsine of the square "
        "root. It has a place for 0% and for 100%, which a logit has not, and an interval "
        "never leaves it. A quarter without take-up is a gap."
    )
    yield (
        "2. A random walk is fitted by maximum likelihood (`UnobservedComponents` of "
        f"statsmodels), from at least {FEWEST_QUARTERS} quarters with take-up. It expects the "
        "next quarters to stay as the last one, and is less sure with each."
    )
    yield (
        f"3. The standard deviation of a quarter's step is taken to be at least {SMALLEST_STEP} "
        "on that scale, about 4 percentage points at 50% and less towards the ends: what never "
        "moved may still begin to."
    )
    yield (
        f"4. The 80% interval is {MULTIPLES[80]:.2f} standard deviations wide on each side, the "
        f"95% interval {MULTIPLES[95]:.1f} instead of {backtest.NORMAL_95}: widened, as shown "
        "below."
    )
    yield (
        "5. A year is put together from its quarters, sum over sum: those that are known as they "
        "were counted, those to come with the volume of the same quarter a year before. At a "
        "bound of the year each quarter to come is at its own."
    )
    yield ""
    yield (
        "A target is projected up to its due date, 8 quarters ahead if it has none. Fewer "
        "quarters than that, a period kind that isn't made of quarters, or a gap among the known "
        "quarters of a year: the row says `not_projectable` and why."
    )
    yield ""


def _results(found: Sequence[HeldBack]) -> Iterator[str]:
    yield "## How often it was right"
    yield ""
    yield (
        "Each service was projected from every quarter that had enough before it, and held "
        "against what was published for the quarters after. Errors are means of absolute "
        "differences; the last column is that of expecting no change. Forecasts of one service "
        "overlap, so the counts are not as many independent trials. Quarters are as they "
        "were last published, restatements included."
    )
    yield ""
    for kind, heading in KINDS.items():
        for only_moving, services in ((True, "services that had moved"), (False, "all services")):
            chosen = [
                one for one in found if one.kind == kind and (one.has_moved or not only_moving)
            ]
            yield f"{heading}, {services}:"
            yield ""
            yield from table(SCORE_COLUMNS, _score_rows(chosen))


def _score_rows(chosen: Sequence[HeldBack]) -> Iterator[tuple[str, ...]]:
    for name, first, last in [
        *((str(ahead), ahead, ahead) for ahead in range(1, NEAR + 1)),
        (f"1 to {NEAR}", 1, NEAR),
        (f"{NEAR + 1} to {backtest.FURTHEST}", NEAR + 1, backtest.FURTHEST),
    ]:
        among = [one for one in chosen if first <= one.quarters_ahead <= last]
        if not among:
            yield (name, "0", *[""] * 5)
            continue
        score = scored(among)
        yield (
            *(name, f"{score.count:,}", f"{score.covered_80:.1%}", f"{score.covered_95:.1%}"),
            *(f"{score.median_width_95_pp:.1f}", f"{score.error_pp:.1f}"),
            f"{score.as_it_was_error_pp:.1f}",
        )


def _widening(found: Sequence[HeldBack], as_fitted: Sequence[HeldBack]) -> Iterator[str]:
    yield "## Why it is widened"
    yield ""
    yield (
        "A wide interval that holds is worth more than a narrow one that doesn't. Services were "
        "put into two halves by a hash of their names. On one half it was worked out how wide "
        "an interval must be to hold 95%; the larger of what quarters and years need, rounded "
        "up, is what is used. The other half shows what that is worth where it was not fitted. "
        f"Services that had moved, 1 to {NEAR} quarters ahead:"
    )
    yield ""
    yield from table(
        "period | half | >held back | >as the model has it | >with the smallest step | >widened "
        "| >needed for 95%",
        _width_rows(found, as_fitted),
    )


def _width_rows(
    found: Sequence[HeldBack], as_fitted: Sequence[HeldBack]
) -> Iterator[tuple[str, ...]]:
    for kind, heading in KINDS.items():
        for is_fitting, half in ((True, "fitted"), (False, "held against")):
            ours, bare = (
                [one for one in _near(some, kind) if _is_in(one, is_fitting=is_fitting)]
                for some in (found, as_fitted)
            )
            if ours:
                yield (
                    *(heading, half, f"{len(ours):,}"),
                    f"{backtest.coverage(bare, backtest.NORMAL_95):.1%}",
                    f"{backtest.coverage(ours, backtest.NORMAL_95):.1%}",
                    f"{backtest.coverage(ours, MULTIPLES[95]):.1%}",
                    f"{backtest.multiple_for(ours, 0.95):.1f}",
                )


def _others(published: Histories, found: Sequence[HeldBack]) -> Iterator[str]:
    yield "## What else was tried"
    yield ""
    yield (
        "With the same smallest step, services that had moved, "
        f"1 to {NEAR} quarters ahead. In {backtest.NORMAL_95} standard deviations, "
        "before any widening:"
    )
    yield ""
    tried = {
        "random walk (used)": found,
        "random walk with drift": list(held_back(published, backtest.drifting)),
        "local level": list(held_back(published, backtest.local_level)),
        "random walk of the rolling years themselves": list(backtest.years_themselves(published)),
    }
    yield from table(
        "method | >quarters: mean error, pp | >in 95% | >rolling years: mean error, pp | >in 95%",
        (
            (name, *(cell for kind in KINDS for cell in _tried_cells(list(_near(some, kind)))))
            for name, some in tried.items()
        ),
    )
    yield (
        "None of them foretells a quarter better than that it stays as it is: over so few "
        "quarters a trend is mostly noise. A rolling year is foretold better from its quarters "
        "than from itself, because those that are known already count."
    )
    yield ""


def _tried_cells(chosen: Sequence[HeldBack]) -> tuple[str, str]:
    if not chosen:
        return "-", "-"
    score = scored(chosen)
    return f"{score.error_pp:.1f}", f"{score.covered_normal_95:.1%}"


def _limits() -> Iterator[str]:
    yield "## What it does not know"
    yield ""
    yield (
        "That a service is about to be rebuilt, that its paper form will close, that a campaign "
        "runs: it expects tomorrow to be as today, and only its interval says that it may not "
        f"be. More than {NEAR} quarters ahead fewer were held back, and beyond "
        f"{backtest.FURTHEST} none: those rows are an extension of the same rule. Seasons of the "
        "ratio are not modelled. Caseloads and departments are projected by the same method and "
        "are not in the back-test."
    )
    yield ""


def _near(found: Iterable[HeldBack], kind: str) -> Iterator[HeldBack]:
    return (
        one for one in found if one.kind == kind and one.has_moved and one.quarters_ahead <= NEAR
    )


def _is_in(one: HeldBack, *, is_fitting: bool) -> bool:
    return backtest.is_for_fitting(one.service_id) is is_fitting


PAGE: Final = Page(
    "projections.md", lambda published_file: page(histories(published_file)), needs_home=True
)
