"""Digests as a source: the claims of their documents, in our words, until these have landed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.settings import SEEDS
from ingest.sources.reports.digest import load_digests
from ingest.sources.reports.digest_events import read_digest
from ingest.sources.reports.digest_source import ReportDigests
from ingest.sources.reports.events import read_report
from ingest.sources.reports.registers import load_registers
from tests.support.action_papers import paper
from tests.support.shared import seed_documents
from tests.support.source_runs import lay, run, source_file, source_of

ONLY_OF_A_DOCUMENT = {
    "section",
    "sentences",
    "text",
    "department_name",
    "place",
    "first_line",
    "subject_kind",
    "passage",
    "period_basis",
    "shared_terms",
    "citations",
}
"""Fields that a digest does not hold, or holds in our words."""
OF_A_READER = {"status", "answers_plan"}
"""A digest has the reader's judgement where a document has the rule's."""
DIGEST = """
document: action-3-2013-05-02
about: What a department says of its forms.
publisher: Cabinet Office
series: government-digital-strategy
action: 3
published_on: null
updated_on: 2013-05-02
date_precision: day
entries:
- section: home-office:progress-2012
  line: 4
  last_line: 5
  says: Its form was used.
  status: done
  numbers:
  - {line: 5, text: '300', kind: claim, metric: applications, subject: applications,
    qualifier: exact, value: 300, unit: count,
    claim_kind: outcome, start: 2012-01-01, end: 2012-12-31}
  - {line: 5, text: '2012', kind: year}
"""


def by_identity(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {event["id"].rpartition("#")[0]: event for event in events}


def test_a_digest_makes_the_events_of_its_document_in_our_words() -> None:
    registers = load_registers(SEEDS)
    documents: dict[str, dict[str, Any]] = {}
    for path in seed_documents():
        documents |= by_identity(
            read_report(path.read_bytes(), name=path.name, registers=registers)[0]
        )
    digests: dict[str, dict[str, Any]] = {}
    for digest in load_digests(SEEDS / "reports"):
        digests |= by_identity(read_digest(digest, departments={}))

    assert digests.keys() == documents.keys()
    differing = {
        (identity, field)
        for identity, event in digests.items()
        for field in event["data"].keys() | documents[identity]["data"].keys()
        if event["data"].get(field) != documents[identity]["data"].get(field)
        and field not in ONLY_OF_A_DOCUMENT | OF_A_READER
    }
    assert differing == set()
    for identity, event in digests.items():
        document = documents[identity]
        for name in ("type", "time", "publishedat"):
            assert event.get(name) == document.get(name)
        assert event["digest"] is True
        assert event["source"] == document["source"].replace(":report:", ":report-digest:")


def test_one_passage_of_two_documents_is_one_claim_in_their_digests() -> None:
    passages: dict[str, set[str]] = {}
    for digest in load_digests(SEEDS / "reports"):
        for event in read_digest(digest, departments={}):
            if passage := event["data"].get("passage"):
                passages.setdefault(passage, set()).add(event["data"]["document"])

    assert len(passages) == 8
    assert set(map(len, passages.values())) == {2}


def test_a_digest_is_known_by_its_content_and_landed(tmp_path: Path) -> None:
    folder = lay(tmp_path / "landing", {"a.yml": DIGEST, "b.yml": "document: x\nabout: y\n"})

    assert source_of(folder / "a.yml") == "report_digest"
    assert source_of(folder / "b.yml") != "report_digest"
    done = run(tmp_path / "home", lay(tmp_path / "one", {"a.yml": DIGEST}))
    said = {row["type"].split(".")[3]: json.loads(row["data"]) for row in done.events()}
    assert said["statement"]["text"] == "Its form was used."
    assert said["statement"]["department_name"] == "Home Office"
    assert said["figure"]["figure_id"] == (
        "action-3-2013-05-02:home-office:progress-2012:applications:applications:1"
    )
    assert said["figure"]["period"] == {"kind": "year", "start": "2012-01-01", "end": "2012-12-31"}
    assert {row["source"] for row in done.events()} == {
        "urn:takeup:report-digest:action-3-2013-05-02"
    }
    assert {row["extensions"] for row in done.events()} == {'{"digest":true}'}


@pytest.mark.parametrize(
    ("change", "reason", "detail"),
    [
        (("action: 3", "action: 3\ncolour: red"), "unreadable", "colour"),
        (("updated_on: 2013-05-02", "updated_on: null"), "no_publication_time", "nothing says"),
    ],
)
def test_a_digest_that_can_not_be_read_is_refused_whole(
    tmp_path: Path, change: tuple[str, str], reason: str, detail: str
) -> None:
    text = DIGEST.replace(*change)
    if reason == "no_publication_time":
        text = text.replace(", start: 2012-01-01, end: 2012-12-31", "")
    done = run(tmp_path / "home", lay(tmp_path / "landing", {"a.yml": text, "b.yml": DIGEST}))

    outcome = done.outcome("a.yml")
    assert (outcome.state, outcome.reason) == ("rejected", reason)
    assert detail in str(outcome.detail)


def test_a_document_says_where_it_differs_from_its_digest(tmp_path: Path) -> None:
    path = next(path for path in seed_documents() if b"Action 15" in path.read_bytes()[:200])
    text = path.read_text(encoding="utf-8")
    year = text.index("2013")
    files = {"same.txt": text, "other.txt": f"{text[:year]}2012{text[year + 4 :]}"}

    done = run(tmp_path / "home", lay(tmp_path / "landing", files))

    assert done.outcome("same.txt").flags == ()
    (flag,) = done.outcome("other.txt").flags
    assert flag.startswith("differs_from_digest: line ")


def test_a_later_version_says_what_it_lacks_of_the_one_that_has_a_digest(tmp_path: Path) -> None:
    entries = {("Cabinet Office", "progress", 2015): "Posters went up."}
    files = {
        "later.txt": paper(entries, updated_on=date(2016, 1, 15), action=15).decode(),
        "earlier.txt": paper(entries, updated_on=date(2014, 1, 15), action=15).decode(),
        "other.txt": paper(entries, updated_on=date(2016, 1, 15), action=4).decode(),
    }

    done = run(tmp_path / "home", lay(tmp_path / "landing", files))

    (flag,) = done.outcome("later.txt").flags
    assert flag == "sections_missing: ago:progress-2014 and 33 more of action-15-2015-01-16"
    assert done.outcome("earlier.txt").flags == done.outcome("other.txt").flags == ()


def test_recognition_asks_for_the_suffix(tmp_path: Path) -> None:
    folder = lay(tmp_path, {"a.txt": DIGEST})

    assert not ReportDigests().recognise(source_file(folder / "a.txt"))
