"""Judge records in columns: SQL that is generated from the schemas and the registers.

This is the full lane (`judge`), which knows every rule and names a reason for each refusal.
It judges what the fast lane (`fast_path`) does not take, and gives the same verdicts. Both
work on tables in a DuckDB connection whose time zone is UTC.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core.sql import any_of, load_table, quote
from ingest.validation.event_types import ENVELOPE, EventType, Field, event_types
from ingest.validation.masking import plain_field_name
from ingest.validation.vocabulary import REASON_OF_REGISTER, Vocabulary

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TRANSACTION_TYPES = (
    "uk.gov.takeup.transaction.started.v1",
    "uk.gov.takeup.transaction.completed.v1",
)
TYPED_FIELDS = (
    "service_id",
    "channel",
    "assistance",
    "assistance_provider",
    "online_extent",
    "outcome",
    "transaction_id",
)
MOMENT = (
    r"^\d{4}-\d\d-\d\d[Tt]([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,9})?([Zz]|[+-](0\d|1[0-4]):[0-5]\d)$"
)
MOMENT_WITHOUT_ZONE = r"^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$"


EARLIEST = "0001-01-01T00:00:00+00:00"
"""Years before 1 are no years to those who read the log."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""What CloudEvents forbids in text, less the tab, newline and return that prose has."""
DOUBTFUL = r"(?i)[:,\[]\s*-?(nan|inf)|,\s*[}\]]|\\[ubf]|[\x{7f}-\x{9f}]"
"""Lines (RE2) that DuckDB's JSON reader lets through although they are no JSON, or that may
hold a control character."""
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
"""SQL: the columns of `judged` that an opened envelope fills, whatever became of it."""
SIZE = "strlen(line) - suffix(line, chr(10))::int"
"""SQL: bytes of a record, without the newline that ends its line."""


@dataclass(frozen=True)
class Rules:
    """What a run judges by: limits, registers and the run's own moment."""

    vocabulary: Vocabulary
    run_at: datetime
    future_tolerance: timedelta
    maximum_bytes: int
    maximum_depth: int
    is_simulated: bool

    @property
    def latest(self) -> str:
        """The latest moment that an event may have, as SQL text."""
        return (self.run_at + self.future_tolerance).isoformat()


def judge(connection: DuckDBPyConnection, rules: Rules) -> None:
    """Full lane: judge every row of table `remainder`, leaving table `judged`.

    `remainder` holds (row_id, file_index, position, place, line, raw, reason, detail); a row
    that its source already refused has a reason. `judged` adds the log's event columns and
    ends with `reason` and `detail`, both null for a record that may be accepted.
    """
    connection.execute(_open_envelopes(rules))
    connection.execute(_judge_shapes(rules))
    _look_closely(connection, rules)
    connection.execute(_judge_envelopes(rules))
    _judge_data(connection, rules)


def _open_envelopes(rules: Rules) -> str:
    """SQL: `envelopes`, the opened envelope of every row that is a JSON object.

    The line itself stays behind in `remainder`: copying it from table to table costs more
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
create or replace temp table envelopes as
with opened as (
    select
        *,
        json_type(line, {paths}) as kinds,
        json_extract_string(line, {paths}) as texts,
        json_keys(line, [{", ".join(map(quote, NESTED))}]) as keys,
    from remainder
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
    null::varchar as look_reason,
    null::varchar as look_detail,
from opened;
"""


def _judge_shapes(rules: Rules) -> str:
    """SQL: `shapes`, what the keys of a record tell, once for all records with the same keys."""
    forbidden = rules.vocabulary.forbidden_fields
    known = frozenset(ENVELOPE) | {
        field.path.rpartition(".")[2]
        for event_type in event_types().values()
        for field in event_type.fields
    }
    each = range(1, len(NESTED) + 1)
    has_twice = " or ".join(f"len(keys[{i}]) <> len(list_distinct(keys[{i}]))" for i in each)
    plain = "regexp_replace(lower(key), '[^a-z0-9]+', '', 'g')"
    return f"""
create or replace temp table shapes as
with read as (
    select shape, list_transform(from_json(shape, '[["VARCHAR"]]'), lambda keys: coalesce(keys, []))
        as keys,
    from (select distinct shape from envelopes)
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
    list_has_any(list_transform(strays, lambda key: {plain}), [{any_of(forbidden)}])
        or len(list_filter(strays, lambda key: strlen(key) <> length(key))) > 0 as is_strange,
from listed;
"""


def _look_closely(connection: DuckDBPyConnection, rules: Rules) -> None:
    """Read again, strictly and one by one, the few records that SQL can't be sure of."""
    brackets = "strlen(line) - strlen(replace(replace(line, '{', ''), '[', ''))"
    rows = connection.execute(
        f"""
        select envelopes.row_id, remainder.line
        from envelopes
        inner join remainder on envelopes.row_id = remainder.row_id
        inner join shapes on envelopes.shape = shapes.shape
        where shapes.is_strange
           or regexp_matches(line, '{DOUBTFUL}')
           -- counted only where more can be than an event and its data have
           or case when line like '%{{%{{%{{%' or contains(line, '[')
                then {brackets} > 2 + shapes.nested_count else false end
        """
    ).fetchall()
    verdicts = [
        (row_id, *verdict)
        for row_id, line in rows
        if (verdict := strict_verdict(line, rules=rules)) is not None
    ]
    if not verdicts:
        return
    row_ids, reasons, details = zip(*verdicts, strict=True)
    load_table(connection, "looks", row_id=row_ids, why=reasons, detail=details)
    connection.execute(
        """
        update envelopes set look_reason = looks.why, look_detail = looks.detail
        from looks where looks.row_id = envelopes.row_id
        """
    )


def strict_verdict(line: str, *, rules: Rules) -> tuple[str, str] | None:
    """Reason and detail for which a strict reading refuses a record, or None."""

    class Refused(Exception):
        pass

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise Refused("duplicate_key", f"key {twice!r} stands twice")
        return dict(pairs)

    def no_constant(name: str) -> None:
        raise Refused("not_json", f"{name} is not JSON")

    try:
        document = json.loads(
            line, object_pairs_hook=members, parse_constant=no_constant, parse_int=float
        )
    except Refused as refused:
        return refused.args[0], refused.args[1]
    except RecursionError:
        return "too_deep", f"nested deeper than {rules.maximum_depth}"
    except ValueError as error:
        return "not_json", str(error)
    return _verdict_on(document, rules=rules)


def _verdict_on(document: Any, *, rules: Rules) -> tuple[str, str] | None:
    known = {name for event_type in event_types().values() for name in event_type.top_fields}
    waiting: list[tuple[Any, int, str]] = [(document, 1, "")]
    while waiting:
        value, depth, path = waiting.pop()
        if depth > rules.maximum_depth and isinstance(value, (dict, list)):
            return "too_deep", f"nested deeper than {rules.maximum_depth}"
        if isinstance(value, dict):
            for name, inner in value.items():
                below = f"{path}.{name}" if path else name
                is_ours = path == "data" and name in known
                is_forbidden = plain_field_name(name) in rules.vocabulary.forbidden_fields
                if is_forbidden and not is_ours:
                    return "personal_data", f"field {below}"
                if CONTROL.search(name):
                    return "control_character", f"in the name of a field of {path or 'the event'}"
                waiting.append((inner, depth + 1, below))
        elif isinstance(value, list):
            waiting.extend((inner, depth + 1, path) for inner in value)
        elif isinstance(value, str) and CONTROL.search(value):
            return "control_character", f"field {path}"
    return None


def _judge_envelopes(rules: Rules) -> str:
    def text_missing(name: str) -> str:
        return (
            f"when {name}_kind is distinct from 'VARCHAR' or trim({name}_text) = ''"
            f" then 'invalid_envelope|{name} is missing, empty or no text'"
        )

    log_kind = "simulated" if rules.is_simulated else "real"
    is_other_kind = "is distinct from 'true'" if rules.is_simulated else "= 'true'"
    known_types = any_of(list(event_types()))

    def moment(text: str) -> str:
        # Digits beyond microseconds are cut: rounding could reach the next second.
        read = f"regexp_replace(upper({text}), '(\\.\\d{{6}})\\d+', '\\1')"
        return (
            f"case when regexp_matches({text}, '{MOMENT}')"
            f" and try_cast({read} as timestamptz) >= '{EARLIEST}'::timestamptz"
            f" then try_cast({read} as timestamptz) end"
        )

    return f"""
create or replace temp table enveloped as
with timed as (
    select
        envelopes.* exclude (shape),
        shapes.data_key_count,
        shapes.has_twice,
        {moment("time_text")} as moment,
        {moment("publishedat_text")} as published_moment,
    from envelopes
    inner join shapes on envelopes.shape = shapes.shape
)
select
    *,
    case
        when look_reason is not null then look_reason || '|' || look_detail
        when has_twice then 'duplicate_key|a key stands twice'
        when specversion_kind is distinct from 'VARCHAR' or specversion_text <> '1.0'
            then 'invalid_envelope|specversion is not "1.0"'
        {text_missing("id")}
        {text_missing("source")}
        {text_missing("type")}
        {text_missing("time")}
        when strlen(id_text) > 2000 or strlen(source_text) > 2000
            then 'invalid_envelope|id or source is longer than 2000 bytes'
        when regexp_matches(id_text || source_text, '[\\x00-\\x1f\\x{{7f}}-\\x{{9f}}]')
            then 'control_character|in id or source'
        when datacontenttype_kind is not null and datacontenttype_kind <> 'NULL'
            and datacontenttype_text is distinct from 'application/json'
            then 'invalid_envelope|datacontenttype is not application/json'
        when dataschema_kind not in ('NULL', 'VARCHAR') or dataschema_text = ''
            then 'invalid_envelope|dataschema is empty or no text'
        when simulated_kind is not null and simulated_kind not in ('NULL', 'BOOLEAN')
            then 'invalid_envelope|simulated is neither true nor false'
        when type_text not in ({known_types}) then 'unknown_schema|' || left(type_text, 200)
        when data_kind is distinct from 'OBJECT' then 'invalid_envelope|data is no object'
        when moment is null and regexp_matches(time_text, '{MOMENT_WITHOUT_ZONE}')
            then 'no_time_zone|' || left(time_text, 40)
        when moment is null then 'invalid_time|' || left(time_text, 40)
        when moment > {quote(rules.latest)}::timestamptz
            then 'in_the_future|' || left(time_text, 40)
        when publishedat_kind is not null and publishedat_kind <> 'NULL'
            and published_moment is null
            then 'invalid_time|publishedat ' || left(publishedat_text, 40)
        when published_moment > {quote(rules.latest)}::timestamptz
            then 'in_the_future|publishedat ' || left(publishedat_text, 40)
        when simulated_text {is_other_kind} then 'wrong_kind_of_log|this log is {log_kind}'
    end as verdict,
from timed;
"""


def _judge_data(connection: DuckDBPyConnection, rules: Rules) -> None:
    """Table `judged`: type by type, so that each reads only the fields of its own schema."""
    connection.execute(_refused_before_data(rules))
    present = connection.execute(
        "select distinct type_text from enveloped where verdict is null order by type_text"
    ).fetchall()
    for (name,) in present:
        connection.execute(f"insert into judged by name {_of_type(event_types()[name], rules)}")


def _refused_before_data(rules: Rules) -> str:
    """SQL: `judged` begun with what no schema of data was asked about."""
    typed = ", ".join(f"null::varchar as {name}" for name in TYPED_FIELDS)
    return f"""
create or replace temp table judged as
with refused as (
    select
        remainder.*,
        enveloped.* exclude (row_id, file_index, position, place),
        enveloped.row_id is not null as is_object,
    from remainder
    left join enveloped on remainder.row_id = enveloped.row_id
    where enveloped.row_id is null or enveloped.verdict is not null
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
        when is_object then split_part(verdict, '|', 1)
        when regexp_matches(line, '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]') then 'control_character'
        when json_valid(line) then 'not_an_object'
        else 'not_json'
    end as reason,
    case
        when reason is not null then detail
        when {SIZE} > {rules.maximum_bytes}
            then {SIZE} || ' bytes, limit {rules.maximum_bytes}'
        else {_detail_of("verdict")}
    end as detail,
from refused;
"""


def _of_type(kind: EventType, rules: Rules) -> str:
    """SQL: events of one type, judged by its schema."""
    index = {field.path: i for i, field in enumerate(kind.fields, start=1)}
    paths = "[" + ", ".join(quote(f"$.{path}") for path in index) + "]"
    is_transaction = kind.name in TRANSACTION_TYPES

    def value(path: str) -> str:
        return f"texts[{index[path]}]" if path in index else "null::varchar"

    typed = ", ".join(f"{value(name)} as {name}" for name in TYPED_FIELDS)
    target = next((path for path in ("voids", "corrects") if path in index), None)
    is_plain = (
        "data_key_count = "
        + " + ".join(f"({value(name)} is not null)::int" for name in TYPED_FIELDS)
        if is_transaction
        else "false"
    )
    return f"""
with looked as (
    select
        *,
        json_type(document, {paths}) as kinds,
        json_extract_string(document, {paths}) as texts,
    from enveloped
    where verdict is null and type_text = {quote(kind.name)}
),
ruled as (
    select *, case {_conditions(kind, index, rules)} end as ruling
    from looked
)
select
    {ENVELOPE_COLUMNS},
    case when not ({is_plain}) then document end as data,
    {typed},
    {value(f"{target}.source")} as target_source,
    {value(f"{target}.id")} as target_id,
    split_part(ruling, '|', 1) as reason,
    {_detail_of("ruling")} as detail,
from ruled
"""


def _detail_of(verdict: str) -> str:
    return f"case when {verdict} is not null then substr({verdict}, strpos({verdict}, '|') + 1) end"


def _conditions(kind: EventType, index: dict[str, int], rules: Rules) -> str:
    lines = [line for field in kind.fields for line in _field_conditions(field, index, rules)]
    if kind.alternatives:
        present = " + ".join(
            f"(kinds[{index[path]}] is not null and kinds[{index[path]}] <> 'NULL')::int"
            for (path,) in kind.alternatives
        )
        names = " or ".join(f"data.{path}" for (path,) in kind.alternatives)
        lines.append(f"when {present} <> 1 then 'missing_field|exactly one of {names}'")
    if "period" in index:
        lines.append(_period_condition(index))
    return "\n".join(lines)


def _field_conditions(field: Field, index: dict[str, int], rules: Rules) -> list[str]:
    kind, text = f"kinds[{index[field.path]}]", f"texts[{index[field.path]}]"
    name = f"data.{field.path}"
    is_absent = f"coalesce({kind}, 'NULL') = 'NULL'"
    lines = []
    if field.is_required:
        parent_is_there = (
            f"coalesce(kinds[{index[field.parent]}], 'NULL') <> 'NULL' and "
            if field.parent is not None
            else ""
        )
        lines.append(f"when {parent_is_there}{is_absent} then 'missing_field|{name}'")

    def refuse(condition: str, reason: str, why: str) -> None:
        lines.append(
            f"when not ({is_absent}) and ({condition})"
            f" then '{reason}|{name} {why}: ' || left({text}, 100)"
        )

    schema = field.schema
    match schema["type"]:
        case "string":
            refuse(f"{kind} <> 'VARCHAR' or {_is_blank(text)}", "invalid_field", "is no text")
            if "maxLength" in schema:
                refuse(
                    f"length({text}) > {schema['maxLength']}",
                    "invalid_field",
                    f"is longer than {schema['maxLength']}",
                )
        case "integer":
            refuse(
                f"{kind} = 'DOUBLE' and abs(try_cast({text} as double)) >= 9007199254740992"
                f" or {kind} = 'UBIGINT' and try_cast({text} as bigint) is null",
                "inexact_number",
                "is too large to be exact",
            )
            refuse(f"{kind} not in ('BIGINT', 'UBIGINT')", "invalid_field", "is no whole number")
        case "number":
            refuse(
                f"{kind} not in ('BIGINT', 'UBIGINT', 'DOUBLE')"
                f" or not isfinite(try_cast({text} as double))",
                "invalid_field",
                "is no number",
            )
        case "object":
            refuse(f"{kind} <> 'OBJECT'", "invalid_field", "is no object")
        case "array":
            refuse(f"{kind} <> 'ARRAY'", "invalid_field", "is no list")
        case "boolean":
            refuse(f"{kind} <> 'BOOLEAN'", "invalid_field", "is neither true nor false")
    for bound, sign in (("minimum", "<"), ("maximum", ">")):
        if bound in schema:
            refuse(
                f"try_cast({text} as double) {sign} {schema[bound]}",
                "invalid_field",
                f"is {'below' if sign == '<' else 'above'} {schema[bound]}",
            )
    if schema.get("format") == "date":
        refuse(
            f"not regexp_matches({text}, '^\\d{{4}}-\\d\\d-\\d\\d$')"
            f" or try_cast({text} as date) is null",
            "invalid_field",
            "is no date",
        )
    if (allowed := allowed_values(field, rules)) is not None:
        register = schema.get("x-register")
        reason = (
            "invalid_field"
            if register is None
            else REASON_OF_REGISTER.get(register, "unknown_value")
        )
        refuse(f"{text} not in ({any_of(allowed)})", reason, "is not known")
    return lines


def _is_blank(text: str) -> str:
    """SQL: a text is empty, or white space only."""
    return f"trim(translate({text}, chr(9) || chr(10) || chr(13), '   ')) = ''"


def _period_condition(index: dict[str, int]) -> str:
    kind = f"texts[{index['period.kind']}]"
    start = f"try_cast(texts[{index['period.start']}] as date)"
    end = f"try_cast(texts[{index['period.end']}] as date)"
    return f"""when not coalesce(
        kinds[{index["period"]}] is null
        or case {kind}
            when 'day' then {start} = {end}
            when 'week' then {end} = {start} + 6
            when 'range' then {start} <= {end}
            when 'month' then day({start}) = 1 and {end} = last_day({start})
            when 'quarter' then {start} = date_trunc('quarter', {start})
                and {end} = ({start} + interval 3 month - interval 1 day)::date
            when 'financial_year' then month({start}) = 4 and day({start}) = 1
                and {end} = ({start} + interval 1 year - interval 1 day)::date
            else day({start}) = 1 and {end} = ({start} + interval 1 year - interval 1 day)::date
        end, false)
        then 'invalid_field|data.period is no ' || {kind} || ': ' || texts[{index["period.start"]}]
            || ' to ' || texts[{index["period.end"]}]"""


def allowed_values(field: Field, rules: Rules) -> frozenset[str] | None:
    """The values that a field's schema or register allows; None where any will do."""
    if "enum" in field.schema:
        return frozenset(field.schema["enum"])
    if "x-register" in field.schema:
        return rules.vocabulary.registers[field.schema["x-register"]]
    return None
