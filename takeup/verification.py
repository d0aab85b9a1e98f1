"""`takeup verify`: the log against its chain, and against what outside it remembers."""

from __future__ import annotations

from core.errors import TakeupError, UsageError
from core.settings import Settings
from ingest.log.verification import Verification, verify


def verify_home(settings: Settings, *, landing: bool = False) -> Verification:
    """Check the log of a home; with `landing`, hash the landed files again too.

    Raises:
        UsageError: there is no log.
    """
    if not (settings.log / "_delta_log").is_dir():
        raise UsageError(f"no event log in {settings.log}: ingest something first")
    found = verify(settings.log, recorded_heads=_recorded_heads(settings))
    if landing and not found.problems:
        found.problems.extend(_changed_landing_files(settings))
    return found


def _recorded_heads(settings: Settings) -> dict[str, tuple[int, str]]:
    """What the published file remembers of the chain."""
    from publish.database import reading, version_of

    if not settings.published_file.is_file():
        return {}
    try:
        with reading(settings.published_file) as connection:
            version = version_of(connection)
    except TakeupError:
        return {}
    return {"the published file": (version.log_version, version.chain_head)}


def _changed_landing_files(settings: Settings) -> list[str]:
    """Landed files whose bytes are no longer those that the ledger knows under their name."""
    from ingest.landing.landed import scan
    from ingest.load.environment import connect
    from ingest.log.event_log import EventLog
    from ingest.log.ledger import Ledger

    if not settings.landing.is_dir():
        return []
    with connect(settings) as connection:
        ledger = Ledger.read(connection, EventLog.open(settings.log))
    return [
        f"landed file {file.name} has other bytes than the ledger recorded"
        for file in scan([settings.landing], index=None, pause=0).files
        if ledger.knows_name(file.name) and ledger.entry(file) is None
    ]
