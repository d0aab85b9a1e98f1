"""Where to look from a task of Airflow: what its gate found, the pages, the runbook's section.

Addresses of the web where `TAKEUP_PAGES_ADDRESS` says where `site/` of the home is served; else
those of the files.
"""

from __future__ import annotations

from typing import Final

from core.settings import PROJECT_ROOT, Settings
from takeup.alerts.causes import BY_ID
from takeup.runbook_page import FILE_NAME as RUNBOOK_PAGE

CAUSES: Final = {
    "takeup_nightly": "run_failed",
    "takeup_mi_export": "packs_failed",
    "takeup_hand_over": "hand_over_failed",
    "takeup_reports": "reports_failed",
    "takeup_verify": "log_damaged",
    "takeup_replay": "replay_failed",
}
"""Of which alert a failed task of each DAG is a case."""
GATES: Final = {"gate_log": "log", "gate_warehouse": "warehouse", "replay": "warehouse"}
"""The gate that a task runs."""
STOPPED_BY_GATE: Final = ("gate_log", "gate_warehouse")


def gate_link(settings: Settings, task: str) -> str | None:
    """What the gate of a task last found; None where it has none."""
    from publish.pages.site.beside import GATES as FOLDER

    gate = GATES.get(task)
    return f"{_in_site(settings, f'{FOLDER}/index.html')}#gate-{gate}" if gate else None


def pages_link(settings: Settings) -> str:
    """The pages of what is published."""
    return _in_site(settings, "current/index.html")


def runbook_link(settings: Settings, dag: str, task: str) -> str | None:
    """The runbook's section on what a red task is a case of; None of DAGs that aren't ours."""
    cause = BY_ID.get("gate_tripped" if task in STOPPED_BY_GATE else CAUSES.get(dag, ""))
    if cause is None:
        return None
    page, _, section = cause.anchor.partition("#")
    if settings.pages_address:
        from publish.pages.site.beside import RUNS

        return _in_site(settings, f"{RUNS}/{RUNBOOK_PAGE}#{section}")
    return f"{(PROJECT_ROOT / page).as_uri()}#{section}"


def where_to_look(settings: Settings, dag: str, task: str) -> str:
    """A line for the log of a task that failed."""
    looks = (gate_link(settings, task), runbook_link(settings, dag, task))
    return "look at " + " and ".join(filter(None, looks))


def _in_site(settings: Settings, path: str) -> str:
    if settings.pages_address:
        return f"{settings.pages_address.rstrip('/')}/{path}"
    return (settings.site / path).as_uri()
