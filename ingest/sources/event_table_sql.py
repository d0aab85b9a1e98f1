"""SQL that puts the JSON text of events together from the columns of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from core.sql import quote
from ingest.validation.event_types import ENVELOPE, event_types

JSON_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?"
EXACT_DOUBLE = 2**53

Node = dict[str, "Node | str"]
"""Names within an object: SQL of the value's JSON text, or another object."""


@dataclass(frozen=True)
class Column:
    """A column: its name in the file, the name that SQL knows it by, its type.

    kind: `text` (a CSV cell, or text in Parquet), `moment` (with time zone), `local` (without),
    `real` (not always whole), `nested`, `other` (DuckDB writes it as JSON).
    """

    name: str
    sql: str
    kind: str
    exact: int = EXACT_DOUBLE
    """Of a `real`: from here on its type no longer holds every whole number."""


def records_sql(columns: Sequence[Column], *, empty_is_absent: bool) -> str:
    """SQL: records of table `rows`.

    `data` of another column than text is taken as it is; text that is not JSON refuses the row.
    """
    by_name = {column.name: column for column in columns}
    members: Node = {
        name: _json(by_name[name], empty_is_absent=empty_is_absent)
        for name in ENVELOPE
        if name in by_name
    }
    below = [column for column in columns if column.name.startswith("data.")]
    if below:
        members["data"] = f"coalesce({_object(_tree(below, empty_is_absent))}, '{{}}')"
    data = by_name.get("data")
    is_broken = (
        f"{_present(data, empty_is_absent)} and not json_valid({data.sql})"
        if data is not None and data.kind == "text"
        else "false"
    )
    rounded = [column for column in columns if _may_be_rounded(column)]
    beyond = [f"when abs({column.sql}) >= {column.exact}" for column in rounded]
    inexact = " ".join(f"{when} then 'inexact_number'" for when in beyond)
    why_inexact = " ".join(
        f"{when} then {quote(f'column {column.name} is of a type that is not exact there')}"
        for when, column in zip(beyond, rounded, strict=True)
    )
    return f"""
    with lines as (
        select
            position,
            {_object(members)} as line,
            case when {is_broken} then 'not_json' {inexact} end as reason,
            case when {is_broken} then 'column data is not JSON' {why_inexact} end as detail,
        from rows
    )
    select
        position,
        null as place,
        case when reason is null then line end as line,
        case when reason is not null then line end as raw,
        reason,
        detail,
    from lines
    """


def _may_be_rounded(column: Column) -> bool:
    """Whether a number may have lost digits before it came; doubles are judged as JSON is."""
    is_short = column.kind == "real" and column.exact < EXACT_DOUBLE
    return is_short and _schema_type(column.name) in ("integer", "number")


def _tree(columns: Sequence[Column], empty_is_absent: bool) -> Node:
    root: Node = {}
    for column in columns:
        _, *parents, name = column.name.split(".")
        node = root
        for parent in parents:
            inner = node.setdefault(parent, {})
            assert isinstance(inner, dict)
            node = inner
        node[name] = _json(column, empty_is_absent=empty_is_absent)
    return root


def _object(members: Mapping[str, Node | str]) -> str:
    """SQL of an object's JSON text, without the members that are null; null when all are."""
    parts = ", ".join(
        f"""'"{name}":' || {_object(value) if isinstance(value, dict) else value}"""
        for name, value in members.items()
    )
    return f"nullif('{{' || concat_ws(',', {parts}) || '}}', '{{}}')"


def _json(column: Column, *, empty_is_absent: bool) -> str:
    """SQL of a cell's JSON text; null where the cell is absent."""
    value = column.sql
    match column.kind:
        case "moment":
            return f"to_json(strftime({value}, '%Y-%m-%dT%H:%M:%S.%fZ'))"
        case "local":
            return f"to_json(strftime({value}, '%Y-%m-%dT%H:%M:%S.%f'))"
        case "real":
            is_whole = f"abs({value}) < {EXACT_DOUBLE} and {value} = trunc({value})"
            return f"case when {is_whole} then {value}::bigint::varchar else {value}::varchar end"
        case "nested":
            # Patching nothing with an object drops its nulls, however deep they are.
            patched = f"json_merge_patch('{{}}', json_object('value', {value}))"
            return f"json_extract({patched}, '$.value')::varchar"
        case "other":
            return f"to_json({value})::varchar"
    return (
        f"case when {_present(column, empty_is_absent)}"
        f" then {_json_of_text(value, _schema_type(column.name))} end"
    )


def _json_of_text(value: str, schema_type: str | None) -> str:
    if schema_type == "data":
        return value
    if schema_type == "boolean":
        return f"case when {value} in ('true', 'false') then {value} else to_json({value}) end"
    if schema_type in ("integer", "number"):
        is_number = f"regexp_full_match({value}, '{JSON_NUMBER}')"
        return f"case when {is_number} then {value} else to_json({value}) end"
    if schema_type == "object":
        return f"case when json_valid({value}) then {value} else to_json({value}) end"
    return f"to_json({value})"


def _present(column: Column, empty_is_absent: bool) -> str:
    return f"{column.sql} <> ''" if empty_is_absent else f"{column.sql} is not null"


@cache
def _schema_types() -> dict[str, str]:
    return {
        f"data.{field.path}": str(field.schema["type"])
        for event_type in event_types().values()
        for field in event_type.fields
    }


def _schema_type(name: str) -> str | None:
    """The type that the schemas give a column's text."""
    if name == "data":
        return "data"
    return "boolean" if name == "simulated" else _schema_types().get(name)
