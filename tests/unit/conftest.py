"""A unit test stays in its own process: it writes no file, starts no process, opens no socket.

To read is allowed, for the project's own text (registers, schemas, pages) and what packages bring;
a database in memory is none of these.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from core.settings import PROJECT_ROOT

FOLDER_FIXTURES = frozenset(
    {"tmp_path", "tmp_path_factory", "tmpdir", "tmpdir_factory", "shared_dir", "pytester"}
)
CHANGES = frozenset(
    {
        *("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"),
        *("os.chmod", "os.chown", "os.utime", "os.fork", "os.exec", "os.posix_spawn", "os.system"),
        *("subprocess.Popen", "socket.__new__", "sqlite3.connect"),
    }
)
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
NOT_OURS = (os.devnull, str(PROJECT_ROOT / ".hypothesis"))
"""What the test's own tools may write."""


class LeavesItsProcess(Exception):
    """A unit test did what only tests of other rooms may do."""


class _Watch:
    """Whether a unit test runs now: an audit hook can't be taken out again."""

    is_on = False


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if not _Watch.is_on or (event != "open" and event not in CHANGES):
        return
    if event == "open":
        flags = arguments[2]
        if not isinstance(flags, int) or not flags & WRITES:
            return
    what = arguments[0] if arguments else ""
    if isinstance(what, int) or str(what).startswith(NOT_OURS):
        return
    raise LeavesItsProcess(f"{event} {what}: such a test belongs into another room")


sys.addaudithook(_refuse)


@pytest.fixture(autouse=True)
def stays_in_its_process(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Refuse what leaves the process while a test of this room runs."""
    folders = FOLDER_FIXTURES.intersection(request.fixturenames)
    assert not folders, f"{', '.join(sorted(folders))}: such a test belongs into another room"
    # What is imported first within a test is compiled, and not kept.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    _Watch.is_on = True
    yield
    _Watch.is_on = False
