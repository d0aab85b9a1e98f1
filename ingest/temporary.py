"""Temporary tables of a DuckDB connection, made from what Python holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def load_table(
    connection: DuckDBPyConnection, name: str, **columns: Sequence[int] | Sequence[str | None]
) -> None:
    """Make a temporary table of these columns, in one statement instead of one a row."""
    import pyarrow as pa

    table = pa.table({column: pa.array(values) for column, values in columns.items()})
    connection.register("loaded", table)
    connection.execute(f"create or replace temp table {name} as select * from loaded")
    connection.unregister("loaded")
