"""What all tests share: the data that lies beside the project, and a home of a test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from tests.faults.homes import Home

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with source data beside the project (`TAKEUP_SHARED` overrides)."""
    folder = Path(os.environ.get("TAKEUP_SHARED") or PROJECT_ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"no source data: {folder} is not there (TAKEUP_SHARED names another folder)")
    return folder


@pytest.fixture(scope="session")
def vintages_dir(shared_dir: Path) -> Path:
    """The folder with the published vintages of transaction volumes."""
    folder = shared_dir / "data" / "gds-transaction-volumes"
    if not (folder / "vintages.csv").is_file():
        pytest.skip(f"no vintages: {folder} holds no vintages.csv")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home with a landing folder; its runs have a clock of their own."""
    from tests.faults.homes import Home

    return Home.at(tmp_path / "home")


@pytest.fixture(scope="session")
def vintages_home(vintages_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of one real night on all vintages, published."""
    home = tmp_path_factory.mktemp("vintages") / "home"
    night = subprocess.run(
        [
            str(Path(sys.executable).with_name("takeup")),
            *("--home", str(home), "nightly", "--landing", str(vintages_dir)),
        ],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert night.returncode == 0, f"{night.stdout[-4000:]}\n{night.stderr[-4000:]}"
    return home


@pytest.fixture(scope="session")
def published_vintages(vintages_home: Path) -> Path:
    """The file that it publishes."""
    return vintages_home / "published" / "takeup.duckdb"


@pytest.fixture(scope="session")
def published(published_vintages: Path) -> Iterator[DuckDBPyConnection]:
    """A connection to that file."""
    import duckdb

    with duckdb.connect(str(published_vintages), read_only=True) as connection:
        yield connection
