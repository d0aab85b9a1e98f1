"""The commands of the runbook, as whoever follows it would type them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from core.settings import PROJECT_ROOT

RUNBOOK = PROJECT_ROOT / "docs" / "runbook.md"
FENCE = re.compile(r"^[ ]*```\n(.*?)^[ ]*```", re.DOTALL | re.MULTILINE)


def section(title: str, page: Path = RUNBOOK) -> str:
    """The text below a heading, up to the next one of its level."""
    text = page.read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, f"{page.name} has no section {title!r}"
    return found[1]


def commands(text: str, **given: str | Path) -> list[list[str]]:
    """Words of each command in the fenced blocks of a text, in their order.

    Args:
        given: what stands in the place of words in capitals (`DIR`, `COPY`).
    """
    lines = [line.strip() for block in FENCE.findall(text) for line in block.splitlines()]
    return [
        [str(given.get(word, word)) for word in shlex.split(line, comments=True)]
        for line in lines
        if line and not line.startswith("#")
    ]
