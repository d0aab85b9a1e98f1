"""The homes that kills are tried on, and the account of them at the end."""

from __future__ import annotations

import pytest

from tests.kill.deaths import Death, account
from tests.kill.scenarios import Nights

_deaths = pytest.StashKey[list[Death]]()


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """The home after the first night, and what the second brings."""
    return Nights(tmp_path_factory.mktemp("kill"))


@pytest.fixture(scope="session")
def deaths(request: pytest.FixtureRequest) -> list[Death]:
    """Every death of this session."""
    return request.config.stash.setdefault(_deaths, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """How many runs died, and what they had written last."""
    found = config.stash.get(_deaths, [])
    if found:
        terminalreporter.section(f"{len(found)} runs killed and completed")
        for line in account(found):
            terminalreporter.write_line(line)
