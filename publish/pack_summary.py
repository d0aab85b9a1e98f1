"""The first thing that a reader of a pack sees: sentences made from its tables, on one page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from publish.database import WarehouseVersion
from publish.display import day, exact_percentage, percentage, percentage_points, period, printable
from publish.known import Asked, is_laid
from publish.pages.site import words
from publish.pages.site.bodies import bounds_in_words, in_words
from publish.rendering import templates_in
from publish.reported import IN_OUR_WORDS, MEANINGS, kept_line

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SUMMARY: Final = "summary.html"
FOLDER: Final = Path(__file__).with_name("templates")
_LINES: Final = 5
"""Of a list that could be long; how many more there are is said."""
_NAME_LENGTH: Final = 90
_WHY_MISSING: Final = {
    "without_digital": "no digital count",
    "not_returned": "not returned",
    "lapsed": "nothing for more than a year",
    "never_returned": "never returned",
}

_BODIES: Final = """
    select * from pack_government
    where scope = 'all' and period_kind = 'rolling_year'
"""
_DEPARTMENT: Final = "select * from pack_departments where period_kind = 'rolling_year'"
_LIKE_FOR_LIKE: Final = """
    select * from known_take_up_like_for_like
    where
        level = 'government' and scope = 'all' and period_kind = 'quarter'
        and period_start = (select starts_on from pack)
        and definition_id = (select definition_id from definition_of_bodies)
"""
_TARGETS: Final = """
    select * from pack_target_attainment
    order by latest_says, coalesce(service_name, service_id, department_id), target_id
"""
_MOVED: Final = """
    select
        take_up.service_name, take_up.service_id, take_up.take_up_ratio, shift.shift_pp_year,
        shift.shift_pp_year / 100 * take_up.total_count as moved_count
    from pack_take_up as take_up
    inner join pack_channel_shift as shift using (service_id, period_kind, period_start)
    inner join known_services as services using (service_id)
    where period_kind = 'rolling_year' and services.volume_kind is distinct from 'stock'
        and shift.shift_pp_year is not null
    order by abs(moved_count) desc, take_up.service_id
"""
_MISSING: Final = """
    select * from pack_missing
    where status is not null or is_return_outstanding
    order by assumed_count desc nulls last, service_id
"""
_WITHOUT_COMMENTARY: Final = """
    select count(*) as returns_count from pack_missing where is_commentary_missing
"""
_CHANGED: Final = """
    select *
    from pack_changed_figures
    where abs(effect_pp) > 1
    qualify row_number() over (
        partition by service_id, period_kind, period_start order by abs(effect_pp) desc, quantity
    ) = 1
    order by abs(effect_pp) desc, service_id, period_start
"""
_DUE: Final = f"""
    select
        coalesce(bodies.department_name, promises.department_id, body) as who,
        {IN_OUR_WORDS} as said, due_on, reported
    from pack_promises as promises
    left join body_names as bodies
        on promises.department_id = bodies.department_id and bodies.organisation_id is null
    where
        due_on >= (select starts_on from pack)
        and due_on <= (select ends_on + interval 3 month from pack)
        and reported not in ('no_test', 'not_applicable')
    order by due_on, promise_id
"""
_DUE_COUNTS: Final = """
    select reported, count(*) as promises_count from pack_promises
    where due_on <= (select ends_on from pack)
    group by reported
"""


@dataclass(frozen=True)
class Summary:
    """What a pack says first: a title, what it is of, and sentences under headings."""

    title: str
    known: str
    log_version: int
    sections: Sequence[tuple[str, Sequence[str]]]
    is_simulated: bool


def summary_of(
    connection: DuckDBPyConnection, asked: Asked, version: WarehouseVersion, laid: set[str]
) -> Summary:
    """The sentences of a pack whose tables are laid as `pack_NAME`; `laid` are their names."""
    quarter = asked.quarter
    of = "government services" if asked.department is None else f"services of {asked.department}"
    parts = (
        ("Government", ("government",), _government),
        ("Targets", ("target_attainment",), _targets),
        ("Services that moved most transactions in a year", ("take_up", "channel_shift"), _moved),
        ("Largest volumes that are missing", ("missing",), _missing),
        ("Figures changed by more than a point", ("changed_figures",), _changed),
        ("Promises due", ("promises",), _promises),
    )
    return Summary(
        title=f"Digital take-up of {of}, {period('quarter', quarter.start, quarter.end)}",
        known=f"As known on {day_of(asked.moment)}; log version {version.log_version}.",
        log_version=version.log_version,
        sections=[
            (heading, say(connection, asked))
            for heading, needs, say in parts
            if laid.issuperset(needs)
        ],
        is_simulated=version.is_simulated,
    )


def day_of(moment: str) -> str:
    """The day of a moment that is text: `29 November 2016`."""
    return day(dt.datetime.fromisoformat(moment))


def summary_html(summary: Summary) -> bytes:
    """The summary as a page that prints to one side of A4. All text is escaped."""
    return templates_in(FOLDER).get_template(SUMMARY).render(summary=summary).encode()


def _government(connection: DuckDBPyConnection, asked: Asked) -> list[str]:
    said = []
    for row in _rows(connection, _BODIES):
        said += [in_words(row), *bounds_in_words(row)]
    if is_laid(connection, "known_take_up_like_for_like"):
        said += [
            f"Like for like, the {row['services_count']} services that can be compared stood"
            f" {_points(row['change_pp'])} in {words.period_of(row)} against a year"
            " before."
            for row in _rows(connection, _LIKE_FOR_LIKE)
            if row["change_pp"] is not None
        ]
    if asked.department is not None and is_laid(connection, "pack_departments"):
        said += [
            f"{row['department_name'] or asked.department}: {in_words(row)}"
            for row in _rows(connection, _DEPARTMENT)
        ]
    return said or ["Too little is measured to say a take-up of government."]


def _targets(connection: DuckDBPyConnection, _: Asked) -> list[str]:
    rows = _rows(connection, _TARGETS)
    return _listed([_target(row) for row in rows], "target_attainment.csv") or [
        "No target was set by then."
    ]


def _target(row: Mapping[str, Any]) -> str:
    due = "" if row["due_on"] is None else f" by {day(row['due_on'])}"
    goal = f"{exact_percentage(row['target_ratio'])}{due}"
    text = f"{_name(row)}, {goal}: {words.words(row['verdict'])}"
    if row["measured_ratio"] is not None:
        measured = period(
            row["period_kind"], row["measured_period_start"], row["measured_period_end"]
        )
        the = "the " if row["period_kind"].endswith("year") else ""
        text += f", {percentage(row['measured_ratio'])} in {the}{measured}"
    if row["is_stale"]:
        text += ", not measured since"
    if row["latest_ratio"] is None:
        return f"{text}; nothing later is measured."
    kind, end = words.words(row["latest_period_kind"]), day(row["latest_period_end"])
    latest = f"{percentage(row['latest_ratio'])} in the {kind} to {end}"
    return f"{text}; {words.words(row['latest_says'])} ({latest})."


def _moved(connection: DuckDBPyConnection, _: Asked) -> list[str]:
    rows = _rows(connection, f"{_MOVED} limit {_LINES}")
    return [
        f"{_name(row)}: {abs(row['moved_count']):,.0f} transactions"
        f" {'to' if row['moved_count'] >= 0 else 'away from'} digital ways, take-up"
        f" {percentage(row['take_up_ratio'])} ({_points(row['shift_pp_year'])})."
        for row in rows
    ] or ["No service has two years that can be compared."]


def _missing(connection: DuckDBPyConnection, _: Asked) -> list[str]:
    rows = _rows(connection, _MISSING)
    said = _listed([_missed(row) for row in rows], "missing.csv") or ["Nothing is missing."]
    (unsaid,) = _rows(connection, _WITHOUT_COMMENTARY)
    if not unsaid["returns_count"]:
        return said
    return [*said, f"Returns without the commentary that they need: {unsaid['returns_count']}."]


def _missed(row: Mapping[str, Any]) -> str:
    why = _WHY_MISSING.get(row["status"], "return outstanding")
    volume = row["assumed_count"]
    size = "volume not known" if volume is None else f"about {volume:,.0f} transactions"
    return f"{_name(row)}: {size}, {why}."


def _changed(connection: DuckDBPyConnection, asked: Asked) -> list[str]:
    if asked.changed_since is None:
        return ["There is no publication or pack before this one."]
    since = day_of(asked.changed_since)
    rows = _rows(connection, _CHANGED)
    said = [
        f"{_name(row)}, {words.period_of(row)}: {_points(row['effect_pp'])},"
        f" {'cause: ' + printable(row['cause']) if row['cause'] else 'no cause is stated'}."
        for row in rows
    ]
    return _listed(said, "changed_figures.csv") or [f"None since {since}."]


def _promises(connection: DuckDBPyConnection, _: Asked) -> list[str]:
    counts = {row["reported"]: row["promises_count"] for row in _rows(connection, _DUE_COUNTS)}
    said = [f"{kept_line(counts, 'with a test due by the end of the quarter')}."] if counts else []
    rows = _rows(connection, _DUE)
    said += [
        f"{row['who']}, {day(row['due_on'])}: {printable(row['said']).rstrip('.')}"
        f" ({MEANINGS.get(row['reported'], row['reported'])})."
        for row in rows[:_LINES]
    ]
    if len(rows) > _LINES:
        said.append(f"And {len(rows) - _LINES} more due this quarter or the next, in promises.csv.")
    return said or ["None is due."]


def _listed(said: list[str], file: str) -> list[str]:
    more = len(said) - _LINES
    return said[:_LINES] + ([f"And {more:,} more, in {file}."] if more > 0 else [])


def _points(difference: float) -> str:
    return percentage_points(difference).replace(" pp", " percentage points")


def _name(row: Mapping[str, Any]) -> str:
    """Of whom a row is, short enough for a page."""
    of = row.get("service_name") or row.get("service_id") or row.get("department_id") or ""
    text = printable(str(of))
    return text if len(text) <= _NAME_LENGTH else f"{text[:_NAME_LENGTH]}…"


def _rows(connection: DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
