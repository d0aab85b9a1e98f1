"""Events as a department's server would send them, to be broken by tests."""

from __future__ import annotations

import json
from typing import Any

COMPLETED = "uk.gov.takeup.transaction.completed.v1"
STARTED = "uk.gov.takeup.transaction.started.v1"
VOIDED = "uk.gov.takeup.transaction.voided.v1"
CORRECTED = "uk.gov.takeup.transaction.channel_corrected.v1"
VOLUME = "uk.gov.takeup.volume.reported.v1"
FEEDBACK = "uk.gov.takeup.feedback.given.v1"
CONTACT = "uk.gov.takeup.contact.received.v1"
SERVICE = "dwp-jobseekers-allowance-jsa-new-claims"
SOURCE = "urn:test:jsa"
QUARTER = {"kind": "quarter", "start": "2015-01-01", "end": "2015-03-31"}
ABSENT: Any = object()
"""Stands for an attribute or a field that is left out."""

Event = dict[str, Any]


def envelope(kind: str, identifier: str, data: Any, **attributes: Any) -> Event:
    """An event of a type, with attributes added, changed or (ABSENT) left out."""
    event = {
        "specversion": "1.0",
        "id": identifier,
        "source": SOURCE,
        "type": kind,
        "time": "2015-03-02T10:00:00Z",
        "datacontenttype": "application/json",
        "data": data,
    }
    return _without_absent(event | attributes)


def completed(identifier: str, *, data: Event | None = None, **attributes: Any) -> Event:
    """A completed transaction; `data` changes fields of its data."""
    fields = {
        "service_id": SERVICE,
        "channel": "online",
        "assistance": "none",
        "outcome": "intended",
        "transaction_id": f"t-{identifier}",
    }
    return envelope(COMPLETED, identifier, _without_absent(fields | (data or {})), **attributes)


def started(identifier: str, *, data: Event | None = None, **attributes: Any) -> Event:
    """A started transaction."""
    fields = {
        "service_id": SERVICE,
        "channel": "online",
        "assistance": "none",
        "transaction_id": f"t-{identifier}",
    }
    return envelope(STARTED, identifier, _without_absent(fields | (data or {})), **attributes)


def feedback(identifier: str, *, data: Event | None = None, **attributes: Any) -> Event:
    """A user's rating of a service."""
    fields = {"service_id": SERVICE, "channel": "online", "rating": 2}
    return envelope(FEEDBACK, identifier, _without_absent(fields | (data or {})), **attributes)


def contact(identifier: str, *, data: Event | None = None, **attributes: Any) -> Event:
    """A user's call for help with a service."""
    fields = {"service_id": SERVICE, "channel": "phone", "reason": "chase_progress"}
    return envelope(CONTACT, identifier, _without_absent(fields | (data or {})), **attributes)


def volume(identifier: str, *, data: Event | None = None, **attributes: Any) -> Event:
    """A reported quarterly volume."""
    fields = {
        "service_id": SERVICE,
        "breakdown": "total",
        "measure": "completed",
        "period": QUARTER,
        "count": 5,
    }
    return envelope(VOLUME, identifier, _without_absent(fields | (data or {})), **attributes)


def data_first_order(event: Event) -> Event:
    """The same event with its data before all else."""
    return {"data": event["data"]} | event


def text(event: Event) -> str:
    """One line of JSON, the way most writers write it."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def lines(*records: Event | str | bytes) -> bytes:
    """A file of JSON lines; a record that is text or bytes stands as it is."""
    return b"".join(as_bytes(record) + b"\n" for record in records)


def as_bytes(record: Event | str | bytes) -> bytes:
    """A record as it stands in its file, without the newline."""
    if isinstance(record, bytes):
        return record
    return (record if isinstance(record, str) else text(record)).encode()


def _without_absent(members: Event) -> Event:
    return {name: value for name, value in members.items() if value is not ABSENT}
