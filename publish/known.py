"""What was known at a pack's moment: each mart's rows as a temporary relation, `known_MART`.

Beside them lie `pack` (one row: first and last day of the quarter, the moment, since when the pack
says what changed, and the department that it is of), `periods`, `names` (of services),
`body_names` and `definition_of_bodies`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.errors import TakeupError, UsageError
from core.periods import Quarter
from core.sql import one_value, quote
from publish.database import has_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MARTS: Final = (
    *("services", "take_up", "take_up_headline", "department_take_up", "offline_volumes"),
    *("channel_volumes", "channel_shares", "channel_shift", "channel_shift_decomposition"),
    *("channel_shift_contributions", "take_up_like_for_like", "service_measures"),
    *("target_attainment", "promises", "unmeasured_services", "mi_returns", "revisions"),
    *("aggregate_revisions", "data_quality", "set_asides"),
)
_NEEDED: Final = ("take_up", "take_up_headline", "target_attainment", "services")

_SERVICE_COLUMNS: Final = (
    "service_id service_name department_id department_name organisation_id organisation_name"
).split()

_BODY_NAMES: Final = """
    select
        department_id, cast(null as varchar) as organisation_id,
        max_by(department_name, service_id) as department_name,
        cast(null as varchar) as organisation_name
    from names
    where department_id is not null
    group by department_id
    union all
    select
        department_id, organisation_id, max_by(department_name, service_id),
        max_by(organisation_name, service_id)
    from names
    where organisation_id is not null
    group by department_id, organisation_id
"""
DEFINITION_OF_BODIES: Final = """
    select definition_id
    from {bodies}
    where level = 'government' and scope = 'all'
    group by definition_id
    order by sum(services_measured) desc, definition_id
    limit 1
"""
"""The definition of take-up by which most services are measured."""


@dataclass(frozen=True)
class Asked:
    """What a pack is asked for. `as_of` is None where it is what the published file knows now;
    `run_at` is the file's own moment; `department` is None for all of government."""

    quarter: Quarter
    as_of: str | None
    run_at: str
    changed_since: str | None
    department: str | None

    @property
    def moment(self) -> str:
        """The moment that all of the pack is known at."""
        return self.as_of or self.run_at


def lay_known(connection: DuckDBPyConnection, asked: Asked) -> set[str]:
    """Lay out what was known; returns the marts that the published file can give at the moment.

    Raises:
        TakeupError: it can't give what every pack holds.
        UsageError: no service is of the department.
    """
    given = _objects(connection)
    found = set()
    is_past = asked.as_of is not None or _has_later_periods(connection, asked.quarter, given)
    for mart in MARTS:
        relation = _relation(mart, asked, given, is_past=is_past)
        if relation is None or (mart == "aggregate_revisions" and asked.changed_since is None):
            continue
        kind = "view" if relation == mart else "table"
        connection.execute(
            f"create or replace temp {kind} known_{mart} as select * from {relation}"
        )
        found.add(mart)
    if lacking := [mart for mart in _NEEDED if mart not in found]:
        raise TakeupError(
            "the published file can't answer as of a moment: it lacks the macros of"
            f" {', '.join(lacking)}"
        )
    _lay_beside(connection, asked, found)
    return found


def is_laid(connection: DuckDBPyConnection, name: str) -> bool:
    """Whether a temporary relation of that name is there."""
    found = connection.execute(
        "select (select count(*) from duckdb_tables() where temporary and table_name = $1)"
        " + (select count(*) from duckdb_views() where temporary and view_name = $1) > 0",
        [name],
    ).fetchone()
    return found == (True,)


def previous_publication(connection: DuckDBPyConnection, moment: str) -> tuple[str | None, ...]:
    """The moments of the latest publication of volumes known at `moment`, and of the one before."""
    if not has_table(connection, "publications"):
        return None, None
    rows = connection.execute(
        f"""
        select distinct strftime(published_at at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') as said
        from publications
        where kind = 'volumes' and published_at <= timestamptz {quote(moment)}
        order by said desc
        limit 2
        """
    ).fetchall()
    latest, before, *_ = [*(row[0] for row in rows), None, None]
    return latest, before


def _relation(mart: str, asked: Asked, given: set[str], *, is_past: bool) -> str | None:
    """SQL that has the mart's rows at the moment; None where the file can't give them. The quarter
    `is_past` where the file has later periods, or another moment is asked for."""
    moment = f"timestamptz {quote(asked.moment)}"
    if mart == "aggregate_revisions":
        between = f"aggregate_revisions_between(timestamptz {quote(str(asked.changed_since))}"
        return f"{between}, {moment})" if f"{mart}_between()" in given else None
    if mart == "target_attainment" and f"{mart}_until()" in given and is_past:
        # As of the pack's quarter: what came after it is another pack's.
        return f"{mart}_until({moment}, date {quote(str(asked.quarter.end))})"
    if mart == "set_asides":
        return _set_asides(asked.as_of) if mart in given else None
    if asked.as_of is None:
        return mart if mart in given else None
    return f"{mart}_as_of({moment})" if f"{mart}_as_of()" in given else None


def _has_later_periods(connection: DuckDBPyConnection, quarter: Quarter, given: set[str]) -> bool:
    """Whether the file has take-up of periods that end after a quarter. Where it has none, the
    standing of targets is the file's own, which spares seconds."""
    return any(
        connection.execute(
            f"select count(*) > 0 from {table} where period_end > $1", [quarter.end]
        ).fetchone()
        == (True,)
        for table in ("take_up", "department_take_up")
        if table in given
    )


def _set_asides(as_of: str | None) -> str:
    """What was set aside, as it was known at the moment: none of it counts in the other files."""
    if as_of is None:
        return "set_asides"
    moment = f"timestamptz {quote(as_of)}"
    later = ", ".join(
        f"case when restored_at <= {moment} then {name} end as {name}"
        for name in ("restored_by_role", "restored_reason", "restored_at")
    )
    return f"(select * replace ({later}) from set_asides where set_aside_at <= {moment})"


def _objects(connection: DuckDBPyConnection) -> set[str]:
    """Names of the published file's tables, and of its table macros with `()` behind them."""
    rows = connection.execute(
        """
        select table_name from duckdb_tables()
        where database_name = 'takeup' and schema_name = 'main'
        union
        select function_name || '()' from duckdb_functions()
        where database_name = 'takeup' and function_type = 'table_macro'
        """
    ).fetchall()
    return {name for (name,) in rows}


def _lay_beside(connection: DuckDBPyConnection, asked: Asked, found: Iterable[str]) -> None:
    quarter = asked.quarter
    since = "null" if asked.changed_since is None else quote(asked.changed_since)
    department = "null" if asked.department is None else quote(asked.department)
    _lay(
        connection,
        "pack",
        f"""
        select
            date {quote(str(quarter.start))} as starts_on,
            date {quote(str(quarter.end))} as ends_on,
            timestamptz {quote(asked.moment)} as known_at,
            cast({since} as timestamptz) as changed_since,
            cast({department} as varchar) as department_id
        """,
    )
    rows = ", ".join(
        f"({quote(kind)}, date {quote(str(start))}, date {quote(str(end))})"
        for kind, start, end in quarter.periods()
    )
    columns = "period_kind, period_start, period_end"
    _lay(connection, "periods", f"select * from (values {rows}) as periods ({columns})")
    _lay(connection, "names", f"select {', '.join(_SERVICE_COLUMNS)} from known_services")
    _lay(connection, "body_names", _BODY_NAMES)
    if "department_take_up" in found:
        bodies = DEFINITION_OF_BODIES.format(bodies="known_department_take_up")
        _lay(connection, "definition_of_bodies", bodies)
    if asked.department is not None:
        _require_department(connection, asked.department)


def _lay(connection: DuckDBPyConnection, name: str, query: str) -> None:
    connection.execute(f"create or replace temp table {name} as {query}")


def _require_department(connection: DuckDBPyConnection, department: str) -> None:
    """A department that no service is of is a slip of the pen, not an empty pack."""
    known: Any = one_value(
        connection,
        "select list(distinct department_id order by department_id) from names"
        " where department_id is not null",
    )
    if department not in (known or []):
        raise UsageError(f"no department {department!r}: one of {', '.join(known or [])}")
