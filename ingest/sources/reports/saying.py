"""How far a sentence of a report says that something has come."""

from __future__ import annotations

import re
from typing import Literal

from ingest.sources.reports.promising import (
    DELAYED,
    DENIED,
    IRREGULAR,
    NEGATIVE,
    NOT_APPLICABLE,
    PARTLY,
    REPLACED,
    UNFINISHED,
)
from ingest.sources.reports.standing import status_of
from ingest.sources.reports.verbs import done_verbs_in, main_clause, verbs_in

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
WANTED = r"\b(?:to|would|should|could|might|may|can|must|will)"
ONLY_WANTED = re.compile(rf"{WANTED}(?: have)?(?: been| be)?(?: \w+ly)? $")
"""Before what is only to be so, or might have been."""
PARTLY_WANTED = re.compile(rf"{WANTED} [^,;]*$")
"""Before what is part of something that is only to be done."""


def says_of(folded: str, *, is_progress: bool) -> Says:
    """What a sentence says of what it is about, by the first rule whose words it uses.

    `other` is one from which nothing follows: in a plan or a commitment, where it says one thing of
    this and another of that, where the words are not those of its main clause, or where it names a
    verb that one can check and doesn't say that this is over.
    """
    if NOT_APPLICABLE.search(folded):
        return "not_applicable"
    if not is_progress:
        return "other"
    main = main_clause(folded)
    for says, pattern in WORDS:
        if pattern.search(folded):
            is_sure = _is_said(main, pattern, PARTLY_WANTED if says == "partly" else ONLY_WANTED)
            is_sure = is_sure and (says != "partly" or _is_over(folded))
            return says if is_sure and not _has_another_side(folded, pattern) else "other"
    status = status_of(folded)
    if status != "done":
        return status
    return "other" if NEGATIVE.search(main) or not _is_over(folded) else "done"


def verbs_said(folded: str, says: Says) -> list[str]:
    """The verbs of which a sentence says this: those that are over where it says that they are."""
    return done_verbs_in(folded) if says == "done" else list(verbs_in(folded))


def _is_over(folded: str) -> bool:
    """Whether one of its checkable verbs is over, where it uses any."""
    return bool(done_verbs_in(folded)) or not any(verbs_in(folded))


def _is_said(main: str, pattern: re.Pattern[str], wanted: re.Pattern[str]) -> bool:
    """Whether these words are the main clause's own, and not of what is only to be so."""
    found = pattern.search(main)
    return found is not None and not wanted.search(main[: found.start()])


def _has_another_side(folded: str, pattern: re.Pattern[str]) -> bool:
    """Whether a clause without these words says that something was done."""
    others = (clause for clause in CLAUSE.split(folded) if not pattern.search(clause))
    return any(
        word.endswith("ed") or word in IRREGULAR
        for clause in others
        if " will " not in clause
        for word in re.findall(r"[a-z]+", clause.lower())
    )
