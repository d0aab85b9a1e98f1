"""The command `takeup`, in a process of its own, with its clock given and its steps watched.

    python -m tests.kill.command 2015-07-02T02:00:00+00:00 --home HOME nightly

The moment at which a run records is part of the tables. Two runs whose tables are to be compared,
one interrupted and one not, are given the same one; `now` stands for the machine's clock. Ids of
runs stay unique, as in life. Where such a run is to stop says the environment: tests/kill/stops.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import partial
from types import ModuleType
from typing import Any, Final
from uuid import uuid4

from publish import after_run
from takeup import cli, last_run, nightly, retention, runs_page, status
from takeup.alerts import engine
from takeup.commands import erase, quarantine, set_aside, steps
from tests.kill.stops import Stopper

THAT_ASK: Final = (cli, nightly, last_run, status, engine, erase, quarantine, steps, set_aside)
"""Modules that ask what time it is."""
MACHINE: Final = "now"
WHOLE: Final = "command"
"""The name under which the whole of a command can be stopped in."""
_AROUND: Final[tuple[tuple[str, ModuleType, str], ...]] = (
    ("retention", retention, "remove_old"),
    ("pack", after_run, "latest_pack"),
    ("pages", after_run, "pages_line"),
    ("runs", runs_page, "write_runs_page"),
)
"""What a night does besides its own steps."""


def clock_of(stopper: Stopper) -> type[datetime]:
    """A clock that stands still, and is moved where the run is stopped."""

    class Standing(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            moment = stopper.moment()
            return datetime.now(tz) if moment is None else moment.astimezone(tz)

    return Standing


def listed(work: Callable[..., Any], *arguments: Any, **options: Any) -> list[Any]:
    """What yields its lines as it works, done at once."""
    return list(work(*arguments, **options))


def main() -> None:
    """Run the command of the remaining arguments."""
    given = sys.argv.pop(1)
    stopper = Stopper(None if given == MACHINE else datetime.fromisoformat(given))
    clock = clock_of(stopper)
    for module in THAT_ASK:
        vars(module)["datetime"] = clock
    vars(nightly)["new_run_id"] = lambda: f"manual__{uuid4()}"
    vars(nightly)["STEPS"] = tuple((name, stopper.watched(name, do)) for name, do in nightly.STEPS)
    archive = stopper.watched("archive", partial(listed, vars(nightly)["_archive"]))
    vars(nightly)["_archive"] = archive
    for name, module, function in _AROUND:
        setattr(module, function, stopper.watched(name, getattr(module, function)))
    stopper.watched(WHOLE, _to_the_end)()


def _to_the_end() -> None:
    try:
        cli.main()
    except SystemExit as ended:
        if ended.code:
            raise


if __name__ == "__main__":
    main()
