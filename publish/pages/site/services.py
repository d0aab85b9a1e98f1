"""A page for each service, and the list of all services."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from publish.pages.site import words
from publish.pages.site.bodies import never_measured
from publish.pages.site.model import Cell, Link, Page, Row, Table, download_of, file_name_of
from publish.pages.site.service_charts import Series
from publish.pages.site.service_tables import QUERIES, tables_of
from publish.pages.site.source import Source, grouped, service_path
from publish.standings import Target, standing

_SERIES: Final[Mapping[str, str]] = {
    "take_up": """
        select * from take_up_headline
        where measure = 'completed'
        order by service_id, period_kind, period_start
    """,
    "shares": """
        select * from channel_shares
        where period_kind = 'quarter' and is_authoritative
        order by service_id, period_start, channel
    """,
}
_FILES: Final = {
    "take_up": "take-up.csv",
    "shares": "channels.csv",
    "revisions": "revisions.csv",
    "measures": "measures.csv",
}
"""By the name of the rows, the file in which they can be had whole."""
COUNTED_AS: Final = {
    "flow": "transactions that happen in the period",
    "stock": "a caseload: what is there at a time",
}


def service_pages(source: Source, targets: Sequence[Target]) -> Iterator[Page]:
    """The list of services, then a page for each, in the order of their identifiers."""
    summaries = source.rows("select * from service_summary order by service_id")
    yield _list_of(summaries, source)
    facts = {row["service_id"]: row for row in source.rows("select * from services")}
    found = {
        name: grouped(source.rows(query), "service_id")
        for name, query in {**_SERIES, **QUERIES}.items()
    }
    for summary in summaries:
        service_id = summary["service_id"]
        yield _page_of(
            summary | facts[service_id],
            {name: rows[service_id] for name, rows in found.items()},
            [target for target in targets if target.service_id == service_id],
            source,
        )


def _list_of(summaries: Sequence[Row], source: Source) -> Page:
    letters: defaultdict[str, list[Row]] = defaultdict(list)
    for row in sorted(summaries, key=_by_name):
        first = row["service_name"].strip()[:1].upper()
        letters[first if first.isalpha() and first.isascii() else "Other"].append(row)
    return Page(
        path="services/index.html",
        title="Services A to Z",
        template="services",
        content={
            "letters": {
                letter: Table(
                    caption=f"Services: {letter}",
                    columns=("Service", "Department", ">Take-up", "Latest period", ">Transactions"),
                    rows=[_line_of(row, source) for row in rows],
                )
                for letter, rows in sorted(letters.items(), key=lambda one: (len(one[0]), one[0]))
            },
            "services_count": len(summaries),
        },
    )


def _by_name(row: Row) -> tuple[str, str]:
    return row["service_name"].casefold(), row["service_id"]


def _line_of(row: Row, source: Source) -> tuple[Cell, ...]:
    is_measured = row["latest_period_end"] is not None
    return (
        Link(words.said(row["service_name"]), service_path(row["service_id"])),
        source.department(row["department_id"]),
        never_measured(row) or words.share(row["latest_ratio"]),
        words.period_of(row, "latest_") if is_measured else None,
        words.count(row["latest_total_count"]) if is_measured else None,
    )


def _page_of(
    service: Row,
    rows: Mapping[str, Sequence[Row]],
    targets: Sequence[Target],
    source: Source,
) -> Page:
    files = f"data/services/{file_name_of(service['service_id'])}"
    series = Series(
        take_up=rows["take_up"],
        shares=rows["shares"],
        targets=targets,
        files=files,
        is_simulated=source.version.is_simulated,
    )
    return Page(
        path=service_path(service["service_id"]),
        title=words.said(service["service_name"]),
        template="service",
        content={
            "facts": _facts(service, source),
            "latest": _latest(service),
            "targets": [(target.target_id, standing(target) or "no value") for target in targets],
            "tables": list(tables_of(rows, files, source)),
            "notes": words.note(service["notes"]),
            "trace": _trace(service),
        },
        charts=series.charts(),
        downloads=tuple(
            download_of(f"{files}/{name}", rows[kind])
            for kind, name in _FILES.items()
            if rows[kind]
        ),
    )


def _facts(service: Row, source: Source) -> list[tuple[str, Cell]]:
    return [
        ("Department", source.department(service["department_id"])),
        ("Organisation", source.organisation(service["organisation_id"])),
        ("Kind of customers", words.said(service["customer_type"])),
        ("Counted as", COUNTED_AS[service["volume_kind"]]),
        ("In the publications", "listed" if service["is_listed"] else "no longer listed"),
        ("One of the exemplar services", "yes" if service["is_exemplar"] else None),
        ("Identifier", service["service_id"]),
    ]


def _trace(service: Row) -> str:
    """The command that leads from its latest figure to the events behind it."""
    start = service["latest_period_start"]
    if start is None or file_name_of(service["service_id"]) != service["service_id"]:
        return ""
    return f"takeup trace {service['service_id']} {start.year}-Q{(start.month + 2) // 3}"


def _latest(service: Row) -> str:
    """Its latest take-up in a sentence, with its parts and how old it is."""
    if service["latest_period_end"] is None:
        why = words.words(service["unmeasured_status"]) or "nothing was returned"
        return f"No take-up was ever measured: {why}."
    said = (
        f"{words.share(service['latest_ratio'])} in {words.period_of(service, 'latest_')}:"
        f" {words.count(service['latest_digital_count'])} digital of"
        f" {words.count(service['latest_total_count'])}."
    )
    old = service["quarters_old"] or 0
    if old:
        said += f" That is {old} quarter{'s' if old > 1 else ''} behind the latest of any service."
    return said
