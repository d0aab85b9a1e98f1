"""What is said of promises, in the words of `promises.reported`: what each means, and the counts of
all of them in one sentence. No count of kept promises goes without its parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

MEANINGS: Final = {
    "kept": "kept by its day",
    "kept_late": "kept after its day",
    "kept_undated": "kept; it has no day, or no entry says on which",
    "partly": "kept in part",
    "replaced": "something else took its place",
    "not_kept": "an entry says that it was not kept, or it is planned again after its day",
    "not_reported": "a later report covers its day and does not mention it",
    "open": "not due, or no later report covers its day",
    "unclear": "left to a person",
    "not_applicable": "the department says that it does not apply to it",
    "no_test": "nobody could say that it was done: continue, support, consider, seek",
}
"""Every word, in the order in which they are told."""

SAID: Final = {
    "kept": "by their day",
    "kept_late": "late",
    "kept_undated": "without a day that would tell",
    "partly": "kept in part",
    "replaced": "replaced",
    "not_kept": "not kept",
    "not_reported": "due and silent",
    "open": "open",
    "unclear": "left to a person",
    "not_applicable": "not applicable",
    "no_test": "without a test",
}
"""The words as they are put behind a count."""

KEPT: Final = ("kept", "kept_late", "kept_undated")
APART: Final = ("no_test", "not_applicable", "unclear")
"""What is not counted among promises with a test; of what is unclear a person has yet to say."""

IN_OUR_WORDS: Final = """
    case
        when is_reviewed then promise
        else concat('not in our words yet: ', section, ', line ', line)
    end
"""
"""SQL of what is promised, without the sentences of documents."""


def with_test(counts: Mapping[str, int]) -> int:
    """How many promises have a test, from counts by word."""
    return sum(count for word, count in counts.items() if word not in APART)


def kept(counts: Mapping[str, int]) -> int:
    """How many were kept, on whatever day."""
    return sum(counts.get(word, 0) for word in KEPT)


def counts_line(counts: Mapping[str, int]) -> str:
    """Promises by word in a line whose counts add up to all of them."""
    return (
        f"{kept_line(counts, 'promises with a test')}. Counted apart: {apart_line(counts)}. "
        f"Together {sum(counts.values())}."
    )


def kept_line(counts: Mapping[str, int], which: str) -> str:
    """How many of those with a test were kept, and what is said of the others."""
    others = [word for word in MEANINGS if word not in (*KEPT, *APART)]
    return (
        f"{kept(counts)} of {with_test(counts)} {which} were kept ({_told(counts, KEPT)}); "
        f"of the others {_told(counts, others)}"
    )


def apart_line(counts: Mapping[str, int]) -> str:
    """How many are not counted among those with a test, and why."""
    return _told(counts, APART)


def _told(counts: Mapping[str, int], words: Iterable[str]) -> str:
    """Counts of some words, none left out: `8 by their day, 0 late`."""
    return ", ".join(f"{counts.get(word, 0)} {SAID[word]}" for word in words)
