"""Who gets packs: the register of recipients, organisations in a role and never persons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast

from core.errors import UsageError
from core.registers import LINE, Row, load_register, slug_of
from core.settings import SEEDS

Way = Literal["folder", "email"]
REGISTER: Final = "recipients"
COLUMNS: Final = ("recipient_id", "recipient_name", "role", "department_id", "way", "mailbox")
_MAILBOX: Final = re.compile(r"[^@\s,;:<>\"]+@[^@\s,;:<>\"]+")


@dataclass(frozen=True)
class Recipient:
    """An organisation that gets packs, in the role in which it does.

    Without a `department_id` they are those of government as a whole. `mailbox` is that of the
    role, where packs go by e-mail.
    """

    recipient_id: str
    recipient_name: str
    role: str
    department_id: str | None
    way: Way
    mailbox: str | None


def recipients_of(registers: Path = SEEDS) -> tuple[Recipient, ...]:
    """Every recipient, in the order of the register.

    Raises:
        UsageError: the register is broken or contradicts itself; it names the line.
    """
    rows = load_register(REGISTER, registers)
    if rows and (missing := [name for name in COLUMNS if name not in rows[0]]):
        raise UsageError(f"register {REGISTER}.csv: no column {', '.join(missing)}")
    departments = {row["department_id"] for row in load_register("departments", registers)}
    seen: set[str] = set()
    for row in rows:
        for problem in _problems(row, departments, seen):
            raise UsageError(f"register {REGISTER}.csv, line {row[LINE]}: {problem}")
        seen.add(row["recipient_id"])
    return tuple(
        Recipient(
            recipient_id=row["recipient_id"],
            recipient_name=row["recipient_name"],
            role=row["role"],
            department_id=row["department_id"] or None,
            way=cast(Way, row["way"]),
            mailbox=row["mailbox"] or None,
        )
        for row in rows
    )


def _problems(row: Row, departments: set[str], seen: set[str]) -> Iterator[str]:
    for column in ("recipient_id", "recipient_name", "role"):
        if not row[column]:
            yield f"no {column}"
    name, way, mailbox = row["recipient_id"], row["way"], row["mailbox"]
    # It names folders and files.
    if slug_of(name) != name:
        yield f"{name!r} is not an identifier, such as {slug_of(name)!r}"
    if name in seen:
        yield f"{name} appears twice"
    if row["department_id"] and row["department_id"] not in departments:
        yield f"{row['department_id']!r} is not a department_id of departments.csv"
    if way not in ("folder", "email"):
        yield f"a way is folder or email, not {way!r}"
    if way == "email" and not _MAILBOX.fullmatch(mailbox):
        yield f"{mailbox!r} is not the address of one mailbox"
    if way != "email" and mailbox:
        yield f"a mailbox is for the way email, not for {way}"
