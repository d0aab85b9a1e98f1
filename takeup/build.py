"""Build the staging warehouse from the log with dbt.

A finished build leaves a stamp; without a stamp that fits the file, the file is not trusted
to be finished and is built again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.errors import GateFailed, TakeupError
from core.files import sole_writer, write_file
from core.registers import check_registers
from core.settings import SEEDS, Settings
from core.sql import connect
from core.version import code_version
from ingest.load import environment
from ingest.log.compacted import compact
from ingest.log.event_log import EventLog
from ingest.log.verification import verify
from takeup.dbt_process import run_dbt
from takeup.empty_warehouse import begin_from_empty, keep_empty
from takeup.log_listing import list_log_files, list_named_commits
from takeup.spark import (
    READERS,
    list_log_files_for_spark,
    spark_connection,
    spark_tables,
)

STAMP = "build.json"
VERIFIED = "verified_files.json"
SHOWN_FAILURES = 5
NOTHING = -1
"""The log version that a staging file holds which is made from the beginning."""
BEFORE_ALL_RUNS = "0001-01-01T00:00:00+00:00"
"""When the build of an empty log is dated: what depends on it is made again with the log's."""
BUILD = ("build", "--exclude-resource-type=unit_test")
OF_THE_LOG = ("--select", "takeup.staging", "takeup.intermediate", "takeup.marts")
"""What a log that has grown can change, with its tests: of the same code registers and table
functions are what they were."""


@dataclass(frozen=True)
class BuildInputs:
    """What a warehouse is built from, and what its models may know of the run."""

    run_at: str
    is_simulated: bool
    log_version: int
    chain_head: str
    code_version: str
    epoch: int
    engine: str


@dataclass(frozen=True)
class Built:
    """What a build did. `rows_read` are the log's that no build had read before."""

    inputs: BuildInputs
    is_unchanged: bool
    is_full: bool
    rows_read: int


def build_inputs_of(log: EventLog, engine: str = "duckdb") -> BuildInputs:
    """What is built from a log at its newest version, where that engine reads it."""
    return BuildInputs(
        run_at=log.run_at().isoformat(),
        is_simulated=log.is_simulated,
        log_version=log.version,
        chain_head=log.head(),
        code_version=code_version("models"),
        epoch=log.epoch,
        engine=engine,
    )


def build(settings: Settings, *, full: bool = False) -> Built:
    """Bring the staging file up to the log.

    Args:
        full: begin with an empty file instead of adding to what earlier nights built, and
            read every byte of the log first instead of what has changed since the last build.

    Raises:
        UsageError: there is no log, or a register can't be read.
        IntegrityError: the log is damaged; nothing is built from it.
        GateFailed: a test of the models failed.
        TakeupError: a model could not be built.
    """
    # One that begins anew trusts nothing that an earlier run found.
    verify(settings.log, index=None if full else verified_files(settings)).require_sound()
    log = EventLog.open(settings.log)
    with environment.connect(settings) as connection:
        compact(connection, log, anew=full)
    return _build_from(settings, log, full=full)


def build_at(settings: Settings, log_version: int) -> Path:
    """A warehouse as the log was at an older version, beside the staging file; returns its path.

    Needs no lease: the folder is held against others that build it and those that remove it, and
    counts as new, so that what was asked for last is kept.

    Raises as `build`, and:
        LeaseHeld: another process builds or removes that warehouse.
    """
    verify(settings.log, index=verified_files(settings)).require_sound()
    log = EventLog.open(settings.log, version=log_version)
    folder = settings.warehouse / "versions" / str(log_version)
    aside = settings.model_copy(update={"home": folder})
    with sole_writer(folder):
        os.utime(folder)
        _build_from(aside, log, full=False)
    return aside.staging_file


def verified_files(settings: Settings) -> Path:
    """What is known of the log's files that were verified before."""
    return settings.warehouse / VERIFIED


def _build_from(settings: Settings, log: EventLog, *, full: bool) -> Built:
    spark = spark_connection(settings) if settings.engine == "spark" else None
    inputs = build_inputs_of(log, settings.engine)
    stamp = settings.warehouse / STAMP
    stated = _read_stamp(settings)
    if stated == asdict(inputs) and not full:
        return Built(inputs, is_unchanged=True, is_full=False, rows_read=0)
    is_whole = spark is None or spark_tables(settings).is_dir()
    # Tables of other code, of another log or of a build that died are not built upon.
    if full or stated is None or not is_whole or not _goes_on_from(stated, inputs, log):
        _remove_staging(settings)
        stated = None
    stamp.unlink(missing_ok=True)
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    held = NOTHING if stated is None else stated["log_version"]
    goes_on = stated is not None or (not full and begin_from_empty(settings.staging_file))
    # Spark passes over what lies in a folder of such a name.
    list_log_files(settings.staging_file, log, compacted=spark is None)
    list_named_commits(settings, log, held=held)
    given = asdict(inputs) | {"held_log_version": held, "log_folder": str(log.folder.absolute())}
    selection = OF_THE_LOG if goes_on else ()
    if spark is not None:
        given |= {"spark_tables": str(spark_tables(settings))}
        list_log_files_for_spark(settings)
        _run_dbt(settings, given, "run", "--select", READERS, variables=spark)
        # Spark's tables are whole, and take the place of those that DuckDB took in before.
        selection = ("--full-refresh", *selection)
    _run_dbt(settings, given, *BUILD, *selection)
    state = settings.staging_file.stat()
    stated = {"inputs": asdict(inputs), "size": state.st_size, "time": state.st_mtime_ns}
    write_file(stamp, json.dumps(stated))
    rows = sum(file.row_count for file in log.files(after=held))
    return Built(inputs, is_unchanged=False, is_full=held == NOTHING, rows_read=rows)


def _goes_on_from(stated: dict[str, Any], inputs: BuildInputs, log: EventLog) -> bool:
    """Whether the same code can add to a build what the log has gained since."""
    held: int = stated["log_version"]
    chain_head: str = stated["chain_head"]
    made_alike = all(stated.get(of) == getattr(inputs, of) for of in ("code_version", "engine"))
    if not made_alike or held > inputs.log_version:
        return False
    links = (log.commit_at(version).link for version in range(held, -1, -1))
    return next((link for link in links if link is not None), None) == chain_head


def _read_stamp(settings: Settings) -> dict[str, Any] | None:
    """What the staging file holds, None unless its last build was finished on these very bytes."""
    try:
        stamp = json.loads((settings.warehouse / STAMP).read_text(encoding="utf-8"))
        state = settings.staging_file.stat()
    except (OSError, ValueError):
        return None
    if (stamp["size"], stamp["time"]) != (state.st_size, state.st_mtime_ns):
        return None
    inputs: dict[str, Any] | None = stamp.get("inputs")
    return inputs


def _remove_staging(settings: Settings) -> None:
    for path in settings.warehouse.glob(settings.staging_file.name + "*"):
        path.unlink()
    shutil.rmtree(spark_tables(settings), ignore_errors=True)


def prepare(settings: Settings) -> None:
    """Do once, for all homes, what builds of this code have in common: dbt reads the project and
    builds it of an empty log, half a minute or less.

    Raises as `build` does of its models, registers among them.
    """
    inputs = BuildInputs(
        run_at=BEFORE_ALL_RUNS,
        is_simulated=False,
        log_version=NOTHING,
        chain_head="",
        code_version=code_version("models"),
        epoch=1,
        engine="duckdb",
    )
    with TemporaryDirectory() as folder:
        aside = settings.model_copy(update={"home": Path(folder)})
        aside.warehouse.mkdir()
        list_log_files(aside.staging_file, None)
        _run_dbt(aside, asdict(inputs) | {"held_log_version": NOTHING}, *BUILD)
        keep_empty(aside.staging_file)


def write_manifests(settings: Settings, folder: Path) -> None:
    """What dbt makes of the project without a warehouse, in `target/` of a folder.

    Raises:
        TakeupError: the project can't be read.
    """
    done = run_dbt(
        "parse",
        staging_file=folder / settings.staging_file.name,
        work=folder,
        inputs={},
        variables=_connection(settings),
        writes_manifests=True,
    )
    if done.returncode != 0:
        raise TakeupError(f"dbt could not read the models: {' '.join(done.stdout.split())[:400]}")


def _connection(settings: Settings) -> dict[str, str]:
    return {
        "TAKEUP_THREADS": str(settings.threads),
        "TAKEUP_MEMORY_LIMIT": settings.memory_limit,
    }


def _run_dbt(
    settings: Settings,
    given: Mapping[str, Any],
    *arguments: str,
    variables: Mapping[str, str] | None = None,
) -> None:
    work = settings.warehouse / "dbt"
    check_registers(SEEDS)
    done = run_dbt(
        *arguments,
        staging_file=settings.staging_file,
        work=work,
        inputs=given,
        variables=_connection(settings) | dict(variables or {}),
    )
    if done.returncode != 0:
        raise _failure(settings, work / "target" / "run_results.json", done)


def _failure(
    settings: Settings, results: Path, done: subprocess.CompletedProcess[str]
) -> TakeupError:
    """What stopped dbt: tests that failed (a gate), or a model that could not be built."""
    try:
        nodes = json.loads(results.read_text(encoding="utf-8"))["results"]
    except (OSError, ValueError, KeyError):
        said = (done.stdout + done.stderr).strip().splitlines()
        return TakeupError("dbt could not start: " + " ".join(said[-SHOWN_FAILURES:]))
    broken = [node for node in nodes if node["status"] == "error"]
    failed = [node for node in nodes if node["status"] == "fail"]
    if broken or not failed:
        messages = [_message(node) for node in broken]
        return TakeupError("the build failed; the published file is as it was\n" + _lines(messages))
    messages = [f"{_message(node)}{_first_row(settings, node)}" for node in failed]
    return GateFailed("tests of the models failed; nothing was published\n" + _lines(messages))


def _message(node: dict[str, Any]) -> str:
    return f"{node['unique_id']}: {' '.join((node.get('message') or '').split())[:400]}"


def _first_row(settings: Settings, node: dict[str, Any]) -> str:
    """The first row that broke a test, as the test shows it; of the rules of a table, which are
    one row each, the first few."""
    import duckdb

    try:
        with connect(settings.staging_file, read_only=True) as connection:
            cursor = connection.execute(node["compiled_code"])
            names = [column[0] for column in cursor.description or ()]
            rows = cursor.fetchmany(SHOWN_FAILURES if names[:1] == ["rule"] else 1)
    except (duckdb.Error, KeyError, TypeError):
        return ""
    shown = "".join(
        "; " + ", ".join(f"{name} {value}" for name, value in zip(names, row, strict=True))[:300]
        for row in rows
    )
    if names[:1] == ["rule"]:
        return shown
    return f"; the first row: {shown[2:]}" if shown else ""


def _lines(found: list[str]) -> str:
    shown = [f"  {line}" for line in found[:SHOWN_FAILURES]]
    more = len(found) - len(shown)
    return "\n".join(shown + ([f"  and {more} more"] if more > 0 else []))
