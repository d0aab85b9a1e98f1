"""The pages at the end of a run: left out where nobody wants them, and never its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import TakeupError
from core.settings import Settings
from publish.after_run import pages_line
from publish.pages.site.build import build_site


def test_a_setting_leaves_them_out(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, pages=False)
    assert pages_line(settings) == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "error", [TakeupError("disk\nfull"), KeyError("service"), OSError(28, "x")]
)
def test_whatever_goes_wrong_is_told_and_not_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(settings: Settings) -> None:
        raise error

    monkeypatch.setattr("publish.pages.site.build.build_site", fails)
    line = pages_line(Settings(home=tmp_path, pages=True))
    assert line.startswith("warning: the pages could not be made (")
    assert "\n" not in line


def test_by_itself_the_command_fails_where_there_is_nothing_to_show(tmp_path: Path) -> None:
    with pytest.raises(TakeupError, match="nothing is published yet"):
        build_site(Settings(home=tmp_path))
