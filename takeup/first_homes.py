"""Homes to begin with, inside the home itself: the example on real figures, and the simulated one.

The example runs on what `seeds/` carries: published volumes in tidy form, and digests of reports.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.files import write_file
from core.settings import SEEDS, Settings

EXAMPLE: Final = "example"
SIMULATED: Final = "simulated"
LAID = (("volumes", "*.csv*"), ("reports", "*.yml"))
"""Folders of `seeds/` that are input, and which files of each."""


def has_landed_files(landing: Path) -> bool:
    """Whether anything lies in a landing folder that a run would look at."""
    return landing.is_dir() and any(
        path.is_file() and not path.name.startswith(".") for path in landing.rglob("*")
    )


def home_to_run(settings: Settings) -> Settings:
    """The home itself where something has ever landed, else the example inside it.

    A home that has a log stays with it when its landing folder is empty: landed files may have
    been archived or removed after they were read.
    """
    if has_landed_files(settings.landing) or settings.log.exists():
        return settings
    return inside(settings, EXAMPLE)


def inside(settings: Settings, name: str) -> Settings:
    """A home of that name inside a home."""
    return settings.model_copy(update={"home": settings.home / name})


def mark_example(settings: Settings) -> None:
    """Have a home say that it is the example, wherever it is moved to."""
    if not settings.example_mark.exists():
        write_file(settings.example_mark, "Made of what the project carries: nothing leaves it.\n")


def lay_example(landing: Path, *, seeds: Path = SEEDS) -> None:
    """Land the volumes and digests that the project carries; a file that is there already with
    these bytes is left untouched."""
    for folder, pattern in LAID:
        for path in sorted((seeds / folder).glob(pattern)):
            target = landing / folder / path.name
            content = path.read_bytes()
            if not target.is_file() or target.read_bytes() != content:
                target.parent.mkdir(parents=True, exist_ok=True)
                write_file(target, content)
