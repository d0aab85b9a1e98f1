"""`takeup log compact`: a home's small log files, many in one, once they are verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lease import lease
from core.settings import Settings
from ingest.load import environment
from ingest.log.compacted import compact
from ingest.log.event_log import EventLog
from ingest.log.verification import verify
from takeup.build import verified_files

if TYPE_CHECKING:
    from ingest.log.compacted import Compacted

TWO = 2
"""By hand as few as there is something to gain by."""


def compact_log(settings: Settings) -> list[Compacted]:
    """Compact whatever small files wait, as a build does where many do.

    Raises:
        UsageError: there is no log.
        IntegrityError: the log is damaged.
        LeaseHeld: a run works on the home.
    """
    with lease(settings.home, purpose="log compact"), environment.connect(settings) as connection:
        verify(settings.log, index=verified_files(settings)).require_sound()
        return compact(connection, EventLog.open(settings.log), enough=TWO)
