"""Verbs of promises and of reports of them: in their first form, and those that are over.

A verb is over in a finite past form (`opened the desk`) or passive (`was opened`) of what a
sentence itself says; what is wanted, asked or conditional is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.sources.reports.promising import (
    ADVERB,
    CHECKABLE,
    CHECKABLE_BY_A_DAY,
    DESCRIBES,
    IRREGULAR,
    NOT_CHECKABLE,
    SAME,
    WITH_PARTICLE,
)

ENCLOSED = re.compile(r", (?:which|who|whose|where)\b[^,;]*,")
"""A clause between commas that describes something: what is around it goes on."""
SUBORDINATE = re.compile(
    r"\b(?:if|whether|when|once|until|unless|before|after|as soon as|provided|because|although|"
    r"though|how|why|what)\b[^,;]*|^(?:should|had|were) [^,;]*",
    re.I,
)
"""A condition, a question or another time: as far as the next comma."""
IN_BRACKETS = re.compile(r" ?\([^()]*\)")
CLAUSES = re.compile(r"[,;:]|\b(?:and|but|while)\b")

PAST = frozenset(IRREGULAR) - {"able"} | frozenset(
    "set put found gave got brought sent spent saw came grew rose fell won bought taught told "
    "became".split()
)
"""Past forms that don't end in `ed`."""
NOT_PAST = frozenset("need indeed embed exceed proceed succeed speed feed".split())
ONLY_PASSIVE = frozenset("begun chosen driven gone taken understood written".split())
FINITE = frozenset("was were has have had got".split())
MODAL = frozenset(
    "to would could should might may can will shall must ought not never be being having is are "
    "get".split()
)
NOT_A_SUBJECT = MODAL | frozenset(
    "a an the its their his her our this these that those every each all any some no one two "
    "three many several most other more first of for with by on in at from as about than like "
    "into".split()
)
"""Before a past form that is no predicate: `the launched tool`, `to be launched`."""
PREPOSITIONS = frozenset("in on by at with for from during under".split())
UNSURE = frozenset(
    "not never hardly nearly almost partly partially half largely mostly mainly supposedly "
    "reportedly allegedly apparently possibly probably perhaps".split()
)
BETWEEN = re.compile(rf"(?:{ADVERB}|already|since|just|recently)", re.I)
CARRIED_OUT = frozenset("complete finish conduct carry_out hold run".split())
ACT = re.compile(
    r"(?:(?!(?:of|for|with|by|on|in|to|at|from|as|about)\b)[\w'-]+ ){0,4}?"
    r"(?P<act>audit|launch|pilot|review|survey|test|trial|transfer)(?:s|es)?"
    r"(?= (?:of|for|with|on|in|at|from|about|among)\b|$)"
)
"""What was carried out was done: who completed an audit of forms has audited them."""
WISHED = re.compile(
    r"(?<!\bas )(?<!\bthan )(?<!\bthe )(?<!\bits )\b(?:hop(?:ed|es|ing)|expect(?:ed|s|ing)?|"
    r"want(?:ed|s|ing)?|wish(?:ed|es)?|planned|planning|intend(?:ed|s)?|propos(?:ed|es|ing)|"
    r"promised|ask(?:ed|s|ing)?|requested|requir(?:ed|es)|needed|aimed|sought|believ(?:ed|es)|"
    r"thinks?|thought|said|says?|claimed|feared?|refused|declined|denied|suggested|recommended|"
    r"supposed|meant|assumed|understood|considered)\b",
    re.I,
)
"""These make of what follows in the same clause something that is wanted, or only said."""
AROUND = re.compile(r"\b(?:with|without|following|including|despite|towards?)\b", re.I)
FINITE_AFTER = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|should|could)\b", re.I)
"""Behind an active form: it is not the predicate (`the guide published in May was read`)."""


def main_clause(folded: str) -> str:
    """What a sentence itself says, without what describes something or is conditional."""
    return DESCRIBES.split(SUBORDINATE.sub(" ", ENCLOSED.sub(" ", folded)))[0]


def same_verbs(verb: str) -> frozenset[str]:
    """A verb with those that report it."""
    return frozenset({verb}).union(*(group for group in SAME if verb in group))


def verb_of(word: str, rest: str) -> str:
    """A verb in its first form, with the particle that belongs to it: `carry_out`."""
    base = base_of(word)
    following = rest.split()[:2]
    for particle in WITH_PARTICLE.get(base, ()):
        if particle in following:
            return f"{base}_{particle}"
    return base


def base_of(word: str) -> str:
    """A verb in its first form; a word that is none of those known as it is."""
    known = CHECKABLE | CHECKABLE_BY_A_DAY | NOT_CHECKABLE | set(WITH_PARTICLE)
    if word in IRREGULAR:
        return IRREGULAR[word]
    for ending, instead in (
        ("", ""),
        ("ied", "y"),
        ("ies", "y"),
        ("ed", ""),
        ("ed", "e"),
        ("ing", ""),
        ("ing", "e"),
        ("es", ""),
        ("s", ""),
    ):
        stem = word.removesuffix(ending) + instead if word.endswith(ending) else word
        if stem in known:
            return stem
        if len(stem) > 3 and stem[-1] == stem[-2] and stem[:-1] in known:
            return stem[:-1]
    return word


def verbs_in(folded: str) -> Iterator[str]:
    """Verbs of things that can be checked, wherever a sentence uses one."""
    words = re.findall(r"[a-z][a-z-]*", folded.lower())
    for index, word in enumerate(words):
        verb = verb_of(word, " ".join(words[index + 1 : index + 3]))
        if verb in CHECKABLE | CHECKABLE_BY_A_DAY:
            yield verb


def done_verbs_in(folded: str) -> list[str]:
    """Those of them that are over."""
    found = []
    for word, rest in finished_words_in(folded):
        verb = verb_of(word, rest)
        if verb in CHECKABLE | CHECKABLE_BY_A_DAY:
            found.append(verb)
        act = ACT.match(rest) if verb in CARRIED_OUT else None
        if act is not None:
            found.append(base_of(act["act"]))
    return found


def finished_words_in(folded: str) -> Iterator[tuple[str, str]]:
    """Past forms by which a sentence says that a thing is over, and what is behind each."""
    if folded.rstrip().endswith("?"):
        return
    was_over: bool | None = None
    for number, clause in enumerate(
        CLAUSES.split(IN_BRACKETS.sub("", main_clause(folded)).lower())
    ):
        words = re.findall(r"[a-z][a-z'-]*|\d+", clause)
        for index, word in enumerate(words):
            if word not in PAST and (not word.endswith("ed") or word in NOT_PAST):
                continue
            # A verb that opens a clause goes on from the one before; a report may begin so.
            opens = number == 0 and not PREPOSITIONS & {*words[1:2]}
            is_over = _is_over(words, index) if index else was_over or opens
            was_over = was_over if is_over is None else is_over
            if is_over:
                yield word, " ".join(words[index + 1 :])


def _is_over(words: list[str], index: int) -> bool | None:
    """Whether a past form within a clause is what the clause says of its subject; None where it is
    no predicate at all (`assisted digital`)."""
    before = index - 1
    while before >= 0 and (words[before] in FINITE | {"been"} or BETWEEN.fullmatch(words[before])):
        if words[before] in UNSURE:
            return False
        before -= 1
    auxiliaries = {*words[before + 1 : index]} & (FINITE | {"been"})
    earlier, later = " ".join(words[:index]), " ".join(words[index + 1 :])
    if WISHED.search(" ".join(words[: index + 1])):
        return False
    governor = words[before] if before >= 0 else ""
    if governor in UNSURE:
        return False
    if auxiliaries:
        return bool(auxiliaries & FINITE) and governor not in MODAL
    if governor in MODAL:
        return False
    if governor in NOT_A_SUBJECT or governor.isdigit():
        return None
    return not (
        words[index] in ONLY_PASSIVE
        or words[index + 1 : index + 2] == ["by"]
        or AROUND.search(earlier)
        or FINITE_AFTER.search(later)
    )
