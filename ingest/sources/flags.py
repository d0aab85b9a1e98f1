"""How a flag of the ledger says what it is about: `flag: subject in rows 2, 3`."""

from __future__ import annotations

from collections.abc import Sequence

MOST_NAMED = 5


def flag_of_rows(flag: str, subject: str, rows: Sequence[int]) -> str:
    """A flag about some rows of a file; the first of them are named."""
    named = ", ".join(map(str, rows[:MOST_NAMED]))
    more = f" and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
    return f"{flag}: {subject} in row{'s' if len(rows) > 1 else ''} {named}{more}"
