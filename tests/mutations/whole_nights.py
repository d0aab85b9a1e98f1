"""Whole nights with edited files among good ones, held against the night without an edit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from core.registers import load_register
from core.settings import SEEDS
from tests.kill.processes import Command, Ended, run
from tests.mutations.edits import Edit
from tests.mutations.inputs import Input
from tests.support.homes import Home, Row
from tests.support.nights import filled_once

REPORT = "urn:takeup:report:"
MOMENT = "2018-01-01T02:00:00+00:00"
TABLES_OF_THE_RUN = {"run_history", "warehouse_version", "dictionary", "ingest_ledger"}
"""What they say of a night is about its files as a whole."""
TABLES_OF_REPORTS = {"commitments", "inclusion", "report_subjects"}
CITING = ("document", "figure_id", "citations", "citation")
"""Columns that name documents."""
TABLES_OF_PERIODS = {"take_up", "take_up_headline", "channel_volumes", "reported_cells"}
"""Their figures of a period come of that period alone."""
TABLES_OF_BODIES = {
    "aggregate_revisions",
    "channel_shift_contributions",
    "channel_shift_decomposition",
    "department_take_up",
    "management_information",
    "offline_volumes",
    "take_up_like_for_like",
    "unmeasured_services",
}
"""They have every period between the first and the latest that anybody has."""
TERMS_OF_BODIES = {"aggregate_revisions", "channel_shift_contributions"}
"""What a service adds in them is measured by the whole of its body."""
Difference = dict[str, Any]
Claim = tuple[Any, ...]
Counted = tuple[Any, ...]
COUNTED = ("period_kind", "period_start", "definition_id", "scope")
"""What bodies have rows of: all of them, as soon as anybody is counted in it."""
RANGE = (
    "reported_cells where breakdown = 'total' and period_kind = 'quarter'"
    " and transactions_count is not null"
)
"""What tells from when to when publications have counts."""


@dataclass(frozen=True)
class Affected:
    """What the events of two logs differ in: services, with the days of which they speak, their
    departments, reports and the claims in them; the names of the edited files; whether the
    publications have another first or latest period; and in what anybody is counted in one of the
    two nights alone."""

    days: Mapping[str, set[tuple[date, date] | None]]
    departments: set[str]
    reports: set[str]
    claims: set[Claim]
    files: set[str]
    is_range_another: bool
    counted_in_one: set[Counted]

    def explains(self, table: str, row: Difference) -> bool:
        """Whether a row that is another may be one: it is of what was edited, or names the file."""
        if table == "data_quality" and row["input"] in self.files:
            return True
        # How long a service is silent is counted to the latest period that anybody has.
        if table == "data_quality" and row["check_id"] == "gone_silent" and self.is_range_another:
            return True
        if table in (*TABLES_OF_BODIES, "service_summary") and self.is_range_another:
            return True
        if self._follows_from_whom_counts(table, row):
            return True
        # A claim that two reports make is one row, which cites both.
        if table in ("published_figures", "report_claims") and _claim(row) in self.claims:
            return True
        cited = " ".join(str(row.get(name)) for name in CITING)
        if any(report in cited for report in self.reports):
            return True
        # What a report says of a promise may be said in another report of its department.
        if table == "promises" and self.reports:
            return True
        if table in TABLES_OF_REPORTS:
            return bool(self.reports)
        service, department = row.get("service_id"), row.get("department_id")
        # Its offline transactions are shown as a share of everybody's.
        if table == "offline_volumes":
            return bool(self.days)
        if service is not None and table not in TERMS_OF_BODIES:
            return service in self.days and (
                table not in TABLES_OF_PERIODS or _contains(row, self.days[service])
            )
        if department is not None:
            return department in self.departments
        return bool(self.days or self.reports)

    def _follows_from_whom_counts(self, table: str, row: Difference) -> bool:
        """Whether it is a body's row, or a service that never returned, of a period and definition
        in which somebody edited is the only one that counts."""
        keys: set[Counted] = set()
        if table == "department_take_up":
            keys = self.counted_in_one & {tuple(row.get(name) for name in COUNTED)}
        elif table == "unmeasured_services" and row["status"] == "never_returned":
            # It stands under any definition by which its quarter is counted.
            quarter = ("quarter", row["period_start"])
            keys = {key for key in self.counted_in_one if key[:2] == quarter}
        return bool(keys) and any(_contains(row, days) for days in self.days.values())


def _claim(row: Mapping[str, Any]) -> Claim:
    """What a claim is about and says, whichever report makes it."""
    return tuple(row.get(name) for name in ("metric", "subject", "service_id", "value"))


def _contains(row: Difference, days: set[tuple[date, date] | None]) -> bool:
    """Whether a row's period has, or is in, one that was edited."""
    start, end = row["period_start"], row.get("period_end")
    if None in days or end is None:
        return True
    return any(one is not None and one[0] <= end and start <= one[1] for one in days)


@dataclass(frozen=True)
class Nights:
    """The inputs, a folder for homes, and the home after one night on the inputs as they are."""

    inputs: tuple[Input, ...]
    folder: Path
    unedited: Path

    @cached_property
    def before(self) -> Home:
        """That home, made once for all who share its folder."""

        def fill(folder: Path) -> None:
            ended = self._night(Home.at(folder / "home"), {})
            assert ended.code == 0, ended.said

        return Home.at(filled_once(self.unedited, fill) / "home")

    def _night(self, home: Home, edited: Mapping[str, bytes]) -> Ended:
        """One whole night on the inputs, some of them edited."""
        for file, content in ({file.name: file.content for file in self.inputs} | edited).items():
            home.land(file, content)
        return run(Command(("nightly",), MOMENT), home.settings.home)

    def faults(self, edits: Sequence[Edit]) -> list[str]:
        """What a night with these edits did that it must not."""
        edited = {edit.copy or edit.file.name: edit.content for edit in edits}
        home = Home.at(self.folder / f"{edits[0].seed}-{edits[0].number}")
        ended = self._night(home, edited)
        again = f"again: make mutated-nights SEED={edits[0].seed} FIRST={edits[0].number} NIGHTS=1"
        those = "\n".join([*map(str, edits), again])
        if ended.code != 0 or not home.settings.published_file.is_file():
            return [f"exit {ended.code}:\n{those}\n{ended.said[-2000:]}"]
        affected = _affected(self.before, home, set(edited))
        return [
            f"{table}: {row}\n{those}"
            for table, row in _differences(self.before, home, set(edited))
            if table not in TABLES_OF_THE_RUN and not affected.explains(table, row)
        ]


def _affected(before: Home, after: Home, edited: set[str]) -> Affected:
    old, new = ({_said(row): row for row in home.rows("event")} for home in (before, after))
    days: dict[str, set[tuple[date, date] | None]] = {}
    reports: set[str] = set()
    claims: set[Claim] = set()
    for key in old.keys() ^ new.keys():
        row = old.get(key) or new[key]
        data = json.loads(row["data"]) if row["data"] else {}
        if row["source"].startswith(REPORT):
            reports.add(row["source"].removeprefix(REPORT))
            claims.add(_claim(data))
        elif service := row["service_id"] or data.get("service_id"):
            days.setdefault(service, set()).add(_days_of(row, data))
    departments = {
        department
        for home in (before, after)
        for table in ("services", "service_listings")
        for service, department in _published(home, "service_id, department_id", table)
        if service in days
    }
    departments |= _predecessors(departments) | ({"all"} if days else set())
    names = {*edited, *(Path(name).name for name in edited)}
    ranges = [
        _published(home, "min(period_start), max(period_start)", RANGE) for home in (before, after)
    ]
    counted = [
        set(_published(home, f"distinct {', '.join(COUNTED)}", "department_take_up"))
        for home in (before, after)
    ]
    return Affected(
        days,
        departments,
        reports,
        claims,
        names,
        is_range_another=ranges[0] != ranges[1],
        counted_in_one=counted[0] ^ counted[1],
    )


def _predecessors(departments: set[str]) -> set[str]:
    """Departments that these were before, under which their services stand in earlier periods."""
    found = {
        row["department_id"]
        for row in load_register("departments", SEEDS)
        if row["successor_id"] in departments
    }
    return found | _predecessors(found) if found else found


def _said(row: Row) -> str:
    return f"{row['source']} {row['id']} {row['time']} {row['published_at']} " + json.dumps(
        {name: row[name] for name in ("data", "service_id", "channel", "assistance", "outcome")}
        | {name: row[name] for name in ("online_extent", "target_source", "target_id", "type")}
    )


def _days_of(row: Row, data: Row) -> tuple[date, date] | None:
    """Days of which an event speaks; None where it is about its service at any time."""
    period = data.get("period")
    if row["type"].endswith("volume.reported.v1") and isinstance(period, dict):
        return date.fromisoformat(period["start"]), date.fromisoformat(period["end"])
    return None


def _published(home: Home, columns: str, table: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.settings.published_file), read_only=True) as connection:
        return connection.execute(f"select {columns} from {table}").fetchall()


def _differences(before: Home, after: Home, edited: set[str]) -> Iterator[tuple[str, Difference]]:
    """Rows that only one of two nights has, each with its table: those of the published tables, and
    the words that say which basis of a service counts, as a table of their own."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for name, home in (("old", before), ("new", after)):
            connection.execute(f"attach '{home.settings.published_file}' as {name} (read_only)")
        columns: dict[str, set[str]] = {}
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns()"
            " where database_name in ('old', 'new') and schema_name = 'main' and not internal"
            " order by all"
        ).fetchall():
            columns.setdefault(table, set()).add(column)
        compared = {table: _compared(table, names, edited) for table, names in columns.items()}
        for table, selected in [*compared.items(), ("take_up", AUTHORITY)]:
            one, other = (f"{selected} from {name}.main.{table}" for name in ("old", "new"))
            found = connection.execute(
                f"({one} except all {other}) union all ({other} except all {one})"
            )
            names = [column[0] for column in found.description or ()]
            for row in found.fetchall():
                yield (
                    "authority" if selected == AUTHORITY else table,
                    dict(zip(names, row, strict=True)),
                )


AUTHORITY = "select distinct service_id, period_kind, basis, is_authoritative"
"""Which basis counts is told of a service and kind of period, not of one period."""
LEFT_OUT = {"content_hash", "is_authoritative", "doubts_count"}
"""Whatever a file says, edited it has another hash; doubts are counted of `data_quality`."""


def _compared(table: str, columns: set[str], edited: set[str]) -> str:
    """What is compared of a table's rows: a file that landed twice has one of two names, and what a
    row of an edited publication says may be on another line."""
    documents = ", ".join(f"'{Path(name).name}'" for name in sorted(edited))
    changed = {"input": "replace(input, 'copy/', '')"}
    if table == "published_figures":
        moved = f"case when document not in ({documents}) then {{}} end"
        changed |= {name: moved.format(name) for name in ("line", "citations")}
    left_out = ", ".join(sorted(LEFT_OUT & columns))
    instead = ", ".join(f"{sql} as {name}" for name, sql in changed.items() if name in columns)
    return (
        "select *"
        + (f" exclude ({left_out})" if left_out else "")
        + (f" replace ({instead})" if instead else "")
    )
