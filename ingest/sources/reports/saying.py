"""How far a sentence of a report says that something has come."""

from __future__ import annotations

import re
from typing import Literal

from ingest.sources.reports.promising import (
    DELAYED,
    DENIED,
    DESCRIBES,
    IRREGULAR,
    NEGATIVE,
    NOT_APPLICABLE,
    PARTLY,
    REPLACED,
    UNFINISHED,
)
from ingest.sources.reports.standing import status_of

Says = Literal[
    "promise",
    "done",
    "partly",
    "under_way",
    "delayed",
    "not_done",
    "replaced",
    "not_applicable",
    "other",
]

WORDS: tuple[tuple[Says, re.Pattern[str]], ...] = (
    ("replaced", REPLACED),
    ("delayed", DELAYED),
    ("not_done", DENIED),
    ("partly", PARTLY),
    ("under_way", UNFINISHED),
)
CLAUSE = re.compile(r"(?:;|,? and|,? but|, while|, with) ")


def says_of(folded: str, *, is_progress: bool) -> Says:
    """What a sentence says of what it is about, by the first rule whose words it uses.

    `other` is one from which nothing follows: in a plan or a commitment, or where it says one thing
    of this and another of that.
    """
    if NOT_APPLICABLE.search(folded):
        return "not_applicable"
    if not is_progress:
        return "other"
    for says, pattern in WORDS:
        if pattern.search(folded):
            return "other" if _has_another_side(folded, pattern) else says
    status = status_of(folded)
    return "other" if status == "done" and NEGATIVE.search(DESCRIBES.split(folded)[0]) else status


def _has_another_side(folded: str, pattern: re.Pattern[str]) -> bool:
    """Whether a clause without these words says that something was done."""
    others = (clause for clause in CLAUSE.split(folded) if not pattern.search(clause))
    return any(
        word.endswith("ed") or word in IRREGULAR
        for clause in others
        if " will " not in clause
        for word in re.findall(r"[a-z]+", clause.lower())
    )
