"""What the DAGs have in common: owner, retries, the pool, since when, and who is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from core.periods import REPORTING_ZONE
from takeup.airflow_alert import failure_callbacks, success_callbacks
from takeup.airflow_links import CAUSES
from takeup.airflow_process import POOL

OF_A_QUESTION: Final[dict[str, Any]] = {
    # It holds no slot that a night needs.
    "pool": "default_pool",
    "response_timeout": timedelta(hours=20),
    # Airflow 3.3 may take an answer that comes at once for a lost task: the question is put again.
    "retry_delay": timedelta(seconds=10),
    # That somebody was asked is no word on how it went.
    "on_success_callback": [],
}
"""What tasks that ask a person have in common."""


def dag_settings(dag_id: str, notes: str, *, all_clear: bool = True) -> dict[str, Any]:
    """What each DAG is given besides its schedule and time limit. `CAUSES` says of which alert a
    failed task of it is a case.

    Args:
        notes: what it does and what each red task means, in Markdown.
        all_clear: whether any task that succeeds says that this is over.
    """
    cause = CAUSES[dag_id]
    return {
        "dag_id": dag_id,
        "start_date": datetime(2024, 1, 1, tzinfo=REPORTING_ZONE),
        "catchup": False,
        "max_active_runs": 1,
        "doc_md": notes,
        "default_args": {
            "owner": "take-up data team",
            "retries": 2,
            "retry_delay": timedelta(minutes=5),
            "pool": POOL,
            # The pool's one slot goes to the run that has come farthest: were another to build
            # before it publishes, what its gate passed would be gone.
            "weight_rule": "upstream",
            "on_failure_callback": failure_callbacks(cause),
            "on_success_callback": success_callbacks(cause) if all_clear else [],
        },
    }
