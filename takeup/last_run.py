"""How the last run of a home went: a file that each of its steps brings up to date when it ends.

Only `takeup status` reads it. A run that was killed leaves it as its last whole step wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from core.errors import LeaseHeld, TakeupError
from core.files import write_file
from core.settings import Settings

LAST_STEP: Final = "publish"


@dataclass(frozen=True, kw_only=True)
class LastRun:
    """`step` is the last one that ended, by `outcome`: the run goes on after it (`step_done`),
    published what it holds (`published`, the end), or `failed` there with `error`. Moments are
    ISO 8601 in UTC. `took_in` has the counts of what it ingested, once it has."""

    run_id: str
    started_at: str
    step: str
    ended_at: str
    outcome: Literal["step_done", "published", "failed"]
    error: str | None = None
    took_in: dict[str, int] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """From the beginning of its first step to the end of its last one."""
        started, ended = map(datetime.fromisoformat, (self.started_at, self.ended_at))
        return (ended - started).total_seconds()


def run_recorded(
    settings: Settings, name: str, step: Callable[..., dict[str, Any]], *, run_id: str, **extra: Any
) -> dict[str, Any]:
    """Run a step of a run and keep how it went.

    A run that another one keeps out is none: what is recorded stays that of the other.
    """
    started = datetime.now(UTC).isoformat()
    try:
        facts = step(settings, run_id=run_id, **extra)
    except LeaseHeld:
        raise
    except BaseException as error:
        _keep(settings, name, run_id=run_id, started=started, error=_in_words(error))
        raise
    _keep(settings, name, run_id=run_id, started=started, facts=facts)
    return facts


def last_run(settings: Settings) -> LastRun | None:
    """How the last run went; None where no run of this version has ended a step."""
    try:
        found = json.loads(_path(settings).read_text(encoding="utf-8"))
        run = LastRun(**found)
        return run if run.seconds >= 0 else None
    except (OSError, ValueError, TypeError):
        return None


def _keep(
    settings: Settings,
    step: str,
    *,
    run_id: str,
    started: str,
    facts: dict[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """Never a reason for a run to fail; and a home that nothing has begun to fill stays empty."""
    if not settings.warehouse.is_dir():
        return
    before = last_run(settings)
    is_same = before is not None and before.run_id == run_id
    took_in = before.took_in if before is not None and is_same else {}
    if step == "ingest" and facts is not None:
        took_in = {name: count for name, count in facts.items() if isinstance(count, int)}
    run = LastRun(
        run_id=run_id,
        started_at=before.started_at if before is not None and is_same else started,
        step=step,
        ended_at=datetime.now(UTC).isoformat(),
        outcome="failed" if error else "published" if step == LAST_STEP else "step_done",
        error=error,
        took_in=took_in,
    )
    with suppress(OSError):
        write_file(_path(settings), json.dumps(asdict(run), indent=1))


def _in_words(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "stopped by a person"
    said = " ".join(str(error).split())
    return said if isinstance(error, TakeupError) and said else f"{type(error).__name__}: {said}"


def _path(settings: Settings) -> Path:
    return settings.warehouse / "last_run.json"
