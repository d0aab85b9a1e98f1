"""What the law wants gone: erase a record from the log for ever."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from takeup.commands.options import AsJson, Home, print_json, settings_of


def erase(
    key: Annotated[
        str,
        typer.Argument(help="Key of a quarantined record, or the source of an event."),
    ],
    record_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="Id of the event within that source.")
    ] = None,
    authority: Annotated[
        str, typer.Option(help="By whose authority, in words that may stay; no names.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Erase a record from the log for ever, where the law wants that.

    What only should not count is set aside instead: `takeup set-aside`.
    """
    from core.errors import UsageError
    from core.lease import lease
    from ingest.load.erasure import erase as erase_record
    from publish.display import counted

    settings = settings_of(home)
    if not yes and not sys.stdin.isatty():
        raise UsageError("nobody can be asked here: --yes says that it is meant")

    def confirm(records: int, names: list[str]) -> bool:
        asked = f"erase {counted(records, 'record')} of {', '.join(names)} for ever?"
        return yes or typer.confirm(asked, err=True)

    with lease(settings.home, purpose="erase"):
        done = erase_record(
            settings,
            key,
            record_id,
            authority=authority,
            run_at=datetime.now(UTC),
            confirm=confirm,
        )
    if as_json:
        print_json(done and vars(done))
    elif done is None:
        print("nothing was erased")
    else:
        print(f"erased: {counted(done.records, 'record')}, log version {done.version} says so")
        for name in done.files:
            print(f"  the landed file has it still: {name}")
        print("until `takeup nightly` has run, the published file has it still")
        print("copies, packs and pages are not changed: docs/runbook.md, Erase")
