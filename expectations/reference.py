"""What the gates expect, as Markdown: `python -m expectations.reference` prints it for docs."""

from __future__ import annotations

from expectations.catalogue import suites_of
from expectations.definitions import ROW_GUARD, Suite


def reference() -> str:
    """Every suite with its expectations, in the order in which they run."""
    suites = [*suites_of("log"), *suites_of("warehouse")]
    return "\n".join(section(suite) for suite in suites)


def section(suite: Suite) -> str:
    """One suite as a table."""
    lines = [
        f"### `{suite.table}` ({suite.gate} gate)",
        "",
        f"One row is {suite.rows.strip()}.",
        "",
        "| expectation | severity | what it means |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| `{one.name}` | {one.severity} | {' '.join(one.means.split())} |"
        for one in [ROW_GUARD, *suite.expectations]
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    print(reference())
