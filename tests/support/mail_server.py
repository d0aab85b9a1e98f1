"""A mail server on loopback that keeps what it is given, or fails as a test asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Literal

Mood = Literal["takes", "refuses", "breaks_off", "takes_and_breaks_off"]


@dataclass
class Mailbox:
    """What came, to whom, and what the server does with the next mail."""

    address: str = ""
    mood: Mood = "takes"
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A server that runs while the test does."""
    box = Mailbox()

    class Handler(StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            self.say("220 loopback")
            while line := self.rfile.readline().decode().strip():
                word = line.split()[0].upper()
                if word == "DATA":
                    if not self.take():
                        return
                elif word == "RCPT":
                    box.recipients.append(line)
                    self.say("550 no such mailbox" if box.mood == "refuses" else "250 ok")
                else:
                    self.say("221 bye" if word == "QUIT" else "250 ok")

        def take(self) -> bool:
            self.say("354 go on")
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b"..") else line)
            if box.mood != "breaks_off":
                mail = message_from_bytes(b"".join(lines), policy=policy.default)
                assert isinstance(mail, EmailMessage)
                box.mails.append(mail)
            if box.mood != "takes":
                return False
            self.say("250 ok")
            return True

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        box.address = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
