"""What each gate gets to see: the rows under test, and what they are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from core.settings import Settings
from core.sql import quote
from expectations.windows import show_windows
from expectations.workspace import STAGING, Workspace, literal_path, read_parquet
from ingest.log.columns import no_records

TRANSACTIONS = quote("uk.gov.takeup.transaction.")
ONLY_TRANSACTIONS = (
    f"starts_with(first_type, {TRANSACTIONS}) and starts_with(last_type, {TRANSACTIONS})"
)
LOG_SUMMARY = Path(__file__).parent / "log_summary.sql"


def show_register(workspace: Workspace, registers: Path, name: str) -> None:
    """A register as the table `register_<name>`, every column as text, blanks as null; read as dbt
    reads it (dbt_project/macros/run/registers.sql)."""
    file = quote(literal_path(str(registers / f"{name}.csv")))
    workspace.execute(
        f"create table register_{name} as select * from "
        f"read_csv({file}, header = true, all_varchar = true, delim = ',', quote = '\"',"
        " escape = '\"', strict_mode = false)"
    )


def show_limits(workspace: Workspace, settings: Settings) -> None:
    """The settings that expectations keep to, as the one row of `limits`."""
    workspace.execute(
        "create table limits as select "
        f"interval {settings.future_tolerance_minutes} minute as future_tolerance, "
        f"{settings.withheld_services} as withheld_services, "
        f"{settings.withheld_share} as withheld_share"
    )


def show_withheld_before(workspace: Workspace, published: Path) -> None:
    """What the published file as it stands withholds, as `withheld_before`.

    Nothing where there is no file, none that can be read, or one of before figures were withheld:
    the gate is there to replace it.
    """
    held = "service_id, period_kind, period_start, quantity"
    found = "null::varchar, null::varchar, null::date, null::varchar where false"
    workspace.execute(f"create table withheld_before ({held}) as select {found}")
    if not published.is_file():
        return
    try:
        workspace.execute(f"attach {quote(str(published))} as published_before (read_only)")
        workspace.execute(
            # In a file of an earlier version the quantity is called measure.
            "insert into withheld_before "
            "select service_id, period_kind, period_start, columns('^(quantity|measure)$') "
            "from published_before.main.data_quality where severity = 'withheld'"
        )
        workspace.execute("detach published_before")
    except DBAPIError:
        workspace.connection.rollback()


def show_log_batch(
    workspace: Workspace, paths: Sequence[str], *, settings: Settings, registers: Path
) -> None:
    """The new events as `log_events`, with the channels and the limit that they must keep to."""
    show_limits(workspace, settings)
    show_register(workspace, registers, "channels")
    workspace.execute(f"create view log_events as select * from {read_parquet(paths)}")


def show_log(
    workspace: Workspace, kind: str, view: str, *, log: Path, holding: str = "true"
) -> None:
    """The log's records of one kind, by the list of files that the build was given: their paths
    below the folder `log`.

    Args:
        holding: SQL of what the files state to hold.
    """
    files = workspace.rows(
        f"select path from {STAGING}.internal.log_files "
        f"where record_kind = {quote(kind)} and {holding} order by path"
    )
    sql = f"create view {view} as {no_records(kind)}"
    if files:
        paths = read_parquet([str(log / row["path"]) for row in files])
        sql += f" union all by name select * from {paths}"
    workspace.execute(sql)


def show_events(workspace: Workspace, *, log: Path) -> None:
    """The log's events as `log_events`. Those of files that hold transactions alone are so many
    more that who asks for others has them as `log_other_events`."""
    views = {
        "log_transactions": ONLY_TRANSACTIONS,
        "log_other_events": f"({ONLY_TRANSACTIONS}) is not true",
    }
    for view, holding in views.items():
        show_log(workspace, "event", view, log=log, holding=holding)
    all_of_them = " union all by name ".join(f"from {view}" for view in views)
    workspace.execute(f"create view log_events as {all_of_them}")


def show_warehouse(
    workspace: Workspace, *, settings: Settings, registers: Path, is_simulated: bool | None
) -> None:
    """What analysts would get, under its own names, and what the log and the registers say.

    A table that the staging file lacks is left out: the runner reports it.
    """
    built = workspace.rows(
        "select table_name from information_schema.tables "
        f"where table_catalog = '{STAGING}' and table_schema = 'main' order by table_name"
    )
    for row in built:
        name = f'main."{row["table_name"]}"'
        workspace.execute(f"create view {name} as select * from {STAGING}.{name}")
    show_limits(workspace, settings)
    show_withheld_before(workspace, settings.published_file)
    show_events(workspace, log=settings.log)
    for kind, view in (("file", "log_files"), ("retry", "log_retries")):
        show_log(workspace, kind, view, log=settings.log)
    for register in ("targets", "channel_classes", "inclusion_topics"):
        show_register(workspace, registers, register)
    flag = "null" if is_simulated is None else str(is_simulated).lower()
    workspace.execute(f"create table log_kind as select cast({flag} as boolean) as is_simulated")
    workspace.execute_all(LOG_SUMMARY)
    show_windows(workspace)
    # A constant: as a subquery in each place where a table macro has its moment it costs twice.
    moment = workspace.scalar("select recorded_at::varchar from log_run")
    literal = "null" if moment is None else quote(moment)
    workspace.execute(f"create macro last_recorded_at() as cast({literal} as timestamptz)")
