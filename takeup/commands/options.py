"""What several commands share: options, and how they are read and printed."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from core.settings import Settings

Home = Annotated[
    Path | None,
    typer.Option(
        "--home", help="Home of all runtime data, instead of TAKEUP_HOME.", show_default=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]

_before_the_command: Path | None = None


def common(home: Home = None) -> None:
    """Options before the command."""
    global _before_the_command
    _before_the_command = home


def settings_of(home: Path | None) -> Settings:
    """Settings of the home that was named after the command, else before it."""
    from core.settings import Settings
    from takeup import logs

    settings = Settings.load(home if home is not None else _before_the_command)
    logs.configure(settings)
    return settings


def print_json(told: Any) -> None:
    """Print what a command found, for a program to read."""
    import json

    print(json.dumps(told, indent=2, default=str, ensure_ascii=False))


def moment(text: str | None) -> datetime | None:
    """An option that names a moment; None where it was not given."""
    from core.periods import parse_moment

    return None if text is None else parse_moment(text)


def day(text: str, option: str) -> date:
    """An option that names a day.

    Raises:
        UsageError: it is not written like 2015-01-31.
    """
    from core.errors import UsageError

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{option} is a day such as 2015-01-31, not {text!r}") from error
