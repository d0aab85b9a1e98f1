"""The reviews of all years, made again when what is published of reports is new."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.errors import TakeupError
from core.files import read_object, write_file
from core.settings import Settings
from publish.database import published_tables, reading
from publish.fingerprint import hashes_of
from publish.pack import Pack
from publish.review import export_review

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

OF_REPORTS: Final = frozenset(("commitments", "exemplars", "promises", "report_claims"))
"""Tables of what reports say, and of what became of what they promised."""


def reports_are_new(settings: Settings) -> bool:
    """Whether what is published of reports is other than what the reviews were last made of.

    Raises:
        TakeupError: the published file can't be read.
    """
    with _published(settings) as connection:
        return bool(_years(connection)) and _hashes(connection) != read_object(_made_of(settings))


def export_reviews(settings: Settings) -> list[Pack]:
    """Make the review of each year that a report speaks of; what is the same stays.

    A review that can't be made keeps no other from being made.

    Raises:
        TakeupError: nothing is published; or at the end, where some could not be made, with what
            is wrong with each.
    """
    with _published(settings) as connection:
        years, hashes = _years(connection), _hashes(connection)
    packs, problems = [], []
    for year in years:
        try:
            packs.append(export_review(settings, year=year))
        except TakeupError as error:
            problems.append(f"{year}: {error}")
    if problems:
        raise TakeupError(f"reviews could not be made: {'; '.join(problems)}")
    write_file(_made_of(settings), json.dumps(hashes, indent=1))
    return packs


def _published(settings: Settings) -> AbstractContextManager[DuckDBPyConnection]:
    return reading(
        settings.published_file, memory_limit=settings.memory_limit, threads=settings.threads
    )


def _made_of(settings: Settings) -> Path:
    """A file with the hashes of the tables that the reviews were last made of."""
    return settings.warehouse / "reviews.json"


def _hashes(connection: DuckDBPyConnection) -> dict[str, str]:
    others = {name for _, name in published_tables(connection, database="takeup")} - OF_REPORTS
    return hashes_of(connection, database="takeup", ignore=frozenset(others))


def _years(connection: DuckDBPyConnection) -> list[int]:
    rows = connection.execute("select distinct reported_year from commitments order by all")
    return [year for (year,) in rows.fetchall()]
