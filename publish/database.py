"""Reading a warehouse file through connections that can reach nothing else on the machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import IntegrityError, TakeupError
from core.sql import connect, identifier, quote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PUBLISHED_SCHEMAS = ("main", "as_of")
"""What the published file holds: what analysts see, and what only its macros need."""


@dataclass(frozen=True)
class WarehouseVersion:
    """The one row of `warehouse_version`: which log, code and definitions a file was built from.

    `run_at` is ISO 8601 in UTC, the log's last moment of recording; `epoch` is 1 also where a file
    of an earlier version says none.
    """

    log_version: int
    chain_head: str
    code_version: str
    run_at: str
    is_simulated: bool
    definitions_digest: str
    epoch: int = 1

    def as_dict(self) -> dict[str, str | int | bool]:
        return asdict(self)


@contextmanager
def reading(
    path: Path, *, memory_limit: str = "1GB", threads: int = 2
) -> Iterator[DuckDBPyConnection]:
    """A locked, read-only connection whose current database is the file at `path`.

    SQL that runs on it can neither read nor write other files of the machine.

    Raises:
        TakeupError: the file is absent, is not a DuckDB file, or is open for writing elsewhere.
    """
    import duckdb

    if not path.is_file():
        raise TakeupError(f"{path}: no such file")
    connection = connect(memory_limit=memory_limit, threads=threads)
    try:
        # Attached rather than connected to: a process that already holds an older file of
        # this name would otherwise be handed that one again.
        try:
            connection.execute(f"attach {quote(path)} as takeup (read_only)")
        except duckdb.Error as error:
            raise TakeupError(f"{path} can't be read: {first_line(error)}") from error
        connection.execute("use takeup")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        yield connection
    finally:
        connection.close()


def first_line(error: BaseException) -> str:
    """What a user needs of an error: its first line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def version_of(connection: DuckDBPyConnection, *, database: str = "takeup") -> WarehouseVersion:
    """The version that the attached `database` says it is.

    Raises:
        IntegrityError: there is no such table, or it doesn't hold exactly one row.
    """
    import duckdb

    try:
        rows = connection.execute(
            f"""
            select
                log_version,
                chain_head,
                code_version,
                strftime(run_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ'),
                is_simulated,
                definitions_digest,
                {_epoch(connection, database)}
            from {identifier(database)}.main.warehouse_version
            """
        ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise IntegrityError(
            f"the warehouse doesn't say which version it is: {first_line(error)}"
        ) from error
    if len(rows) != 1:
        raise IntegrityError(f"warehouse_version holds {len(rows)} rows instead of one")
    log_version, chain_head, code_version, run_at, is_simulated, definitions_digest, epoch = rows[0]
    return WarehouseVersion(
        log_version=int(log_version),
        chain_head=str(chain_head),
        code_version=str(code_version),
        run_at=str(run_at),
        is_simulated=bool(is_simulated),
        definitions_digest=str(definitions_digest),
        epoch=int(epoch),
    )


def _epoch(connection: DuckDBPyConnection, database: str) -> str:
    """The column, or 1 where the file is of a version that knew no epochs."""
    found = connection.execute(
        f"select 1 from duckdb_columns() where database_name = {quote(database)}"
        " and schema_name = 'main' and table_name = 'warehouse_version' and column_name = 'epoch'"
    ).fetchone()
    return "epoch" if found else "1"


def published_tables(connection: DuckDBPyConnection, *, database: str) -> list[tuple[str, str]]:
    """Schema and name of each table of `database` that is, or is to be, in the published file."""
    return connection.execute(
        f"""
        select schema_name, table_name
        from duckdb_tables()
        where
            database_name = {quote(database)}
            and schema_name in {PUBLISHED_SCHEMAS}
            and not temporary
        order by all
        """
    ).fetchall()


def has_table(connection: DuckDBPyConnection, name: str) -> bool:
    """Whether the file that is read has a table: one that an earlier version made may lack it."""
    found = connection.execute(
        "select count(*) > 0 from duckdb_tables()"
        " where database_name = 'takeup' and schema_name = 'main' and table_name = ?",
        [name],
    ).fetchone()
    return found == (True,)
