"""Rows that the registers may want: for what the log holds and no register knows, with a guess.

A person reviews them; nothing here changes a register.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from core.periods import REPORTING_ZONE
from core.registers import Row, known_departments, load_register, slug_of
from core.settings import SEEDS, Settings
from core.spreadsheet import neutralise
from publish.display import day, printable
from takeup.unknown_names import UnknownName, unknown_names

COMMON_WORDS = frozenset(
    {"the", "of", "for", "and", "department", "dept", "ministry", "office", "hm", "her", "majestys"}
)
"""Words that tell no body from another."""
CLOSE = 0.8
"""How alike two names are, 0 to 1, from which on one is taken for the other's spelling."""
READ = (
    *("departments", "department_aliases", "organisations", "published_names", "services"),
    *("channels", "channel_aliases"),
)
"""Registers among whose names a guess is made."""
Registers = Mapping[str, Sequence[Row]]
REVIEW = ("seen_count", "first_seen_at", "first_seen_in", "guess")
"""Columns for the reviewer, behind the register's own: to be left out of the register."""


@dataclass(frozen=True)
class Suggestion:
    """A row for a register, what speaks for it, and how often and where the thing was seen."""

    register: str
    row: Row
    guess: str
    unknown: UnknownName

    def as_dict(self) -> dict[str, Any]:
        """The suggestion fit for JSON."""
        return {"register": self.register, "row": self.row} | self._review()

    def cells(self, columns: Iterable[str]) -> dict[str, Any]:
        """The register's columns, then those for the reviewer."""
        return {column: self.row.get(column, "") for column in columns} | self._review()

    def _review(self) -> dict[str, Any]:
        return {
            "seen_count": self.unknown.count,
            "first_seen_at": self.unknown.first_at.isoformat(),
            "first_seen_in": self.unknown.seen_in,
            "guess": self.guess,
        }


def suggestions(settings: Settings, *, seeds: Path = SEEDS) -> list[Suggestion]:
    """Rows for the registers, in the order of registers and then of names.

    Raises:
        UsageError: there is no log yet, or a register is broken.
    """
    from ingest.load.environment import connect
    from ingest.log.event_log import EventLog

    log = EventLog.open(settings.log)
    with connect(settings) as connection:
        unknown = unknown_names(connection, log, seeds)
    registers = {name: load_register(name, seeds) for name in READ}
    found = [_suggested(one, registers) for one in unknown]
    return sorted(found, key=lambda one: (one.register, one.unknown.name, one.unknown.key))


def as_csv(found: Iterable[Suggestion], *, seeds: Path = SEEDS) -> dict[str, str]:
    """Per register the rows as CSV: its own columns, then `REVIEW`."""
    by_register: dict[str, list[Suggestion]] = {}
    for one in found:
        by_register.setdefault(one.register, []).append(one)
    return {
        register: _csv_text(rows, columns_of(register, seeds))
        for register, rows in by_register.items()
    }


def columns_of(register: str, seeds: Path) -> list[str]:
    """The header of a register."""
    with (seeds / f"{register}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return next(csv.reader(stream))


def _csv_text(rows: Iterable[Suggestion], columns: list[str]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [*columns, *REVIEW], lineterminator="\n")
    writer.writeheader()
    for one in rows:
        writer.writerow({name: neutralise(str(cell)) for name, cell in one.cells(columns).items()})
    return text.getvalue()


def _suggested(unknown: UnknownName, registers: Registers) -> Suggestion:
    source = f"{unknown.seen_in}, {day(unknown.first_at.astimezone(REPORTING_ZONE).date())}"
    register, row, guess = _ROWS[unknown.kind](unknown, registers)
    return Suggestion(register, {**row, "source": source}, guess, unknown)


Found = tuple[str, Row, str]
"""A register, a row without its source, and what it was guessed from."""


def _department(unknown: UnknownName, registers: Registers) -> Found:
    known = known_departments(registers["departments"], registers["department_aliases"])
    by_key = known.get(slug_of(unknown.key)) if unknown.key else None
    if by_key:
        row = {"alias": unknown.name, "department_id": by_key}
        return "department_aliases", row, f"its abbreviation is {unknown.key}"
    close = closest(unknown.name, known, may_be_part=True)
    if close:
        # More words than the register has: it may have been renamed, and then goes by them.
        renamed = unknown.name if set(_words(unknown.name)) > set(_words(close)) else ""
        row = {"alias": unknown.name, "department_id": known[close], "department_name": renamed}
        return "department_aliases", row, f"close to {close}"
    row = {
        "department_id": slug_of(unknown.key or unknown.name),
        "department_name": unknown.name,
        "abbreviation": unknown.key or unknown.name,
    }
    return "departments", row, "new"


def _organisation(unknown: UnknownName, registers: Registers) -> Found:
    known = {row["organisation_name"]: row for row in registers["organisations"]}
    close = closest(unknown.name, known, may_be_part=True)
    if close:
        row = {"alias": unknown.name, "organisation_id": known[close]["organisation_id"]}
        row |= {"organisation_name": close}
        return "organisation_aliases", row, f"close to {close}"
    row = {"organisation_id": slug_of(unknown.name), "organisation_name": unknown.name}
    return "organisations", row, "new"


def _published_service(unknown: UnknownName, registers: Registers) -> Found:
    names = {row["service_name"]: row for row in registers["published_names"]}
    close = closest(unknown.name, names)
    guess = f"new; close to {names[close]['service_id']}" if close else "new"
    return (
        "published_names",
        {"service_id": unknown.key, "service_name": unknown.name},
        guess,
    )


def _service(unknown: UnknownName, registers: Registers) -> Found:
    """A service of a record: another name of one that is registered, or a new one."""
    rows = registers["services"]
    known = {row["service_id"]: row["service_id"] for row in rows}
    known |= {row["service_name"]: row["service_id"] for row in rows}
    close = closest(unknown.name, known)
    if close:
        row = {"alias": unknown.name, "service_id": known[close]}
        return "service_aliases", row, f"close to {close}"
    row = {"service_id": slug_of(unknown.name), "service_name": unknown.name, "kind": "service"}
    row |= {"volume_kind": "flow", "is_exemplar": "false", "is_seasonal": "false"}
    row |= {"has_offline_route": "true", "assisted_route": "none_reported"}
    return "services", row, "new"


def _channel(unknown: UnknownName, registers: Registers) -> Found:
    known = {row["alias"]: row["channel"] for row in registers["channel_aliases"]}
    known |= {row["channel"]: row["channel"] for row in registers["channels"]}
    close = closest(unknown.name, known)
    row = {"alias": unknown.name, "channel": known[close] if close else ""}
    return "channel_aliases", row, f"close to {close}" if close else "a person has to say which"


def _department_id(unknown: UnknownName, registers: Registers) -> Found:
    row = {"department_id": slug_of(unknown.name), "abbreviation": unknown.name}
    return "departments", row | {"department_name": unknown.name}, "new"


def _value(unknown: UnknownName, registers: Registers, *, register: str, column: str) -> Found:
    return register, {column: unknown.name}, "new"


_ROWS: Mapping[str, Callable[[UnknownName, Registers], Found]] = {
    "department": _department,
    "organisation": _organisation,
    "published_service": _published_service,
    "service": _service,
    "channel": _channel,
    "department_id": _department_id,
    "data_type": partial(_value, register="platform_data_types", column="data_type"),
    "barrier": partial(_value, register="barriers", column="barrier"),
    "contact_reason": partial(_value, register="contact_reasons", column="reason"),
}


def closest(name: str, known: Iterable[str], *, may_be_part: bool = False) -> str | None:
    """The known name that is most like this one; None where none is close.

    Like is who shares most words, or is spelt nearly so. With `may_be_part` also who has all words
    of the other: a department that was renamed mostly keeps its own.
    """
    words = _words(name)
    scored = [(_likeness(words, _words(other), may_be_part), other) for other in known]
    best = max(scored, key=lambda one: (one[0], -len(one[1]), one[1]), default=(0.0, ""))
    return best[1] if best[0] >= CLOSE else None


@lru_cache(maxsize=10_000)
def _words(name: str) -> tuple[str, ...]:
    found = tuple(re.findall(r"[a-z0-9]+", slug_of(name)))
    telling = tuple(word for word in found if word not in COMMON_WORDS)
    return telling or found


def _likeness(one: tuple[str, ...], other: tuple[str, ...], may_be_part: bool) -> float:
    if not one or not other:
        return 0.0
    shared = len(set(one) & set(other)) / len(set(one) | set(other))
    if may_be_part and (set(one) <= set(other) or set(other) <= set(one)):
        return CLOSE + (1 - CLOSE) * shared
    spelt = SequenceMatcher(None, " ".join(one), " ".join(other))
    # The quick ones are never below it.
    is_alike = spelt.real_quick_ratio() >= CLOSE and spelt.quick_ratio() >= CLOSE
    return max(shared, spelt.ratio() if is_alike else 0.0)


def lines_of(found: Iterable[Suggestion], *, seeds: Path = SEEDS) -> Iterator[str]:
    """For a person: per register a line that names it, then its rows as CSV."""
    for register, text in as_csv(found, seeds=seeds).items():
        yield f"# rows to review for seeds/{register}.csv"
        for line in text.splitlines():
            yield printable(line)
        yield ""
