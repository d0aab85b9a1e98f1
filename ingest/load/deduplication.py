"""Which of several records with one identity is the event: settled on the records themselves."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from core.sql import load_table
from ingest.log import identity_index
from ingest.log.columns import EVENT

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EVENT_COLUMNS = ", ".join(EVENT)
COMPARED = [name for name in EVENT if name not in ("source", "id", "data", "extensions")]


def settle(connection: DuckDBPyConnection, prior_parts: list[str]) -> None:
    """From `judged` make `settled`: outcome, reason, winner of a redelivery, text to keep.

    The recorded event wins over a new one; among new ones the first by file and position. Only
    hashes in table `doubtful` can have more than one record.
    """
    prior = (
        f"""
        select commit_version, file_hash, position, {EVENT_COLUMNS}
        from read_parquet({prior_parts!r}, union_by_name = true, hive_partitioning = false) as held
        semi join candidates on held.source = candidates.source and held.id = candidates.id
        """
        if prior_parts
        else f"""
        select null::bigint as commit_version, null::varchar as file_hash,
            null::bigint as position, {EVENT_COLUMNS}
        from judged where false
        """
    )
    same = " and ".join(f"new.{name} is not distinct from old.{name}" for name in COMPARED)
    connection.execute(
        f"""
        create or replace temp table candidates as
        select * exclude (reason, detail) from judged
        where reason is null
            and {identity_index.identity_hash("source", "id")}
                in (select identity_hash from doubtful);

        create or replace temp table winners as
        with prior as ({prior}),
        firsts as (
            select files.file_hash, candidates.*
            from candidates
            inner join files on candidates.file_index = files.file_index
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
        from firsts;

        create or replace temp table compared as
        select
            new.row_id,
            old.winner_row_id is not distinct from new.row_id as is_winner,
            ({same}) as is_same,
            new.data is not distinct from old.data
                and new.extensions is not distinct from old.extensions as is_same_text,
            new.data as new_data, old.data as old_data,
            new.extensions as new_extensions, old.extensions as old_extensions,
            old.file_hash as winner_file_hash,
            old.position as winner_position,
            old.commit_version as winner_commit_version,
        from candidates as new
        inner join winners as old on new.source = old.source and new.id = old.id
        """
    )
    _compare_documents(connection)
    connection.execute(
        """
        create or replace temp table settled as
        select
            judged.* exclude (reason, detail),
            case
                when judged.reason is not null then 'quarantined'
                when compared.row_id is null or compared.is_winner then 'accepted'
                when compared.is_same and compared.is_same_text then 'duplicate'
                else 'quarantined'
            end as fate,
            case when judged.reason is null and fate = 'quarantined'
                then 'id_conflict' else judged.reason
            end as reason,
            case when judged.reason is null and fate = 'quarantined'
                then 'other content than position ' || winner_position || ' of '
                    || left(winner_file_hash, 23)
                else judged.detail
            end as detail,
            winner_file_hash, winner_position, winner_commit_version,
            null::varchar as kept,
        from judged
        left join compared on judged.row_id = compared.row_id;

        update settled set kept = coalesce(
            remainder.raw,
            case when suffix(line, chr(10)) then left(line, -1) else line end
        )
        from remainder
        where settled.row_id = remainder.row_id and fate = 'quarantined'
        """
    )


def _compare_documents(connection: DuckDBPyConnection) -> None:
    """Compare as values what differs as text only: key order and white space don't matter."""
    rows = connection.execute(
        """
        select row_id, new_data, old_data, new_extensions, old_extensions from compared
        where not is_winner and is_same and not is_same_text
        """
    ).fetchall()
    same = [
        row_id
        for row_id, new_data, old_data, new_extensions, old_extensions in rows
        if _as_value(new_data) == _as_value(old_data)
        and _as_value(new_extensions) == _as_value(old_extensions)
    ]
    if same:
        load_table(connection, "same_values", row_id=same)
        connection.execute(
            "update compared set is_same_text = true from same_values"
            " where same_values.row_id = compared.row_id"
        )


def _as_value(text: str | None) -> object:
    """What a JSON text says: 1 and 1.0 are the same number, 1 and true are not the same."""
    if text is None:
        return None
    return _told_apart(json.loads(text, parse_int=_number, parse_float=_number))


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


def _told_apart(value: object) -> object:
    if isinstance(value, bool):
        return bool, str(value)
    if isinstance(value, dict):
        return {name: _told_apart(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_told_apart(inner) for inner in value]
    return value
