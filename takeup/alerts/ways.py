"""The ways by which a message reaches people: e-mail, and a webhook of Slack or Teams."""

from __future__ import annotations

import json
import smtplib
import ssl
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from http.client import HTTPException
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from core.mail import mail_server
from core.secrets import masked
from core.settings import Settings
from takeup.alerts.messages import Message

TIMEOUT_SECONDS: Final = 10
TRIES: Final = 2
PAUSE_SECONDS: Final = 1.0
CARD: Final = "application/vnd.microsoft.card.adaptive"


class NotSent(Exception):
    """A message did not go out; why, in a line without secrets."""


class Way(Protocol):
    """One way."""

    @property
    def name(self) -> str: ...

    def send(self, message: Message) -> None:
        """Send it, or raise."""


@dataclass(frozen=True)
class Email:
    """Mail to some addresses, through one server."""

    settings: Settings
    name: str = "e-mail"

    def send(self, message: Message) -> None:
        """Hand it to the mail server: one message to all addresses."""
        given, to = self.settings, self.settings.alert_addresses
        mail = EmailMessage()
        mail["Subject"], mail["To"] = message.subject, ", ".join(to)
        mail["From"] = given.mail_from or to[0]
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        with mail_server(given, timeout=TIMEOUT_SECONDS) as server:
            server.send_message(mail)


@dataclass(frozen=True)
class Webhook:
    """A channel of Slack or Teams, by the address that it gave for it."""

    address: str
    shape: Callable[[Message], dict[str, Any]]
    name: str = "webhook"

    def send(self, message: Message) -> None:
        """Post it; only an answer of success counts, and no answer leads elsewhere."""
        if urlsplit(self.address).scheme not in ("https", "http"):
            raise NotSent("TAKEUP_ALERT_WEBHOOK is not an address of the web")
        request = urllib.request.Request(
            self.address,
            data=json.dumps(self.shape(message)).encode(),
            headers={"Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(_NoRedirect)
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            answer.read(1024)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What was posted would arrive at the second address as a question, and be lost."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def slack(message: Message) -> dict[str, Any]:
    """As Slack takes it: its three signs of markup escaped, the rest left as it is."""
    text = message.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": text, "mrkdwn": False, "unfurl_links": False}


def teams(message: Message) -> dict[str, Any]:
    """As a Teams workflow takes it: a card of text runs, in which nothing is markup."""
    body = [
        {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": line or " "}]}
        for line in message.lines
    ]
    card = {"type": "AdaptiveCard", "version": "1.4", "body": body}
    return {"type": "message", "attachments": [{"contentType": CARD, "content": card}]}


SHAPES: Final[dict[str, Callable[[Message], dict[str, Any]]]] = {"slack": slack, "teams": teams}


def ways_of(settings: Settings) -> list[Way]:
    """The ways that are switched on; none by default."""
    ways: list[Way] = []
    if settings.alert_addresses and settings.smtp_host:
        ways.append(Email(settings))
    if address := settings.alert_webhook.get_secret_value():
        ways.append(Webhook(address, SHAPES[settings.alert_webhook_shape]))
    return ways


def send(way: Way, message: Message) -> None:
    """Send a message, a few times where something passing stands in the way.

    Raises:
        NotSent: it did not go out.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return way.send(message)
        except (OSError, HTTPException, ValueError) as error:
            why = masked(" ".join(f"{type(error).__name__}: {error}".split())[:300])
            if attempt == TRIES or not _is_passing(error):
                raise NotSent(f"{way.name}: {why}") from None
        time.sleep(PAUSE_SECONDS)
    return None


def _is_passing(error: Exception) -> bool:
    """Whether another try may find it gone: not where a server has said no."""
    import urllib.error

    if isinstance(error, urllib.error.HTTPError):
        return error.code in (429, 502, 503, 504)
    refused = (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, ssl.SSLError)
    return isinstance(error, OSError) and not isinstance(error, refused)
