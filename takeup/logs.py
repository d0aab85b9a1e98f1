"""Logs for a program to read: with `TAKEUP_LOG_FORMAT=json`, a JSON object a line.

Each has `at`, `level`, `event`, and what belongs to it: `run_id`, `step`, `batches` (versions of
the log that the step added). Nothing is written where the setting is `text`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.secrets import masked

if TYPE_CHECKING:
    from core.settings import Settings
    from takeup.run_records import StepRecord

Write = Callable[[str], object]

_write: Write | None = None


def configure(settings: Settings, *, write: Write | None = None) -> None:
    """Begin to write lines where the settings want them: to standard error, or by `write`."""
    global _write
    _write = (write or _to_standard_error) if settings.log_format == "json" else None


def is_on() -> bool:
    """Whether lines are written."""
    return _write is not None


def tell(event: str, *, level: str = "info", **fields: Any) -> bool:
    """Write one line; whether lines are written at all."""
    if _write is None:
        return False
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    told = {"at": at, "level": level, "event": event} | fields
    _write(masked(json.dumps(told, ensure_ascii=False, default=str)))
    return True


def tell_step(record: StepRecord) -> None:
    """Write how a step ended."""
    fields = {name: value for name, value in asdict(record).items() if value not in (None, {}, [])}
    is_done = fields.pop("outcome") == "done"
    tell("step_done" if is_done else "step_failed", level="info" if is_done else "error", **fields)


def _to_standard_error(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
