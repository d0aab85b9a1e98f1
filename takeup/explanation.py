"""What `takeup check --explain` says of an expectation: what it is, and how it went last."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Final

from core.errors import UsageError
from core.settings import Settings
from expectations.catalogue import suites_of, written
from expectations.definitions import ROW_GUARD, Expectation, Gate, Suite
from expectations.messages import unchecked
from expectations.results import CheckResult, GateResult, SuiteResult, kept_results, result_path
from expectations.windows import TABLE
from publish.display import counted, moment, printable

SHOWN: Final = 30
"""Results of a gate among which the last one with this expectation is looked for."""
WORST_FIRST: Final = ("error", "failed", "not_run", "warned", "passed")


def explain(settings: Settings, name: str) -> dict[str, Any]:
    """Everything about an expectation, fit for JSON; `last` is null where none is kept.

    Raises:
        UsageError: there is none of this name; it says which are near.
    """
    gate, table, expectation = _found(name)
    anchor = "" if expectation is ROW_GUARD else f"#{expectation.name}"
    return {
        "name": expectation.name,
        "gate": gate,
        "table": table,
        "severity": expectation.severity,
        "owner": expectation.owner,
        "meaning": _line(expectation.means),
        "remedy": _line(expectation.when_it_trips),
        "window": expectation.window,
        "stated_in": _stated_in(gate, table, expectation),
        "last": _last(settings, gate, expectation.name),
        "page": f"{settings.site}/gates/index.html{anchor}",
    }


def explanation_lines(found: dict[str, Any]) -> Iterator[str]:
    """The same for people."""
    table = "every table" if found["name"] == ROW_GUARD.name else found["table"]
    does = "stops the run" if found["severity"] == "fail" else "is told and stops nothing"
    yield f"{found['name']}: {table}, of the {found['gate']} gate"
    yield f"  severity  {found['severity']}: {does}"
    yield f"  owner     {found['owner']}"
    yield f"  meaning   {found['meaning']}"
    yield f"  remedy    {found['remedy']}"
    if found["window"]:
        yield f"  window    {found['window']}"
    yield f"  stated    {found['stated_in']}"
    last = found["last"]
    if last is None:
        yield "  last      no result of it is kept in this home"
        return
    failing = "" if last["rows_failing"] is None else f", {last['rows_failing']:,} unexpected"
    yield (
        f"  last      {last['outcome'].replace('_', ' ')} on {moment(last['checked_at'])}:"
        f" {counted(last['rows_checked'], 'row')} checked{failing}"
    )
    if last["series_unchecked"]:
        yield f"            {unchecked(last['series_unchecked'])}"
    for row in last["rows"]:
        yield f"  row       {printable(str(row))}"
    yield f"  look at   {found['page']}"
    yield f"            {last['result']}"


def _found(name: str) -> tuple[Gate, str, Expectation]:
    known: dict[str, tuple[Gate, str, Expectation]] = {
        one.name: (suite.gate, suite.table, one)
        for suite in _suites()
        for one in (ROW_GUARD, *suite.expectations)
    }
    if name not in known:
        near = [one for one in known if name in one][:5] or get_close_matches(name, known, n=5)
        hint = f"did you mean {', '.join(near)}?" if near else "docs/gates.md lists all"
        raise UsageError(f"no expectation is named {name!r}: {hint}")
    return known[name]


def _suites() -> Iterator[Suite]:
    """Those of the warehouse last: of what all have, its last result is the one to show."""
    for gate in ("log", "pack", "warehouse"):
        yield from suites_of(gate)


def _stated_in(gate: Gate, table: str, expectation: Expectation) -> str:
    """The file in which what it expects is written."""
    if expectation is ROW_GUARD:
        return "expectations/definitions.py"
    if expectation.window:
        return "expectations/windows.yml"
    if table in written() and expectation in written()[table].expectations:
        return f"expectations/suites/{table}.yml"
    if gate == "warehouse" and table != TABLE:
        return "the contract of its model in dbt_project/models/marts/, by expectations/derived.py"
    return "a contract in expectations/catalogue.py, by expectations/derived.py"


def _last(settings: Settings, gate: Gate, name: str) -> dict[str, Any] | None:
    """How it went in the last run of its gate that has it, in all tables that have it."""
    for result in kept_results(settings, gate, at_most=SHOWN):
        pairs = [
            (suite, check)
            for suite in result.suites
            for check in suite.checks
            if check.name == name
        ]
        if pairs:
            return _outcome(settings, result, pairs)
    return None


def _outcome(
    settings: Settings, result: GateResult, pairs: list[tuple[SuiteResult, CheckResult]]
) -> dict[str, Any]:
    counts = [check.unexpected_count for _, check in pairs]
    said = [count for count in counts if count is not None]
    return {
        "checked_at": result.checked_at,
        "run_id": result.run_id,
        "outcome": min((check.outcome for _, check in pairs), key=WORST_FIRST.index),
        "rows_checked": sum(suite.rows_checked for suite, _ in pairs),
        "rows_failing": sum(said) if said else None,
        "series_unchecked": sum(check.unchecked_count or 0 for _, check in pairs),
        "rows": [row for _, check in pairs for row in check.samples][:5],
        "result": str(result_path(settings, run_id=result.run_id, gate=result.gate)),
    }


def _line(text: str) -> str:
    return " ".join(text.split())
