"""The nightly run as an Airflow DAG. Wiring only: the work is in takeup/nightly.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, chain, dag, task

from takeup.airflow_alert import failure_callbacks, success_callbacks
from takeup.airflow_assets import PUBLISHED, REPORTS
from takeup.airflow_defaults import dag_settings
from takeup.airflow_step import make_pages, require_new_reports, run_step

TRIAGE = """
# Nightly run: landing to published file

`land → ingest → gate_log → build → gate_warehouse → publish → pages`, at 02:00 London time. Beside
`pages`, `reports` starts `takeup_reports` where something is new of reports, else it is skipped.
Until `publish` has finished, analysts read yesterday's file: a failed night is late, not wrong.

Owner: the take-up data team. Retries: two, five minutes apart, for passing trouble only. A gate
that stopped the run, a damaged log, a wrong setting and a lease that another run holds fail at
once, because trying again can't mend them.

| red task | what it means | what to do |
| --- | --- | --- |
| `land` | the landing folder can't be read, a register contradicts itself, the home holds the \
other kind of log (real or simulated), or another run works on this home | read the one line at \
the end of the log; with "lease", look for the other run (`takeup status`) and let it finish |
| `ingest` | the batch could not be committed: disk, permissions, a damaged log | nothing of the \
batch is in the log; free the disk or mend the permission, then clear the task. With "integrity": \
`takeup verify`, then docs/runbook.md |
| `gate_log` | the new events break an expectation of the log | the log names expectation and \
rows; the events stay in the log, so mend the register or have the source send a correction, \
then clear the task |
| `build` | a model or one of its tests failed | the log names it; the published file is \
untouched |
| `gate_warehouse` | the finished warehouse breaks an expectation | as `gate_log`; compare with \
the published file before deciding who is right |
| `publish` | the swap failed: disk or permissions | mend it and clear the task: the swap is one \
rename, done or not done |
| `pages` | it was killed (memory, a machine that went down); where the latest pack or the pages \
can't be made it is skipped, not red | the log says why. The figures are out and stay; `takeup \
export` and `takeup site` make both by hand, the next night tries again |
| `reports` | what is published of reports could not be read | mend what the log names and clear \
the task; `takeup export --review YEAR` makes a review by hand |

Files that were rejected and records in quarantine turn nothing red: `takeup status` and
`takeup quarantine list` show them.
"""


@dag(
    description="Landed files to the event log, its models, their gates and the published file",
    # 02:00 exists exactly once on every London day: clocks jump over 01:00-02:00 in spring and
    # repeat it in autumn.
    schedule=CronTriggerTimetable("0 2 * * *", timezone="Europe/London"),
    dagrun_timeout=timedelta(hours=5),
    tags=["takeup", "nightly"],
    **dag_settings("takeup_nightly", TRIAGE, all_clear=False),
)
def takeup_nightly() -> None:
    """Six steps in a row, each keyed by the run id, and what is made of their result."""

    @task
    def land(run_id: str | None = None) -> dict[str, Any]:
        """Finds the landed files that are complete and not yet in the ledger."""
        return run_step("land", run_id=run_id)

    @task
    def ingest(run_id: str | None = None) -> dict[str, Any]:
        """Commits them to the event log, whole files at a time."""
        return run_step("ingest", run_id=run_id)

    @task
    def gate_log(run_id: str | None = None) -> dict[str, Any]:
        """Holds the new events against the expectations of the log."""
        return run_step("gate_log", run_id=run_id)

    @task
    def build(run_id: str | None = None) -> dict[str, Any]:
        """Builds the staging warehouse with dbt and tests its models."""
        return run_step("build", run_id=run_id)

    @task
    def gate_warehouse(run_id: str | None = None) -> dict[str, Any]:
        """Holds the staging warehouse against the expectations of what is published."""
        return run_step("gate_warehouse", run_id=run_id)

    @task(outlets=[PUBLISHED], on_success_callback=success_callbacks("run_failed"))
    def publish(run_id: str | None = None) -> dict[str, Any]:
        """Swaps the staging warehouse in as the file that analysts read."""
        return run_step("publish", run_id=run_id)

    @task
    def pages() -> dict[str, Any]:
        """Makes the pack of the latest quarter and the pages of what is published."""
        return make_pages()

    @task(outlets=[REPORTS], on_failure_callback=failure_callbacks("reports_failed"))
    def reports() -> None:
        """Says that something is new of reports; skipped where nothing is."""
        require_new_reports()

    published = publish()
    chain(land(), ingest(), gate_log(), build(), gate_warehouse(), published)
    published >> [pages(), reports()]


takeup_nightly()
