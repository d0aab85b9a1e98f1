from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.catalogue import suites_of
from expectations.definitions import ROW_GUARD, Suite
from expectations.messages import describe_check, describe_failure, describe_warnings
from expectations.results import (
    ApprovedFile,
    CheckResult,
    GateResult,
    Outcome,
    SuiteResult,
    failure_kinds,
    nothing_checked,
    to_json,
)

LOG_SUITE: Suite = suites_of("log")[0]


class Colour(StrEnum):
    RED = "red"


def check(name: str, outcome: Outcome, **more: Any) -> CheckResult:
    severity = "warn" if outcome == "warned" else "fail"
    fields = {"severity": severity, "means": "It holds.", "when_it_trips": "Mend it."}
    fields |= {"owner": "register keepers"} | more
    return CheckResult(name=name, outcome=outcome, **fields)


def suite(*checks: CheckResult, expected: int = 5, checked: int = 5) -> SuiteResult:
    return SuiteResult(
        table="things",
        rows_expected=expected,
        rows_checked=checked,
        checks_expected=len(checks),
        checks=list(checks),
    )


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.bool_(True), True),
        (np.int64(7), 7),
        (np.float64(0.5), 0.5),
        (np.array([1, 2]), [1, 2]),
        ([np.bool_(False)], [False]),
        (math.nan, "nan"),
        (np.float64("inf"), "inf"),
        (Decimal("1.10"), "1.10"),
        (date(2014, 1, 1), "2014-01-01"),
        (datetime(2014, 1, 1, tzinfo=UTC), "2014-01-01T00:00:00+00:00"),
        (time(1, 2), "01:02:00"),
        (timedelta(minutes=1), "0:01:00"),
        (b"\x00\xff", "00ff"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Colour.RED, "red"),
        ((1, {2}), [1, [2]]),
        ({1: None}, {"1": None}),
        (object, "<class 'object'>"),
    ],
)
def test_values_become_what_json_knows(value: object, plain: object) -> None:
    found = to_json(value)
    assert found == plain
    assert type(found) is type(plain)
    assert json.loads(json.dumps(found, allow_nan=False)) == plain


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text() | st.floats(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), plain_values), st.text())
def test_a_result_reads_back_as_it_was_kept(observed: dict[str, Any], run_id: str) -> None:
    result = GateResult(
        gate="log",
        run_id=run_id,
        outcome="failed",
        failure_kinds=["data"],
        suites=[suite(check("a", "failed", observed=to_json(observed), samples=[{"row": run_id}]))],
        subject=ApprovedFile(size_bytes=1, mtime_ns=2, digest="d", suites_digest="s"),
        seconds=1.5,
    )
    import msgspec

    assert msgspec.json.decode(msgspec.json.encode(result), type=GateResult) == result


@pytest.mark.parametrize(
    ("found", "kinds"),
    [
        (suite(check("a", "passed")), []),
        (suite(check("a", "passed"), check("b", "warned")), []),
        (suite(check("a", "failed")), ["data"]),
        (suite(check("a", "error")), ["error", "incomplete"]),
        (suite(check("a", "not_run")), ["incomplete"]),
        (suite(check("a", "passed"), checked=4), ["incomplete"]),
        (suite(check("a", "passed"), checked=6), ["incomplete"]),
        (suite(check(ROW_GUARD.name, "failed"), checked=4), ["incomplete"]),
        (suite(check("a", "failed"), check("b", "error")), ["data", "error", "incomplete"]),
    ],
)
def test_why_a_gate_fails(found: SuiteResult, kinds: list[str]) -> None:
    assert failure_kinds([suite(check("fine", "passed")), found]) == kinds


def test_fewer_results_than_expectations_are_incomplete() -> None:
    short = SuiteResult(
        table="things",
        rows_expected=5,
        rows_checked=5,
        checks_expected=2,
        checks=[check("a", "passed")],
    )
    assert failure_kinds([short]) == ["incomplete"]


def test_a_suite_that_never_ran_has_every_expectation_in_it() -> None:
    found = nothing_checked(LOG_SUITE, rows_expected=3, outcome="not_run", reason="gone")
    assert [one.name for one in found.checks] == [
        ROW_GUARD.name,
        *(one.name for one in LOG_SUITE.expectations),
    ]
    assert found.checks_run == 0
    assert failure_kinds([found]) == ["incomplete"]


def test_a_broken_expectation_is_described() -> None:
    found = check("is_whole", "failed", unexpected_count=1200, samples=[{"id": "é"}])
    assert describe_check(suite(found), found).splitlines() == [
        "things: is_whole, 1,200 unexpected",
        "  expected: It holds.",
        '  row: {"id": "é"}',
        "  to do: Mend it.",
        "  owner: register keepers",
    ]


def test_what_was_observed_stands_where_there_are_no_rows() -> None:
    found = check("has_columns", "failed", observed={"observed_value": ["id"]})
    assert '  found: ["id"]' in describe_check(suite(found), found).splitlines()


def test_an_error_is_told_apart_from_bad_data() -> None:
    found = check("is_whole", "error", error="\nBinder Error: no such column\nmore")
    lines = describe_check(suite(found), found).splitlines()
    assert "  it could not be evaluated: Binder Error: no such column" in lines
    result = GateResult(
        gate="warehouse",
        run_id="r",
        outcome="failed",
        failure_kinds=["error", "incomplete"],
        suites=[suite(check("fine", "passed"), found)],
    )
    first = describe_failure(result, kept=Path("kept.json")).splitlines()[0]
    assert first == (
        "the warehouse gate stopped the run, nothing was published: an expectation could not be "
        "evaluated, which says nothing about the data; not everything was checked"
    )


def test_a_message_shows_ten_and_counts_the_rest() -> None:
    broken = [check(f"check_{number}", "failed", unexpected_count=1) for number in range(12)]
    result = GateResult(
        gate="log", run_id="r", outcome="failed", failure_kinds=["data"], suites=[suite(*broken)]
    )
    message = describe_failure(result, kept=Path("kept.json"))
    assert message.count("to do:") == 10
    assert "... and 2 more" in message
    assert message.endswith("all results: kept.json")


def test_warnings_are_described_and_are_no_failures() -> None:
    result = GateResult(
        gate="log",
        run_id="r",
        outcome="passed",
        suites=[suite(check("odd", "warned", unexpected_count=2), check("fine", "passed"))],
    )
    assert describe_warnings(result).splitlines()[0] == "things: odd (warning), 2 unexpected"
    assert result.failures == []
    fine = GateResult(gate="log", run_id="r", outcome="nothing_new")
    assert describe_warnings(fine) == ""
