"""A page for government's departments each, with their organisations, and the list of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from publish.pages.site import charts, words
from publish.pages.site.model import Chart, Page, Row, Table, download_of, file_name_of
from publish.pages.site.source import Source, department_path, grouped

DEFINITION: Final = """(
    select definition_id
    from department_take_up
    where level = 'government' and scope = 'all'
    group by definition_id
    order by sum(services_measured) desc, definition_id
    limit 1
)"""
"""SQL of the definition of take-up by which most services of a home are measured."""
HEADLINE: Final = f"structure = 'current' and scope = 'all' and definition_id = {DEFINITION}"
"""The rows of bodies that pages show: as government is made up today, all services."""

_BODIES: Final = f"""
    select * from department_take_up
    where {HEADLINE}
    order by level, department_id, organisation_id, period_kind, period_start
"""
_OUTSTANDING: Final = """
    select * from unmeasured_services
    where period_start = (select max(period_start) from unmeasured_services)
    order by department_id, coalesce(assumed_count, 0) desc, service_id
"""


def body_pages(source: Source) -> Iterator[Page]:
    """The list of departments, then a page for each, whether anything of it is measured or not."""
    rows = source.rows(_BODIES)
    departments = grouped((row for row in rows if row["level"] == "department"), "department_id")
    organisations = grouped(
        (row for row in rows if row["level"] == "organisation"), "department_id"
    )
    outstanding = grouped(source.rows(_OUTSTANDING), "department_id")
    services = grouped(
        source.rows(
            "select * from service_summary order by department_id, offline_count desc nulls last"
        ),
        "department_id",
    )
    moved = grouped(_contributions(source), "department_id")
    yield _list_of(departments, source)
    for department_id in sorted({*departments, *source.department_names}):
        yield _page_of(
            department_id,
            departments[department_id],
            source,
            organisations=organisations[department_id],
            services=services[department_id],
            outstanding=outstanding[department_id],
            moved=moved[department_id],
        )


def _contributions(source: Source) -> list[Row]:
    """What moved each department in the latest year, service by service, largest first."""
    return source.rows(
        f"""
        select *, within_service_pp + mix_pp + entry_exit_pp + coverage_pp as moved_pp
        from channel_shift_contributions
        where
            level = 'department' and scope = 'all' and comparison = 'year'
            and definition_id = {DEFINITION} and period_kind = 'rolling_year'
        qualify period_end = max(period_end) over (partition by department_id)
        order by department_id, abs(moved_pp) desc, service_id
        """
    )


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


def sayable(row: Row) -> bool:
    """Whether a body's take-up may be said: there is one, and enough of it is measured."""
    return row["take_up_ratio"] is not None and row["coverage_status"] != "too_incomplete"


def take_up_of(row: Row) -> str:
    """A body's take-up in a table: not said where too little is measured."""
    return words.share(row["take_up_ratio"]) if sayable(row) else "too little measured"


def _list_of(departments: dict[str, list[Row]], source: Source) -> Page:
    latest = [row for rows in departments.values() if (row := latest_year(rows))]
    latest.sort(key=lambda row: (-(row["offline_count"] or 0), row["department_id"]))
    return Page(
        path="departments/index.html",
        title="Departments",
        template="list",
        content={
            "lead": "Departments by the transactions that are not digital, most first; each by its"
            " latest year of which enough is measured to say a take-up.",
            "tables": [
                Table(
                    caption="Departments",
                    columns=("Department", "Year", ">Take-up", ">Not digital", ">All", "Coverage"),
                    rows=[
                        (
                            source.department(row["department_id"]),
                            words.period_of(row),
                            take_up_of(row),
                            words.count(row["offline_count"]),
                            words.count(row["total_count"]),
                            coverage(row),
                        )
                        for row in latest
                    ],
                    note="No department has a year that is measured.",
                )
            ],
        },
    )


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


def _page_of(
    department_id: str,
    rows: list[Row],
    source: Source,
    *,
    organisations: list[Row],
    services: list[Row],
    outstanding: list[Row],
    moved: list[Row],
) -> Page:
    name = source.department_names.get(department_id, department_id)
    file = f"data/departments/{file_name_of(department_id)}.csv"
    chart = chart_of(rows, name=name, file=file, is_simulated=source.version.is_simulated)
    latest = latest_year(rows)
    said = in_words(latest) if latest else "No year of it is measured enough to say a take-up."
    own = grouped(organisations, "organisation_id")
    tables = [
        Table(
            caption="Its organisations",
            columns=("Organisation", "Year", ">Take-up", ">Not digital", "Coverage"),
            rows=[
                (
                    source.organisation_names.get(key, key),
                    words.period_of(row),
                    take_up_of(row),
                    words.count(row["offline_count"]),
                    coverage(row),
                )
                for key, of_one in own.items()
                if (row := latest_year(of_one))
            ],
        ),
        Table(
            caption="Its services, by transactions that are not digital",
            columns=("Service", ">Take-up", "Latest period", ">Not digital in its year"),
            rows=[
                (
                    source.service(row["service_id"]),
                    words.share(row["latest_ratio"]),
                    "" if row["latest_period_end"] is None else words.period_of(row, "latest_"),
                    words.count(row["offline_count"]),
                )
                for row in services
            ],
        ),
        Table(
            caption="What moved its take-up in the latest year",
            columns=("Service", ">In all", ">Its own shift", ">Mix", ">Came or went", ">Coverage"),
            rows=[
                (
                    source.service(row["service_id"]),
                    *(
                        words.points(row[f"{part}_pp"])
                        for part in ("moved", "within_service", "mix", "entry_exit", "coverage")
                    ),
                )
                for row in moved[:10]
            ],
        ),
        Table(
            caption="What is outstanding for the latest quarter",
            columns=("Service", "Why", ">Transactions when last counted"),
            rows=[
                (
                    source.service(row["service_id"]),
                    words.words(row["status"]),
                    words.count(row["last_total_count"]),
                )
                for row in outstanding
            ],
        ),
    ]
    return Page(
        path=department_path(department_id),
        title=name,
        template="body",
        content={"said": said, "tables": [table for table in tables if table.rows]},
        charts=(chart,) if chart else (),
        downloads=(download_of(file, rows),) if rows else (),
    )
