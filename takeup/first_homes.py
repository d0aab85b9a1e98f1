"""Homes to begin with, inside the home itself: the example on real figures, and the simulated one.

The example runs on what `seeds/` carries: published volumes in tidy form, and digests of reports.
"""

from __future__ import annotations

from collections.abc import Iterator
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


def newest_quarter(database: Path) -> str | None:
    """The newest quarter of which a published file says anything, such as `2015-Q1`."""
    from publish.database import reading

    with reading(database) as connection:
        found = connection.execute(
            "select year(period_start) || '-Q' || quarter(period_start) from take_up_headline"
            " where period_kind = 'quarter' order by period_start desc limit 1"
        ).fetchone()
    return None if found is None else str(found[0])


def pack_lines(settings: Settings) -> Iterator[str]:
    """Write the MI pack of the newest quarter, and say where it is."""
    from publish.export import export_quarter

    quarter = newest_quarter(settings.published_file)
    if quarter is not None:
        yield export_quarter(settings, quarter=quarter).line
