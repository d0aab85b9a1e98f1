"""Great Expectations on DuckDB. Importing this module imports Great Expectations.

With its plain SQL datasource every expectation fails with `list index out of range`: it
closes the connection before it fetches, and a DuckDB result goes with its connection.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import (
    SqlAlchemyExecutionEngine,
)
from sqlalchemy.engine import Connection

from expectations.workspace import search_staging

EngineType = type[SqlAlchemyExecutionEngine]


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """Keeps one connection open, as its parent does for SQLite, that finds what is shown."""

    @contextmanager
    def get_connection(self) -> Generator[Connection, None, None]:
        if self._connection is None:
            self._connection = self.engine.connect()
            search_staging(self._connection)
        yield self._connection

    def close(self) -> None:
        """Let go of the database, which the parent leaves to the garbage collector."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        super().close()


class DuckDBDatasource(SQLDatasource):
    """`context.data_sources.add_duckdb(name, connection_string=...)`."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]

    @property
    def execution_engine_type(self) -> EngineType:
        return DuckDBExecutionEngine
