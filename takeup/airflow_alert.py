"""Who is told when a nightly task fails."""

from __future__ import annotations

from typing import Any

from core.settings import Settings


def failure_callbacks() -> list[Any]:
    """Callbacks for a task's `on_failure_callback`: one e-mail to the addresses in
    `TAKEUP_ALERT_EMAIL` (separated by commas), or none where it is not set.

    The mail goes out through Airflow's connection `smtp_default`.
    """
    addresses = [part.strip() for part in Settings.load().alert_email.split(",") if part.strip()]
    if not addresses:
        return []
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    return [SmtpNotifier(to=addresses)]
