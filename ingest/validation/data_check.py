"""SQL that checks the data of events by the schema of their type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.periods import REPORTING_ZONE
from core.sql import any_of, quote
from ingest.validation.envelopes import ENVELOPE_COLUMNS, is_blank
from ingest.validation.event_types import EventType, Field
from ingest.validation.rules import (
    EARLIEST_DAY,
    LATEST_DAY,
    TRANSACTION_TYPES,
    TYPED_FIELDS,
    Rules,
    allowed_values,
)
from ingest.validation.vocabulary import REASON_OF_REGISTER

LARGEST_EXACT = 2**53
"""From here on a double no longer holds every whole number."""
LARGEST_COUNT = 10**15
"""Larger counts can't be summed: a thousand times one has to fit 64 bits, and nine of them have to
be exact as a double. The schemas say it as the maximum of what is counted or paid."""
NUMBER_MEANT = r"\p{N}|^#."
"""Any digit, in any script, raised ones too; `#REF!`, `#N/A`, `#####` and the like."""
CLEAN_NUMBER = r"\s*-?\d+(\.\d+)?([eE][-+]?\d+)?\s*"

Refusal = tuple[str, str, str]
"""SQL of a condition, the reason of which it is one, and why, in a few words."""


@dataclass(frozen=True)
class Reading:
    """SQL of what was read of the fields of data: by path, the JSON type of each and its text."""

    kinds: Mapping[str, str]
    texts: Mapping[str, str]


def check_data(kind: EventType, rules: Rules, *, envelopes: str) -> str:
    """SQL: the records of one type among good `envelopes`, checked by its schema."""
    paths = "[" + ", ".join(quote(f"$.{field.path}") for field in kind.fields) + "]"
    index = {field.path: i for i, field in enumerate(kind.fields, start=1)}
    reading = Reading(
        kinds={path: f"kinds[{i}]" for path, i in index.items()},
        texts={path: f"texts[{i}]" for path, i in index.items()},
    )
    says_no_more = (
        "data_key_count = "
        + " + ".join(
            f"({reading.texts[name]} is not null)::int"
            for name in TYPED_FIELDS
            if name in reading.texts
        )
        if kind.name in TRANSACTION_TYPES
        else "false"
    )
    return f"""
with opened as (
    select
        * exclude (refusal),
        json_type(document, {paths}) as kinds,
        json_extract_string(document, {paths}) as texts,
    from {envelopes}
    where refusal is null and type_text = {quote(kind.name)}
),
checked as (
    select *, case {data_conditions(kind, reading, rules)} end as refusal
    from opened
)
select
    {ENVELOPE_COLUMNS},
    case when not ({says_no_more}) then document end as data,
    {columns_of_data(reading)},
    split_part(refusal, '|', 1) as reason,
    {detail_of("refusal")} as detail,
from checked
"""


def columns_of_data(reading: Reading) -> str:
    """SQL: the log's columns that an event's data fills, beside the data as a whole."""

    def value(path: str) -> str:
        return reading.texts.get(path, "null::varchar")

    target = next((path for path in ("voids", "corrects") if path in reading.texts), None)
    columns = {name: name for name in TYPED_FIELDS} | {
        "target_source": f"{target}.source",
        "target_id": f"{target}.id",
    }
    return ", ".join(f"{value(path)} as {name}" for name, path in columns.items())


def detail_of(refusal: str) -> str:
    """SQL: what follows the reason in `reason|detail`; null for null."""
    return f"case when {refusal} is not null then substr({refusal}, strpos({refusal}, '|') + 1) end"


def data_conditions(kind: EventType, reading: Reading, rules: Rules) -> str:
    """SQL of what the data of one type may be refused for: `when` parts of a `case`, each with
    `reason|detail`; none holds of data that are as their schema wants them."""
    lines = [line for field in kind.fields for line in _field_conditions(field, reading, rules)]
    if kind.alternatives:
        lines.append(_alternatives_condition(kind, reading))
    if kind.sender is not None:
        lines.append(
            f"when source_text <> {quote(kind.sender)} then 'invalid_field|source is not"
            f" {kind.sender}, which alone may say this: ' || left(source_text, 100)"
        )
    if kind.any_of:
        is_absent = " and ".join(
            f"coalesce({reading.kinds[path]}, 'NULL') = 'NULL'" for path in kind.any_of
        )
        names = " or ".join(f"data.{path}" for path in kind.any_of)
        lines.append(f"when {is_absent} then 'missing_field|{names}'")
    if "period" in reading.kinds:
        lines.append(_period_condition(reading))
        if any(field.schema.get("x-ended") for field in kind.fields):
            lines.append(_ended_condition(reading, rules))
    return "\n".join(lines)


def _alternatives_condition(kind: EventType, reading: Reading) -> str:
    def is_given(paths: tuple[str, ...]) -> str:
        each = (f"coalesce({reading.kinds[path]}, 'NULL') <> 'NULL'" for path in paths)
        return f"({' and '.join(each)})::int"

    given = " + ".join(is_given(paths) for paths in kind.alternatives)
    names = " or ".join(
        " and ".join(f"data.{path}" for path in paths) for paths in kind.alternatives
    )
    return f"when {given} <> 1 then 'missing_field|exactly one of {names}'"


def _field_conditions(field: Field, reading: Reading, rules: Rules) -> Iterator[str]:
    kind, text = reading.kinds[field.path], reading.texts[field.path]
    name = f"data.{field.path}"
    is_absent = f"coalesce({kind}, 'NULL') = 'NULL'"
    if field.is_required:
        parent_is_there = (
            f"coalesce({reading.kinds[field.parent]}, 'NULL') <> 'NULL' and "
            if field.parent is not None
            else ""
        )
        yield f"when {parent_is_there}{is_absent} then 'missing_field|{name}'"
    refusals = [
        *_refusals_of_type(field, kind, text),
        *_refusals_of_value(field, text),
        *_refusals_of_register(field, text, rules),
    ]
    for condition, reason, why in refusals:
        yield (
            f"when not ({is_absent}) and ({condition})"
            f" then '{reason}|{name} {why}: ' || left({text}, 100)"
        )


def _refusals_of_type(field: Field, kind: str, text: str) -> Iterator[Refusal]:
    if field.schema["type"] in ("integer", "number"):
        # Somebody meant a number, as in a spreadsheet's cell: which one can't be told.
        is_meant = (
            f"{kind} = 'VARCHAR' and regexp_matches({text}, '{NUMBER_MEANT}')"
            f" and not regexp_full_match({text}, '{CLEAN_NUMBER}')"
        )
        yield is_meant, "unreadable_cell", "is not a clean number"
    match field.schema["type"]:
        case "string":
            yield f"{kind} <> 'VARCHAR' or {_is_blank(text)}", "invalid_field", "is not a text"
        case "integer":
            is_inexact = (
                f"{kind} = 'DOUBLE' and abs(try_cast({text} as double)) >= {LARGEST_EXACT}"
                f" or {kind} = 'UBIGINT' and try_cast({text} as bigint) is null"
            )
            yield is_inexact, "inexact_number", "is too large to be exact"
            is_other = f"{kind} not in ('BIGINT', 'UBIGINT')"
            yield is_other, "invalid_field", "is not a whole number"
        case "number":
            is_other = (
                f"{kind} not in ('BIGINT', 'UBIGINT', 'DOUBLE')"
                f" or not isfinite(try_cast({text} as double))"
            )
            yield is_other, "invalid_field", "is not a number"
        case "object":
            yield f"{kind} <> 'OBJECT'", "invalid_field", "is not an object"
        case "array":
            yield f"{kind} <> 'ARRAY'", "invalid_field", "is not a list"
            if "items" in field.schema:
                yield from _refusals_of_entries(field.schema, text)
        case "boolean":
            yield f"{kind} <> 'BOOLEAN'", "invalid_field", "is neither true nor false"


def _refusals_of_entries(schema: dict[str, Any], text: str) -> Iterator[Refusal]:
    """A list of objects, each by the schema of `items`; `x-key` names what no two may share."""
    entries = f"json_extract({text}, '$[*]')"
    rules = " and ".join(_entry_rules(schema["items"]))
    is_other = f"len(list_filter({entries}, lambda entry: not coalesce({rules}, false))) > 0"
    yield is_other, "invalid_field", "has an entry that is not as it has to be"
    key = ", ".join(f"json_extract(entry, '$.{name}')" for name in schema["x-key"])
    keys = f"list_transform({entries}, lambda entry: [{key}])"
    yield f"len({keys}) > len(list_distinct({keys}))", "invalid_field", "has an entry twice"


def _entry_rules(schema: dict[str, Any]) -> Iterator[str]:
    """SQL of what holds of an `entry` that its schema allows."""
    yield "json_type(entry) = 'OBJECT'"
    for name, rule in schema["properties"].items():
        kind, text = f"json_type(entry, '$.{name}')", f"json_extract_string(entry, '$.{name}')"
        refusals = _refusals_of_type(Field(name, rule, False, None), kind, text)
        wrong = [f"({condition})" for condition, *_ in refusals]
        if "minimum" in rule:
            wrong.append(f"try_cast({text} as double) < {rule['minimum']}")
        if "enum" in rule:
            wrong.append(f"{text} not in ({any_of(rule['enum'])})")
        if rule.get("format") == "date":
            wrong.append(f"try_cast({text} as date) is null or length({text}) <> 10")
        yield f"(coalesce({kind}, 'NULL') = 'NULL' or not ({' or '.join(wrong)}))"
    yield from map(_is_given, schema["required"])
    for name, rule in schema["if"]["properties"].items():
        is_other = f"json_extract_string(entry, '$.{name}') <> {quote(rule['const'])}"
        yield f"({is_other} or {' and '.join(map(_is_given, schema['then']['required']))})"


def _is_given(name: str) -> str:
    return f"coalesce(json_type(entry, '$.{name}'), 'NULL') <> 'NULL'"


def _refusals_of_value(field: Field, text: str) -> Iterator[Refusal]:
    schema = field.schema
    if schema["type"] == "string" and "maxLength" in schema:
        longest = schema["maxLength"]
        yield f"length({text}) > {longest}", "invalid_field", f"is longer than {longest}"
    for bound, sign, where in (("minimum", "<", "below"), ("maximum", ">", "above")):
        if bound in schema:
            is_beyond = f"try_cast({text} as double) {sign} {schema[bound]}"
            is_size = schema[bound] >= LARGEST_COUNT
            reason = "inexact_number" if is_size else "invalid_field"
            yield is_beyond, reason, f"is {where} {schema[bound]}"
    if schema.get("format") == "date":
        is_other = (
            f"not regexp_matches({text}, '^\\d{{4}}-\\d\\d-\\d\\d$')"
            f" or try_cast({text} as date) is null"
        )
        yield is_other, "invalid_field", "is not a date"
        is_beyond = f"try_cast({text} as date) not between '{EARLIEST_DAY}' and '{LATEST_DAY}'"
        yield is_beyond, "invalid_field", f"is not between {EARLIEST_DAY} and {LATEST_DAY}"


def _refusals_of_register(field: Field, text: str, rules: Rules) -> Iterator[Refusal]:
    allowed = allowed_values(field, rules)
    if allowed is None:
        return
    register = field.schema.get("x-register")
    reason = (
        "invalid_field" if register is None else REASON_OF_REGISTER.get(register, "unknown_value")
    )
    yield f"{text} not in ({any_of(allowed)})", reason, "is not known"


def _is_blank(text: str) -> str:
    """SQL: a text is empty, or white space only."""
    return is_blank(text, spaced=f"translate({text}, chr(9) || chr(10) || chr(13), '   ')")


def _period_condition(reading: Reading) -> str:
    kind = reading.texts["period.kind"]
    start_text, end_text = reading.texts["period.start"], reading.texts["period.end"]
    start, end = (f"try_cast({text} as date)" for text in (start_text, end_text))
    return f"""when not coalesce(
        {reading.kinds["period"]} is null
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
        then 'invalid_field|data.period is not a ' || {kind} || ': '
            || {start_text} || ' to ' || {end_text}"""


def _ended_condition(reading: Reading, rules: Rules) -> str:
    """What is counted over a period that has not ended can't have been counted."""
    today = rules.run_at.astimezone(REPORTING_ZONE).date()
    end = reading.texts["period.end"]
    return f"""when try_cast({end} as date) > '{today.isoformat()}'::date
        then 'invalid_field|data.period has not ended: ' || {end}"""
