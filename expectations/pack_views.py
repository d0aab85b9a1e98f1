"""What the gate of a pack gets to see: its files as tables, and what they say of each other."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from core.sql import identifier, quote
from expectations.workspace import Workspace, literal_path

MANIFEST: Final = "manifest.json"
EDITION: Final = "edition.json"
TYPES: Final = {
    "boolean": "boolean",
    "integer": "bigint",
    "number": "double",
    "date": "date",
    "datetime": "timestamptz",
    "string": "varchar",
}

Json = Mapping[str, Any]


def read_back(workspace: Workspace, pack: Path, resource: Json) -> None:
    """One CSV file as a table, its columns of the types that the pack says."""
    types = ", ".join(
        f"{quote(field['name'])}: {quote(TYPES[field['type']])}"
        for field in resource["schema"]["fields"]
    )
    file = quote(literal_path(str(pack / resource["path"])))
    workspace.execute(
        f"create table {identifier(resource['name'])} as select * from read_csv({file},"
        f" columns = {{{types}}}, auto_detect = false, header = true, delim = ',', quote = '\"',"
        " escape = '\"', nullstr = '', dateformat = '%Y-%m-%d',"
        " timestampformat = '%Y-%m-%dT%H:%M:%S.%fZ')"
    )


def show_files(workspace: Workspace, pack: Path, manifest: Json, package: Json) -> set[str]:
    """What pack and folder say of each file, as `pack_files`; the names of those that agree."""
    said_by_edition = (
        json.loads((pack / EDITION).read_bytes()) if (pack / EDITION).is_file() else {}
    )
    stated = {name: dict(entry) for name, entry in manifest.get("files", {}).items()}
    # A pack that was made before it had editions says nothing of its manifest.
    if digest := said_by_edition.get("manifest_sha256"):
        stated[MANIFEST] = {"sha256": digest}
    described = {one["path"] for one in package["resources"]}
    described |= {one["parquet"] for one in package["resources"] if "parquet" in one}
    there = {path.name for path in pack.iterdir()} - {EDITION, *({MANIFEST} - stated.keys())}
    workspace.execute(
        "create table pack_files (file varchar, stated_sha256 varchar, found_sha256 varchar,"
        " stated_rows bigint, found_rows bigint, stated_columns varchar, found_columns varchar,"
        " is_described boolean)"
    )
    intact = set()
    for name in sorted(there | stated.keys()):
        entry, path = stated.get(name, {}), pack / name
        digest = sha256(path.read_bytes()).hexdigest() if path.is_file() else None
        if digest is not None and digest == entry.get("sha256"):
            intact.add(name)
        rows, columns = _shape(path) if name in intact and "columns" in entry else (None, None)
        values = (
            *(name, entry.get("sha256"), digest),
            *(entry.get("row_count"), rows),
            *(_listed(entry.get("columns")), _listed(columns)),
            name in described if "columns" in entry else None,
        )
        workspace.execute(f"insert into pack_files values ({', '.join(map(_sql, values))})")
    return intact


def _shape(path: Path) -> tuple[int, list[str]]:
    """Rows and columns of a table that was written, without the reader of the rest of the gate."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        found = pq.read_metadata(path)
        return found.num_rows, list(found.schema.names)
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader, [])
        return sum(1 for _ in reader), header


def _listed(columns: Sequence[str] | None) -> str | None:
    return None if columns is None else ", ".join(columns)


def _sql(value: str | int | bool | None) -> str:
    if isinstance(value, str):
        return quote(value)
    return "null" if value is None else str(value).lower()


def show_references(workspace: Workspace, resources: Sequence[Json]) -> None:
    """Each value by which a file refers to another, as `pack_references`."""
    shown = workspace.tables()
    none = "null::varchar as file, null::varchar as value, null::boolean as is_there where false"
    parts = [f"select {none}"]
    for name, column, to, key in _references(resources):
        if {name, to} <= shown:
            parts.append(
                f"select distinct {quote(name)}, {column}::varchar,"
                f" {column} in (select {key} from {identifier(to)})"
                f" from {identifier(name)} where {column} is not null"
            )
    workspace.execute(f"create table pack_references as {' union all '.join(parts)}")


def _references(resources: Sequence[Json]) -> Iterator[tuple[str, str, str, str]]:
    for resource in resources:
        for reference in resource["schema"].get("foreignKeys", ()):
            (column,), (key,) = reference["fields"], reference["reference"]["fields"]
            yield resource["name"], column, reference["reference"]["resource"], key


def show_channel_sums(workspace: Workspace) -> None:
    """Each service and period that is given by channel, with what its channels add up to and the
    total that `take_up` gives, as `pack_channel_sums`; none where a channel is not provided. The
    basis is `events` where both are counted of events alone."""
    shown = workspace.tables()
    none = (
        "null::varchar as service_id, null::varchar as period_kind, null::date as period_start,"
        " null::varchar as basis, null::bigint as channels_sum, null::bigint as total_count"
    )
    parts = [f"select {none} where false"]
    for volumes in sorted(name for name in shown if name.startswith("channel_volumes_")):
        take_up = volumes.replace("channel_volumes_", "take_up_")
        if take_up in shown:
            parts.append(
                "select service_id, period_kind, period_start,"
                " if(bool_and(volumes.basis = 'events' and take_up.basis = 'events'), 'events',"
                " 'reported'), sum(transactions_count)::bigint, any_value(total_count)"
                f" from {identifier(volumes)} as volumes"
                f" left join {identifier(take_up)} as take_up"
                " using (service_id, period_kind, period_start)"
                " group by all having bool_and(volumes.value_status = 'provided')"
            )
    workspace.execute(f"create table pack_channel_sums as {' union all '.join(parts)}")
