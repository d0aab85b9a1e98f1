"""What our figures are held against. Run as `python -m bench.baselines NAME FILE OUT`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.sql import connect

FIELDS = (
    "service_id",
    "channel",
    "assistance",
    "assistance_provider",
    "online_extent",
    "outcome",
    "transaction_id",
)


def bare_parse(source: Path, out: Path) -> None:
    """DuckDB alone: parse every field of the JSON lines, cast the time, write Parquet.

    Nothing is validated, no duplicate found; what it can't read is dropped.
    """

    fields = ", ".join(f"{name} VARCHAR" for name in FIELDS)
    with connect(preserve_insertion_order=False) as connection:
        connection.execute(
            f"""
            copy (
                select specversion, id, source, type, try_cast(time as timestamptz) as time,
                    datacontenttype, dataschema, simulated, data.*
                from read_json(
                    '{source}', format = 'newline_delimited',
                    ignore_errors = true, columns = {{
                        specversion: 'VARCHAR', id: 'VARCHAR', source: 'VARCHAR',
                        type: 'VARCHAR', time: 'VARCHAR', datacontenttype: 'VARCHAR',
                        dataschema: 'VARCHAR', simulated: 'BOOLEAN', data: 'STRUCT({fields})'
                    }}
                )
            ) to '{out}' (format parquet)
            """
        )


def dlt_merge(source: Path, out: Path) -> None:
    """dlt: merge on (source, id) into DuckDB, as its documentation shows for JSON lines."""
    import json

    import dlt  # type: ignore[import-not-found]

    @dlt.resource(write_disposition="merge", primary_key=("source", "id"))  # type: ignore[untyped-decorator]
    def events() -> Iterator[dict[str, Any]]:
        with source.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)

    pipeline = dlt.pipeline(
        "bench",
        destination=dlt.destinations.duckdb(str(out)),
        dataset_name="loaded",
        pipelines_dir=str(out.parent / "dlt"),
    )
    pipeline.run(events())


if __name__ == "__main__":
    {"bare_parse": bare_parse, "dlt_merge": dlt_merge}[sys.argv[1]](
        Path(sys.argv[2]), Path(sys.argv[3])
    )
