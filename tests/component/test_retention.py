"""What a night removes: what the settings no longer keep, and never the last good one."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path
from unittest.mock import patch

import pytest

from core.files import sole_writer
from core.settings import Settings
from publish.pages.site.build import _remove_old as remove_old_sites
from publish.receipts import Receipt
from takeup.retention import remove_old


def write(path: Path, *, moment: int, content: object = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    os.utime(path, (moment, moment))
    return path


def names(folder: Path, pattern: str = "*") -> set[str]:
    return {path.name for path in folder.glob(pattern)}


@pytest.fixture
def kept(tmp_path: Path) -> Settings:
    """Six of everything."""
    settings = Settings(home=tmp_path, keep_runs=2, keep_warehouses=2, keep_sites=2, keep_packs=2)
    for number in range(6):
        for gate in ("log", "warehouse"):
            outcome = "passed" if (gate, number) == ("log", 1) or gate == "warehouse" else "failed"
            write(
                settings.warehouse / "gates" / f"run-{number}-{gate}.json",
                moment=number,
                content={"outcome": outcome},
            )
        write(settings.warehouse / "runs" / f"run-{number}.json", moment=number)
        folder = settings.warehouse / "versions" / str(number)
        write(folder / "warehouse" / "takeup.duckdb", moment=number)
        os.utime(folder, (number, number))
        edition = f"-edition-{number}" if number > 1 else ""
        if number:
            write(settings.exports / f"mi-2015-Q1{edition}" / "manifest.json", moment=9 - number)
    write(settings.warehouse / "gates" / "approved.json", moment=0)
    write(settings.log / "_head.json", moment=0)
    write(settings.home / "log-damaged-1" / "_head.json", moment=0)
    return settings


def test_the_newest_stay_and_the_last_that_passed(kept: Settings) -> None:
    assert remove_old(kept) == (
        "removed, as the settings keep no more: 7 gate results, 4 run states,"
        " 4 warehouses of an older log version, 3 pack editions"
    )
    assert names(kept.warehouse / "gates") == {
        *("approved.json", "run-1-log.json", "run-4-log.json", "run-5-log.json"),
        *("run-4-warehouse.json", "run-5-warehouse.json"),
    }
    assert names(kept.warehouse / "runs") == {"run-4.json", "run-5.json"}
    assert names(kept.warehouse / "versions") == {"4", "5"}
    assert names(kept.exports) == {"mi-2015-Q1-edition-4", "mi-2015-Q1-edition-5"}
    assert (kept.log / "_head.json").exists()
    assert (kept.home / "log-damaged-1").exists()
    assert remove_old(kept) == ""


def test_a_night_that_had_nothing_to_look_at_takes_no_result_s_place(kept: Settings) -> None:
    folder = kept.warehouse / "gates"
    for number in range(10, 14):
        write(folder / f"run-{number}-log.json", moment=number, content={"outcome": "nothing_new"})
    remove_old(kept)
    assert names(folder, "*-log.json") == {
        *("run-1-log.json", "run-4-log.json", "run-5-log.json", "run-13-log.json"),
    }
    write(folder / "run-14-log.json", moment=14, content={"outcome": "failed"})
    remove_old(kept)
    assert names(folder, "*-log.json") == {"run-1-log.json", "run-5-log.json", "run-14-log.json"}


def test_packs_stay_unless_a_setting_says_otherwise(kept: Settings) -> None:
    before = names(kept.exports)
    remove_old(kept.model_copy(update={"keep_packs": 0}))
    assert names(kept.exports) == before
    assert Settings(home=kept.home).keep_packs == 0


def receipt(settings: Settings, pack: str) -> Path:
    said = {field.name: "" for field in fields(Receipt)} | {"key": pack, "pack": pack}
    return write(settings.receipts / f"{pack}.receipt.json", moment=0, content=said)


def test_a_pack_that_was_handed_over_stays(kept: Settings) -> None:
    receipt(kept, "mi-2015-Q1-edition-2")
    remove_old(kept)
    assert names(kept.exports) == {
        *("mi-2015-Q1-edition-2", "mi-2015-Q1-edition-4", "mi-2015-Q1-edition-5"),
    }


def test_a_receipt_that_can_not_be_read_keeps_all_packs(kept: Settings) -> None:
    receipt(kept, "mi-2015-Q1-edition-2").write_text("{")
    before = names(kept.exports)
    assert remove_old(kept).startswith("warning: pack editions")
    assert names(kept.exports) == before


def test_what_cannot_be_removed_is_told_and_ends_nothing(kept: Settings) -> None:
    with patch.object(Path, "unlink", side_effect=PermissionError(13, "Permission denied")):
        assert remove_old(kept) == (
            "warning: gate results that are no longer kept could not be removed:"
            " Permission denied: let the user who runs it read and write there, then run it again"
        )


def test_a_warehouse_that_somebody_builds_stays(kept: Settings) -> None:
    with sole_writer(kept.warehouse / "versions" / "0"):
        assert "3 warehouses of an older log version" in remove_old(kept)
    assert names(kept.warehouse / "versions") == {"0", "4", "5"}
    assert (
        remove_old(kept)
        == "removed, as the settings keep no more: 1 warehouse of an older log version"
    )


def test_a_home_that_has_little_keeps_it(tmp_path: Path) -> None:
    assert remove_old(Settings(home=tmp_path)) == ""


@pytest.mark.parametrize(("keep", "left"), [(2, {"v4", "v5"}), (3, {"v3", "v4", "v5"})])
def test_sites_stay_with_the_one_before_the_shown(
    tmp_path: Path, keep: int, left: set[str]
) -> None:
    for number in range(6):
        (tmp_path / f"v{number}").mkdir()
        os.utime(tmp_path / f"v{number}", (number, number))
    remove_old_sites(tmp_path, shown=(tmp_path / "v5", tmp_path / "v4"), keep=keep)
    assert names(tmp_path) == left
