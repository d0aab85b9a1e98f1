"""What a gate says to a person."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from expectations.results import CheckResult, GateResult, SuiteResult

SHOWN = 10
"""Broken expectations that a message spells out; the kept result has all of them."""
STOPPED = {"pack": "the hand-over"}
UNDONE = {"pack": "handed over"}
"""What a gate stopped, and what has not happened, where that is not the run and its publication."""


def describe_check(suite: SuiteResult, check: CheckResult) -> str:
    """One broken expectation: its name, what it means, rows that show it, what to do."""
    lines = [f"{suite.table}: {check.name}"]
    if check.outcome == "warned":
        lines[0] += " (warning)"
    if check.unexpected_count is not None and check.outcome in ("failed", "warned"):
        lines[0] += f", {check.unexpected_count:,} unexpected"
    lines.append(f"  expected: {check.means.strip()}")
    if check.error is not None:
        word = "it was not checked" if check.outcome == "not_run" else "it could not be evaluated"
        lines.append(f"  {word}: {first_line(check.error)}")
    lines += [f"  row: {json.dumps(row, ensure_ascii=False)}" for row in check.samples]
    if not check.samples and "observed_value" in check.observed and check.unexpected_count is None:
        observed = json.dumps(check.observed["observed_value"], ensure_ascii=False)
        lines.append(f"  found: {observed[:500]}")
    if check.unchecked_count:
        lines.append(f"  {unchecked(check.unchecked_count)}")
    lines.append(f"  to do: {check.when_it_trips.strip()}")
    lines.append(f"  owner: {check.owner}")
    return "\n".join(lines)


def unchecked(count: int) -> str:
    """What is said of series that could not be held against their window."""
    return f"not checked: {count:,} series with too few points of the same kind, or too small"


def first_line(text: str) -> str:
    """The first line of an exception's text that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), text)


def common_reason(suite: SuiteResult) -> str | None:
    """Why none of a suite's expectations looked at the data, where one reason holds for all."""
    reasons = {check.error for check in suite.checks}
    return reasons.pop() if suite.checks_run == 0 and len(reasons) == 1 else None


def describe_all(found: Sequence[tuple[SuiteResult, CheckResult]]) -> list[str]:
    """The first broken expectations in full, and how many more there are."""
    parts = [describe_check(suite, check) for suite, check in found[:SHOWN]]
    if len(found) > SHOWN:
        parts.append(f"... and {len(found) - SHOWN} more")
    return parts


def describe_failure(result: GateResult, *, kept: Path) -> str:
    """Why the run stops. The first line says it all, the rest says where to look."""
    reasons = {
        "data": "the data breaks what is expected of it",
        "error": "an expectation could not be evaluated, which says nothing about the data",
        "incomplete": "not everything was checked",
    }
    parts = [
        f"the {result.gate} gate stopped {STOPPED.get(result.gate, 'the run')}"
        + (" on simulated data" if result.is_simulated else "")
        + f", nothing was {UNDONE.get(result.gate, 'published')}: "
        + "; ".join(reasons[kind] for kind in result.failure_kinds)
    ]
    parts += [
        f"{suite.table}: nothing was checked: {first_line(reason)}"
        for suite in result.suites
        if (reason := common_reason(suite)) is not None
    ]
    parts += describe_all([one for one in result.failures if common_reason(one[0]) is None])
    parts += [
        f"{suite.table}: {suite.rows_checked:,} of {suite.rows_expected:,} rows were checked"
        for suite in result.suites
        if suite.rows_checked != suite.rows_expected
    ]
    return "\n".join([*parts, f"all results: {kept}"])


def describe_warnings(result: GateResult) -> str:
    """What should be looked at although the run goes on; empty where there is nothing."""
    return "\n".join(describe_all(result.warnings))
