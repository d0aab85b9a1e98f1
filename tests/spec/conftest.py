"""Registers and empty tables with the macros of the marts' SQL, made once for all of a run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from takeup.dbt_process import run_dbt
from takeup.log_listing import list_log_files
from tests.support.nights import filled_once, folder_of_the_run

BUILD_INPUTS = {
    "run_at": "2030-01-01T00:00:00+00:00",
    "is_simulated": False,
    "log_version": 0,
    "chain_head": "blake3:0",
    "code_version": "test",
}


@pytest.fixture(scope="session")
def empty_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a build of an empty log: `takeup.duckdb`, and what dbt leaves in `target`."""
    run = folder_of_the_run(tmp_path_factory.getbasetemp())
    return filled_once(run / "empty-build", _build_empty)


def _build_empty(folder: Path) -> None:
    file = folder / "takeup.duckdb"
    list_log_files(file, None)
    done = run_dbt(
        *("build", "--exclude-resource-type=test", "--exclude-resource-type=unit_test"),
        staging_file=file,
        work=folder,
        inputs=BUILD_INPUTS,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-2000:]}"


@pytest.fixture(scope="module")
def warehouse(
    empty_build: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the empty warehouse, for a module to write to."""
    file = tmp_path_factory.mktemp("rules") / "takeup.duckdb"
    shutil.copyfile(empty_build / "takeup.duckdb", file)
    with duckdb.connect(str(file)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
