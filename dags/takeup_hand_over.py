"""The hand-over of MI packs, as an Airflow DAG. Wiring only: the work is in publish/."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Param, dag, task

from takeup.airflow_alert import success_callbacks
from takeup.airflow_assets import PACKS
from takeup.airflow_defaults import OF_A_QUESTION, dag_settings
from takeup.airflow_step import hand_over_packs, packs_waiting

TRIAGE = """
# Hand-over of MI packs

Runs after `takeup_mi_export`. Hands over what was approved before and has not got through, and,
with `TAKEUP_HANDOVER=auto`, whatever waits for a recipient of `seeds/recipients.csv`. Of all else
it asks a person (Airflow: Required Actions), and hands over what was approved, with a receipt in
`receipts/`. What nobody approves within 20 hours is asked again after the next export; `takeup
hand-over` does the same by hand, and nothing is handed over twice.

`approve` waits outside of every pool, and asks again after ten seconds if Airflow lost the answer.
Owner: the take-up data team. Retries: two, five minutes apart.

| red task | what it means | what to do |
| --- | --- | --- |
| `hand_over` | a pack failed its gate, or could not be delivered; the others were | the log says \
which and why: the gate names file and rows, the mail server is named with what it said. With \
"broke off": look into the mail server's log, then `takeup hand-over PACK --was-sent` \
(or `--not-sent`) |
| `hand_over_approved` | the same, of a pack that was approved before | as `hand_over` |
| `waiting` | the register of recipients or a receipt can't be read | the log names it; mend it \
and clear the task |
| `approve` | Airflow could not ask | clear the task, or use `takeup hand-over` |
"""


@dag(
    description="MI packs to their recipients, once a person has approved it",
    schedule=[PACKS],
    dagrun_timeout=timedelta(hours=23),
    tags=["takeup", "mi"],
    **dag_settings("takeup_hand_over", TRIAGE, all_clear=False),
)
def takeup_hand_over() -> None:
    """Hands over what needs nobody's answer, and asks a person about the rest."""

    @task(on_success_callback=success_callbacks("hand_over_failed"))
    def hand_over_approved() -> list[str]:
        """Hands over what was approved before, or needs nobody to approve it."""
        return hand_over_packs()

    @task.short_circuit
    def waiting() -> list[dict[str, Any]]:
        """Finds the packs of which a person has to be asked."""
        return packs_waiting()

    approve = ApprovalOperator(
        task_id="approve",
        subject="Hand over these MI packs?",
        body="{% for one in ti.xcom_pull(task_ids='waiting') %}"
        "- {{ one.pack }} to {{ one.recipient_name }}, by {{ one.way }}\n{% endfor %}",
        params={"role": Param("", type="string", title="The role in which you approve it")},
        # What nobody answers is asked again after the next night.
        defaults=[ApprovalOperator.REJECT],
        **OF_A_QUESTION,
    )

    @task
    def hand_over(asked: list[dict[str, Any]], approval: dict[str, Any]) -> list[str]:
        """Hands over what was asked and approved."""
        return hand_over_packs(asked, approval)

    hand_over_approved()
    found = waiting()
    found >> approve
    # Airflow fills in what the tasks return; their types are those of the functions.
    hand_over(found, approve.output)  # type: ignore[arg-type]


takeup_hand_over()
