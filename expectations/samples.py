"""Which rows broke an expectation, for a person to look at."""

from __future__ import annotations

from typing import Any

from core.sql import quote
from expectations.definitions import Expectation, Suite
from expectations.results import to_json
from expectations.workspace import Workspace

SAMPLE_SIZE = 5


def on_table(unexpected_rows: str, table: str) -> str:
    """A suite's SQL with the table that it calls `batch`.

    Great Expectations would put `(select ...) as subselect` there, or no name, depending on
    whether the query has a join; so it gets to fill in one place that works with either.
    """
    return (
        f"with batch as not materialized (select * from {table})\n"
        f"select * from (\n{unexpected_rows.strip()}\n) as unexpected"
    )


def sql_value(value: object) -> str:
    """A value of a suite as SQL."""
    return quote(value) if isinstance(value, str) else str(value)


def unexpected_rows_sql(suite: Suite, expectation: Expectation) -> str | None:
    """A query for the rows that break the expectation; nothing where it is not about rows."""
    if expectation.unexpected_rows is not None:
        return on_table(expectation.unexpected_rows, suite.table)
    arguments = expectation.arguments
    column = arguments.get("column", "")
    match expectation.expect:
        case "ExpectColumnValuesToNotBeNull":
            broken = f"{column} is null"
        case "ExpectColumnValuesToBeInSet":
            known = ", ".join(sql_value(value) for value in arguments["value_set"])
            broken = f"{column} not in ({known})"
        case _:
            return None
    shown = list(dict.fromkeys([*suite.show, column]))
    return f"select {', '.join(shown)} from {suite.table} where {broken}"


def sample_rows(
    workspace: Workspace, suite: Suite, expectation: Expectation
) -> list[dict[str, Any]]:
    """Up to five of the rows that break the expectation, the same ones on every run."""
    query = unexpected_rows_sql(suite, expectation)
    if query is None:
        return []
    rows = workspace.rows(
        f"select * from (\n{query}\n) as unexpected order by all limit {SAMPLE_SIZE}"
    )
    return [{name: to_json(value) for name, value in row.items()} for row in rows]
