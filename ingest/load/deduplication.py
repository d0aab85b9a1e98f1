"""Which of several records with one identity is the event: decided on the records themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.sql import load_table
from ingest.load.differences import first_difference
from ingest.load.kept_text import keep_text
from ingest.load.parts import rows_of
from ingest.log import identity_index
from ingest.log.columns import EVENT

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EVENT_COLUMNS = ", ".join(EVENT)
COMPARED = [
    name for name in EVENT if name not in ("source", "id", "data", "extensions", "datacontenttype")
]
"""Columns in which a redelivered event is the same. All content is JSON, whatever it is called."""


def deduplicate(
    connection: DuckDBPyConnection,
    *,
    checked: str,
    records: str,
    files: str,
    possible_duplicates: str,
    prior_parts: Sequence[str],
    into: str,
) -> None:
    """Table `into`: the checked records with their outcomes.

    The recorded event wins over a new one; among new ones the first by file and position.

    Args:
        checked: relation that the full check made.
        records: what it was made of, with the text as it came.
        files: relation (file_index, file_hash).
        possible_duplicates: relation of hashes; only those can have more than one record.
        prior_parts: files with events of such hashes that were accepted before.
        into: `record_outcome` (accepted, duplicate, quarantined), reason, detail, the winner of a
            duplicate, and `kept`, the text to keep of a quarantined record.
    """
    candidates, winners, compared = "candidates", "winners", "compared"
    identity = identity_index.identity_hash("source", "id")
    connection.execute(
        f"""
        create or replace temp table {candidates} as
        select * exclude (reason, detail) from {checked}
        where reason is null
            and {identity} in (select identity_hash from {possible_duplicates})
        """
    )
    connection.execute(_winners(candidates, files=files, prior_parts=prior_parts, into=winners))
    connection.execute(_compared(candidates, winners, files=files, into=compared))
    _compare_documents(connection, compared)
    connection.execute(_outcomes(checked, compared, into=into))
    keep_text(connection, outcomes=into, records=records)


def _winners(candidates: str, *, files: str, prior_parts: Sequence[str], into: str) -> str:
    """SQL: relation `into`, the one event of each identity: recorded before, or the first."""
    prior = (
        f"""
        select commit_version, file_hash, position, {EVENT_COLUMNS}
        from {rows_of(prior_parts, options=", union_by_name = true")} as held
        semi join {candidates} as candidates
            on held.source = candidates.source and held.id = candidates.id
        """
        if prior_parts
        else f"""
        select null::bigint as commit_version, null::varchar as file_hash,
            null::bigint as position, {EVENT_COLUMNS}
        from {candidates} where false
        """
    )
    return f"""
        create or replace temp table {into} as
        with prior as ({prior}),
        firsts as (
            select files.file_hash, candidates.*
            from {candidates} as candidates
            inner join {files} as files on candidates.file_index = files.file_index
            anti join prior on candidates.source = prior.source and candidates.id = prior.id
            qualify row_number() over (
                partition by candidates.source, candidates.id
                order by candidates.file_index, candidates.position, candidates.row_id
            ) = 1
        )
        select null::bigint as winner_row_id, commit_version, file_hash, position, {EVENT_COLUMNS}
        from prior
        union all by name
        select row_id as winner_row_id, null::bigint as commit_version, file_hash, position,
            {EVENT_COLUMNS}
        from firsts
        """


def _compared(candidates: str, winners: str, *, files: str, into: str) -> str:
    """SQL: relation `into`, each candidate beside its winner, and the first column that differs."""
    difference = ", ".join(
        f"case when new.{name} is distinct from old.{name} then '{name} is '"
        f" || coalesce(new.{name}::varchar, 'absent') || ', not '"
        f" || coalesce(old.{name}::varchar, 'absent') end"
        for name in COMPARED
    )
    return f"""
        create or replace temp table {into} as
        select
            new.row_id,
            new.type,
            old.winner_row_id is not distinct from new.row_id as is_winner,
            coalesce({difference}) as difference,
            new.data is not distinct from old.data
                and new.extensions is not distinct from old.extensions as is_same_text,
            new.data as new_data, old.data as old_data,
            new.extensions as new_extensions, old.extensions as old_extensions,
            old.file_hash as winner_file_hash,
            old.position as winner_position,
            old.commit_version as winner_commit_version,
            left(old.file_hash, 23)
                || case when old.file_hash = files.file_hash then ' (this file)' else '' end
                as winner_file,
        from {candidates} as new
        inner join {winners} as old on new.source = old.source and new.id = old.id
        inner join {files} as files on new.file_index = files.file_index
        """


def _outcomes(checked: str, compared: str, *, into: str) -> str:
    """SQL: relation `into`, the checked records with their outcomes, no text kept yet."""
    return f"""
        create or replace temp table {into} as
        select
            checked.* exclude (reason, detail),
            case
                when checked.reason is not null then 'quarantined'
                when compared.row_id is null or compared.is_winner then 'accepted'
                when compared.difference is null then 'duplicate'
                else 'quarantined'
            end as record_outcome,
            case when checked.reason is null and record_outcome = 'quarantined'
                then 'id_conflict' else checked.reason
            end as reason,
            case when checked.reason is null and record_outcome = 'quarantined'
                then 'other content than position ' || winner_position || ' of ' || winner_file
                    || ': ' || difference
                else checked.detail
            end as detail,
            winner_file_hash, winner_position, winner_commit_version,
            null::varchar as kept,
        from {checked} as checked
        left join {compared} as compared on checked.row_id = compared.row_id
        """


def _compare_documents(connection: DuckDBPyConnection, compared: str) -> None:
    """Fill `difference` where columns are the same and the documents, as values, are not."""
    rows = connection.execute(
        f"""
        select row_id, type, new_data, old_data, new_extensions, old_extensions
        from {compared} where not is_winner and difference is null and not is_same_text
        """
    ).fetchall()
    found = [
        (row_id, difference)
        for row_id, kind, *texts in rows
        if (difference := first_difference(kind, *texts)) is not None
    ]
    if found:
        row_ids, differences = zip(*found, strict=True)
        load_table(connection, "differing", row_id=row_ids, difference=differences)
        connection.execute(
            f"update {compared} as compared set difference = differing.difference from differing"
            " where differing.row_id = compared.row_id"
        )
