"""The template of departments' management-information returns: its columns, and an empty one."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UsageError
from core.periods import Quarter

if TYPE_CHECKING:
    from core.registers import Row

COLUMNS: Mapping[str, str] = {
    "department_id": "The department that makes the return, by its identifier.",
    "service_id": "The service, by its identifier in the register of services.",
    "service_name": "The service's name, for people: it is not read.",
    "period_kind": "`day`, `week`, `month`, `quarter`, `financial_year` or `year`.",
    "period_start": "First day of the period: 2015-01-31, or 31/01/2015.",
    "period_end": "Last day of the period, inclusive.",
    "breakdown": "A channel of the register, `digital` where channels are not known, or `total`.",
    "measure": "What is counted: `started`, `received`, `processed` or `completed`.",
    "count": "Transactions: a whole number, with or without thousands separators; 0 is a number. "
    "Blank where it is not known, `n/a` where the service does not have the channel.",
    "status": "Why there is no count: `not_provided`, `not_applicable`, `withdrawn` or "
    "`suppressed`. Blank, or `provided`, beside a count.",
    "cost_gbp": "Cost of these transactions in pounds, where it is known.",
    "note": "Anything that a reader of the figure should know.",
    "submitted_on": "Day on which the return is sent: the same in every row. A corrected return "
    "carries a later day (or a time of day: 2015-04-20T15:30).",
    "submitted_by_role": "Role of whoever sends the return. A role, never a name.",
    "signed_off_by_role": "Role of whoever signs the service's figures off; once per service.",
    "signed_off_on": "Day of the sign-off.",
    "assurance": "`unassured` (as is a blank), `department` or `audited`.",
    "commentary": "What the department says of the service's figures.",
}
OPTIONAL_COLUMNS: Mapping[str, str] = {
    "due_on": "Day by which the return was asked for. Whoever asks writes it: leave it as it is.",
    "simulated": "`true` where the figures are made up.",
}
COMMENTARY_NEEDED = "commentary_needed"
COLUMNS_FOR_PEOPLE: Mapping[str, str] = {
    COMMENTARY_NEEDED: "When commentary is needed. For people: it is not read."
}
COMMENTARY_RULE = (
    "Commentary is needed where take-up moved by more than 5 points against the period before,"
    " where a target that is due is missed, and where a figure that you sent before is changed."
    " Figures without it count, and are named as lacking it."
)


@dataclass(frozen=True)
class Template:
    """An empty return: whose, of when, due by when, and its rows by the names of its columns."""

    department_id: str
    quarter: Quarter
    due_on: date | None
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]

    @property
    def title(self) -> str:
        """Whose return it is and of which period."""
        period = f"{self.quarter.start:%-d %B %Y} to {self.quarter.end:%-d %B %Y}"
        return f"Management-information return: {self.department_id}, {period}"

    def described(self) -> Mapping[str, str]:
        """What belongs into each of its columns."""
        every = {**COLUMNS, **OPTIONAL_COLUMNS, **COLUMNS_FOR_PEOPLE}
        return {name: every[name] for name in self.columns}


def template_of(
    department_id: str,
    quarter: str,
    *,
    seeds: Path,
    due_on: date | None = None,
    commentary: Mapping[str, str] | None = None,
) -> Template:
    """An empty return for a department and a calendar quarter (2015-Q1).

    One row per service of the department and channel that the register expects of it, and one
    for its total; `digital` and `total` where the register names no channels. Services of a
    department that was dissolved before the quarter are its successor's. The day by which
    it is asked for is in every row where one is given or the calendar of returns has one.

    Args:
        commentary: by service, when commentary is needed.

    Raises:
        UsageError: no such department or quarter, or the register has no service of it.
    """
    from core.spreadsheet import neutralise

    asked = Quarter.parse(quarter)
    services = _services_of(department_id, asked.start, seeds)
    channels = _expected_channels(asked.start, asked.end, seeds)
    due_on = due_on or _due_by_calendar(department_id, asked, seeds)
    due = {} if due_on is None else {"due_on": due_on.isoformat()}
    rows = []
    for service in services:
        when = (commentary or {}).get(service["service_id"], "")
        for breakdown in [*channels.get(service["service_id"], ["digital"]), "total"]:
            needed = {COMMENTARY_NEEDED: when if breakdown == "total" else ""}
            rows.append(
                {
                    "department_id": department_id,
                    "service_id": service["service_id"],
                    "service_name": neutralise(service["service_name"]),
                    "period_kind": "quarter",
                    "period_start": asked.start.isoformat(),
                    "period_end": asked.end.isoformat(),
                    "breakdown": breakdown,
                    "measure": "completed",
                    **due,
                    **(needed if commentary else {}),
                }
            )
    columns = (*COLUMNS, *due, *(COLUMNS_FOR_PEOPLE if commentary else ()))
    return Template(department_id, asked, due_on, columns, tuple(rows))


def write_template(
    department_id: str, quarter: str, *, seeds: Path, due_on: date | None = None
) -> str:
    """`template_of` as CSV."""
    return csv_of(template_of(department_id, quarter, seeds=seeds, due_on=due_on))


def csv_of(template: Template) -> str:
    """A template as CSV."""
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, template.columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(template.rows)
    return written.getvalue()


def instructions(template: Template) -> str:
    """How to fill a template in, as Markdown, to be sent along with it."""
    columns = "\n".join(f"| `{name}` | {what} |" for name, what in template.described().items())
    due = "" if template.due_on is None else f"It is due on {template.due_on:%-d %B %Y}.\n\n"
    return f"""# {template.title}

{due}Fill in one number per row, add rows for channels that are not listed, and delete rows of
services that you no longer run. Keep the header. Save as CSV in UTF-8, or as .xlsx without
formulas, links and macros.

{COMMENTARY_RULE}

| column | what belongs there |
| --- | --- |
{columns}
"""


def _due_by_calendar(department_id: str, asked: Quarter, seeds: Path) -> date | None:
    """The day that the calendar of returns has for a department's quarter, its own before all's."""
    from core.registers import load_register

    days = {
        row["department_id"]: date.fromisoformat(row["due_on"])
        for row in load_register("return_calendar", seeds)
        if (row["period_kind"], row["period_start"]) == ("quarter", asked.start.isoformat())
    }
    return days.get(department_id, days.get(""))


def _services_of(department_id: str, start: date, seeds: Path) -> list[Row]:
    from core.registers import load_register

    departments = {row["department_id"]: row for row in load_register("departments", seeds)}
    if department_id not in departments:
        raise UsageError(
            f"no department {department_id!r} in the register: it has {', '.join(departments)}"
        )

    def heir(name: str) -> str:
        row = departments[name]
        is_over = row["valid_to"] and date.fromisoformat(row["valid_to"]) < start
        return heir(row["successor_id"]) if is_over and row["successor_id"] else name

    services = [
        row
        for row in load_register("services", seeds)
        if row["kind"] == "service" and heir(row["department_id"]) == department_id
    ]
    if not services:
        raise UsageError(f"the register of services has none of department {department_id!r}")
    return sorted(services, key=lambda row: row["service_id"])


def _expected_channels(start: date, end: date, seeds: Path) -> dict[str, list[str]]:
    """Channels by service, in the register's order, of which a return is expected."""
    from core.registers import load_register

    order = [row["channel"] for row in load_register("channels", seeds)]
    expected: dict[str, set[str]] = {}
    for row in load_register("service_channels", seeds):
        begins = date.fromisoformat(row["valid_from"]) if row["valid_from"] else date.min
        ends = date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max
        if row["expectation"] == "expected" and begins <= end and ends >= start:
            expected.setdefault(row["service_id"], set()).add(row["channel"])
    return {service: sorted(found, key=order.index) for service, found in expected.items()}
