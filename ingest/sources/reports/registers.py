"""What the registers know by name: departments and services, as documents print them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from core.registers import load_register
from ingest.sources.reports.text import LOOKALIKES, collapse


@dataclass(frozen=True)
class Mention:
    """A registered service, programme or platform, where a text names it."""

    start: int
    end: int
    service_id: str
    printed: str


@dataclass(frozen=True)
class Registers:
    """The names that a reader resolves: never more than the registers in seeds/ say.

    `departments` is (name or alias as printed, department_id); `services` is (alias as printed,
    service_id); `service_departments`, `service_kinds` and `service_names` are keyed by service_id.
    """

    departments: tuple[tuple[str, str], ...]
    services: tuple[tuple[str, str], ...]
    service_departments: dict[str, str]
    service_kinds: dict[str, str]
    service_names: dict[str, str]

    @cached_property
    def _departments(self) -> dict[str, str]:
        return {department_key(name): department_id for name, department_id in self.departments}

    @cached_property
    def _aliases(self) -> tuple[tuple[re.Pattern[str], str, bool], ...]:
        longest_first = sorted(set(self.services), key=lambda pair: (-len(pair[0]), pair))
        return tuple(
            (_alias_pattern(alias), service_id, not any(letter.isupper() for letter in alias))
            for alias, service_id in longest_first
        )

    @cached_property
    def longest_department(self) -> int:
        """Words in the longest name of a department."""
        return max((len(name.split()) for name, _ in self.departments), default=0)

    def department(self, printed: str) -> str | None:
        """The department that goes by this name, by whole match, or None.

        `The`, a trailing abbreviation in brackets, `&` for `and`, case and the shape of quotes
        make no difference.
        """
        key = department_key(printed)
        return self._departments.get(key) or self._departments.get(_without_brackets(key))

    def mentions(self, text: str, *, department_id: str | None = None) -> list[Mention]:
        """Registered things that a text names, in order, the longest alias first.

        An alias in small letters (feedback, vouchers, consultations) is a common word: in the
        section of another department than its own it names nothing.
        """
        folded = text.translate(LOOKALIKES)
        found: list[Mention] = []
        for pattern, service_id, is_common in self._aliases:
            if is_common and department_id is not None:
                own = self.service_departments.get(service_id)
                if own and own != department_id:
                    continue
            for match in pattern.finditer(folded):
                if not any(m.start < match.end() and match.start() < m.end for m in found):
                    printed = text[match.start() : match.end()]
                    found.append(Mention(match.start(), match.end(), service_id, printed))
        return sorted(found, key=lambda mention: mention.start)


def department_key(printed: str) -> str:
    """A department's name, made equal for all the ways it is printed."""
    key = collapse(printed).translate(LOOKALIKES).casefold().replace("&", " and ")
    key = re.sub(r"[^a-z()]+", " ", key.replace("'", ""))
    return re.sub(r"^the ", "", collapse(key))


def _without_brackets(key: str) -> str:
    return collapse(re.sub(r"\([a-z ]*\)\s*$", "", key))


def _alias_pattern(alias: str) -> re.Pattern[str]:
    folded = collapse(alias).translate(LOOKALIKES)
    words = r"\s+".join(re.escape(word) for word in folded.split())
    is_abbreviation = " " not in folded and folded.isupper()
    return re.compile(rf"(?<![\w-]){words}(?![\w])", re.NOFLAG if is_abbreviation else re.I)


def load_registers(seeds: Path) -> Registers:
    """The registers of departments and services in a folder of seeds.

    Raises:
        UsageError: a register is missing or broken.
    """
    departments = [
        *_columns("departments", seeds, "department_name", "department_id"),
        *_columns("department_aliases", seeds, "alias", "department_id"),
    ]
    services = load_register("services", seeds)
    return Registers(
        departments=tuple(departments),
        services=tuple(_columns("service_aliases", seeds, "alias", "service_id")),
        service_departments={row["service_id"]: row["department_id"] for row in services},
        service_kinds={row["service_id"]: row["kind"] for row in services},
        service_names={row["service_id"]: row["service_name"] for row in services},
    )


def _columns(register: str, seeds: Path, name: str, identifier: str) -> list[tuple[str, str]]:
    return [(row[name], row[identifier]) for row in load_register(register, seeds)]
