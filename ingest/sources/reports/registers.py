"""What the registers know by name: departments and services, as documents print them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from core.registers import load_register
from ingest.sources.reports.names import names_of_services
from ingest.sources.reports.text import LOOKALIKES, collapse


@dataclass(frozen=True)
class Mention:
    """A registered service, programme or platform, where a text names it."""

    start: int
    end: int
    service_id: str
    printed: str


@dataclass(frozen=True)
class Alias:
    """A name of a service: a common word (`is_common`) names it in its own department only, an
    abbreviation or a proper name of one word only where it is spelt so (`is_cased`)."""

    name: str
    service_id: str
    is_common: bool
    is_cased: bool

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The name as whole words, in any case unless it is of a certain one; of several words
        the last may be singular or plural."""
        words = r"\s+".join(re.escape(word) for word in self.name.split())
        if re.search(r" [a-z-]+[a-rt-z]s?$", self.name):
            words = f"{words.removesuffix('s')}s?"
        return re.compile(rf"(?<![\w-]){words}(?!\w)", re.NOFLAG if self.is_cased else re.I)


@dataclass(frozen=True)
class Registers:
    """The names that a reader resolves: never more than the registers in seeds/ say.

    `departments` is (name or alias as printed, department_id); `services` is (alias or name as
    printed, service_id); `service_departments`, `service_kinds` and `service_names` are keyed by
    service_id; `partners` are names of bodies outside these.
    """

    departments: tuple[tuple[str, str], ...]
    services: tuple[tuple[str, str], ...]
    service_departments: dict[str, str]
    service_kinds: dict[str, str]
    service_names: dict[str, str]
    partners: tuple[str, ...] = ()

    @cached_property
    def _departments(self) -> dict[str, str]:
        return {department_key(name): department_id for name, department_id in self.departments}

    @cached_property
    def _aliases(self) -> dict[str, list[Alias]]:
        """By the first word: a sentence is held against the few whose first word it has."""
        by_word: dict[str, list[Alias]] = defaultdict(list)
        for name, service_id in sorted(set(self.services)):
            alias = self._alias(name, service_id)
            by_word[_words(alias.name)[0]].append(alias)
        return by_word

    def _alias(self, name: str, service_id: str) -> Alias:
        is_word = " " not in name
        is_proper = is_word and self.service_kinds.get(service_id) == "programme"
        return Alias(
            name=collapse(name).translate(LOOKALIKES),
            service_id=service_id,
            is_common=not any(letter.isupper() for letter in name),
            is_cased=(is_word and name.isupper()) or is_proper,
        )

    @cached_property
    def longest_department(self) -> int:
        """Words in the longest name of a department."""
        return max((len(name.split()) for name, _ in self.departments), default=0)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of every name."""
        names = (name for name, _ in (*self.departments, *self.services))
        return frozenset(word for name in names for word in _words(name))

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
        named = [
            alias
            for word in set(_words(folded))
            for alias in self._aliases.get(word, ())
            if not self._is_common_elsewhere(alias, department_id)
        ]
        found: list[Mention] = []
        for alias in sorted(named, key=lambda alias: (-len(alias.name), alias.name)):
            for match in alias.pattern.finditer(folded):
                if not any(m.start < match.end() and match.start() < m.end for m in found):
                    printed = text[match.start() : match.end()]
                    found.append(Mention(match.start(), match.end(), alias.service_id, printed))
        return sorted(found, key=lambda mention: mention.start)

    def _is_common_elsewhere(self, alias: Alias, department_id: str | None) -> bool:
        own = self.service_departments.get(alias.service_id)
        return bool(alias.is_common and own and own != department_id)


def department_key(printed: str) -> str:
    """A department's name, made equal for all the ways it is printed."""
    key = collapse(printed).translate(LOOKALIKES).casefold().replace("&", " and ")
    key = re.sub(r"[^a-z()]+", " ", key.replace("'", ""))
    return re.sub(r"^the ", "", collapse(key))


def _without_brackets(key: str) -> str:
    return collapse(re.sub(r"\([a-z ]*\)\s*$", "", key))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold()) or [""]


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
    published = _columns("published_names", seeds, "service_name", "service_id")
    registered = [(row["service_name"], row["service_id"]) for row in services]
    aliases = _columns("service_aliases", seeds, "alias", "service_id")
    names = {service_id: name for name, service_id in (*published, *registered)}
    return Registers(
        departments=tuple(departments),
        services=tuple(names_of_services(aliases, registered, published)),
        service_departments={row["service_id"]: row["department_id"] for row in services},
        service_kinds={row["service_id"]: row["kind"] for row in services},
        service_names=names,
        partners=tuple(row["partner"] for row in load_register("partners", seeds)),
    )


def _columns(register: str, seeds: Path, name: str, identifier: str) -> list[tuple[str, str]]:
    return [(row[name], row[identifier]) for row in load_register(register, seeds)]
