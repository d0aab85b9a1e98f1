"""Packs that were made before a publication, and what follows them after it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from core.errors import TakeupError
from core.settings import Settings
from expectations.results import GateResult
from publish.export import export_quarter
from publish.hand_over import hand_over
from publish.handed_over import export_changed
from publish.receipts import Receipts
from publish.swap import publish as swap
from tests.support.warehouse import build_staging, gate_passed, make_settings

pytestmark = pytest.mark.slow


def published(settings: Settings, run: str, **options: object) -> Settings:
    build_staging(settings, **options)  # type: ignore[arg-type]
    swap(settings, run_id=run, require_pass=gate_passed)
    return settings


RECIPIENTS = """recipient_id,recipient_name,role,department_id,way,mailbox,source
office,The Office,reads them,,folder,,a test
anglers,The Anglers,fishes,defra,folder,,a test
"""


@pytest.fixture
def registers(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "recipients.csv").write_text(RECIPIENTS)
    (folder / "departments.csv").write_text("department_id,department_name\ndefra,Environment\n")
    return folder


def passes(settings: Settings, pack: Path) -> GateResult:
    """Stands in for the gate, which has tests of its own."""
    return GateResult(gate="pack", run_id=pack.name, outcome="passed")


@pytest.fixture
def settings(tmp_path: Path, registers: Path) -> Settings:
    """A home with packs of three quarters, of which two were handed over, and with one as of a
    moment and one of a version of the log, which were handed over too."""
    settings = published(make_settings(tmp_path / "home"), "run")
    export_quarter(settings, quarter="2014-Q2")
    for made in (
        export_quarter(settings, quarter="2014-Q3"),
        export_quarter(settings, quarter="2014-Q1", department="defra"),
        export_quarter(settings, quarter="2014-Q4", as_of=dt.datetime(2016, 1, 1, tzinfo=dt.UTC)),
        export_quarter(settings, quarter="2014-Q4", log_version=7),
    ):
        hand_over(
            settings,
            made.path.name,
            to="office",
            role="MI",
            registers=registers,
            check=passes,
        )
    (settings.exports / "mi-mine").mkdir()
    (settings.exports / "mi-mine" / "manifest.json").write_text("{")
    return settings


def names(settings: Settings) -> set[str]:
    return {path.name for path in settings.exports.iterdir()}


def test_packs_that_were_handed_over_are_followed_and_recipients_get_their_own(
    settings: Settings, registers: Path
) -> None:
    before = names(settings)
    first = export_changed(settings, registers=registers)
    assert names(settings) == before | {"mi-2014-Q4", "mi-2014-Q4-defra"}
    assert {pack.path.name: pack.state for pack in first} == {
        "mi-2014-Q4": "written",
        "mi-2014-Q4-defra": "written",
        "mi-2014-Q3": "unchanged",
        "mi-2014-Q1-defra": "unchanged",
    }
    published(settings, "run-2", log_version=8)
    again = export_changed(settings, registers=registers)
    assert {pack.state for pack in again} == {"same_records"}

    published(settings, "run-3", log_version=9, digital_count=601)
    before = names(settings)
    export_changed(settings, registers=registers)
    # What changed is the first quarter, and the year that ends with the last. The second quarter
    # was made and never handed over.
    assert names(settings) - before == {
        "mi-2014-Q4-edition-2",
        "mi-2014-Q4-defra-edition-2",
        "mi-2014-Q1-defra-edition-2",
    }


def test_without_recipients_the_latest_pack_is_made(settings: Settings, registers: Path) -> None:
    (registers / "recipients.csv").write_text(RECIPIENTS.partition("\n")[0] + "\n")
    made = export_changed(settings, registers=registers)
    assert {pack.path.name for pack in made} == {"mi-2014-Q4", "mi-2014-Q3", "mi-2014-Q1-defra"}


def test_a_pack_that_can_not_be_made_keeps_no_other_from_being_made(
    settings: Settings, registers: Path
) -> None:
    export_changed(settings, registers=registers)
    # Of an earlier file: a quarter that the one of today has nothing of.
    receipts = Receipts(settings.receipts)
    lost = dataclasses.replace(next(receipts.all()), key="lost", quarter="2010-Q1", department=None)
    receipts.keep(lost)
    published(settings, "run-2", log_version=9, digital_count=601)
    with pytest.raises(TakeupError, match="packs could not be made: 2010-Q1: no take-up"):
        export_changed(settings, registers=registers)
    assert {"mi-2014-Q4-edition-2", "mi-2014-Q4-defra-edition-2"} <= names(settings)
