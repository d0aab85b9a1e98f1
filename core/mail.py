"""The mail server, as it is set: packs and alerts go out through the same one."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from core.settings import Settings

ENCRYPTED_PORT: Final = 465
"""Where a mail server speaks encrypted from the first byte on."""


@contextmanager
def mail_server(settings: Settings, *, timeout: float) -> Iterator[smtplib.SMTP]:
    """The server of the settings, connected, encrypted as they want it and logged in; `timeout` is
    how many seconds it may take to answer.

    Raises:
        OSError: it can't be reached, or refuses what it is asked (`SMTPException` is one).
    """
    host, port = settings.smtp_host, settings.smtp_port
    encrypted = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(host, port, timeout=timeout, context=encrypted)
        if port == ENCRYPTED_PORT
        else smtplib.SMTP(host, port, timeout=timeout)
    )
    try:
        if settings.smtp_starttls and port != ENCRYPTED_PORT:
            server.starttls(context=encrypted)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        yield server
        with suppress(OSError):
            server.quit()
    finally:
        server.close()
