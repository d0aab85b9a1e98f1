from __future__ import annotations

import pytest

from ingest.sources.reports import UnreadableReport, read_document
from ingest.sources.reports.text import NotUtf8, lines_of
from tests.support.report_texts import REGISTERS

PAGE = """<!DOCTYPE html>
<html><head><title>Action 5: boats - GOV.UK</title>
<style>p { width: 54% }</style></head>
<body>
<nav><ol><li>Department for Kites</li><li>7 of them</li></ol></nav>
<main>
<h1>Action 5: boats</h1>
<p>Updated 3&nbsp;March 2014</p>
<h2 id="kites">Department for&nbsp;Kites</h2>
<h3>Progress during 2013</h3>
<p>Take-up of <strong>Kite
licences</strong> rose to 4<sup>1</sup>%
&amp; then fell, say
the 3 keepers&rsquo; notes.</p>
<ul><li>one
<li>two &pound;30</ul>
</main>
<script>var share = "90%";</script>
<footer>All content is 100% available</footer>
</body></html>
"""


def test_html_gives_blocks_with_the_lines_on_which_they_stand() -> None:
    texts = [(line.number, line.text, line.role) for line in lines_of(PAGE.encode())]
    assert texts == [
        (2, "Action 5: boats - GOV.UK", "heading"),
        (5, "Department for Kites", "aside"),
        (5, "7 of them", "aside"),
        (7, "Action 5: boats", "heading"),
        (8, "Updated 3 March 2014", "text"),
        (9, "Department for Kites", "heading"),
        (10, "Progress during 2013", "heading"),
        (
            11,
            "Take-up of Kite licences rose to 41% & then fell, say the 3 keepers\u2019 notes.",
            "text",
        ),
        (15, "one", "item"),
        (16, "two £30", "item"),
        (19, "All content is 100% available", "aside"),
    ]


def test_html_is_placed_like_plain_text_and_numbers_keep_their_own_lines() -> None:
    document = read_document(PAGE.encode(), registers=REGISTERS)
    assert document.short_name == "action-5-2014-03-03"
    assert [(s.department_id, s.kind, s.year) for s in document.sections] == [
        ("kites", "progress", 2013)
    ]
    assert [(n.line, n.text, n.kind) for n in document.numbers if n.line > 10] == [
        (12, "41%", "claim"),
        (14, "3", "undecided"),
        (15, "one", "undecided"),
        (16, "two", "undecided"),
        (16, "£30", "undecided"),
        (19, "All", "sidebar"),
        (19, "100%", "sidebar"),
    ]
    claim = document.claims[0]
    assert (claim.service_id, claim.subject) == ("kites-licences", "Kite licences")


def test_a_numbered_list_has_the_numbers_that_a_page_shows() -> None:
    page = (
        "<html><ol><li>one<ul><li>inner</ul><li><p>two</p></ol><nav><ol><li>home</ol></nav></html>"
    )
    assert [line.text for line in lines_of(page.encode())] == ["1. one", "inner", "2. two", "home"]


def test_a_form_feed_begins_a_page() -> None:
    lines = lines_of(b"Boats\n\f\nfloat\n\fthey do\n")
    assert [(line.text, line.begins_page) for line in lines] == [
        ("Boats", False),
        ("float", True),
        ("they do", True),
    ]


def test_a_byte_order_mark_is_no_text() -> None:
    assert lines_of("\ufeffBoats\n".encode())[0].text == "Boats"
    page = lines_of("\ufeff\ufeff<html><body><p>Boats</p></body></html>\n".encode())
    assert [line.text for line in page] == ["Boats"]


def test_bytes_that_are_not_utf8_are_refused_with_their_offset() -> None:
    with pytest.raises(NotUtf8, match="byte 10"):
        lines_of(b"\xef\xbb\xbfBoats \n\xa3100\n")


def test_a_nul_is_refused() -> None:
    with pytest.raises(UnreadableReport, match="NUL at byte 3"):
        lines_of(b"abc\0")


def test_white_space_and_invisible_characters_are_collapsed() -> None:
    line = lines_of("a\u00a0 b\u200b c\u00ad-\t d\n".encode())[0]
    assert line.text == "a b c- d"


def test_an_empty_document_has_no_sections() -> None:
    document = read_document(b"\n \n", registers=REGISTERS)
    assert document.sections[0].lines == ()
    assert document.numbers == ()
    assert document.short_name == "untitled"
