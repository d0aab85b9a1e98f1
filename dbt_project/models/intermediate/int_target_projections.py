"""Forecasts of targets that are still ahead: rows in, rows out, all else is in the package."""

from dataclasses import astuple
from typing import Any

from core.sql import quote
from projections.targets import COLUMNS, TargetQuarter, project


def model(dbt: Any, session: Any) -> Any:
    """One row per target still ahead and period to come; the library that fits is imported only
    where there is something to fit."""
    quarters = dbt.ref("int_target_quarters").project(
        "target_id, metric, period_kind, due_on, quarter_start, digital_count, total_count"
    )
    projections = project(TargetQuarter(*row) for row in quarters.fetchall())
    # A table of DuckDB's own, filled by literals: to hand over Arrow, pandas or parameters would
    # import them, every night.
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    session.execute(f"create or replace temp table projected ({columns})")
    if projections:
        rows = ", ".join(
            "(" + ", ".join("null" if value is None else quote(str(value)) for value in row) + ")"
            for row in map(astuple, projections)
        )
        session.execute(f"insert into projected values {rows}")
    return session.table("projected")
