"""`make airflow` as a process of a test, and what its API says."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from core.settings import PROJECT_ROOT

QUICK = {
    "AIRFLOW__DAG_PROCESSOR__PRINT_STATS_INTERVAL": "3600",
    "AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
    # Other tests may keep every core busy.
    "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "300",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "300",
}
PATIENCE_SECONDS = 900
PERSON_SECONDS = 5
ENDED = {"success", "failed"}
Json = dict[str, Any]


def wait_for(what: Callable[[], Any], *, seconds: float = PATIENCE_SECONDS) -> Any:
    """The first answer that is not empty."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.5)
    return found


@dataclass
class Services:
    """The services that were started on a home, and their API."""

    process: subprocess.Popen[str]
    address: str
    said: list[str] = field(default_factory=list)

    @cached_property
    def password(self) -> str:
        """As it was said."""
        (found,) = re.findall(r"user admin, password (\S+)", "\n".join(self.said))
        return str(found)

    @cached_property
    def _token(self) -> str:
        asked = {"username": "admin", "password": self.password}
        return str(self._ask("POST", "/auth/token", asked, token=None)["access_token"])

    def wait_until_ready(self) -> None:
        """Read what it says until it says that it is ready."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))
            if line.startswith("ready: "):
                return
        raise AssertionError("\n".join(["it ended:", *self.said]))

    def rest(self, *, seconds: float = 120) -> tuple[int, str]:
        """Its exit code and what it said since, when it has ended."""
        said, _ = self.process.communicate(timeout=seconds)
        return self.process.returncode, said

    def ask(self, method: str, path: str, body: Json | None = None) -> Json:
        """What the API answers as `admin`."""
        return self._ask(method, f"/api/v2{path}", body, token=self._token)

    def unpause(self, *dags: str) -> None:
        """Let DAGs run, as soon as they are known."""
        for dag in dags:
            wait_for(partial(self.dag_is_known, dag))
            self.ask("PATCH", f"/dags/{dag}", {"is_paused": False})

    def dag_is_known(self, dag: str) -> bool:
        try:
            return bool(self.ask("GET", f"/dags/{dag}"))
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return False
            raise

    def start(self, dag: str) -> str:
        """A run started by hand; its id."""
        return str(self.ask("POST", f"/dags/{dag}/dagRuns", {"logical_date": None})["dag_run_id"])

    def runs(self, dag: str) -> list[Json]:
        found: list[Json] = self.ask("GET", f"/dags/{dag}/dagRuns?order_by=id")["dag_runs"]
        return found

    def run(self, dag: str, run_id: str) -> Json:
        return self.ask("GET", f"/dags/{dag}/dagRuns/{run_id.replace('+', '%2B')}")

    def tasks(self, dag: str, run_id: str) -> dict[str, Json]:
        """What became of each task of a run."""
        path = f"/dags/{dag}/dagRuns/{run_id.replace('+', '%2B')}/taskInstances"
        return {one["task_id"]: one for one in self.ask("GET", path)["task_instances"]}

    def states(self, dag: str, run_id: str) -> dict[str, str]:
        return {name: one["state"] for name, one in self.tasks(dag, run_id).items()}

    def ended(self, dag: str, run_id: str) -> str:
        """The state in which a run ends."""

        def state() -> str | None:
            found = self.run(dag, run_id)["state"]
            return found if found in ENDED else None

        return str(wait_for(state))

    def log(self, dag: str, run_id: str, task: str, *, attempt: int = 1) -> str:
        path = f"/dags/{dag}/dagRuns/{run_id.replace('+', '%2B')}/taskInstances/{task}"
        return json.dumps(self.ask("GET", f"{path}/logs/{attempt}"), ensure_ascii=False)

    def links(self, dag: str, run_id: str, task: str) -> dict[str, str | None]:
        path = f"/dags/{dag}/dagRuns/{run_id.replace('+', '%2B')}/taskInstances/{task}/links"
        found: dict[str, str | None] = self.ask("GET", path)["extra_links"]
        return found

    def answer(self, dag: str, run_id: str, task: str, option: str, **params: str) -> None:
        """Answer what a task asks a person, as often as it asks.

        No quicker than a person would: Airflow 3.3 takes an answer that comes before its scheduler
        has heard that the task waits for a task that was lost, and tries it again.
        """
        path = f"/dags/{dag}/dagRuns/{run_id.replace('+', '%2B')}/taskInstances/{task}"
        asked = {"chosen_options": [option], "params_input": params}

        def state() -> str | None:
            found = self.states(dag, run_id).get(task)
            return found if found in ENDED | {"awaiting_input"} else None

        while wait_for(state) == "awaiting_input":
            time.sleep(PERSON_SECONDS)
            self.ask("PATCH", f"{path}/-1/hitlDetails", asked)

    def clear(self, dag: str, run_id: str, *, only_failed: bool) -> None:
        """Have a run's tasks done again, and what comes after them."""
        asked = {"dry_run": False, "dag_run_id": run_id, "only_failed": only_failed}
        if only_failed:
            asked |= {"include_downstream": True}
        self.ask("POST", f"/dags/{dag}/clearTaskInstances", asked)

    def _ask(self, method: str, path: str, body: Json | None, *, token: str | None) -> Json:
        request = urllib.request.Request(
            self.address + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"}
            | ({"Authorization": f"Bearer {token}"} if token else {}),
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=120) as answer:
                found: Json = json.load(answer)
        except urllib.error.HTTPError as error:
            error.add_note(error.read().decode(errors="replace")[:1000])
            raise
        return found


@contextmanager
def services(home: Path, *, port: int, **variables: str) -> Iterator[Services]:
    """Services on a home, ended at the end if they are still there."""
    environment = (
        os.environ
        | QUICK
        | {
            "TAKEUP_HOME": str(home),
            "TAKEUP_AIRFLOW_PORT": str(port),
            "TAKEUP_PACK": "yes",
            "TAKEUP_PAGES": "yes",
            **variables,
        }
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "takeup.airflow_services"],
        cwd=PROJECT_ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    started = Services(process, f"http://127.0.0.1:{port}")
    try:
        started.wait_until_ready()
        yield started
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)
