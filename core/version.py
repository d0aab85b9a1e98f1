"""Which code made something: the package's version and a digest of what decides results."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

from core.settings import PROJECT_ROOT

VERSION = "0.1.0"

Layer = Literal["ingest", "models"]

DECIDING: dict[Layer, dict[str, tuple[str, ...]]] = {
    "ingest": {
        "ingest": ("**/*.py", "**/*.sql", "**/*.json"),
        "core": ("periods.py", "registers.py"),
        "seeds": (
            "barriers.csv",
            "channel_aliases.csv",
            "channels.csv",
            "contact_reasons.csv",
            "department_aliases.csv",
            "departments.csv",
            "forbidden_fields.csv",
            "partners.csv",
            "platform_data_types.csv",
            "published_names.csv",
            "service_aliases.csv",
            "services.csv",
        ),
    },
    "models": {
        "dbt_project": ("dbt_project.yml",),
        # Descriptions are rows of the table dictionary.
        "dbt_project/models": ("**/*.sql", "**/*.py", "**/*.yml", "**/*.md"),
        "dbt_project/macros": ("**/*.sql",),
        "projections": ("**/*.py",),
        "core": ("periods.py",),
        "seeds": ("*.csv",),
        # What the log declares of its columns and events reaches the staging models.
        "ingest": ("log/columns.py", "validation/event_types.py", "schemas/*.json"),
        "takeup": ("log_declaration.py",),
    },
}
"""By layer, the files that decide its results: what checked a file, and what made a table."""

DECIDE_NOTHING = {"feeds.csv", "recipients.csv"}
"""Registers of which no figure is made: a new recipient is no reason to build everything again."""

_SQL_TEXT_OR_COMMENT = re.compile(
    r"""(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")|\{#.*?#\}|--[^\n]*|/\*.*?\*/""", re.DOTALL
)


@cache
def code_version(layer: Layer) -> str:
    """Version and short digest of what decides a layer's results: `0.1.0+1a2b3c4d5e6f`.

    Comments, docstrings and layout decide nothing, and don't change it.
    """
    from blake3 import blake3

    hasher = blake3()
    for path in _files(layer):
        name = path.relative_to(PROJECT_ROOT).as_posix()
        hasher.update(name.encode() + b"\0" + deciding_content(path) + b"\0")
    return f"{VERSION}+{hasher.hexdigest()[:12]}"


def deciding_content(path: Path) -> bytes:
    """What of a file decides results: of Python and SQL no comments, of all else every byte."""
    if path.suffix == ".py":
        return _python_without_comments(path.read_text(encoding="utf-8")).encode()
    if path.suffix == ".sql":
        return _sql_without_comments(path.read_text(encoding="utf-8")).encode()
    return path.read_bytes()


def _files(layer: Layer) -> Iterator[Path]:
    for folder, patterns in DECIDING[layer].items():
        root = PROJECT_ROOT / folder
        found = {path for pattern in patterns for path in root.glob(pattern)}
        yield from sorted(path for path in found if path.name not in DECIDE_NOTHING)


def _python_without_comments(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            # A text by itself is a docstring, of a module, a function or a constant.
            node.body = [one for one in body if not _is_docstring(one)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _sql_without_comments(source: str) -> str:
    bare = _SQL_TEXT_OR_COMMENT.sub(lambda match: match["text"] or "", source)
    lines = (line.rstrip() for line in bare.splitlines())
    return "\n".join(line for line in lines if line)
