"""Sentences as the action papers have them, and what is read of each: a table, kind by kind."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.periods import last_day
from core.settings import PROJECT_ROOT
from ingest.sources.reports import Claim, Document, Registers, load_registers, read_document

TABLE: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("reports").joinpath("sentences.yml").read_text(encoding="utf-8")
)
SERVICES: dict[str, str] = TABLE["services"]
PAPER = """Action 8: departments will say how their services are used
Updated 16 January 2015
Department for Work and Pensions
{heading}
{text}
"""
HEADINGS = {"progress": "Progress during 2014", "plan": "Planned activities in 2015"}
AT_LEAST = 21
"""Sentences of each kind: one that was misread, and twenty more."""
ROWS = [
    pytest.param(row, id=f"{kind['kind']}: {row['says']}")
    for kind in TABLE["kinds"]
    for row in kind["sentences"]
]


@cache
def registers() -> Registers:
    return load_registers(PROJECT_ROOT / "seeds")


def read(row: dict[str, Any]) -> Document:
    text = " ".join(part for part in (row.get("after"), row["says"]) if part)
    heading = HEADINGS[row.get("in", "progress")]
    paper = PAPER.format(heading=heading, text=text)
    return read_document(paper.encode(), registers=registers())


def days_of(said: object) -> tuple[str, str] | None:
    """First and last day of `2014`, `2014-06` or a day."""
    if said is None:
        return None
    if isinstance(said, date):
        return str(said), str(said)
    year, _, month = str(said).partition("-")
    first, last = (int(month), int(month)) if month else (1, 12)
    return str(date(int(year), first, 1)), str(last_day(int(year), last))


def told(claim: Claim) -> dict[str, Any]:
    period = claim.period
    return {
        "metric": claim.metric,
        "subject": claim.subject,
        "service": claim.service_id,
        "qualifier": claim.qualifier,
        "value": claim.value,
        "scope": claim.scope,
        "per": claim.per,
        "direction": claim.direction,
        "kind": claim.claim_kind,
        "period": (str(period.start), str(period.end)) if period else None,
        "basis": period.basis if period else None,
        "due": claim.due_on,
    }


def expected(fields: dict[str, Any]) -> dict[str, Any]:
    said = dict(fields)
    if said.get("service") is not None:
        said["service"] = SERVICES[said["service"]]
    if "period" in said:
        said["period"] = days_of(said["period"])
    if "value" in said:
        said["value"] = Decimal(str(said["value"]))
    return said


@pytest.mark.parametrize("row", ROWS)
def test_what_is_read_of_a_sentence(row: dict[str, Any]) -> None:
    document = read(row)
    claims = {claim.text: told(claim) for claim in document.claims}
    wanted = {str(text): expected(fields) for text, fields in row.get("reads", {}).items()}
    found = {
        text: {name: claims[text][name] for name in fields} if text in claims else "left"
        for text, fields in wanted.items()
    }
    assert found == wanted
    left = [str(text) for text in row.get("left", [])]
    assert [problem.why.partition(": ")[0] for problem in document.undecided] == left
    assert set(claims) == set(wanted)


def test_every_kind_has_its_twenty_one_sentences() -> None:
    short = {k["kind"]: len(k["sentences"]) for k in TABLE["kinds"]}
    assert {kind: count for kind, count in short.items() if count < AT_LEAST} == {}
    says = [(row.get("after"), row["says"]) for k in TABLE["kinds"] for row in k["sentences"]]
    assert len(says) == len(set(says))
