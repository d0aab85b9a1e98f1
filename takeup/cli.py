"""The command `takeup`: its commands and groups, and what a user sees of an error."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

from takeup.commands import looking, making, quarantine, reports, steps
from takeup.commands.options import common

app = typer.Typer(
    name="takeup",
    help="Digital take-up of government services, from events to published figures.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.callback()(common)
for command in (
    *(steps.nightly, steps.ingest, steps.build, steps.check, steps.publish, steps.export),
    *(looking.replay, looking.verify, looking.status, looking.trace),
    *(making.simulate, making.template, making.tidy_volumes),
):
    app.command()(command)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(reports.app, name="reports")


def main() -> NoReturn:
    """Entry point: user errors print one line and end with their class's exit code."""
    from core.errors import TakeupError

    try:
        app(standalone_mode=True)
    except TakeupError as error:
        print(f"takeup: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("takeup: stopped", file=sys.stderr)
        sys.exit(130)
    except MemoryError:
        print(
            "takeup: out of memory: lower TAKEUP_MEMORY_LIMIT or TAKEUP_BATCH_BYTES",
            file=sys.stderr,
        )
        sys.exit(1)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        print(f"takeup: {error.strerror or error}{where}", file=sys.stderr)
        sys.exit(1)
    sys.exit(0)


if __name__ == "__main__":
    main()
