"""Where the source data beside the project are: read in place, never copied."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.settings import PROJECT_ROOT

SHARED = Path(os.environ.get("TAKEUP_SHARED") or PROJECT_ROOT.parent / "shared")


def shared_folder() -> Path:
    """The folder beside the project; a test that needs it skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"no source data: {SHARED} is not there (TAKEUP_SHARED names another folder)")
    return SHARED


def seed_paths() -> list[Path]:
    """The five source documents, or none where the folder is absent: for parameters of tests."""
    return sorted((SHARED / "seeds").glob("0*.txt"))


def seed_documents() -> list[Path]:
    """The five source documents."""
    shared_folder()
    paths = seed_paths()
    if not paths:
        pytest.skip("no source documents in the shared folder")
    return paths
