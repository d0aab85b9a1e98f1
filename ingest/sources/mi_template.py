"""The template of departments' management-information returns: its columns, and an empty one."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
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


def write_template(
    department_id: str, quarter: str, *, seeds: Path, due_on: date | None = None
) -> str:
    """An empty return for a department and a calendar quarter (2015-Q1), as CSV.

    One row per service of the department and channel that the register expects of it, and one
    for its total; `digital` and `total` where the register names no channels. Services of a
    department that was dissolved before the quarter are its successor's. The day by which
    it is asked for is in every row: no source gives one rule for it.

    Raises:
        UsageError: no such department or quarter, or the register has no service of it.
    """
    from core.spreadsheet import neutralise

    asked = Quarter.parse(quarter)
    start, end = asked.start, asked.end
    services = _services_of(department_id, start, seeds)
    channels = _expected_channels(start, end, seeds)
    written = io.StringIO(newline="")
    due = {} if due_on is None else {"due_on": due_on.isoformat()}
    writer = csv.DictWriter(written, [*COLUMNS, *due], restval="", lineterminator="\r\n")
    writer.writeheader()
    for service in services:
        for breakdown in [*channels.get(service["service_id"], ["digital"]), "total"]:
            writer.writerow(
                {
                    "department_id": department_id,
                    "service_id": service["service_id"],
                    "service_name": neutralise(service["service_name"]),
                    "period_kind": "quarter",
                    "period_start": start.isoformat(),
                    "period_end": end.isoformat(),
                    "breakdown": breakdown,
                    "measure": "completed",
                    **due,
                }
            )
    return written.getvalue()


def instructions(department_id: str, quarter: str, *, due_on: date | None = None) -> str:
    """How to fill the template in, as Markdown, to be sent along with it.

    Raises:
        UsageError: no such quarter.
    """
    asked_for = Quarter.parse(quarter)
    due = {} if due_on is None else {"due_on": OPTIONAL_COLUMNS["due_on"]}
    named = {**COLUMNS, **due}
    columns = "\n".join(f"| `{name}` | {what} |" for name, what in named.items())
    period = f"{asked_for.start:%-d %B %Y} to {asked_for.end:%-d %B %Y}"
    asked = "" if due_on is None else f"It is due on {due_on:%-d %B %Y}.\n\n"
    return f"""# Management-information return: {department_id}, {period}

{asked}Fill in one number per row, add rows for channels that are not listed, and delete rows of
services that you no longer run. Keep the header. Save as CSV in UTF-8.

| column | what belongs there |
| --- | --- |
{columns}
"""


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
