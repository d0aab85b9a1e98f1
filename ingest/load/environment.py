"""What ingest and retry work with: the registers, rules, a connection within limits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core import sql
from core.settings import SEEDS as SEEDS
from core.settings import Settings
from ingest.validation.rules import Rules
from ingest.validation.vocabulary import Vocabulary

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def connect(settings: Settings) -> DuckDBPyConnection:
    """A DuckDB connection in memory with the home's limits, in UTC."""
    spill = settings.warehouse / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    return sql.connect(
        memory_limit=settings.memory_limit,
        threads=settings.threads,
        spill_to=spill,
        preserve_insertion_order=False,
    )


def rules_for(
    settings: Settings, *, run_at: datetime, is_simulated: bool, listed: frozenset[str]
) -> Rules:
    """The rules of one run: today's registers, what publications list, the home's limits.

    Raises:
        UsageError: a register is missing or broken.
    """
    return Rules(
        vocabulary=Vocabulary.load(SEEDS).with_services(listed),
        run_at=run_at,
        future_tolerance=timedelta(minutes=settings.future_tolerance_minutes),
        maximum_bytes=settings.maximum_record_bytes,
        maximum_depth=settings.maximum_record_depth,
        is_simulated=is_simulated,
    )
