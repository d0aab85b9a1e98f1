"""The rules by which records are checked, as a run of the tests' clock has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import duckdb

from core.settings import PROJECT_ROOT
from ingest.load.batch import RECORD_COLUMNS
from ingest.validation.rules import Rules
from ingest.validation.vocabulary import Vocabulary
from tests.support.homes import RUN_AT


def rules_of(*, is_simulated: bool = False, **limits: int) -> Rules:
    """Rules with other limits than the usual: `tolerance` in minutes, `size` in bytes, `depth`."""
    return Rules(
        vocabulary=Vocabulary.load(PROJECT_ROOT / "seeds"),
        run_at=RUN_AT,
        future_tolerance=timedelta(minutes=limits.get("tolerance", 60)),
        maximum_bytes=limits.get("size", 1024 * 1024),
        maximum_depth=limits.get("depth", 64),
        is_simulated=is_simulated,
    )


@contextmanager
def with_records(
    lines: Iterable[str], *, place: str | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database whose table `records` holds lines that a source gave, numbered from 0."""
    with duckdb.connect() as connection:
        connection.execute(f"set timezone = 'UTC'; create table records ({RECORD_COLUMNS})")
        connection.executemany(
            "insert into records values (?, 0, ?, ?, ?, null, null, null)",
            [(number, number, place, line) for number, line in enumerate(lines)],
        )
        yield connection
