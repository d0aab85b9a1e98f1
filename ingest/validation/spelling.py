"""Published figures as our own sources spell them: known by their spelling, checked in columns.

A line that is, letter by letter, what would be spelled from what was read of it holds nothing
else: no key that is unknown, appears twice or is escaped, no space, no number written otherwise.
What it says is then asked of columns instead of JSON, by the rules of the full check.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from core.sql import identifier, quote
from ingest.validation.data_check import Reading, columns_of_data, data_conditions
from ingest.validation.envelopes import ENVELOPE_COLUMNS, envelope_conditions, moment_of
from ingest.validation.event_types import ENVELOPE, EventType, Field, event_types
from ingest.validation.rules import Rules

ALL_FIELDS = None
SPELLED = {
    "uk.gov.takeup.volume.reported.v1": ALL_FIELDS,
    "uk.gov.takeup.figure.published.v1": (
        *("metric", "service_id", "period", "period.kind", "period.start", "period.end"),
        *("value", "unit", "qualifier", "text", "document", "place"),
    ),
    "uk.gov.takeup.service.listed.v1": ALL_FIELDS,
}
"""Types that are known by their spelling, with the fields that our sources give them, which are
spelled in the order of the schema."""
COMMON_PREFIX = "uk.gov.takeup"
"""What is passed over where a type is looked for: a rarer sign than `u` to begin with is faster."""
READ = ("id", "source", "time", "publishedat")
"""Attributes that differ from line to line; the last one may be absent."""
SAME = {"specversion": "1.0", "datacontenttype": "application/json"}
NUMBER = {"integer": r"^(0|[1-9]\d*)$", "number": r"^(0|[1-9]\d*)(\.\d+)?$"}
"""How numbers are spelled, by their type in the schema; one below zero takes the full check."""
NO_NUMBER_NOR_TEXT = ("array", "boolean")
PLACED = "row_id, file_index, position, place"
SQL = "\0"
"""In a template: where SQL begins or ends. No JSON has it."""


def spelled_events(rules: Rules, *, records: str) -> str:
    """SQL: those of relation `records` that are spelled as our sources do and break no rule, in the
    columns that the full check gives them. Of the others nothing is said."""
    return " union all by name ".join(
        f"({_accepted(event_types()[name], rules, records=records)})" for name in SPELLED
    )


def _accepted(kind: EventType, rules: Rules, *, records: str) -> str:
    fields = [field for field in kind.fields if _may_have(kind, field)]
    values = [field for field in fields if field.schema["type"] != "object"]
    absent = {field.path: "null::varchar" for field in kind.fields}
    kinds = {field.path: _kind(field, fields) for field in fields}
    reading = Reading(
        kinds=absent | kinds, texts=absent | {field.path: _text(field) for field in values}
    )
    refusal = envelope_conditions(rules, has_controls=False) + data_conditions(kind, reading, rules)
    return f"""
with read as (
    select {PLACED}, line, try(from_json(line, {quote(_structure(values))})) as event
    from {records}
    where reason is null and strlen(line) <= {rules.maximum_bytes}
        and contains(line, {quote(kind.name.removeprefix(COMMON_PREFIX))})
),
opened as (
    select {PLACED}, line,
        {", ".join(f"event.{name} as {name}_text" for name in READ)},
        {", ".join(f"event.data.{field.path} as {_text(field)}" for field in values)},
    from read
),
written as (
    select *, {_data_as_spelled(fields)} as document, {moment_of("time_text")} as moment,
    from opened
),
compared as (
    select *,
        -- random() keeps the optimizer from moving the filter below the parse
        {" and ".join(_conditions(kind, values, rules))} and random() >= 0 as is_spelled,
    from written
),
typed as (
    select *, {_envelope_columns(kind, rules)} from compared
    where is_spelled
),
checked as (
    select *, case {refusal} end as refusal from typed
)
select
    {ENVELOPE_COLUMNS},
    document as data,
    {columns_of_data(reading)},
    null::varchar as reason,
    null::varchar as detail,
from checked
where refusal is null
"""


def _may_have(kind: EventType, field: Field) -> bool:
    """Whether a line that is spelled so may have a field."""
    known = SPELLED[kind.name]
    is_known = known is ALL_FIELDS or field.path in known
    return is_known and field.schema["type"] not in NO_NUMBER_NOR_TEXT


def _text(field: Field) -> str:
    """SQL: the text that was read of a field."""
    return identifier(f"data.{field.path}")


def _kind(field: Field, fields: list[Field]) -> str:
    """SQL: the JSON type of a field that is spelled so, null without the field."""
    match field.schema["type"]:
        case "object" if field.is_required:
            return quote("OBJECT")
        case "string" if _is_always(field, fields):
            return quote("VARCHAR")
        case "object":
            first = next(one for one in fields if one.parent == field.path)
            return f"case when {_text(first)} is not null then 'OBJECT' end"
        case "string":
            return f"case when {_text(field)} is not null then 'VARCHAR' end"
    is_whole = f"not contains({_text(field)}, '.')"
    return f"case {is_whole} when true then 'UBIGINT' when false then 'DOUBLE' end"


def _is_always(field: Field, fields: list[Field]) -> bool:
    """Whether every line that is spelled so has a field."""
    parents = [one for one in fields if one.path == field.parent]
    return field.is_required and all(one.is_required for one in parents)


def _structure(values: list[Field]) -> str:
    """What is read of a line, as `from_json` wants it."""
    data: dict[str, Any] = {}
    for field in values:
        place = data if field.parent is None else data.setdefault(field.parent, {})
        place[_name(field)] = "VARCHAR"
    return json.dumps(dict.fromkeys(READ, "VARCHAR") | {"data": data}, separators=(",", ":"))


def _name(field: Field) -> str:
    return field.path.rpartition(".")[2]


def _envelope_columns(kind: EventType, rules: Rules) -> str:
    """SQL: the columns of an opened envelope, beside the texts that were read and the moment."""
    texts = SAME | {"type": kind.name} | ({"simulated": "true"} if rules.is_simulated else {})
    columns = {
        # Nearly always the same moment, which is worth its second name: a cast costs more.
        "published_moment": "case when publishedat_text = time_text then moment"
        f" else {moment_of('publishedat_text')} end",
        "data_kind": quote("OBJECT"),
        "extensions": quote('{"simulated":true}') if rules.is_simulated else "null::varchar",
    }
    for name in ENVELOPE:
        if name in READ:
            is_there = f"case when {name}_text is not null then 'VARCHAR' end"
            columns[f"{name}_kind"] = is_there if name == "publishedat" else quote("VARCHAR")
        elif name != "data":
            kind_of = "BOOLEAN" if name == "simulated" else "VARCHAR"
            columns[f"{name}_text"] = quote(texts[name]) if name in texts else "null::varchar"
            columns[f"{name}_kind"] = quote(kind_of) if name in texts else "null::varchar"
    return ", ".join(f"{value} as {name}" for name, value in columns.items())


def _conditions(kind: EventType, values: list[Field], rules: Rules) -> Iterator[str]:
    """SQL of what tells that a line is the event that was read of it, and nothing else.

    A text between quotes that has none in it is one text, and not a list or an object that was read
    as one; digits are one number.
    """
    yield f"line = {_line_as_spelled(kind, rules)}"
    yield f"not contains(line, {quote(chr(92))})"
    yield (
        "case when strlen(line) = length(line) then not contains(line, chr(127))"
        r" else not regexp_matches(line, '[\x{7f}-\x{9f}]') end"
    )
    numbers = [field for field in values if field.schema["type"] in NUMBER]
    texts = [f"{name}_text" for name in READ] + [
        _text(field) for field in values if field not in numbers
    ]
    for text in texts:
        yield f"coalesce(not contains({text}, {quote(chr(34))}), true)"
    for field in numbers:
        is_number = f"regexp_matches({_text(field)}, '{NUMBER[field.schema['type']]}')"
        yield f"coalesce({is_number}, true)"


def _line_as_spelled(kind: EventType, rules: Rules) -> str:
    same = SAME | {"type": kind.name}
    members = "".join(
        f',"{name}":"{same[name]}"'
        if name in same
        else _member(name, f"{name}_text", is_always=name != "publishedat")
        for name in ENVELOPE
        if name in same or name in READ
    )
    simulated = ',"simulated":true' if rules.is_simulated else ""
    return _text_of(f'{{{simulated}{members},"data":{SQL}document{SQL}}}')


def _data_as_spelled(fields: list[Field]) -> str:
    def members(parent: str | None) -> str:
        return "".join(member(field) for field in fields if field.parent == parent)

    def member(field: Field) -> str:
        if field.schema["type"] != "object":
            is_text = field.schema["type"] not in NUMBER
            return _member(_name(field), _text(field), is_text=is_text, is_always=field.is_required)
        first = next(one for one in fields if one.parent == field.path)
        spelled = f',"{field.path}":{{{members(field.path)}}}'
        if field.is_required:
            return spelled
        return f"{SQL}case when {_text(first)} is not null then {_text_of(spelled)} end{SQL}"

    return _text_of(f"{{{members(None)}}}")


def _member(name: str, text: str, *, is_always: bool, is_text: bool = True) -> str:
    """A template of a member of an object, and of the comma before it."""
    mark = '"' if is_text else ""
    before = f',"{name}":{mark}'
    if is_always:
        return f"{before}{SQL}{text}{SQL}{mark}"
    # Null, which a text put together passes over, where there is no value.
    after = f" || {quote(mark)}" if mark else ""
    return f"{SQL}{quote(before)} || {text}{after}{SQL}"


def _text_of(template: str) -> str:
    """SQL of the text of a template. The first member of an object has no comma before it."""
    parts = enumerate(template.replace("{,", "{").split(SQL))
    return f"concat({', '.join(part if i % 2 else quote(part) for i, part in parts if part)})"
