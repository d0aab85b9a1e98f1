"""What a promise names, so that nothing counts as a report of it that names something else: the
items of a list of names, its place, a rank in an order, that it is of all, what it is of or for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.sources.reports.promising import DESCRIBES
from ingest.sources.reports.standing import STEM

NAME = r"[A-Z][\w'&-]+(?: [A-Z][\w'&-]+)*"
NAMES = re.compile(
    rf"\b{NAME}(?:, (?:the )?{NAME})*,? (?:and|or)(?: to| in| for| at)?(?: the)? {NAME}"
)
"""Names of which each is promised something."""
THOSE_WHO_DO = re.compile(r"\b(?:with|by)(?: the)? $")
"""Before names of those with whom it is done."""

ORDER = re.compile(
    r"\b(first|second|third|fourth|fifth|sixth|last|final|initial)\b"
    r"(?! (?:time|point|place|instance|class|aid)s?\b)",
    re.I,
)
ALL = re.compile(r"(?<!at )(?<!above )(?<!after )\b(?:all|each|every|both)\b(?! but\b)", re.I)


PREPOSITION = r"(?:of|on|about|to|for|from|at|in|among)"
ENDS = rf"(?:{PREPOSITION}|or|with|by|was|were|is|are|has|have|had|will|went|which|that|who|\w+ed)"
AFTER = re.compile(
    rf"\b{PREPOSITION}(?: (?:the|a|an|all|its|their|every|each))?"
    rf"(?P<words>(?: (?:and )?(?!(?:{ENDS}|and)\b)[A-Za-z]+){{1,4}})"
)


def names_promised(text: str, place: str | None) -> set[str]:
    """What a report of the promise in `text` has to name (`@leeds`, `@second`, `@all`)."""
    lists = (m for m in NAMES.finditer(text) if not THOSE_WHO_DO.search(text[: m.start()]))
    listed = " ".join(match.group() for match in lists)
    found = {*_stems(listed), *_stems(place or ""), *_ranks(text)}
    if ALL.search(DESCRIBES.split(text)[0]):
        found.add("@all")
    return found


def names_told(text: str) -> set[str]:
    """What a sentence names, in the same form."""
    found = {*_stems(text), *_ranks(text)}
    return found | {"@all"} if ALL.search(text) else found


def stems_after_prepositions(text: str) -> Iterator[str]:
    """Of what, for whom, to where: the words behind a preposition, up to three, by their stems."""
    for match in AFTER.finditer(text):
        for word in match["words"].split():
            yield word.casefold()[:STEM]


def _stems(text: str) -> Iterator[str]:
    for word in re.findall(r"\b[A-Z][A-Za-z]{2,}", text):
        yield f"@{word.casefold()[:STEM]}"


def _ranks(text: str) -> Iterator[str]:
    for match in ORDER.finditer(text):
        yield f"@{match[1].casefold()[:STEM]}"
