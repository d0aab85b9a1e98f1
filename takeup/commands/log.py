"""The event log itself: mirror it, compact it."""

from __future__ import annotations

from typing import Annotated

import typer

from takeup.commands.options import AsJson, Home, print_json, settings_of

app = typer.Typer(
    help="The event log itself: mirror it, compact it.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("mirror")
def mirror(
    address: Annotated[
        str, typer.Argument(help="Where to: s3://BUCKET/PREFIX, or file:///FOLDER.")
    ],
    every_byte: Annotated[
        bool,
        typer.Option("--verify", help="Read back every byte, not only new ones."),
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Copy the log to an object store, for others to read; exit 4 if another log is there."""
    from core.live import showing
    from publish.display import counted
    from takeup.mirror import mirror_log

    settings = settings_of(home)
    with showing(settings, "log mirror --verify" if every_byte else "log mirror"):
        done = mirror_log(settings, address, every_byte=every_byte)
    if as_json:
        print_json(vars(done))
        return
    put = f"{counted(done.commits, 'commit')} and {counted(done.files, 'file')}"
    kind = "simulated log" if done.is_simulated else "log"
    print(f"{done.address}: {kind} version {done.version}, head {done.head}")
    print(f"  put and read back: {put}, {done.size_bytes / 1e6:,.1f} MB")
    if every_byte:
        print("  every byte of it was read")
    if done.deleted:
        print(f"  deleted what was erased: {counted(done.deleted, 'file')}")


@app.command("compact")
def compact(as_json: AsJson = False, home: Home = None) -> None:
    """Copy small files of the log, many in one, for its readers; builds do where many wait."""
    from core.live import showing
    from publish.display import counted
    from takeup.compaction import compact_log

    settings = settings_of(home)
    with showing(settings, "log compact"):
        made = compact_log(settings)
    files = sum(len(copy.parts) for copy in made)
    size_bytes = sum(copy.size_bytes for copy in made)
    if as_json:
        print_json({"files": files, "into": len(made), "size_bytes": size_bytes})
    elif made:
        print(f"{counted(files, 'file')} into {len(made):,}, {size_bytes / 1e6:,.1f} MB")
    else:
        print("no small files wait")
