"""The command `takeup`: its commands and groups, and what a user sees of an error."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

from takeup.commands import (
    erase,
    hand_over,
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
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(registers.app, name="registers")
app.add_typer(reports.app, name="reports")


def main() -> NoReturn:
    """Entry point: user errors print one line and end with their class's exit code."""
    from core.errors import TakeupError
    from core.terminal import guard

    guard()
    try:
        app(standalone_mode=True)
    except TakeupError as error:
        _fail(str(error), exit_code=error.exit_code)
    except KeyboardInterrupt:
        _fail("stopped", exit_code=130)
    except (MemoryError, OSError) as error:
        _fail(_of_machine(error))
    except Exception as error:
        if not _is_engine_trouble(error):
            raise
        _fail(_of_engine(error))
    sys.exit(0)


def _fail(said: str, *, exit_code: int = 1) -> NoReturn:
    from core.secrets import masked
    from takeup import logs

    if not logs.tell("stopped", level="error", error=said, exit_code=exit_code):
        print(f"takeup: {masked(said)}", file=sys.stderr)
    sys.exit(exit_code)


def _of_machine(error: MemoryError | OSError) -> str:
    if isinstance(error, MemoryError):
        return "out of memory: lower TAKEUP_MEMORY_LIMIT or TAKEUP_BATCH_BYTES"
    where = f": {error.filename}" if error.filename else ""
    return f"{error.strerror or _first_line(error)}{where}"


def _is_engine_trouble(error: Exception) -> bool:
    """Whether DuckDB or the log's keeper met the machine's limits: memory, disk, permissions."""
    import duckdb
    from deltalake.exceptions import DeltaError

    of_keeper = isinstance(error, DeltaError) and "error: " in str(error).lower()
    return of_keeper or isinstance(error, (duckdb.IOException, duckdb.OutOfMemoryException))


def _of_engine(error: Exception) -> str:
    import duckdb

    if isinstance(error, duckdb.OutOfMemoryException):
        return (
            "DuckDB needs more memory than it may use: raise TAKEUP_MEMORY_LIMIT or lower "
            f"TAKEUP_BATCH_BYTES ({_first_line(error)})"
        )
    return _first_line(error)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


if __name__ == "__main__":
    main()
