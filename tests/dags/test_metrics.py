"""Metrics of Airflow's own, by its settings alone: the pins hold what OpenTelemetry needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from core.settings import PROJECT_ROOT, Settings
from takeup.airflow_run import airflow_environment
from tests.support.receivers import web_server

# What Airflow's task runner does when a task has ended.
ENDED = """
from airflow.sdk.observability import stats
from airflow.sdk.observability.metrics import stats_utils
from opentelemetry.metrics import get_meter_provider
stats.initialize(factory=stats_utils.get_stats_factory(), export_legacy_names=False)
stats.incr("ti.finish", tags={"dag_id": "takeup_nightly", "task_id": "build", "state": "failed"})
get_meter_provider().force_flush()
"""


def test_a_collector_is_told_of_a_task_that_ended(tmp_path: Path) -> None:
    with web_server() as collector:
        host, _, port = collector.address.split("/")[2].partition(":")
        metrics = {"OTEL_ON": "True", "OTEL_HOST": host, "OTEL_PORT": port}
        done = subprocess.run(
            [sys.executable, "-c", ENDED],
            env=airflow_environment(Settings.load(tmp_path))
            | {f"AIRFLOW__METRICS__{name}": value for name, value in metrics.items()}
            | {"no_proxy": host},
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        told = b"".join(collector.raw)
    for part in (b"airflow.ti.finish", b"takeup_nightly", b"build", b"failed"):
        assert part in told
