"""The first page: where government stands, what is in doubt, what is missing, what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from publish.doubts import LARGEST, LATEST_QUARTER, largest_doubts_sql
from publish.pages.site import charts, words
from publish.pages.site.bodies import (
    DEFINITION,
    HEADLINE,
    bounds_in_words,
    chart_of,
    in_words,
    latest_year,
    moved_in_words,
    moved_table,
)
from publish.pages.site.model import Cell, Chart, Link, Page, Row, Table, download_of
from publish.pages.site.service_tables import CHANGE_COLUMNS, change_cells, due, place
from publish.pages.site.source import Source
from publish.reported import IN_OUR_WORDS
from publish.standings import Target, standing

SHOWN: Final = 10
"""Rows of a table on this page; the pages behind it have all."""
LABEL: Final = 60
"""Characters of a bar's label."""

_GOVERNMENT: Final = f"""
    select * from department_take_up
    where {HEADLINE} and level = 'government'
    order by period_kind, period_start
"""
_LIKE_FOR_LIKE: Final = f"""
    select * from take_up_like_for_like
    where level = 'government' and scope = 'all' and definition_id = {DEFINITION}
    order by period_end desc, period_start
    limit 1
"""
_CHANGE_OF_A_YEAR: Final = f"""
    level = 'government' and scope = 'all' and comparison = 'year'
    and period_kind = 'rolling_year' and definition_id = {DEFINITION}
    qualify period_end = max(period_end) over ()
"""
_CHANGE: Final = f"select * from channel_shift_decomposition where {_CHANGE_OF_A_YEAR}"
_MOVED: Final = f"""
    select service_id, within_service_pp + mix_pp + entry_exit_pp + coverage_pp as moved_pp,
        within_service_pp, mix_pp, entry_exit_pp, coverage_pp
    from channel_shift_contributions
    where {_CHANGE_OF_A_YEAR}
    order by abs(moved_pp) desc, service_id
    limit 10
"""
_OFFLINE: Final = """
    select * from offline_volumes
    where period_kind = 'rolling_year'
    qualify period_end = max(period_end) over ()
    order by offline_count desc, service_id
"""
_LATEST_PUBLICATION: Final = "select max(published_at) from publications where kind = 'volumes'"
_CHANGED: Final = f"""
    select * from revisions
    where timing <> 'first_value' and service_id is not null
        and new_known_at = ({_LATEST_PUBLICATION})
    order by abs(effect_pp) desc nulls last, service_id, period_start, quantity
"""
_RESTATED: Final = f"""
    select * from aggregate_revisions
    where level = 'government' and scope = 'all' and period_kind = 'rolling_year'
        and definition_id = {DEFINITION}
    qualify (new_known_at, period_end) = max((new_known_at, period_end)) over ()
    order by abs(effect_pp) desc, service_id
"""
_MISSING: Final = """
    select department_id, count(*) as services_count, sum(assumed_count) as assumed_count
    from unmeasured_services
    where period_start = (select max(period_start) from unmeasured_services)
    group by department_id
    order by assumed_count desc nulls last, department_id
"""
_DUE: Final = f"""
    select * replace ({IN_OUR_WORDS} as promise) from promises
    where reported in ('open', 'not_reported', 'not_kept', 'partly') and due_on is not null
    order by due_on desc, document, line, promise_id
    limit 10
"""
_PROMISES: Final = """
    select reported, count(*) as promises_count
    from promises
    group by reported
    order by promises_count desc, reported
"""


def overview(source: Source, targets: Sequence[Target]) -> Page:
    """The site's first page."""
    government = source.rows(_GOVERNMENT)
    offline = source.rows(_OFFLINE)
    file, offline_file = "data/government.csv", "data/not-digital.csv"
    drawn = [
        chart_of(
            government, name="government", file=file, is_simulated=source.version.is_simulated
        ),
        _offline(offline, source, file=offline_file),
    ]
    return Page(
        path="index.html",
        title="Digital take-up of government services",
        template="overview",
        content={
            "standing": _standing(government, source),
            "targets": [_target_line(target, source) for target in targets],
            "tables": [table for table in _tables(source) if table.rows or table.note],
        },
        charts=tuple(chart for chart in drawn if chart),
        downloads=tuple(
            download_of(path, rows)
            for path, rows in ((file, government), (offline_file, offline))
            if rows
        ),
    )


def _target_line(target: Target, source: Source) -> tuple[Cell, str, str]:
    return (
        source.service(target.service_id) or words.said(target.service),
        words.goal(target),
        standing(target) or "no value",
    )


def _standing(government: list[Row], source: Source) -> list[str]:
    """Where government stands, in sentences."""
    latest = latest_year(government)
    if latest is None:
        return ["Too little is measured to say a take-up of government."]
    said = [in_words(latest), *bounds_in_words(latest)]
    alike = source.row(_LIKE_FOR_LIKE)
    if alike and alike["change_pp"] is not None:
        said.append(
            f"Like for like: take-up of the {words.count(alike['services_count'])} services that"
            f" are measured in {words.period_of(alike)} and a year before moved by"
            f" {words.points(alike['change_pp'])}."
        )
    said.append(moved_in_words(source.row(_CHANGE)))
    said.append(f"{words.count(latest['offline_count'])} transactions were not digital.")
    return [sentence for sentence in said if sentence]


def _offline(rows: Sequence[Row], source: Source, *, file: str) -> Chart | None:
    if not rows:
        return None
    shown = rows[:SHOWN]
    names = [
        words.said(source.service_names.get(row["service_id"], row["service_id"])) for row in shown
    ]
    return Chart(
        title="Where the transactions are that are not digital",
        says=(
            f"The {len(shown)} services with most of them in the {words.period_of(rows[0])}:"
            f" together {words.share(shown[-1]['cumulative_share'])} of the"
            f" {words.count(sum(row['offline_count'] for row in rows))} that services have by the"
            f" definition to quote for each. Most: {names[0]},"
            f" {words.count(rows[0]['offline_count'])}."
        ),
        spec=charts.bars(
            [
                {
                    "name": label,
                    "value": row["offline_count"],
                    "label": words.count(row["offline_count"]),
                }
                for label, row in zip(_labels(names), shown, strict=True)
            ],
            title="Transactions that were not digital",
            is_simulated=source.version.is_simulated,
        ),
        table=Table(
            caption="Services with most transactions that are not digital",
            columns=(
                "Service",
                ">Not digital",
                ">All",
                ">Of all that are not digital",
                ">Change in a year",
            ),
            rows=[
                (
                    source.service(row["service_id"]),
                    words.count(row["offline_count"]),
                    words.count(row["total_count"]),
                    words.share(row["offline_share"]),
                    "" if row["change_count"] is None else f"{row['change_count']:+,.0f}",
                )
                for row in shown
            ],
            download=file,
        ),
    )


def _labels(names: Sequence[str]) -> list[str]:
    """Names as the labels of bars: short ones, and no two alike, which would be one bar."""
    short = [name if len(name) <= LABEL else f"{name[: LABEL - 1].rstrip()}…" for name in names]
    return [
        f"{one} ({before + 1})" if (before := short[:place].count(one)) else one
        for place, one in enumerate(short)
    ]


def _tables(source: Source) -> list[Table]:
    return [
        moved_table(
            "What moved government's take-up in the latest year", source.rows(_MOVED), source
        ),
        _changed(source),
        _restated(source),
        Table(
            caption="Who is missing in the latest quarter",
            columns=("Department", ">Services without a figure", ">Transactions when last counted"),
            rows=[
                (
                    source.department(row["department_id"]),
                    words.count(row["services_count"]),
                    words.count(row["assumed_count"]),
                )
                for row in source.rows(_MISSING)
            ],
            note="Every service that is expected has returned.",
        ),
        _doubts(source),
        _due(source),
        Table(
            caption="Promises of the reports",
            columns=("What reports say", ">Promises"),
            rows=[
                (
                    Link(
                        words.capital(words.words(row["reported"])),
                        f"reports/index.html#{row['reported']}",
                    ),
                    words.count(row["promises_count"]),
                )
                for row in source.rows(_PROMISES)
            ],
            note="No report has landed that promises anything.",
        ),
    ]


def _changed(source: Source) -> Table:
    """What the latest publication of volumes says otherwise than the one before."""
    published = source.row(f"select ({_LATEST_PUBLICATION}) as at")
    of = f" of {words.date(published['at'])}" if published and published["at"] else ""
    return Table(
        caption=f"What changed with the latest publication{of}",
        columns=("Service", *CHANGE_COLUMNS),
        rows=[
            (source.service(row["service_id"]), *change_cells(row))
            for row in source.rows(_CHANGED)[:SHOWN]
        ],
        note="No figure that was published before changed.",
    )


def _restated(source: Source) -> Table:
    """By what government's latest year moved between two publications in succession."""
    rows = source.rows(_RESTATED)
    if not rows:
        return Table("", (), [])
    first = rows[0]
    return Table(
        caption=(
            f"Why the {words.period_of(first)} moved from {words.share(first['old_ratio'])}, known"
            f" on {words.date(first['old_known_at'])}, to {words.share(first['new_ratio'])}, known"
            f" on {words.date(first['new_known_at'])}"
        ),
        columns=("Service", "What became of it", ">Moved government by"),
        rows=[
            (
                source.service(row["service_id"]),
                words.words(row["effect_kind"]),
                words.points(row["effect_pp"]),
            )
            for row in rows[:SHOWN]
        ],
    )


def _due(source: Source) -> Table:
    return Table(
        caption="Promises with a day that no report says were kept, latest first",
        columns=("Who", "Promise", "Due", "What reports say", "Where"),
        rows=[
            (
                source.department(row["department_id"]) or words.said(row["body"]),
                words.said(row["promise"]),
                due(row),
                words.words(row["reported"]),
                place(row),
            )
            for row in source.rows(_DUE)
        ],
    )


def _doubts(source: Source) -> Table:
    """The largest doubts of the latest quarter."""
    start, end = source.connection.execute(LATEST_QUARTER).fetchone() or (None, None)
    rows: list[dict[str, Any]] = []
    if start is not None:
        rows = source.rows(largest_doubts_sql("data_quality", start, end))
    return Table(
        caption=f"The {LARGEST} largest doubts of the latest quarter",
        columns=("Service", "Doubt", ">Could move it by", ">Could move its department by"),
        rows=[
            (
                source.service(row["service_id"]),
                words.sentence(row["what"]),
                words.points(row["service_effect_pp"]),
                words.points(row["department_effect_pp"]),
            )
            for row in rows
        ],
        note="Nothing is in doubt that could move a figure.",
    )
