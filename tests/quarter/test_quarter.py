"""A quarter of nights in one home, with what may happen in one: at its end nothing is lost, nothing
counts twice, and everything was told that had to be."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.settings import Settings
from publish.fingerprint import NOT_COMPARED, table_hashes
from simulator.landing import RESTATED
from simulator.small_body import SERVICE as LIGHTHOUSE
from takeup.alerts.causes import BY_ID
from takeup.nightly import STEPS
from tests.kill.contents import check_home
from tests.oracle.comparison import TAKE_UP, differences, oracle_rows, summary
from tests.oracle.measures import read_oracle
from tests.quarter.landing import CHANGED, true_publications
from tests.quarter.quarter import DIES_AFTER, Quarter
from tests.support.homes import Home
from tests.support.invariants import check_warehouse

pytestmark = pytest.mark.quarter

FEED = "Jobseeker's Allowance: new claims, online:"
FIGURES = replace(TAKE_UP, left_out=frozenset({"known_at"}))
"""What was set aside is known again from that moment on."""
ALL_STEPS = [name for name, _ in STEPS]
OF_RUNS_THEMSELVES = NOT_COMPARED | {"warehouse_version"}
"""The head of the chain covers the bytes of Delta's own files, and so the machine's clock."""


def rows(quarter: Quarter, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(quarter.published), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.execute(query).fetchall()


def nights_told(quarter: Quarter, cause: str) -> tuple[list[int], list[int]]:
    """In which nights a cause was told, and in which that it is over."""
    title = BY_ID[cause].title
    over = f"All clear: {title[0].lower()}{title[1:]}"
    heads = {one.night: set(map(_head, one.alerts)) for one in quarter.told}
    told, done = (
        [night for night, found in heads.items() if head in found] for head in (f"{title}.", over)
    )
    return told, done


def _head(text: str) -> str:
    first = text.partition("\n")[0]
    return first.rpartition(": ")[0] if first.startswith("All clear") else first


# What the home holds.


def test_nothing_is_lost_and_nothing_counts_twice(quarter: Quarter) -> None:
    check_home(quarter.place.home)
    check_warehouse(Home(Settings(home=quarter.place.home)), quarter.published)


def test_the_log_is_sound_and_makes_every_table_again(quarter: Quarter) -> None:
    last = quarter.plan.moment(quarter.plan.nights)
    assert quarter.place.run(last, "verify", "--landing").code == 0
    replayed = quarter.place.run(last, "replay", "--json")
    assert replayed.code == 0, replayed.said
    # What the gate warns of comes before it.
    answer = "{" + replayed.said.partition("{\n")[2]
    assert json.loads(answer)["differing"] == []


def test_another_home_that_takes_in_the_same_files_publishes_the_same(quarter: Quarter) -> None:
    other = quarter.again()
    ours, theirs = (
        table_hashes(place.home / "published" / "takeup.duckdb", ignore=OF_RUNS_THEMSELVES)
        for place in (quarter.place, other)
    )
    assert sorted(name for name in ours | theirs if ours.get(name) != theirs.get(name)) == []


def test_what_was_published_is_what_the_oracle_counts(quarter: Quarter, tmp_path: Path) -> None:
    """Of services whose figures come from publications alone."""
    seeds = quarter.place.project / "seeds"
    true = read_oracle(true_publications(tmp_path / "true"), seeds).now().take_up
    counted = (
        "select service_id from transaction_counts union select service_id from return_records"
    )
    others = {service for (service,) in rows(quarter, counted)} | {LIGHTHOUSE}
    published = rows(quarter, f"select {FIGURES.selection()} from {FIGURES.name}")
    place = FIGURES.columns.index("service_id")
    ours, theirs = (
        [row for row in table if row[place] not in others]
        for table in (oracle_rows(true, FIGURES), published)
    )
    assert ours
    differing = differences(ours, theirs, FIGURES)
    assert not differing, summary(differing, FIGURES)


# What happened in the nights.


def test_every_run_is_recorded_with_its_steps(quarter: Quarter) -> None:
    runs: dict[str, list[tuple[str, str]]] = {}
    for step in quarter.place.steps():
        runs.setdefault(step["run_id"], []).append((step["step"], step["outcome"]))
    assert len(runs) == quarter.plan.nights
    done = [(name, "done") for name in ALL_STEPS]
    others = {night: steps for night, steps in enumerate(runs.values(), 1) if steps != done}
    killed, tripped = (quarter.plan.night_of(name) for name in ("killed", "tripped"))
    until = ALL_STEPS.index("gate_warehouse")
    assert others == {
        killed: done[: ALL_STEPS.index(DIES_AFTER) + 1],
        tripped: [*done[:until], ("gate_warehouse", "failed")],
    }


def test_a_night_that_failed_leaves_the_file_and_the_next_one_brings_all(quarter: Quarter) -> None:
    for incident in ("killed", "tripped", "nothing new"):
        night = quarter.plan.night_of(incident)
        before, then, after = (quarter.of(night + days).served for days in (-1, 0, 1))
        assert (then == before, after == then) == (True, False), incident


def test_what_comes_again_is_a_duplicate_and_what_is_late_counts(quarter: Quarter) -> None:
    found = {
        name.partition("/")[2]: counts
        for name, *counts in rows(
            quarter,
            "select name, read_count, accepted_count, duplicate_count from ingest_ledger"
            " where name similar to '.*/(late|again|corrections).jsonl'",
        )
    }
    read, accepted, duplicate = found["again.jsonl"]
    assert (accepted, duplicate) == (0, read)
    read, accepted, duplicate = found["late.jsonl"]
    assert accepted + duplicate == read
    assert accepted > 0
    assert found["corrections.jsonl"] == [2 * CHANGED, 2 * CHANGED, 0]


def test_what_is_restated_is_a_revision(quarter: Quarter) -> None:
    service, period = RESTATED
    published = rows(
        quarter,
        f"select old_value < new_value from revisions where service_id = '{service}'"
        f" and period_kind = 'quarter' and period_start = '{period.start}'"
        " and quantity = 'total_count' and timing <> 'first_value'",
    )
    assert published == [(True,)]
    sent = "select count(distinct submitted_at) from return_records where sign_off_id is null"
    assert rows(quarter, sent) == [(2,)]


def test_what_a_gate_stopped_was_set_aside(quarter: Quarter) -> None:
    (aside,) = rows(quarter, "select what, role, set_aside_at from set_asides")
    assert aside[:2] == ("file", "data quality lead")
    assert rows(quarter, "select count(*) from data_quality where severity = 'withheld'") == [(0,)]


def test_a_body_is_published_as_printed_until_a_register_knows_it(quarter: Quarter) -> None:
    said = quarter.of(quarter.plan.night_of("unregistered")).said
    assert 'warning: department "Department for Simulated Affairs" is in no register' in said
    assert "is in no register" not in quarter.of(quarter.plan.nights).said
    assert rows(quarter, "select count(*) from unregistered") == [(0,)]
    named = f"select is_department_registered from services where service_id = '{LIGHTHOUSE}'"
    assert rows(quarter, named) == [(True,)]


# Who was told.


def test_no_cause_is_told_twice_a_day(quarter: Quarter) -> None:
    for one in quarter.told:
        heads = Counter(map(_head, one.alerts))
        assert set(heads.values()) <= {1}, (one.night, heads)


@pytest.mark.parametrize(
    ("cause", "begins", "ends"),
    [("gate_tripped", "tripped", "mended"), ("unregistered", "unregistered", "registered")],
)
def test_what_happened_is_told_once_and_that_it_is_over(
    quarter: Quarter, cause: str, begins: str, ends: str
) -> None:
    told, over = nights_told(quarter, cause)
    assert told == [quarter.plan.night_of(begins)]
    assert over == [quarter.plan.night_of(ends)]


def test_a_run_that_was_killed_is_told_and_over_with_the_next(quarter: Quarter) -> None:
    night = quarter.plan.night_of("killed")
    assert nights_told(quarter, "run_failed") == ([night], [night + 1])


def test_the_feed_that_went_silent_is_named_while_it_is(quarter: Quarter) -> None:
    named = {one.night for one in quarter.told if any(FEED in text for text in one.alerts)}
    begins, back = (quarter.plan.night_of(name) for name in ("silent", "back"))
    assert named
    # It comes again with the night after it is back where that one did not publish.
    assert named <= set(range(begins + 1, back + 1))


def test_the_last_status_has_nothing_open(quarter: Quarter) -> None:
    last = quarter.plan.moment(quarter.plan.nights)
    found: dict[str, Any] = json.loads(quarter.place.run(last, "status", "--json").said)
    assert found["last_run"]["state"] == "published"
    assert found["published_log_version"] == found["log_version"]
    assert (found["unregistered"], found["quarantine"]) == ("nothing", "empty")
    assert found["set_aside"] == {"files": 1}
    assert found["home"] == str(quarter.place.home)


def test_the_home_was_moved(quarter: Quarter) -> None:
    assert [path.name for path in quarter.folder.glob("*place")] == ["it's another place"]
