"""How far a department says it is: the standing of its progress, and whether that answers its plan.

Both are readings by stated rules of words that people wrote freely: a first sorting, not a verdict.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ingest.sources.reports.document import Document, Section
from ingest.sources.reports.text import LOOKALIKES

Status = Literal["done", "under_way", "delayed", "not_applicable"]

STATUS_RULES: tuple[tuple[Status, re.Pattern[str]], ...] = (
    ("not_applicable", re.compile(r"\bnot applicable\b", re.I)),
    ("delayed", re.compile(r"\bdelayed\b|\bpostponed\b|\bbehind schedule\b|\bslipped\b", re.I)),
    (
        "under_way",
        re.compile(
            r"\bcontinu(?:e|es|ed|ing)\b"
            r"|\b(?:is|are|has been|have been|'re|'s) (?:\w+ly |also |closely |fully )?"
            r"(?!(?:existing|including|following|outstanding)\b)\w+ing\b"
            r"|\b(?:has|have) (?:already )?(?:started|begun)\b|\bstarted\b|\bbegan\b|\bunder ?way\b"
            r"|\b(?:is|are|remains?) committed\b|\bwill (?:\w+ly )?(?:be )?\w+"
            r"|\bworking (?:on|to|towards)\b|\bworked on\b|\bin discussions?\b"
            r"|\bplanned (?:it|them) for\b",
            re.I,
        ),
    ),
)
"""Read in order over the whole entry; an entry in which none is found reports what is done."""

COMMON = frozenset(
    "about across action actions activities activity after agencies also among approach around "
    "assisted been being better both build channels committed continue continued continues "
    "cross-government departmental department departments develop developed developing development "
    "digital during encourage ensure ensured ensuring existing from fully future government group "
    "have help helped inclusion including information into it's its know make more need needs "
    "online other over part people plan planned plans progress provide provided service services "
    "should such support supported supporting that their them they this those through user users "
    "using were where which will with within work worked working would year years".split()
)
"""Words that every entry of these papers uses: sharing them is not an answer."""

STEM = 6
"""Letters by which two words are taken for the same: redesign, redesigned, redesigning."""


@dataclass(frozen=True)
class Standing:
    """What a section says of itself.

    `status` is for progress only. `answers_plan` is None where the department had no plan for the
    year, and for sections that are not progress; `shared_terms` are the words on which it rests.
    """

    section: Section
    status: Status | None
    answers_plan: bool | None
    shared_terms: tuple[str, ...]


def standings_of(document: Document) -> list[Standing]:
    """One per section that is placed, in the order of the document."""
    plans = {
        (section.department_id, section.year): section
        for section in document.sections
        if section.is_placed and section.kind == "plan"
    }
    standings: list[Standing] = []
    for section in document.sections:
        if not section.is_placed:
            continue
        if section.kind != "progress":
            standings.append(Standing(section, None, None, ()))
            continue
        plan = plans.get((section.department_id, section.year))
        answers, shared = (None, ()) if plan is None else _answers(plan, section)
        standings.append(Standing(section, status_of(section.text), answers, shared))
    return standings


def _answers(plan: Section, progress: Section) -> tuple[bool, tuple[str, ...]]:
    own_name = f"{progress.department} {progress.department_id}"
    return answers_plan(plan.text, progress.text, own_name=own_name)


def status_of(text: str) -> Status:
    """Standing of an entry on progress, by the first rule whose words it uses."""
    folded = text.translate(LOOKALIKES)
    for status, words in STATUS_RULES:
        if words.search(folded):
            return status
    return "done"


def answers_plan(plan: str, progress: str, *, own_name: str = "") -> tuple[bool, tuple[str, ...]]:
    """Whether an entry on progress speaks of what was planned, and the words that both use.

    It does where they share a word of substance; the department's own name is none.
    """
    names = terms_of(own_name)
    planned = {stem: word for stem, word in terms_of(plan).items() if stem not in names}
    reported = terms_of(progress)
    shared = tuple(sorted(planned[stem] for stem in planned.keys() & reported.keys()))
    return bool(shared), shared


def terms_of(text: str) -> dict[str, str]:
    """Words of substance by their stem, with the first form in which each occurs."""
    terms: dict[str, str] = {}
    for match in re.finditer(r"[A-Za-z][A-Za-z.'-]{3,}", text.translate(LOOKALIKES)):
        word = match.group().casefold().strip(".'-").removesuffix("'s")
        if word not in COMMON and len(word) > 3:
            terms.setdefault(word[:STEM], word)
    return terms
