"""docs/claims.md: what reports claim and what the data says of it, from a published file.

The page gives every claim of a report with its verdict; the publisher's own derived figures are
counted only. The tables `published_figures` and `figure_reconciliation` hold them all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from publish.pages.page import Page, Row, answers_of, cell, opening, table

VERDICTS: Final = {
    "agrees": "within what the claim's last digit and qualifier allow",
    "agrees_truncated": "cutting the measured value, not rounding it, gives the claim",
    "too_close": "published totals are rounded by more than would decide it",
    "differs": "outside, whatever is missing",
    "not_measurable": "the reason says why; the nearest measured thing is beside it",
}
"""The verdicts, in the order of the page."""

TESTS: Final = {
    "services": "services with a number, to all that are listed",
    "large_without_take_up": "over 100,000 transactions a year and no take-up",
    "digital_is_zero": "digital option not there: digital count is 0",
    "digital_not_provided": "digital count not provided",
    "without_digital_option": "between the two rows above",
    "significant_majority_digital": "take-up of 80% or more (our reading), up to all that may",
    "transactions_of_exemplar_departments": "share of the seven departments, flows only",
}
"""The strategy's own tests, in the order of the page."""


def page(published_file: Path) -> str:
    """The whole page from the tables of a published file.

    Raises:
        UsageError: there is no such file.
    """
    with answers_of(published_file) as rows:
        lines = [
            *_head(rows(REPORTS)),
            *_verdicts(rows(COUNTS)),
            *_held(rows(HELD)),
            *_not_held(rows(NOT_HELD)),
            *_strategy(rows(STRATEGY)),
            *_exemplars(rows(EXEMPLARS)),
            *_standing(rows(STANDING)),
        ]
    return "\n".join(lines)


OF_REPORTS: Final = "claims.claim_kind is not null"
"""Publications of volumes don't say whether a figure is a target or an outcome."""

REPORTS: Final = """
    select count(distinct document), count(*), sum(citations_count)
    from report_claims
"""
COUNTS: Final = f"""
    select
        verdict,
        count(*) filter ({OF_REPORTS}),
        count(*) filter (not ({OF_REPORTS}))
    from published_figures as claims
    inner join figure_reconciliation using (figure_id)
    group by verdict
"""
HELD: Final = """
    select
        citations, subject, metric, scope, claim_kind, direction, qualifier, figure_text,
        coalesce(period_end, due_on), unit, verdict,
        measured_value, measured_lower, measured_upper, measured_period_start,
        measured_period_end, reason, basis
    from report_claims as claims
    inner join figure_reconciliation using (figure_id)
    where (verdict <> 'not_measurable' or measured_upper is not null
        or nearest_measure is not null)
    order by document, line, figure_id
"""
NOT_HELD: Final = """
    select reason, citations, subject, metric, figure_text
    from report_claims as claims
    inner join figure_reconciliation using (figure_id)
    where verdict = 'not_measurable' and measured_upper is null
        and nearest_measure is null
    order by reason, document, line, figure_id
"""
STRATEGY: Final = """
    select test_id, unit, period_kind, period_start, period_end, services_count,
        lower_count, upper_count, lower_ratio, upper_ratio
    from strategy_tests
    where (period_kind = 'quarter' and test_id <> 'large_without_take_up'
            or period_kind = 'rolling_year' and test_id = 'large_without_take_up')
        and (period_end in (date '2012-12-31', date '2014-12-31', date '2016-06-30')
            or test_id = 'large_without_take_up' and period_end = date '2013-06-30')
    order by test_id, period_end
"""
EXEMPLARS: Final = """
    select department_id, min(promised_count), min(counted_2013), min(counted_2014),
        min(registered_count), min(finding),
        string_agg(exemplar_name, ', ' order by exemplar_name)
    from exemplars
    group by department_id
    order by department_id
"""
STANDING: Final = """
    select action, reported_year, count(*) filter (status = 'done'),
        count(*) filter (status = 'under_way'), count(*) filter (status = 'delayed'),
        count(*) filter (status = 'not_applicable'), count(*) filter (status = 'no_entry'),
        count(*) filter (answers_plan), count(*) filter (not answers_plan)
    from commitments
    where status is not null
    group by action, reported_year
    order by action, reported_year
"""


def _head(found: list[Row]) -> Iterator[str]:
    documents, claims, citations = found[0]
    yield from opening(
        "What reports claim, and what the data says",
        says=f" that read {documents} reports and the published volumes: {claims} claims, which "
        f"are in {citations} places. A claim is held against what is known now, by its own "
        "last digit, qualifier, scope and period; `seeds/claim_measures.csv` says against what, "
        "and docs/data-dictionary.md how.",
    )


def _verdicts(found: list[Row]) -> Iterator[str]:
    counts = {verdict: (reports, volumes) for verdict, reports, volumes in found}
    rows = []
    for verdict, meaning in VERDICTS.items():
        reports, volumes = counts.get(verdict, (0, 0))
        rows.append((f"`{verdict}`", meaning, f"{reports:,}", f"{volumes:,}"))
    yield from table(
        "verdict | means | >claims of reports | >publisher's own derived figures", rows
    )


def _held(found: list[Row]) -> Iterator[str]:
    yield "## Held against the data"
    yield ""
    yield from table("where | about | claim | measured | verdict | why", map(_held_row, found))


def _held_row(row: Row) -> Row:
    (where, subject, metric, scope, kind, direction, qualifier, text, day, unit, verdict) = row[:11]
    value, lower, upper, start, end, reason, basis = row[11:]
    about = f"{cell(subject)}: {_words(metric)}" + (f" ({cell(scope)})" if scope else "")
    claim = " ".join(
        part
        for part in (
            "target" if kind == "target" else "",
            direction if direction in ("from", "to") else "",
            "" if qualifier in ("exact", "handful") else _words(qualifier),
            cell(text),
            f"({day:%Y-%m})" if day else "",
        )
        if part
    )
    measured = _measured(unit, value, lower, upper, start, end, basis)
    return where, about, claim, measured, f"`{verdict}`", cell(reason or "")


def _measured(
    unit: str,
    value: float | None,
    lower: float | None,
    upper: float | None,
    start: dt.date | None,
    end: dt.date | None,
    basis: str | None,
) -> str:
    """The measured value or its bounds, with the period that it is of."""
    if value is None and lower is None and upper is None:
        return ""
    said = (
        _number(value, unit)
        if value is not None
        else f"{_number(lower, unit)} to {_number(upper, unit)}"
    )
    return f"{said}, {start} to {end} ({basis})"


def _not_held(found: list[Row]) -> Iterator[str]:
    yield "## Not held against anything"
    yield ""
    reasons: dict[str, list[str]] = {}
    for reason, where, subject, metric, text in found:
        reasons.setdefault(reason, []).append(
            f"- {where}: {cell(subject)}, {_words(metric)}, {cell(text)}"
        )
    for reason, claims in reasons.items():
        yield f"{reason} ({len(claims)})"
        yield ""
        yield from claims
        yield ""


def _strategy(found: list[Row]) -> Iterator[str]:
    yield "## The strategy's own tests"
    yield ""
    yield from table(
        "test | counts | period | >of | >at least | >at most",
        (_strategy_row(row) for test in TESTS for row in found if row[0] == test),
    )


def _strategy_row(row: Row) -> Row:
    test, unit, _, start, end, services, lower, upper, low, high = row
    least, most = (lower, upper) if unit == "count" else (low, high)
    period, bounds = f"{start} to {end}", (_number(least, unit), _number(most, unit))
    return f"`{test}`", TESTS[test], period, f"{services:,}", *bounds


def _exemplars(found: list[Row]) -> Iterator[str]:
    yield "## Exemplars, promised and counted"
    yield ""
    yield from table(
        "department | >promised | >counted 2013 | >counted 2014 | >known | finding | which",
        ((*known, finding or "agrees", names) for *known, finding, names in found),
    )


def _standing(found: list[Row]) -> Iterator[str]:
    yield "## What became of the commitments"
    yield ""
    yield from table(
        "action | year | >done | >under way | >delayed | >not applicable | >no entry "
        "| >speak to the year's plan | >do not",
        found,
    )


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "unknown"
    return f"{100 * value:.2f}%" if unit == "ratio" else f"{value:,.0f}"


def _words(name: str) -> str:
    return name.replace("_", " ")


PAGE: Final = Page("claims.md", page, needs_home=True)
