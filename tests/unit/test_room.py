"""Tests of this room can't leave their process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.settings import PROJECT_ROOT

GONE = PROJECT_ROOT / "tests" / "never-written"


@pytest.mark.parametrize(
    "leave",
    [
        lambda: GONE.write_text("x", encoding="utf-8"),
        lambda: os.close(os.open(GONE, os.O_CREAT | os.O_WRONLY)),
        lambda: GONE.open("a").close(),
        lambda: GONE.mkdir(),
        lambda: Path(__file__).rename(GONE),
        lambda: GONE.unlink(),
        lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        lambda: socket.socket().close(),
    ],
    ids=["write", "create", "append", "folder", "rename", "remove", "process", "socket"],
)
def test_what_leaves_the_process_is_refused(leave: Callable[[], object]) -> None:
    with pytest.raises(Exception, match="belongs into another room"):
        leave()
    assert not GONE.exists()


def test_the_projects_own_text_is_read() -> None:
    assert (PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8")
