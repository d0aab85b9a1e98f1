"""Events of a row of a management-information return, by the registers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.periods import REPORTING_ZONE, short_moment_text
from core.registers import (
    body_key,
    folded_name,
    id_of,
    known_departments,
    load_register,
    service_aliases,
    slug_of,
)
from ingest.refusals import RecordRefused
from ingest.sources.count_cells import MOST_DIGITS, CountCell
from ingest.sources.mi_template import COLUMNS
from ingest.validation.vocabulary import Vocabulary

SOURCE = "urn:takeup:mi-return:"
SIGN_OFF = ("signed_off_by_role", "signed_off_on", "assurance", "commentary")
UNSEEN = re.compile(r"^[\s\u00a0]+|[\s\u00a0]+$")
POUNDS = re.compile(r"£?\s*(\d+|\d{1,3}(?:,\d{3})+)(\.\d+)?", re.ASCII)
BRITISH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|#*)")
"""A spreadsheet's error, in place of what a cell should say."""
NOT_APPLICABLE = ("n/a", "na", "not applicable", "not_applicable")


@dataclass(frozen=True)
class Known:
    """What the registers know."""

    departments: frozenset[str]
    department_names: Mapping[str, str]
    """Departments by the key of every name of theirs. One that is not here has the identifier
    that its name makes."""
    services: frozenset[str]
    breakdowns: frozenset[str]
    departments_of: Mapping[str, frozenset[str]]
    """By service: the department that the register names, those before it and those after."""
    names: Mapping[str, str]
    """Services by their names and aliases."""

    def with_services(self, listed: frozenset[str]) -> Known:
        """The same with services that no register but a publication knows."""
        return replace(self, services=self.services | listed)


@dataclass(frozen=True)
class Submission:
    """Of whom a row is, and when it was sent."""

    department_id: str
    moment: datetime
    written: str
    simulated: str


@cache
def load_known(seeds: Path) -> Known:
    """What the registers know.

    Raises:
        UsageError: a register is missing or broken.
    """
    registers = Vocabulary.load(seeds).registers
    services = load_register("services", seeds)
    departments = load_register("departments", seeds)
    successors = {row["department_id"]: row["successor_id"] for row in departments}
    return Known(
        registers["departments"],
        known_departments(departments, load_register("department_aliases", seeds)),
        registers["services"],
        registers["breakdowns"],
        departments_of={
            row["service_id"]: _family(row["department_id"], successors) for row in services
        },
        names=service_aliases(seeds)
        | {folded_name(row["service_name"]): row["service_id"] for row in services},
    )


def _family(department: str, successors: Mapping[str, str]) -> frozenset[str]:
    """A department with those that it followed and those that followed it."""
    found = {department}
    while (
        more := {
            other
            for before, after in successors.items()
            if after and (before in found or after in found)
            for other in (before, after)
        }
        - found
    ):
        found |= more
    return frozenset(found)


def doubts(row: Mapping[str, str], known: Known) -> set[tuple[str, str]]:
    """Flags for a row whose department or name is not that of its service, each with the service:
    it is taken by its identifier, which may be the wrong one."""
    service = UNSEEN.sub("", row["service_id"])
    department, name = (
        UNSEEN.sub("", row[column]).lstrip("'") for column in ("department_id", "service_name")
    )
    department = known.department_names.get(body_key(department), department)
    found = set()
    if service in known.departments_of:
        if department in known.departments and department not in known.departments_of[service]:
            found.add(("other_department", service))
        if name and id_of(name, known.names) != service:
            found.add(("other_name", service))
    return found


def records_of(
    row: Mapping[str, str], count: CountCell, *, position: int, known: Known
) -> list[dict[str, str | None]]:
    """Records of one row, less position and raw: `place`, and `line` or `reason` and `detail`.

    A row without any content is none. A row that can't be placed is one record. `count` is what
    its cell says.
    """
    cells = {name: UNSEEN.sub("", cell) for name, cell in row.items()}
    if not any(cell for name, cell in cells.items() if name in COLUMNS):
        return []
    found: list[dict[str, str | None]] = [
        _record("count", partial(_volume, count=count), cells, position, known)
    ]
    if cells["cost_gbp"]:
        found.append(_record("cost_gbp", _cost, cells, position, known))
    if any(cells[name] for name in SIGN_OFF):
        found.append(_record("signed_off_by_role", _sign_off, cells, position, known))
    return found


def _record(
    place: str, make: Any, cells: Mapping[str, str], position: int, known: Known
) -> dict[str, str | None]:
    try:
        event = make(cells, _submission(cells, known), position)
    except RecordRefused as refused:
        return {"place": place, "line": None, "reason": refused.reason, "detail": refused.detail}
    line = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return {"place": place, "line": line, "reason": None, "detail": None}


def _submission(cells: Mapping[str, str], known: Known) -> Submission:
    if not cells["service_id"]:
        raise RecordRefused("missing_key", "service_id is blank")
    if not cells["department_id"]:
        raise RecordRefused("missing_field", "department_id is blank")
    department_id = known.department_names.get(
        body_key(cells["department_id"]), slug_of(cells["department_id"])
    )
    if not department_id:
        raise RecordRefused("unknown_value", f"department_id {cells['department_id'][:100]!r}")
    if cells["service_id"] not in known.services:
        raise RecordRefused("unknown_service", f"service_id {cells['service_id'][:100]!r}")
    if cells["breakdown"] and cells["breakdown"] not in known.breakdowns:
        raise RecordRefused("unknown_channel", f"breakdown {cells['breakdown'][:100]!r}")
    moment, written = _moment(cells, "submitted_on")
    return Submission(department_id, moment, written, cells.get("simulated", ""))


def _moment(cells: Mapping[str, str], name: str) -> tuple[datetime, str]:
    """A moment, and how it is written in an identity: a day as it is, a time in UTC."""
    cell = _day(cells[name])
    if not cell:
        raise RecordRefused("missing_field", f"{name} is blank")
    try:
        moment = datetime.fromisoformat(cell)
        moment = moment.replace(tzinfo=moment.tzinfo or REPORTING_ZONE).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RecordRefused("invalid_time", f"{name} {cell[:40]}") from error
    return moment, cell if len(cell) == len("2015-01-31") else short_moment_text(moment)


def _day(cell: str) -> str:
    """A British day in ISO 8601; anything else as it is. Spreadsheets rewrite days so."""
    match = BRITISH_DAY.fullmatch(cell)
    return f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}" if match else cell


def _volume(
    cells: Mapping[str, str], submission: Submission, position: int, *, count: CountCell
) -> dict[str, Any]:
    _refuse_errors(cells, ("note",), position)
    note = {"note": cells["note"]} if cells["note"] else {}
    body = _about(cells) | {"measure": cells["measure"]} | _count(cells, count, position) | note
    body |= _due(cells)
    return _event("volume.reported", cells, submission, ("volume", cells["measure"]), body)


def _count(cells: Mapping[str, str], count: CountCell, position: int) -> dict[str, Any]:
    """`count`, or `status` with the text that was there."""
    cell, status = count.text, cells["status"].lower().replace(" ", "_")
    if count.is_unreadable:
        raise _unreadable(position, "count", cell)
    if count.count is not None:
        if status not in ("", "provided"):
            raise RecordRefused("invalid_field", f"count {cell} beside status {status[:40]}")
        marker = {"marker": count.marker} if count.marker else {}
        return {"count": count.count} | marker
    if status == "provided":
        raise RecordRefused("invalid_field", "status provided without a count")
    if cell.lower() in NOT_APPLICABLE:
        if status not in ("", "not_applicable"):
            raise RecordRefused("invalid_field", f"count {cell} beside status {status[:40]}")
        return {"status": "not_applicable"}
    return {"status": status or "not_provided"} | ({"text": cell} if cell else {})


def _cost(cells: Mapping[str, str], submission: Submission, position: int) -> dict[str, Any]:
    number = POUNDS.fullmatch(cells["cost_gbp"])
    if number is None or len(number[1]) > MOST_DIGITS:
        raise _unreadable(position, "cost_gbp", cells["cost_gbp"])
    amount = float(number[1].replace(",", "") + (number[2] or ""))
    body = _about(cells) | {"amount": amount, "kind": "total"}
    return _event("cost.reported", cells, submission, ("cost",), body)


def _sign_off(cells: Mapping[str, str], submission: Submission, position: int) -> dict[str, Any]:
    _refuse_errors(cells, (*SIGN_OFF, "submitted_by_role"), position)
    said = {
        "role": cells["signed_off_by_role"],
        "assurance": cells["assurance"].lower() or "unassured",
        "commentary": cells["commentary"],
        "submitted_by_role": cells["submitted_by_role"],
    }
    about = {name: value for name, value in _about(cells).items() if name != "breakdown"}
    body = about | {name: value for name, value in said.items() if value} | _due(cells)
    moment = _moment(cells, "signed_off_on")[0] if cells["signed_off_on"] else submission.moment
    whole = dict(cells, breakdown="")
    return _event(
        "return.signed_off", whole, submission, ("sign-off", said["role"]), body, moment=moment
    )


def _due(cells: Mapping[str, str]) -> dict[str, str]:
    """The day by which the return was asked for, where it says one."""
    due_on = _day(cells.get("due_on", ""))
    return {"due_on": due_on} if due_on else {}


def _refuse_errors(cells: Mapping[str, str], columns: tuple[str, ...], position: int) -> None:
    for column in columns:
        if ERROR.fullmatch(cells[column]):
            raise _unreadable(position, column, cells[column])


def _unreadable(position: int, column: str, cell: str) -> RecordRefused:
    return RecordRefused("unreadable_cell", f"row {position}, column {column}: {cell[:100]}")


def _about(cells: Mapping[str, str]) -> dict[str, Any]:
    """Service, breakdown and period; blank cells are left out, for validation to miss."""
    days = {name: _day(cells[f"period_{name}"]) for name in ("start", "end")}
    period = {"kind": cells["period_kind"].lower()} | days
    return {
        "service_id": cells["service_id"],
        **({"breakdown": cells["breakdown"]} if cells["breakdown"] else {}),
        "period": {name: value for name, value in period.items() if value},
    }


def _event(
    kind: str,
    cells: Mapping[str, str],
    submission: Submission,
    what: tuple[str, ...],
    body: Mapping[str, Any],
    *,
    moment: datetime | None = None,
) -> dict[str, Any]:
    period = body["period"]
    identity = [
        *what,
        cells["service_id"],
        cells["breakdown"],
        period.get("kind", ""),
        period.get("start", ""),
        submission.written,
    ]
    simulated = {"true": True, "false": False}.get(
        submission.simulated.lower(), submission.simulated
    )
    return {
        **({"simulated": simulated} if submission.simulated else {}),
        "specversion": "1.0",
        "id": "/".join(quote(part, safe=":") for part in identity),
        "source": SOURCE + submission.department_id,
        "type": f"uk.gov.takeup.{kind}.v1",
        "time": short_moment_text(moment or submission.moment),
        "datacontenttype": "application/json",
        "publishedat": short_moment_text(submission.moment),
        "data": {name: value for name, value in body.items() if value != ""},
    }
