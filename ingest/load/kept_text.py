"""The text that is kept of quarantined records: as it came, forbidden values masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.sql import load_table
from ingest.validation import masking
from ingest.validation.rules import Rules

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def keep_text(connection: DuckDBPyConnection, *, outcomes: str, records: str) -> None:
    """Fill `kept` of the quarantined records among `outcomes` from what came."""
    connection.execute(
        f"""
        update {outcomes} as outcomes set kept = coalesce(
            records.raw,
            case when suffix(line, chr(10)) then left(line, -1) else line end
        )
        from {records} as records
        where outcomes.row_id = records.row_id and record_outcome = 'quarantined'
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
