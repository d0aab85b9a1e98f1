"""Events of published volumes in SQL: one set of macros for all sources that read such."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ingest.sources.count_cells import tidy_sql, unmarked_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MACROS_SQL = Path(__file__).with_suffix(".sql")


def define_volume_events(connection: DuckDBPyConnection) -> None:
    """Give a connection the macros of `volume_events.sql`, and `tidy` and `unmarked` for cells."""
    connection.execute(f"create temp macro tidy(cell) as {tidy_sql('cell')}")
    connection.execute(f"create temp macro unmarked(cell) as {unmarked_sql('cell')}")
    connection.execute(MACROS_SQL.read_text(encoding="utf-8"))
