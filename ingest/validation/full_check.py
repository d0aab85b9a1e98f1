"""Full check: knows every rule, and names a reason for each refusal.

It works in columns, with SQL that is generated from the schemas and the registers. It checks
what the fast path does not accept, and comes to the same outcomes. What is spelled as our own
sources do is known by that, the rest is taken apart as JSON. All work on relations in a DuckDB
connection whose time zone is UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.sql import load_table, one_value
from ingest.validation.data_check import check_data, detail_of
from ingest.validation.envelopes import (
    ENVELOPE_COLUMNS,
    SIZE,
    check_envelopes,
    open_envelopes,
    read_shapes,
)
from ingest.validation.event_types import event_types
from ingest.validation.json_text import REWRITTEN, WRAPPED, keep_written, unwrap_data
from ingest.validation.rules import TYPED_FIELDS, Rules
from ingest.validation.spelling import spelled_events
from ingest.validation.strict_json import strict_refusal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SUSPICIOUS = r"(?i:[:,\[]\s*-?(nan|inf))|,\s*[}\]]|\\[ubf]|[\x{7f}-\x{9f}]"
"""Lines (RE2) that DuckDB's JSON reader lets through although they are not JSON, or that may
hold a control character."""
UNUSUAL = f"{REWRITTEN}|{WRAPPED}|{SUSPICIOUS}"
"""Lines (RE2) that have to be looked at more closely: few, found in one pass over the text."""


def check(connection: DuckDBPyConnection, rules: Rules, *, records: str, into: str) -> None:
    """Check every record of relation `records`, leaving table `into`.

    `records` holds (row_id, file_index, position, place, line, raw, reason, detail); a record
    that its source already refused has a reason. `into` adds the log's event columns and
    ends with `reason` and `detail`, both null for a record that may be accepted.
    """
    connection.execute(
        f"create or replace temp table {into} as {spelled_events(rules, records=records)}"
    )
    others = records
    if one_value(connection, f"select 1 from {into} limit 1") is not None:
        others = "records_spelled_otherwise"
        connection.execute(
            f"create or replace temp table {others} as"
            f" select * from {records} where row_id not in (select row_id from {into})"
        )
    if one_value(connection, f"select 1 from {others} limit 1") is not None:
        _check_json(connection, rules, records=others, kept=records, into=into)


def _check_json(
    connection: DuckDBPyConnection, rules: Rules, *, records: str, kept: str, into: str
) -> None:
    """Check records of any spelling into table `into`; those whose data is unwrapped are changed
    in `kept` too, from which their text is kept."""
    envelopes, shapes, enveloped = "envelopes", "shapes", "enveloped"
    unusual = "unusual_records"
    connection.execute(
        f"create or replace temp table {unusual} as"
        f" select * from {records} where regexp_matches(line, '{UNUSUAL}')"
    )
    unwrap_data(connection, rules, unusual=unusual, copies=(records, kept))
    connection.execute(open_envelopes(rules, records=records, into=envelopes))
    keep_written(connection, unusual=unusual, envelopes=envelopes)
    connection.execute(read_shapes(rules, envelopes=envelopes, into=shapes))
    _read_strictly(
        connection, rules, records=records, envelopes=envelopes, shapes=shapes, unusual=unusual
    )
    connection.execute(check_envelopes(rules, envelopes=envelopes, shapes=shapes, into=enveloped))
    connection.execute(_refused_before_data(rules, records=records, envelopes=enveloped, into=into))
    connection.execute(f"drop table {envelopes}")
    # Type by type, so that each reads only the fields of its own schema.
    for (name,) in connection.execute(
        f"select distinct type_text from {enveloped} where refusal is null order by type_text"
    ).fetchall():
        of_type = check_data(event_types()[name], rules, envelopes=enveloped)
        connection.execute(f"insert into {into} by name {of_type}")
    connection.execute(f"drop table {enveloped}")


def _read_strictly(
    connection: DuckDBPyConnection,
    rules: Rules,
    *,
    records: str,
    envelopes: str,
    shapes: str,
    unusual: str,
) -> None:
    """Read again, strictly and one by one, the few records that SQL can't be sure of."""
    brackets = "strlen(line) - strlen(replace(replace(line, '{', ''), '[', ''))"
    rows = connection.execute(
        f"""
        select opened.row_id, records.line
        from {envelopes} as opened
        inner join {records} as records on opened.row_id = records.row_id
        inner join {shapes} as shapes on opened.shape = shapes.shape
        where shapes.is_strange
           or opened.row_id in (
               select row_id from {unusual} where regexp_matches(line, '{SUSPICIOUS}')
           )
           -- counted only where more can be than an event, its data and what they hold have
           or case when contains(line, '[') or line like '%{{%{{%{{%{{%'
                    or shapes.nested_count < 1 and line like '%{{%{{%{{%'
                then {brackets} > 2 + shapes.nested_count else false end
        """
    ).fetchall()
    refusals = [
        (row_id, *refusal)
        for row_id, line in rows
        if (refusal := strict_refusal(line, rules=rules)) is not None
    ]
    if not refusals:
        return
    row_ids, reasons, details = zip(*refusals, strict=True)
    load_table(connection, "read_strictly", row_id=row_ids, why=reasons, detail=details)
    connection.execute(
        f"""
        update {envelopes} as opened
        set strict_reason = found.why, strict_detail = found.detail
        from read_strictly as found where found.row_id = opened.row_id
        """
    )


def _refused_before_data(rules: Rules, *, records: str, envelopes: str, into: str) -> str:
    """SQL: into relation `into` what no schema of data was asked about."""
    typed = ", ".join(f"null::varchar as {name}" for name in TYPED_FIELDS)
    return f"""
insert into {into} by name
with refused as (
    select
        records.*,
        enveloped.* exclude (row_id, file_index, position, place),
        enveloped.row_id is not null as is_object,
    from {records} as records
    left join {envelopes} as enveloped on records.row_id = enveloped.row_id
    where enveloped.row_id is null or enveloped.refusal is not null
)
select
    {ENVELOPE_COLUMNS},
    null::varchar as data,
    {typed},
    null::varchar as target_source,
    null::varchar as target_id,
    case
        when reason is not null then reason
        when {SIZE} > {rules.maximum_bytes} then 'too_large'
        when is_object then split_part(refusal, '|', 1)
        when regexp_matches(line, '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]') then 'control_character'
        when json_valid(line) then 'not_an_object'
        else 'not_json'
    end as reason,
    case
        when reason is not null then detail
        when {SIZE} > {rules.maximum_bytes}
            then {SIZE} || ' bytes, limit {rules.maximum_bytes}'
        else {detail_of("refusal")}
    end as detail,
from refused
"""
