"""The MI packs after a publication, as an Airflow DAG. Wiring only: the work is in publish/."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task

from takeup.airflow_assets import PACKS, PUBLISHED
from takeup.airflow_defaults import dag_settings
from takeup.airflow_step import export_changed_packs

TRIAGE = """
# MI packs of what was published

Runs after each night whose `publish` succeeded. Makes the pack of the latest quarter, for
government and for each department that is a recipient's (`seeds/recipients.csv`), and a new
edition of each pack that was handed over before and whose records have changed; a pack of which
nothing changed stays. Packs as of a moment or of a version of the log are left alone.

Nothing is sent to anybody: `takeup_hand_over` asks first.

Owner: the take-up data team. Retries: two, five minutes apart.

| red task | what it means | what to do |
| --- | --- | --- |
| `export` | a pack could not be made; the others were | the log names each with its reason: disk, \
permissions, a file in its place, another export at work. Mend it and clear the task; what is \
published is not touched |
"""


@dag(
    description="MI packs whose records a publication has changed",
    schedule=[PUBLISHED],
    dagrun_timeout=timedelta(hours=2),
    tags=["takeup", "mi"],
    **dag_settings("takeup_mi_export", TRIAGE),
)
def takeup_mi_export() -> None:
    """One task: packs are made one after the other, each whole or not at all."""

    @task(outlets=[PACKS])
    def export() -> dict[str, Any]:
        """Makes the latest quarter's packs and editions of those that have changed."""
        return export_changed_packs()

    export()


takeup_mi_export()
