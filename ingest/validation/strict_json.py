"""JSON read strictly: what the standard library lets through is refused, with its reason."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from ingest.refusals import RecordRefused
from ingest.validation.event_types import event_types
from ingest.validation.masking import folded_field_name
from ingest.validation.rules import Rules

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""What CloudEvents forbids in text, less the tab, newline and return that prose has."""


def read_strictly(
    text: str,
    *,
    parse_int: Callable[[str], Any] = int,
    parse_float: Callable[[str], Any] = float,
) -> Any:
    """The value of a JSON text, its numbers made of their digits as the caller says.

    Raises:
        RecordRefused: it is not JSON, a key appears twice in an object, or it is nested deeper
            than Python can read.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_members,
            parse_constant=_refuse_constant,
            parse_int=parse_int,
            parse_float=parse_float,
        )
    except RecursionError:
        raise RecordRefused("too_deep", "nested too deeply to be read") from None
    except ValueError as error:
        raise RecordRefused("not_json", str(error)) from error


def strict_refusal(line: str, *, rules: Rules) -> tuple[str, str] | None:
    """Reason and detail for which a strict reading refuses a record, or None."""
    try:
        _check_values(read_strictly(line, parse_int=float), rules=rules)
    except RecordRefused as refused:
        return refused.reason, refused.detail
    return None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RecordRefused("duplicate_key", f"key {twice!r} appears twice")
    return found


def _refuse_constant(name: str) -> None:
    raise RecordRefused("not_json", f"{name} is not JSON")


def _check_values(document: Any, *, rules: Rules) -> None:
    known = {name for event_type in event_types().values() for name in event_type.top_fields}
    for value, depth, path in _values_in(document):
        if depth > rules.maximum_depth and isinstance(value, (dict, list)):
            raise RecordRefused("too_deep", f"nested deeper than {rules.maximum_depth}")
        if isinstance(value, dict):
            for name in value:
                is_ours = path == "data" and name in known
                is_forbidden = folded_field_name(name) in rules.vocabulary.forbidden_fields
                if is_forbidden and not is_ours:
                    raise RecordRefused("personal_data", f"field {_below(path, name)}")
                if CONTROL.search(name):
                    where = path or "the event"
                    raise RecordRefused("control_character", f"in the name of a field of {where}")
        elif isinstance(value, str) and CONTROL.search(value):
            raise RecordRefused("control_character", f"field {path}")


def names_in(document: Any) -> Iterator[str]:
    """Names of all members in a document."""
    for value, _, _ in _values_in(document):
        if isinstance(value, dict):
            yield from value


def _values_in(document: Any) -> Iterator[tuple[Any, int, str]]:
    """Every value in a document with its depth and path, without recursion."""
    waiting: list[tuple[Any, int, str]] = [(document, 1, "")]
    while waiting:
        value, depth, path = waiting.pop()
        yield value, depth, path
        if isinstance(value, dict):
            waiting.extend((inner, depth + 1, _below(path, name)) for name, inner in value.items())
        elif isinstance(value, list):
            waiting.extend((inner, depth + 1, path) for inner in value)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
