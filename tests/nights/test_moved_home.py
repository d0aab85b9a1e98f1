"""A home that is moved between two nights goes on where it was; nothing asks for its old place."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from core.settings import Settings
from publish.fingerprint import table_hashes
from takeup import cli, nightly
from takeup.build import build
from takeup.replay import replay
from tests.support.events import completed
from tests.support.homes import Home
from tests.support.publications import publication

JSA = "dwp-jobseekers-allowance-jsa-new-claims"
MANIFEST = "file,published_at\nservices-1.csv,2015-07-30T09:30:00+01:00\n"


def paths_in(folder: Path, place: str) -> set[str]:
    """Files of a home that name a place."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and place.encode() in path.read_bytes()
    }


def say(home: Path, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a command that is to succeed."""
    monkeypatch.setattr(sys, "argv", ["takeup", "--home", str(home), *arguments])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 0, arguments


@pytest.mark.nights
def test_a_night_a_move_and_a_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = Home.at(tmp_path / "first place" / "home")
    first.land("2015/vintages.csv", MANIFEST.encode())
    first.land("2015/services-1.csv", publication({JSA: [1000, 810, 1100, 900]}))
    first.land_events("events.jsonl", completed("one"), completed("two"), "no event")
    dict(nightly.run_all(first.settings))
    moved = Path(shutil.copytree(first.settings.home, tmp_path / "it's moved", symlinks=True))
    shutil.rmtree(first.settings.home.parent)
    # What was built before is told by itself whence it came, and is not read again for that.
    named = paths_in(moved, str(first.settings.home))
    assert {path for path in named if not path.startswith("warehouse/dbt/")} <= {
        "log/_delta_log/00000000000000000000.json"
    }

    for command in (["status"], ["verify", "--landing"], ["trace", JSA, "2015-Q1"]):
        say(moved, *command, monkeypatch=monkeypatch)
    settings = Settings(home=moved)
    assert build(settings).is_unchanged
    # The gate reads the log again, from the list that the build of the old place left.
    (settings.warehouse / "gates" / "approved.json").unlink()
    assert nightly.gate_warehouse(settings, run_id="moved")["outcome"] == "passed"

    home = Home(settings)
    home.land_events("more.jsonl", completed("three"), completed("one"))
    known = json.loads((settings.warehouse / "landing_index.json").read_text())
    assert all(not Path(name).is_absolute() for name in known)
    done = dict(nightly.run_all(settings))
    assert done["ingest"]["files_known"] == 3
    assert done["ingest"]["accepted"] == 1
    night = table_hashes(settings.published_file)
    assert replay(settings).differing == [], "a moved home publishes what its log alone gives"
    assert table_hashes(settings.published_file) == night
    capsys.readouterr()
