"""Formats of the log's commits: what each one has more than the one before it.

A commit says its format in its facts. What an earlier one says is read as if today's code had
written it; a later one is refused, because what it means is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.errors import UsageError

Facts = Mapping[str, Any]

FORMAT = 2


def name_first_epoch(facts: Facts) -> Facts:
    """To format 2: commits say their epoch. No log of format 1 was ever restored."""
    return {**facts, "epoch": 1}


UPCASTERS: dict[int, Callable[[Facts], Facts]] = {1: name_first_epoch}
"""By format, what makes the facts of one into those of the next."""


def upcast(facts: Facts) -> Facts:
    """The facts of a commit as today's code writes them. The chain is over what was written."""
    number: int = facts.get("format", 1)
    while number < FORMAT:
        facts = UPCASTERS[number](facts)
        number += 1
    return facts


def require_known(facts: Facts) -> None:
    """Raises: UsageError: later code wrote this commit."""
    if facts.get("format", 1) > FORMAT:
        raise UsageError(
            f"a later version of takeup wrote version {facts.get('version')} of the log (format"
            f" {facts['format']}, this one reads up to {FORMAT}): install that version or a newer"
            " one; nothing was changed"
        )
