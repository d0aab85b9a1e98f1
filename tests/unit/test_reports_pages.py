"""Text taken out of printed pages: what is around it, and what the ends of lines cut."""

from __future__ import annotations

import pytest

from ingest.sources.reports import Document
from ingest.sources.reports.pages import join_lines, split_pages
from ingest.sources.reports.text import lines_of
from tests.support.report_texts import FRONT, read

FIRST = f"""{FRONT}Department for Kites

Progress during 2013

Take-up of Kite licences rose in the course of the year from 40% to"""
SECOND = """54% in 2013. The department made more use of its regis-
ters, so that people need not give the same answer twice. The regis-
ters and the take-
up of KLO are published."""
THIRD = """Plans for 2014

DfK will keep its registers up to date and raise take-up of Kite
licences to 60%."""


def paged(*, header: str = "", footer: str = "", feed: str = "") -> str:
    """The pages, each with its header and footer; `#` is the page's number."""
    return "".join(
        (feed if number > 1 else "")
        + header.replace("#", str(number)).join(("", "\n\n" if header else ""))
        + page
        + f"\n\n{footer.replace('#', str(number))}\n\n"
        for number, page in enumerate((FIRST, SECOND, THIRD), 1)
    )


def said(document: Document) -> list[tuple[str, str, str]]:
    return [(c.text, c.service_id or "", c.direction) for c in document.claims]


def text_of(document: Document) -> str:
    return "\n".join(section.text for section in document.sections)


@pytest.mark.parametrize(
    "around",
    [
        {"footer": "#"},
        {"footer": "Page # of 3"},
        {"footer": "- # -"},
        {"footer": "Digital Strategy | #"},
        {"footer": "# Digital Strategy"},
        {"footer": "#", "header": "Action 12: publish what services do"},
        {"footer": "Page #", "header": "Digital Strategy 2012"},
        {"feed": "\f", "footer": "March 2014"},
        {"feed": "\f", "footer": "#", "header": "Digital Strategy"},
    ],
)
def test_what_pages_bear_is_outside_the_text(around: dict[str, str]) -> None:
    document = read(paged(**around))
    assert said(document) == [
        ("40%", "kites-licences", "from"),
        ("54%", "kites-licences", "to"),
        ("60%", "kites-licences", "to"),
    ]
    assert [(s.kind, s.year) for s in document.sections] == [("progress", 2013), ("plan", 2014)]
    assert document.problems == document.undecided == ()
    text = text_of(document)
    assert "Digital Strategy" not in text
    assert "Page" not in text
    assert "March" not in text
    assert "\n1" not in text


def test_a_word_that_the_text_has_in_one_is_joined_and_another_keeps_its_hyphen() -> None:
    text = text_of(read(paged(footer="#")))
    assert "use of its registers, so that" in text
    assert "the take-up of KLO" in text
    joined = join_lines(
        lines_of(b"Kites were sent to a far-\noff place by the self-\nsame people.\n"),
        stands_alone=lambda _: False,
    )
    assert [line.text for line in joined] == [
        "Kites were sent to a far-off place by the self-same people."
    ]


def test_a_number_of_a_joined_word_keeps_its_line() -> None:
    document = read(paged(footer="#"))
    assert [claim.line for claim in document.claims] == [7, 11, 21]


def test_lines_of_a_column_are_one_paragraph() -> None:
    column = (
        "Take-up of Kite licences in the year that went by reached a full\n"
        "63%. Much of it came in the winter, when the people of the office in\n"
        "Greatstring helped others to apply. By the end of the year some\n"
        "300 people were trained in this way. The office will go on to show\n"
        "how string is made and what it is good for, and will write down in\n"
        "plain words what it learns.\n"
    )
    document = read(f"{FRONT}Department for Kites\n\nProgress during 2013\n\n{column}")
    assert [len(section.lines) for section in document.sections] == [1]
    assert [(c.text, c.line) for c in document.claims] == [("63%", 8), ("300", 10)]


def test_what_is_repeated_in_the_middle_of_pages_stays() -> None:
    lines = lines_of(("\n".join(["Kites", "Not applicable", "No change", "Strings"] * 4)).encode())
    own, around = split_pages(lines, is_section=lambda _: False)
    assert (own, around) == (lines, [])


def test_headings_of_sections_are_never_taken_for_headers() -> None:
    text = FRONT
    for number, name in enumerate(("Department for Kites", "Lighthouse Office"), 1):
        text += f"{name}\n\nProgress during 2013\n\nDone.\n\n{number}\n\n"
    document = read(text)
    assert [s.department_id for s in document.sections] == ["kites", "lights"]
