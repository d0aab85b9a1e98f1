"""Builds of a log that holds no file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from takeup.dbt_process import run_dbt
from takeup.log_listing import list_log_files

BUILD_INPUTS = {
    "run_at": "2030-01-01T00:00:00+00:00",
    "is_simulated": False,
    "log_version": 0,
    "chain_head": "blake3:0",
    "code_version": "test",
}
WITHOUT_TESTS = ("--exclude-resource-type=test", "--exclude-resource-type=unit_test")


def build_empty(folder: Path, *options: str) -> list[dict[str, Any]]:
    """Make `takeup.duckdb` in a folder; what came of each of dbt's nodes."""
    file = folder / "takeup.duckdb"
    list_log_files(file, None)
    done = run_dbt("build", *options, staging_file=file, work=folder, inputs=BUILD_INPUTS)
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    kept = (folder / "target" / "run_results.json").read_text(encoding="utf-8")
    results: list[dict[str, Any]] = json.loads(kept)["results"]
    return results
