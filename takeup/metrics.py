"""Metrics of a published file, asked by MetricFlow: `python -m takeup.metrics query --metrics take_up`.

What follows goes to `mf` as it stands. MetricFlow wants a dbt project, of which it reads the
settings and what dbt made of the semantic models: it gets one in a folder of its own in the home,
whose warehouse is the published file, opened for reading only.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.errors import TakeupError, UsageError
from core.files import write_file
from core.settings import Settings
from core.version import code_version

FOLDER: Final = "metrics"
ROWS: Final = "headline_flows"
"""The model on which all metrics are made; what was published before it was there has none."""
NOWHERE: Final = "http://127.0.0.1:9"
"""A proxy that isn't there: `mf` asks a package index for newer versions of itself, without a switch."""


def lay_project(settings: Settings) -> Path:
    """The folder of the project that `mf` reads, made anew where the models or the home changed.

    Raises:
        TakeupError: there is no published file, or one without the rows of the metrics.
    """
    from publish.database import reading
    from takeup.build import write_manifests

    with reading(settings.published_file) as connection:
        if not connection.execute(
            "select true from duckdb_tables() where table_name = ?", [ROWS]
        ).fetchone():
            raise TakeupError(
                f"{settings.published_file} has no table {ROWS}: it is older than this code;"
                " takeup nightly makes it anew"
            )
    folder = settings.warehouse / FOLDER
    stamp, project = folder / "dbt_project.yml", _project(settings)
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != project:
        stamp.unlink(missing_ok=True)
        write_manifests(settings, folder)
        write_file(folder / "profiles.yml", _profile(settings))
        write_file(stamp, project)
    (folder / "tmp").mkdir(exist_ok=True)
    return folder


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
        # It unpickles what it finds under a fixed name there, which others could have put.
        "TMPDIR": str(folder / "tmp"),
        "PYTHONWARNINGS": "ignore",
    }


def _project(settings: Settings) -> str:
    """`dbt_project.yml`, which names all that the folder was made from."""
    return "\n".join(
        [
            f"# models {code_version('models')}, home {json.dumps(str(settings.home))}",
            "name: takeup",
            "profile: takeup",
            "flags:",
            "  send_anonymous_usage_stats: false",
            "",
        ]
    )


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
    """Becomes `mf` with the arguments after `--home DIR`; else the exit code of what went wrong."""
    home, asked = (arguments[1], arguments[2:]) if arguments[:1] == ["--home"] else (None, arguments)
    mf = Path(sys.executable).with_name("mf")
    try:
        if not mf.is_file():
            raise UsageError("mf is not installed: make mf")
        folder = lay_project(Settings.load(home))
    except TakeupError as error:
        print(f"takeup: {error}", file=sys.stderr)
        return error.exit_code
    os.execve(mf, [str(mf), *asked], environment(folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
