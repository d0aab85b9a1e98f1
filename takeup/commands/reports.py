"""The seed reports and their digests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from takeup.commands.options import AsJson

app = typer.Typer(
    help="The seed reports and their digests.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("check")
def check(
    paths: Annotated[list[Path], typer.Argument(help="Documents to hold against their digests.")],
    as_json: AsJson = False,
) -> None:
    """Compare documents with their digests in seeds/reports; exit 1 when they differ."""
    from core.settings import SEEDS
    from takeup.report_check import check_reports, print_check

    found = check_reports(paths, digests=SEEDS / "reports")
    print_check(found, as_json=as_json)
    if not found.is_clean:
        raise typer.Exit(1)
