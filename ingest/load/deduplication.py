"""Which of several records with one identity is the event: decided on the records themselves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from core.sql import load_table
from ingest.load.kept_text import keep_text
from ingest.load.parts import rows_of
from ingest.log import identity_index
from ingest.log.columns import EVENT
from ingest.validation.rules import TYPED_FIELDS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EVENT_COLUMNS = ", ".join(EVENT)
COMPARED = [
    name for name in EVENT if name not in ("source", "id", "data", "extensions", "datacontenttype")
]
"""Columns in which a redelivered event is the same. All content is JSON, whatever it is called."""
OF_THE_DELIVERY = frozenset(
    {
        "traceparent",
        "tracestate",
        "baggage",
        "recordedtime",
        "expirytime",
        "partitionkey",
        "sequence",
        "sequencetype",
        "sampledrate",
        "correlationid",
        "causationid",
    }
)
"""Extensions of CloudEvents that say how an event came, not what happened: each delivery has its
own."""


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
    connection.execute(_compared(candidates, winners, into=compared))
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


def _compared(candidates: str, winners: str, *, into: str) -> str:
    """SQL: relation `into`, each candidate beside its winner, and in what they agree."""
    same = " and ".join(f"new.{name} is not distinct from old.{name}" for name in COMPARED)
    return f"""
        create or replace temp table {into} as
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
        from {candidates} as new
        inner join {winners} as old on new.source = old.source and new.id = old.id
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
                when compared.is_same and compared.is_same_text then 'duplicate'
                else 'quarantined'
            end as record_outcome,
            case when checked.reason is null and record_outcome = 'quarantined'
                then 'id_conflict' else checked.reason
            end as reason,
            case when checked.reason is null and record_outcome = 'quarantined'
                then 'other content than position ' || winner_position || ' of '
                    || left(winner_file_hash, 23)
                else checked.detail
            end as detail,
            winner_file_hash, winner_position, winner_commit_version,
            null::varchar as kept,
        from {checked} as checked
        left join {compared} as compared on checked.row_id = compared.row_id
        """


def _compare_documents(connection: DuckDBPyConnection, compared: str) -> None:
    """Compare as values what differs as text only: key order and white space don't matter."""
    rows = connection.execute(
        f"""
        select row_id, new_data, old_data, new_extensions, old_extensions from {compared}
        where not is_winner and is_same and not is_same_text
        """
    ).fetchall()
    same = [
        row_id
        for row_id, new_data, old_data, new_extensions, old_extensions in rows
        if _is_same_data(new_data, old_data)
        and _extensions(new_extensions) == _extensions(old_extensions)
    ]
    if same:
        load_table(connection, "same_values", row_id=same)
        connection.execute(
            f"update {compared} as compared set is_same_text = true from same_values"
            " where same_values.row_id = compared.row_id"
        )


def _is_same_data(new: str | None, old: str | None) -> bool:
    """Whether two events say the same; the log keeps no data where its columns say it all."""
    found = [_as_value(text) for text in (new, old)]
    if None in (new, old):
        found = [
            {name: value for name, value in one.items() if name not in TYPED_FIELDS}
            if isinstance(one, dict)
            else {}
            for one in found
        ]
    return found[0] == found[1]


def _extensions(text: str | None) -> dict[str, object]:
    """What extensions say of the event itself; not being simulated is what is meant anyway."""
    found = _as_value(text)
    own = found if isinstance(found, dict) else {}
    return {
        name: value
        for name, value in own.items()
        if name not in OF_THE_DELIVERY and (name, value) != ("simulated", _told_apart(False))
    }


def _as_value(text: str | None) -> object:
    """What a JSON text says: 1 and 1.0 are the same number, 1 and true are not the same, and a
    null member is none."""
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
        return {name: _told_apart(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_told_apart(inner) for inner in value]
    return value
