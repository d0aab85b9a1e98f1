"""The text that is kept of quarantined records: as it came, forbidden values masked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from core.sql import load_table
from ingest.validation import masking
from ingest.validation.rules import Rules

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

Reader = Callable[[int], Iterator["pa.Table"]]
"""Reads the records of a file once more, by the file's index in the batch."""


def keep_text(connection: DuckDBPyConnection, *, outcomes: str, records: str) -> None:
    """Fill `kept` of the quarantined records among `outcomes` from what came."""
    connection.execute(
        f"""
        update {outcomes} as outcomes set kept = coalesce(
            records.raw,
            {_without_newline("line")}
        )
        from {records} as records
        where outcomes.row_id = records.row_id and record_outcome = 'quarantined'
        """
    )


def keep_text_read_again(connection: DuckDBPyConnection, *, outcomes: str, read: Reader) -> None:
    """Fill `kept` of outcomes whose lines are gone: their files are read once more.

    That are events of the fast path in conflict with another record, which are rare.
    """
    lines = "lines_again"
    connection.execute(
        f"create or replace temp table {lines} (file_index int, position bigint, line varchar)"
    )
    rows = connection.execute(f"select distinct file_index from {outcomes}").fetchall()
    for (file_index,) in rows:
        for records in read(file_index):
            connection.register("records_again", records)
            connection.execute(
                f"""
                insert into {lines}
                select {file_index}, again.position, again.line
                from records_again as again
                semi join {outcomes} as outcomes on again.position = outcomes.position
                    and outcomes.file_index = {file_index}
                """
            )
            connection.unregister("records_again")
    connection.execute(
        f"""
        update {outcomes} as outcomes set kept = {_without_newline("lines.line")}
        from {lines} as lines
        where outcomes.file_index = lines.file_index and outcomes.position = lines.position
        """
    )


def mask_kept(connection: DuckDBPyConnection, *, outcomes: str, rules: Rules, key: bytes) -> None:
    """Mask forbidden values in the text that is kept of quarantined records."""
    forbidden = rules.vocabulary.forbidden_fields
    rows = connection.execute(
        f"""
        select row_id, kept from {outcomes}
        where record_outcome = 'quarantined'
          and (reason = 'personal_data' or {masking.may_mention("kept", forbidden=forbidden)})
        """
    ).fetchall()
    masked = [
        (row_id, clean)
        for row_id, kept in rows
        if (clean := masking.mask(kept, forbidden=forbidden, key=key)) != kept
    ]
    if masked:
        row_ids, texts = zip(*masked, strict=True)
        load_table(connection, "masks", row_id=row_ids, kept=texts)
        connection.execute(
            f"update {outcomes} as outcomes set kept = masks.kept from masks"
            " where masks.row_id = outcomes.row_id"
        )


def _without_newline(line: str) -> str:
    return f"case when suffix({line}, chr(10)) then left({line}, -1) else {line} end"
