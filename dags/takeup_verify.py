"""The whole check of the event log, as an Airflow DAG. Wiring only: the work is in ingest/log/."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task

from takeup.airflow_defaults import dag_settings
from takeup.airflow_step import verify_log

TRIAGE = """
# Verification of the event log

Every Sunday at 08:00 London time: reads every byte of the log and holds it against the chain of
its commits, and that against what the published file remembers. A night reads only what is new.
A few seconds a gigabyte; nothing is changed.

Owner: the take-up data team. Retries: two, five minutes apart, for passing trouble only; damage
fails at once.

| red task | what it means | what to do |
| --- | --- | --- |
| `verify` | the log is not what it recorded (the log of the task names each file and commit), or \
it could not be read | with "damaged": pause `takeup_nightly` and restore the log from the newest \
copy; never edit or vacuum it. Else mend what the log names and clear the task |
"""


@dag(
    description="Every byte of the event log against its chain",
    schedule=CronTriggerTimetable("0 8 * * 0", timezone="Europe/London"),
    dagrun_timeout=timedelta(hours=12),
    tags=["takeup", "log"],
    **dag_settings("takeup_verify", TRIAGE),
)
def takeup_verify() -> None:
    """One task, which only reads."""

    @task
    def verify() -> dict[str, Any]:
        """Reads the whole log and holds it against its chain."""
        return verify_log()

    verify()


takeup_verify()
