"""What is withheld of services that have a target: what a run says first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publish.display import period, printable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_WITHHELD = """
    select
        coalesce(services.service_name, found.service_id),
        found.period_kind,
        found.period_start,
        found.period_end,
        replace(found.quantity, '_', ' '),
        found.value,
        found.what
    from data_quality as found
    left join services on found.service_id = services.service_id
    where
        found.severity = 'withheld'
        and found.service_id in (
            select target_attainment.service_id
            from target_attainment
            where target_attainment.service_id is not null
        )
    order by found.period_end desc, 1, found.quantity, found.check_id
"""


def withheld_lines(connection: DuckDBPyConnection) -> list[str]:
    """One line per figure of a published file that is withheld and whose service has a target,
    the latest period first.
    """
    rows = connection.execute(_WITHHELD).fetchall()
    return [
        printable(
            f"withheld: {service}, {period(kind, start, end)}: {measure} {_shown(value)}, {what}"
        )
        for service, kind, start, end, measure, value, what in rows
    ]


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() and abs(value) < 1e16 else f"{value:g}"
