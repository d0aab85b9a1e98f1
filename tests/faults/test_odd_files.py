"""Files that turn into something else while they are looked at, and files beyond every limit."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from core.files import NotAFile, open_landed
from ingest.landing import containers
from ingest.landing.landed import Landing, scan
from ingest.load import ready
from ingest.sources.base import Source
from tests.support import homes
from tests.support.events import completed, lines
from tests.support.homes import Home
from tests.support.publications import QUARTERS, publication

VOLUMES = publication({"a-service": ["2", "1", "4", "3"]}, columns=QUARTERS)


@pytest.mark.parametrize("what", ["file", "folder", "pipe", "manifest"])
def test_what_takes_the_place_of_a_file_after_it_was_found_is_not_read(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home.at(tmp_path / "home")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "vintages.csv").write_text("file,published_at\nin.csv,2015-06-30T09:30:00+01:00\n")
    (outside / "in.csv").write_bytes(VOLUMES)
    home.land("sub/in.csv", VOLUMES)
    home.land_events("good.jsonl", completed("1"))
    inside = home.settings.landing / "sub"

    def look_and_change(*args: Any, **options: Any) -> Landing:
        found = scan(*args, **options)
        if what == "folder":
            inside.rename(home.settings.home / "was")
            inside.symlink_to(outside, target_is_directory=True)
        elif what == "manifest":
            (inside / "vintages.csv").symlink_to(outside / "vintages.csv")
        else:
            (inside / "in.csv").unlink()
            if what == "pipe":
                os.mkfifo(inside / "in.csv")
            else:
                (inside / "in.csv").symlink_to(outside / "in.csv")
        return found

    monkeypatch.setattr(homes, "scan", look_and_change)
    result = home.ingest()
    assert [file.name for file in result.files if file.state == "ingested"] == ["good.jsonl"]
    if what == "manifest":
        assert home.ledger()["sub/in.csv"]["reason"] == "no_publication_time"
    else:
        assert [name for name, _ in result.refused] == ["sub/in.csv"]
    assert not [row for row in home.rows("event") if row["id"] != "1"]


@pytest.mark.parametrize("what", ["link", "folder", "pipe", "device", "link on the way"])
def test_only_a_file_itself_is_opened(what: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "itself").write_bytes(b"x")
    (tmp_path / "link").symlink_to("folder/itself")
    (tmp_path / "way").symlink_to("folder")
    os.mkfifo(tmp_path / "pipe")
    places = {"device": Path("/dev/null"), "link on the way": tmp_path / "way" / "itself"}
    with pytest.raises(NotAFile):
        open_landed(places.get(what, tmp_path / what))
    with open_landed(tmp_path / "folder" / "itself") as stream:
        assert stream.read() == b"x"


# Limits.


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.ZstdCompressor().compress])
def test_a_file_beyond_the_limit_is_refused_and_taken_once_it_is_raised(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    home = Home.at(tmp_path / "home", maximum_file_bytes=4096)
    suffix = {bytes: "", gzip.compress: ".gz"}.get(pack, ".zst")
    content = b"\n" * 8192 + lines(completed("1"))
    home.land(f"large.jsonl{suffix}", pack(content))
    home.land_events("good.jsonl", completed("2"))
    assert home.ingest().commits
    entry = home.ledger()[f"large.jsonl{suffix}"]
    assert (entry["state"], entry["reason"]) == ("rejected", "file_too_large")
    assert "more than 4,096 bytes (TAKEUP_MAXIMUM_FILE_BYTES)" in entry["detail"]
    assert not home.ingest().commits, "what was said once is not said again"
    Home.at(home.settings.home).ingest()
    assert {row["id"] for row in home.rows("event")} == {"1", "2"}


def test_a_file_of_holes_is_not_even_hashed(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home", maximum_file_bytes=4096)
    with (home.settings.landing / "holes.jsonl").open("wb") as stream:
        stream.truncate(8 * 1024**4)
    home.land_events("good.jsonl", completed("1"))
    result = home.ingest()
    assert [(name, "holes" in why) for name, why in result.refused] == [("holes.jsonl", True)]
    assert [file.name for file in result.files] == ["good.jsonl"]


def test_a_line_without_an_end_and_a_document_beyond_what_is_held_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "LONGEST_DOCUMENT", 5_000_000)
    monkeypatch.setattr(Source, "most_bytes", 5_000_000)
    home = Home.at(tmp_path / "home")
    home.land("line.jsonl", b"x" * 9_000_000)
    home.land("in.csv", VOLUMES + b"x" * 6_000_000)
    home.land_events("good.jsonl", completed("1"))
    monkeypatch.setattr(ready, "CHUNK_BYTES", 1_000_000)
    home.ingest()
    found = {name: (row["state"], row["reason"]) for name, row in home.ledger().items()}
    assert found == {
        "line.jsonl": ("rejected", "file_too_large"),
        "in.csv": ("rejected", "file_too_large"),
        "good.jsonl": ("ingested", None),
    }
