"""Any list of events, however sent and interrupted, leaves the log that the rules say."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.budget import bounded
from tests.properties.histories import Night, histories, split_anew
from tests.properties.living import Life
from tests.properties.model import Model, net_counts
from tests.support.homes import RUN_AT


@pytest.mark.slow
@bounded(20)
@given(nights=histories())
def test_the_log_holds_what_the_rules_say(nights: list[Night]) -> None:
    with TemporaryDirectory() as folder:
        life = Life.at(Path(folder) / "home")
        for night in nights:
            life.night(night)
            if night.death is not None:
                life.check(is_complete=False)
        life.ingest()
        life.check(is_complete=True)


@bounded(100)
@given(nights=histories(), seed=st.integers(0, 1000))
def test_how_events_are_split_and_ordered_does_not_matter(nights: list[Night], seed: int) -> None:
    """Of the model, which the log is held against above: to ask it costs nothing."""
    files = [file for night in nights for file in night.files]
    one, other = Model(), Model()
    one.run(files, run_at=RUN_AT)
    other.run(split_anew(files, random.Random(seed)), run_at=RUN_AT)

    assert one.accepted.keys() == other.accepted.keys()
    if "id_conflict" not in one.open.values():
        assert net_counts(one.events()) == net_counts(other.events())
