"""Texts of any shape: each part of a report is read by itself, however long the text is."""

from __future__ import annotations

from functools import cache

import pytest

from core.settings import PROJECT_ROOT
from ingest.sources.reports import Document, load_registers, read_document
from ingest.sources.reports.figures import (
    CROWDED,
    MAXIMUM_NUMBERS,
    MAXIMUM_SENTENCE,
    sentences_of,
)
from ingest.sources.reports.registers import Registers
from ingest.sources.reports.text import is_markup

HEAD = (
    "Action 6: departments will move\n\nUpdated 4 March 2016\n\nCabinet Office\n\n"
    "Progress during 2015\n\n"
)
PAGE = (
    "<!doctype html><h1>Action 6: departments will move</h1><p>Updated 4 March 2016</p>"
    "<h2>Cabinet Office</h2><h3>Progress during 2015</h3>"
)
CLAIM = "Take-up of rod licences was 41%."
TIMES = 60_000


@cache
def registers() -> Registers:
    return load_registers(PROJECT_ROOT / "seeds")


def read(text: str) -> Document:
    return read_document(text.encode(), registers=registers())


# Each of these took the square of its length, or more, in one way or another: at this length the
# test would not end. The claim beside it is read all the same.
@pytest.mark.parametrize(
    "odd",
    [
        "a@" * TIMES,
        "A. " * TIMES,
        ". . " * TIMES + "x",
        "x." + '")' * TIMES + "x",
        "a-" * TIMES,
        "(" * TIMES,
        "1," * TIMES,
        "and so on\n" * (TIMES // 10),
        "digi-\n" * (TIMES // 10),
    ],
    ids=lambda text: text[:8],
)
def test_a_claim_beside_an_odd_text_is_read(odd: str) -> None:
    document = read(f"{HEAD}{CLAIM}\n\n{odd}")
    assert [claim.text for claim in document.claims] == ["41%"]


@pytest.mark.parametrize(
    "odd",
    [
        "<div>" * TIMES,
        "<nav>x" * (TIMES // 10) + "</nav>" * (TIMES // 10),
        "<a " * TIMES,
        "<!-- " * TIMES,
        "<![foo " * TIMES,
        "<? " * TIMES,
        "&#" + "9" * TIMES + ";",
        "</p " * TIMES,
    ],
    ids=lambda text: text[:8],
)
def test_a_claim_before_odd_mark_up_is_read(odd: str) -> None:
    document = read(f"{PAGE}<p>{CLAIM}</p>{odd}")
    assert [claim.text for claim in document.claims] == ["41%"]


def test_comments_before_a_page_are_passed_over() -> None:
    assert is_markup("<!-- a --> <!-- b -->\n<html>")
    assert not is_markup("<!-- a -->" * TIMES + "text")
    assert not is_markup("<!-- never ends <html>")


def test_a_sentence_of_too_many_numbers_is_left_to_a_person() -> None:
    within = read(HEAD + CLAIM + " It held " + "4 events and " * (MAXIMUM_NUMBERS - 1) + "left.")
    beyond = read(HEAD + CLAIM + " It held " + "4 events and " * (MAXIMUM_NUMBERS + 1) + "left.")
    assert not any(CROWDED in problem.why for problem in within.undecided)
    assert [CROWDED in problem.why for problem in beyond.undecided] == [True] * (
        MAXIMUM_NUMBERS + 1
    )
    assert [claim.text for claim in beyond.claims] == ["41%"]


def test_what_is_read_at_once_is_bounded_and_nothing_is_dropped() -> None:
    text = "take-up was 41% and rose, " * 1000
    spans = sentences_of(text)
    assert all(end - start <= MAXIMUM_SENTENCE for start, end in spans)
    assert "".join(text[start:end] for start, end in spans) == text
