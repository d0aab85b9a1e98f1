"""One log in two homes: one is built by DuckDB alone, one with the readers of the log on Spark."""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from core.sql import identifier, quote
from takeup.build import build
from tests.support.homes import RUN_AT, Home

ENGINES_OWN = {("internal", "int_start_hashes"): {"transaction_hash"}}
"""Columns that only the engine that made them reads again."""

Columns = dict[str, str]


@dataclass
class TwoEngines:
    """`build` night after night: a log that has grown adds to what was built of it."""

    duckdb: Home
    spark: Home
    run_at: datetime = datetime(2017, 7, 1, 2, tzinfo=UTC)
    """The moment of the next night; the first comes after all that is published or simulated."""

    @classmethod
    def at(cls, folder: Path) -> TwoEngines:
        """Two homes in a folder."""
        return cls(Home.at(folder / "duckdb"), Home.at(folder / "spark", engine="spark"))

    def build(self, *landed: Path) -> None:
        """Take in these files besides what lies there, and build both homes of the same log."""
        for path in landed:
            shutil.copyfile(path, self.duckdb.settings.landing / path.name)
        self.duckdb.ingest(run_at=self.run_at)
        self.run_at += timedelta(days=1)
        shutil.rmtree(self.spark.settings.log, ignore_errors=True)
        shutil.copytree(self.duckdb.settings.log, self.spark.settings.log)
        for home in (self.duckdb, self.spark):
            build(home.settings)

    def retry(self) -> None:
        """Try the quarantine again, at the moment of the next night."""
        self.duckdb.retry(days=(self.run_at - RUN_AT).days)

    def rows_counted(self) -> dict[str, int]:
        """How many rows each table has that Spark's home was built to."""
        with duckdb.connect(str(self.spark.settings.staging_file), read_only=True) as connection:
            counted = connection.execute("select table_name, estimated_size from duckdb_tables()")
            return dict(counted.fetchall())

    def differences(self) -> list[str]:
        """Tables, by name and with a row for instance, of which the two say different things.
        Doubles are compared to nine digits: the last bits of a sum depend on its order."""
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            for name, home in (("of_duckdb", self.duckdb), ("of_spark", self.spark)):
                file = quote(home.settings.staging_file)
                connection.execute(f"attach {file} as {name} (read_only)")
            of_duckdb, of_spark = (_tables(connection, name) for name in ("of_duckdb", "of_spark"))
            assert len(of_duckdb) > 20
            found = [str(table) for table in of_duckdb.keys() ^ of_spark.keys()]
            for table, columns in sorted(of_duckdb.items()):
                if columns != of_spark.get(table, columns):
                    found.append(f"{table}: {columns.items() ^ of_spark[table].items()}")
                elif table in of_spark and (row := _first_difference(connection, table, columns)):
                    found.append(f"{table}: {row}")
        return found


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> dict[tuple[str, str], Columns]:
    """The compared columns with their types, by schema and table."""
    tables: dict[tuple[str, str], Columns] = defaultdict(dict)
    for schema, table, column, type_name in connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns()"
        " where database_name = $database and not internal order by column_index",
        {"database": database},
    ).fetchall():
        if column not in ENGINES_OWN.get((schema, table), ()):
            tables[schema, table][column] = type_name
    return tables


def _first_difference(
    connection: duckdb.DuckDBPyConnection, table: tuple[str, str], columns: Columns
) -> tuple[object, ...] | None:
    shown = ", ".join(
        f"printf('%.9g', {identifier(name)}) as {identifier(name)}"
        if type_name == "DOUBLE"
        else identifier(name)
        for name, type_name in columns.items()
    )
    one, other = (
        f"select {shown} from {database}.{'.'.join(map(identifier, table))}"
        for database in ("of_duckdb", "of_spark")
    )
    return connection.execute(
        f"(select 'DuckDB only' as made, * from ({one} except all {other}) limit 1)"
        f" union all (select 'Spark only', * from ({other} except all {one}) limit 1)"
    ).fetchone()
