"""Rules of the measures as small tables: read from YAML, run through the real SQL, shown as a page.

A rule gives a few rows, asks a mart by its table macro, which holds the same SQL as the model,
and expects a few rows back. `docs/measures.md` shows the same tables, so that it can't say
anything else than what was tested:

    python -m tests.spec.rules
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import yaml

from core.settings import PROJECT_ROOT
from tests.spec.given import load

RULES = Path(__file__).parent / "measures"
PAGE = PROJECT_ROOT / "docs" / "measures.md"
NOTHING = "-"
EVERYTHING_KNOWN = "2030-01-01"

INTRODUCTION = (
    "Written by `python -m tests.spec.rules` from the rules in `tests/spec/measures/`. Each table "
    "here is a test: what is given is put into the warehouse, and the mart's own SQL has to give "
    "what is shown. A dash is a value that is not there."
)

Row = dict[str, str]


@dataclass(frozen=True)
class Table:
    """A table as it is written: columns and cells of text."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @classmethod
    def parse(cls, text: str) -> Table:
        """Cells between bars, the first line the columns."""
        lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
        header, *body = lines
        if any(len(cells) != len(header) for cells in body):
            raise ValueError(f"a row of another width than {header}")
        return cls(tuple(header), tuple(dict(zip(header, cells, strict=True)) for cells in body))

    def markdown(self) -> Iterator[str]:
        """The table in Markdown."""
        yield f"| {' | '.join(self.columns)} |"
        yield f"| {' | '.join('---' for _ in self.columns)} |"
        for row in self.rows:
            yield f"| {' | '.join(row[column] for column in self.columns)} |"


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
        text=_one_line(stated["text"]),
        rules=tuple(_rule(rule) for rule in stated["rules"]),
        is_published=stated.get("published", False),
    )


def _rule(stated: dict[str, Any]) -> Rule:
    given = {name: Table.parse(text) for name, text in stated.get("given", {}).items()}
    expect = Table.parse(stated["expect"])
    texts = {name: _one_line(stated[name]) for name in ("rule", "naive") if name in stated}
    return Rule(**(stated | texts | {"given": given, "expect": expect}))


def answer(connection: duckdb.DuckDBPyConnection, rule: Rule) -> list[Row]:
    """What the mart says, in the columns that the rule expects; nothing stays in the tables."""
    connection.begin()
    try:
        for name, table in rule.given.items():
            load(connection, name, table.rows)
        return ask(connection, rule)
    finally:
        connection.rollback()


def ask(connection: duckdb.DuckDBPyConnection, rule: Rule) -> list[Row]:
    """The mart's rows as of the rule's moment."""
    found = connection.execute(
        f"select * from {rule.ask}_as_of(cast(? as timestamptz)) where {rule.where}",
        [f"{rule.as_of} 00:00:00+00"],
    )
    names = [column[0] for column in found.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return [{column: shown(column, row) for column in rule.expect.columns} for row in rows]


def shown(column: str, row: dict[str, Any]) -> str:
    """A value as the tables write it. `period` names a period in one word."""
    if column == "period":
        return period(row["period_kind"], row["period_start"], row["period_end"])
    value = row[column]
    if value is None:
        return NOTHING
    return str(value).lower() if isinstance(value, bool) else str(value)


def period(kind: str, start: Any, end: Any) -> str:
    """`2014 Q1`, `2014-05`, `year to 2014 Q4`, `2014-15`."""
    if kind == "month":
        return f"{start:%Y-%m}"
    if kind == "financial_year":
        return f"{start.year}-{end:%y}"
    quarter = f"{end.year} Q{end.month // 3}"
    return quarter if kind == "quarter" else f"year to {quarter}"


def differences(expected: Sequence[Row], actual: Sequence[Row]) -> list[str]:
    """Rows that only one side has, in words."""
    left = list(actual)
    missing = []
    for row in expected:
        match = next((one for one in left if agrees(row, one)), None)
        if match is None:
            missing.append(f"expected only: {row}")
        else:
            left.remove(match)
    return missing + [f"in the mart only: {row}" for row in left]


def agrees(expected: Row, actual: Row) -> bool:
    """Whether a row is the one that is expected, numbers to the decimals that are written."""
    return all(_is_same(expected[column], actual[column]) for column in expected)


def _is_same(expected: str, actual: str) -> bool:
    if expected == actual:
        return True
    match = re.fullmatch(r"-?\d+(?:\.(\d+))?", expected)
    if match is None or not re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", actual):
        return False
    return abs(float(expected) - float(actual)) <= 0.5000001 * 10 ** -len(match[1] or "")


def page(sections: Sequence[Section]) -> str:
    """The page that shows every rule with its case."""
    lines = ["# How measures are worked out", "", INTRODUCTION, ""]
    for section in sections:
        lines += [f"## {section.title}", "", section.text, ""]
        for rule in section.rules:
            lines += [*_shown_rule(rule), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _shown_rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.title}"
    yield ""
    yield rule.rule
    for name, table in rule.given.items():
        yield ""
        yield f"Given {name.replace('_', ' ')}:"
        yield ""
        yield from table.markdown()
    yield ""
    moment = "" if rule.as_of == EVERYTHING_KNOWN else f" as of {rule.as_of}"
    yield f"`{rule.ask}`{moment}:"
    yield ""
    yield from rule.expect.markdown()
    if rule.naive:
        yield ""
        yield f"Not so: {rule.naive}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    PAGE.write_text(page(read_sections()), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(PROJECT_ROOT)}: written\n")
