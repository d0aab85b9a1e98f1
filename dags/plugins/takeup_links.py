"""Links on the page of each task in Airflow. Wiring only: where they lead is takeup/'s to say."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin
from airflow.sdk import BaseOperatorLink

from core.settings import Settings
from takeup.airflow_links import CAUSES, gate_link, pages_link, runbook_link


class GateLink(BaseOperatorLink):
    """What the task's gate found."""

    name = "Gate's result"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Empty where the task has no gate."""
        return (ti_key.dag_id in CAUSES and gate_link(Settings.load(), ti_key.task_id)) or ""


class PagesLink(BaseOperatorLink):
    """The pages of what is published."""

    name = "Pages"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The same for every task."""
        return pages_link(Settings.load())


class RunbookLink(BaseOperatorLink):
    """What to do when the task is red."""

    name = "Runbook"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The section of what a red task is a case of."""
        return runbook_link(Settings.load(), ti_key.dag_id, ti_key.task_id) or ""


class TakeupLinks(AirflowPlugin):
    """All of them, on every task."""

    name = "takeup_links"
    global_operator_extra_links = [GateLink(), PagesLink(), RunbookLink()]  # noqa: RUF012
