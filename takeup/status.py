"""`takeup status`: what a home holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.settings import Settings


def status_of(settings: Settings) -> dict[str, Any]:
    """Facts of a home, in the order in which someone on call asks for them."""
    from core.lease import holder, is_held

    found: dict[str, Any] = _withheld(settings)
    found |= {
        "home": str(settings.home),
        "running": holder(settings.home) if is_held(settings.home) else "nothing",
    }
    found |= _log_facts(settings)
    found |= _published_facts(settings)
    return found


def status_lines(found: dict[str, Any]) -> Iterator[str]:
    """For a person."""
    for name, value in found.items():
        if isinstance(value, list):
            for line in value:
                yield f"{name.replace('_', ' '):24} {line}"
            continue
        # A version is a name, to be given to an option as it is shown.
        shown = str(value) if name.endswith("version") else _in_words(value)
        yield f"{name.replace('_', ' '):24} {shown}"


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_in_words(count)}" for key, count in sorted(value.items()))
    return f"{value:,}" if isinstance(value, int) else str(value)


def _log_facts(settings: Settings) -> dict[str, Any]:
    from ingest.log.event_log import EventLog

    if not EventLog.exists(settings.log):
        return {"log": "none yet"}
    from ingest.load.environment import connect
    from ingest.log.ledger import Ledger
    from ingest.log.quarantine import counts_by_reason
    from ingest.log.set_asides import count_set_asides

    log = EventLog.open(settings.log)
    with connect(settings) as connection:
        ledger = Ledger.read(connection, log)
        reasons: dict[str, int] = {}
        for reason, _, count in counts_by_reason(connection, log):
            reasons[reason] = reasons.get(reason, 0) + count
        set_aside = count_set_asides(connection, log)
    return {
        "log": "simulated" if log.is_simulated else "real",
        "log_version": log.version,
        "chain_head": log.head(),
        "last_addition": log.run_at().isoformat(timespec="seconds"),
        "events": sum(file.row_count for file in log.files("event")),
        "files": ledger.counts(),
        "quarantine": reasons or "empty",
        "set_aside": set_aside or "nothing",
    }


def _withheld(settings: Settings) -> dict[str, Any]:
    """What is withheld of services that have a target, where anything is."""
    if not settings.published_file.is_file():
        return {}
    from publish.withheld import withheld_lines

    lines = withheld_lines(settings.published_file)
    return {"withheld": [line.removeprefix("withheld: ") for line in lines]} if lines else {}


def _published_facts(settings: Settings) -> dict[str, Any]:
    if not settings.published_file.is_file():
        return {"published": "nothing yet"}
    from publish.database import reading, version_of
    from publish.unregistered import unregistered_lines

    with reading(settings.published_file) as connection:
        version = version_of(connection)
    return {
        "published": str(settings.published_file),
        "published_log_version": version.log_version,
        "published_run_at": version.run_at,
        "published_code_version": version.code_version,
        "unregistered": unregistered_lines(settings.published_file) or "nothing",
    }
