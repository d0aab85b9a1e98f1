"""The command `takeup`, in a process of its own, with the moment of its runs given.

    python -m tests.kill.command 2015-07-02T02:00:00+00:00 --home HOME nightly

The moment at which a run records is part of the tables. Two runs whose tables are to be
compared, one killed and one not, are given the same one. Ids of runs stay unique, as in life.
"""

from __future__ import annotations

import sys
from datetime import datetime, tzinfo
from uuid import uuid4

from takeup import cli, last_run, nightly, status
from takeup.alerts import engine
from takeup.commands import set_aside, steps

THAT_ASK = (cli, nightly, last_run, status, engine, steps, set_aside)
"""Modules that ask what time it is."""


def standing_at(moment: datetime) -> type[datetime]:
    """A clock that always shows this moment."""

    class Standing(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return moment.astimezone(tz)

    return Standing


def main() -> None:
    """Run the command of the remaining arguments."""
    clock = standing_at(datetime.fromisoformat(sys.argv.pop(1)))
    for module in THAT_ASK:
        vars(module)["datetime"] = clock
    vars(nightly)["new_run_id"] = lambda: f"manual__{uuid4()}"
    cli.main()


if __name__ == "__main__":
    main()
