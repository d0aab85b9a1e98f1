"""`takeup verify`: the log against its chain, and against what outside it remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import TakeupError, UsageError
from core.settings import Settings
from ingest.log.compacted import check_compacted
from ingest.log.epochs import beginning_of_epoch
from ingest.log.event_log import EventLog
from ingest.log.restored import is_staged
from ingest.log.verification import Verification, verify

if TYPE_CHECKING:
    from publish.database import WarehouseVersion


def verify_home(settings: Settings, *, copies: bool = False, landing: bool = False) -> Verification:
    """Check the log of a home; with `copies`, hold its compacted files against it; with `landing`,
    hash the landed files again too.

    Raises:
        UsageError: there is no log, or later code wrote it.
    """
    if not (settings.log / "_delta_log").is_dir():
        if is_staged(settings.home):
            raise UsageError(f"a restore of {settings.log} stopped half-way: give it again")
        raise UsageError(f"no event log in {settings.log}: ingest something first")
    found = verify(settings.log, recorded_heads=_recorded_heads(settings))
    if copies and not found.problems:
        found.problems.extend(check_compacted(EventLog.open(settings.log)))
    if landing and not found.problems:
        found.problems.extend(_changed_landing_files(settings))
    return found


def published_version(settings: Settings) -> WarehouseVersion | None:
    """Which log the published file was made of; None where there is none that says so."""
    from publish.database import reading, version_of

    if not settings.published_file.is_file():
        return None
    try:
        with reading(settings.published_file) as connection:
            return version_of(connection)
    except TakeupError:
        return None


def _recorded_heads(settings: Settings) -> dict[str, tuple[int, str]]:
    """What the published file remembers of the chain, but for what a restore has said is lost."""
    version = published_version(settings)
    if version is None or _is_lost(settings, version):
        return {}
    return {"the published file": (version.log_version, version.chain_head)}


def _is_lost(settings: Settings, version: WarehouseVersion) -> bool:
    """Whether a file was made of a version that was lost before the log's epoch began."""
    try:
        log = EventLog.open(settings.log)
        if version.epoch >= log.epoch:
            return False
        return version.log_version >= beginning_of_epoch(log, version.epoch + 1)
    except TakeupError:
        return False


def _changed_landing_files(settings: Settings) -> list[str]:
    """Landed files whose bytes are no longer those that the ledger knows under their name."""
    from ingest.landing.landed import scan
    from ingest.load.environment import connect
    from ingest.log.ledger import Ledger

    with connect(settings) as connection:
        ledger = Ledger.read(connection, EventLog.open(settings.log))
    # Each folder of the archive holds files under the names that they landed with.
    folders = [settings.landing, *sorted(settings.archive.glob("*/"))]
    return [
        f"landed file {file.name} has other bytes than the ledger recorded"
        for folder in folders
        if folder.is_dir()
        for file in scan([folder], index=None, pause=0).files
        if ledger.knows_name(file.name) and ledger.entry(file) is None
    ]
