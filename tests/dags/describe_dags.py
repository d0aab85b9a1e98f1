"""What Airflow makes of a folder of DAG files, as JSON in a file.

Run in a process of its own: Airflow reads its configuration when it is imported, and what a DAG
file imports can only be told where nothing else has imported anything.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag


def alerts(callbacks: Any) -> list[list[Any]]:
    """Kind of each callback, what it is about, and whether it says that this is over."""
    return [[type(one).__name__, one.cause, one.is_over] for one in callbacks or []]


def assets(timetable: Any) -> list[str]:
    """Addresses of the assets that a schedule waits for."""
    condition = getattr(timetable, "asset_condition", None)
    return sorted(asset.uri for asset in condition.objects) if condition else []


def describe(folder: Path) -> dict[str, Any]:
    """DAGs, their tasks and edges, import errors, and what parsing cost in CPU seconds."""
    started = time.process_time()
    bag = DagBag(dag_folder=folder, bundle_name="dags-folder")
    parse_seconds = time.process_time() - started
    return {
        "parse_seconds": parse_seconds,
        "modules": sorted({name.partition(".")[0] for name in sys.modules}),
        "import_errors": {Path(name).name: text for name, text in bag.import_errors.items()},
        "dags": {
            dag_id: {
                "edges": sorted(
                    [task.task_id, after]
                    for task in dag.tasks
                    for after in task.downstream_task_ids
                ),
                "schedule": type(dag.timetable).__name__,
                "cron": getattr(dag.timetable, "expression", None),
                "time_zone": str(getattr(dag.timetable, "timezone", None)),
                "waits_for": assets(dag.timetable),
                "catchup": dag.catchup,
                "max_active_runs": dag.max_active_runs,
                "tags": sorted(dag.tags),
                "doc_md": dag.doc_md,
                "tasks": {
                    task.task_id: {
                        "owner": task.owner,
                        "pool": task.pool,
                        "pool_slots": task.pool_slots,
                        "weight_rule": str(task.weight_rule),
                        "retries": task.retries,
                        "retry_delay_seconds": task.retry_delay.total_seconds(),
                        "trigger_rule": task.trigger_rule.value,
                        "makes": [asset.uri for asset in task.outlets],
                        "alerts": alerts(task.on_failure_callback),
                        "all_clear": alerts(task.on_success_callback),
                    }
                    for task in dag.tasks
                },
            }
            for dag_id, dag in bag.dags.items()
        },
    }


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(describe(Path(sys.argv[1]))), encoding="utf-8")
