"""Cases of a measure: rows given for what it reads, and the rows that it answers at a moment.

A measure is asked by the statement of a table function, so that a case holds however its SQL is cut
into models. What it reads is a table, or another measure, which is a part of the statement: the
given rows take its place there.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        parts = _parts_of(connection, case.measure)
        for name, text in case.given.items():
            _give(connection, parts, name, text)
        register_reported_services(connection)
        asked = _tree(connection, f"select * from {_part(parts, case.measure)}")
        asked["cte_map"]["map"] = list(parts.values())
        connection.execute(
            f"create macro asked(ts) as table {_text(connection, asked)};"
            f" create temp table found as from asked(timestamptz '{case.moment}')"
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


Parts = dict[str, dict[str, Any]]
"""Of the statement of a table function, by their names there, as DuckDB serializes them."""


def _parts_of(connection: duckdb.DuckDBPyConnection, measure: str) -> Parts:
    """The parts of the first table function that works a measure out."""
    functions = connection.execute(
        "select macro_definition from duckdb_functions()"
        " where function_type = 'table_macro' and not internal order by function_name"
    ).fetchall()
    for (definition,) in functions:
        found = _tree(connection, definition)["cte_map"]["map"]
        parts: Parts = {part["key"]: part for part in found}
        if _part(parts, measure) is not None:
            return parts
    raise AssertionError(f"no table function works {measure} out")


def _part(parts: Parts, measure: str) -> str | None:
    names = (f"as_known_{prefix}{measure}" for prefix in ("", "int_", "mart_"))
    return next((name for name in names if name in parts), None)


def _tree(connection: duckdb.DuckDBPyConnection, select: str) -> dict[str, Any]:
    (text,) = connection.execute("select json_serialize_sql($1)", [select]).fetchone() or ("",)
    tree: dict[str, Any] = json.loads(text)["statements"][0]["node"]
    return tree


def _text(connection: duckdb.DuckDBPyConnection, tree: dict[str, Any]) -> str:
    statement = json.dumps({"error": False, "statements": [{"node": tree, "named_param_map": []}]})
    (text,) = connection.execute("select json_deserialize_sql($1)", [statement]).fetchone() or ("",)
    return str(text)


def _give(connection: duckdb.DuckDBPyConnection, parts: Parts, name: str, text: str) -> None:
    part = _part(parts, name)
    if part is None:
        table = _table(connection, name)
        connection.execute(f"delete from {table}")
        _insert(connection, table, text)
        return
    rows = identifier(f"given_{name}")
    connection.execute(f"create table {rows} as from {_table(connection, name)} limit 0")
    _insert(connection, rows, text)
    given = _tree(connection, f"with {part} as (from {rows}) from {part}")
    parts[part] = given["cte_map"]["map"][0]


def _table(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """A table, with its schema: of what analysts see, what functions need, or what nobody sees."""
    ((schema, table),) = connection.execute(
        "select schema_name, table_name from duckdb_tables() where table_name = $1"
        " or schema_name = 'internal' and table_name = 'int_' || $1"
        " order by schema_name = 'internal' limit 1",
        [name],
    ).fetchall()
    return f"{schema}.{identifier(table)}"


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
