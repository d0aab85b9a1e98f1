"""Rows of the log's files, held against each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from core.sql import connect, list_of, one_value
from ingest.log.columns import declared, no_records


def rows_that_differ(old: Sequence[str], new: Sequence[str]) -> int:
    """How many rows some files have that others lack, both ways."""
    columns = ", ".join(declared())
    with (
        TemporaryDirectory() as spill,
        connect(spill_to=Path(spill), preserve_insertion_order=False) as connection,
    ):
        for name, paths in (("old_rows", old), ("new_rows", new)):
            # Read once, and compared twice: many small files take longer to open than to compare.
            connection.execute(
                f"create temp table {name} as select {columns} from ("
                f"{no_records()} union all by name select * from read_parquet("
                f"{list_of(paths)}, union_by_name = true, hive_partitioning = false))"
            )
        found: int = one_value(
            connection,
            "select count(*) from ((from old_rows except all from new_rows)"
            " union all (from new_rows except all from old_rows))",
        )
    return found
