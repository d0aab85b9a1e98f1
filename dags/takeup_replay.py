"""All tables made again from the log, as an Airflow DAG. Wiring only: the work is in takeup/."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import chain, dag, task

from takeup.airflow_assets import PUBLISHED
from takeup.airflow_defaults import OF_A_QUESTION, dag_settings
from takeup.airflow_step import make_pages, replay_home

TRIAGE = """
# Replay: everything made again from the log

Started by hand only. Asks for a confirmation first (Airflow: Required Actions); without one within
20 hours nothing happens. Then it builds every table from the log alone, gates and publishes them,
and says in the log of `replay` which tables are other than before. Where neither log nor code has
changed since, none should be: look into it.

`confirm` waits outside of every pool, and asks again after ten seconds if Airflow lost the answer;
nights wait while `replay` works. Owner: the take-up data team. Retries: two, five minutes apart.

| red task | what it means | what to do |
| --- | --- | --- |
| `confirm` | Airflow could not ask | clear the task, or use `takeup replay` |
| `replay` | a model, a gate or the swap failed: the published file is what it was | as the tasks \
`build`, `gate_warehouse` and `publish` of `takeup_nightly` |
| `pages` | it was killed; where pages can't be made it is skipped, not red | `takeup export` and \
`takeup site` make both by hand |
"""


@dag(
    description="All tables again from the log alone, once a person has confirmed it",
    schedule=None,
    dagrun_timeout=timedelta(days=2),
    tags=["takeup", "log"],
    **dag_settings("takeup_replay", TRIAGE),
)
def takeup_replay() -> None:
    """Asks, and makes everything again."""
    confirm = ApprovalOperator(
        task_id="confirm",
        subject="Make all tables again from the log, and publish them?",
        body="The warehouse is built from nothing, which takes longer than a night. The published"
        " file is replaced only when its gate has passed.",
        defaults=[ApprovalOperator.REJECT],
        **OF_A_QUESTION,
    )

    @task(outlets=[PUBLISHED])
    def replay() -> dict[str, Any]:
        """Builds, gates and publishes from the log alone, and compares with what was published."""
        return replay_home()

    @task
    def pages() -> dict[str, Any]:
        """Makes the pack of the latest quarter and the pages of what is published."""
        return make_pages()

    chain(confirm, replay(), pages())


takeup_replay()
