"""What is shown on a terminal of something that takes long."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import pytest

from core import live
from core.live import line_of, showing
from core.settings import Settings


class Terminal(io.StringIO):
    """A stream that says that it is one."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(live, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.01)
    settings = Settings(home=tmp_path)
    settings.warehouse.mkdir()
    return settings


def work(settings: Settings, stream: io.StringIO, *, seconds: float = 0.3) -> list[str]:
    """The lines that came while something went on that reads a megabyte."""
    with showing(settings, "verify", stream=stream):
        (settings.home / "made").write_bytes(bytes(4_000_000))
        time.sleep(seconds)
    return [line for line in stream.getvalue().split("\r\x1b[K") if line]


def test_a_rate_at_first_and_time_left_from_what_it_took_before(settings: Settings) -> None:
    first = work(settings, Terminal())
    assert len(first) > 2
    assert any("MB read and written" in line and "MB/s" in line for line in first)
    assert not any("left" in line or "usually" in line for line in first)
    (kept,) = json.loads((settings.warehouse / "usual_seconds.json").read_text())["verify"]
    assert 0.2 < kept < 30
    assert all("usually" in line or "left" in line for line in work(settings, Terminal()))


def test_the_line_is_gone_in_the_end(settings: Settings) -> None:
    terminal = Terminal()
    work(settings, terminal)
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_what_is_quick_is_not_spoken_of(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "QUIET_SECONDS", 30)
    terminal = Terminal()
    assert work(settings, terminal, seconds=0) == []
    assert not (settings.warehouse / "usual_seconds.json").exists()


def test_elsewhere_than_on_a_terminal_nothing_is_shown(settings: Settings) -> None:
    assert work(settings, io.StringIO()) == []
    machine = settings.model_copy(update={"log_format": "json"})
    assert work(machine, Terminal()) == []


def test_one_thing_within_another_shows_one_line(settings: Settings) -> None:
    inner = Terminal()
    with showing(settings, "replay", stream=Terminal()):
        assert work(settings, inner) == []
    assert work(settings, inner) != []


@pytest.mark.parametrize("text", ["", "[]", '{"verify": 3}', '{"verify": ["x"]}'])
def test_what_can_not_be_read_of_before_is_no_matter(settings: Settings, text: str) -> None:
    (settings.warehouse / "usual_seconds.json").write_text(text)
    assert work(settings, Terminal()) != []


@pytest.mark.parametrize(
    ("count", "usual", "said"),
    [
        (340_000_000, 21.0, "build: 12 s, 340 MB read and written, 28 MB/s, about 9 s left"),
        (None, None, "build: 12 s"),
        (0, 10.0, "build: 12 s, usually 10 s"),
    ],
)
def test_the_words(count: int | None, usual: float | None, said: str) -> None:
    assert line_of("build", seconds=12.0, count=count, usual=usual) == said
