"""The quarter of all tests of this room, and the account of its nights at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from bench.quarter import account
from tests.quarter.plan import MOST, Plan
from tests.quarter.quarter import NightTold, Quarter
from tests.support.receivers import web_server

_told = pytest.StashKey[list[NightTold]]()


@pytest.fixture(scope="session")
def quarter(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Quarter]:
    """The quarter after its last night. `NIGHTS` says of how many, `QUARTER` the folder in which
    it lies, and goes on if it was interrupted."""
    given = os.environ.get("QUARTER")
    folder = Path(given) if given else tmp_path_factory.mktemp("quarter")
    with web_server() as hook:
        found = Quarter(Plan(int(os.environ.get("NIGHTS", MOST))), folder.absolute(), hook)
        request.config.stash[_told] = found.told
        found.run()
        yield found


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """What the nights took."""
    if found := config.stash.get(_told, []):
        terminalreporter.section(f"{len(found)} nights")
        for line in account([asdict(one) for one in found]):
            terminalreporter.write_line(line)
