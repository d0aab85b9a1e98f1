"""The command `takeup`: its commands and groups, and what a user sees of an error."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

from takeup.commands import (
    erase,
    hand_over,
    log,
    looking,
    making,
    quarantine,
    registers,
    reports,
    set_aside,
    steps,
)
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
    *(looking.replay, looking.verify, looking.restore, looking.status, looking.alerts),
    *(looking.trace, looking.site, hand_over.hand_over),
    *(making.simulate, making.template, making.tidy_volumes, set_aside.set_aside),
    erase.erase,
):
    app.command()(command)
app.add_typer(log.app, name="log")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(registers.app, name="registers")
app.add_typer(reports.app, name="reports")


def main() -> NoReturn:
    """Entry point: user errors print one line and end with their class's exit code."""
    from core.errors import TakeupError
    from core.limits import limit_met, with_remedy
    from core.terminal import guard

    guard()
    try:
        app(standalone_mode=True)
    except TakeupError as error:
        _fail(with_remedy(str(error)), exit_code=error.exit_code)
    except KeyboardInterrupt:
        _fail("stopped", exit_code=130)
    except Exception as error:
        said = limit_met(error)
        if said is None and not _is_engine_trouble(error):
            raise
        _fail(said or _first_line(error))
    sys.exit(0)


def _fail(said: str, *, exit_code: int = 1) -> NoReturn:
    from core.secrets import masked
    from takeup import logs

    if not logs.tell("stopped", level="error", error=said, exit_code=exit_code):
        print(f"takeup: {masked(said)}", file=sys.stderr)
    sys.exit(exit_code)


def _is_engine_trouble(error: Exception) -> bool:
    """Whether the system, DuckDB or the log's keeper could not read or write something."""
    import duckdb
    from deltalake.exceptions import DeltaError

    of_keeper = isinstance(error, DeltaError) and "error: " in str(error).lower()
    return of_keeper or isinstance(
        error, (OSError, duckdb.IOException, duckdb.OutOfMemoryException)
    )


def _first_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error).strip().partition("\n")[0] or type(error).__name__


if __name__ == "__main__":
    main()
