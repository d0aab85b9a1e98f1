"""What all tests share: the data that lies beside the project, and a home of a test's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
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
