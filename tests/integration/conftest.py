"""One real night on all vintages, which several tests hold against what they know."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from takeup.settings import PROJECT_ROOT


@pytest.fixture(scope="session")
def vintages_home(vintages_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of that night, published."""
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
def published(published_vintages: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to that file."""
    with duckdb.connect(str(published_vintages), read_only=True) as connection:
        yield connection
