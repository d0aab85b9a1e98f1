"""What a warehouse publishes though no register knows it, in lines for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from publish.database import has_table
from publish.display import printable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_SERVICES = 5
"""Services that are named; of more their number is said."""


def unregistered_lines(connection: DuckDBPyConnection) -> list[str]:
    """A line per department and organisation, and per service up to `MOST_SERVICES`, with what to
    add where; none for a file that an earlier version made."""
    if not has_table(connection, "unregistered"):
        return []
    rows = connection.execute(
        "select kind, what from unregistered order by kind, services_count desc, published_id"
    ).fetchall()
    services = [what for kind, what in rows if kind == "service"]
    lines = [what for kind, what in rows if kind != "service"] + services[:MOST_SERVICES]
    if len(services) > MOST_SERVICES:
        more = len(services) - MOST_SERVICES
        lines.append(f"{more:,} more services are in no register: the table unregistered has them")
    return [printable(line) for line in lines]
