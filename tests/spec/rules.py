"""Rules of the measures as small tables, run through the real SQL.

A rule gives a few rows, asks a mart by its table macro, which holds the same SQL as the model,
and expects a few rows back. `publish.pages.measures` reads the tables and shows them in
docs/measures.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import duckdb

from publish.pages.measures import Rule, RuleRow
from tests.spec.given import load

NOTHING = "-"


def answer(connection: duckdb.DuckDBPyConnection, rule: Rule) -> list[RuleRow]:
    """What the mart says, in the columns that the rule expects; nothing stays in the tables."""
    connection.begin()
    try:
        for name, table in rule.given.items():
            load(connection, name, table.rows)
        return ask(connection, rule)
    finally:
        connection.rollback()


def ask(connection: duckdb.DuckDBPyConnection, rule: Rule) -> list[RuleRow]:
    """The mart's rows as of the rule's moment."""
    found = connection.execute(
        f"select * from {rule.ask}_as_of(cast(? as timestamptz)) where {rule.where}",
        [f"{rule.as_of} 00:00:00+00"],
    )
    names = [column[0] for column in found.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return [{column: shown(column, row) for column in rule.expect.columns} for row in rows]


def shown(column: str, row: dict[str, Any]) -> str:
    """A value as the tables write it. `period` names a period in one word."""
    if column == "period":
        return period(row["period_kind"], row["period_start"], row["period_end"])
    value = row[column]
    if value is None:
        return NOTHING
    return str(value).lower() if isinstance(value, bool) else str(value)


def period(kind: str, start: Any, end: Any) -> str:
    """`2014 Q1`, `2014-05`, `year to 2014 Q4`, `2014-15`."""
    if kind == "month":
        return f"{start:%Y-%m}"
    if kind == "financial_year":
        return f"{start.year}-{end:%y}"
    quarter = f"{end.year} Q{end.month // 3}"
    return quarter if kind == "quarter" else f"year to {quarter}"


def differences(expected: Sequence[RuleRow], actual: Sequence[RuleRow]) -> list[str]:
    """Rows that only one side has, in words."""
    left = list(actual)
    missing = []
    for row in expected:
        match = next((one for one in left if agrees(row, one)), None)
        if match is None:
            missing.append(f"expected only: {row}")
        else:
            left.remove(match)
    return missing + [f"in the mart only: {row}" for row in left]


def agrees(expected: RuleRow, actual: RuleRow) -> bool:
    """Whether a row is the one that is expected, numbers to the decimals that are written."""
    return all(_is_same(expected[column], actual[column]) for column in expected)


def _is_same(expected: str, actual: str) -> bool:
    if expected == actual:
        return True
    match = re.fullmatch(r"-?\d+(?:\.(\d+))?", expected)
    if match is None or not re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", actual):
        return False
    return abs(float(expected) - float(actual)) <= 0.5000001 * 10 ** -len(match[1] or "")
