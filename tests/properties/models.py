"""The project's own models, rendered once by dbt, and run on any log."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingest.log.event_log import EventLog
from takeup import build
from takeup.dbt_process import run_dbt
from tests.support.events import CORRECTED, SOURCE, VOIDED, completed, envelope, started
from tests.support.homes import RUN_AT, Home

SELECTED = ("channel_volumes", "transaction_adjustments", "corrections_waiting")
FILES = re.compile(r"read_parquet\(\['[^']*/record_kind=(\w+)/[^\]]*\]")


@dataclass(frozen=True)
class RenderedModel:
    """One model: the table that it makes, and the query that makes it."""

    relation: str
    query: str


@dataclass(frozen=True)
class Models:
    """The models that count transactions, in the order in which they are built.

    `database` is a warehouse that they were built in once: it holds the registers.
    """

    database: Path
    models: tuple[RenderedModel, ...]

    @contextmanager
    def built_from(self, log: EventLog) -> Iterator[duckdb.DuckDBPyConnection]:
        """The tables as they are built, from nothing, of a log that holds events."""

        def files_of_kind(match: re.Match[str]) -> str:
            paths = (f"'{file.path}'" for file in log.files(match[1]))
            return f"read_parquet([{', '.join(paths)}]"

        with duckdb.connect(str(self.database)) as connection:
            connection.execute("set timezone = 'UTC'")
            connection.execute("begin")
            for model in self.models:
                query = FILES.sub(files_of_kind, model.query)
                connection.execute(f"create or replace table {model.relation} as {query}")
            yield connection
            connection.execute("rollback")


def render(folder: Path) -> Models:
    """Have dbt build the models on a small log, and keep the SQL that it ran."""
    home = Home.at(folder / "home")
    target = {"source": SOURCE, "id": "one"}
    to_paper = {"corrects": target, "channel": "paper", "assistance": "none"}
    home.land_events(
        "events.jsonl",
        started("begun"),
        completed("one"),
        envelope(VOIDED, "void", {"voids": target, "reason": "double"}),
        envelope(CORRECTED, "moved", to_paper),
    )
    # Later than anything that is tried: no month is still under way.
    home.ingest(run_at=RUN_AT + timedelta(days=1000))
    log = home.log()
    build.list_log_files(home.settings.staging_file, log)
    target_folder = folder / "target"
    done = run_dbt(
        *("build", "--exclude-resource-type", "unit_test", "test"),
        *("--select", *(f"+{name}" for name in SELECTED)),
        # An as-of answer is a function of a moment: it makes no table.
        *("--exclude", "config.materialized:table_function"),
        staging_file=home.settings.staging_file,
        work=folder,
        inputs=asdict(build.build_inputs_of(log)) | {"log_folder": str(log.folder)},
    )
    assert done.returncode == 0, done.stdout
    results = json.loads((target_folder / "run_results.json").read_text(encoding="utf-8"))
    built = [
        (result["relation_name"], result["compiled_code"])
        for result in sorted(results["results"], key=_completed_at)
        if result["unique_id"].startswith("model.")
    ]
    database = folder / "takeup.duckdb"
    shutil.copyfile(home.settings.staging_file, database)
    return Models(database, tuple(RenderedModel(*model) for model in built))


def _completed_at(result: dict[str, Any]) -> str:
    """When a model was done: what it reads was done before that."""
    moments = [step["completed_at"] for step in result["timing"] if step["name"] == "execute"]
    return str(moments[0])
