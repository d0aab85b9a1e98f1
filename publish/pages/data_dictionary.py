"""docs/data-dictionary.md: every table and column that an analyst sees, from the models' YAML.

Descriptions are written once, beside the models; this page, the comments in the published file
and its table `dictionary` all come from there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from core.errors import UsageError
from core.settings import PROJECT_ROOT, SEEDS
from publish.pages.page import Page, cell, one_line, table

MODELS: Final = PROJECT_ROOT / "dbt_project" / "models"

DOC_BLOCK: Final = re.compile(r"{%\s*docs\s+(\w+)\s*%}(.*?){%\s*enddocs\s*%}", re.DOTALL)
DOC_CALL: Final = re.compile(r"""{{\s*doc\(\s*['"](\w+)['"]\s*\)\s*}}""")

HEADER: Final = """# Data dictionary

Written by `make docs` from the descriptions beside the models and registers: change them there. \
The published file carries the same texts as comments and in its table `dictionary`.
"""


@dataclass(frozen=True)
class Column:
    """A column as its YAML describes it; the type is empty where the YAML gives none."""

    name: str
    data_type: str
    description: str


@dataclass(frozen=True)
class Table:
    """A table under the name that a reader of the database sees.

    `empty_because`: what it means where it has no rows; empty for a register.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    empty_because: str = ""


def doc_blocks(folder: Path) -> dict[str, str]:
    """Shared descriptions (`{% docs name %}`) of every Markdown file below a folder."""
    return {
        name: one_line(text)
        for path in sorted(folder.rglob("*.md"))
        for name, text in DOC_BLOCK.findall(path.read_text(encoding="utf-8"))
    }


def tables_of(folder: Path, *, kind: str, blocks: dict[str, str]) -> list[Table]:
    """The `models` or `seeds` (`kind`) that the YAML files of a folder describe, by name.

    Raises:
        UsageError: a description refers to a shared one that does not exist.
    """
    described = [
        (path, entry)
        for path in sorted(folder.glob("*.yml"))
        for entry in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get(kind, [])
    ]
    tables = [
        Table(
            # A register has the table's name already: the model sets it as its alias.
            name=entry["name"].removeprefix("mart_"),
            description=_described(entry, blocks=blocks, where=path.name),
            columns=tuple(
                Column(
                    name=column["name"],
                    data_type=str(column.get("data_type", "")),
                    description=_described(column, blocks=blocks, where=path.name),
                )
                for column in entry.get("columns", [])
            ),
            empty_because=one_line(
                entry.get("config", {}).get("meta", {}).get("empty_because", "")
            ),
        )
        for path, entry in described
    ]
    return sorted(tables, key=lambda table: table.name)


def page(*, models: Path = MODELS, registers: Path = SEEDS) -> str:
    """The whole page."""
    blocks = doc_blocks(models)
    parts = [HEADER, "## Tables of the published file\n"]
    parts += map(_section, tables_of(models / "marts", kind="models", blocks=blocks))
    parts.append(
        "## Registers\n\nGoverned vocabulary and facts in `seeds/`, which the models read.\n"
    )
    parts += map(_section, tables_of(registers, kind="seeds", blocks=blocks))
    return "\n".join(parts)


def _section(described: Table) -> str:
    has_types = any(column.data_type for column in described.columns)
    columns = "column | type | meaning" if has_types else "column | meaning"
    rows = [
        [
            f"`{column.name}`",
            *([column.data_type] if has_types else []),
            cell(column.description),
        ]
        for column in described.columns
    ]
    head = [f"### {described.name}", "", described.description, ""]
    if described.empty_because:
        head += [f"Without rows: {described.empty_because}.", ""]
    return "\n".join([*head, *table(columns, rows)])


def _described(entry: dict[str, Any], *, blocks: dict[str, str], where: str) -> str:
    def shared(call: re.Match[str]) -> str:
        name = call[1]
        if name not in blocks:
            raise UsageError(f"{where}: {entry['name']} is described by doc('{name}'): no such doc")
        return blocks[name]

    return one_line(DOC_CALL.sub(shared, str(entry.get("description", ""))))


PAGE: Final = Page("data-dictionary.md", page)
