"""Pack and pages at the end of a run: left out where nobody wants them, and never its end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import TakeupError
from core.settings import Settings
from publish.after_run import LatestPack, latest_pack, newest_pack, pages_line
from publish.pages.site.build import build_site

ERRORS = [TakeupError("disk\nfull"), KeyError("service"), OSError(28, "x")]


def test_settings_leave_them_out(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, pages=False, pack=False)
    assert pages_line(settings) == ""
    assert latest_pack(settings) == LatestPack("", None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", ERRORS)
def test_whatever_goes_wrong_is_told_and_not_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(settings: Settings) -> None:
        raise error

    monkeypatch.setattr("publish.pages.site.build.build_site", fails)
    monkeypatch.setattr("publish.export.export_latest_quarter", fails)
    settings = Settings(home=tmp_path, pages=True, pack=True)
    line = pages_line(settings)
    assert line.startswith("warning: the pages could not be made (")
    assert "\n" not in line
    pack = latest_pack(settings)
    assert pack.path is None
    assert pack.line.startswith("warning: the pack could not be made (")
    assert "\n" not in pack.line


def test_where_there_is_nothing_to_show_the_commands_fail_and_a_run_does_not(
    tmp_path: Path,
) -> None:
    with pytest.raises(TakeupError, match="nothing is published yet"):
        build_site(Settings(home=tmp_path))
    assert "takeup.duckdb: no such file" in latest_pack(Settings(home=tmp_path, pack=True)).line


def test_the_newest_pack_is_the_one_written_last(tmp_path: Path) -> None:
    assert newest_pack(tmp_path / "none") is None
    for moment, name in enumerate(("mi-2015-Q1-edition-2", "mi-2014-Q4", "mi-2015-Q1")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").touch()
        os.utime(tmp_path / name / "manifest.json", (100 - moment, 100 - moment))
    (tmp_path / "mi-2016-Q1").mkdir()
    assert newest_pack(tmp_path) == tmp_path / "mi-2015-Q1-edition-2"
