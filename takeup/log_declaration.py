"""What dbt's models are told of the event log: its columns, and the fields of each type of event.

Both are declared in `ingest`. dbt gets them in its environment, so that no model repeats them; run
as a module, this prints them for those who start dbt by themselves, as `make lint` does.
"""

from __future__ import annotations

import json
from typing import Any

from ingest.log.columns import KINDS, declared
from ingest.validation.event_types import event_types

VARIABLE = "DBT_ENV_CUSTOM_ENV_TAKEUP_LOG"
SQL_TYPES = {
    "string": "varchar",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "array": "varchar",  # as the text that it is: a model that looks into one takes it apart
}


def log_declaration() -> str:
    """SQL types as JSON: `columns` by kind of record, `fields` by type of event."""
    columns = {
        kind: {name: column.type for name, column in declared(kind).items()} for kind in KINDS
    }
    fields = {
        name: {
            field.path: sql_type_of(field.schema)
            for field in event_type.fields
            if field.parent is None
        }
        for name, event_type in event_types().items()
    }
    return json.dumps({"columns": columns, "fields": fields}, separators=(",", ":"))


def sql_type_of(schema: dict[str, Any]) -> str | dict[str, Any]:
    """SQL type of a field by its JSON Schema; of an object the types of its fields, by name."""
    if schema["type"] == "object":
        return {name: sql_type_of(field) for name, field in schema["properties"].items()}
    return "date" if schema.get("format") == "date" else SQL_TYPES[schema["type"]]


if __name__ == "__main__":
    print(log_declaration())
