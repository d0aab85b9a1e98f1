"""docs/measures.md: every rule of the measures with its worked case, from the tables of the tests.

The same tables are run through the marts' own SQL (`tests/spec/`), so that the page can't say
anything else than what was tested.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from core.settings import PROJECT_ROOT
from publish.pages.page import Page, one_line, table

RULES: Final = PROJECT_ROOT / "tests" / "spec" / "measures"
EVERYTHING_KNOWN: Final = "2030-01-01"

INTRODUCTION: Final = (
    "Written by `make docs` from the rules in `tests/spec/measures/`. Each table here is a test: "
    "what is given is put into the warehouse, and the mart's own SQL has to give what is shown. "
    "A dash is a value that is not there."
)

RuleRow = dict[str, str]


@dataclass(frozen=True)
class Table:
    """A table as it is written: columns and cells of text."""

    columns: tuple[str, ...]
    rows: tuple[RuleRow, ...]

    @classmethod
    def parse(cls, text: str) -> Table:
        """Cells between bars, the first line the columns."""
        lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
        header, *body = lines
        if any(len(cells) != len(header) for cells in body):
            raise ValueError(f"a row of another width than {header}")
        return cls(tuple(header), tuple(dict(zip(header, cells, strict=True)) for cells in body))

    def markdown(self) -> Iterator[str]:
        """The table in Markdown, and the blank line after it."""
        rows = ([row[column] for column in self.columns] for row in self.rows)
        return table(" | ".join(self.columns), rows)


@dataclass(frozen=True)
class Rule:
    """One rule with its case: rows that are given, and what a mart then says."""

    title: str
    rule: str
    ask: str
    expect: Table
    given: dict[str, Table] = field(default_factory=dict)
    where: str = "true"
    as_of: str = EVERYTHING_KNOWN
    naive: str = ""


@dataclass(frozen=True)
class Section:
    """Rules of one subject; `is_published` for cases worked on the published volumes."""

    title: str
    text: str
    rules: tuple[Rule, ...]
    is_published: bool


def read_sections(folder: Path = RULES) -> list[Section]:
    """All sections, in the order of their files."""
    return [_section(path) for path in sorted(folder.glob("*.yml"))]


def _section(path: Path) -> Section:
    stated = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Section(
        title=stated["title"],
        text=one_line(stated["text"]),
        rules=tuple(_rule(rule) for rule in stated["rules"]),
        is_published=stated.get("published", False),
    )


def _rule(stated: dict[str, Any]) -> Rule:
    given = {name: Table.parse(text) for name, text in stated.get("given", {}).items()}
    expect = Table.parse(stated["expect"])
    texts = {name: one_line(stated[name]) for name in ("rule", "naive") if name in stated}
    return Rule(**(stated | texts | {"given": given, "expect": expect}))


def page(sections: Sequence[Section]) -> str:
    """The page that shows every rule with its case."""
    lines = ["# How measures are worked out", "", INTRODUCTION, ""]
    for section in sections:
        lines += [f"## {section.title}", "", section.text, ""]
        for rule in section.rules:
            lines += _shown_rule(rule)
    return "\n".join(lines).rstrip("\n") + "\n"


def _shown_rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.title}"
    yield ""
    yield rule.rule
    yield ""
    for name, given in rule.given.items():
        yield f"Given {name.replace('_', ' ')}:"
        yield ""
        yield from given.markdown()
    moment = "" if rule.as_of == EVERYTHING_KNOWN else f" as of {rule.as_of}"
    yield f"`{rule.ask}`{moment}:"
    yield ""
    yield from rule.expect.markdown()
    if rule.naive:
        yield f"Not so: {rule.naive}"
        yield ""


PAGE: Final = Page("measures.md", lambda: page(read_sections()))
