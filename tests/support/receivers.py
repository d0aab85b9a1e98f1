"""A mail server and a webhook on loopback, that keep what they are sent or fail as a test asks."""

from __future__ import annotations

import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, Literal

Mood = Literal["takes", "refuses", "breaks_off", "takes_and_breaks_off"]


@dataclass
class Mailbox:
    """What a mail server has received, and what it does with the next mail."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    mood: Mood = "takes"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]


@dataclass
class Hook:
    """What a webhook has received, and what it answers."""

    address: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    """Of the next answers; 200 afterwards."""


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A mail server that knows neither encryption nor passwords."""
    box = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.answer("220 loopback")
            while line := self.rfile.readline().decode().strip():
                box.said.append(line)
                word = line.split()[0].upper()
                if word == "QUIT":
                    self.answer("221 bye")
                    return
                if word == "DATA":
                    if not self.takes():
                        return
                elif word == "RCPT" and box.mood == "refuses":
                    self.answer("550 nobody here")
                else:
                    if word == "RCPT":
                        box.recipients.append(line.partition(":")[2].strip("<> "))
                    self.answer("250 fine")

        def takes(self) -> bool:
            self.answer("354 go on")
            lines: list[bytes] = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            if box.mood != "breaks_off":
                box.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
            if box.mood != "takes":
                return False
            self.answer("250 taken")
            return True

        def answer(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        box.port = port
        yield box


@contextmanager
def web_server() -> Iterator[Hook]:
    """A web server that takes whatever is posted to it."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = hook.statuses.pop(0) if hook.statuses else 200
            if status == 200:
                hook.raw.append(body)
                if self.headers["Content-Type"] == "application/json":
                    hook.bodies.append(json.loads(body))
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", hook.address)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with _serving(HTTPServer(("127.0.0.1", 0), Handler)) as port:
        hook.address = f"http://127.0.0.1:{port}/services/T0/B0/hush"
        yield hook


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[int]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]  # type: ignore[misc]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
