"""Airflow's database made ready, and one run of the nightly DAG in this process.

Started by takeup/airflow_run.py, and without arguments, for the database alone, by
takeup/airflow_services.py: they set the environment, for Airflow reads its configuration when it
is imported. Standard output and error go to a log; the lines of a run that a person should see go
to the file descriptor that the first argument names.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Final

DAG_ID: Final = "takeup_nightly"
POOL: Final = "takeup_duckdb"


def prepare_database() -> None:
    """Airflow's own database, migrated to this version, with the pool that has one slot.

    DuckDB has one writing process, so has the pool. Airflow runs tasks whose pool is missing
    without a word: that is why the pool is set on every run.
    """
    from airflow.models.pool import Pool
    from airflow.utils.db import initdb

    initdb()
    Pool.create_or_update_pool(
        POOL, slots=1, description="DuckDB has one writing process", include_deferred=False
    )


def run_once(dag_file: Path) -> bool:
    """Runs the DAG once, each task at most once; whether Airflow recorded a success."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=dag_file, bundle_name="dags-folder")
    for name, problem in bag.import_errors.items():
        logging.getLogger("takeup").error("%s: %s", Path(name).name, problem)
    if bag.import_errors:
        return False
    dag = bag.dags[DAG_ID]
    for task in dag.tasks:
        # At a terminal the person who started the run decides whether to try again; waiting
        # out five minutes between attempts would look like a hang.
        task.retries = 0
    return str(dag.test().state) == "success"


def main(progress: int, dag_file: Path) -> int:
    """0 when Airflow recorded a success, 1 otherwise."""
    handler = logging.StreamHandler(os.fdopen(progress, "w"))
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("takeup")
    logger.setLevel(logging.INFO)
    prepare_database()
    logger.addHandler(handler)
    return 0 if run_once(dag_file) else 1


if __name__ == "__main__":
    if not sys.argv[1:]:
        prepare_database()
        sys.exit()
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
