"""Whatever is edited in a file that lands, no run ends, and what is not edited stays as it is."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from tests.mutations.edits import KINDS, NOTHING, Edit, Touched, draw
from tests.mutations.inputs import Input, all_inputs
from tests.mutations.oracle import Event, Taken, faults_of
from tests.mutations.runs import Mutations
from tests.mutations.whole_nights import Affected
from tests.support.shared import SHARED

SEED = int(os.environ.get("MUTATIONS_SEED") or 20151201)
FIRST = int(os.environ.get("MUTATIONS_FIRST") or 0)
EDITS = int(os.environ.get("MUTATIONS") or 63)
MOST_SHOWN = 20


@pytest.fixture(scope="module")
def mutations(tmp_path_factory: pytest.TempPathFactory) -> Mutations:
    """Every input as it is; the published vintages among them where they lie beside the project."""
    vintages = SHARED / "data" / "gds-transaction-volumes"
    inputs = all_inputs(vintages if vintages.is_dir() else None)
    return Mutations(inputs, tmp_path_factory.mktemp("mutations"))


def test_unedited_files_are_taken_whole(mutations: Mutations) -> None:
    for name, taken in mutations.before.items():
        assert taken.ledger["state"] == "ingested", name
        assert len(taken.events) == taken.ledger["read_count"] > 0, name


@pytest.mark.slow
def test_no_edit_ends_the_run_or_changes_what_was_not_edited(mutations: Mutations) -> None:
    found: list[str] = []
    for batch in mutations.batches(seed=SEED, first=FIRST, edits=EDITS):
        found += mutations.faults(batch)
    assert not found, "\n".join([f"{len(found)} faults", *found[:MOST_SHOWN]])


def test_an_edit_is_its_seed_and_number(mutations: Mutations) -> None:
    once, again = (
        [draw(mutations.inputs, seed=SEED, number=number) for number in range(500)]
        for _ in range(2)
    )
    assert once == again
    assert {edit.kind for edit in once} == set(KINDS)
    files = Counter(edit.file.name for edit in once)
    assert set(files) == {file.name for file in mutations.inputs}
    for edit in once:
        assert edit.content != edit.file.content or edit.copy is not None
        assert edit.again == f"make mutations SEED={SEED} FIRST={edit.number} EDITS=1"


# The oracle finds what it is there for: each of these outcomes is wrong.

TABLE = Input(
    "volumes/services-2015-06-30.csv",
    "table",
    (b"A,a,1", b"B,b,2", b"C,c,3"),
    b"Name of service,Slug,Total transactions Jan - Mar 2015\n",
    first=2,
)
PLACE = "Total transactions Jan - Mar 2015"


def taken(*counts: int | None, **ledger: object) -> Taken:
    events = {
        ("urn:volumes", f"{name}"): Event(row, PLACE, f"{name}: {count}")
        for row, (name, count) in enumerate(zip("abcd", counts, strict=False), 2)
        if count is not None
    }
    row = {
        "state": "ingested",
        "reason": None,
        "detail": None,
        "flags": "[]",
        "read_count": len(events),
        "accepted_count": len(events),
        "duplicate_count": 0,
        "quarantined_count": 0,
    }
    return Taken(row | ledger, events)


def edit_of(touched: Touched, kind: str = "byte") -> Edit:
    return Edit(1, 1, kind, TABLE, "what", TABLE.content, touched)


FIRST_ROW = Touched(frozenset({0}))
WRONG = {
    "another row's figure": (edit_of(FIRST_ROW), taken(1, 3, 3), "became b: 3"),
    "another row is gone": (edit_of(FIRST_ROW), taken(5, None, 3), "is gone"),
    "a row of nobody's": (edit_of(NOTHING), taken(1, 2, 3, 4), "new in 1 records"),
    "another column": (
        edit_of(Touched(frozenset({0}), frozenset({"other"}))),
        taken(9, 2, 3),
        "became a: 9",
    ),
    "a column that is not read": (
        edit_of(Touched(None, frozenset({PLACE})), "heading"),
        taken(None, None, None),
        "is not read, and nothing says so",
    ),
    "a source that fails": (
        edit_of(FIRST_ROW),
        taken(state="rejected", reason="unreadable", detail="IndexError"),
        "unreadable",
    ),
    "counts that do not add up": (edit_of(FIRST_ROW), taken(1, 2, 3, read_count=4), "4 records"),
    "another state": (edit_of(FIRST_ROW), taken(state="waiting"), "its state is waiting"),
    "no reason": (edit_of(FIRST_ROW), taken(state="rejected"), "with reason None"),
}


@pytest.mark.parametrize("case", WRONG)
def test_the_oracle_finds(case: str) -> None:
    edit, after, fault = WRONG[case]
    found = list(faults_of(edit, taken(1, 2, 3), after))
    assert any(fault in said for said in found), found


def test_the_oracle_lets_pass_what_is_edited_or_named() -> None:
    before = taken(1, 2, 3)
    assert list(faults_of(edit_of(FIRST_ROW), before, taken(7, 2, 3))) == []
    named = taken(1, None, 3, read_count=3, quarantined_count=1)
    named = replace(
        named,
        refused=[{"position": 3, "place": None, "raw": b'A,a,1"\nB,b,2', "reason": "wrong_width"}],
    )
    assert list(faults_of(edit_of(NOTHING), before, named)) == []


QUARTER = (date(2015, 1, 1), date(2015, 3, 31))
CLAIM = {"metric": "take_up", "subject": "all of it", "service_id": "c", "value": 80}
AFFECTED = Affected(
    days={"a": {QUARTER}, "b": {None}},
    departments={"all", "one"},
    reports={"action-7"},
    claims={tuple(CLAIM.values())},
    files={"v.csv"},
    is_range_another=False,
    counted_in_one={("quarter", QUARTER[0], "new", "all")},
)
ROW = {"service_id": "a", "period_start": QUARTER[0], "period_end": QUARTER[1]}
COUNTED = ROW | {"service_id": None, "department_id": "two", "period_kind": "quarter"}
COUNTED |= {"definition_id": "new", "scope": "all"}
NEXT = {"period_start": date(2015, 4, 1), "period_end": date(2015, 6, 30)}
ROWS: dict[str, tuple[str, dict[str, object], bool]] = {
    "the edited service and quarter": ("take_up", ROW, True),
    "the year around it": ("take_up", ROW | {"period_end": date(2015, 12, 31)}, True),
    "its next quarter": ("take_up", ROW | NEXT, False),
    "the shift to its next quarter": ("channel_shift", ROW | NEXT, True),
    "a service edited as a whole": ("take_up", ROW | NEXT | {"service_id": "b"}, True),
    "another service": ("take_up", ROW | {"service_id": "c"}, False),
    "its department": ("department_take_up", {"department_id": "one"}, True),
    "another department": ("department_take_up", {"department_id": "two"}, False),
    "another service of its body": (
        "channel_shift_contributions",
        {"service_id": "c", "department_id": "one"},
        True,
    ),
    "a service of another body": (
        "aggregate_revisions",
        {"service_id": "c", "department_id": "two"},
        False,
    ),
    "another service's share of all": ("offline_volumes", ROW | {"service_id": "c"}, True),
    "the edited report": ("commitments", {"document": "action-7-2014"}, True),
    "another report": ("published_figures", {"document": "x", "department_id": "two"}, False),
    "a file that data_quality names": ("data_quality", {"input": "v.csv"}, True),
    "another file": (
        "data_quality",
        {"input": "w.csv", "service_id": "c", "check_id": "volume_jump"},
        False,
    ),
    "a claim of two reports": ("published_figures", CLAIM, True),
    "the same of what reports claim": ("report_claims", CLAIM, True),
    "another body in what only the edited are counted": ("department_take_up", COUNTED, True),
    "another body under another definition": (
        "department_take_up",
        COUNTED | {"definition_id": "old"},
        False,
    ),
    "who never returned in that quarter": (
        "unmeasured_services",
        ROW | {"service_id": "c", "status": "never_returned"},
        True,
    ),
    "who never returned in the next": (
        "unmeasured_services",
        ROW | NEXT | {"service_id": "c", "status": "never_returned"},
        False,
    ),
    "who lapsed in that quarter": (
        "unmeasured_services",
        ROW | {"service_id": "c", "status": "lapsed"},
        False,
    ),
    "another claim of the other report": ("published_figures", CLAIM | {"value": 81}, False),
}


OF_THE_RANGE: dict[str, tuple[str, dict[str, object]]] = {
    "the silence of another service": (
        "data_quality",
        {"input": "w.csv", "service_id": "c", "check_id": "gone_silent"},
    ),
    "another body": ("department_take_up", {"department_id": "two"}),
    "what is known of another service": ("service_summary", {"service_id": "c"}),
}


@pytest.mark.parametrize("case", OF_THE_RANGE)
def test_a_row_follows_from_another_first_or_latest_period(case: str) -> None:
    table, row = OF_THE_RANGE[case]
    assert not AFFECTED.explains(table, row)
    assert replace(AFFECTED, is_range_another=True).explains(table, row)


@pytest.mark.parametrize("case", ROWS)
def test_a_row_of_a_night_follows_from_the_edits_or_not(case: str) -> None:
    table, row, follows = ROWS[case]
    assert AFFECTED.explains(table, row) is follows
