"""Two published files, table by table and row by row."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def columns_of(connection: DuckDBPyConnection, database: str) -> dict[str, list[str]]:
    """Columns of the published tables of an attached file, by table."""
    found: dict[str, list[str]] = {}
    rows = connection.execute(
        "select table_name, column_name from duckdb_columns()"
        " where database_name = $name and schema_name = 'main' order by column_index",
        {"name": database},
    ).fetchall()
    for table, column in rows:
        found.setdefault(table, []).append(column)
    return found


def differing(connection: DuckDBPyConnection, one: str, other: str) -> int:
    """Rows that only one of two queries gives, each as often as it does."""
    counts = [
        connection.execute(f"select count(*) from ({left} except all {right})").fetchone()
        for left, right in ((one, other), (other, one))
    ]
    return sum(count[0] for count in counts if count is not None)


def differing_rows(
    connection: DuckDBPyConnection, one: str, other: str, table: str, *, but: Collection[str]
) -> int:
    """Rows of a table that only one of two attached files has, some columns left out."""
    columns = columns_of(connection, one)[table]
    said = ", ".join(f'"{column}"' for column in columns if column not in but)
    return differing(
        connection, f"select {said} from {one}.{table}", f"select {said} from {other}.{table}"
    )
