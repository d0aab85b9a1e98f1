"""What the gates expect, as data: the shape of an expectation and of a suite."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

Gate = Literal["log", "warehouse", "pack"]
Severity = Literal["fail", "warn"]
Owner = Literal["take-up data team", "register keepers", "sending department"]
"""Who acts on a broken expectation: a team or a role, no person."""
ExpectationType = Literal[
    "ExpectColumnValuesToBeInSet",
    "ExpectColumnValuesToNotBeNull",
    "ExpectTableRowCountToEqual",
]
"""The expectations that suites may name. Each is known to run on DuckDB and to leave a
result that can be stored, and `samples` knows how to show the rows behind its failure."""


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that must hold, in words and in a form that Great Expectations runs.

    `means` is its meaning, `when_it_trips` the remedy, `owner` who is to apply it: the team that
    runs the pipeline, where no other is named. `window` says by which of its own past a series is
    held, where it is (`windows`).

    Exactly one of `unexpected_rows` (SQL that returns the rows that should not be there; the
    table under test is called `batch` in it) and `expect` (an expectation by name, with its
    `arguments`) is given.
    """

    name: str
    severity: Severity
    means: str
    when_it_trips: str
    owner: Owner = "take-up data team"
    window: str | None = None
    unexpected_rows: str | None = None
    expect: ExpectationType | None = None
    arguments: dict[str, Any] = {}

    def __post_init__(self) -> None:
        if (self.unexpected_rows is None) == (self.expect is None):
            raise ValueError(f"{self.name}: give either unexpected_rows or expect")
        if self.unexpected_rows is not None and not re.search(r"\bbatch\b", self.unexpected_rows):
            raise ValueError(f"{self.name}: unexpected_rows never reads batch")


def without_doubles(table: str, expectations: Sequence[Expectation]) -> None:
    """Refuse two expectations of one name.

    Raises:
        ValueError: there are two.
    """
    names = [expectation.name for expectation in expectations]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{table}: expectation {twice[0]} appears twice")


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is expected of one table beyond its contract: the shape of `suites/*.yml`."""

    gate: Gate
    table: str
    expectations: list[Expectation]

    def __post_init__(self) -> None:
        without_doubles(self.table, self.expectations)


class Suite(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that is expected of one table.

    `rows` says what one row is, `show` names the columns by which a reader finds a row.
    """

    gate: Gate
    table: str
    rows: str
    show: list[str]
    expectations: list[Expectation]

    def __post_init__(self) -> None:
        without_doubles(self.table, self.expectations)


ROW_GUARD = Expectation(
    name="every_row_was_checked",
    severity="fail",
    means="The gate looked at as many rows as there were to check.",
    when_it_trips=(
        "The files that were read do not hold what the log, the warehouse or the pack says they "
        "hold. Run `takeup verify`; where the log is whole, run the build or the export again."
    ),
    expect="ExpectTableRowCountToEqual",
)
"""Heads every suite; the number of rows is filled in when it runs."""


def with_row_guard(suite: Suite) -> list[Expectation]:
    """Everything that is checked of the suite's table."""
    return [ROW_GUARD, *suite.expectations]
