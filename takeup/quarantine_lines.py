"""Records in quarantine as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ingest.refusals import RECORD_REASONS
from publish.display import printable

SHOWN_CHARACTERS: Final = 500
"""Of a record as it came; `--json` gives all of it."""


def record_lines(record: dict[str, Any]) -> Iterator[str]:
    """Three lines: which record, why it was refused and how often tried, what it holds."""
    place = f", {record['place']!r}" if record["place"] else ""
    yield printable(f"{record['key']}  {record['name']} line {record['position']}{place}")
    why = record["detail"] or RECORD_REASONS.get(record["reason"], "unknown reason")
    yield printable(f"  {record['reason']}: {why}  (attempts: {record['attempts']})")
    raw = record["raw"]
    more = len(raw) - SHOWN_CHARACTERS
    rest = f" ... and {more:,} more characters" if more > 0 else ""
    yield f"  {printable(raw[:SHOWN_CHARACTERS])}{rest}"
