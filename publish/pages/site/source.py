"""What the site reads: the published file, by columns, once for all pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from publish.database import WarehouseVersion, reading, version_of
from publish.pages.site import words
from publish.pages.site.model import Link, Row, file_name_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NAMED: Final = re.compile(r"(?<= of )[a-z][a-z0-9-]*[a-z0-9]")


@dataclass(frozen=True)
class Source:
    """An open published file, and the names of services and bodies as pages show them."""

    connection: DuckDBPyConnection
    version: WarehouseVersion
    service_names: dict[str, str]
    department_names: dict[str, str]
    organisation_names: dict[str, str]

    @classmethod
    def of(cls, connection: DuckDBPyConnection, version: WarehouseVersion) -> Source:
        """A published file that is open, and of that version."""

        def names(of: str) -> dict[str, str]:
            return dict(
                connection.execute(
                    f"select {of}_id, coalesce(max_by({of}_name, (is_listed, service_id)), {of}_id)"
                    f" from services where {of}_id is not null group by {of}_id"
                ).fetchall()
            )

        return cls(
            connection, version, names("service"), names("department"), names("organisation")
        )

    def rows(self, query: str) -> list[Row]:
        """Every row of a query's answer, by name of column."""
        found = self.connection.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def row(self, query: str) -> Row | None:
        """The first row of an answer, if there is one."""
        return next(iter(self.rows(query)), None)

    def sentence(self, text: str | None) -> str:
        """A sentence of ours as people say it, services and bodies by their names."""
        names = self.department_names | self.organisation_names | self.service_names
        return words.sentence(_NAMED.sub(lambda found: names.get(found[0], found[0]), text or ""))

    def service(self, service_id: str | None) -> Link | str | None:
        """A service's name, as the way to its page if it has one."""
        if service_id is None or service_id not in self.service_names:
            return service_id
        return Link(words.said(self.service_names[service_id]), service_path(service_id))

    def department(self, department_id: str | None) -> Link | str | None:
        """A department's name, as the way to its page if it has one."""
        if department_id is None or department_id not in self.department_names:
            return department_id
        return Link(
            words.said(self.department_names[department_id]), department_path(department_id)
        )

    def organisation(self, organisation_id: str | None) -> Link | str | None:
        """An organisation's name, as the way to its page if it has one."""
        if organisation_id is None or organisation_id not in self.organisation_names:
            return organisation_id
        name = words.said(self.organisation_names[organisation_id])
        return Link(name, organisation_path(organisation_id))


def service_path(service_id: str) -> str:
    """Where a service's page is, from the site's root."""
    return f"services/{file_name_of(service_id)}.html"


def department_path(department_id: str) -> str:
    """Where a department's page is, from the site's root."""
    return f"departments/{file_name_of(department_id)}.html"


def organisation_path(organisation_id: str) -> str:
    """Where an organisation's page is, from the site's root."""
    return f"organisations/{file_name_of(organisation_id)}.html"


def report_path(document: str) -> str:
    """Where the page of a report is, from the site's root."""
    return f"reports/{file_name_of(document)}.html"


def grouped(rows: Iterable[Row], key: str) -> defaultdict[Any, list[Row]]:
    """Rows by the value of one of their columns, in the order in which they came."""
    groups: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups


@contextmanager
def source_of(published_file: Path) -> Iterator[Source]:
    """The published file, open for as long as pages are made of it.

    Raises:
        TakeupError: it can't be read.
    """
    with reading(published_file) as connection:
        yield Source.of(connection, version_of(connection))
