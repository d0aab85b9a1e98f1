"""SQL and DuckDB: literals and identifiers, connections, tables made from what Python holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

OF_CONNECTIONS = "set timezone = 'UTC'; set enable_progress_bar = false"
"""What each connection has of its own."""


def quote(text: str | Path) -> str:
    """`text` as a SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """`name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def any_of(values: Iterable[str]) -> str:
    """A SQL list for `in (...)`, in a stable order; an empty one matches nothing."""
    return ", ".join(quote(value) for value in sorted(values)) or "null"


def list_of(values: Iterable[str | Path]) -> str:
    """A SQL list of string literals, in the order given: `['a', 'b']`."""
    return "[" + ", ".join(map(quote, values)) + "]"


def connect(
    database: str | Path = ":memory:",
    *,
    read_only: bool = False,
    memory_limit: str = "1GB",
    threads: int = 2,
    spill_to: Path | None = None,
    **config: str | int | bool,
) -> DuckDBPyConnection:
    """A DuckDB connection; by default to an empty database in memory, to attach files to.

    Moments are written and compared in UTC; extensions come with the package or not at all;
    what exceeds the memory goes to `spill_to`, or is an error.
    """
    import duckdb

    connection = duckdb.connect(
        str(database),
        read_only=read_only,
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "memory_limit": memory_limit,
            "threads": threads,
            "temp_directory": "" if spill_to is None else str(spill_to),
            **config,
        },
    )
    # Not in the config: there the extension that knows time zones is not loaded yet.
    connection.execute(OF_CONNECTIONS)
    return connection


@cache
def _shared() -> DuckDBPyConnection:
    return connect(arrow_large_buffer_size=True)


def scratch() -> DuckDBPyConnection:
    """A connection to an empty database in memory that all of the process share, for temporary
    tables, views and macros, which are each connection's own.

    A database of its own takes a hundred times as long to open and to close. Texts go to Arrow
    with 64-bit offsets.
    """
    connection = _shared().cursor()
    connection.execute(OF_CONNECTIONS)
    return connection


def load_table(
    connection: DuckDBPyConnection, name: str, **columns: Sequence[int] | Sequence[str | None]
) -> None:
    """Make a temporary table of these columns, in one statement instead of one a row."""
    import pyarrow as pa

    table = pa.table({column: pa.array(values) for column, values in columns.items()})
    connection.register("loaded", table)
    connection.execute(f"create or replace temp table {name} as select * from loaded")
    connection.unregister("loaded")


def one_value(connection: DuckDBPyConnection, query: str) -> Any:
    """The value that `query` gives: its first column of its first row; None without a row."""
    row = connection.execute(query).fetchone()
    return None if row is None else row[0]
