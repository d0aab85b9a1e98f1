"""Where the shared source documents are: read in place, never copied."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from takeup.settings import PROJECT_ROOT


def shared_folder() -> Path:
    """The folder beside the project; a test that needs it skips where it is absent."""
    folder = Path(os.environ.get("TAKEUP_SHARED", PROJECT_ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"the shared folder is not at {folder}")
    return folder


def seed_documents() -> list[Path]:
    """The five source documents."""
    paths = sorted((shared_folder() / "seeds").glob("0*.txt"))
    if not paths:
        pytest.skip("no source documents in the shared folder")
    return paths
