"""Handing packs over: to the recipients of the register, once each, after a person approved it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.errors import TakeupError, UsageError
from core.files import sole_writer
from core.settings import SEEDS, Settings
from publish.delivery import NotSent, mail_of, to_folder, to_mailbox
from publish.made_packs import MadePack, made_pack, newest_editions
from publish.receipts import Approval, Receipt, Receipts
from publish.recipients import Recipient, recipients_of

if TYPE_CHECKING:
    from expectations.results import GateResult

LONGEST_ROLE: Final = 100

Check = Callable[[Settings, Path], "GateResult"]


@dataclass(frozen=True)
class Waiting:
    """An edition of a pack that a recipient is to get; `approved_by_role` where somebody has said
    so already, and `is_approved` where that is so or nobody needs to."""

    pack: str
    recipient_id: str
    recipient_name: str
    way: str
    is_approved: bool
    approved_by_role: str | None


def waiting(settings: Settings, *, registers: Path = SEEDS) -> list[Waiting]:
    """What is to be handed over and has not been: to each recipient the newest edition of its
    pack of the latest quarter, and of every pack that it got before. Nothing of a home that
    nothing leaves.

    Raises:
        UsageError: the register of recipients is broken.
        TakeupError: a receipt can't be read.
    """
    if _why_nothing_leaves(settings):
        return []
    packs = [one for one in newest_editions(settings.exports) if not one.manifest["is_simulated"]]
    latest = {pack.department: pack.quarter for pack in packs}  # they go by their quarters
    receipts = Receipts(settings.receipts)
    got = {(one.recipient_id, one.quarter, one.department) for one in receipts.all() if one.follows}
    found = []
    for recipient in recipients_of(registers):
        for pack in packs:
            is_theirs = pack.department == recipient.department_id
            is_due = is_theirs and latest[pack.department] == pack.quarter
            is_due |= (recipient.recipient_id, pack.quarter, pack.department) in got
            key = _key(pack, recipient)
            if not is_due or receipts.receipt(key):
                continue
            approval = receipts.approval(key)
            found.append(
                Waiting(
                    pack=pack.path.name,
                    recipient_id=recipient.recipient_id,
                    recipient_name=recipient.recipient_name,
                    way=recipient.way,
                    is_approved=approval is not None or settings.handover == "auto",
                    approved_by_role=approval.by_role if approval else None,
                )
            )
    return found


def hand_over(
    settings: Settings,
    pack: str,
    *,
    to: str | None = None,
    role: str | None = None,
    was_sent: bool | None = None,
    registers: Path = SEEDS,
    check: Check | None = None,
) -> list[Receipt]:
    """Hand a pack of `exports/` over, and return a receipt for each recipient.

    Args:
        pack: name of the pack's folder.
        to: the recipient; by default all who get packs of what it is of.
        role: in which role somebody approves it; not needed where it is approved already.
        was_sent: of a mail that broke off, whether it had gone out, as its server's log says.
        check: what the pack has to pass; by default its gate.

    Whoever has a receipt gets nothing again, and one that died half-way is finished.

    Raises:
        UsageError: there is no such pack or recipient, nobody has approved it, or it is simulated
            or of the example, which nothing leaves.
        StoppedByGate: a file of it is not as it should be.
        LeaseHeld: another hand-over is at work.
        TakeupError: it could not be delivered.
    """
    if why := _why_nothing_leaves(settings):
        raise UsageError(why)
    found = _pack_of(settings, pack)
    recipients = _recipients(found, to, registers)
    with sole_writer(settings.receipts):
        receipts = Receipts(settings.receipts)
        left = [one for one in recipients if not receipts.receipt(_key(found, one))]
        approvals = {
            one.recipient_id: _approval(receipts, _key(found, one), role, settings, pack)
            for one in left
        }
        checked = _checked(settings, found, check) if left else {}
        for recipient in left:
            key = _key(found, recipient)
            receipts.approve(key, approvals[recipient.recipient_id])
            place = _deliver(settings, found, recipient, receipts, was_sent=was_sent)
            receipts.keep(
                _receipt(found, recipient, approvals[recipient.recipient_id], place, checked)
            )
        return [kept for one in recipients if (kept := receipts.receipt(_key(found, one)))]


def _why_nothing_leaves(settings: Settings) -> str | None:
    if settings.example_mark.exists():
        return f"{settings.home} is the home of the example: nothing of it is handed over"
    return None


def _pack_of(settings: Settings, name: str) -> MadePack:
    path = settings.exports / name
    found = made_pack(path) if Path(name).name == name else None
    if found is None:
        raise UsageError(f"there is no pack of a quarter {name!r} in {settings.exports}")
    if found.manifest.get("is_simulated") is not False:
        raise UsageError(f"{name} is simulated: nothing of it is handed over")
    return found


def _recipients(pack: MadePack, to: str | None, registers: Path) -> list[Recipient]:
    known = recipients_of(registers)
    if to is None:
        found = [one for one in known if one.department_id == pack.department]
        whose = pack.department or "government as a whole"
        if not found:
            raise UsageError(f"nobody in recipients.csv gets packs of {whose}: name one with --to")
        return found
    found = [one for one in known if one.recipient_id == to]
    if not found:
        names = ", ".join(one.recipient_id for one in known) or "nobody"
        raise UsageError(f"no recipient {to!r} in recipients.csv, which has {names}")
    return found


def _key(pack: MadePack, recipient: Recipient) -> str:
    """One for each edition of a pack, as it is, and recipient."""
    return f"{pack.path.name}--{recipient.recipient_id}--{pack.manifest_sha256[:12]}"


def _approval(
    receipts: Receipts, key: str, role: str | None, settings: Settings, pack: str
) -> Approval:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if role is not None:
        return Approval(by_role=role_of(role), at=now)
    if before := receipts.approval(key):
        return before
    if settings.handover == "auto":
        return Approval(by_role=None, at=now)
    raise UsageError(
        f"{pack} waits for approval: look at it, then give --role, the role in which you approve it"
    )


def role_of(text: str) -> str:
    """A role as it is kept.

    Raises:
        UsageError: it can't be one.
    """
    said = " ".join(text.split())
    if not said or "@" in said or len(said) > LONGEST_ROLE:
        raise UsageError("the role in which you approve a pack is a few words, not an address")
    return said


def _checked(settings: Settings, pack: MadePack, check: Check | None) -> dict[str, Any]:
    """What the pack's gate found, for the receipt."""
    if check is None:
        from expectations.pack import gate_pack

        check = gate_pack
    result = check(settings, pack.path)
    return {
        "gate": result.outcome,
        "tables_count": len(result.suites),
        "rows_count": sum(suite.rows_checked for suite in result.suites),
        "expectations_count": sum(suite.checks_run for suite in result.suites),
        "warnings": [found.name for _, found in result.warnings],
    }


def _deliver(
    settings: Settings,
    pack: MadePack,
    recipient: Recipient,
    receipts: Receipts,
    *,
    was_sent: bool | None,
) -> str:
    """Have the recipient get it; where it then is."""
    if recipient.way == "folder":
        return str(to_folder(pack, recipient, settings))
    key, mailbox = _key(pack, recipient), str(recipient.mailbox)
    message_id = f"<{key}@takeup>"
    if receipts.is_being_sent(key):
        if was_sent is None:
            raise TakeupError(
                f"a mail to {mailbox} broke off, and may have gone out. Look for Message-ID"
                f" {message_id} in the log of the mail server, then say --was-sent or --not-sent"
            )
        if was_sent:
            return mailbox
    message = mail_of(pack, recipient, settings, message_id=message_id)
    try:
        to_mailbox(message, settings, before_sending=lambda: receipts.begin_sending(key))
    except NotSent:
        receipts.not_sent(key)
        raise
    return mailbox


def _receipt(
    pack: MadePack,
    recipient: Recipient,
    approval: Approval,
    place: str,
    checked: dict[str, Any],
) -> Receipt:
    return Receipt(
        key=_key(pack, recipient),
        pack=pack.path.name,
        edition=pack.edition,
        quarter=pack.quarter,
        department=pack.department,
        follows=pack.follows,
        manifest_sha256=pack.manifest_sha256,
        records_digest=str(pack.manifest["records_digest"]),
        log_version=int(pack.manifest["log_version"]),
        recipient_id=recipient.recipient_id,
        recipient_name=recipient.recipient_name,
        recipient_role=recipient.role,
        way=recipient.way,
        place=place,
        approved_by_role=approval.by_role,
        approved_at=approval.at,
        handed_over_at=datetime.now(UTC).isoformat(timespec="seconds"),
        checked=checked,
    )


def hand_over_all(
    settings: Settings,
    *,
    role: str | None = None,
    asked: Collection[tuple[str, str]] = (),
    registers: Path = SEEDS,
    check: Check | None = None,
) -> Iterator[Receipt]:
    """Hand over all that waits and is approved; what was `asked` for (packs and recipients) is
    approved by `role`. One that can't be handed over keeps no other from it.

    Raises:
        TakeupError: at the end, where some could not be, with what is wrong with each.
    """
    role = None if role is None else role_of(role)
    problems: list[str] = []
    for one in waiting(settings, registers=registers):
        is_asked = role is not None and (one.pack, one.recipient_id) in asked
        if not one.is_approved and not is_asked:
            continue
        try:
            yield from hand_over(
                settings,
                one.pack,
                to=one.recipient_id,
                role=role if is_asked else None,
                registers=registers,
                check=check,
            )
        except TakeupError as error:
            problems.append(f"{one.pack} to {one.recipient_id}: {error}")
    if problems:
        raise TakeupError(f"packs could not be handed over: {'; '.join(problems)}")
