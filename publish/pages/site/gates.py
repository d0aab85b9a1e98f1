"""The page of the gates: what they looked at, what they found, and how that went run after run.

It lies in `site/gates/`, beside the pages of the published file: a gate that stops a run leaves
those as they are, and that is when people look. The overview shows its `standing.html` in a frame.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from core.settings import Settings
from expectations.definitions import ROW_GUARD, Gate
from expectations.results import CheckResult, GateResult, SuiteResult, kept_results
from publish.display import counted, moment
from publish.pages.site import words
from publish.pages.site.beside import GATES, TEMPLATES, draw_or_say, write_folder
from publish.pages.site.model import Table
from publish.rendering import templates_in

OF_A_NIGHT: Final[tuple[Gate, ...]] = ("log", "warehouse")
ABOUT: Final = {
    "log": "New events of the log, before anything is built from them.",
    "warehouse": "The tables of the staging file, before anybody gets them.",
}
SHOWN: Final = 14
"""Runs of each gate that the page shows."""
WIDTH: Final = 700
HEIGHT: Final = 60
"""Of the picture of these runs, in pixels."""
OUTCOMES: Final = {
    "passed": "passed",
    "warned": "warning",
    "failed": "failed",
    "error": "could not be evaluated",
    "not_run": "was not checked",
}
MARKS: Final = {"passed": "✓", "warned": "!"}
"""Beside the words; whatever stops a run has a cross."""


@dataclass(frozen=True)
class Runs:
    """What is kept of one gate, the newest first; runs with nothing to look at are left out.

    `looked_at` is when it last ran, with or without anything to look at.
    """

    gate: Gate
    looked_at: str
    results: Sequence[GateResult]

    @property
    def last(self) -> GateResult:
        return self.results[0]


@dataclass(frozen=True)
class Standing:
    """Whether the gates passed, at a glance."""

    mark: str
    word: str
    says: str
    has_passed: bool


@contextmanager
def drawing_gates(settings: Settings) -> Iterator[None]:
    """Draw the page when a gate has run, however that ended: never a reason for it to fail."""
    try:
        yield
    finally:
        draw_or_say(settings, "the page of the gates", write_gates_page)


def write_gates_page(settings: Settings) -> Path:
    """Write the page into `site/gates/`, whole; returns it.

    Raises:
        LeaseHeld: it is being written already.
        OSError: the folder can't be written.
    """
    return write_folder(settings, GATES, partial(_fill, settings=settings))


def _fill(folder: Path, settings: Settings) -> None:
    from publish.pages.site.build import NAVIGATION

    kept = [runs for gate in OF_A_NIGHT if (runs := runs_of(settings, gate))]
    given = {
        "title": "Gates",
        "navigation": NAVIGATION,
        "has_site": (settings.site / "current").exists(),
        "simulated": any(runs.last.is_simulated for runs in kept),
        "standing": standing(kept),
        "gates": [_shown(runs) for runs in kept],
        "packs": _packs(settings),
    }
    templates = templates_in(TEMPLATES)
    for name, template in (("index.html", "gates.html"), ("standing.html", "standing.html")):
        text = templates.get_template(template).render(given)
        (folder / name).write_text(text, encoding="utf-8")


def runs_of(settings: Settings, gate: Gate) -> Runs | None:
    """The last runs of a gate; None where none is kept that looked at anything."""
    found = list(kept_results(settings, gate, at_most=SHOWN))
    looking = [one for one in found if one.outcome != "nothing_new"]
    return Runs(gate, found[0].checked_at, looking) if looking else None


def standing(kept: Sequence[Runs]) -> Standing:
    """Whether what each gate last looked at passed."""
    if not kept:
        return Standing("–", "Not run", "No gate has looked at anything in this home yet.", False)
    stopped = next((runs for runs in kept if runs.last.outcome == "failed"), None)
    if stopped:
        count = len(stopped.last.failures)
        what = f"{counted(count, 'expectation')} did not hold" if count else "not all was checked"
        says = (
            f"The {stopped.gate} gate stopped the run on {moment(stopped.last.checked_at)}: {what}."
            " Readers have the figures of the last run that passed."
        )
        return Standing("✗", "Stopped", says, has_passed=False)
    newest = max(kept, key=lambda runs: runs.looked_at)
    warnings = sum(len(runs.last.warnings) for runs in kept)
    says = f"Last looked at on {moment(newest.looked_at)}, with {counted(warnings, 'warning')}."
    return Standing("✓", "Passed", says, has_passed=True)


def _shown(runs: Runs) -> dict[str, Any]:
    """One gate as the template shows it."""
    last = runs.last
    return {
        "name": runs.gate,
        "about": ABOUT[runs.gate],
        "facts": _facts(runs),
        "broken": [_broken(*one) for one in (*last.failures, *last.warnings)],
        "suites": [_suite(one) for one in last.suites],
        "trend": _trend(runs.results),
        "table": _table(runs.results),
    }


def _facts(runs: Runs) -> list[tuple[str, str]]:
    last = runs.last
    counts = _counts(last)
    found = [
        ("Outcome", "passed" if last.outcome == "passed" else f"stopped {_kinds(last)}"),
        ("Checked", f"{moment(last.checked_at)}, in {last.seconds:,.1f} s"),
        ("Run", words.said(last.run_id)),
        ("Rows checked", f"{counts['rows']:,} in {counted(len(last.suites), 'table')}"),
        (
            "Expectations",
            "{passed:,} passed, {warned:,} warned, {broken:,} did not hold".format(**counts),
        ),
    ]
    if runs.looked_at != last.checked_at:
        found.append(("Last without anything new", moment(runs.looked_at)))
    return found


def _kinds(result: GateResult) -> str:
    said = {"data": "by the data", "error": "by an error", "incomplete": "not all was checked"}
    return f"({', '.join(said[kind] for kind in result.failure_kinds)})"


def _counts(result: GateResult) -> dict[str, int]:
    outcomes = [check.outcome for suite in result.suites for check in suite.checks]
    passed, warned = outcomes.count("passed"), outcomes.count("warned")
    return {
        "rows": sum(suite.rows_checked for suite in result.suites),
        "passed": passed,
        "warned": warned,
        "broken": len(outcomes) - passed - warned,
    }


def _broken(suite: SuiteResult, check: CheckResult) -> dict[str, Any]:
    """An expectation that did not hold: what it is, which rows show it, who is to do what."""
    return {
        "check": check,
        "table": suite.table,
        "anchor": _anchor(suite, check),
        "outcome": OUTCOMES[check.outcome],
        "rows": "" if check.unexpected_count is None else f"{check.unexpected_count:,}",
        "error": words.said(check.error),
        "samples": [words.said(json.dumps(row, ensure_ascii=False)) for row in check.samples],
    }


def _suite(suite: SuiteResult) -> dict[str, Any]:
    """One table and everything that is expected of it, with its anchors."""
    return {
        "table": suite.table,
        "rows": f"{suite.rows_checked:,} of {suite.rows_expected:,}",
        "checks": [
            {
                "anchor": _anchor(suite, check),
                "mark": MARKS.get(check.outcome, "✗"),
                "outcome": OUTCOMES[check.outcome],
                "rows": "" if check.unexpected_count is None else f"{check.unexpected_count:,}",
                "unchecked": check.unchecked_count,
                "check": check,
            }
            for check in suite.checks
        ],
    }


def _anchor(suite: SuiteResult, check: CheckResult) -> str:
    """An expectation's place on the page: its name, with its table where every table has it."""
    return f"{suite.table}-{check.name}" if check.name == ROW_GUARD.name else check.name


def _trend(results: Sequence[GateResult]) -> dict[str, Any]:
    """What the picture is made of: of each run, the oldest first, a column of the rows that were
    checked and one of the expectations that did not hold or warned."""
    counts = [_counts(one) for one in reversed(results)]
    most_rows = max(one["rows"] for one in counts)
    most = max(one["broken"] + one["warned"] for one in counts)
    slot = WIDTH / max(len(counts), SHOWN)
    columns = [
        {
            "x": f"{number * slot:.1f}",
            "width": f"{0.7 * slot:.1f}",
            "rows": f"{HEIGHT * one['rows'] / (most_rows or 1):.1f}",
            "broken": f"{HEIGHT * one['broken'] / (most or 1):.1f}",
            "warned": f"{HEIGHT * one['warned'] / (most or 1):.1f}",
        }
        for number, one in enumerate(counts)
    ]
    stopped = sum(one.outcome == "failed" for one in results)
    says = (
        f"{counted(len(results), 'run')} with something to look at, of which it stopped"
        f" {stopped:,}; at most {most_rows:,} rows were checked in one, and {most:,} expectations"
        " did not hold or warned."
    )
    size = {"width": WIDTH, "height": HEIGHT, "panel": HEIGHT + 32}
    return size | {"columns": columns, "says": says, "most_rows": f"{most_rows:,}", "most": most}


def _table(results: Sequence[GateResult]) -> Table:
    return Table(
        caption="Runs, the newest first",
        columns=(*("Checked", "Outcome", ">Rows", ">Passed", ">Warned", ">Did not hold", "What"),),
        rows=[
            (
                moment(one.checked_at),
                one.outcome,
                *(f"{count:,}" for count in _counts(one).values()),
                ", ".join(check.name for _, check in one.failures[:3]),
            )
            for one in results
        ],
    )


def _packs(settings: Settings) -> Table | None:
    """The packs whose files a gate read back, the newest first."""
    found = list(kept_results(settings, "pack", at_most=SHOWN))
    if not found:
        return None
    return Table(
        caption="Packs, before they are handed over",
        columns=("Pack", "Checked", "Outcome", ">Rows", ">Did not hold", "What"),
        rows=[
            (
                words.said(one.run_id),
                moment(one.checked_at),
                one.outcome,
                f"{_counts(one)['rows']:,}",
                f"{_counts(one)['broken']:,}",
                ", ".join(check.name for _, check in one.failures[:3]),
            )
            for one in found
        ],
    )
