"""What a gate found: the result that is returned, printed and kept as JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import msgspec

from core.errors import GateFailed
from core.files import write_file
from core.settings import Settings
from expectations.definitions import ROW_GUARD, Gate, Severity, Suite, with_row_guard

Outcome = Literal["passed", "failed", "warned", "error", "not_run"]
FailureKind = Literal["data", "error", "incomplete"]
Json = str | int | float | bool | None | list[Any] | dict[str, Any]


class CheckResult(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One expectation, checked.

    Outcomes: `passed`; `failed` (the data broke a fail-level expectation); `warned` (the
    data broke a warn-level one); `error` (the expectation itself raised, which says nothing
    about the data); `not_run` (no result came back for it).
    """

    name: str
    severity: Severity
    means: str
    when_it_trips: str
    owner: str = ""
    outcome: Outcome
    unexpected_count: int | None = None
    """Rows that should not be there; null where the expectation counts none."""
    unchecked_count: int | None = None
    """Series that could not be held against their window; null where the expectation has none."""
    samples: list[dict[str, Any]] = []
    """Up to five of these rows."""
    error: str | None = None
    observed: dict[str, Any] = {}
    """The result as Great Expectations gave it, in JSON types."""


class SuiteResult(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One table, checked by its suite."""

    table: str
    rows_expected: int
    rows_checked: int
    """The fewest rows that any expectation reported to have looked at."""
    checks_expected: int
    checks: list[CheckResult]

    @property
    def checks_run(self) -> int:
        """Expectations that looked at the data: those that raised did not."""
        return sum(check.outcome not in ("error", "not_run") for check in self.checks)


class ApprovedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Exactly which bytes were checked, and by which expectations."""

    size_bytes: int
    mtime_ns: int
    digest: str
    suites_digest: str


class GateResult(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One run of a gate."""

    gate: Gate
    run_id: str
    outcome: Literal["passed", "failed", "nothing_new"]
    failure_kinds: list[FailureKind] = []
    """`data`: rows break an expectation; `error`: an expectation could not be evaluated;
    `incomplete`: fewer rows or expectations were checked than there were to check."""
    suites: list[SuiteResult] = []
    subject: ApprovedFile | None = None
    """The staging file that was checked; null for the log and for packs."""
    is_simulated: bool | None = None
    """Whether the log behind it is simulated; null where nothing says so."""
    checked_at: str = ""
    """When it ended, ISO 8601 in UTC; empty in results of earlier versions."""
    great_expectations_version: str | None = None
    seconds: float = 0.0

    @property
    def failures(self) -> list[tuple[SuiteResult, CheckResult]]:
        """What stops the run, with the table it was found in."""
        return [
            (suite, check)
            for suite in self.suites
            for check in suite.checks
            if check.outcome in ("failed", "error", "not_run")
        ]

    @property
    def warnings(self) -> list[tuple[SuiteResult, CheckResult]]:
        """What should be looked at and stops nothing."""
        return [
            (suite, check)
            for suite in self.suites
            for check in suite.checks
            if check.outcome == "warned"
        ]


class StoppedByGate(GateFailed):
    """A gate failed; `result` holds all that it found."""

    def __init__(self, result: GateResult, message: str) -> None:
        super().__init__(message)
        self.result = result


def nothing_checked(
    suite: Suite, *, rows_expected: int, outcome: Outcome, reason: str
) -> SuiteResult:
    """The result of a suite that never got to its table."""
    checks = [
        CheckResult(
            name=expectation.name,
            severity=expectation.severity,
            means=expectation.means,
            when_it_trips=expectation.when_it_trips,
            owner=expectation.owner,
            outcome=outcome,
            error=reason,
        )
        for expectation in with_row_guard(suite)
    ]
    return SuiteResult(
        table=suite.table,
        rows_expected=rows_expected,
        rows_checked=0,
        checks_expected=len(checks),
        checks=checks,
    )


def failure_kinds(suites: Sequence[SuiteResult]) -> list[FailureKind]:
    """Why these results stop the run; empty where they do not."""
    kinds: set[FailureKind] = set()
    for suite in suites:
        if suite.rows_checked != suite.rows_expected or suite.checks_run < suite.checks_expected:
            kinds.add("incomplete")
        for check in suite.checks:
            if check.outcome == "error":
                kinds.add("error")
            if check.outcome == "failed" and check.name != ROW_GUARD.name:
                kinds.add("data")
    return sorted(kinds)


def to_json(value: object) -> Json:
    """A value in JSON types, from whatever DuckDB, NumPy or Great Expectations hand out.

    NumPy scalars become Python's (their `bool` is not a JSON type and stops the whole result
    from being stored). NaN and infinities become text: JSON has no word for them.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta | UUID | Path):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, Mapping):
        return {str(key): to_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_json(part) for part in value]
    for convert in ("tolist", "to_json_dict"):  # NumPy scalars and arrays; GX objects
        if hasattr(value, convert):
            return to_json(getattr(value, convert)())
    return str(value)


def gates_folder(settings: Settings) -> Path:
    """Where results are kept."""
    return settings.warehouse / "gates"


def file_name_of(run_id: str) -> str:
    """A run id as part of a file name: it may hold signs that one should not."""
    return (re.sub(r"[^A-Za-z0-9._+-]", "_", run_id).lstrip(".") or "_")[:180]


def result_path(settings: Settings, *, run_id: str, gate: str) -> Path:
    """File of one result."""
    return gates_folder(settings) / f"{file_name_of(run_id)}-{gate}.json"


def write_json(path: Path, content: msgspec.Struct) -> None:
    """Write a struct as JSON, so that a reader sees the old file or the whole new one."""
    write_file(path, msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")


def write_result(settings: Settings, result: GateResult) -> Path:
    """Keep a result under the home; a second try of the same run replaces the first."""
    path = result_path(settings, run_id=result.run_id, gate=result.gate)
    write_json(path, result)
    return path


def kept_results(settings: Settings, gate: Gate, *, at_most: int) -> Iterator[GateResult]:
    """The results that are kept of a gate, the newest first; those that can't be read are left out.

    One of an earlier version, which doesn't say when it was, is as old as its file.
    """
    paths = gates_folder(settings).glob(f"*-{gate}.json")
    for path in sorted(paths, key=lambda one: one.stat().st_mtime_ns, reverse=True)[:at_most]:
        try:
            result = read_result(path)
        except (OSError, ValueError):
            continue
        if not result.checked_at:
            written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            result = msgspec.structs.replace(result, checked_at=written_at.isoformat())
        yield result


class _Outcome(msgspec.Struct, frozen=True):
    outcome: str


def outcome_of(path: Path) -> str:
    """How a run of a gate ended, without the rest of its result; empty where it can't be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Outcome).outcome
    except (OSError, ValueError):
        return ""


def read_result(path: Path) -> GateResult:
    """A result as it was kept."""
    return msgspec.json.decode(path.read_bytes(), type=GateResult)
