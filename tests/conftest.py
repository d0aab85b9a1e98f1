"""What all tests share: the data that lies beside the project, and a home of a test's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.support.nights import filled_once, folder_of_the_run, run_night
from tests.support.shared import shared_folder

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from tests.support.homes import Home

# Before anything imports NumPy, and for every process that a test starts: tests keep every core
# busy, and on matrices as small as ours OpenBLAS's own threads do nothing but wait for work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Nights of tests make neither pages nor pack: tests/nights/test_site.py makes both, and whole
# nights are dear.
os.environ.setdefault("TAKEUP_PAGES", "no")
os.environ.setdefault("TAKEUP_PACK", "no")

# Tests keep every core busy: how long an example takes by the clock says nothing of the code, and
# a deadline fails one that waited for its turn. What failed is printed, so that it can be repeated.
settings.register_profile(
    "here",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
    print_blob=True,
)
settings.load_profile("here")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for a night on all publications is slow."""
    for item in items:
        if "vintages_home" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with source data beside the project (`TAKEUP_SHARED` overrides)."""
    return shared_folder()


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
    from tests.support.homes import Home

    return Home.at(tmp_path / "home")


@pytest.fixture(scope="session")
def vintages_home(
    vintages_dir: Path, shared_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The home of one real night on all vintages and all reports, published.

    All tests share it, and none changes it.
    """

    def fill(folder: Path) -> None:
        landing = folder / "landing"
        landing.mkdir()
        for path in [*shared_dir.glob("seeds/0*.txt"), *vintages_dir.glob("*.csv")]:
            shutil.copyfile(path, landing / path.name)
        run_night(folder / "home", landing)

    run = folder_of_the_run(tmp_path_factory.getbasetemp())
    return filled_once(run / "vintages", fill) / "home"


@pytest.fixture(scope="session")
def example_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of one real night on what seeds/ carries, as a first `make run` begins with it.

    All tests share it, and none changes it.
    """
    from takeup.first_homes import lay_example

    def fill(folder: Path) -> None:
        lay_example(folder / "landing")
        run_night(folder / "home", folder / "landing")

    run = folder_of_the_run(tmp_path_factory.getbasetemp())
    return filled_once(run / "example", fill) / "home"


@pytest.fixture(scope="session")
def empty_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a build of an empty log: `takeup.duckdb`, and what dbt leaves in `target`."""
    from tests.support.empty_builds import WITHOUT_TESTS, build_empty

    def fill(folder: Path) -> None:
        build_empty(folder, *WITHOUT_TESTS)

    run = folder_of_the_run(tmp_path_factory.getbasetemp())
    return filled_once(run / "empty-build", fill)


@pytest.fixture(scope="module")
def warehouse(
    empty_build: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DuckDBPyConnection]:
    """A copy of the empty warehouse, for a module to write to."""
    import duckdb

    file = tmp_path_factory.mktemp("rules") / "takeup.duckdb"
    shutil.copyfile(empty_build / "takeup.duckdb", file)
    with duckdb.connect(str(file)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


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
