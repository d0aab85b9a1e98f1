"""One file can only hurt itself: its source fails, its records, or it is of another kind of log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.errors import UsageError
from ingest.load import batch
from ingest.sources.cloudevents import CloudEvents
from tests.support.events import completed, volume
from tests.support.homes import Home
from tests.support.invariants import check_log

FILES = 5
HURT = "2.jsonl"


def landed(home: Home) -> None:
    """Files with one volume each; that of `HURT` has a mark."""
    for number in range(FILES):
        note = "poison" if f"{number}.jsonl" == HURT else "harmless"
        period = {
            "kind": "month",
            "start": f"2015-0{number + 1}-01",
            "end": f"2015-0{number + 1}-{28 if number == 1 else 30 if number == 3 else 31}",
        }
        data = {"period": period, "note": note}
        home.land_events(f"{number}.jsonl", volume(f"v-{number}", data=data))


@pytest.mark.parametrize("hurt", [{HURT}, {HURT, "0.jsonl"}, {f"{n}.jsonl" for n in range(FILES)}])
def test_records_that_can_not_be_checked_cost_their_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hurt: set[str]
) -> None:
    home = Home.at(tmp_path)
    landed(home)
    marks = ["poison"] if hurt == {HURT} else [f"v-{name[0]}" for name in hurt]
    check = batch.check

    def failing(connection: Any, rules: Any, *, records: str, into: str) -> None:
        lines = connection.execute(f"select line from {records}").fetchall()
        if any(f'"{mark}"' in line for (line,) in lines for mark in marks):
            raise duckdb.ConversionException("Conversion Error: a value\nof several lines")
        check(connection, rules, records=records, into=into)

    monkeypatch.setattr(batch, "check", failing)
    result = home.ingest()

    states = {file.name: (file.state, file.reason) for file in result.files}
    assert {name for name, state in states.items() if state == ("rejected", "unreadable")} == hurt
    assert len(states) == FILES
    assert {row["id"] for row in home.rows("event")} == {
        f"v-{name[0]}" for name in states if name not in hurt
    }
    details = {file.detail for file in result.files if file.name in hurt}
    assert details == {"cloudevents: ConversionException: Conversion Error: a value"}
    check_log(home, is_again_a_no_op=False)


@pytest.mark.parametrize("after", [0, 1])
def test_a_source_that_fails_costs_its_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    home = Home.at(tmp_path)
    landed(home)
    read = CloudEvents.read

    def failing(self: CloudEvents, file: Any, context: Any) -> Iterator[Any]:
        for number, table in enumerate(read(self, file, context)):
            if file.name == HURT and number == after:
                raise KeyError("a name")
            yield table
        if file.name == HURT:
            raise KeyError("a name")

    monkeypatch.setattr(CloudEvents, "read", failing)
    result = home.ingest()

    states = {file.name: (file.state, file.reason, file.detail) for file in result.files}
    assert states.pop(HURT) == ("rejected", "unreadable", "cloudevents: KeyError: 'a name'")
    assert set(states.values()) == {("ingested", None, None)}
    assert len(home.rows("event")) == FILES - 1
    check_log(home, is_again_a_no_op=False)


def test_a_file_of_the_other_kind_of_log_is_refused_and_the_others_are_taken(
    tmp_path: Path,
) -> None:
    home = Home.at(tmp_path)
    home.land_events("real.jsonl", completed("a"))
    home.ingest()
    home.land_events("more.jsonl", completed("b"))
    home.land_events("made up.jsonl", completed("c", simulated=True))
    result = home.ingest()

    states = {file.name: (file.state, file.reason) for file in result.files}
    assert states == {
        "more.jsonl": ("ingested", None),
        "made up.jsonl": ("rejected", "wrong_kind_of_log"),
    }
    (refused,) = (file for file in result.files if file.state == "rejected")
    assert "made up.jsonl is simulated, the log in" in (refused.detail or "")
    assert {row["id"] for row in home.rows("event")} == {"a", "b"}
    check_log(home, is_again_a_no_op=False)


@pytest.mark.parametrize("is_first", [True, False])
def test_only_files_of_the_other_kind_end_the_run(tmp_path: Path, is_first: bool) -> None:
    home = Home.at(tmp_path)
    home.land_events("real.jsonl", completed("a"))
    if not is_first:
        home.ingest()
    home.land_events("made up.jsonl", completed("c", simulated=True))

    with pytest.raises(UsageError, match="use another home for it"):
        home.ingest()
    assert {row["id"] for row in home.rows("event")} == (set() if is_first else {"a"})
