"""Event types, read from the JSON Schemas in `ingest/schemas/`: the one place of their rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from blake3 import blake3

SCHEMAS = Path(__file__).parents[1] / "schemas"

ENVELOPE = (
    "specversion",
    "id",
    "source",
    "type",
    "time",
    "datacontenttype",
    "dataschema",
    "publishedat",
    "simulated",
    "data",
)
"""Envelope attributes that the log has columns for; others are kept as extensions."""


@dataclass(frozen=True)
class Field:
    """One field of an event's data: JSON path below `data`, schema, whether it must be there."""

    path: str
    schema: dict[str, Any]
    is_required: bool
    parent: str | None


@dataclass(frozen=True)
class EventType:
    """One version of one type of event; `sender` is the only source that may send it, if any."""

    name: str
    fields: tuple[Field, ...]
    alternatives: tuple[tuple[str, ...], ...]
    """Fields of which exactly one is given."""
    any_of: tuple[str, ...] = ()
    """Fields of which at least one is."""
    sender: str | None = None

    @property
    def top_fields(self) -> tuple[str, ...]:
        """Names that `data` may hold at its top."""
        return tuple(field.path for field in self.fields if field.parent is None)

    def field(self, path: str) -> Field | None:
        """The field at this path; None where the type has none."""
        return next((field for field in self.fields if field.path == path), None)


@cache
def event_types() -> dict[str, EventType]:
    """Every type that the pipeline takes, by its CloudEvents `type`."""
    types = [_read(path) for path in sorted(SCHEMAS.glob("*.json"))]
    return {event_type.name: event_type for event_type in types}


@cache
def schema_version() -> str:
    """Short digest of all schemas: changes whenever a rule of a schema does."""
    hasher = blake3()
    for path in sorted(SCHEMAS.glob("*.json")):
        hasher.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return hasher.hexdigest()[:12]


def _read(path: Path) -> EventType:
    schema = json.loads(path.read_text(encoding="utf-8"))
    data = schema["properties"]["data"]
    return EventType(
        name=schema["properties"]["type"]["const"],
        fields=tuple(_fields(data, parent=None)),
        alternatives=tuple(tuple(option["required"]) for option in data.get("oneOf", ())),
        any_of=tuple(name for option in data.get("anyOf", ()) for name in option["required"]),
        sender=schema["properties"]["source"].get("const"),
    )


def _fields(schema: dict[str, Any], *, parent: str | None) -> Iterator[Field]:
    required = set(schema.get("required", ()))
    for name, rule in schema["properties"].items():
        path = name if parent is None else f"{parent}.{name}"
        yield Field(path=path, schema=rule, is_required=name in required, parent=parent)
        if rule.get("type") == "object":
            yield from _fields(rule, parent=path)
