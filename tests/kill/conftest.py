"""The homes that interruptions are tried on, and the account of them at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kill.faults import left_out, small_disk
from tests.kill.nights import Nights, Stopped

_account = pytest.StashKey[list[Stopped]]()


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    """The home after the first night, and what the second brings: on a disk like that of the homes
    that are compared with it, for the search of the pages is made in the order in which a file
    system lists them."""
    folder = tmp_path_factory.mktemp("kill") / "nights"
    with small_disk(folder):
        yield Nights(folder)


@pytest.fixture(scope="session")
def small_disk_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a small disk of its own, where that can be had."""
    folder = tmp_path_factory.mktemp("disk") / "small"
    with small_disk(folder):
        yield folder


@pytest.fixture(scope="session")
def account(request: pytest.FixtureRequest) -> list[Stopped]:
    """Every interruption of this session."""
    return request.config.stash.setdefault(_account, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """How many runs were interrupted, by what, and how they ended."""
    stopped = config.stash.get(_account, [])
    if stopped:
        terminalreporter.section(f"{len(stopped)} runs interrupted, and gone on with")
        for name, lines in lines_of(stopped).items():
            terminalreporter.write_line(f"{name}: {lines}")
        for kind, reason in left_out().items():
            terminalreporter.write_line(f"{kind}: left out, {reason}")


def lines_of(stopped: list[Stopped]) -> dict[str, str]:
    """By kind of fault: how often it came, and how often by what exit code the run ended then."""
    kinds = sorted({one.interruption.kind for one in stopped})
    codes = {
        kind: Counter(one.ended.code for one in stopped if one.interruption.kind == kind)
        for kind in kinds
    }
    return {
        kind: f"{found.total()}, by exit code "
        + ", ".join(f"{code}: {count}" for code, count in sorted(found.items()))
        for kind, found in codes.items()
    }
