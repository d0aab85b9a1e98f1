"""How the last run of a home went, by the steps that `runs.jsonl` has of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from core.errors import LeaseHeld, TakeupError
from core.live import showing, usually
from core.secrets import masked
from core.settings import Settings
from takeup import logs
from takeup.run_records import Meter, StepRecord, append, records

LAST_STEP: Final = "publish"
BETWEEN_STEPS: Final = timedelta(minutes=10)
"""How long a run may lie between two of its steps: a scheduler waits five before it tries again."""


@dataclass(frozen=True, kw_only=True)
class LastRun:
    """`step` is the last one that ended, by `outcome`: the run goes on after it (`step_done`),
    published what it holds (`published`), or `failed` there with `error`, an error of the class
    `error_kind`. Moments are ISO 8601 in UTC. `took_in` has the counts of what it ingested, once
    it has."""

    run_id: str
    started_at: str
    step: str
    ended_at: str
    outcome: Literal["step_done", "published", "failed"]
    error: str | None = None
    error_kind: str | None = None
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
    started, meter = datetime.now(UTC).isoformat(), Meter()
    logs.tell("step_started", run_id=run_id, step=name)
    try:
        with showing(settings, name, usual=lambda: _usual_seconds(settings, name)):
            facts = step(settings, run_id=run_id, **extra)
    except LeaseHeld:
        raise
    except BaseException as error:
        kind = type(error).__name__
        _keep(settings, name, run_id, started, meter, error_kind=kind, error=_in_words(error))
        raise
    _keep(settings, name, run_id, started, meter, **_told_by(facts))
    return facts


def _told_by(facts: dict[str, Any]) -> dict[str, Any]:
    """What a step reports of itself, by the names that a record has."""
    counts = {
        name: count
        for name, count in facts.items()
        if isinstance(count, int) and not isinstance(count, bool)
    }
    log_version = counts.pop("log_version", None)
    return {"counts": counts, "log_version": log_version, "batches": facts.get("batches", [])}


def last_steps(settings: Settings) -> list[StepRecord]:
    """The steps of the run that ended a step last, a step that was tried again more than once."""
    found = records(settings)
    return [one for one in found if one.run_id == found[-1].run_id]


def last_run(settings: Settings) -> LastRun | None:
    """How the last run went; None where no run of this version has ended a step."""
    steps = last_steps(settings)
    try:
        run = _run_of(steps) if steps else None
        return run if run is not None and run.seconds >= 0 else None
    except (ValueError, TypeError):
        return None


def goes_on(run: LastRun, *, is_held: bool, now: datetime) -> bool:
    """Whether a run that is done with a step will come to its next one, as far as can be known:
    the home `is_held` by somebody, or it has not lain for long. Else it was killed."""
    return is_held or now - datetime.fromisoformat(run.ended_at) < BETWEEN_STEPS


def _usual_seconds(settings: Settings, step: str) -> float | None:
    done = [one for one in records(settings) if one.step == step and one.outcome == "done"]
    return usually([one.seconds for one in done])


def _run_of(steps: list[StepRecord]) -> LastRun:
    last = steps[-1]
    has_published = any(one.step == LAST_STEP and one.outcome == "done" for one in steps)
    took_in = [one.counts for one in steps if one.step == "ingest" and one.outcome == "done"]
    return LastRun(
        run_id=last.run_id,
        started_at=steps[0].started_at,
        step=last.step,
        ended_at=last.ended_at,
        outcome=(
            "failed" if last.outcome == "failed" else "published" if has_published else "step_done"
        ),
        error=last.error,
        error_kind=last.error_kind,
        took_in=took_in[-1] if took_in else {},
    )


def _keep(
    settings: Settings, step: str, run_id: str, started: str, meter: Meter, **known: Any
) -> None:
    record = StepRecord(
        run_id=run_id,
        step=step,
        started_at=started,
        ended_at=datetime.now(UTC).isoformat(),
        outcome="failed" if "error" in known else "done",
        **meter.used(),
        **known,
    )
    append(settings, record)
    logs.tell_step(record)


def _in_words(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "stopped by a person"
    said = masked(" ".join(str(error).split()))
    return said if isinstance(error, TakeupError) and said else f"{type(error).__name__}: {said}"
