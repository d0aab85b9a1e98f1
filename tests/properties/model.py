"""The rules of the log and of counting, a second time, in plain Python.

Nothing here knows of batches in columns, of hashes of identities or of SQL: a file is a list of
records, a log is a few dictionaries, and everything is looked up one by one.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.events import COMPLETED, CORRECTED, STARTED, VOIDED, Event
from tests.support.invariants import content_hash

LONDON = ZoneInfo("Europe/London")
TOLERANCE = timedelta(minutes=60)
TRANSACTIONS = {STARTED: "started", COMPLETED: "completed"}
CORRECTIONS = {VOIDED: "voids", CORRECTED: "corrects"}

Identity = tuple[str, str]
Place = tuple[str, int]
"""Content hash of a file, and the number of the record in it."""
Cell = tuple[str, str, str, str, str]
"""Service, measure, first day of the London month, channel, assistance."""


@dataclass(frozen=True)
class Record:
    """One record as it is sent: its bytes, and the event that they say or why they say none."""

    line: bytes
    event: Event | None
    reason: str | None = None

    def refused_at(self, run_at: datetime) -> str | None:
        """Why a run at this moment refuses it, whatever the log holds."""
        if self.event is None or self.reason is not None:
            return self.reason
        return "in_the_future" if instant(self.event) > run_at + TOLERANCE else None


@dataclass(frozen=True)
class Accepted:
    """An accepted event, where it came from and since when it is known."""

    event: Event
    place: Place
    known_at: datetime


@dataclass(frozen=True)
class SentFile:
    """A file that lands."""

    name: str
    records: tuple[Record, ...]

    @property
    def content(self) -> bytes:
        """Its bytes, packed where its name says so."""
        lines = b"".join(record.line + b"\n" for record in self.records)
        return gzip.compress(lines, mtime=0) if self.name.endswith(".gz") else lines

    @property
    def digest(self) -> str:
        """Its content hash."""
        return content_hash(self.content)


@dataclass
class Model:
    """What a log holds, by the rules alone."""

    accepted: dict[Identity, Accepted] = field(default_factory=dict)
    duplicates: dict[Place, Place] = field(default_factory=dict)
    quarantined: dict[Place, tuple[str, Record]] = field(default_factory=dict)
    released: set[Place] = field(default_factory=set)
    files: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def open(self) -> dict[Place, str]:
        """Reasons of what is in quarantine still."""
        return {
            place: reason
            for place, (reason, _) in self.quarantined.items()
            if place not in self.released
        }

    def run(
        self, landed: Iterable[SentFile], *, run_at: datetime, dies_after: int | None = None
    ) -> None:
        """Take what is new, one commit per file, in the order of content hashes.

        Args:
            dies_after: how many commits the run lives to make; None: all.
        """
        held = {digest for (_, digest), state in self.files.items() if state == "ingested"}
        in_order = sorted(landed, key=lambda file: (file.digest, file.name))
        fresh, copies = [], []
        for file in in_order:
            if (state := self.files.get((file.name, file.digest))) == "ingested":
                continue
            if file.digest not in held:
                held.add(file.digest)
                fresh.append(file)
            elif state is None:
                copies.append(file)
        # The first commit says of every copy that it is one.
        commits = max(len(fresh), 1 if copies else 0)
        lives_for = commits if dies_after is None else min(dies_after, commits)
        if lives_for:
            self.files |= {(file.name, file.digest): "duplicate_file" for file in copies}
        for file in fresh[:lives_for]:
            self.files[file.name, file.digest] = "ingested"
            for position, record in enumerate(file.records, start=1):
                self._take((file.digest, position), record, run_at)

    def retry(self, *, run_at: datetime) -> None:
        """Check what is in quarantine again, in the order of files and positions."""
        for place in sorted(self.open):
            _, record = self.quarantined[place]
            del self.quarantined[place]
            self._take(place, record, run_at)
            if place in self.quarantined:
                continue
            self.quarantined[place] = ("released", record)
            self.released.add(place)

    def _take(self, place: Place, record: Record, run_at: datetime) -> None:
        reason = record.refused_at(run_at)
        if reason is None:
            assert record.event is not None
            identity = record.event["source"], record.event["id"]
            first = self.accepted.setdefault(identity, Accepted(record.event, place, run_at))
            if first.place == place:
                return
            if said(first.event) == said(record.event):
                self.duplicates[place] = first.place
                return
            reason = "id_conflict"
        self.quarantined[place] = reason, record

    def events(self, *, known_by: datetime | None = None) -> list[Event]:
        """Accepted events, all or those known at a moment."""
        return [
            held.event
            for held in self.accepted.values()
            if known_by is None or held.known_at <= known_by
        ]


def instant(event: Event) -> datetime:
    """When it happened, as a moment."""
    return datetime.fromisoformat(event["time"])


def said(event: Event) -> str:
    """What an event says, as values: the order of keys, spaces and the offset don't matter."""
    return json.dumps(event | {"time": instant(event).timestamp()}, sort_keys=True)


def net_counts(events: Sequence[Event]) -> Counter[Cell]:
    """Transactions that count, by service, measure, London month, channel and assistance.

    A correction may name another one: it is about the transaction at the end. The last one by
    its own time, then by identity, says where the transaction belongs; one void takes it out,
    whatever follows.
    """
    by_identity = {(event["source"], event["id"]): event for event in events}
    corrections: dict[Identity, list[Event]] = {}
    for event in events:
        if event["type"] in CORRECTIONS and (about := _transaction(event, by_identity)):
            corrections.setdefault(about, []).append(event)
    found: Counter[Cell] = Counter()
    for identity, event in by_identity.items():
        if event["type"] not in TRANSACTIONS:
            continue
        of_it = sorted(
            corrections.get(identity, ()), key=lambda e: (instant(e), e["source"], e["id"])
        )
        if any(correction["type"] == VOIDED for correction in of_it):
            continue
        place: Mapping[str, Any] = of_it[-1]["data"] if of_it else event["data"]
        data = event["data"]
        month = instant(event).astimezone(LONDON).date().replace(day=1)
        found[
            data["service_id"],
            TRANSACTIONS[event["type"]],
            month.isoformat(),
            place.get("channel", data["channel"]),
            place.get("assistance", data["assistance"]),
        ] += 1
    return found


def waiting(events: Sequence[Event]) -> set[Identity]:
    """Corrections that are about nothing that is known."""
    by_identity = {(event["source"], event["id"]): event for event in events}
    return {
        (event["source"], event["id"])
        for event in events
        if event["type"] in CORRECTIONS and _transaction(event, by_identity) is None
    }


def _transaction(correction: Event, by_identity: Mapping[Identity, Event]) -> Identity | None:
    """The transaction that a correction is about in the end; None where there is none."""
    seen: set[Identity] = set()
    while True:
        target = correction["data"][CORRECTIONS[correction["type"]]]
        identity = target["source"], target["id"]
        event = by_identity.get(identity)
        if event is None or identity in seen:
            return None
        if event["type"] in TRANSACTIONS:
            return identity
        if event["type"] not in CORRECTIONS:
            return None
        seen.add(identity)
        correction = event
