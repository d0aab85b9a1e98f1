"""What the gates expect, as Markdown: `make docs` puts it into docs/gates.md."""

from __future__ import annotations

from expectations.catalogue import suites_of, written
from expectations.definitions import ROW_GUARD, Expectation, Suite
from expectations.derived import MEANS, NAMES, name_of


def reference() -> str:
    """What is derived, from which contract, and what is written beside it, by table."""
    suites = [*suites_of("log"), *suites_of("warehouse"), *suites_of("pack")]
    parts = [derived_kinds(), derived_by_table(suites)]
    parts += [section(suite) for suite in suites if suite.table in written()]
    return "\n".join(parts)


def derived_kinds() -> str:
    """The kinds of expectations that follow from contracts, and the guard of every suite."""
    lines = [
        "### Derived from contracts",
        "",
        "| expectation | what it means |",
        "| --- | --- |",
        f"| `{ROW_GUARD.name}` | {ROW_GUARD.means} |",
    ]
    lines += [
        f"| `<table>_{name}` | {MEANS[kind].format(about='(what the contract names)')} |"
        for kind, name in NAMES.items()
    ]
    return "\n".join([*lines, ""])


def derived_by_table(suites: list[Suite]) -> str:
    """Every table that has a gate, with the kinds that its contract lets the gate expect."""
    lines = [
        f"| table | one row per | {' | '.join(NAMES)} | written |",
        f"| --- | --- |{' --- |' * (len(NAMES) + 1)}",
    ]
    for suite in suites:
        names = {one.name for one in suite.expectations}
        marks = ["yes" if name_of(suite.table, kind) in names else "" for kind in NAMES]
        extra = written().get(suite.table)
        count = len(extra.expectations) if extra else ""
        lines.append(f"| `{suite.table}` | {suite.rows} | {' | '.join(marks)} | {count} |")
    return "\n".join([*lines, ""])


def section(suite: Suite) -> str:
    """What is written of one table."""
    lines = [
        f"### `{suite.table}` ({suite.gate} gate)",
        "",
        "| expectation | severity | owner | what it means |",
        "| --- | --- | --- | --- |",
        *(row(one) for one in written()[suite.table].expectations),
    ]
    return "\n".join([*lines, ""])


def row(one: Expectation) -> str:
    """One expectation as a row of a table."""
    window = f" Window: {one.window}." if one.window else ""
    means = " ".join(one.means.split())
    return f"| `{one.name}` | {one.severity} | {one.owner} | {means}{window} |"
