"""How a source refuses one record, where `FileRejected` refuses a file."""

from __future__ import annotations


class Refused(Exception):
    """A record, a row or a cell is refused. `reason` is one of `ingest.reasons.RECORD_REASONS`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
