"""The doubts of a quarter that could move most: what is seen of the quality of data first."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from core.sql import quote
from publish.display import percentage_points, period, printable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LARGEST: Final = 10
"""How many are shown, the number of the others beside them."""

LATEST_QUARTER: Final = """
    select max(period_start), max(period_end)
    from take_up_headline
    where period_kind = 'quarter' and value_status = 'complete'
"""
"""First and last day of the latest quarter with a take-up; null where no quarter has any."""


def largest_doubts_sql(doubts: str, start: dt.date, end: dt.date) -> str:
    """SQL of the largest doubts about the months and the quarter from `start` to `end`.

    One row per doubt of the relation `doubts` with its columns, `place` (1 for the largest) and
    `others_count` (the quarter's other doubts) before them. A doubt is large by the points that it
    could move its department, then its service; one that could move none is never shown. Where a
    check doubts both counts of a service and period, that is one doubt, told of the total.
    """
    return f"""
        select * exclude (doubts_count, reaches)
        from (
            select
                row_number() over (
                    order by
                        reaches desc,
                        abs(department_effect_pp) desc nulls last,
                        abs(service_effect_pp) desc nulls last,
                        service_id, period_start, check_id, quantity, input
                ) as place,
                doubts_count - least(count(*) filter (reaches) over (), {LARGEST}) as others_count,
                *
            from (
                select
                    *,
                    count(*) over () as doubts_count,
                    coalesce(department_effect_pp, 0) <> 0
                    or coalesce(service_effect_pp, 0) <> 0 as reaches
                from (
                    select *
                    from {doubts}
                    where
                        severity = 'warn'
                        and period_kind in ('month', 'quarter')
                        and period_start >= date {quote(str(start))}
                        and period_end <= date {quote(str(end))}
                    qualify row_number() over (
                        partition by check_id, service_id, period_kind, period_start
                        order by (quantity = 'total_count') desc, quantity, input
                    ) = 1
                )
            )
        )
        where reaches and place <= {LARGEST}
        order by place
    """


def doubt_lines(connection: DuckDBPyConnection) -> list[str]:
    """The largest doubts of the latest quarter, one line each after one that says of how many;
    none where there are none, and for a file that an earlier version made."""
    if not _states_effects(connection):
        return []
    ((start, end),) = connection.execute(LATEST_QUARTER).fetchall()
    if start is None:
        return []
    rows = connection.execute(
        "select coalesce(service_name, doubts.service_id), period_kind, period_start,"
        " period_end, what, service_effect_pp, department_effect_pp, others_count"
        f" from ({largest_doubts_sql('data_quality', start, end)}) as doubts"
        " left join services using (service_id) order by place"
    ).fetchall()
    found = connection.execute("select count(*) from data_quality").fetchone()
    if not rows or found is None:
        return []
    *_, others = rows[0]
    head = (
        f"{period('quarter', start, end)}: the {len(rows)} that could move most, "
        f"and {others:,} more; {found[0]:,} in all in the table data_quality"
    )
    return [head, *(_line(*row[:-1]) for row in rows)]


def _states_effects(connection: DuckDBPyConnection) -> bool:
    found = connection.execute(
        "select count(*) = 1 from duckdb_columns() where database_name = 'takeup'"
        " and table_name = 'data_quality' and column_name = 'service_effect_pp'"
    ).fetchone()
    return found == (True,)


def _line(
    service: str,
    kind: str,
    start: dt.date,
    end: dt.date,
    what: str,
    service_pp: float | None,
    department_pp: float | None,
) -> str:
    month = "" if kind == "quarter" else f", {period(kind, start, end)}"
    department = (
        "" if department_pp is None else f", of its department {percentage_points(department_pp)}"
    )
    reach = "not known" if service_pp is None else percentage_points(service_pp)
    return printable(f"{service}{month}: {what}; could move take-up {reach}{department}")
