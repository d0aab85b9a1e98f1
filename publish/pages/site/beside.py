"""Pages that lie beside those of the published file: they are of this home and its runs.

Each has a folder of its own in `site/`, outside of the versions of the pages.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from core.errors import LeaseHeld
from core.files import replace_folder, sole_writer
from core.limits import limit_met
from core.settings import Settings

GATES: Final = "gates"
RUNS: Final = "runs"
FOLDERS: Final = (GATES, RUNS)
HERE: Final = Path(__file__).parent
TEMPLATES: Final = HERE / "templates"
STATIC: Final = ("style.css", "icon.svg", "tables.js")


def write_folder(settings: Settings, name: str, fill: Callable[[Path], None]) -> Path:
    """Have a folder of `site/` filled, whole or not at all; returns its first page.

    Raises:
        LeaseHeld: it is being written already.
        OSError: the folder can't be written.
    """
    target, unfinished = settings.site / name, settings.site / f".{name}.tmp"
    with sole_writer(settings.site / f".{name}"):
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        for file in STATIC:
            shutil.copyfile(HERE / file, unfinished / file)
        fill(unfinished)
        replace_folder(unfinished, target)
    return target / "index.html"


def draw_or_say(settings: Settings, what: str, draw: Callable[[Settings], Any]) -> None:
    """Draw a page where pages are wanted, or warn: never a reason for a run to fail."""
    if not settings.pages:
        return
    try:
        draw(settings)
    except LeaseHeld:
        return
    except Exception as error:
        why = limit_met(error) or f"{type(error).__name__}: {error}"
        print(f"warning: {what} could not be made ({why})", file=sys.stderr)
