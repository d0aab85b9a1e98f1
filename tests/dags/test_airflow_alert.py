"""The notifier of the DAGs: it tells by the engine that `takeup nightly` tells by."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import UsageError
from core.settings import Settings
from takeup.airflow_alert import failure_callbacks, success_callbacks, with_connection
from takeup.last_run import run_recorded
from tests.support.receivers import Mailbox, mail_server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def settings(tmp_path: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home whose alerts go out by the mail server of Airflow's connection."""
    monkeypatch.setenv("TAKEUP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TAKEUP_ALERT_EMAIL", "duty@example.org")
    monkeypatch.setenv("TAKEUP_ALERT_DISK_BYTES", "0")
    monkeypatch.setenv(
        "AIRFLOW_CONN_SMTP_DEFAULT",
        f"smtp://127.0.0.1:{mailbox.port}/?from_email=airflow%40example.org&disable_tls=true",
    )
    settings = Settings.load()
    settings.warehouse.mkdir(parents=True)
    return settings


def context(task: str) -> Any:
    return {"task_instance": SimpleNamespace(task_id=task, run_id="scheduled__1")}


def test_a_task_that_fails_is_told_of_once_and_that_the_run_has_published(
    settings: Settings, mailbox: Mailbox
) -> None:
    def build(settings: Settings, *, run_id: str) -> dict[str, Any]:
        raise UsageError("a register is wrong")

    with pytest.raises(UsageError):
        run_recorded(settings, "build", build, run_id="scheduled__1")
    for _ in range(2):
        for told in failure_callbacks("run_failed"):
            told(context("build"))
    (mail,) = mailbox.mails
    assert (mail["Subject"], mail["From"]) == (
        "[takeup] The nightly run failed",
        "airflow@example.org",
    )
    assert "in the step build" in mail.get_content()
    run_recorded(settings, "publish", lambda *_, **__: {}, run_id="scheduled__1")
    for told in success_callbacks("run_failed"):
        told(context("publish"))
    assert mailbox.subjects[1:] == ["[takeup] All clear: the nightly run failed"]


@pytest.mark.parametrize(
    ("cause", "task", "title"),
    [
        ("packs_failed", "export", "A pack could not be made"),
        ("hand_over_failed", "hand_over", "A pack could not be handed over"),
        ("reports_failed", "reviews", "A review could not be made"),
        ("log_damaged", "verify", "The event log is damaged"),
        ("replay_failed", "replay", "A replay failed"),
    ],
)
def test_a_task_that_was_killed_is_told_of_though_the_home_knows_nothing(
    settings: Settings, mailbox: Mailbox, cause: str, task: str, title: str
) -> None:
    for told in failure_callbacks(cause):
        told(context(task))
    assert mailbox.subjects == [f"[takeup] {title}"]
    assert f"the task {task} of the run scheduled__1" in mailbox.mails[0].get_content()
    for told in success_callbacks(cause):
        told(context(task))
    assert mailbox.subjects[1:] == [f"[takeup] All clear: {title[0].lower()}{title[1:]}"]


def test_a_notifier_never_fails(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SMTP_DEFAULT")
    monkeypatch.setenv("TAKEUP_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("TAKEUP_SMTP_PORT", "9")
    for told in failure_callbacks("run_failed"):
        told(context("build"))


def test_the_settings_mail_server_goes_before_the_connection(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert with_connection(settings).smtp_host == "127.0.0.1"
    monkeypatch.setenv("TAKEUP_SMTP_HOST", "mail.example.org")
    named = Settings.load()
    assert with_connection(named) is named


def test_without_a_way_there_is_no_callback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TAKEUP_ALERT_EMAIL", raising=False)
    assert (failure_callbacks("run_failed"), success_callbacks("run_failed")) == ([], [])
