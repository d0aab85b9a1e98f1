"""What a run checks by: limits, registers, the run's own moment; what both paths have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.validation.event_types import Field
from ingest.validation.vocabulary import Vocabulary

TRANSACTION_TYPES = (
    "uk.gov.takeup.transaction.started.v1",
    "uk.gov.takeup.transaction.completed.v1",
)
TYPED_FIELDS = (
    "service_id",
    "channel",
    "assistance",
    "assistance_provider",
    "online_extent",
    "outcome",
    "transaction_id",
)
"""Fields of data that the log has columns for."""
EARLIEST = "1900-01-01T00:00:00+00:00"
"""Nothing that is counted here happened before: an earlier year is a default or a slip."""
EARLIEST_DAY, LATEST_DAY = "1900-01-01", "2100-12-31"
"""Days that a period, a campaign or a due day may have."""


@dataclass(frozen=True)
class Rules:
    """Limits, registers and the run's own moment."""

    vocabulary: Vocabulary
    run_at: datetime
    future_tolerance: timedelta
    maximum_bytes: int
    maximum_depth: int
    is_simulated: bool

    @property
    def latest(self) -> str:
        """The latest moment that an event may have, as SQL text."""
        return (self.run_at + self.future_tolerance).isoformat()


def allowed_values(field: Field, rules: Rules) -> frozenset[str] | None:
    """The values that a field's schema or register allows; None where any will do."""
    if "enum" in field.schema:
        return frozenset(field.schema["enum"])
    if "x-register" in field.schema:
        return rules.vocabulary.registers[field.schema["x-register"]]
    return None
