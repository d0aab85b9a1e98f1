"""SQL that opens the envelopes of events and checks them, from the schemas and the registers."""

from __future__ import annotations

import json

from core.sql import any_of, quote
from ingest.validation.event_types import ENVELOPE, event_types
from ingest.validation.rules import EARLIEST, Rules

MOMENT = (
    r"^\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,9})?([Zz]|[+-](0\d|1[0-4]):[0-5]\d)$"
)
LONG_MOMENT = len("2015-03-02T10:00:00.1234567Z")
"""Shorter ones have no digits beyond microseconds."""
MOMENT_WITHOUT_ZONE = r"^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$"
JSON_CONTENT = r"(?i)^(application|text)/([a-z0-9!#$&^_.+-]+\+)?json\s*(;.*)?$"
"""Media types of JSON (RFC 6839), with or without parameters."""
NESTED = ("$", "$.data", "$.data.period", "$.data.voids", "$.data.corrects")
"""Where a known event has an object: the event itself, its data, and what data may hold."""
ENVELOPE_COLUMNS = """row_id, file_index, position, place,
    source_text as source,
    id_text as id,
    type_text as type,
    moment as time,
    specversion_text as specversion,
    datacontenttype_text as datacontenttype,
    dataschema_text as dataschema,
    extensions,
    published_moment as published_at"""
"""SQL: the columns of a checked record that an opened envelope fills, whatever became of it."""
SIZE = "strlen(line) - suffix(line, chr(10))::int"
"""SQL: bytes of a record, without the newline that ends its line."""


def open_envelopes(rules: Rules, *, records: str, into: str) -> str:
    """SQL: relation `into`, the opened envelope of every record that is a JSON object.

    The line itself stays behind in `records`: copying it from table to table costs more
    than all rules together.
    """
    paths = "[" + ", ".join(quote(f"$.{name}") for name in ENVELOPE) + "]"
    index = {name: i for i, name in enumerate(ENVELOPE, start=1)}
    names = ", ".join(
        f"kinds[{i}] as {name}_kind, texts[{i}] as {name}_text"
        for name, i in index.items()
        if name != "data"
    )
    known = json.dumps({name: None for name in ENVELOPE if name != "simulated"})
    return f"""
create or replace temp table {into} as
with opened as (
    select
        *,
        json_type(line, {paths}) as kinds,
        json_extract_string(line, {paths}) as texts,
        json_keys(line, [{", ".join(map(quote, NESTED))}]) as keys,
    from {records}
    where reason is null and {SIZE} <= {rules.maximum_bytes}
      and case when json_valid(line) then json_type(line) = 'OBJECT' else false end
)
select
    row_id, file_index, position, place, {names},
    kinds[{index["data"]}] as data_kind,
    case when kinds[{index["data"]}] = 'OBJECT' then texts[{index["data"]}] end as document,
    case
        -- a key beyond the known ones, or one twice, which is refused anyway
        when len(keys[1]) > list_count(kinds) or kinds[{index["simulated"]}] is not null
            then json_merge_patch(line, '{known}')::varchar
    end as extensions,
    to_json(keys)::varchar as shape,
    null::varchar as strict_reason,
    null::varchar as strict_detail,
from opened;
"""


def read_shapes(rules: Rules, *, envelopes: str, into: str) -> str:
    """SQL: relation `into`, what the keys of a record tell, once for all that have the same."""
    forbidden = rules.vocabulary.forbidden_fields
    known = frozenset(ENVELOPE) | {
        field.path.rpartition(".")[2]
        for event_type in event_types().values()
        for field in event_type.fields
    }
    each = range(1, len(NESTED) + 1)
    has_twice = " or ".join(f"len(keys[{i}]) <> len(list_distinct(keys[{i}]))" for i in each)
    folded = "regexp_replace(lower(key), '[^a-z0-9]+', '', 'g')"
    return f"""
create or replace temp table {into} as
with read as (
    select shape, list_transform(from_json(shape, '[["VARCHAR"]]'), lambda keys: coalesce(keys, []))
        as keys,
    from (select distinct shape from {envelopes})
),
listed as (
    select
        *,
        list_filter(flatten(keys), lambda key: key not in ({any_of(known - forbidden)})) as strays,
    from read
)
select
    shape,
    len(keys[2]) as data_key_count,
    {" + ".join(f"(len(keys[{i}]) > 0)::int" for i in each[2:])} as nested_count,
    {has_twice} as has_twice,
    list_has_any(list_transform(strays, lambda key: {folded}), [{any_of(forbidden)}])
        or len(list_filter(strays, lambda key: strlen(key) <> length(key))) > 0 as is_strange,
from listed;
"""


def check_envelopes(rules: Rules, *, envelopes: str, shapes: str, into: str) -> str:
    """SQL: relation `into`, the envelopes with `refusal` (`reason|detail`), null for a good one."""
    return f"""
create or replace temp table {into} as
with timed as (
    select
        opened.* exclude (shape),
        shapes.data_key_count,
        shapes.has_twice,
        {moment_of("time_text")} as moment,
        {moment_of("publishedat_text")} as published_moment,
    from {envelopes} as opened
    inner join {shapes} as shapes on opened.shape = shapes.shape
)
select
    *,
    case
        when strict_reason is not null then strict_reason || '|' || strict_detail
        when has_twice then 'duplicate_key|a key appears twice'
        {envelope_conditions(rules)}
    end as refusal,
from timed;
"""


def envelope_conditions(rules: Rules, *, has_controls: bool = True) -> str:
    """SQL of what an opened envelope may be refused for: `when` parts of a `case`, each with
    `reason|detail`; none holds of a good one.

    Args:
        has_controls: whether control characters may be in it.
    """
    return _attribute_conditions(has_controls=has_controls) + _meaning_conditions(rules)


def _attribute_conditions(*, has_controls: bool) -> str:
    """SQL: whether each attribute is there, and is what the envelope wants it to be."""
    control = "regexp_matches(id_text || source_text, '[\\x00-\\x1f\\x{7f}-\\x{9f}]')"
    control_character = f"when {control} then 'control_character|in id or source'"

    def text_missing(name: str) -> str:
        return (
            f"when {name}_kind is distinct from 'VARCHAR' or {is_blank(f'{name}_text')}"
            f" then 'invalid_envelope|{name} is missing, empty or not a text'"
        )

    return f"""
        when specversion_kind is distinct from 'VARCHAR' or specversion_text <> '1.0'
            then 'invalid_envelope|specversion is not "1.0"'
        {text_missing("id")}
        {text_missing("source")}
        {text_missing("type")}
        {text_missing("time")}
        when strlen(id_text) > 2000 or strlen(source_text) > 2000
            then 'invalid_envelope|id or source is longer than 2000 bytes'
        {control_character if has_controls else ""}
        when datacontenttype_kind is not null and datacontenttype_kind <> 'NULL'
            and not (datacontenttype_kind = 'VARCHAR'
                and regexp_matches(datacontenttype_text, '{JSON_CONTENT}'))
            then 'invalid_envelope|datacontenttype is not JSON'
        when dataschema_kind not in ('NULL', 'VARCHAR') or dataschema_text = ''
            then 'invalid_envelope|dataschema is empty or not a text'
        when simulated_kind is not null and simulated_kind not in ('NULL', 'BOOLEAN')
            then 'invalid_envelope|simulated is neither true nor false'"""


def _meaning_conditions(rules: Rules) -> str:
    """SQL: whether the type is known, the moments can be, and the log is of the event's kind."""
    log_kind = "simulated" if rules.is_simulated else "real"
    is_other_kind = "is distinct from 'true'" if rules.is_simulated else "= 'true'"
    latest = f"{quote(rules.latest)}::timestamptz"
    return f"""
        when type_text not in ({any_of(event_types())})
            then 'unknown_schema|' || left(type_text, 200)
        when data_kind is distinct from 'OBJECT' then 'invalid_envelope|data is not an object'
        when moment is null and regexp_matches(time_text, '{MOMENT_WITHOUT_ZONE}')
            then 'no_time_zone|' || left(time_text, 40)
        when moment is null then 'invalid_time|' || left(time_text, 40)
        when moment > {latest} then 'in_the_future|' || left(time_text, 40)
        when publishedat_kind is not null and publishedat_kind <> 'NULL'
            and published_moment is null
            then 'invalid_time|publishedat ' || left(publishedat_text, 40)
        when published_moment > {latest}
            then 'in_the_future|publishedat ' || left(publishedat_text, 40)
        when simulated_text {is_other_kind} then 'wrong_kind_of_log|this log is {log_kind}'"""


def is_blank(text: str, *, spaced: str | None = None) -> str:
    """SQL: a text is empty, or spaces only; most tell by their first sign that they are not.

    Args:
        spaced: the same text with spaces for other white space, where that is blank too.
    """
    is_all = f"trim({spaced or text}) = ''"
    return f"case when ascii({text}) between 33 and 126 then false else {is_all} end"


def moment_of(text: str) -> str:
    """SQL: the moment of a text, null where it is none. Digits beyond microseconds are cut:
    rounding could reach the next second."""
    cut = f"regexp_replace(upper({text}), '(\\.\\d{{6}})\\d+', '\\1')"
    read = f"case when strlen({text}) < {LONG_MOMENT} then upper({text}) else {cut} end"
    return (
        f"case when regexp_matches({text}, '{MOMENT}')"
        f" and try_cast({read} as timestamptz) >= '{EARLIEST}'::timestamptz"
        f" then try_cast({read} as timestamptz) end"
    )
