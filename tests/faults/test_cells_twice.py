"""A figure that one file gives twice: the later one is refused, and no other figure is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.load import batch
from tests.support.events import ABSENT, Event, completed, volume
from tests.support.homes import Home
from tests.support.invariants import check_log

MONTH = {"kind": "month", "start": "2015-01-01", "end": "2015-01-31"}
TWICE = ("quarantine", "cell_twice")
TAKEN = ("event", None)


def outcomes(home: Home) -> list[tuple[str, str | None]]:
    found = home.outcomes()
    return [(found[n][0], found[n][1].get("reason")) for n in sorted(found)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        (volume("b", data={"count": 6}), TWICE),
        (volume("b"), TWICE),
        (volume("b", data={"count": ABSENT, "status": "withdrawn"}), TWICE),
        (volume("b", time="2015-03-03T10:00:00Z"), TWICE),
        (volume("b", data={"breakdown": "online"}), TAKEN),
        (volume("b", data={"measure": "started"}), TAKEN),
        (volume("b", data={"period": MONTH}), TAKEN),
        (volume("b", data={"service_id": "dwp-carers-allowance-new-claims"}), TAKEN),
        (volume("b", source="urn:test:another"), TAKEN),
        (volume("b", publishedat="2015-04-01T10:00:00Z"), TAKEN),
        (volume("a"), ("duplicate", None)),
        (volume("a", data={"count": 6}), ("quarantine", "id_conflict")),
    ],
)
@pytest.mark.parametrize("full_check_bytes", [1, batch.FULL_CHECK_BYTES])
def test_a_cell_counts_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    second: Event,
    outcome: Any,
    full_check_bytes: int,
) -> None:
    monkeypatch.setattr(batch, "FULL_CHECK_BYTES", full_check_bytes)
    home = Home.at(tmp_path)
    home.land_events("a.jsonl", volume("a"), completed("c"), second)
    home.ingest()

    assert outcomes(home) == [TAKEN, TAKEN, outcome]
    if outcome == TWICE:
        (refused,) = home.rows("quarantine")
        assert refused["detail"] == "the file gives it already at position 1"
    check_log(home)


def test_two_files_may_give_one_cell(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.land_events("a.jsonl", volume("a"))
    home.land_events("b.jsonl", volume("b", data={"count": 6}))
    home.ingest()

    assert (len(home.rows("event")), home.rows("quarantine")) == (2, [])
