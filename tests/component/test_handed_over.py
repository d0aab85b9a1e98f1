"""Packs that were made before a publication, and what follows them after it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from core.errors import TakeupError
from core.settings import Settings
from publish.export import export_quarter
from publish.handed_over import export_changed
from publish.swap import publish as swap
from tests.support.warehouse import build_staging, gate_passed, make_settings


def published(settings: Settings, run: str, **options: object) -> Settings:
    build_staging(settings, **options)  # type: ignore[arg-type]
    swap(settings, run_id=run, require_pass=gate_passed)
    return settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with packs of two quarters, a department's, one as of a moment and one of a version
    of the log."""
    settings = published(make_settings(tmp_path / "home"), "run")
    export_quarter(settings, quarter="2014-Q3")
    export_quarter(settings, quarter="2014-Q4", department="defra")
    export_quarter(settings, quarter="2014-Q4", as_of=dt.datetime(2016, 1, 1, tzinfo=dt.UTC))
    export_quarter(settings, quarter="2014-Q4", log_version=7)
    (settings.exports / "mi-mine").mkdir()
    (settings.exports / "mi-mine" / "manifest.json").write_text("{")
    return settings


def names(settings: Settings) -> set[str]:
    return {path.name for path in settings.exports.iterdir()}


def test_packs_whose_records_changed_are_followed_and_the_others_stay(settings: Settings) -> None:
    before = names(settings)
    first = export_changed(settings)
    assert names(settings) == before | {"mi-2014-Q4"}
    assert {pack.path.name: pack.state for pack in first} == {
        "mi-2014-Q4": "written",
        "mi-2014-Q3": "unchanged",
        "mi-2014-Q4-defra": "unchanged",
    }
    published(settings, "run-2", log_version=8)
    assert {pack.state for pack in export_changed(settings)} == {"same_records"}

    published(settings, "run-3", log_version=9, digital_count=601)
    export_changed(settings)
    new = names(settings) - before - {"mi-2014-Q4"}
    assert {"mi-2014-Q4-edition-2", "mi-2014-Q4-defra-edition-2"} <= new
    assert not [name for name in new if "-as-of-" in name or "-log-" in name]
    assert {pack.path.name: pack.state for pack in export_changed(settings)} == {
        "mi-2014-Q4-edition-2": "unchanged",
        "mi-2014-Q4-defra-edition-2": "unchanged",
        "mi-2014-Q3": "same_records",
    }


def test_a_pack_that_can_not_be_made_keeps_no_other_from_being_made(settings: Settings) -> None:
    export_changed(settings)
    # Of an earlier file: a quarter that the one of today has nothing of.
    lost = settings.exports / "mi-2010-Q1"
    lost.mkdir()
    (lost / "manifest.json").write_text('{"quarter": "2010-Q1", "as_of": null}')
    published(settings, "run-2", log_version=9, digital_count=601)
    with pytest.raises(TakeupError, match="packs could not be made: 2010-Q1: no take-up"):
        export_changed(settings)
    assert {"mi-2014-Q4-edition-2", "mi-2014-Q4-defra-edition-2"} <= names(settings)
