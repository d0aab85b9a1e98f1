"""Outcomes of records as parts of a commit: accepted events, duplicates, quarantined records."""

from __future__ import annotations

from core.sql import any_of, quote
from ingest.load.deduplication import EVENT_COLUMNS
from ingest.load.parts import Parts
from ingest.validation.event_types import schema_version
from ingest.validation.rules import TRANSACTION_TYPES

OUTCOMES = ("accepted", "duplicate", "quarantined")


def write_events_and_duplicates(parts: Parts, *, outcomes: str, files: str) -> None:
    """Write what was accepted after the full check, and duplicates with the record that won.

    Args:
        outcomes: relation that `deduplicate` made.
        files: relation (file_index, file_hash).
    """
    # Apart, because there are so many more of the one kind: who asks for others passes over them.
    for is_transaction in ("in", "not in"):
        parts.write(
            "event",
            f"""
            select {parts.common}, files.file_hash, outcomes.position, outcomes.place,
                {EVENT_COLUMNS}
            from {outcomes} as outcomes
            inner join {files} as files on outcomes.file_index = files.file_index
            where record_outcome = 'accepted'
                and type {is_transaction} ({any_of(TRANSACTION_TYPES)})
            order by outcomes.row_id
            """,
        )
    parts.write(
        "duplicate",
        f"""
        select {parts.common}, files.file_hash, outcomes.position, outcomes.place, source, id,
            winner_file_hash, winner_position,
            coalesce(winner_commit_version, {parts.version}) as winner_commit_version
        from {outcomes} as outcomes
        inner join {files} as files on outcomes.file_index = files.file_index
        where record_outcome = 'duplicate'
        order by outcomes.file_index, outcomes.position, outcomes.row_id
        """,
    )


def write_quarantined(parts: Parts, *, outcomes: str, files: str, code_version: str) -> None:
    """Write quarantined records with the text that is kept of them. Arguments as above."""
    parts.write(
        "quarantine",
        f"""
        select {parts.common}, files.file_hash, outcomes.position, outcomes.place,
            reason, detail, encode(kept) as raw,
            {quote(schema_version())} as schema_version,
            {quote(code_version)} as code_version
        from {outcomes} as outcomes
        inner join {files} as files on outcomes.file_index = files.file_index
        where record_outcome = 'quarantined'
        order by outcomes.file_index, outcomes.position, outcomes.row_id
        """,
    )
