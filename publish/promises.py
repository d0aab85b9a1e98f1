"""What the reports promised, at the end of a run: how far departments say they are, and what is
measured of the figures that they state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from publish.database import reading
from publish.display import percentage, printable

if TYPE_CHECKING:
    from rich.console import Console

FROM_DIGESTS = "from digests of the documents, which have not landed themselves"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How many departments say the same of a year's commitments under one action."""

    action: int
    year: int
    status: str
    departments_count: int
    is_from_digest: bool


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
    """What the reports of a published file say, and how much of it is measured."""

    standings: tuple[Standing, ...]
    measured: tuple[MeasuredClaim, ...]
    claims_count: int


_STANDINGS = """
    select action, reported_year, status, count(*), bool_or(is_from_digest)
    from commitments
    where status is not null and action is not null
    group by action, reported_year, status
    order by action, reported_year, count(*) desc, status
"""

_CLAIMS = """
    select
        document, line, subject, metric, qualifier, value, unit, measured_value, verdict
    from report_claims
    inner join figure_reconciliation using (figure_id)
    order by document, line, figure_id
"""


def promises_of(database: Path) -> Promises:
    """What the reports in a published file say.

    Raises:
        TakeupError: the file can't be read.
    """
    with reading(database) as connection:
        standings = connection.execute(_STANDINGS).fetchall()
        claims = connection.execute(_CLAIMS).fetchall()
    columns, fields = Standing.__dataclass_fields__, MeasuredClaim.__dataclass_fields__
    found = [MeasuredClaim(**dict(zip(fields, row, strict=True))) for row in claims]
    return Promises(
        standings=tuple(Standing(**dict(zip(columns, row, strict=True))) for row in standings),
        measured=tuple(claim for claim in found if claim.verdict != "not_measurable"),
        claims_count=len(found),
    )


def render_promises(promises: Promises, console: Console) -> None:
    """Print a line per action and year, then one per claim that is measured."""
    if not promises.claims_count and not promises.standings:
        return
    console.print()
    for line in promise_lines(promises):
        console.print(printable(line), soft_wrap=True, highlight=False, markup=False, emoji=False)


def promise_lines(promises: Promises) -> Iterable[str]:
    """What is printed of the reports, line by line."""
    marked = any(standing.is_from_digest for standing in promises.standings)
    yield f"What the reports promised{f' ({FROM_DIGESTS})' if marked else ''}"
    for action, year in dict.fromkeys((one.action, one.year) for one in promises.standings):
        said = ", ".join(
            f"{one.departments_count} {one.status.replace('_', ' ')}"
            for one in promises.standings
            if (one.action, one.year) == (action, year)
        )
        yield f"action {action:<3} {year}  departments: {said}"
    yield f"figures     {promises.claims_count} stated, {len(promises.measured)} measured:"
    for claim in promises.measured:
        yield f"  {_claimed(claim)}: {_verdict(claim)} ({claim.document}, line {claim.line})"


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
