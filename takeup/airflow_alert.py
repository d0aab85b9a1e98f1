"""Alerts through Airflow: a notifier for tasks' callbacks, on the engine of `takeup alerts`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from airflow.sdk import BaseNotifier

from core.secrets import remember
from core.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

    from takeup.alerts.observation import Found

CONNECTION: Final = "smtp_default"
"""Airflow's connection to a mail server, where the settings name none."""

log = logging.getLogger(__name__)


class AlertNotifier(BaseNotifier):
    """Tells what holds and what is over when a task has ended.

    Args:
        cause: what it is a case of when the task has failed.
        is_over: whether the task has succeeded, so that the cause is over.
    """

    def __init__(self, cause: str, *, is_over: bool) -> None:
        super().__init__()
        self.cause = cause
        self.is_over = is_over

    def notify(self, context: Context) -> None:
        """Never fails: a task is as it is, whoever can be told of it."""
        from takeup.alerts.engine import tell

        task = context["task_instance"]
        said = (f"the task {task.task_id} of the run {task.run_id} failed or was killed",)
        known: Found = {self.cause: () if self.is_over else said}
        for line in tell(with_connection(Settings.load()), known=known):
            log.info("%s", line)


def failure_callbacks(cause: str) -> list[Any]:
    """Callbacks for a task's `on_failure_callback`; none where nobody is to be told."""
    return [AlertNotifier(cause, is_over=False)] if _is_wanted() else []


def success_callbacks(cause: str) -> list[Any]:
    """Callbacks for the `on_success_callback` of a task that says that the cause is over."""
    return [AlertNotifier(cause, is_over=True)] if _is_wanted() else []


def with_connection(settings: Settings) -> Settings:
    """The settings, with the mail server of Airflow's connection where they name none."""
    if settings.smtp_host or not settings.alert_addresses:
        return settings
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowException, AirflowRuntimeError
    from pydantic import SecretStr

    try:
        found = Connection.get(CONNECTION)
    except (AirflowException, AirflowRuntimeError):
        return settings
    remember(found.password or "")
    return settings.model_copy(
        update={
            "smtp_host": found.host or "",
            "smtp_port": found.port or settings.smtp_port,
            "smtp_starttls": not found.extra_dejson.get("disable_tls", False),
            "smtp_user": found.login or "",
            "smtp_password": SecretStr(found.password or ""),
            "mail_from": settings.mail_from or found.extra_dejson.get("from_email", ""),
        }
    )


def _is_wanted() -> bool:
    settings = Settings.load()
    return bool(settings.alert_addresses or settings.alert_webhook.get_secret_value())
