"""A page for each department and organisation, and the list of departments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from publish.pages.site import words
from publish.pages.site.bodies import (
    DEFINITION,
    HEADLINE,
    band,
    chart_of,
    coverage,
    in_words,
    latest_year,
    moved_in_words,
    moved_table,
    outstanding_table,
    sayable,
    services_table,
    take_up_of,
)
from publish.pages.site.model import Cell, Link, Page, Row, Table, download_of, file_name_of
from publish.pages.site.service_tables import promises_table, returns_table
from publish.pages.site.source import Source, department_path, grouped, organisation_path
from publish.reported import IN_OUR_WORDS

_BODIES: Final = f"""
    select * from department_take_up
    where {HEADLINE} and level = '{{level}}'
    order by {{level}}_id, period_kind, period_start
"""
_SERVICES: Final = """
    select * from service_summary
    order by offline_count desc nulls last, service_name, service_id
"""
_OUTSTANDING: Final = """
    select missing.*, services.organisation_id
    from unmeasured_services as missing
    left join services using (service_id)
    where missing.period_start = (select max(period_start) from unmeasured_services)
    order by coalesce(assumed_count, 0) desc, service_id
"""
_LATEST: Final = f"""
    scope = 'all' and comparison = 'year' and period_kind = 'rolling_year'
    and definition_id = {DEFINITION} and level = '{{level}}'
    qualify period_end = max(period_end) over (partition by {{level}}_id)
"""
_CHANGES: Final = f"select * from channel_shift_decomposition where {_LATEST}"
_MOVED: Final = f"""
    select *, within_service_pp + mix_pp + entry_exit_pp + coverage_pp as moved_pp
    from channel_shift_contributions
    where {_LATEST}
    order by abs(moved_pp) desc, service_id
"""
_RETURNS: Final = """
    select * from mi_returns
    where department_id is not null
    order by period_end desc, received_at is null desc, is_late desc nulls last, service_id
"""
_PROMISES: Final = f"""
    select * replace ({IN_OUR_WORDS} as promise) from promises
    where department_id is not null
    order by due_on nulls last, document, line, promise_id
"""
MOVED_SHOWN: Final = 10


@dataclass(frozen=True, kw_only=True)
class Body:
    """A department or organisation with its rows, in the order in which its page shows them."""

    key: str
    name: str
    rows: list[Row]
    services: list[Row]
    outstanding: list[Row]
    moved: list[Row]
    change: Row | None


def body_pages(source: Source) -> Iterator[Page]:
    """The list of departments, then a page for each department and each organisation, whether
    anything of it is measured or not."""
    departments = list(_bodies("department", source.department_names, source))
    organisations = list(_bodies("organisation", source.organisation_names, source))
    promises = grouped(source.rows(_PROMISES), "department_id")
    returns = grouped(source.rows(_RETURNS), "department_id")
    yield _list_of(departments, source)
    for body in departments:
        own = [one for one in organisations if _department_of(one) == body.key]
        sent = returns_table(returns[body.key], partial(_of_whom, source), first="Return")
        more = [_organisations(own, source), sent, promises_table(promises[body.key])]
        yield _page_of("department", department_path(body.key), body, more, source)
    for body in organisations:
        yield _page_of("organisation", organisation_path(body.key), body, [], source)


def _bodies(level: str, names: Mapping[str, str], source: Source) -> Iterator[Body]:
    """Every body of a level that has services or is measured."""
    key = f"{level}_id"

    def rows(query: str) -> defaultdict[str, list[Row]]:
        return grouped(source.rows(query.format(level=level)), key)

    measured, services, outstanding = rows(_BODIES), rows(_SERVICES), rows(_OUTSTANDING)
    moved, changes = rows(_MOVED), rows(_CHANGES)
    for one in sorted({*names, *measured}):
        yield Body(
            key=one,
            name=words.said(names.get(one, one)),
            rows=measured[one],
            services=services[one],
            outstanding=outstanding[one],
            moved=moved[one],
            change=next(iter(changes[one]), None),
        )


def _of_whom(source: Source, row: Row) -> Cell:
    """A return's service and period, as the way to the service's page."""
    service, when = source.service(row["service_id"]), words.period_of(row)
    if isinstance(service, Link):
        return Link(f"{service.text}, {when}", service.path)
    return f"{words.said(service)}, {when}"


def _department_of(organisation: Body) -> str | None:
    """The department to which an organisation belongs today."""
    rows = organisation.rows[-1:] or organisation.services[:1]
    return rows[0]["department_id"] if rows else None


def _list_of(departments: Sequence[Body], source: Source) -> Page:
    def most_offline(body: Body) -> tuple[int, str]:
        latest = latest_year(body.rows)
        return -((latest and latest["offline_count"]) or 0), body.key

    return Page(
        path="departments/index.html",
        title="Departments",
        template="list",
        content={
            "lead": "Departments by the transactions that are not digital, most first: that is"
            " where the work is. Each by its latest year; lowest and highest are what its services"
            " that are not measured could make of its take-up.",
            "tables": [
                Table(
                    caption="Departments",
                    columns=(
                        "Department",
                        "Year",
                        ">Take-up",
                        ">Lowest to highest",
                        ">Not digital",
                        ">All",
                        "Coverage",
                    ),
                    rows=[
                        (source.department(body.key), *_line(latest_year(body.rows)))
                        for body in sorted(departments, key=most_offline)
                    ],
                    note="No department has services yet.",
                )
            ],
        },
    )


def _line(latest: Row | None) -> tuple[str, ...]:
    if latest is None:
        return ("", "never measured", "", "", "", "")
    return (
        words.period_of(latest),
        take_up_of(latest),
        band(latest),
        words.count(latest["offline_count"]),
        words.count(latest["total_count"]),
        coverage(latest),
    )


def _page_of(level: str, path: str, body: Body, more: Sequence[Table], source: Source) -> Page:
    file = f"data/{level}s/{file_name_of(body.key)}.csv"
    chart = chart_of(body.rows, name=body.name, file=file, is_simulated=source.version.is_simulated)
    latest = latest_year(body.rows)
    tables = [
        *more[:1],
        services_table(body.services, source),
        moved_table("What moved its take-up in the latest year", body.moved[:MOVED_SHOWN], source),
        outstanding_table(body.outstanding, source),
        *more[1:],
    ]
    of = source.department(_department_of(body)) if level == "organisation" else None
    return Page(
        path=path,
        title=body.name,
        template="body",
        content={
            "of": of,
            "said": in_words(latest)
            if latest
            else "No year of it is measured enough to say a take-up.",
            "moved": moved_in_words(body.change) if latest and sayable(latest) else "",
            "tables": [table for table in tables if table.rows],
        },
        charts=(chart,) if chart else (),
        downloads=(download_of(file, body.rows),) if body.rows else (),
    )


def _organisations(organisations: Sequence[Body], source: Source) -> Table:
    def line(body: Body) -> tuple[str, ...]:
        year, take_up, ends, offline, _, covered = _line(latest_year(body.rows))
        return year, take_up, ends, offline, covered

    return Table(
        caption="Its organisations",
        columns=(
            "Organisation",
            "Year",
            ">Take-up",
            ">Lowest to highest",
            ">Not digital",
            "Coverage",
        ),
        rows=[(source.organisation(one.key), *line(one)) for one in organisations],
    )
