"""Sources as real producers write them, in place of the simulator's, which are all of one kind."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path
from typing import Final

SIMULATED: Final = re.compile(rb"urn:takeup:simulated:([a-z0-9-]+)")
SPELLINGS: Final = (
    b"https://events.service.cabinet-office.gov.uk/transactions/%(service)b",
    b"%(last)b",
    b"urn:takeup:simulated:%(service)b",
    b"https://forms.example.org/%(last)b/events",
)
"""Long and short, addresses and names, with the letter u and without; one for each service."""

LINES_BYTES: Final = 16 * 1024 * 1024
"""About how much is written anew at a time."""


def respell(file: Path) -> None:
    """Write a file of simulated events anew with such sources, those in corrections too."""
    spelled: dict[bytes, bytes] = {}
    numbers = count()

    def spelling(found: re.Match[bytes]) -> bytes:
        if found[0] not in spelled:
            parts = {b"service": found[1], b"last": found[1].rpartition(b"-")[2]}
            spelled[found[0]] = SPELLINGS[next(numbers) % len(SPELLINGS)] % parts
        return spelled[found[0]]

    respelled = file.with_name(f".{file.name}")
    with file.open("rb") as lines, respelled.open("wb") as out:
        while some := lines.readlines(LINES_BYTES):
            out.write(SIMULATED.sub(spelling, b"".join(some)))
    respelled.replace(file)
