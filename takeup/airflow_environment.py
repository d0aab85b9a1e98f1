"""The environment in which Airflow works on a home: its configuration is read from there."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from core.settings import PROJECT_ROOT, Settings

DAGS: Final = PROJECT_ROOT / "dags"
LOOPBACK: Final = "127.0.0.1"
KEPT: Final = (
    *("AIRFLOW_CONN_", "AIRFLOW_VAR_"),
    *(
        f"AIRFLOW__{section}__"
        for section in ("METRICS", "SCHEDULER", "DAG_PROCESSOR", "TRIGGERER")
    ),
)
"""What services take from whoever starts them: connections, and how often they look and tell."""


def environment_of(settings: Settings, *, kept: tuple[str, ...] = ()) -> dict[str, str]:
    """The environment of a process of Airflow: this home, and no other Airflow's configuration.

    Variables of another Airflow on the same machine are dropped, but for those that begin with
    one of `kept`: its metadata database must never get our runs.
    """
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("AIRFLOW") or key.startswith(kept)
    }
    return inherited | {
        "AIRFLOW_HOME": str(settings.airflow),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{settings.airflow / 'airflow.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(settings.airflow / "logs"),
        "DO_NOT_TRACK": "1",
        "TAKEUP_HOME": str(settings.home),
    }


def services_environment(settings: Settings, *, secrets: dict[str, str]) -> dict[str, str]:
    """The environment of Airflow's services, and so of the tasks that they start.

    Args:
        secrets: by the name of Airflow's variable: every service has to have the same.
    """
    address = address_of(settings)
    database = settings.airflow_database.get_secret_value()
    services = {
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__API__EXPOSE_CONFIG": "False",
        "AIRFLOW__API__HOST": LOOPBACK,
        "AIRFLOW__API__PORT": str(settings.airflow_port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(DAGS / "plugins"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file(settings)),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        # A night keeps every core busy: Airflow's five seconds would fail its next task.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
        "NO_PROXY": _beside("NO_PROXY"),
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
        "no_proxy": _beside("no_proxy"),
    }
    if database:
        services["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = database
    return environment_of(settings, kept=KEPT) | services | secrets


def address_of(settings: Settings) -> str:
    """Where the user interface is, on this machine alone."""
    return f"http://{LOOPBACK}:{settings.airflow_port}"


def passwords_file(settings: Settings) -> Path:
    """Where Airflow's own users have their passwords."""
    return settings.airflow / "passwords.json"


def _beside(variable: str) -> str:
    """Hosts that are asked without a proxy, this machine among them."""
    return ",".join(filter(None, (os.environ.get(variable), LOOPBACK)))
