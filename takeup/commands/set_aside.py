"""What was taken in and should not count: set it aside, or restore it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from takeup.commands.options import AsJson, Home, print_json, settings_of


def set_aside(
    key: Annotated[
        str,
        typer.Argument(
            help="Content hash of a landed file, or its first 12 characters; or a record's source."
        ),
    ],
    record_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="Id of the record within that source.")
    ] = None,
    role: Annotated[str, typer.Option(help="In which role you do so; no names.")] = "",
    reason: Annotated[str, typer.Option(help="Why; readers of the figures see it.")] = "",
    restore: Annotated[bool, typer.Option("--restore", help="Let it count again instead.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Let a file or a record count nowhere from now on, or again.

    The log keeps it, and what was known before stays as it was.
    """
    from core.lease import lease
    from ingest.load.set_aside import change_one
    from publish.display import counted

    settings = settings_of(home)
    with lease(settings.home, purpose="set-aside"):
        done = change_one(
            settings,
            key,
            record_id,
            change="restored" if restore else "set_aside",
            role=role,
            reason=reason,
            run_at=datetime.now(UTC),
        )
    if as_json:
        print_json(vars(done))
        return
    what = "restored" if restore else "set aside"
    since = "count again" if restore else "count nowhere"
    print(f"{what}: {done.target}, {counted(done.records, 'record')} of the log")
    print(f"{since} from the next run on: `takeup nightly` publishes it")
