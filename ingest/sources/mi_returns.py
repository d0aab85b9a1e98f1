"""Departments' management-information returns: a template of ours, filled in and sent back, as CSV
or as a workbook. Of a workbook only the values that are stored in its cells are read.

One row per service, period and breakdown (a channel, or total). A row yields its volume
(`volume.reported`), its cost where it has one (`cost.reported`), and the sign-off of the
service's return where a row carries it (`return.signed_off`). A department restates by sending
the return again with a later `submitted_on`: knowledge dates from there.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ingest.landing.inspection import SourceFile
from ingest.refusals import FileRejected
from ingest.sources.base import Context, Source
from ingest.sources.count_cells import as_count_cells, read_count, read_counts
from ingest.sources.csv_head import check_form, column_of_head, has_header
from ingest.sources.flags import flag_of_rows
from ingest.sources.mi_events import doubts, load_known, records_of
from ingest.sources.mi_template import COLUMNS, COLUMNS_FOR_PEOPLE, OPTIONAL_COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

    from ingest.sources.csv_text import Rows

SUFFIXES = (".csv", ".csv.gz", ".csv.zst")
ROWS_OF_A_HEAD = 200
TELLING = ("department_id", "service_id", "period_kind", "breakdown", "measure", "submitted_on")


class MiReturns(Source):
    """Known by the names in its first row, however they are separated."""

    name = "mi_returns"
    reads_again = True
    takes_workbooks = True

    def recognise(self, file: SourceFile) -> bool:
        if file.container == "workbook":
            from ingest.sources.mi_workbook import has_table

            return has_table(file.path, _knows)
        if not file.name.lower().endswith(SUFFIXES):
            return False
        return has_header(file.head, _knows)

    def marks_simulated(self, file: SourceFile) -> bool | None:
        """Whether the first rows say that they are simulated; None where there are no rows."""
        marks = _marks(file)
        return None if marks is None else any(mark.lower() == "true" for mark in marks)

    def read(self, file: SourceFile, context: Context) -> Iterator[pa.Table]:
        """Up to three records per row, told apart by the column that each comes from."""
        import pyarrow as pa

        from ingest.landing.records import RECORD_SCHEMA

        check_form(file.head, _knows)
        known = load_known(context.seeds).with_services(context.listed)
        with _open_rows(file) as (names, blocks):
            check_names(names)
            for block in blocks:
                counts = as_count_cells(read_counts(block.cells[f"c{names.index('count')}"]))
                rows = zip(*block.cells.to_pydict().values(), strict=True)
                found = [
                    {"position": position, "raw": json.dumps(row, ensure_ascii=False)} | record
                    for (position, *cells), count in zip(rows, counts, strict=True)
                    for row in [dict(zip(names, cells, strict=True))]
                    for record in records_of(row, count, position=position, known=known)
                ]
                table = pa.Table.from_pylist(found, schema=RECORD_SCHEMA)
                yield pa.concat_tables([table, block.refused]).sort_by("position")

    def content_flags(self, file: SourceFile, context: Context) -> tuple[str, ...]:
        """`other_department`, `other_name`: rows that name another than their service's."""
        known = load_known(context.seeds)
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        with _open_rows(file) as (names, blocks):
            for block in blocks:
                for position, *cells in zip(*block.cells.to_pydict().values(), strict=True):
                    for doubt in doubts(dict(zip(names, cells, strict=True)), known):
                        found[doubt].append(position)
        return tuple(
            flag_of_rows(flag, service, rows) for (flag, service), rows in sorted(found.items())
        )

    def read_again(self, raw: str, place: str | None, context: Context) -> pa.Table:
        """The record of a row in quarantine, by today's registers."""
        import pyarrow as pa

        from ingest.landing.records import RECORD_SCHEMA

        row = json.loads(raw)
        known = load_known(context.seeds).with_services(context.listed)
        found = [
            {"position": 1, "raw": raw} | record
            for record in records_of(row, read_count(row["count"]), position=1, known=known)
            if record["place"] == place
        ]
        return pa.Table.from_pylist(found, schema=RECORD_SCHEMA)


@contextmanager
def _open_rows(file: SourceFile) -> Iterator[tuple[list[str], Iterator[Rows]]]:
    """Names of the columns and the rows below them, of a CSV or of a workbook's table."""
    from ingest.landing.containers import open_stream
    from ingest.sources import csv_text, mi_workbook

    if file.container == "workbook":
        yield mi_workbook.open_rows(file.path, _knows)
        return
    with open_stream(file.path, file.container) as stream:
        yield csv_text.open_rows(stream)


def _marks(file: SourceFile) -> list[str] | None:
    """What the first rows have under `simulated`; None where there are no rows."""
    if file.container != "workbook":
        return column_of_head(file.head, "simulated")
    from ingest.sources import mi_workbook

    names, blocks = mi_workbook.open_rows(file.path, _knows, most=ROWS_OF_A_HEAD)
    cells = [block.cells for block in blocks if block.cells.num_rows]
    if not cells:
        return None
    return cells[0][f"c{names.index('simulated')}"].to_pylist() if "simulated" in names else []


def _knows(names: Sequence[str]) -> bool:
    return len(set(names) & set(TELLING)) >= 4


def check_names(names: Sequence[str]) -> None:
    """Refuse columns that are not the template's. Their order does not matter.

    Raises:
        FileRejected: `bad_header`, naming the column.
    """
    for name in names:
        if names.count(name) > 1:
            raise FileRejected("bad_header", f"column {name!r} appears twice")
        if name not in {*COLUMNS, *OPTIONAL_COLUMNS, *COLUMNS_FOR_PEOPLE}:
            raise FileRejected("bad_header", f"column {name!r} is unknown")
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise FileRejected("bad_header", f"column {missing[0]!r} is missing")
