"""The words of a message, the same by every way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from publish.display import printable
from takeup.alerts.causes import Cause

SHOWN: Final = 20
"""Lines that a message has of what is the matter; of more their number is said."""
LONGEST: Final = 300
"""Characters of such a line: names are printed by others."""


@dataclass(frozen=True)
class Message:
    """A subject, in our own words alone, and lines."""

    subject: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines, as one text."""
        return "\n".join(self.lines) + "\n"


def alert(cause: Cause, found: tuple[str, ...], *, home: str, moment: str) -> Message:
    """What has happened, what that means, who acts, what to do."""
    shown = [f"- {printable(line)[:LONGEST]}" for line in found[:SHOWN]]
    if len(found) > SHOWN:
        shown.append(f"- and {len(found) - SHOWN:,} more; `takeup status` has the latest")
    return Message(
        f"[takeup] {cause.title}",
        (
            *(f"{cause.title}.", *shown, ""),
            *(f"What it means: {cause.means}", f"Who acts: {cause.owner}."),
            *(f"What to do: {cause.action}", f"More: {cause.anchor}"),
            *("", _where(home, moment)),
        ),
    )


def all_clear(cause: Cause, *, home: str, moment: str) -> Message:
    """That it is over."""
    over = "nothing of it is new any more" if cause.is_news else "this is over"
    said = f"All clear: {cause.title[0].lower()}{cause.title[1:]}: {over}."
    return Message(
        f"[takeup] All clear: {cause.title[0].lower()}{cause.title[1:]}",
        (said, "", _where(home, moment)),
    )


def trial(*, home: str, moment: str) -> Message:
    """One to try a way with."""
    said = "This is a test: alerts of this home reach you. There is nothing to do."
    return Message("[takeup] Test of alerts", (said, "", _where(home, moment)))


def _where(home: str, moment: str) -> str:
    return f"Home {printable(home)}, {moment}."
