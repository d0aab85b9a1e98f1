"""What the reports promised, at the end of a run: what became of what is due, and what is measured
of the figures that they state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from publish.display import day, percentage, printable
from publish.reported import IN_OUR_WORDS, SAID, apart_line, kept_line

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from rich.console import Console

FROM_DIGESTS = "from digests of the documents, which have not landed themselves"


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """A promise that was due and is not reported, or reported as not kept. `promise` is in our
    words, or where it is printed."""

    who: str
    promise: str
    due_on: dt.date
    reported: str


@dataclass(frozen=True, kw_only=True)
class MeasuredClaim:
    """A claim of a report that something measures. Ratios 0 to 1, counts as they are."""

    document: str
    line: int
    subject: str
    metric: str
    qualifier: str
    value: float | None
    unit: str
    measured_value: float | None
    verdict: str


@dataclass(frozen=True, kw_only=True)
class Promises:
    """What the reports of a published file say, and how much of it is measured; `due_counts` are
    of the promises due by the day of the file, by the word that is said of them."""

    promises_count: int
    is_from_digest: bool
    due_by: dt.date
    due_counts: Mapping[str, int]
    overdue: tuple[Overdue, ...]
    measured: tuple[MeasuredClaim, ...]
    claims_count: int


_NOW = """
    select cast(run_at at time zone 'Europe/London' as date) from warehouse_version
"""

_ALL = "select count(*), coalesce(bool_or(is_from_digest), false) from promises"

_DUE = f"""
    select reported, count(*) from promises where due_on <= ({_NOW}) group by reported
"""

_OVERDUE = f"""
    select coalesce(department_id, body) as who, {IN_OUR_WORDS} as promise, due_on, reported
    from promises
    where due_on <= ({_NOW}) and reported in ('not_reported', 'not_kept')
    order by due_on, promise_id
    limit 3
"""

_CLAIMS = """
    select
        document, line, subject, metric, qualifier, value, unit, measured_value, verdict
    from report_claims
    inner join figure_reconciliation using (figure_id)
    order by document, line, figure_id
"""


def promises_of(connection: DuckDBPyConnection) -> Promises:
    """What the reports in a published file say."""
    ((due_by,),) = connection.execute(_NOW).fetchall()
    ((promises_count, is_from_digest),) = connection.execute(_ALL).fetchall()
    due_counts = dict(connection.execute(_DUE).fetchall())
    overdue = [Overdue(**row) for row in _named(connection.execute(_OVERDUE))]
    claims = [MeasuredClaim(**row) for row in _named(connection.execute(_CLAIMS))]
    return Promises(
        promises_count=promises_count,
        is_from_digest=is_from_digest,
        due_by=due_by,
        due_counts=due_counts,
        overdue=tuple(overdue),
        measured=tuple(claim for claim in claims if claim.verdict != "not_measurable"),
        claims_count=len(claims),
    )


def _named(found: DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of an answer, by the names of their columns."""
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def render_promises(promises: Promises, console: Console) -> None:
    """Print what became of the promises that are due, then a line per claim that is measured."""
    if not promises.claims_count and not promises.promises_count:
        return
    console.print()
    for line in promise_lines(promises):
        console.print(printable(line), soft_wrap=True, highlight=False, markup=False, emoji=False)


def promise_lines(promises: Promises) -> Iterable[str]:
    """What is printed of the reports, line by line."""
    marked = f" ({FROM_DIGESTS})" if promises.is_from_digest else ""
    yield f"What the reports promised{marked}"
    if promises.promises_count:
        which = f"with a test that were due by {day(promises.due_by)}"
        yield f"promises    {kept_line(promises.due_counts, which)}"
        yield f"  counted apart: {apart_line(promises.due_counts)}"
    if promises.overdue:
        yield f"  longest overdue: {'; '.join(map(_overdue, promises.overdue))}"
    yield f"figures     {promises.claims_count} stated, {len(promises.measured)} measured:"
    for claim in promises.measured:
        yield f"  {_claimed(claim)}: {_verdict(claim)} ({claim.document}, line {claim.line})"


def _overdue(one: Overdue) -> str:
    return f"{one.who}, {one.promise.rstrip('.')} ({day(one.due_on)}, {SAID[one.reported]})"


def _claimed(claim: MeasuredClaim) -> str:
    value = "" if claim.value is None else f" {_figure(claim.value, claim.unit)}"
    qualifier = "" if claim.qualifier == "exact" else f" {claim.qualifier.replace('_', ' ')}"
    return f"{claim.subject}, {claim.metric.replace('_', ' ')}{qualifier}{value}"


def _verdict(claim: MeasuredClaim) -> str:
    said = claim.verdict.replace("_", " ")
    if claim.measured_value is None:
        return said
    return f"{said}, measured {_figure(claim.measured_value, claim.unit)}"


def _figure(value: float, unit: str) -> str:
    return percentage(value) if unit == "ratio" else f"{value:,.10g}"
