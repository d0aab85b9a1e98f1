"""dbt on this project, in a process of its own.

dbt keeps a DuckDB file open for as long as its process lives, so it gets one of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.settings import PROJECT_ROOT, SEEDS
from takeup.dbt_child import Invocation
from takeup.log_declaration import VARIABLE, log_declaration

PROJECT = PROJECT_ROOT / "dbt_project"
PARSED = PROJECT / "target" / "parsed"
"""Where the project lies as dbt parsed it, for the newest state of its sources."""
SETTINGS = (
    *("TAKEUP_TARGET", "TAKEUP_STAGING_FILE", "TAKEUP_THREADS"),
    *("TAKEUP_MEMORY_LIMIT", "TAKEUP_SPARK_MEMORY"),
)
"""What `profiles.yml` makes a connection of."""
_started: dict[Path, subprocess.Popen[bytes]] = {}
"""Processes that were started early and wait for what they are to do, by the folder of the
warehouse."""


def run_dbt(
    *arguments: str,
    staging_file: Path,
    work: Path,
    inputs: Mapping[str, Any],
    variables: Mapping[str, str] | None = None,
    writes_manifests: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run dbt on the warehouse in `staging_file`.

    Args:
        arguments: the command and its options.
        work: folder of what dbt leaves behind: `target/run_results.json`.
        inputs: what the models may know of the run (`BuildInputs`, and `held_log_version`).
        variables: of the environment, besides.
        writes_manifests: whether dbt leaves what it made of the project in `target/`, too.
    """
    target = work.absolute() / "target"
    results = target / "run_results.json"
    with suppress(FileNotFoundError):  # what an earlier build left says nothing of this one
        shutil.rmtree(target)
    target.mkdir(parents=True)
    environment = _environment(staging_file, inputs) | dict(variables or {})
    sources = _sources()
    own_parsed, parsed = target / "partial_parse.msgpack", _parsed_project(sources, environment)
    with suppress(OSError):
        shutil.copyfile(parsed, own_parsed)
    invocation: Invocation = {
        "arguments": [
            *("--no-send-anonymous-usage-stats", "--no-use-colors"),
            # The results are written by themselves: with them dbt would write the whole project,
            # twice.
            "--write-json" if writes_manifests else "--no-write-json",
            *("--log-level=none", "--log-level-file=none", f"--log-path={target.parent / 'logs'}"),
            *arguments,
            *(f"--project-dir={PROJECT}", f"--profiles-dir={PROJECT}", f"--target-path={target}"),
        ],
        "environment": environment,
        "results": str(results),
        "templates": str(PARSED / f"{sources}.templates"),
    }
    done = _invoke(staging_file.absolute().parent, invocation)
    _keep_parsed(own_parsed, parsed)
    return done


def start_early(staging_file: Path) -> None:
    """Have a process load dbt, which takes seconds, until `run_dbt` has something to do for it."""
    folder = staging_file.absolute().parent
    if folder not in _started:
        _started[folder] = _start(folder)


def end_unused() -> None:
    """End what was started early and was asked for nothing."""
    while _started:
        with _started.popitem()[1]:  # which closes the pipe that it lives by, and waits
            pass


def _start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        # The folder is in the command line for whoever looks at what runs.
        [sys.executable, "-m", "takeup.dbt_child", str(folder)],
        env=os.environ | {"PYTHONPATH": _searched(), "PYTHONWARNINGS": "ignore"},
        cwd=PROJECT_ROOT,
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _invoke(folder: Path, invocation: Invocation) -> subprocess.CompletedProcess[str]:
    with _started.pop(folder, None) or _start(folder) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):  # one that ended by itself has said why
            process.stdin.write(json.dumps(invocation).encode() + b"\n")
        said = process.stdout.read().decode(errors="replace")
    return subprocess.CompletedProcess(process.args, process.returncode, said, "")


def _searched() -> str:
    return os.pathsep.join([str(PROJECT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


def _environment(staging_file: Path, inputs: Mapping[str, Any]) -> dict[str, str]:
    return os.environ | {
        # By its bare name, in the folder where dbt runs: a project that was parsed for a warehouse
        # of another path is parsed anew.
        "TAKEUP_STAGING_FILE": staging_file.name,
        # Not as variables: dbt parses the whole project anew when one has another value.
        "DBT_ENV_CUSTOM_ENV_TAKEUP_BUILD_INPUTS": json.dumps(dict(inputs)),
        VARIABLE: log_declaration(),
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    }


def _sources() -> str:
    """The state of the project's sources, and of what reads them: 16 digits of a hash."""
    from importlib.metadata import distributions

    from blake3 import blake3

    names = ("dbt-core", "dbt-duckdb", "dbt-spark", "jinja2")
    readers = [f"{one.name} {one.version}" for name in names for one in distributions(name=name)]
    hasher = blake3(" ".join([str(PROJECT), *readers, sys.implementation.cache_tag]).encode())
    for root in (*(PROJECT / name for name in ("models", "macros", "tests")), SEEDS):
        for path in sorted(path for path in root.rglob("*.*") if "__pycache__" not in path.parts):
            if path.is_file():
                name = path.relative_to(PROJECT_ROOT).as_posix()
                hasher.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    for path in (PROJECT / "dbt_project.yml", PROJECT / "profiles.yml"):
        hasher.update(path.read_bytes() + b"\0")
    return hasher.hexdigest()[:16]


def _parsed_project(sources: str, environment: Mapping[str, str]) -> Path:
    """Where the project is kept as dbt parsed it: `SOURCES-SETTINGS.msgpack`.

    Homes share it: nothing of a home or a run is in it. Whatever changes in the sources or in the
    settings of a connection, without which dbt does not take it, gives another file, so that dbt
    never has to find out what a change means for the rest.
    """
    from blake3 import blake3

    settings = repr([environment.get(name) for name in SETTINGS])
    return PARSED / f"{sources}-{blake3(settings.encode()).hexdigest()[:8]}.msgpack"


def _keep_parsed(made: Path, parsed: Path) -> None:
    """Keep what dbt parsed for the builds to come, in place of what older sources gave.

    A project that can't be written to is parsed each time.
    """
    if parsed.exists() or not made.exists():
        return
    with suppress(OSError):
        parsed.parent.mkdir(parents=True, exist_ok=True)
        # Several homes may build at once: each has a name of its own until it is whole.
        aside = parsed.with_name(f"{parsed.name}.{os.getpid()}")
        shutil.copyfile(made, aside)
        aside.replace(parsed)
        sources = parsed.name.partition("-")[0]
        for other in parsed.parent.iterdir():
            if not other.name.startswith(sources):
                other.unlink(missing_ok=True)
