"""`takeup log mirror`: a home's log, once it is verified, to where others read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import UsageError
from core.lease import lease
from core.settings import Settings
from ingest.log.event_log import EventLog
from ingest.log.verification import verify
from takeup.build import verified_files

if TYPE_CHECKING:
    from ingest.log.mirror import Mirrored


def mirror_log(settings: Settings, address: str, *, every_byte: bool = False) -> Mirrored:
    """Verify the log as a build does, then mirror it as it is at that moment.

    Only the former needs the home's lease: a night may begin while a long copy goes on, because
    what it adds are new files.

    Raises:
        UsageError: there is no log, or the client of stores is not installed; or as `mirror`.
        IntegrityError: the log is damaged; or as `mirror`.
        LeaseHeld: a run works on the home.
        TakeupError: as `mirror`.
    """
    try:
        from ingest.log.mirror import mirror
    except ModuleNotFoundError as error:
        if error.name != "obstore":
            raise
        raise UsageError(
            "the client of object stores is not installed: run `make mirror` in the project's"
            " folder"
        ) from error
    with lease(settings.home, purpose="log mirror"):
        verify(settings.log, index=verified_files(settings)).require_sound()
        log = EventLog.open(settings.log)
    return mirror(log, address, every_byte=every_byte)
