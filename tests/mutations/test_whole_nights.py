"""Nights with edited files end well, publish, and change no figure but those that were edited."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.mutations.edits import draw
from tests.mutations.inputs import inputs_of_nights
from tests.mutations.whole_nights import Nights
from tests.support.nights import folder_of_the_run
from tests.support.shared import SHARED

SEED = int(os.environ.get("MUTATIONS_SEED") or 20151202)
FIRST = int(os.environ.get("MUTATIONS_FIRST") or 0)
NIGHTS = int(os.environ.get("NIGHTS") or 10)
EDITS_A_NIGHT = int(os.environ.get("MUTATIONS") or 5)
STEP = 7
"""From one edited file of a night to the next: a night has files of several kinds."""

pytestmark = pytest.mark.mutated


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    vintages = SHARED / "data" / "gds-transaction-volumes"
    inputs = inputs_of_nights(vintages if vintages.is_dir() else None)
    shared = folder_of_the_run(tmp_path_factory.getbasetemp()) / "unedited"
    return Nights(inputs, tmp_path_factory.mktemp("nights"), shared)


@pytest.mark.parametrize("night", range(NIGHTS))
def test_a_night_with_edited_files_changes_nothing_else(night: int, nights: Nights) -> None:
    first = FIRST + night * EDITS_A_NIGHT * STEP
    numbers = range(first, first + EDITS_A_NIGHT * STEP, STEP)
    edits = [draw(nights.inputs, seed=SEED, number=number) for number in numbers]
    found = nights.faults(edits)
    assert not found, "\n".join([f"{len(found)} faults", *found[:10]])
    shutil.rmtree(nights.folder / f"{SEED}-{first}")
