"""A plain document as a web page: the same words under the mark-up that shows them so."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from ingest.sources.reports import Document
from ingest.sources.reports.headings import section_of

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} - GOV.UK</title>
<script>var pages = 7;</script>
</head>
<body>
<nav><ol><li>Home</li><li>14 actions</li></ol></nav>
<main>
{body}
</main>
<footer><p>All content is available, 100%</p></footer>
</body>
</html>
"""
LISTS = (("ul", re.compile(r"\s*[•-]\s+")), ("ol", re.compile(r"\s*\d+[.]\s+")))


def html_copy(text: str, document: Document) -> str:
    """A page of a text that was read as `document`: headings, paragraphs and lists marked up."""
    lines = [line for line in text.split("\n") if line.strip()]
    headings = {line.text for line in document.headings}
    body = "\n".join(_marked_up(lines, document.title, headings))
    return PAGE.format(title=html.escape(document.title), body=body)


def _marked_up(lines: list[str], title: str, headings: set[str]) -> Iterator[str]:
    opened: str | None = None
    for line in lines:
        listed = next(((tag, mark) for tag, mark in LISTS if mark.match(line)), None)
        tag = listed[0] if listed else None
        if opened and tag != opened:
            yield f"</{opened}>"
        if tag and tag != opened:
            yield f"<{tag}>"
        opened = tag
        words = html.escape(listed[1].sub("", line) if listed else line.strip())
        name = "li" if listed else _block(line.strip(), title, headings)
        # A long paragraph goes on on the next line of the file.
        start, _, rest = words.partition(". ")
        yield f"<{name}>{start}.\n  {rest}</{name}>" if rest else f"<{name}>{words}</{name}>"
    if opened:
        yield f"</{opened}>"


def _block(line: str, title: str, headings: set[str]) -> str:
    if line == title:
        return "h1"
    if section_of(line):
        return "h3"
    return "h2" if line in headings else "p"
