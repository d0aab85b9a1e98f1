"""In what two events of one identity differ, by what they say and not by how it is written."""

from __future__ import annotations

import json
from collections.abc import Container
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ingest.validation.event_types import event_types
from ingest.validation.rules import TYPED_FIELDS

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
LONGEST_SHOWN = 60

Members = dict[str, Any]


@dataclass(frozen=True)
class _Truth:
    """True or false, which are no numbers."""

    value: bool


def first_difference(
    kind: str,
    new_data: str | None,
    old_data: str | None,
    new_extensions: str | None,
    old_extensions: str | None,
) -> str | None:
    """The first member in which an event differs from the one before it, in words; None where both
    say the same.

    The log keeps no data where its columns say it all.
    """
    new, old = _object(new_data), _object(old_data)
    if None in (new_data, old_data):
        new, old = (_without(one, TYPED_FIELDS) for one in (new, old))
    passed_over = _passed_over(kind, new, old)
    return _difference(
        "data.", _without(new, passed_over), _without(old, passed_over)
    ) or _difference("", _extensions(new_extensions), _extensions(old_extensions))


def _passed_over(kind: str, new: Members, old: Members) -> set[str]:
    """Fields that say where a thing was read, or how a number that both have was printed."""
    return {
        field.path
        for field in event_types()[kind].fields
        if field.schema.get("x-says-where")
        or ((value := field.schema.get("x-form-of")) is not None and value in new and value in old)
    }


def _difference(prefix: str, new: Members, old: Members) -> str | None:
    for name in [*new, *(name for name in old if name not in new)]:
        if new.get(name) != old.get(name):
            return f"{prefix}{name} is {_shown(new, name)}, not {_shown(old, name)}"
    return None


def _shown(members: Members, name: str) -> str:
    if name not in members:
        return "absent"
    value = members[name]
    is_number = isinstance(value, Decimal)
    said = str(value) if is_number else json.dumps(value, ensure_ascii=False, default=_as_json)
    return said if len(said) <= LONGEST_SHOWN else f"{said[:LONGEST_SHOWN]}…"


def _as_json(value: Decimal | _Truth) -> float | bool:
    """What JSON writes for a number or a truth within a value."""
    return value.value if isinstance(value, _Truth) else float(value)


def _without(members: Members, names: Container[str]) -> Members:
    return {name: value for name, value in members.items() if name not in names}


def _extensions(text: str | None) -> Members:
    """What extensions say of the event itself; not being simulated is what is meant anyway."""
    return {
        name: value
        for name, value in _object(text).items()
        if name not in OF_THE_DELIVERY and (name, value) != ("simulated", _told_apart(False))
    }


def _object(text: str | None) -> Members:
    if text is None:
        return {}
    found = _told_apart(json.loads(text, parse_int=_number, parse_float=_number))
    return found if isinstance(found, dict) else {}


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


def _told_apart(value: Any) -> Any:
    """A value as values are compared: 1 and 1.0 are the same number, 1 and true are not the same, a
    null member is none, and lines of a text end in one way."""
    if isinstance(value, bool):
        return _Truth(value)
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, dict):
        return {name: _told_apart(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_told_apart(inner) for inner in value]
    return value
