"""Reads the facts of the registers in `seeds/` that the rules need."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path

FLOW = "flow"
STOCK = "stock"
APOSTROPHES = re.compile(r"['’]")
NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What the register says of a service; the defaults hold for one that it does not name."""

    department_id: str = ""
    volume_kind: str = FLOW
    is_seasonal: bool = False
    has_offline_route: bool = True
    rounding_unit: int = 0
    rounding_until: date | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One target as the register states it."""

    target_id: str
    service_id: str | None
    department_id: str | None
    metric: str
    target_ratio: Fraction
    baseline_ratio: Fraction | None
    set_on: date
    due_on: date | None
    period_kind: str
    definition_id: str
    source: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """A part of a service's published figures that it does not have, first and last day included;
    None where it never had it or no longer will."""

    service_id: str
    part: str
    valid_from: date | None
    valid_to: date | None

    def holds(self, service_id: str, part: str, start: date, end: date) -> bool:
        """Whether it holds for the part, over the whole of a period."""
        return (
            (service_id, part) == (self.service_id, self.part)
            and (self.valid_from is None or self.valid_from <= start)
            and (self.valid_to is None or end <= self.valid_to)
        )


@dataclass(frozen=True, slots=True)
class Channel:
    """First and last day on which the register expects a channel of a service to be counted; None
    where it always was or is still."""

    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Registers:
    """All registers: services by id, departments by printed name, targets in order of id."""

    services: dict[str, ServiceFacts]
    successors: dict[str, str]
    department_aliases: dict[str, str]
    organisation_aliases: dict[str, str]
    not_applicable: list[NotApplicable]
    targets: list[Target]
    planned_ratios: dict[tuple[str, date], Fraction]
    revision_causes: dict[tuple[str, str, date], str] = field(default_factory=dict)
    department_lives: dict[str, tuple[date, date]] = field(default_factory=dict)
    expected_channels: dict[str, list[Channel]] = field(default_factory=dict)

    def service(self, service_id: str) -> ServiceFacts:
        """Facts of a service; a service that the register does not name is a flow."""
        return self.services.get(service_id, ServiceFacts())

    def is_flow(self, service_id: str) -> bool:
        """Whether the service's volume happens in the period (a stock is a caseload)."""
        return self.service(service_id).volume_kind == FLOW

    def is_not_applicable(self, service_id: str, part: str, start: date, end: date) -> bool:
        """Whether the register says that the service does not have the part in a period."""
        return any(fact.holds(service_id, part, start, end) for fact in self.not_applicable)

    def department_id(self, name: str, abbreviation: str) -> str:
        """The department of a printed name; else of the printed abbreviation; else, so that
        nothing is dropped, the name as a slug."""
        for printed in (name, abbreviation):
            if printed in self.department_aliases:
                return self.department_aliases[printed]
        return slug(name)

    def organisation_id(self, name: str) -> str | None:
        """The organisation of a printed name: merged where the register says so, else the name
        as a slug; None for a blank."""
        return self.organisation_aliases.get(name) or slug(name) or None

    def lives(self, department_id: str, day: date) -> bool:
        """Whether a department was there on a day; one that no register knows always was."""
        first, last = self.department_lives.get(department_id, (date.min, date.max))
        return first <= day <= last

    def has_ended(self, department_id: str, day: date) -> bool:
        """Whether a department was no longer there on a day."""
        return self.department_lives.get(department_id, (date.min, date.max))[1] < day

    def predecessors(self, department_id: str) -> list[str]:
        """The departments that a department took over, and those that they had, nearest first."""
        nearest = sorted(old for old, new in self.successors.items() if new == department_id)
        return nearest + sorted(old for old, new in self.successors.items() if new in nearest)

    def registered_from(self, service_id: str) -> date | None:
        """Since when the register expects any channel of a service to be counted."""
        channels = self.expected_channels.get(service_id, [])
        return min((channel.valid_from or date.min for channel in channels), default=None)

    def ended_on(self, service_id: str) -> date | None:
        """The last day of a service all of whose channels the register ends."""
        channels = self.expected_channels.get(service_id, [])
        ends = [channel.valid_to for channel in channels]
        return max((end for end in ends if end), default=None) if all(ends) else None

    def successor(self, department_id: str) -> str:
        """Today's department: the last of the chain of successors."""
        seen = {department_id}
        while (later := self.successors.get(department_id)) and later not in seen:
            seen.add(later)
            department_id = later
        return department_id


def slug(name: str) -> str:
    """A name as an identifier: lower case, apostrophes dropped, `&` spelt out, every run of what
    is no letter or digit one hyphen."""
    folded = APOSTROPHES.sub("", name.lower()).replace("&", " and ")
    return NOT_ALPHANUMERIC.sub("-", folded).strip("-")


def read_rows(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of one register, cells without spaces around them."""
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8-sig") as stream:
        return [
            {key: value.strip() for key, value in row.items()} for row in csv.DictReader(stream)
        ]


def truth(cell: str, *, default: bool) -> bool:
    """A yes or no of a register; a blank means the default."""
    return {"": default, "true": True, "false": False}[cell.lower()]


def day(cell: str) -> date | None:
    """A date of a register; None for a blank."""
    return date.fromisoformat(cell) if cell else None


def required_day(cell: str) -> date:
    """A date that a register must state."""
    return date.fromisoformat(cell)


def read_target(row: dict[str, str]) -> Target:
    """One row of the register of targets."""
    return Target(
        target_id=row["target_id"],
        service_id=row["service_id"] or None,
        department_id=row["department_id"] or None,
        metric=row["metric"],
        target_ratio=Fraction(row["target_ratio"]),
        baseline_ratio=Fraction(row["baseline_ratio"]) if row["baseline_ratio"] else None,
        set_on=required_day(row["set_on"]),
        due_on=day(row["due_on"]),
        period_kind=row["period_kind"],
        definition_id=row["definition_id"],
        source=row["source"],
    )


def read_not_applicable(folder: Path) -> list[NotApplicable]:
    """Rule: of the channels, `online` is what the digital part of published figures comes through;
    a service that is said not to have it has no digital part."""
    return [
        NotApplicable(row["service_id"], "digital", day(row["valid_from"]), day(row["valid_to"]))
        for row in read_rows(folder, "service_channels")
        if (row["channel"], row["expectation"], row["basis"])
        == ("online", "not_applicable", "reported")
    ]


def read_expected_channels(folder: Path) -> dict[str, list[Channel]]:
    """The channels that the register expects to be reported, by service."""
    found: dict[str, list[Channel]] = {}
    for row in read_rows(folder, "service_channels"):
        if (row["expectation"], row["basis"]) == ("expected", "reported"):
            channel = Channel(day(row["valid_from"]), day(row["valid_to"]))
            found.setdefault(row["service_id"], []).append(channel)
    return found


def read_registers(folder: Path) -> Registers:
    """Reads the registers of a folder."""
    return Registers(
        services={
            row["service_id"]: ServiceFacts(
                department_id=row["department_id"],
                volume_kind=row["volume_kind"] or FLOW,
                is_seasonal=truth(row["is_seasonal"], default=False),
                has_offline_route=truth(row["has_offline_route"], default=True),
                rounding_unit=int(row["rounding_unit"] or 0),
                rounding_until=day(row["rounding_until"]),
            )
            for row in read_rows(folder, "services")
        },
        successors={
            row["department_id"]: row["successor_id"]
            for row in read_rows(folder, "departments")
            if row["successor_id"]
        },
        department_aliases={
            row["alias"]: row["department_id"] for row in read_rows(folder, "department_aliases")
        },
        organisation_aliases={
            row["alias"]: row["organisation_id"]
            for row in read_rows(folder, "organisation_aliases")
        },
        not_applicable=read_not_applicable(folder),
        targets=sorted(
            (read_target(row) for row in read_rows(folder, "targets")),
            key=lambda target: target.target_id,
        ),
        planned_ratios={
            (row["target_id"], required_day(row["period_end"])): Fraction(row["planned_ratio"])
            for row in read_rows(folder, "target_paths")
        },
        revision_causes={
            (row["service_id"], row["quantity"], required_day(row["published_on"])): row["cause"]
            for row in read_rows(folder, "revision_causes")
        },
        department_lives={
            row["department_id"]: (
                day(row["valid_from"]) or date.min,
                day(row["valid_to"]) or date.max,
            )
            for row in read_rows(folder, "departments")
        },
        expected_channels=read_expected_channels(folder),
    )
