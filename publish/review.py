"""The annual review: what departments committed to, and what became of it, as one pack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.errors import TakeupError, UsageError
from core.settings import Settings
from publish.database import first_line, reading, version_of
from publish.pack import Contents, Pack, make_pack, pack_table
from publish.pack_files import PackTable
from publish.reported import MEANINGS, counts_line, kept, with_test

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NOTES: Final = (
    "Claims: section, period or due date is of the year; verdicts are by what is known now.",
    "Targets: set by the end of the year; their standing is that of the latest measured period.",
    "Texts of commitments, plans and progress are the departments' own words.",
    "So is a promise that nobody reviewed; where is_reviewed is true it is in our words.",
    "Promises: made for the year or before, or due by its end; reported is by what is known now.",
    "The manifest says what each word of reported means, and how many promises have it.",
)


def export_review(settings: Settings, *, year: int, out: Path | None = None) -> Pack:
    """Write the pack of a calendar year as a folder `mi-review-YEAR` within `out`.

    It holds `commitments.csv` (a row per department and action), `promises.csv` (a row per
    promise), `exemplars.csv`, `claims.csv` (with verdicts), `targets.csv` and
    `strategy_tests.csv`. The same published file gives the same bytes.

    Raises:
        UsageError: no report says anything about the year.
        LeaseHeld: another export writes to the same folder.
        TakeupError: nothing is published yet; the folder can't be written.
    """
    import duckdb

    database = settings.published_file
    if not database.is_file():
        raise TakeupError(f"nothing is published yet: {database} doesn't exist")
    try:
        with reading(
            database, memory_limit=settings.memory_limit, threads=settings.threads
        ) as connection:
            version = version_of(connection)
            _require_year(connection, year=year)
            tables = {
                name: pack_table(connection, name, query.format(year=year, moment=version.run_at))
                for name, query in _QUERIES.items()
            }
    except duckdb.Error as error:
        raise TakeupError(f"could not export the review: {first_line(error)}") from error
    counts = _counts(tables["promises.csv"])
    contents = Contents(
        tables=list(tables.values()),
        version=version,
        says={"review": year, "promises": _promises(counts)},
        notes=(*_NOTES, counts_line(counts)),
    )
    simulated = "-simulated" if version.is_simulated else ""
    return make_pack(
        settings.exports if out is None else out,
        f"mi-review-{year}{simulated}",
        make=lambda _: contents,
    )


_QUERIES: Final = {
    "commitments.csv": "select * from commitments where reported_year = {year}",
    # What is of no year's section stands since its document was known.
    "promises.csv": """
        select *
        from promises_as_of(timestamptz '{moment}')
        where
            coalesce(section_year, year(known_at at time zone 'Europe/London')) <= {year}
            or due_on <= make_date({year}, 12, 31)
    """,
    "exemplars.csv": "select * from exemplars",
    "claims.csv": """
        select claims.* exclude (is_simulated), verdicts.* exclude (figure_id)
        from report_claims as claims
        inner join figure_reconciliation as verdicts using (figure_id)
        where {year} in (
            claims.section_year, year(claims.period_start), year(claims.period_end),
            year(claims.due_on)
        )
    """,
    "targets.csv": "select * from target_attainment where year(set_on) <= {year}",
    "strategy_tests.csv": """
        select * from strategy_tests
        where period_kind = 'rolling_year' and period_end = make_date({year}, 12, 31)
    """,
}


def _counts(promises: PackTable) -> Counter[str]:
    """How many promises have each word of `reported`."""
    return Counter(promises.values("reported"))


def _promises(counts: Mapping[str, int]) -> dict[str, object]:
    """What the manifest says of promises: the parts of which the kept ones are some."""
    return {
        "promises_count": sum(counts.values()),
        "with_test_count": with_test(counts),
        "kept_count": kept(counts),
        "reported": {
            word: {"means": meaning, "promises_count": counts.get(word, 0)}
            for word, meaning in MEANINGS.items()
        },
    }


def _require_year(connection: DuckDBPyConnection, *, year: int) -> None:
    """A year that no report speaks of is a slip of the pen, not an empty review."""
    years = [
        found
        for (found,) in connection.execute(
            "select distinct reported_year from commitments order by reported_year"
        ).fetchall()
    ]
    if year not in years:
        known = ", ".join(map(str, years)) or "no year at all"
        raise UsageError(f"no report speaks of {year}: the published file has {known}")
