"""What each gate gets to see: the rows under test, and what they are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from expectations.definitions import Suite
from expectations.workspace import (
    STAGING,
    Workspace,
    columns_sql,
    literal_path,
    quoted,
    read_parquet,
)
from takeup.settings import Settings

FACTS = Path(__file__).parent / "log_facts.sql"


def show_register(workspace: Workspace, registers: Path, name: str) -> None:
    """A register as the table `register_<name>`, every column as text, blanks as null."""
    file = quoted(literal_path(str(registers / f"{name}.csv")))
    workspace.execute(
        f"create table register_{name} as select * from "
        f"read_csv({file}, header = true, all_varchar = true, delim = ',', quote = '\"')"
    )


def show_log_batch(
    workspace: Workspace, paths: Sequence[str], *, settings: Settings, registers: Path
) -> None:
    """The new events as `log_events`, with the channels and the limit that they must keep to."""
    workspace.execute(
        "create table limits as select "
        f"interval {settings.future_tolerance_minutes} minute as future_tolerance"
    )
    show_register(workspace, registers, "channels")
    workspace.execute(f"create view log_events as select * from {read_parquet(paths)}")


def log_columns(kind: str) -> dict[str, str]:
    """Columns of one kind of log record, with DuckDB's names for their types."""
    from ingest.log_schema import columns_of  # half a second that only a gate pays

    names = {"string": "varchar", "int64": "bigint", "binary": "blob"}
    return {
        name: "timestamptz" if str(arrow).startswith("timestamp") else names[str(arrow)]
        for name, arrow in columns_of(kind).items()
    }


def show_log(workspace: Workspace, kind: str, view: str) -> None:
    """All of the log's records of one kind, by the list of files that the build was given."""
    files = workspace.rows(
        f"select path from {STAGING}.internal.log_files "
        f"where record_kind = {quoted(kind)} order by path"
    )
    empty = columns_sql(log_columns(kind))
    sql = f"create view {view} as {empty}"
    if files:
        paths = read_parquet([row["path"] for row in files])
        sql += f" union all by name select * from {paths}"
    workspace.execute(sql)


def show_warehouse(
    workspace: Workspace, suites: Sequence[Suite], *, registers: Path, is_simulated: bool | None
) -> None:
    """The marts under their own names, and what the log and the registers say by themselves.

    A mart that the staging file lacks is left out: the runner reports it.
    """
    built = {
        row["table_name"]
        for row in workspace.rows(
            "select table_name from information_schema.tables "
            f"where table_catalog = '{STAGING}' and table_schema = 'main'"
        )
    }
    for suite in suites:
        if suite.table in built:
            workspace.execute(
                f"create view {suite.table} as select * from {STAGING}.main.{suite.table}"
            )
    for kind, view in (("event", "log_events"), ("file", "log_files"), ("retry", "log_retries")):
        show_log(workspace, kind, view)
    show_register(workspace, registers, "targets")
    flag = "null" if is_simulated is None else str(is_simulated).lower()
    workspace.execute(f"create table log_kind as select cast({flag} as boolean) as is_simulated")
    for statement in FACTS.read_text("utf-8").split(";\n"):
        if statement.strip():
            workspace.execute(statement)
