"""What is made of reports, as an Airflow DAG. Wiring only: the work is in publish/."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task

from takeup.airflow_assets import REPORTS
from takeup.airflow_defaults import dag_settings
from takeup.airflow_step import export_all_reviews

TRIAGE = """
# Reviews: commitments, promises and claims of the reports

Runs after each night that published something new of reports: one landed or changed, or what
became of a promise or a claim has. Makes the review of every year that a report speaks of
(`mi-review-YEAR` in `exports/`: commitments, promises, claims with verdicts, targets); a review of
which nothing changed stays, one that comes out different is a new edition.

Owner: the take-up data team. Retries: two, five minutes apart.

| red task | what it means | what to do |
| --- | --- | --- |
| `reviews` | a review could not be made; the others were | the log names each with its reason: \
disk, permissions, a file in its place, another export at work. Mend it and clear the task; what \
is published is not touched |
"""


@dag(
    description="Annual reviews, when reports have landed or changed",
    schedule=[REPORTS],
    dagrun_timeout=timedelta(hours=2),
    tags=["takeup", "mi"],
    **dag_settings("takeup_reports", TRIAGE),
)
def takeup_reports() -> None:
    """One task: reviews are made one after the other, each whole or not at all."""

    @task
    def reviews() -> dict[str, Any]:
        """Makes the review of every year that a report speaks of."""
        return export_all_reviews()

    reviews()


takeup_reports()
