"""docs/architecture.md: who imports whom, drawn from the imports themselves.

The floors and wings are those of the import contracts in pyproject.toml, which `make lint` holds;
here they are only drawn.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from core.settings import PROJECT_ROOT
from publish.pages.page import DOCS, Page, filled

Arrow = tuple[str, str]
"""A package, and one that it imports."""


def page() -> str:
    """The page with both drawings."""
    return filled(
        DOCS / "architecture.md",
        {"packages": drawing(layers("")), "wings of ingest": drawing(layers("ingest"))},
    )


def layers(container: str, *, root: Path = PROJECT_ROOT) -> list[list[str]]:
    """Packages of the layers contract of `container` ('' for the whole), the top floor first."""
    settings: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]
    inside = [container] if container else None
    (found,) = (
        contract["layers"]
        for contract in settings["importlinter"]["contracts"]
        if contract["type"] == "layers" and contract.get("containers") == inside
    )
    prefix = f"{container}." if container else ""
    return [[f"{prefix}{name.strip()}" for name in floor.split(":")] for floor in found]


def drawing(floors: Sequence[Sequence[str]], *, root: Path = PROJECT_ROOT) -> str:
    """The floors as a Mermaid chart: its direction is down, so an import up would show."""
    lines = ["```mermaid", "flowchart TD"]
    lines += [f"    {name}" for floor in floors for name in floor]
    lines += [f"    {above} --> {below}" for above, below in arrows(floors, root=root)]
    return "\n".join([*lines, "```"])


def arrows(floors: Sequence[Sequence[str]], *, root: Path = PROJECT_ROOT) -> list[Arrow]:
    """Every import of one of these packages by another, from the top floor down."""
    order = [name for floor in floors for name in floor]
    return sorted(
        {
            (name, imported)
            for name in order
            for module in _modules(root / name.replace(".", "/"))
            for imported in order
            if imported != name and any(_is_in(found, imported) for found in _imports(module))
        },
        key=lambda arrow: (order.index(arrow[0]), order.index(arrow[1])),
    )


def _modules(place: Path) -> list[Path]:
    return sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


def _imports(module: Path) -> Iterator[str]:
    """Names of what a module imports, inside of functions too."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


PAGE: Final = Page("architecture.md", page)
