"""From a digest to events: those that its document would give, in our words and marked so.

A claim keeps its identity (place, subject, metric), so that what the registers say of it holds for
both. What only the document can say is left out: its sentences, headings as printed, and where a
period was read. The events have a source of their own and the attribute `digest`: once the document
itself is in the log they count nowhere.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.periods import last_day
from ingest.sources.reports.digest import Digest, DigestEntry, DigestNumber
from ingest.sources.reports.document import slug
from ingest.sources.reports.events import FIGURE, STATEMENT, enveloped, midnight, number_of
from ingest.sources.reports.periods import last_day_of
from ingest.sources.reports.text import UndatedReport
from ingest.sources.reports.tokens import tokens_of
from ingest.sources.reports.wording import SINCE

PLACED = re.compile(r"(?P<who>[^:]+):(?P<kind>commitment|progress|plan)-(?P<year>\d{4})")
"""Key of a section that has a department, a kind and a year."""


def read_digest(digest: Digest, *, departments: Mapping[str, str]) -> list[dict[str, Any]]:
    """Events (CloudEvents) of one digest, in the order of its sections.

    Args:
        departments: names by `department_id`.

    Raises:
        UndatedReport: nothing says when the document was written.
    """
    dated_on = digest.updated_on or digest.published_on
    written_on = dated_on or _looks_back_until(digest)
    if written_on is None:
        raise UndatedReport(f"{digest.document}: nothing says when it was written or published")
    moment = midnight(written_on)
    build = _Builder(digest, departments, moment, moment if dated_on else None)
    return [event for entry in digest.entries for event in build.events(entry)]


@dataclass(frozen=True)
class _Builder:
    digest: Digest
    departments: Mapping[str, str]
    moment: datetime
    published_at: datetime | None

    def events(self, entry: DigestEntry) -> Iterator[dict[str, Any]]:
        """The statement of a section that is placed, and its claims."""
        placed = PLACED.fullmatch(entry.section)
        section: dict[str, Any] = {"section": entry.section, "action": self.digest.action}
        if placed is not None:
            section |= {
                "department_id": placed["who"],
                "section_kind": placed["kind"],
                "section_year": int(placed["year"]),
            }
            yield self._statement(entry, section)
        counts: Counter[str] = Counter()
        for number in entry.numbers:
            if number.kind != "claim":
                continue
            name = f"{entry.section}:{slug(number.subject or '')}:{number.metric}"
            counts[name] += 1
            figure_id = f"{self.digest.document}:{name}:{counts[name]}"
            yield self._figure(figure_id, number, section)

    def _statement(self, entry: DigestEntry, section: dict[str, Any]) -> dict[str, Any]:
        line = entry.last_line if entry.line is None else entry.line
        statement_id = f"{self.digest.document}:{entry.section}:statement"
        said = section | {
            "statement_id": statement_id,
            "department_name": self.departments.get(section["department_id"]),
            "text": entry.says,
            "status": entry.status,
            "answers_plan": entry.answers_plan,
            "line": line,
            "first_line": line,
            "last_line": entry.last_line,
            "place": f"lines {line} to {entry.last_line}",
        }
        return self._event(STATEMENT, statement_id, said)

    def _figure(
        self, figure_id: str, number: DigestNumber, section: dict[str, Any]
    ) -> dict[str, Any]:
        said = section | {
            "figure_id": figure_id,
            "passage": self._passage(number),
            "metric": number.metric,
            "subject": number.subject,
            "service_id": number.service_id,
            "scope": number.scope,
            "period": _period(number.start, number.end),
            "due_on": number.due_on and number.due_on.isoformat(),
            "qualifier": number.qualifier,
            "value": number_of(number.value),
            "unit": number.unit,
            "resolution": number_of(_resolution(number)),
            "per": number.per,
            "direction": number.direction or "none",
            "claim_kind": number.claim_kind,
            "is_estimate": number.is_estimate,
            "text": number.text,
            "line": number.line,
            "place": f"line {number.line}",
            "citations": [{"document": self.digest.document, "line": number.line}],
        }
        return self._event(FIGURE, figure_id, said)

    def _passage(self, number: DigestNumber) -> str | None:
        """The same for one passage in all digests of documents that hold it; None for one that a
        single document holds."""
        if not number.also_in:
            return None
        places = sorted((f"{self.digest.document}, line {number.line}", *number.also_in))
        return hashlib.sha256("|".join((*places, number.text)).encode()).hexdigest()[:16]

    def _event(self, kind: str, identity: str, said: dict[str, Any]) -> dict[str, Any]:
        event = enveloped(
            kind,
            identity,
            said | {"document": self.digest.document},
            source=f"urn:takeup:report-digest:{self.digest.document}",
            moment=self.moment,
            published_at=self.published_at,
        )
        return event | {"digest": True}


def _resolution(number: DigestNumber) -> Decimal | None:
    """One unit of the last digit as printed. A range prints its magnitude once, so a number in it
    may stand for more than its own text says."""
    token = next(iter(tokens_of(number.text)), None)
    if token is None or token.resolution is None or not token.value or number.value is None:
        return token.resolution if token else None
    return token.resolution * number.value / token.value


def _looks_back_until(digest: Digest) -> date | None:
    """The latest day that an undated document looks back on: it was not written before."""
    texts = [entry.says for entry in digest.entries]
    days: list[date | None] = []
    for number in (number for entry in digest.entries for number in entry.numbers):
        texts.append(number.scope or "")
        if number.claim_kind == "outcome":
            days.append(number.end)
    days += [last_day_of(match[1]) for text in texts for match in SINCE.finditer(text)]
    return max((day for day in days if day is not None), default=None)


def _period(start: date | None, end: date | None) -> dict[str, str] | None:
    if start is None or end is None:
        return None
    return {"kind": _kind(start, end), "start": start.isoformat(), "end": end.isoformat()}


def _kind(start: date, end: date) -> str:
    """Kind of the period between two days, both in it."""
    if start == end:
        return "day"
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    is_whole = start.day == 1 and end == last_day(end.year, end.month)
    if is_whole and months == 1:
        return "month"
    if is_whole and months == 3 and start.month % 3 == 1:
        return "quarter"
    if is_whole and months == 12 and start.month in (1, 4):
        return "year" if start.month == 1 else "financial_year"
    return "range"
