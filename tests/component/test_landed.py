"""What a look at the landing folder finds, and what its index spares."""

from __future__ import annotations

import json
import shutil
from io import BufferedReader
from itertools import count
from pathlib import Path

import pytest

from core.files import digest_bytes, open_landed
from ingest.landing import landed as landing
from ingest.landing.landed import scan


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A landing folder of three files."""
    folder = tmp_path / "landing"
    for name in ("a.jsonl", "b.csv", "sub/c.jsonl"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are hashed."""
    names: list[str] = []

    def noting(path: Path) -> BufferedReader:
        names.append(path.name)
        return open_landed(path)

    monkeypatch.setattr(landing, "open_landed", noting)
    return names


def test_files_come_with_name_size_and_hash_in_the_order_of_hashes(folder: Path) -> None:
    found = scan([folder], index=None, pause=0)
    assert {(f.name, f.size_bytes, f.content_hash) for f in found.files} == {
        (name, len(name), digest_bytes(name.encode()))
        for name in ("a.jsonl", "b.csv", "sub/c.jsonl")
    }
    hashes = [file.content_hash for file in found.files]
    assert hashes == sorted(hashes)
    assert (found.waiting, found.refused) == ([], [])


def test_an_empty_folder_and_no_folder_hold_nothing(tmp_path: Path) -> None:
    assert scan([tmp_path], index=None, pause=0).files == []
    assert scan([], index=None).files == []


def test_single_files_are_named_by_themselves(folder: Path) -> None:
    found = scan([folder / "sub" / "c.jsonl", folder / "a.jsonl"], index=None, pause=0)
    assert sorted(file.name for file in found.files) == ["a.jsonl", "c.jsonl"]


def test_a_file_named_twice_is_found_once(folder: Path) -> None:
    found = scan([folder / "a.jsonl", folder / "a.jsonl"], index=None, pause=0)
    assert [file.name for file in found.files] == ["a.jsonl"]


def test_the_same_name_with_the_same_bytes_in_two_folders_is_one_file(
    folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.jsonl").write_text("a.jsonl")
    (other / "b.csv").write_text("something else")
    found = scan([folder, other], index=None, pause=0)
    assert sorted(file.name for file in found.files) == ["a.jsonl", "b.csv", "b.csv", "sub/c.jsonl"]


def test_the_index_spares_the_hash_of_what_has_not_changed(
    folder: Path, tmp_path: Path, hashed: list[str]
) -> None:
    index = tmp_path / "warehouse" / "index.json"
    first = scan([folder], index=index, pause=0)
    assert sorted(hashed) == ["a.jsonl", "b.csv", "c.jsonl"]
    hashed.clear()
    assert scan([folder], index=index, pause=0).files == first.files
    assert hashed == []
    (folder / "a.jsonl").write_text("other bytes")
    scan([folder], index=index, pause=0)
    assert hashed == ["a.jsonl"]


def test_only_files_that_the_index_does_not_know_cost_a_second(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(landing.time, "sleep", slept.append)
    monkeypatch.setattr(landing.time, "monotonic", count(step=0.25).__next__)
    index = tmp_path / "index.json"
    scan([folder], index=index)
    scan([folder], index=index)
    assert len(slept) == 1
    assert 0.5 < slept[0] <= landing.SECONDS_BETWEEN_SIGNATURES == 1.0


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", '{"a": 1}', '{"a": []}', '{"a": {"look": [1, 2, 3]}}', "\x00\x01"],
)
def test_a_broken_index_costs_the_hashing_and_nothing_else(
    content: str, folder: Path, tmp_path: Path, hashed: list[str]
) -> None:
    index = tmp_path / "warehouse" / "index.json"
    index.parent.mkdir()
    below_home = f"{folder.name}/a.jsonl"
    index.write_text(content.replace('"a"', json.dumps(below_home)))
    found = scan([folder], index=index, pause=0)
    assert len(found.files) == 3
    assert len(hashed) == 3
    assert json.loads(index.read_text()).keys() == {
        f"{folder.name}/{name}" for name in ("a.jsonl", "b.csv", "sub/c.jsonl")
    }


def test_what_is_known_goes_with_a_home_that_is_moved_and_not_beyond_it(
    folder: Path, tmp_path: Path, hashed: list[str]
) -> None:
    index, elsewhere = Path("warehouse", "index.json"), tmp_path / "elsewhere"
    first, moved = tmp_path / "first", tmp_path / "moved"
    shutil.copytree(folder, elsewhere)
    folder.rename(first.with_name("x"))
    first.mkdir()
    first.with_name("x").rename(first / "landing")
    scan([first / "landing", elsewhere], index=first / index, pause=0)
    assert len(hashed) == 6
    first.rename(moved)
    scan([moved / "landing", elsewhere], index=moved / index, pause=0)
    assert len(hashed) == 6, "renamed files are the same, in the home and outside it"


def test_dot_folders_are_nobodys_landing(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".git" / "x.jsonl").write_text("x")
    names = {file.name for file in scan([folder], index=None, pause=0).files}
    assert names == {"a.jsonl", "b.csv", "sub/c.jsonl"}


def test_a_landing_folder_may_itself_be_a_link(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder, target_is_directory=True)
    assert len(scan([link], index=None, pause=0).files) == 3
