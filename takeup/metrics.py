"""Metrics of a published file, by MetricFlow: `python -m takeup.metrics query --metrics take_up`.

What stands after the options goes to `mf` as it is. MetricFlow wants a dbt project, of which it
reads the settings and what dbt made of the semantic models: it gets one in a folder of its own in
the home, whose warehouse is the published file, opened for reading only.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.errors import TakeupError, UsageError
from core.files import write_file
from core.settings import Settings
from core.terminal import guard
from core.version import code_version

FOLDER: Final = "metrics"
ROWS: Final = "headline_flows"
"""The model on which all metrics are made; what was published before it was there has none."""
PROJECT: Final = """\
# of the models {models}
name: takeup
profile: takeup
flags:
  send_anonymous_usage_stats: false
"""
"""`dbt_project.yml`, which says what the folder was made from."""
NOWHERE: Final = "http://127.0.0.1:9"
"""A proxy that isn't there: `mf` asks an index for newer versions of itself, and has no switch."""


def lay_project(settings: Settings) -> Path:
    """The folder of the project that `mf` reads, made anew where the models have changed.

    Raises:
        TakeupError: there is no published file, or one without the rows of the metrics; or the
            folder can't be written.
    """
    from takeup.build import write_manifests

    _require_rows(settings)
    folder = settings.warehouse / FOLDER
    stamp, project = folder / "dbt_project.yml", PROJECT.format(models=code_version("models"))
    try:
        if not stamp.is_file() or stamp.read_text(encoding="utf-8") != project:
            stamp.unlink(missing_ok=True)
            write_manifests(settings, folder)
            write_file(stamp, project)
        write_file(folder / "profiles.yml", _profile(settings))
        (folder / "tmp").mkdir(exist_ok=True)
    except OSError as error:
        raise TakeupError(f"{folder} can't be written: {error.strerror}") from error
    return folder


def _require_rows(settings: Settings) -> None:
    from publish.database import reading

    with reading(settings.published_file) as connection:
        if not connection.execute(
            "select true from duckdb_tables() where table_name = ?", [ROWS]
        ).fetchone():
            raise TakeupError(
                f"{settings.published_file} has no table {ROWS}: it is older than this code;"
                " takeup nightly makes it anew"
            )


def environment(folder: Path) -> dict[str, str]:
    """What `mf` runs in: nothing that it or dbt would tell others, no files outside the folder."""
    return os.environ | {
        "DBT_PROJECT_DIR": str(folder),
        "DBT_PROFILES_DIR": str(folder),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
        "DO_NOT_TRACK": "1",
        "HTTPS_PROXY": NOWHERE,
        "https_proxy": NOWHERE,
        "NO_PROXY": "",
        "no_proxy": "",
        # It unpickles what it finds under a fixed name there, which others could have put.
        "TMPDIR": str(folder / "tmp"),
        "PYTHONWARNINGS": "ignore",
    }


def _profile(settings: Settings) -> str:
    """`profiles.yml`; JSON, which is YAML, so that any path may stand in it."""
    output = {
        "type": "duckdb",
        "path": str(settings.published_file),
        "config_options": {"access_mode": "read_only"},
        "settings": {
            "threads": settings.threads,
            "memory_limit": settings.memory_limit,
            "TimeZone": "UTC",
        },
    }
    return json.dumps({"takeup": {"target": "published", "outputs": {"published": output}}})


def main(arguments: Sequence[str]) -> int:
    """Becomes `mf`; returns only the exit code of what went wrong before."""
    guard()
    parser = argparse.ArgumentParser(prog="python -m takeup.metrics", description=__doc__)
    parser.add_argument("--home", type=Path, help="instead of TAKEUP_HOME")
    parser.add_argument("asked", nargs=argparse.REMAINDER, help="what mf is asked")
    given = parser.parse_args(arguments)
    mf = Path(sys.executable).with_name("mf")
    try:
        if not mf.is_file():
            raise UsageError("mf is not installed: make mf")
        folder = lay_project(Settings.load(given.home))
    except TakeupError as error:
        print(f"takeup: {error}", file=sys.stderr)
        return error.exit_code
    return os.execve(mf, [str(mf), *given.asked], environment(folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
