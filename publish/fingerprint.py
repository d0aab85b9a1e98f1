"""Content hashes of a warehouse's tables, the same however the rows came to lie in the file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.sql import identifier, quote
from publish.database import PUBLISHED_SCHEMAS, published_tables, reading

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Runs differ in their own history even where they come to the same figures.
NOT_COMPARED = frozenset({"run_history"})


@dataclass(frozen=True)
class Content:
    """What a warehouse file offers: a hash per table, and one of its names, types, comments
    and macros."""

    tables: dict[str, str]
    interface: str


def table_hashes(path: Path, *, ignore: frozenset[str] = NOT_COMPARED) -> dict[str, str]:
    """`{table: 'sha256:...'}` for every published table of the file at `path`.

    A hash covers column names, types, and every row with its exact values; the order of rows
    and their place in the file play no part.

    Raises:
        TakeupError: the file can't be read.
    """
    with reading(path) as connection:
        return hashes_of(connection, database="takeup", ignore=ignore)


def content_of(connection: DuckDBPyConnection, *, database: str) -> Content:
    """Tables and interface of an attached `database`, to tell whether two files say the same."""
    return Content(
        tables=hashes_of(connection, database=database, ignore=NOT_COMPARED),
        interface=_interface_hash(connection, database=database),
    )


def hashes_of(
    connection: DuckDBPyConnection, *, database: str, ignore: frozenset[str]
) -> dict[str, str]:
    """As `table_hashes`, for a `database` attached to a connection in time zone UTC."""
    columns = _columns(connection, database=database)
    return {
        table if schema == "main" else f"{schema}.{table}": _table_hash(
            connection,
            f"{identifier(database)}.{identifier(schema)}.{identifier(table)}",
            columns[schema, table],
        )
        for schema, table in published_tables(connection, database=database)
        if table not in ignore
    }


def _columns(
    connection: DuckDBPyConnection, *, database: str
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Names and types of the columns of each table, by its schema and name."""
    rows = connection.execute(
        f"""
        select schema_name, table_name, list((column_name, data_type) order by column_index)
        from duckdb_columns()
        where database_name = {quote(database)}
        group by all
        """
    ).fetchall()
    return {(schema, table): columns for schema, table, columns in rows}


def _table_hash(
    connection: DuckDBPyConnection, relation: str, columns: list[tuple[str, str]]
) -> str:
    names = [identifier(column) for column, _ in columns]
    texts = ", ".join(f"cast({name} as varchar) as {name}" for name in names)
    # Each value goes with its length, so that no two rows share a text: ('a', 'bc') and
    # ('ab', 'c') differ, and so do null and the empty text.
    row = ", ".join(
        f"coalesce(cast(strlen({name}) as varchar), '-'),"
        f" case when {name} is not null then ':' end, {name}"
        for name in names
    )
    # A sum of row hashes doesn't depend on the order and needs no sort; halves of 64 bits keep
    # it exact in a HUGEINT.
    sums = connection.execute(
        f"""
        select
            count(*),
            coalesce(sum(cast(digest >> 64 as ubigint)), 0),
            coalesce(sum(cast(digest & {2**64 - 1}::uhugeint as ubigint)), 0)
        from (
            select md5_number(concat({row})) as digest
            from (select {texts} from {relation})
        )
        """
    ).fetchone()
    return _digest([columns, sums])


def _interface_hash(connection: DuckDBPyConnection, *, database: str) -> str:
    where = f"database_name = {quote(database)} and schema_name in {PUBLISHED_SCHEMAS}"
    parts = [
        connection.execute(query).fetchall()
        for query in (
            f"select table_name, sql, comment from duckdb_tables() where {where} order by all",
            f"""
            select table_name, column_index, column_name, comment
            from duckdb_columns() where {where} order by all
            """,
            f"""
            select function_name, function_type, parameters, macro_definition, comment
            from duckdb_functions() where {where} and not internal order by all
            """,
        )
    ]
    return _digest(parts)


def _digest(value: object) -> str:
    return "sha256:" + hashlib.sha256(json.dumps(value).encode()).hexdigest()
