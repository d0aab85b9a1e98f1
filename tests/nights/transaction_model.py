"""The rules of counting transactions once more, in plain Python over lists: what the models are
held against. It shares no code with them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
EXTENTS = ("none", "some", "significant", "all")
COMPLETED = "transaction.completed"
STARTED = "transaction.started"
VOIDED = "transaction.voided"
CORRECTED = "transaction.channel_corrected"
Identity = tuple[str, str]


@dataclass(frozen=True)
class Sent:
    """One event as it was sent, and the moment of the night that recorded it."""

    kind: str
    source: str
    id: str
    time: datetime
    recorded_at: datetime
    service_id: str | None = None
    channel: str | None = None
    assistance: str | None = None
    assistance_provider: str | None = None
    online_extent: str | None = None
    outcome: str | None = None
    target: Identity | None = None

    @property
    def identity(self) -> Identity:
        return self.source, self.id

    @property
    def month(self) -> date:
        """First day of the London month in which it happened."""
        return self.time.astimezone(LONDON).date().replace(day=1)


@dataclass(frozen=True)
class Counted:
    """A transaction as it counts in the end."""

    measure: str
    service_id: str
    month: date
    channel: str
    assistance: str
    assistance_provider: str | None
    online_extent: str
    outcome: str | None


def counted(events: Iterable[Sent], moment: datetime) -> Counter[Counted]:
    """Transactions that count by what was recorded up to a moment."""
    known = {event.identity: event for event in events if event.recorded_at <= moment}
    corrections: dict[Identity, list[Sent]] = {}
    for event in known.values():
        root = transaction_of(event, known)
        if root is not None:
            corrections.setdefault(root.identity, []).append(event)
    counts: Counter[Counted] = Counter()
    for event in known.values():
        if event.kind not in (COMPLETED, STARTED):
            continue
        said = corrections.get(event.identity, [])
        if any(correction.kind == VOIDED for correction in said):
            continue
        last = max(said, key=lambda c: (c.time, c.source, c.id), default=event)
        assert event.service_id is not None
        assert last.channel is not None
        assert last.assistance is not None
        counts[
            Counted(
                measure=event.kind.removeprefix("transaction."),
                service_id=event.service_id,
                month=event.month,
                channel=last.channel,
                assistance=last.assistance,
                assistance_provider=event.assistance_provider,
                online_extent=event.online_extent or "not_stated",
                outcome=event.outcome,
            )
        ] += 1
    return counts


def transaction_of(event: Sent, known: dict[Identity, Sent]) -> Sent | None:
    """The transaction that a correction is about, None while it can't be known."""
    seen: set[Identity] = set()
    found: Sent | None = event if event.target is not None else None
    while found is not None and found.target is not None:
        if found.identity in seen:
            return None
        seen.add(found.identity)
        found = known.get(found.target)
    return found if found is not None and found.kind in (COMPLETED, STARTED) else None


def waiting(events: Iterable[Sent], moment: datetime) -> set[Identity]:
    """Corrections that change nothing yet."""
    known = {event.identity: event for event in events if event.recorded_at <= moment}
    return {
        event.identity
        for event in known.values()
        if event.kind in (VOIDED, CORRECTED) and transaction_of(event, known) is None
    }


class Registers:
    """What the registers say of some services, whose expectations are without dates."""

    def __init__(self, seeds: Path, services: Iterable[str]) -> None:
        self.definitions = _rows(seeds / "definitions.csv")
        self.classes = {
            (row["definition_id"], row["channel"]): row["class"]
            for row in _rows(seeds / "channel_classes.csv")
        }
        self.expected: dict[str, set[str]] = {service: set() for service in services}
        for row in _rows(seeds / "service_channels.csv"):
            if row["service_id"] in self.expected and row["expectation"] == "expected":
                assert not row["valid_from"]
                assert not row["valid_to"]
                self.expected[row["service_id"]].add(row["channel"])

    def definitions_of(self, service_id: str) -> list[dict[str, str]]:
        """Definitions under which a service's transactions are shown."""
        return [
            row
            for row in self.definitions
            if row["applies_to_basis"] in ("events", "both")
            and row["service_id"] in ("", service_id)
        ]

    def is_digital(self, definition: dict[str, str], kind: Counted) -> bool:
        """Whether a definition counts a transaction towards take-up."""
        found = self.classes[definition["definition_id"], kind.channel]
        if found != "digital":
            return False
        least = EXTENTS.index(definition["minimum_online_extent"])
        if kind.online_extent != "not_stated" and EXTENTS.index(kind.online_extent) < least:
            return False
        if kind.assistance == "on_behalf":
            found = definition["on_behalf_class"]
        elif kind.assistance == "talk_through":
            found = definition["talk_through_class"]
        return found in ("digital", "as_counted")


def monthly_take_up(
    events: list[Sent], moment: datetime, registers: Registers
) -> dict[tuple[str, date, str], tuple[int | None, int | None, str]]:
    """(service, month, definition): digital count, total and status of what was completed."""
    counts = counted(events, moment)
    seen = _months_with_events(events, moment)
    rows: dict[tuple[str, date, str], tuple[int | None, int | None, str]] = {}
    for service_id in {service for service, _, _ in seen}:
        months = [month for service, month, _ in seen if service == service_id]
        month = min(months)
        while month <= max(months):
            given = {
                channel for service, when, channel in seen if (service, when) == (service_id, month)
            }
            missing = registers.expected[service_id] - given
            following = (month + timedelta(days=31)).replace(day=1)
            is_over = following <= moment.astimezone(LONDON).date()
            kinds = {
                kind: count
                for kind, count in counts.items()
                if (kind.measure, kind.service_id, kind.month) == ("completed", service_id, month)
            }
            for definition in registers.definitions_of(service_id):
                name = definition["definition_id"]
                digital = sum(n for k, n in kinds.items() if registers.is_digital(definition, k))
                total = sum(kinds.values())
                lacks_digital = any(
                    registers.classes[name, channel] == "digital" for channel in missing
                )
                status = "complete" if total else "no_transactions"
                rows[service_id, month, name] = (
                    digital if is_over and not lacks_digital else None,
                    total if is_over and not missing else None,
                    "incomplete" if missing or not is_over else status,
                )
            month = following
    return rows


def _months_with_events(events: list[Sent], moment: datetime) -> set[tuple[str, date, str]]:
    """Service, month and channel of everything that ever counted there, up to a moment."""
    moments = sorted({event.recorded_at for event in events if event.recorded_at <= moment})
    known = [event for event in events if event.recorded_at <= moment]
    recorded = {
        (event.service_id, event.month, event.channel)
        for event in known
        if event.kind == COMPLETED and event.service_id and event.channel
    }
    corrected = {
        (kind.service_id, kind.month, kind.channel)
        for when in moments
        for kind in counted(events, when)
        if kind.measure == "completed"
    }
    return recorded | corrected


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
