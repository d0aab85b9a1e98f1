"""The warehouse of an empty log: what a first build adds to.

Registers and table functions are the same for every log, and half of what a small build takes.
They are made once for all homes, when the project is set up: `python -m takeup.empty_warehouse`.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from core.errors import TakeupError
from core.settings import Settings
from core.version import code_version
from takeup.dbt_process import PROJECT

KEPT = PROJECT / "target" / "empty"


def keep_empty(made: Path) -> None:
    """Keep a warehouse that was built of an empty log, in place of what other code made."""
    KEPT.mkdir(parents=True, exist_ok=True)
    aside = _kept().with_name(f"{made.name}.{os.getpid()}")
    shutil.copyfile(made, aside)
    aside.replace(_kept())
    for other in KEPT.iterdir():
        if other != _kept():
            other.unlink(missing_ok=True)


def begin_from_empty(staging_file: Path) -> bool:
    """Lay the empty warehouse where a first build goes on from it; whether there is one that
    this code made."""
    with suppress(FileNotFoundError):
        shutil.copyfile(_kept(), staging_file)
        return True
    return False


def _kept() -> Path:
    from importlib.metadata import version

    makers = "-".join(version(name) for name in ("duckdb", "dbt-core", "dbt-duckdb"))
    return KEPT / f"{code_version('models')}-{makers}.duckdb"


def main() -> None:
    """Make it, or say why this project's code and registers give none: builds say so as well."""
    from takeup.build import prepare

    try:
        prepare(Settings.load())
    except TakeupError as error:
        sys.stderr.write(f"warning: builds of new homes make everything: {error}\n")


if __name__ == "__main__":
    main()
