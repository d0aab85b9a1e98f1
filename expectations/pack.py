"""The gate of a pack: its written files, read back by what the pack says of them.

Each CSV file is read with the types of `datapackage.json`, so that a value of another type is
found with its line; what is expected of it follows from there and from the contracts of the
published tables. `suites/pack_*.yml` holds what files have to say of each other.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from time import monotonic
from typing import Final

from sqlalchemy.exc import DBAPIError

from core.errors import UsageError
from core.settings import Settings
from expectations.catalogue import suite_of, suites_of
from expectations.contracts import published_contracts
from expectations.deferred import load_runner
from expectations.derived import Contract, Value
from expectations.gates import conclude, count_rows
from expectations.pack_views import (
    MANIFEST,
    Json,
    read_back,
    show_channel_sums,
    show_files,
    show_references,
)
from expectations.results import GateResult, SuiteResult, nothing_checked
from expectations.workspace import Workspace, open_workspace

DATAPACKAGE: Final = "datapackage.json"
IS_TEXT_ELSEWHERE: Final = {"what"}
"""Columns that have a list of values in one table of a pack, and say something in another."""
IS_A_TABLE_NAME: Final = re.compile(r"[a-z][a-z_]*")


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
    load_runner()
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
        *run_suites(workspace, tasks, run_id=pack.name, docs=None, is_simulated=is_simulated),
        *unread,
    ]


def _said(path: Path) -> Json:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path.parent} is not the pack of a quarter: no {path.name}") from error
    if not isinstance(found, dict):
        raise UsageError(
            f"{path.parent} is not the pack of a quarter: {path.name} is not an object"
        )
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
