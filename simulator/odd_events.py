"""Simulated events that no stream holds: a form that was saved and taken up again, which is two
starts of one transaction, and a void of an event that never came."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from core.files import write_file

SERVICE: Final = "defra-waste-carriers-brokers-dealers-registrations"
SOURCE: Final = f"urn:takeup:simulated:{SERVICE}"
TRANSACTION: Final = {
    "service_id": SERVICE,
    "channel": "online",
    "assistance": "none",
    "transaction_id": "resumed-1",
}


def simulate_odd_events(path: Path) -> None:
    """Write the events as JSON lines, the same bytes each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    events = (
        _event("resumed-1-start", "transaction.started", "2014-09-29T10:00:00Z", TRANSACTION),
        _event("resumed-1-again", "transaction.started", "2014-10-02T18:30:00Z", TRANSACTION),
        _event(
            "resumed-1-end",
            "transaction.completed",
            "2014-10-02T18:42:00Z",
            TRANSACTION | {"outcome": "intended"},
        ),
        _event(
            "void-of-nothing",
            "transaction.voided",
            "2014-10-06T09:00:00Z",
            {"voids": {"source": SOURCE, "id": "never-came"}, "reason": "test transaction"},
        ),
    )
    write_file(path, "".join(f"{json.dumps(event)}\n" for event in events))


def _event(name: str, kind: str, time: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": name,
        "source": SOURCE,
        "type": f"uk.gov.takeup.{kind}.v1",
        "time": time,
        "datacontenttype": "application/json",
        "simulated": True,
        "data": data,
    }
