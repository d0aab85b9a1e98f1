"""Simulated events that no stream holds: a form that was saved and taken up again, which is two
starts of one transaction, a void of an event that never came, and two tests of the form that were
set aside, one of them by mistake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from core.files import write_file

SERVICE: Final = "defra-waste-carriers-brokers-dealers-registrations"
SOURCE: Final = f"urn:takeup:simulated:{SERVICE}"
SET_ASIDE_SOURCE: Final = "urn:takeup:set-aside"
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
        *(event for name in ("tested-1", "tested-2") for event in _set_aside(name)),
        _event(
            "restored-tested-2",
            "record.restored",
            "2014-10-09T09:00:00Z",
            _named("tested-2", reason="a real registration after all"),
            source=SET_ASIDE_SOURCE,
        ),
    )
    write_file(path, "".join(f"{json.dumps(event)}\n" for event in events))


def _set_aside(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A completed transaction, and what sets it aside."""
    data = TRANSACTION | {"transaction_id": name, "outcome": "intended"}
    reason = "a test of the form after its release"
    return (
        _event(name, "transaction.completed", "2014-10-07T11:00:00Z", data),
        _event(
            f"set-aside-{name}",
            "record.set_aside",
            "2014-10-08T09:00:00Z",
            _named(name, reason=reason),
            source=SET_ASIDE_SOURCE,
        ),
    )


def _named(name: str, *, reason: str) -> dict[str, str]:
    return {"source": SOURCE, "id": name, "role": "service manager", "reason": reason}


def _event(
    name: str, kind: str, time: str, data: dict[str, Any], *, source: str = SOURCE
) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": name,
        "source": source,
        "type": f"uk.gov.takeup.{kind}.v1",
        "time": time,
        "datacontenttype": "application/json",
        "simulated": True,
        "data": data,
    }
