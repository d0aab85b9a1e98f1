"""A scratch DuckDB database that shows a gate what it has to check, and nothing to write to.

It lives in memory under a name of its own, so that Great Expectations' connections see the
same views. The log's Parquet files are read in place and the staging file is attached
read-only: no gate can change what it checks.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy

from core.settings import Settings
from core.sql import quote

STAGING = "staging"
SHOWN_SCHEMAS = ("main", "as_of")
"""Of the staging file: what analysts see, and what its macros rest on."""


def literal_path(path: str) -> str:
    """A path for DuckDB's readers that means itself, where it holds signs of a glob."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path)


def read_parquet(paths: Sequence[str]) -> str:
    """A SQL expression for the rows of these files, by column name."""
    files = ", ".join(quote(literal_path(path)) for path in paths)
    return f"read_parquet([{files}], union_by_name = true, hive_partitioning = false)"


def search_staging(connection: sqlalchemy.Connection) -> None:
    """Let a connection's names mean what the scratch database holds, then what the staging file
    shows, if one is attached: its macros look for each other by names without a database."""
    path = connection.exec_driver_sql(
        f"""
        select string_agg(
            concat_ws('.', database_name, schema_name), ','
            order by database_name = '{STAGING}', schema_name desc
        )
        from duckdb_schemas()
        where
            database_name = '{STAGING}' and schema_name in {SHOWN_SCHEMAS}
            or database_name = current_database() and schema_name = 'main'
        """
    ).scalar()
    connection.exec_driver_sql(f"set search_path = '{path}'")
    connection.commit()


@dataclass(frozen=True)
class Workspace:
    """One gate's scratch database and scratch folder."""

    url: str
    connection: sqlalchemy.Connection
    folder: Path

    def execute(self, sql: str) -> None:
        """Run a statement and make its effect visible to other connections."""
        self.connection.exec_driver_sql(sql)
        self.connection.commit()

    def execute_all(self, file: Path) -> None:
        """Run the statements of a file one by one."""
        for statement in file.read_text("utf-8").split(";\n"):
            if statement.strip():
                self.execute(statement)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows of a query, by column name."""
        result = self.connection.exec_driver_sql(sql)
        rows = [dict(row) for row in result.mappings()]
        self.connection.commit()
        return rows

    def scalar(self, sql: str) -> Any:
        """The one value of a query."""
        value = self.connection.exec_driver_sql(sql).scalar()
        self.connection.commit()
        return value

    def tables(self) -> set[str]:
        """Names of the tables and views that can be checked."""
        found = self.rows(
            "select table_name from information_schema.tables where table_catalog = "
            "current_database() and table_schema = 'main'"
        )
        return {row["table_name"] for row in found}


@contextmanager
def open_workspace(settings: Settings) -> Iterator[Workspace]:
    """A workspace that keeps to the settings' threads and memory, and is gone afterwards."""
    folder = settings.warehouse / "gate.tmp"
    shutil.rmtree(folder, ignore_errors=True)  # left over by a run that was killed
    folder.mkdir(parents=True)
    url = f"duckdb:///:memory:gate-{uuid4().hex}"
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection:
            workspace = Workspace(url=url, connection=connection, folder=folder)
            for name, value in (
                ("threads", str(settings.threads)),
                ("memory_limit", quote(settings.memory_limit)),
                ("temp_directory", quote(str(folder / "spill"))),
                ("timezone", "'UTC'"),
                ("autoinstall_known_extensions", "false"),
                ("autoload_known_extensions", "false"),
                ("preserve_insertion_order", "false"),
            ):
                workspace.execute(f"set global {name} = {value}")
            yield workspace
    finally:
        engine.dispose()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def attached(workspace: Workspace, file: Path) -> Iterator[None]:
    """The staging file as `staging`, read-only, let go of afterwards whatever happens."""
    workspace.execute(f"attach {quote(str(file))} as {STAGING} (read_only)")
    try:
        search_staging(workspace.connection)
        yield
    finally:
        workspace.connection.rollback()
        workspace.execute("reset search_path")
        workspace.execute(f"detach {STAGING}")
