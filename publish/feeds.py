"""Which feeds are expected how often: the register of feeds. Of others their own gaps tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import UsageError
from core.registers import LINE, Row, load_register
from core.settings import SEEDS

REGISTER: Final = "feeds"
COLUMNS: Final = ("service_id", "channel", "every_days", "expected_from")


@dataclass(frozen=True)
class Feed:
    """A service's channel whose events are expected every so many days at least.

    Without the day since when they are, one that has never come is not missed.
    """

    service_id: str
    channel: str
    every_days: int
    expected_from: dt.date | None


def expected_feeds(registers: Path = SEEDS) -> tuple[Feed, ...]:
    """Every feed of the register, in its order.

    Raises:
        UsageError: the register is broken or contradicts itself; it names the line.
    """
    rows = load_register(REGISTER, registers)
    if rows and (missing := [name for name in COLUMNS if name not in rows[0]]):
        raise UsageError(f"register {REGISTER}.csv: no column {', '.join(missing)}")
    channels = {row["channel"] for row in load_register("channels", registers)}
    seen: set[tuple[str, str]] = set()
    for row in rows:
        for problem in _problems(row, channels, seen):
            raise UsageError(f"register {REGISTER}.csv, line {row[LINE]}: {problem}")
        seen.add((row["service_id"], row["channel"]))
    return tuple(
        Feed(row["service_id"], row["channel"], int(row["every_days"]), _day(row)) for row in rows
    )


def _problems(row: Row, channels: set[str], seen: set[tuple[str, str]]) -> Iterator[str]:
    service, channel, every_days = row["service_id"], row["channel"], row["every_days"]
    if not service:
        yield "no service_id"
    if channel not in channels:
        yield f"{channel!r} is not a channel of channels.csv"
    if (service, channel) in seen:
        yield f"{service}, {channel} appears twice"
    if not (every_days.isascii() and every_days.isdecimal() and 0 < int(every_days) < 1000):
        yield f"{every_days!r} is not a number of days from 1 to 999"
    try:
        _day(row)
    except ValueError:
        yield f"{row['expected_from']!r} in expected_from is not a day"


def _day(row: Row) -> dt.date | None:
    return dt.date.fromisoformat(row["expected_from"]) if row["expected_from"] else None
