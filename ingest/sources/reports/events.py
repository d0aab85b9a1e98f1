"""From a report to events: one per claim, one per section, and a refusal per unclear place.

Pure: the same document and registers give the same events, whatever the clock says.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ingest.sources.reports.document import Claim, Document, Period
from ingest.sources.reports.front import ACTION_TITLE, FRONT_LINES
from ingest.sources.reports.headings import section_of
from ingest.sources.reports.periods import last_day_of
from ingest.sources.reports.promises import Told, told_fields, told_of
from ingest.sources.reports.reader import read_document
from ingest.sources.reports.registers import Registers
from ingest.sources.reports.standing import Standing, standings_of
from ingest.sources.reports.text import (
    UndatedReport,
    UnreadableReport,
    blocks_of,
    collapse,
    is_markup,
)
from ingest.sources.reports.wording import SINCE

LONDON = ZoneInfo("Europe/London")
FIGURE = "uk.gov.takeup.figure.published.v1"
STATEMENT = "uk.gov.takeup.statement.published.v1"
SCHEMAS = {
    FIGURE: "urn:takeup:schema:figure.published.v1",
    STATEMENT: "urn:takeup:schema:statement.published.v1",
}
TERMS = (
    "assisted digital|digital inclusion|digital take-up|digital by default|digital strategy|"
    "digital services|digital skills|channel shift|digital champions|digital exclusion"
).split("|")
ENOUGH_TERMS = 2
FIRST_LINES = 8
"""Lines among which a row of cells would show itself."""


@dataclass(frozen=True)
class Reject:
    """A place in a document that a person has to look at, with the text around it.

    `reason` is `undecided_figure` (a number) or `unplaced_text` (a heading, or text without one).
    """

    line: int
    place: str
    reason: str
    detail: str
    raw: str


def recognise(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a report that this source reads.

    An action paper is known by its title or its headings, any other report by its subject: it is
    prose, plain or HTML, with two or more of `TERMS`.
    """
    if b"\0" in head:
        return False
    text = head.decode("utf-8", "replace").lstrip("\ufeff")
    if text.lstrip()[:1] in ("{", "["):
        return False
    if is_markup(text):
        lines = [line.folded for line in blocks_of(text)]
    else:
        raw = [line.strip(" ") for line in text.splitlines() if line.strip()]
        if any(_is_delimited(line) for line in raw[:FIRST_LINES]):
            return False
        lines = [collapse(line) for line in raw]
    told = [line for line in lines if line]
    if any(ACTION_TITLE.match(line) for line in told[:FRONT_LINES]):
        return True
    if sum(section_of(line) is not None for line in told) > 1:
        return True
    said = " ".join(told).casefold()
    has_prose = any(len(line.split()) > 12 and line.endswith((".", '"')) for line in told)
    return has_prose and sum(term in said for term in TERMS) >= ENOUGH_TERMS


def _is_delimited(line: str) -> bool:
    """Whether a line is a row of cells: a tab or bar, or two commas or semicolons without space."""
    if line.startswith("|") or "\t" in line:
        return True
    return any(len(re.findall(rf"{mark}(?=[^\s\d\"'])", line)) > 1 for mark in (",", ";"))


def read_report(
    text: bytes, *, name: str, registers: Registers, published_at: datetime | None = None
) -> tuple[list[dict[str, Any]], list[Reject]]:
    """Events (CloudEvents) and refusals of one report, in the order of its lines.

    `figure.published` per claim and `statement.published` per section that is placed. `name` is
    the landed file's; it is in errors only, because a document keeps its identity under any
    name. The time of an event is the document's own date, else `published_at`, else the latest
    moment that the text looks back on: it was not written before.

    Raises:
        NotUtf8, UnreadableReport: the bytes are not text.
        UndatedReport: nothing says when the document was written.
    """
    try:
        document = read_document(text, registers=registers)
    except UnreadableReport as error:
        raise type(error)(f"{name}: {error}") from error
    moment, is_published = _moment(document, published_at)
    if moment is None:
        raise UndatedReport(f"{name}: nothing says when it was written or published")
    told = told_of(document, registers)
    build = _Builder(document, moment, moment if is_published else None, told)
    found = [
        *(
            (standing.section.first_line, 0, build.statement(standing))
            for standing in standings_of(document)
        ),
        *((claim.line, 1, build.figure(claim)) for claim in document.claims),
    ]
    events = [event for _, _, event in sorted(found, key=lambda item: item[:2])]
    return events, list(rejects_of(document))


def rejects_of(document: Document) -> Iterator[Reject]:
    """What a person has to look at: unplaced headings and texts, and undecided numbers."""
    for problem in document.problems:
        place = f"heading, line {problem.line}"
        yield Reject(problem.line, place, "unplaced_text", problem.why, problem.text)
    for index, problem in enumerate(document.undecided, 1):
        place = f"number {index}, line {problem.line}"
        yield Reject(problem.line, place, "undecided_figure", problem.why, problem.text)


def merge_citations(documents: list[Document]) -> dict[str, list[Claim]]:
    """Claims of several documents by passage: one claim per key, one citation per document.

    The first of each list, in the order of the documents given, stands for the claim.
    """
    merged: dict[str, list[Claim]] = {}
    for document in documents:
        for claim in document.claims:
            merged.setdefault(claim.passage, []).append(claim)
    return merged


@dataclass(frozen=True)
class _Builder:
    document: Document
    moment: datetime
    published_at: datetime | None
    told: dict[str, list[Told]]

    def figure(self, claim: Claim) -> dict[str, Any]:
        section = claim.section
        return self._event(
            FIGURE,
            claim.figure_id,
            {
                "figure_id": claim.figure_id,
                "passage": claim.passage,
                "metric": claim.metric,
                "subject": claim.subject,
                "subject_kind": claim.subject_kind,
                "service_id": claim.service_id,
                "department_id": section.department_id,
                "scope": claim.scope,
                "period": _period(claim.period),
                "period_basis": claim.period.basis if claim.period else None,
                "due_on": _day(claim.due_on),
                "qualifier": claim.qualifier,
                "value": number_of(claim.value),
                "unit": claim.unit,
                "per": claim.per,
                "resolution": number_of(claim.resolution),
                "direction": claim.direction,
                "claim_kind": claim.claim_kind,
                "is_estimate": claim.is_estimate,
                "text": claim.text,
                "section": section.heading,
                "action": section.action,
                "section_kind": section.kind,
                "section_year": section.year,
                "line": claim.line,
                "place": f"line {claim.line}",
                "document": self.document.short_name,
                "citations": [{"document": self.document.short_name, "line": claim.line}],
            },
        )

    def statement(self, standing: Standing) -> dict[str, Any]:
        section = standing.section
        statement_id = f"{self.document.short_name}:{section.key}:statement"
        return self._event(
            STATEMENT,
            statement_id,
            {
                "statement_id": statement_id,
                "department_id": section.department_id,
                "department_name": section.department,
                "action": section.action,
                "section_kind": section.kind,
                "section_year": section.year,
                "section": section.heading,
                "text": section.text or None,
                "status": standing.status,
                "answers_plan": standing.answers_plan,
                "shared_terms": list(standing.shared_terms) or None,
                "sentences": [told_fields(told) for told in self.told[section.key]],
                "line": section.heading_line,
                "first_line": section.first_line,
                "last_line": section.last_line,
                "place": f"lines {section.first_line} to {section.last_line}",
                "document": self.document.short_name,
            },
        )

    def _event(self, kind: str, identity: str, data: dict[str, Any]) -> dict[str, Any]:
        return enveloped(
            kind,
            identity,
            data,
            source=f"urn:takeup:report:{self.document.short_name}",
            moment=self.moment,
            published_at=self.published_at,
        )


def enveloped(
    kind: str,
    identity: str,
    data: dict[str, Any],
    *,
    source: str,
    moment: datetime,
    published_at: datetime | None,
) -> dict[str, Any]:
    """A CloudEvent of what a document says; fields that are None are left out. The identity ends
    in a digest of the content: a corrected copy of the document is new events of the same figures,
    and not a conflict."""
    said = {name: value for name, value in data.items() if value is not None}
    content = json.dumps([moment.isoformat(), said], sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"{identity}#{digest}",
        "source": source,
        "type": kind,
        "time": _text(moment),
        "datacontenttype": "application/json",
        "dataschema": SCHEMAS[kind],
    }
    if published_at is not None:
        event["publishedat"] = _text(published_at)
    return event | {"data": said}


def _moment(document: Document, published_at: datetime | None) -> tuple[datetime | None, bool]:
    """When the document is dated to, and whether that is its publication."""
    if document.dated_on is not None:
        return midnight(document.dated_on), True
    if published_at is not None:
        return published_at.astimezone(UTC), True
    reviewed_until = [
        claim.period.end
        for claim in document.claims
        if claim.claim_kind == "outcome" and claim.period and claim.period.basis == "stated"
    ]
    for section in document.sections:
        for match in SINCE.finditer(section.text):
            found = last_day_of(match[1])
            if found is not None:
                reviewed_until.append(found)
    return (midnight(max(reviewed_until)), False) if reviewed_until else (None, False)


def midnight(day: date) -> datetime:
    """00:00 in London of a bare date, in UTC."""
    return datetime.combine(day, time(), tzinfo=LONDON).astimezone(UTC)


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _period(period: Period | None) -> dict[str, str] | None:
    if period is None:
        return None
    return {"kind": period.kind, "start": str(period.start), "end": str(period.end)}


def number_of(value: Decimal | None) -> int | float | None:
    """A value as JSON has it."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
