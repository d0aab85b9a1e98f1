"""How a pack reaches a recipient: as a folder, or as a mail with its summary.

Each way is whole or not at all, and takes part in no second delivery: a folder that is there
already, the same to the byte, is the delivery.
"""

from __future__ import annotations

import io
import shutil
import smtplib
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from email.message import EmailMessage
from email.utils import formatdate
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from core.errors import TakeupError, UsageError
from core.files import flush
from core.mail import mail_server
from core.settings import Settings
from publish.editions import contents_of
from publish.made_packs import MadePack
from publish.pack import MANIFEST
from publish.pack_files import sha256
from publish.pack_summary import SUMMARY
from publish.recipients import Recipient

SECONDS: Final = 60
"""How long a mail server may take to answer."""
_BLOCKS: Final = {"p", "li", "h1", "h2", "ul", "main"}
_UNSEEN: Final = {"style", "title", "head"}


def checked_files(pack: MadePack) -> dict[str, bytes]:
    """Every file of a pack with its bytes, each as its manifest says.

    Raises:
        TakeupError: one has changed since the pack was looked at.
    """
    files = contents_of(pack.path)
    stated = {name: entry["sha256"] for name, entry in pack.manifest["files"].items()}
    stated[MANIFEST] = pack.manifest_sha256
    for name, digest in stated.items():
        if name not in files or sha256(files[name]) != digest:
            raise TakeupError(f"{pack.path / name} has changed: nothing was handed over")
    return files


def to_folder(pack: MadePack, recipient: Recipient, settings: Settings) -> Path:
    """Put a pack into the recipient's folder, and return where it lies.

    Raises:
        TakeupError: it can't be written, or something else has its name there.
    """
    folder = settings.handed_over / recipient.recipient_id
    target, new = folder / pack.path.name, folder / f".{pack.path.name}.tmp"
    files = checked_files(pack)
    try:
        if target.exists():
            if not target.is_dir() or contents_of(target) != files:
                raise TakeupError(f"{target} is something else than the pack: move it away")
            return target
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        for name, content in files.items():
            (new / name).write_bytes(content)
            flush(new / name)
        if contents_of(new) != files:
            raise TakeupError(f"{new} does not hold what was written: is the disk whole?")
        flush(new)
        new.rename(target)
        flush(folder)
    except OSError as error:
        raise TakeupError(f"could not hand over {pack.path.name}: {error}") from error
    return target


class NotSent(TakeupError):
    """The mail server refused a mail: it has not gone out."""


def to_mailbox(
    message: EmailMessage, settings: Settings, *, before_sending: Callable[[], None]
) -> None:
    """Give a mail to the server. `before_sending` is called when all that is left to do is to send
    it.

    Raises:
        UsageError: no server is set, or no mailbox of ours.
        NotSent: the server can't be reached, or refuses the mail.
        TakeupError: it broke off, and whether it took the mail is not known.
    """
    if not settings.smtp_host or not settings.mail_from:
        raise UsageError("packs go by e-mail: set TAKEUP_SMTP_HOST and TAKEUP_MAIL_FROM")
    where = f"mail server {settings.smtp_host}:{settings.smtp_port}"
    with ExitStack() as opened:
        try:
            server = opened.enter_context(mail_server(settings, timeout=SECONDS))
        except OSError as error:
            raise NotSent(f"{where}: {error}") from error
        before_sending()
        try:
            server.send_message(message)
        except smtplib.SMTPServerDisconnected as error:
            raise TakeupError(f"{where} broke off: {error}") from error
        except smtplib.SMTPException as error:
            raise NotSent(f"{where} refused the mail: {error}") from error
        except OSError as error:
            raise TakeupError(f"{where} broke off: {error}") from error


def mail_of(
    pack: MadePack, recipient: Recipient, settings: Settings, *, message_id: str
) -> EmailMessage:
    """The mail with a pack's summary as text and HTML, which names the pack with its digest; the
    pack itself is attached unless it is large."""
    files = checked_files(pack)
    packed = _zipped(pack.path.name, files)
    is_attached = len(packed) <= settings.mail_attachment_bytes
    summary = files[SUMMARY].decode()
    which = (
        f"This is edition {pack.edition} of the pack {pack.path.name}. SHA-256 of its"
        f" manifest.json: {pack.manifest_sha256}."
    )
    where = (
        f"The whole pack is attached as {pack.path.name}.zip."
        if is_attached
        else "The pack is too large to be attached: ask for it"
        f" ({settings.contact or 'answer this mail'})."
    )
    message = EmailMessage()
    message["Subject"] = f"Digital take-up, {pack.quarter}: management information {pack.path.name}"
    message["From"] = settings.mail_from
    message["To"] = recipient.mailbox
    message["Date"] = formatdate()
    message["Message-ID"] = message_id
    message.set_content(f"{_text_of(summary)}\n\n{which}\n{where}\n")
    said = f'<p class="status">{escape(which)} {escape(where)}</p>'
    message.add_alternative(summary.replace("</main>", f"{said}\n</main>", 1), subtype="html")
    if is_attached:
        message.add_attachment(
            packed, maintype="application", subtype="zip", filename=f"{pack.path.name}.zip"
        )
    return message


def _zipped(name: str, files: dict[str, bytes]) -> bytes:
    """The files in a folder of that name; the same files give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in sorted(files.items()):
            about = zipfile.ZipInfo(f"{name}/{file}")
            about.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(about, content)
    return stream.getvalue()


def _text_of(page: str) -> str:
    """What a page says, a line for each paragraph and entry of a list."""
    reader = _Text()
    reader.feed(page)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BLOCKS:
            self.parts.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data.replace("\n", " "))
