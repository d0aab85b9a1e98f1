"""Runs the DAG `takeup_hand_over` as Airflow does, with a person's answer given in advance.

Run in a process of its own: Airflow reads its configuration when it is imported. The arguments are
a JSON file of cases (what waits, and the answer, null for none) and one to write what became of
each: the state of every task, what a person was asked, and what was asked to be handed over by
which role.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.providers.standard.operators.hitl import HITLOperator

from takeup import airflow_step
from takeup.airflow_process import prepare_database


def main(cases: Path, answers: Path, dag_file: Path) -> None:
    prepare_database()
    asked: dict[str, Any] = {}
    handed_over: list[Any] = []
    questions: list[str] = []

    def hand_over_packs(
        packs: Sequence[Any] = (), approval: dict[str, Any] | None = None
    ) -> list[str]:
        role = None if approval is None else approval["params_input"]["role"]
        handed_over.append([[one["pack"] for one in packs], role])
        return []

    def execute(self: Any, context: Any) -> Any:
        questions.append(self.body)
        event = {
            "chosen_options": [asked["answer"]],
            "params_input": {"role": "head of MI"},
            "responded_at": datetime.now(UTC),
            "responded_by_user": None,
        }
        return self.execute_complete(context, event)

    airflow_step.packs_waiting = lambda: asked["waiting"]  # type: ignore[assignment]
    airflow_step.hand_over_packs = hand_over_packs  # type: ignore[assignment]
    HITLOperator.execute = execute
    dag = DagBag(dag_folder=dag_file, bundle_name="dags-folder").dags["takeup_hand_over"]
    for task in dag.tasks:
        task.retries = 0
    found = []
    for case in json.loads(cases.read_bytes()):
        asked.update(case)
        run = dag.test()
        states = {task.task_id: str(task.state) for task in run.get_task_instances()}
        found.append({"states": states, "asked": list(questions), "handed_over": list(handed_over)})
        handed_over.clear()
        questions.clear()
    answers.write_text(json.dumps(found))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
