"""What a warehouse counts, held against what the rules count."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import duckdb

from tests.properties.living import Life
from tests.properties.model import Cell, Model, net_counts, waiting
from tests.support.homes import RUN_AT

CELL = "service_id, measure, month_start::varchar, channel, assistance"


def counts_agree_as_of_every_day(connection: duckdb.DuckDBPyConnection, life: Life) -> None:
    """Transactions less corrections, by what was known after each run."""
    for day in range(life.day):
        moment = RUN_AT + timedelta(days=day)
        rows = connection.execute(
            f"""
            select {CELL}, sum(transactions_count)::bigint
            from (
                select * exclude (commit_version) from transaction_counts
                union all by name
                select * from transaction_adjustments
            )
            where known_at <= $moment
            group by all
            having sum(transactions_count) <> 0
            """,
            {"moment": moment},
        ).fetchall()
        counted: dict[Cell, int] = {(a, b, c, d, e): count for a, b, c, d, e, count in rows}
        assert counted == net_counts(life.model.events(known_by=moment)), f"as of {moment}"


def channel_months_agree(
    connection: duckdb.DuckDBPyConnection, model: Model, *, until: str = "9999"
) -> None:
    """Months of `channel_volumes` that begin before `until`, which are over."""
    expected: Counter[tuple[str, str, str]] = Counter()
    for (service, measure, month, channel, _), count in net_counts(model.events()).items():
        if measure == "completed" and month < until:
            expected[service, month, channel] += count
    rows = connection.execute(
        """
        select service_id, period_start::varchar, channel, transactions_count, value_status
        from channel_volumes
        where basis = 'events' and period_kind = 'month'
        """
    ).fetchall()
    shown = {
        (service, month, channel): count
        for service, month, channel, count, status in rows
        if status == "provided"
    }
    assert len(rows) == len({row[:3] for row in rows})
    assert {cell: count for cell, count in shown.items() if count} == expected


def waiting_corrections_are_shown(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Corrections of nothing that is known."""
    rows = connection.execute("select event_source, event_id from corrections_waiting").fetchall()
    assert set(rows) == waiting(model.events())
    assert len(rows) == len(set(rows))
