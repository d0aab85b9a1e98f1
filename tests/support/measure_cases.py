"""Cases of a measure: rows given for what it reads, and the rows that it answers at a moment.

A measure is asked through its table function, so that a case holds however its SQL is cut into
models. What it reads is a table, or another measure, for which the given rows answer instead.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml

from core.sql import identifier
from tests.support.listed import register_reported_services


@dataclass(frozen=True)
class Case:
    """One case; tables are CSV with a header, an empty cell is null."""

    measure: str
    name: str
    moment: str
    given: dict[str, str]
    expect: str


def read_cases(folder: Path) -> list[Case]:
    """The cases of every `<measure>.yml` in `folder`."""
    return [
        Case(path.stem, case["name"], case["moment"], case["given"], case["expect"])
        for path in sorted(folder.glob("*.yml"))
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def found_and_expected(
    connection: duckdb.DuckDBPyConnection, case: Case
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Rows that the measure answers and those that the case expects, both in order.

    The warehouse behind `connection` is as it was before, afterwards.
    """
    connection.execute("begin")
    try:
        for name, text in case.given.items():
            _give(connection, name, text)
        register_reported_services(connection)
        function = _function(connection, case.measure)
        assert function is not None
        connection.execute(
            f"create temp table found as from {function}(timestamptz '{case.moment}')"
        )
        connection.execute("create temp table expected as from found limit 0")
        columns = _insert(connection, "expected", case.expect)
        asked = f"select {columns} from {{}} order by all"
        return (
            connection.sql(asked.format("found")).fetchall(),
            connection.sql(asked.format("expected")).fetchall(),
        )
    finally:
        connection.execute("rollback")


def _give(connection: duckdb.DuckDBPyConnection, name: str, text: str) -> None:
    function = _function(connection, name)
    if function is None:
        table = _table(connection, name)
        connection.execute(f"delete from {table}")
        _insert(connection, table, text)
        return
    rows = identifier(f"given_{name}")
    connection.execute(f"create table {rows} as from {function}(null) limit 0")
    _insert(connection, rows, text)
    connection.execute(f"create or replace macro {function}(ts) as table from {rows}")


def _table(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """A table, with the schema that only macros need where it is there."""
    found = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'as_of' and table_name = ?", [name]
    ).fetchone()
    return identifier(name) if found is None else f"as_of.{identifier(name)}"


def _function(connection: duckdb.DuckDBPyConnection, measure: str) -> str | None:
    """The table function of a measure, with its schema; None for a table that has none."""
    found = connection.execute(
        "select schema_name from duckdb_functions() where function_name = ? and not internal",
        [f"{measure}_as_of"],
    ).fetchone()
    return None if found is None else f"{found[0]}.{identifier(f'{measure}_as_of')}"


def _insert(connection: duckdb.DuckDBPyConnection, table: str, text: str) -> str:
    """Insert rows by the names of their columns, the others null; returns those names."""
    header, *rows = csv.reader(io.StringIO(text)) if text else [["*"]]
    columns = ", ".join(header)
    for row in rows:
        marks = ", ".join("?" for _ in row)
        connection.execute(
            f"insert into {table} ({columns}) values ({marks})", [cell or None for cell in row]
        )
    return columns
