"""The runbook as a page beside that of the runs, for links that lead to one of its sections."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from core.settings import PROJECT_ROOT

RUNBOOK: Final = PROJECT_ROOT / "docs" / "runbook.md"
FILE_NAME: Final = "runbook.html"
_ELSEWHERE: Final = re.compile(r"\[([^\]]*)\]\((?!#|https?:)[^)]*\)")
"""Links to other pages of docs, which do not lie beside it."""


def runbook_body() -> str:
    """The runbook as HTML: headings have the anchors that docs link to, and links to other pages of
    docs are text."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(_ELSEWHERE.sub(r"\1", RUNBOOK.read_text(encoding="utf-8")))
    for opening, title in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", anchor_of(title.content))
    return str(reader.renderer.render(tokens, reader.options, {}))


def anchor_of(title: str) -> str:
    """The anchor of a heading, as the usual readers of Markdown make it."""
    return re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-")
