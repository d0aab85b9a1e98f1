"""docs/data-quality-2012-2016.md: what is doubtful in the published volumes, from a published file.

The page lists what a reader can check in the publications themselves: figures copied from the
quarter before, rolling years that disagree with their quarters, digital counts above their
total. The other warnings are counted; the table `data_quality` holds them all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.periods import Quarter
from publish.pages.page import Page, Row, answers_of, opening, table

LISTED_FROM: Final = 100
"""Copied figures below this are counted and not listed: small ones coincide by chance."""

MEANINGS: Final = {
    "digital_above_total": "more digital transactions than transactions",
    "digital_without_total": "digital transactions given, the total not",
    "channels_do_not_sum_to_total": "channels that do not add up to the total beside them",
    "repeats_period_before": "equal to the quarter before to the last digit, above zero",
    "jump_by_an_order_of_magnitude": "ten times the quarter before or a tenth of it (of a "
    "seasonal service: the year before), the larger of the two at least 100",
    "far_above_both_neighbours": "a thousand times the quarters on both sides",
    "rolling_figure_disagrees": "the publisher's own twelve months are not what the four "
    "quarters of the same publication give",
    "mean_of_quarters_but_no_stock": "published years are means of quarters, as a caseload's, "
    "and the register says flow",
    "gone_silent": "still listed, and without a total for longer than ever before",
}
"""The checks, in the order in which the page counts them."""


def page(published_file: Path) -> str:
    """The whole page from the table `data_quality` of a published file.

    Raises:
        UsageError: there is no such file.
    """
    with answers_of(published_file) as rows:
        return "\n".join(
            [
                *_head(rows(PUBLICATIONS)),
                *_counts(rows(COUNTS)),
                *_copies(rows(COPIES)),
                *_rolling(rows(ROLLING)),
                *_above(rows(ABOVE)),
            ]
        )


PUBLICATIONS: Final = """
    select count(distinct content_hash), min(name), max(name)
    from ingest_ledger
    where state = 'ingested' and source_kind = 'published_volumes' and accepted_count > 0
"""
COUNTS: Final = """
    select check_id, count(*), count(distinct service_id) from data_quality group by check_id
"""
COPIES: Final = """
    select service_id, measure, period_start, cast(value as bigint), what like '%rounded%'
    from data_quality
    where check_id = 'repeats_period_before' and period_kind = 'quarter'
    order by service_id, measure desc, period_start
"""
ROLLING: Final = """
    select service_id, measure, period_end, value, expected, input
    from data_quality
    where check_id = 'rolling_figure_disagrees'
    order by service_id, measure desc, period_end
"""
ABOVE: Final = """
    select service_id, period_start, cast(value as bigint), cast(expected as bigint)
    from data_quality
    where check_id = 'digital_above_total' and period_kind = 'quarter'
    order by service_id, period_start
"""


def _head(publications: list[Row]) -> Iterator[str]:
    count, first, last = publications[0]
    yield from opening(
        "What is doubtful in the published volumes, 2012 to 2016",
        says=f" that read {count} publications of transaction volumes (`{first}` to `{last}`). "
        "Figures are the latest that were published; one that a later publication mended is no "
        "longer here (the table `revisions` has it). Nothing is left out of the measures for "
        "being on this page, but for what the rules of take-up leave out themselves.",
    )


def _counts(found: list[Row]) -> Iterator[str]:
    counts = {check: (warnings, services) for check, warnings, services in found}
    rows = []
    for check in [*MEANINGS, *sorted(counts.keys() - MEANINGS.keys())]:
        warnings, services = counts.get(check, (0, 0))
        rows.append((f"`{check}`", MEANINGS.get(check, ""), f"{warnings:,}", f"{services:,}"))
    yield from table("warning | means | >figures | >services", rows)


def _copies(rows: list[Row]) -> Iterator[str]:
    rounded = [row for row in rows if row[4]]
    large = [row for row in rows if row[3] >= LISTED_FROM and not row[4]]
    small = len(rows) - len(rounded) - len(large)
    yield "## Copied from the quarter before"
    yield ""
    yield (
        f"{len(rows)} counts above zero equal the quarter before to the last digit. "
        f"{len(rounded)} of them were published rounded and {small} are below {LISTED_FROM}, "
        f"where chance is enough: they are not listed; the other {len(large)} are. Several in a "
        "row are mostly a year that was divided by four."
    )
    yield ""
    series: dict[tuple[str, str], list[str]] = {}
    for service_id, measure, start, value, _ in large:
        series.setdefault((service_id, measure), []).append(f"{_quarter(start)} ({value:,})")
    yield from table(
        "service | count | quarters",
        (
            (service_id, _of(measure), ", ".join(quarters))
            for (service_id, measure), quarters in series.items()
        ),
    )


def _rolling(rows: list[Row]) -> Iterator[str]:
    yield "## Rolling years that disagree with their quarters"
    yield ""
    yield (
        f"{len(rows)} figures of the publisher, each in the last publication that states it, "
        "beside the sum of the four quarters of that publication (of a caseload: their mean)."
    )
    yield ""
    yield from table(
        "service | count | year to | >published | >quarters give | >difference",
        (
            (
                *(service_id, _of(measure), _quarter(end), _number(value), _number(expected)),
                _number(value - expected, sign="+"),
            )
            for service_id, measure, end, value, expected, _ in rows
        ),
    )


def _above(rows: list[Row]) -> Iterator[str]:
    yield "## Digital above total"
    yield ""
    yield f"{len(rows)} quarters. They have no take-up, nor has a longer period with one of them."
    yield ""
    yield from table(
        "service | quarter | >digital | >total",
        (
            (service_id, _quarter(start), f"{digital:,}", f"{total:,}")
            for service_id, start, digital, total in rows
        ),
    )


def _quarter(day: dt.date) -> str:
    quarter = Quarter.holding(day)
    return f"{quarter.year} Q{quarter.number}"


def _of(measure: str) -> str:
    return measure.removesuffix("_count")


def _number(value: float, *, sign: str = "") -> str:
    """Whole where it is whole, else with its fraction: means of four end in quarters."""
    return f"{value:{sign},.0f}" if value == int(value) else f"{value:{sign},.2f}"


PAGE: Final = Page("data-quality-2012-2016.md", page, needs_home=True)
