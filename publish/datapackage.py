"""What a program needs to read a pack: its description as a Data Package (Frictionless)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from core.errors import IntegrityError
from publish.database import has_table
from publish.pack_files import PackTable, sha256
from publish.pack_tables import TableSpec

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

Descriptions = Mapping[tuple[str, str], str]
"""What a column means, by table and column."""

DATAPACKAGE: Final = "datapackage.json"
LICENCE: Final = {
    "name": "OGL-UK-3.0",
    "title": "Open Government Licence v3.0",
    "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}
_OF_THE_PACK: Final = {
    "place": "1 for the doubt that could move most.",
    "others_count": "Other doubts about the quarter, which are not in this table.",
    "suppressed": "Columns of the row that disclosure control holds back.",
    "is_return_outstanding": "Whether a return was expected of the service and has not come.",
}
_UNITS: Final = (
    ("_gbp", "pounds sterling"),
    ("_ratio", "ratio from 0 to 1"),
    ("_share", "ratio from 0 to 1"),
    ("_lower", "ratio from 0 to 1"),
    ("_upper", "ratio from 0 to 1"),
    ("_count", "whole number"),
    ("services_", "services"),
)
"""Units by what a column's name ends with, or begins with where it ends in an underscore."""


def descriptions_of(connection: DuckDBPyConnection) -> Descriptions:
    """The dictionary of a published file; empty for one that has none."""
    if not has_table(connection, "dictionary"):
        return {}
    rows = connection.execute(
        "select table_name, column_name, description from dictionary"
    ).fetchall()
    return {(table, column): description for table, column, description in rows}


def sources_of(connection: DuckDBPyConnection, moment: str) -> list[dict[str, str]]:
    """The documents that were known at a moment, by their days."""
    if not has_table(connection, "publications"):
        return []
    rows = connection.execute(
        "select document, strftime(published_at at time zone 'Europe/London', '%Y-%m-%d')"
        " from publications where coalesce(published_at, recorded_at) <= cast(? as timestamptz)"
        " order by published_at, document",
        [moment],
    ).fetchall()
    return [
        {"title": document if day is None else f"{document}, published {day}"}
        for document, day in rows
    ]


def datapackage(
    described: Sequence[tuple[PackTable, TableSpec]],
    *,
    name: str,
    title: str,
    descriptions: Descriptions,
    sources: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    """The description of a pack's CSV files."""
    return {
        "profile": "tabular-data-package",
        "name": name,
        "title": title,
        "description": "Management information, not official statistics. README.md says how to"
        " read it, manifest.json what it was made from.",
        "licenses": [LICENCE],
        "sources": list(sources),
        "resources": [_resource(table, spec, descriptions) for table, spec in described],
    }


def _resource(table: PackTable, spec: TableSpec, descriptions: Descriptions) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [
            _field(column, table.data[column], spec, descriptions) for column in table.columns
        ],
        "missingValues": [""],
    }
    if spec.key:
        schema["primaryKey"] = list(spec.key)
    if spec.name != "services" and spec.refers and "service_id" in table.columns:
        schema["foreignKeys"] = [
            {
                "fields": ["service_id"],
                "reference": {"resource": "services", "fields": ["service_id"]},
            }
        ]
    return {
        "profile": "tabular-data-resource",
        "name": table.stem,
        "path": table.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(table.csv),
        "hash": f"sha256:{sha256(table.csv)}",
        "parquet": f"{table.stem}.parquet",
        "dialect": {"lineTerminator": "\n"},
        "schema": schema,
    }


def _field(
    column: str, values: pa.ChunkedArray, spec: TableSpec, descriptions: Descriptions
) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column, "type": _type_of(values.type)}
    if field["type"] == "datetime":
        field["format"] = "%Y-%m-%dT%H:%M:%S.%fZ"
    tables = (*spec.marts, "services")
    said = (descriptions.get((table, column)) for table in tables)
    if description := next((text for text in said if text), _OF_THE_PACK.get(column)):
        field["description"] = description
    if field["type"] in ("integer", "number") and (unit := unit_of(column)):
        field["unit"] = unit
    if column in spec.key:
        field["constraints"] = {"required": True}
    return field


def unit_of(column: str) -> str | None:
    """The unit of a column of numbers, by its name; None where that says none."""
    if "_pp" in column:
        return "percentage points"
    for mark, unit in _UNITS:
        if column.startswith(mark) if mark.endswith("_") else column.endswith(mark):
            return unit
    return None


def _type_of(kind: pa.DataType) -> str:
    import pyarrow as pa

    types = pa.types
    for is_it, name in (
        (types.is_boolean, "boolean"),
        (types.is_integer, "integer"),
        (types.is_floating, "number"),
        (types.is_date, "date"),
        (types.is_timestamp, "datetime"),
        (types.is_string, "string"),
    ):
        if is_it(kind):
            return name
    raise IntegrityError(f"no pack holds values of type {kind}")
