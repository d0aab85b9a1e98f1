"""What `seeds/` carries makes the tables that the publications and documents themselves make."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from core.settings import SEEDS, Settings
from core.sql import quote
from publish.tidy_volumes import write_tidy_volumes
from tests.support.published import columns_of, differing, differing_rows

FROM_LANDED = {
    "input": "the file that holds it",
    "content_hash": "the same",
    "place": "the column's header, or the publication in which a row holds",
    "line": "the row of the file, where a publication is a file of rows",
    "citations": "document and line",
    "notes": "sentences of the publications stay out",
    "is_from_digest": "says just that",
}
"""Columns of any table that say where a figure was found, and notes."""
IN_OUR_WORDS = {
    "published_figures": {"section", "known_at"},
    "report_claims": {"section", "known_at"},
    "commitments": {"department_name", "commitment", "planned", "progress", "progress_hash"},
    "promises": {"known_at"},
    "publications": {"recorded_at", "event_source"},
}
"""Columns of what reports say: headings and sentences are ours, department's names the register's.
A document without a date is known since it was recorded, which is each home's own moment; a
digest is a source by itself."""
OF_THE_RUN = {"ingest_ledger", "run_history", "warehouse_version"}
"""Tables about files and runs."""
BY_NOTES = {"service_listings"}
"""A change of a note alone is a row of its own: compared as of moments instead."""
MOMENTS = (
    "2015-07-01T00:00:00Z",
    "2016-03-15T00:00:00Z",
    "2016-07-10T00:00:00Z",
    "2016-12-31T00:00:00Z",
    "2017-06-06T15:27:25Z",
)

pytestmark = pytest.mark.deep


@pytest.fixture(scope="module")
def both(example_home: Path, published_vintages: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published files of the example, `example`, and of the publications, `landed`."""
    files = {"example": example_home / "published" / "takeup.duckdb", "landed": published_vintages}
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for name, file in files.items():
            connection.execute(f"attach {quote(file)} as {name} (read_only)")
        yield connection


@pytest.mark.nights
def test_every_table_says_the_same(both: duckdb.DuckDBPyConnection) -> None:
    tables = columns_of(both, "landed")
    assert columns_of(both, "example") == tables
    different = {}
    for table in set(tables) - OF_THE_RUN - BY_NOTES:
        left_out = FROM_LANDED.keys() | IN_OUR_WORDS.get(table, set())
        if count := differing_rows(both, "example", "landed", table, but=left_out):
            different[table] = count

    assert different == {}
    assert len(tables) > 40


@pytest.mark.nights
def test_every_answer_as_of_a_moment_is_the_same(both: duckdb.DuckDBPyConnection) -> None:
    """Each answer as of two moments, each moment by a fifth of the answers: they take seconds."""
    macros = [
        name
        for (name,) in both.execute(
            "select function_name from duckdb_functions() where database_name = 'landed'"
            " and schema_name = 'main' and function_name like '%_as_of' order by all"
        ).fetchall()
    ]
    different = {}
    for number, macro in enumerate(macros):
        for moment in {MOMENTS[number % len(MOMENTS)], MOMENTS[-1]}:
            made = []
            for database in ("example", "landed"):
                both.execute(f"use {database}")
                both.execute(
                    f"create or replace temp table of_{database} as"
                    f" select * from {macro}(timestamptz {quote(moment)})"
                )
                names = both.execute(f"describe of_{database}").fetchall()
                ours = IN_OUR_WORDS.get(macro.removesuffix("_as_of"), set())
                said = ", ".join(
                    f'"{name}"' for name, *_ in names if name not in FROM_LANDED.keys() | ours
                )
                made.append(f"select {said} from temp.of_{database}")
            if count := differing(both, *made):
                different[macro, moment] = count

    assert different == {}
    assert len(macros) > 10


@pytest.mark.nights
def test_services_are_listed_under_the_same_names(both: duckdb.DuckDBPyConnection) -> None:
    query = """
        select service_id, service_name, department_id, organisation_id, customer_type
        from {database}.service_listings
        where known_from <= {moment} and coalesce(known_to > {moment}, true)
        """
    for moment in MOMENTS:
        example, landed = (
            query.format(database=database, moment=f"timestamptz {quote(moment)}")
            for database in ("example", "landed")
        )
        assert differing(both, example, landed) == 0


@pytest.mark.nights
def test_the_tables_are_made_again_from_a_log_of_them(example_home: Path, tmp_path: Path) -> None:
    carried = SEEDS / "volumes"
    (tmp_path / "publications.csv").write_bytes((carried / "publications.csv").read_bytes())

    write_tidy_volumes(Settings.load(example_home), tmp_path)

    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(made) == {path.name for path in carried.iterdir()}
    for name, content in made.items():
        known = (carried / name).read_bytes()
        if name.endswith(".gz"):
            content, known = gzip.decompress(content), gzip.decompress(known)
        assert content == known, name


@pytest.mark.nights
def test_the_tables_are_those_of_the_publications(vintages_home: Path, tmp_path: Path) -> None:
    write_tidy_volumes(Settings.load(vintages_home), tmp_path)

    for path in tmp_path.glob("*.gz"):
        carried = SEEDS / "volumes" / path.name
        assert gzip.decompress(path.read_bytes()) == gzip.decompress(carried.read_bytes())
