"""The hand-over of MI packs, as an Airflow DAG. Wiring only: the work is in publish/."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Param, dag, task

from takeup.airflow_alert import failure_callbacks
from takeup.airflow_assets import PACKS
from takeup.airflow_step import hand_over_packs, packs_waiting

TRIAGE = """
# Hand-over of MI packs

Runs after `takeup_mi_export`. Where packs wait for a recipient of `seeds/recipients.csv`, it asks a
person (Airflow: Required Actions) and hands over what was approved, with a receipt in `receipts/`.
`TAKEUP_HANDOVER=auto` asks nobody. What nobody approves within 20 hours is asked again after the
next export; `takeup hand-over` does the same by hand, and nothing is handed over twice.

`approve` waits outside of every pool. Owner: the take-up data team. Retries: two, five minutes
apart.

| red task | what it means | what to do |
| --- | --- | --- |
| `waiting` | the register of recipients or a receipt can't be read | the log names it; mend it \
and clear the task |
| `who_approves` | Airflow itself | clear the task |
| `approve` | Airflow could not ask | clear the task, or use `takeup hand-over` |
| `hand_over` | a pack failed its gate, or could not be delivered; the others were | the log says \
which and why: the gate names file and rows, the mail server is named with what it said. With \
"broke off": look into the mail server's log, then `takeup hand-over PACK --was-sent` \
(or `--not-sent`) |
"""


@dag(
    dag_id="takeup_hand_over",
    description="MI packs to their recipients, once a person has approved it",
    schedule=[PACKS],
    start_date=datetime(2024, 1, 1, tzinfo=ZoneInfo("Europe/London")),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=23),
    tags=["takeup", "mi"],
    doc_md=TRIAGE,
    default_args={
        "owner": "take-up data team",
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "pool": "takeup_duckdb",
        "on_failure_callback": failure_callbacks(),
    },
)
def takeup_hand_over() -> None:
    """Asks only where somebody has to be asked, and hands over what was asked."""

    @task
    def waiting() -> list[dict[str, Any]]:
        """Finds the packs that recipients are to get."""
        return packs_waiting()

    @task.branch
    def who_approves(found: list[dict[str, Any]]) -> str | None:
        """A person, nobody, or nothing is there to approve."""
        if not found:
            return None
        return "hand_over" if all(one["is_approved"] for one in found) else "approve"

    approve = ApprovalOperator(
        task_id="approve",
        subject="Hand over these MI packs?",
        body="{% for one in ti.xcom_pull(task_ids='waiting') %}"
        "- {{ one.pack }} to {{ one.recipient_name }}, by {{ one.way }}\n{% endfor %}",
        params={"role": Param("", type="string", title="The role in which you approve it")},
        # What nobody answers is asked again after the next night.
        defaults=[ApprovalOperator.REJECT],
        response_timeout=timedelta(hours=20),
        pool="default_pool",
    )

    @task(trigger_rule="none_failed_min_one_success")
    def hand_over(asked: list[dict[str, Any]], approval: dict[str, Any] | None = None) -> list[str]:
        """Hands over what was asked and approved."""
        return hand_over_packs(asked, approval)

    found = waiting()
    # Airflow fills in what the tasks return; their types are those of the functions.
    choice = who_approves(found)  # type: ignore[arg-type]
    handed_over = hand_over(found, approve.output)  # type: ignore[arg-type]
    choice >> [approve, handed_over]


takeup_hand_over()
