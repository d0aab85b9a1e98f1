"""What the gates expect, as data: the shape of `suites/*.yml` and how it is read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml
from blake3 import blake3

SUITES = Path(__file__).parent / "suites"

Severity = Literal["fail", "warn"]
ExpectationType = Literal[
    "ExpectColumnValuesToBeInSet",
    "ExpectColumnValuesToNotBeNull",
    "ExpectCompoundColumnsToBeUnique",
    "ExpectTableColumnsToMatchSet",
    "ExpectTableRowCountToEqual",
]
"""The expectations that suites may name. Each is known to run on DuckDB and to leave a
result that can be stored, and `samples` knows how to show the rows behind its failure."""


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that must hold, in words and in a form that Great Expectations runs.

    Exactly one of `unexpected_rows` (SQL that returns the rows that should not be there; the
    table under test is called `batch` in it) and `expect` (an expectation by name, with its
    `arguments`) is given.
    """

    name: str
    severity: Severity
    means: str
    when_it_trips: str
    unexpected_rows: str | None = None
    expect: ExpectationType | None = None
    arguments: dict[str, Any] = {}

    def __post_init__(self) -> None:
        if (self.unexpected_rows is None) == (self.expect is None):
            raise ValueError(f"{self.name}: give either unexpected_rows or expect")
        if self.unexpected_rows is not None and not re.search(r"\bbatch\b", self.unexpected_rows):
            raise ValueError(f"{self.name}: unexpected_rows never reads batch")


class Suite(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that is expected of one table.

    `rows` says what one row is, `show` names the columns by which a reader finds a row.
    """

    gate: Literal["log", "warehouse"]
    table: str
    rows: str
    show: list[str]
    expectations: list[Expectation]

    def __post_init__(self) -> None:
        names = [expectation.name for expectation in self.expectations]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{self.table}: expectation {twice[0]} is there twice")


ROW_GUARD = Expectation(
    name="every_row_was_checked",
    severity="fail",
    means="The gate looked at as many rows as there were to check.",
    when_it_trips=(
        "The files that were read do not hold what the log or the warehouse says they hold. "
        "Run `takeup verify`; where the log is whole, run the build again."
    ),
    expect="ExpectTableRowCountToEqual",
)
"""Heads every suite; the number of rows is filled in when it runs."""


def with_row_guard(suite: Suite) -> list[Expectation]:
    """Everything that is checked of the suite's table."""
    return [ROW_GUARD, *suite.expectations]


def parse_suite(text: str) -> Suite:
    """A suite from its YAML text.

    Raises:
        msgspec.ValidationError: a field is missing, unknown, or of another type.
    """
    return msgspec.convert(yaml.safe_load(text), Suite)


@cache
def suites_of(gate: Literal["log", "warehouse"]) -> tuple[Suite, ...]:
    """The suites of one gate, in the order of their file names."""
    suites = (parse_suite(path.read_text("utf-8")) for path in sorted(SUITES.glob("*.yml")))
    return tuple(suite for suite in suites if suite.gate == gate)


def digest_of_suites(paths: Iterable[Path] | None = None) -> str:
    """Digest over the text of all suites: which expectations a file was judged by."""
    hasher = blake3()
    for path in sorted(SUITES.glob("*.yml") if paths is None else paths):
        content = path.read_bytes()
        hasher.update(f"{path.name} {len(content)}\n".encode() + content)
    return "blake3:" + hasher.hexdigest()
