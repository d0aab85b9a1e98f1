"""The registers in seeds/: what they may want."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from takeup.commands.options import AsJson, Home, print_json, settings_of

app = typer.Typer(
    help="The registers in seeds/: rows that they may want.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("suggest")
def suggest(
    to: Annotated[
        Path | None, typer.Option(help="Folder to write a CSV per register into.")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Rows to review for what the log holds and no register knows. Changes no register."""
    from takeup.register_suggestions import as_csv, lines_of, suggestions

    found = suggestions(settings_of(home))
    if to is not None:
        to.mkdir(parents=True, exist_ok=True)
        for register, text in as_csv(found).items():
            (to / f"{register}.csv").write_text(text, encoding="utf-8", newline="")
    if as_json:
        print_json([one.as_dict() for one in found])
    elif not found:
        print("nothing to suggest")
    elif to is not None:
        for register in as_csv(found):
            print(to / f"{register}.csv")
    else:
        for line in lines_of(found):
            print(line)
