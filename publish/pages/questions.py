"""docs/questions.md: what analysts ask, the query for it, and its answer on a published file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from publish.pages.page import Page, Row, cell, one_line, opening, table, tables_of

QUESTIONS: Final = Path(__file__).with_name("questions.yml")
ROWS: Final = 12
"""How many rows of an answer are shown where the question does not say."""


def page(published_file: Path) -> str:
    """The whole page, with the answers of a published file.

    Raises:
        UsageError: there is no such file.
    """
    lines = [*_head()]
    with tables_of(published_file) as answer:
        for part in headings():
            lines += [f"## {part['heading']}", ""]
            for question in part["questions"]:
                lines += _answered(question, *answer(question["query"]))
    return "\n".join(lines)


def headings() -> list[dict[str, Any]]:
    """Headings with their questions, in the order of the page."""
    import yaml

    found: list[dict[str, Any]] = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))
    return found


def _head() -> Iterator[str]:
    yield from opening(
        "Questions, and what answers them",
        says=" that read the vintages of the published volumes and the reports. The queries run on "
        "any published file (docs/analysts.md says how to open it), the answers are of that one: "
        "`seeds/volumes` carries its facts, so `make run` gives the same.",
    )


def _answered(question: Mapping[str, Any], names: list[str], rows: list[Row]) -> Iterator[str]:
    yield f"### {question['ask']}"
    yield ""
    yield one_line(question["read"])
    yield ""
    yield f"```sql\n{question['query'].rstrip()}\n```"
    yield ""
    shown = rows[: question.get("rows", ROWS)]
    if not shown:
        yield "No row."
        yield ""
        return
    yield from table(" | ".join(names), ([_text(value) for value in row] for row in shown))
    if len(shown) < len(rows):
        yield f"And {len(rows) - len(shown):,} more."
        yield ""


def _text(value: object) -> str:
    """A value as the page shows it: ratios and points to four places, counts with commas."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.4f}".rstrip("0").rstrip(".")
        case int():
            return f"{value:,}"
        case _:
            return cell(str(value))


PAGE: Final = Page("questions.md", page, needs_home=True)
