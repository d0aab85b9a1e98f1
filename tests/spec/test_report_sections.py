"""Every section of the three action papers, and how far the rules agree with a reader."""

from __future__ import annotations

from collections import Counter

import pytest

from core.settings import PROJECT_ROOT
from ingest.sources.reports import Document, load_registers, merge_citations, read_document
from ingest.sources.reports.digest import Digest, load_digests
from ingest.sources.reports.standing import standings_of
from tests.support.shared import seed_documents

DEPARTMENTS = (
    "ago co bis dcms dfe defra dfid dft dwp decc dh fco hmrc hmt home-office mod moj".split()
)
"""The seventeen departments, in the order of every paper."""
FIVE = [
    ("commitment", 2012),
    ("progress", 2013),
    ("plan", 2014),
    ("progress", 2014),
    ("plan", 2015),
]
SECTIONS = {8: FIVE, 9: FIVE, 15: FIVE[3:]}


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    registers = load_registers(PROJECT_ROOT / "seeds")
    return [read_document(path.read_bytes(), registers=registers) for path in seed_documents()]


def paper(documents: list[Document], action: int) -> Document:
    return next(document for document in documents if document.action == action)


@pytest.mark.parametrize("action", SECTIONS)
def test_every_section_is_placed_once_in_order(action: int, documents: list[Document]) -> None:
    document = paper(documents, action)
    assert [(s.department_id, s.kind, s.year) for s in document.sections] == [
        (department_id, kind, year)
        for department_id in DEPARTMENTS
        for kind, year in SECTIONS[action]
    ]
    assert all(section.lines for section in document.sections)
    assert document.problems == ()


def test_there_are_204_sections(documents: list[Document]) -> None:
    counts = {d.action: sum(s.is_placed for s in d.sections) for d in documents}
    assert counts == {8: 85, 9: 85, 15: 34, None: 0}
    assert sum(counts.values()) == 204


@pytest.mark.parametrize(
    ("name", "dated_on", "publisher"),
    [
        ("action-15-2015-01-16", "2015-01-16", "Cabinet Office"),
        ("action-9-2015-01-16", "2015-01-16", "Cabinet Office"),
        ("action-8-2015-01-16", "2015-01-16", "Cabinet Office"),
        ("government-digital-strategy-2012-11", "2012-11-30", "Cabinet Office"),
        ("report-outlines-ways-to-tackle", "None", None),
    ],
)
def test_front_matter(
    name: str, dated_on: str, publisher: str | None, documents: list[Document]
) -> None:
    (document,) = [d for d in documents if d.short_name == name]
    assert (str(document.dated_on), document.publisher) == (dated_on, publisher)


def test_every_word_of_the_documents_is_somewhere(documents: list[Document]) -> None:
    for path, document in zip(seed_documents(), documents, strict=True):
        lines = [*document.front, *document.headings, *document.asides]
        lines += [line for section in document.sections for line in section.lines]
        kept = Counter(word for line in lines for word in line.text.split())
        assert kept == Counter(path.read_text(encoding="utf-8").split())


def test_passages_in_two_documents_are_one_claim_with_two_citations(
    documents: list[Document],
) -> None:
    digests = {digest.document: digest for digest in load_digests(PROJECT_ROOT / "seeds/reports")}
    merged = merge_citations(documents)
    twice = [claims for claims in merged.values() if len(claims) > 1]
    assert len(twice) == 8
    for claims in twice:
        assert {claim.figure_id.split(":")[0] for claim in claims} == {
            "action-8-2015-01-16",
            "action-9-2015-01-16",
        }
        for claim, other in (claims, claims[::-1]):
            document = claim.figure_id.split(":")[0]
            cited = f"{other.figure_id.split(':')[0]}, line {other.line}"
            assert cited in cited_by(digests[document], claim.line, claim.metric)
    told = sum(
        bool(number.also_in)
        for digest in digests.values()
        for entry in digest.entries
        for number in entry.numbers
    )
    assert told == 2 * len(twice)


def cited_by(digest: Digest, line: int, metric: str) -> list[str]:
    return [
        citation
        for entry in digest.entries
        for number in entry.numbers
        if number.line == line and number.metric == metric
        for citation in number.also_in
    ]


def test_how_far_the_rules_for_standing_agree_with_a_reader(documents: list[Document]) -> None:
    """The counts stand in docs/reports.md: change both together."""
    entries = {
        (digest.document, entry.section): entry
        for digest in load_digests(PROJECT_ROOT / "seeds/reports")
        for entry in digest.entries
    }
    status: Counter[bool] = Counter()
    answers: Counter[bool] = Counter()
    for document in documents:
        for standing in standings_of(document):
            entry = entries[document.short_name, standing.section.key]
            if standing.section.kind != "progress":
                assert entry.status is None
                continue
            status[standing.status == entry.status] += 1
            if entry.answers_plan is not None:
                answers[standing.answers_plan == entry.answers_plan] += 1
    assert (status[True], status.total()) == STATUS_AGREES
    assert (answers[True], answers.total()) == ANSWERS_AGREE


STATUS_AGREES = (83, 85)
ANSWERS_AGREE = (26, 34)
