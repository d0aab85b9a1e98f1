"""Receipts of packs that were handed over, and the approvals that come before: JSON files, one for
each pack and recipient.

They can't be made again from anything: a home's `receipts/` belongs into its backup.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from core.errors import TakeupError
from core.files import flush, write_file

_RECEIPT: Final = ".receipt.json"
_APPROVAL: Final = ".approval.json"
_SENDING: Final = ".sending"


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Who said in which role that a pack may go, and when (ISO 8601, UTC). Without a role nobody
    did: the settings let packs go."""

    by_role: str | None
    at: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """That an edition of a pack was handed over to a recipient, and what was known of it.

    `follows` says whether it is followed by editions, `place` is the folder or the mailbox,
    `checked` what the pack's gate found.
    """

    key: str
    pack: str
    edition: int
    quarter: str
    department: str | None
    follows: bool
    manifest_sha256: str
    records_digest: str
    log_version: int
    recipient_id: str
    recipient_name: str
    recipient_role: str
    way: str
    place: str
    approved_by_role: str | None
    approved_at: str
    handed_over_at: str
    checked: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Receipts:
    """A home's folder of them. Each file is there whole or not at all, and outlives a power cut."""

    folder: Path

    def receipt(self, key: str) -> Receipt | None:
        """The receipt of that key; None where nothing was handed over."""
        found = self._read(key + _RECEIPT)
        return None if found is None else Receipt(**found)

    def all(self) -> Iterator[Receipt]:
        """Every receipt."""
        for path in sorted(self.folder.glob(f"*{_RECEIPT}")):
            if receipt := self.receipt(path.name.removesuffix(_RECEIPT)):
                yield receipt

    def approval(self, key: str) -> Approval | None:
        """The approval of that key; None where nobody gave one."""
        found = self._read(key + _APPROVAL)
        return None if found is None else Approval(**found)

    def keep(self, receipt: Receipt) -> None:
        """Keep a receipt, after the fact. It holds what its approval said, which goes."""
        self._write(receipt.key + _RECEIPT, asdict(receipt))
        for suffix in (_APPROVAL, _SENDING):
            (self.folder / f"{receipt.key}{suffix}").unlink(missing_ok=True)

    def approve(self, key: str, approval: Approval) -> None:
        """Keep an approval: what dies half-way needs no second one."""
        self._write(key + _APPROVAL, asdict(approval))

    def is_being_sent(self, key: str) -> bool:
        """Whether a mail was begun of which nobody knows how it ended."""
        return (self.folder / f"{key}{_SENDING}").exists()

    def begin_sending(self, key: str) -> None:
        """Note that a mail is on its way from now on."""
        self._write(key + _SENDING, {})

    def not_sent(self, key: str) -> None:
        """Note that it has not gone out."""
        (self.folder / f"{key}{_SENDING}").unlink(missing_ok=True)

    def _write(self, name: str, said: Mapping[str, Any]) -> None:
        path = self.folder / name
        write_file(path, json.dumps(said, indent=2, ensure_ascii=False) + "\n")
        flush(path)
        flush(self.folder)

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads((self.folder / name).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            # Taken for absent it would have the pack handed over again.
            raise TakeupError(f"{self.folder / name} can't be read: {error}") from error
        return found
