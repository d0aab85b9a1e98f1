from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.reports import Document
from ingest.sources.reports.text import collapse
from tests.support.report_texts import FRONT, read


def placed(document: Document) -> list[tuple[str | None, str | None, int | None, str]]:
    return [(s.department_id, s.kind, s.year, s.text) for s in document.sections]


def problems(document: Document) -> list[tuple[int, str]]:
    return [(problem.line, problem.text) for problem in document.problems]


def words_kept(document: Document) -> Counter[str]:
    """Every word that the document was read into."""
    lines = [*document.front, *document.headings, *document.asides]
    lines += [line for section in document.sections for line in section.lines]
    return Counter(word for line in lines for word in line.text.split())


def test_front_matter_gives_title_action_date_and_name() -> None:
    document = read(
        "Policy paper\n\nAction 3: let departments speak\n\nPublished 2 May 2013\n"
        "Updated 3 March 2014\n\nThis is part of the Government Digital Strategy.\n\n"
        "Lighthouse Office\n\nProgress during 2013\n\nLamps were lit.\n"
    )
    assert document.title == "Action 3: let departments speak"
    assert document.action == 3
    assert str(document.published_on) == "2013-05-02"
    assert str(document.dated_on) == "2014-03-03"
    assert document.publisher == "Cabinet Office"
    assert document.short_name == "action-3-2014-03-03"
    assert placed(document) == [("lights", "progress", 2013, "Lamps were lit.")]


@pytest.mark.parametrize(
    ("heading", "kind", "year"),
    [
        ("Departmental digital strategy commitments (December 2012)", "commitment", 2012),
        ("Departmental Digital Strategy Commitments (2012)", "commitment", 2012),
        ("Digital strategy commitments (December 2013)", "commitment", 2013),
        ("Commitments for 2012", "commitment", 2012),
        ("Progress during 2013", "progress", 2013),
        ("Progress in 2014", "progress", 2014),
        ("PROGRESS DURING 2014", "progress", 2014),
        ("progress for 2014:", "progress", 2014),
        ("## Progress during 2014", "progress", 2014),
        ("2.1 Progress during 2014", "progress", 2014),
        ("Planned activities in 2015", "plan", 2015),
        ("Planned Activities in 2015", "plan", 2015),
        ("Planned activities for 2015", "plan", 2015),
        ("Planned\u00a0activity  for 2015", "plan", 2015),
        ("Plans for 2015", "plan", 2015),
        ("Plan for 2016.", "plan", 2016),
    ],
)
def test_headings_of_sections_in_all_their_forms(heading: str, kind: str, year: int) -> None:
    document = read(f"{FRONT}Department for Kites\n{heading}\nKites were flown.\n")
    assert placed(document) == [("kites", kind, year, "Kites were flown.")]
    assert problems(document) == []


@pytest.mark.parametrize(
    ("heading", "department_id"),
    [
        ("Department for Kites", "kites"),
        ("The Department for Kites", "kites"),
        ("Department for Kites (DfK)", "kites"),
        ("DfK", "kites"),
        ("3. Department for Kites", "kites"),
        ("Ministry of Ferries & Fords", "ferries"),
        ("Mapmakers\u2019 Commission", "maps"),
        ("Mapmakers' Commission", "maps"),
        ("Board of Beacons", "lights"),
        ("LIGHTHOUSE OFFICE", "lights"),
    ],
)
def test_departments_by_register_alias_and_predecessor(heading: str, department_id: str) -> None:
    document = read(f"{FRONT}{heading}\nProgress during 2013\nDone.\n")
    assert placed(document) == [(department_id, "progress", 2013, "Done.")]
    assert problems(document) == []


def test_lines_are_those_of_the_file() -> None:
    document = read(
        f"{FRONT}\n\nDepartment for Kites\n\nProgress during 2013\n\nFirst.\n\n- second\n"
        "- third\n\nPlans for 2014\nMore.\n"
    )
    first, second = document.sections
    assert (first.heading_line, first.first_line, first.last_line) == (7, 9, 12)
    assert (second.heading_line, second.first_line, second.last_line) == (14, 15, 15)
    assert first.text == "First.\n- second\n- third"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends_make_no_difference(newline: str) -> None:
    text = f"{FRONT}Department for Kites\nProgress during 2013\nA.\n\nB.\n".replace("\n", newline)
    assert [line.number for line in read(text).sections[0].lines] == [5, 7]


def test_a_heading_merged_with_its_text_is_cut_off() -> None:
    document = read(
        f"{FRONT}Department for Kites Progress during 2013 DfK flew kites. It won 3 prizes.\n"
        "Plans for 2014 It will fly more\n"
    )
    assert placed(document) == [
        ("kites", "progress", 2013, "DfK flew kites. It won 3 prizes."),
        ("kites", "plan", 2014, "It will fly more"),
    ]
    assert problems(document) == []
    assert [(n.line, n.text) for n in document.numbers if n.kind == "section_year"] == [
        (3, "2013"),
        (4, "2014"),
    ]


@pytest.mark.parametrize("gap", [" ", "", ". ", " : "])
def test_a_heading_merged_with_the_text_before_it_is_cut_off(gap: str) -> None:
    document = read(
        f"{FRONT}Department for Kites\nProgress during 2013\n"
        f"It flew kites{gap}Plans for 2014\nAgain.\n"
    )
    assert [(s.kind, s.year) for s in document.sections] == [("progress", 2013), ("plan", 2014)]
    assert document.sections[1].text == "Again."


def test_departments_merged_after_a_full_stop_are_headings() -> None:
    document = read(
        f"{FRONT}Department for Kites\nProgress during 2013\n"
        "It flew kites. Lighthouse Office Progress during 2013 Lamps were lit. "
        "Mapmakers' Commission\nProgress during 2013\nMaps were drawn.\n"
    )
    assert placed(document) == [
        ("kites", "progress", 2013, "It flew kites."),
        ("lights", "progress", 2013, "Lamps were lit."),
        ("maps", "progress", 2013, "Maps were drawn."),
    ]
    assert problems(document) == []


def test_a_department_that_may_end_a_sentence_is_not_guessed() -> None:
    document = read(
        f"{FRONT}Department for Kites\nProgress during 2013\n"
        "DfK flew kites with the Lighthouse Office Plans for 2014 More of both.\n"
    )
    assert [(s.department_id, s.kind) for s in document.sections] == [
        ("kites", "progress"),
        (None, "plan"),
    ]
    assert [line for line, _ in problems(document)] == [5]
    assert document.sections[1].text == "More of both."


@pytest.mark.parametrize(
    "sentence",
    [
        "Progress during 2013 was slow.",
        "The progress during 2013 was slow.",
        "Our plans for 2014 are few.",
        "Departmental digital strategy commitments were met.",
        "It is what the Department for Kites does",
    ],
)
def test_prose_that_speaks_of_headings_is_no_heading(sentence: str) -> None:
    document = read(f"{FRONT}Department for Kites\nProgress during 2013\n{sentence}\n")
    assert placed(document) == [("kites", "progress", 2013, sentence)]
    assert problems(document) == []


def test_an_unknown_department_is_reported_and_its_text_kept_apart() -> None:
    document = read(
        f"{FRONT}Department for Kites\nProgress during 2013\nKites.\n\n"
        "Office for Odd Affairs\nProgress during 2013\nOddities.\n"
    )
    assert placed(document)[1] == (None, "progress", 2013, "Oddities.")
    assert document.sections[1].department == "Office for Odd Affairs"
    assert problems(document) == [(7, "Office for Odd Affairs")]


def test_an_unknown_section_is_reported_and_closes_the_one_before() -> None:
    document = read(
        f"{FRONT}Department for Kites\nProgress during 2013\nKites.\nAchievements in 2014\nMany.\n"
    )
    assert placed(document) == [
        ("kites", "progress", 2013, "Kites."),
        ("kites", None, None, "Many."),
    ]
    assert problems(document) == [(6, "Achievements in 2014")]


def test_a_stray_heading_is_reported_and_stays_in_the_text() -> None:
    document = read(
        f"{FRONT}Department for Kites\nProgress during 2013\nKites.\nA word on string\nIt held.\n"
    )
    assert placed(document) == [
        ("kites", "progress", 2013, "Kites.\nA word on string\nIt held."),
    ]
    assert problems(document) == [(6, "A word on string")]


def test_a_section_that_comes_twice_is_a_missing_department() -> None:
    document = read(
        f"{FRONT}Department for Kites\nProgress during 2013\nKites.\nPlans for 2014\nKites.\n"
        "Progress during 2013\nLamps.\nPlans for 2014\nLamps.\n"
    )
    assert [s.department_id for s in document.sections] == ["kites", "kites", None, None]
    assert [line for line, _ in problems(document)] == [8]


def test_sections_out_of_order_are_placed_and_reported() -> None:
    document = read(
        f"{FRONT}Department for Kites\nProgress during 2013\nKites.\n"
        "Departmental digital strategy commitments (December 2012)\nLamps?\n"
    )
    assert [(s.department_id, s.kind) for s in document.sections] == [
        ("kites", "progress"),
        ("kites", "commitment"),
    ]
    assert [line for line, _ in problems(document)] == [6]


def test_text_without_headings_is_reported_and_kept() -> None:
    document = read(
        f"{FRONT}Department for Kites\nThis has no heading of its own.\nLighthouse Office\n"
        "Progress during 2013\nLamps.\n"
    )
    assert placed(document) == [
        ("kites", None, None, "This has no heading of its own."),
        ("lights", "progress", 2013, "Lamps."),
    ]
    assert [line for line, _ in problems(document)] == [4]


def test_a_commitment_without_a_date_is_placed_but_for_its_year() -> None:
    document = read(
        f"{FRONT}Department for Kites\nDepartmental digital strategy commitments\nKites.\n"
    )
    assert placed(document) == [("kites", "commitment", None, "Kites.")]
    assert [line for line, _ in problems(document)] == [4]


def test_sentences_without_a_full_stop_are_no_headings() -> None:
    document = read(
        f"{FRONT}Department for Kites\nProgress during 2013\nDfK will fly them\nNot applicable\n"
        "\u2022 \u201csmart\u201d quotes aren\u2019t a problem\nPlans for 2014\nKites are next\n"
    )
    assert [s.kind for s in document.sections] == ["progress", "plan"]
    assert problems(document) == []


def test_a_list_of_contents_is_no_department_without_text() -> None:
    document = read(
        f"{FRONT}Contents\n1. Department for Kites\n2. Lighthouse Office\n"
        "Department for Kites\nProgress during 2013\nKites.\n"
        "Lighthouse Office\nProgress during 2013\nLamps.\n"
    )
    assert [s.department_id for s in document.sections] == ["kites", "lights"]
    assert problems(document) == []


def test_a_sentence_that_a_page_cuts_goes_on_after_the_page_number() -> None:
    document = read(
        f"{FRONT}Department for Kites\nProgress during 2013\nAll kites that flew over\n\n2\n\n"
        "the hills came down in 2013.\n"
    )
    section = document.sections[0]
    assert section.lines[0].text == "All kites that flew over the hills came down in 2013."
    assert [(n.line, n.kind) for n in document.numbers if n.text in ("2", "2013")] == [
        (4, "section_year"),
        (7, "page_number"),
        (9, "year"),
    ]


def test_other_layouts_have_sections_by_their_own_headings() -> None:
    document = read(
        "A Paper on Boats\n\nMinistry of Boats\n\nMay 2013\n\n01 Why boats\n\n"
        "Boats float. They also sink.\n\nBuy more boats\n\nWe will buy 3 boats\n\n1\n\n"
        "and a raft by 2014.\n\nRelated articles\n\nTen rafts of the year\n"
    )
    assert document.short_name == "a-paper-on-boats-2013-05"
    assert [(s.heading, s.heading_line) for s in document.sections] == [
        ("01 Why boats", 7),
        ("Buy more boats", 11),
    ]
    assert document.sections[1].lines[0].text == "We will buy 3 boats and a raft by 2014."
    assert [line.text for line in document.asides] == [
        "1",
        "Related articles",
        "Ten rafts of the year",
    ]


LINES = st.lists(
    st.sampled_from(
        [
            "Department for Kites",
            "Lighthouse Office",
            "Office for Odd Affairs",
            "Progress during 2013",
            "Plans for 2014",
            "Departmental digital strategy commitments (December 2012)",
            "Achievements in 2014",
            "A stray heading",
            "It flew 3 kites. Plans for 2014 More kites",
            "With the Lighthouse Office Progress during 2013 Nothing happened.",
            "- an item, with 40% of something",
            "and it goes on in small letters",
            "2",
            "",
            "Take-up of Kite licences rose to 41% (up from 33%).",
            "Related articles",
        ]
    ),
    max_size=14,
)


@given(LINES)
def test_nothing_is_dropped_whatever_the_order(lines: list[str]) -> None:
    text = FRONT + "\n".join(lines)
    assert words_kept(read(text)) == Counter(collapse(text).split())


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    cleaned = text.replace("\0", "")
    document = read(cleaned)
    assert all(number.line >= 1 for number in document.numbers)


def test_a_heading_that_is_no_body_is_not_a_department() -> None:
    document = read(
        f"{FRONT}Department for Kites\nProgress during 2013\nKites flew.\n"
        "More on string\nPlans for 2014\nMore kites.\n"
    )
    assert placed(document) == [
        ("kites", "progress", 2013, "Kites flew.\nMore on string"),
        ("kites", "plan", 2014, "More kites."),
    ]
    assert problems(document) == [(6, "More on string")]


def test_a_heading_is_a_department_where_the_layout_says_so() -> None:
    repeated = read(
        f"{FRONT}Department for Kites\nProgress during 2013\nKites flew.\n"
        "Odds and Ends\nProgress during 2013\nOddities.\n"
    )
    assert [s.department for s in repeated.sections] == ["Department for Kites", "Odds and Ends"]
    page = (
        "<html><body><h1>Action 5: boats</h1><h2>Department for Kites</h2>"
        "<h3>Progress during 2013</h3><p>Kites flew.</p>"
        "<{level}>Odds and Ends</{level}><h3>Plans for 2014</h3><p>Oddities.</p></body></html>"
    )
    same, lower = (read(page.format(level=level)) for level in ("h2", "h4"))
    assert [s.department for s in same.sections] == ["Department for Kites", "Odds and Ends"]
    assert [s.department_id for s in lower.sections] == ["kites", "kites"]
    assert problems(same) != []
    assert problems(lower) != []
