"""What pages say of a body: government, a department or an organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from publish.known import DEFINITION_OF_BODIES
from publish.pages.site import charts, words
from publish.pages.site.model import Chart, Row, Table
from publish.pages.site.source import Source

DEFINITION: Final = f"({DEFINITION_OF_BODIES.format(bodies='department_take_up')})"
"""SQL of the definition of take-up by which most services of a home are measured."""
HEADLINE: Final = f"structure = 'current' and scope = 'all' and definition_id = {DEFINITION}"
"""The rows of bodies that pages show: as government is made up today, all services."""

MISSING: Final[Mapping[str, str]] = {
    "without_digital": "a total and no digital count",
    "not_returned": "no total, one within a year before",
    "lapsed": "no total for more than a year",
    "never_returned": "listed, and never a total",
}
"""Why a service is not measured, as `unmeasured_services` has it."""


def latest_year(rows: list[Row]) -> Row | None:
    """The latest year of a body that has a take-up."""
    years = [
        r for r in rows if r["period_kind"] == "rolling_year" and r["take_up_ratio"] is not None
    ]
    return years[-1] if years else None


def coverage(row: Row) -> str:
    """How much of a body's transactions its figure covers, and how many services."""
    ratio = row["coverage_ratio"]
    share = (
        "coverage not known" if ratio is None else f"covers {words.share(ratio)} of transactions"
    )
    return f"{share}, {row['services_measured']} of {row['services_active']} services measured"


def in_words(row: Row) -> str:
    """What a body's row says: its take-up and parts, or that too little is measured to say it."""
    parts = f"{words.count(row['digital_count'])} of {words.count(row['total_count'])}"
    if row["coverage_status"] == "too_incomplete":
        return (
            f"Too little is measured in the {words.period_of(row)} to say a take-up"
            f" ({coverage(row)}). Of what is measured {parts} transactions were digital,"
            f" {words.share(row['take_up_ratio'])}."
        )
    return (
        f"{words.share(row['take_up_ratio'])} of transactions were digital in the"
        f" {words.period_of(row)}: {parts} that could be measured ({coverage(row)})."
    )


def bounds_in_words(row: Row) -> list[str]:
    """Between what a body's take-up lies with what is not measured; no sentence if not known."""
    lower, upper = row["take_up_lower"], row["take_up_upper"]
    if lower is None or upper is None:
        return []
    return [
        f"With what is not measured it lies between {words.share(lower)} and {words.share(upper)}."
    ]


def sayable(row: Row) -> bool:
    """Whether a body's take-up may be said: there is one, and enough of it is measured."""
    return row["take_up_ratio"] is not None and row["coverage_status"] != "too_incomplete"


def take_up_of(row: Row) -> str:
    """A body's take-up in a table: not said where too little is measured."""
    return words.share(row["take_up_ratio"]) if sayable(row) else "too little measured"


def band(row: Row) -> str:
    """Between what a body's take-up must lie, whatever its services that are not measured do."""
    lower, upper = row["take_up_lower"], row["take_up_upper"]
    if lower is None or upper is None:
        return words.NOT_KNOWN
    return f"{words.share(lower)} to {words.share(upper)}"


def chart_of(rows: list[Row], *, name: str, file: str, is_simulated: bool) -> Chart | None:
    """A body's take-up by year, with the bounds that what is missing leaves."""
    years = [row for row in rows if row["period_kind"] == "rolling_year"]
    known = [row for row in years if sayable(row)]
    if not known:
        return None
    first, last = known[0], known[-1]
    return Chart(
        title=f"Digital take-up of {name} by year",
        says=(
            f"{words.share(first['take_up_ratio'])} in the {words.period_of(first)},"
            f" {words.share(last['take_up_ratio'])} in the {words.period_of(last)}. The band is"
            " what services that are not measured could make of it; the line breaks where too"
            " little is measured. The two figures are of different services where coverage"
            " differs."
        ),
        spec=charts.lines_with_bounds(
            [
                {
                    "end": row["period_end"],
                    "series": "Take-up",
                    "ratio": row["take_up_ratio"] if sayable(row) else None,
                    "lower": row["take_up_lower"],
                    "upper": row["take_up_upper"],
                }
                for row in years
            ],
            is_simulated=is_simulated,
        ),
        table=Table(
            caption=f"Digital take-up of {name} by year",
            columns=("Year", ">Digital", ">All", ">Take-up", ">Lowest", ">Highest", "Coverage"),
            rows=[
                (
                    words.period_of(row),
                    words.count(row["digital_count"]),
                    words.count(row["total_count"]),
                    take_up_of(row),
                    words.share(row["take_up_lower"]),
                    words.share(row["take_up_upper"]),
                    coverage(row),
                )
                for row in reversed(years)
            ],
            download=file,
        ),
    )


def moved_table(caption: str, moved: Sequence[Row], source: Source) -> Table:
    """What moved a body's take-up, service by service, in the order given."""
    parts = ("moved", "within_service", "mix", "entry_exit", "coverage")
    return Table(
        caption=caption,
        columns=("Service", ">In all", ">Its own shift", ">Mix", ">Came or went", ">Coverage"),
        rows=[
            (
                source.service(row["service_id"]),
                *(words.points(row[f"{part}_pp"]) for part in parts),
            )
            for row in moved
        ],
    )


def moved_in_words(change: Row | None) -> str:
    """What the change of a body's take-up is made of; empty where it is not known.

    Args:
        change: its row of `channel_shift_decomposition`.
    """
    if change is None or change["total_shift_pp"] is None:
        return ""
    return (
        f"In a year take-up moved by {words.points(change['total_shift_pp'])}:"
        f" {words.points(change['within_service_pp'])} by what services did themselves,"
        f" {words.points(change['mix_pp'])} by transactions that moved between services,"
        f" {words.points(change['entry_exit_pp'])} by services that came or went and"
        f" {words.points(change['coverage_pp'])} by services that are measured in only one of"
        " the two years."
    )


def services_table(services: Sequence[Row], source: Source) -> Table:
    """A body's services, those with most transactions that are not digital first."""
    return Table(
        caption="Its services, by transactions that are not digital",
        columns=("Service", ">Take-up", "Latest period", ">Not digital in its year"),
        rows=[
            (
                source.service(row["service_id"]),
                never_measured(row) or words.share(row["latest_ratio"]),
                "" if never_measured(row) else words.period_of(row, "latest_"),
                _offline_of(row),
            )
            for row in services
        ],
    )


def never_measured(service: Row) -> str:
    """That a service of `service_summary` was never measured; empty where it was."""
    return "never measured" if service["latest_period_end"] is None else ""


def _offline_of(service: Row) -> str:
    if service["volume_kind"] == "stock":
        return "a caseload"
    return "" if never_measured(service) else words.count(service["offline_count"])


def outstanding_table(outstanding: Sequence[Row], source: Source) -> Table:
    """Which of a body's services have no figure in the latest quarter."""
    return Table(
        caption="What is outstanding for the latest quarter",
        columns=("Service", "Why", "Last counted up to", ">Transactions then"),
        rows=[
            (
                source.service(row["service_id"]),
                MISSING[row["status"]],
                words.date(row["last_period_end"]) or "never",
                "" if row["last_total_count"] is None else words.count(row["last_total_count"]),
            )
            for row in outstanding
        ],
    )
