"""The gate of a pack: its written files, read back by what the pack says of them.

Each CSV file is read with the types of `datapackage.json`, so that a value of another type is
found with its line; what is expected of it follows from there and from the contracts of the
published tables. `suites/pack_*.yml` holds what files have to say of each other.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any, Final

from sqlalchemy.exc import DBAPIError

from core.errors import UsageError
from core.settings import Settings
from core.sql import identifier, quote
from expectations.catalogue import suite_of, suites_of
from expectations.contracts import published_contracts
from expectations.definitions import Suite
from expectations.derived import Contract, Value
from expectations.gates import conclude, count_rows
from expectations.results import GateResult, SuiteResult, nothing_checked
from expectations.workspace import Workspace, literal_path, open_workspace

MANIFEST: Final = "manifest.json"
EDITION: Final = "edition.json"
DATAPACKAGE: Final = "datapackage.json"
OF_THE_PACK: Final = ("pack_files", "pack_references", "pack_channel_sums")
"""The tables that are about the pack as a whole, with suites in `suites/`."""
TYPES: Final = {
    "boolean": "boolean",
    "integer": "bigint",
    "number": "double",
    "date": "date",
    "datetime": "timestamptz",
    "string": "varchar",
}
IS_TEXT_ELSEWHERE: Final = {"what"}
"""Columns that have a list of values in one table of a pack, and say something in another."""
IS_A_TABLE_NAME: Final = re.compile(r"[a-z][a-z_]*")

Json = Mapping[str, Any]


def gate_pack(settings: Settings, pack: Path) -> GateResult:
    """Check the files of a quarter's pack as they lie in its folder, before anybody gets them.

    The result is kept as those of the other gates are, under the name of the pack.

    Raises:
        UsageError: the folder is not the pack of a quarter.
        StoppedByGate: a file is not what the pack says of it, or breaks what is expected of it.
    """
    started = monotonic()
    manifest, package = _said(pack / MANIFEST), _said(pack / DATAPACKAGE)
    is_simulated = bool(manifest.get("is_simulated"))
    with open_workspace(settings) as workspace:
        intact = show_files(workspace, pack, manifest, package)
        found = _found(workspace, pack, manifest, package, intact=intact, is_simulated=is_simulated)
    result = GateResult(
        gate="pack",
        run_id=pack.name,
        outcome="nothing_new",
        suites=found,
        is_simulated=is_simulated,
    )
    return conclude(settings, result, started=started)


def _found(
    workspace: Workspace,
    pack: Path,
    manifest: Json,
    package: Json,
    *,
    intact: set[str],
    is_simulated: bool,
) -> list[SuiteResult]:
    """The results of all suites; a file that is not intact, or can't be read, has none to show."""
    from expectations.runner import Task, run_suites

    flag = str(is_simulated).lower()
    workspace.execute(f"create table log_kind as select {flag} as is_simulated")
    tasks, unread = [], []
    resources = _resources(package) if DATAPACKAGE in intact else []
    for resource in resources:
        suite = suite_of(contract_of(resource), "pack", None)
        rows = int(manifest["files"].get(resource["path"], {}).get("row_count", 0))
        try:
            if resource["path"] not in intact:
                raise UsageError(f"{resource['path']} is not as the manifest says")
            read_back(workspace, pack, resource)
        except (DBAPIError, UsageError) as error:
            workspace.connection.rollback()
            said = str(error.orig if isinstance(error, DBAPIError) else error)
            # DuckDB tells the line first, and the value further down; a message shows one line.
            reason = " ".join(said.partition("Possible")[0].split())
            unread.append(
                nothing_checked(suite, rows_expected=rows, outcome="error", reason=reason)
            )
        else:
            tasks.append(Task(suite, rows))
    show_references(workspace, resources)
    show_channel_sums(workspace)
    suites = suites_of("pack")
    counted = count_rows(workspace, suites)
    tasks += [Task(suite, counted[suite.table]) for suite in suites]
    return [
        *run_suites(
            workspace, tasks, run_id=pack.name, docs=None, is_simulated=is_simulated
        ),
        *unread,
    ]


def _said(path: Path) -> Json:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path.parent} is not the pack of a quarter: no {path.name}") from error
    if not isinstance(found, dict):
        raise UsageError(f"{path.parent} is not the pack of a quarter: {path.name} is not an object")
    return found


def _resources(package: Json) -> list[Json]:
    return [one for one in package["resources"] if IS_A_TABLE_NAME.fullmatch(one["name"])]


def contract_of(resource: Json) -> Contract:
    """What a pack says of one of its files, and the published contracts of its columns.

    A column has the values of any contract that lists some for its name.
    """
    schema = resource["schema"]
    columns = {
        field["name"]: bool(field.get("constraints", {}).get("required"))
        for field in schema["fields"]
    }
    limits: dict[str, str] = {}
    for field in schema["fields"]:
        name = field["name"]
        if field.get("unit") == "ratio from 0 to 1":
            limits[name] = f"{name} between 0 and 1"
        elif field["type"] == "number":
            limits[name] = f"isfinite({name})"
    known = _known_values()
    key = schema.get("primaryKey")
    return Contract(
        table=resource["name"],
        rows=f"row of {resource['path']}",
        columns=columns | {"is_simulated": True},
        keys=[key] if key else (),
        accepted={name: known[name] for name in columns if name in known},
        limits=limits,
    )


def _known_values() -> dict[str, tuple[Value, ...]]:
    """Per name of a column the values that contracts list for it: of a table that is made of
    another only that other's contract lists them."""
    found: dict[str, dict[Value, None]] = {}
    for contract in published_contracts():
        for column, values in contract.accepted.items():
            if column not in IS_TEXT_ELSEWHERE:
                found.setdefault(column, {}).update(dict.fromkeys(values))
    return {name: tuple(values) for name, values in found.items()}


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
    said_by_edition = json.loads((pack / EDITION).read_bytes()) if (pack / EDITION).is_file() else {}
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
    parts = ["select null::varchar as file, null::varchar as value, null::boolean as is_there where false"]
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
    parts = [
        "select null::varchar as service_id, null::varchar as period_kind,"
        " null::date as period_start, null::varchar as basis, null::bigint as channels_sum,"
        " null::bigint as total_count where false"
    ]
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
