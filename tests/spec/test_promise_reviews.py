"""The register of reviewed promises holds what the documents print, where it says so."""

from __future__ import annotations

from functools import cache

import pytest

from core.registers import LINE, Row, load_register
from core.settings import SEEDS
from ingest.sources.reports import Document, load_registers, read_document
from ingest.sources.reports.digest import load_digests, partners_of
from ingest.sources.reports.promises import told_in
from tests.support.shared import seed_documents

ROWS = load_register("promise_reviews", SEEDS)
STRATEGY, ARTICLE = "government-digital-strategy-2012-11", "report-outlines-ways-to-tackle"
NOT_PARTNERS = {
    *("DVLA", "Digital Advisory Board", "Digital Leaders", "Directgov", "Facebook", "Flickr"),
    *("Finance and Commercial Group", "Google Analytics", "Google Maps", "JobCentrePlus"),
    *("Directorate of Media and Communications", "Government Communication Network"),
    *("Human Resources Directorate", "Jobcentre Plus", "LinkedIn", "Open Government Data"),
    *("Passport Office", "Rural Communities Policy Unit", "SPLUNK", "Thunderclap", "Twitter"),
    *("Vine", "YouTube"),
}
"""Names of the digests that are a part of a department, a tool, or the same by another name."""


@cache
def documents() -> dict[str, Document]:
    registers = load_registers(SEEDS)
    read = [read_document(path.read_bytes(), registers=registers) for path in seed_documents()]
    return {document.short_name: document for document in read}


@cache
def passages(document: str, section: str) -> set[tuple[str, int]]:
    """Each sentence of a section, by its digest, and the line that it is on."""
    registers = load_registers(SEEDS)
    (found,) = (s for s in documents()[document].sections if s.key == section)
    return {(told.passage, told.line) for told in told_in(found, registers)}


def test_every_review_is_of_a_sentence_that_its_document_prints_on_that_line() -> None:
    wrong = [
        row[LINE]
        for row in ROWS
        if row["passage"]
        and (row["passage"], int(row["line"])) not in passages(row["document"], row["section"])
    ]
    assert wrong == []


def test_every_other_review_is_of_a_line_within_its_section() -> None:
    for row in (row for row in ROWS if not row["passage"]):
        (section,) = (s for s in documents()[row["document"]].sections if s.key == row["section"])
        assert section.first_line <= int(row["line"]) <= section.last_line, row[LINE]


def test_every_day_is_told_as_its_line_prints_it() -> None:
    registers = load_registers(SEEDS)
    contents = [path.read_bytes() for path in seed_documents()]
    printed = {
        read_document(content, registers=registers).short_name: content.decode().split("\n")
        for content in contents
    }
    told = [row for row in ROWS if row["due_text"]]
    wrong = [
        row[LINE]
        for row in told
        if row["due_text"] not in printed[row["document"]][int(row["line"]) - 1]
    ]
    assert wrong == []
    assert len(told) > 20


@pytest.mark.parametrize(("column", "count"), [("target_figure_id", 15), ("outcome_figure_id", 6)])
def test_every_figure_is_a_claim_of_the_documents(column: str, count: int) -> None:
    claims = {claim.figure_id for document in documents().values() for claim in document.claims}
    named = {row[column] for row in ROWS if row[column]}
    assert named <= claims
    assert len(named) == count


def test_entries_that_are_cited_have_text() -> None:
    for row in ROWS:
        for citation in filter(None, row["reported_by"].split("; ")):
            document, _, line = citation.rpartition(" line ")
            read = documents()[document]
            places = [(s.first_line, s.last_line, s.heading_line) for s in read.sections]
            within = any(a <= int(line) <= b or int(line) == h for a, b, h in places)
            assert within or int(line) <= len(read.front) + 5, row[LINE]


def test_every_promise_that_the_rules_read_was_reviewed() -> None:
    registers = load_registers(SEEDS)
    reviewed = {(row["section"], row["passage"]) for row in ROWS}
    for document in documents().values():
        for section in document.sections:
            if section.is_placed:
                found = {t.passage for t in told_in(section, registers) if t.says == "promise"}
                assert {(section.key, passage) for passage in found} <= reviewed


def rows_of(document: str) -> list[Row]:
    return [row for row in ROWS if row["document"] == document]


def test_each_heading_of_the_strategy_says_what_will_be_done() -> None:
    sections = documents()[STRATEGY].sections
    first = next(i for i, section in enumerate(sections) if section.key.startswith("improve-dep"))
    headings = [section.key for section in sections[first:-1]]
    assert list(dict.fromkeys(row["section"] for row in rows_of(STRATEGY))) == headings
    assert len(headings) == 11


def test_the_dated_steps_of_the_strategy_have_their_days() -> None:
    dated = {row["line"]: row["due_on"] for row in rows_of(STRATEGY) if row["due_on"]}
    assert sorted({(int(line), day) for line, day in dated.items()}) == [
        (49, "2015-03-31"),
        (53, "2014-03-31"),
        (83, "2012-12-31"),
    ]
    assert sorted(row["due_on"] for row in rows_of(STRATEGY) if row["due_on"]) == [
        *("2012-12-31", "2012-12-31", "2013-03-31", "2013-04-30", "2014-03-31", "2015-03-31")
    ]


def test_the_nine_recommendations_say_who_is_asked_and_where() -> None:
    numbered = [row for row in rows_of(ARTICLE) if row["promise"][:1].isdigit()]
    assert [row["promise"][0] for row in numbered] == list("123456789")
    assert [int(row["line"]) for row in numbered] == list(range(25, 34))
    assert all(row["body"] and row["place"] for row in numbered)


def test_partners_are_those_of_the_digests() -> None:
    names = {row["partner"] for row in load_register("partners", SEEDS)}
    assert names == set(partners_of(load_digests(SEEDS / "reports"))) - NOT_PARTNERS


def test_partners_of_reviews_are_told_by_one_name_and_none_is_who_does_it() -> None:
    known_as = {row["known_as"] for row in load_register("partners", SEEDS)}
    known_as |= {row["department_name"] for row in load_register("departments", SEEDS)}
    with_partners = [row for row in ROWS if row["partners"]]
    for row in with_partners:
        partners = row["partners"].split("; ")
        assert sorted(set(partners)) == partners, row[LINE]
        assert set(partners) <= known_as | {"All departments"}, row[LINE]
        assert not any(partner in row["body"] for partner in partners), row[LINE]
    assert len(with_partners) > 20


def test_an_outcome_is_of_the_thing_that_was_promised() -> None:
    outcomes = {row["promise_id"]: row["outcome_figure_id"] for row in ROWS}
    excluded = ":people_helped_online:"  # `another 40,000` are to follow the 11,000
    assert not [figure_id for figure_id in outcomes.values() if excluded in figure_id]
    # What a plan gives as its start answers nothing.
    assert not [figure_id for figure_id in outcomes.values() if ":plan-" in figure_id]
