"""Every number of the five documents, against a list that a person made by reading them."""

from __future__ import annotations

import csv
import html
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from core.settings import PROJECT_ROOT
from ingest.sources.reports import Document, Number, load_registers, read_document
from tests.support.shared import seed_documents, seed_paths

BY_HAND = Path(__file__).with_name("figures_by_hand.csv")
Row = dict[str, str]


def rows_by_hand() -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = defaultdict(list)
    with BY_HAND.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            rows[row["document"]].append(row)
    return rows


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    registers = load_registers(PROJECT_ROOT / "seeds")
    read = [read_document(path.read_bytes(), registers=registers) for path in seed_documents()]
    return {document.short_name: document for document in read}


def as_row(document: str, number: Number) -> Row:
    row = dict.fromkeys(FIELDS, "")
    row |= {"document": document, "line": str(number.line), "text": number.text}
    row["class"] = number.kind
    claim = number.claim
    if claim is None:
        return row
    period = claim.period
    return row | {
        "metric": claim.metric,
        "subject": claim.subject,
        "service_id": claim.service_id or "",
        "scope": claim.scope or "",
        "value": "" if claim.value is None else format(claim.value.normalize(), "f"),
        "unit": claim.unit,
        "qualifier": claim.qualifier,
        "direction": claim.direction,
        "claim_kind": claim.claim_kind,
        "period": f"{period.start}..{period.end}" if period else "",
        "due_on": str(claim.due_on or ""),
    }


FIELDS = (
    "document line text class metric subject service_id scope value unit qualifier direction "
    "claim_kind period due_on"
).split()


def test_the_five_documents_are_read_under_the_names_of_the_list(
    documents: dict[str, Document],
) -> None:
    assert set(documents) == set(rows_by_hand())


@pytest.mark.parametrize("name", sorted(rows_by_hand()))
def test_every_number_is_found_once_and_classed_as_by_hand(
    name: str, documents: dict[str, Document]
) -> None:
    found = [tuple(as_row(name, number).values()) for number in documents[name].numbers]
    by_hand = [tuple(row[field] for field in FIELDS) for row in rows_by_hand()[name]]
    missing = Counter(by_hand) - Counter(found)
    unexpected = Counter(found) - Counter(by_hand)
    assert sorted(missing.elements()) == sorted(unexpected.elements()) == []


@pytest.mark.parametrize("path", seed_paths(), ids=lambda path: path.name[:3])
def test_the_same_document_as_html_is_read_the_same(path: Path) -> None:
    registers = load_registers(PROJECT_ROOT / "seeds")
    plain = read_document(path.read_bytes(), registers=registers)
    lines = path.read_text(encoding="utf-8").split("\n")
    marked_up = "\n".join(f"<p>{html.escape(line)}</p>" for line in lines)
    page = read_document(marked_up.encode(), registers=registers)
    assert page.short_name == plain.short_name
    assert [section.key for section in page.sections] == [s.key for s in plain.sections]
    assert [(n.line, n.text, n.kind) for n in page.numbers] == [
        (n.line, n.text, n.kind) for n in plain.numbers
    ]
    assert [claim.figure_id for claim in page.claims] == [c.figure_id for c in plain.claims]
