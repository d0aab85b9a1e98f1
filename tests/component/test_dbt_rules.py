"""The models alone: an empty log builds, unit tests pass, and each case of a measure holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml

from core.settings import PROJECT_ROOT
from tests.support.empty_builds import build_empty
from tests.support.measure_cases import Case, found_and_expected, read_cases

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
AS_OF = sorted(
    path.stem.removeprefix("mart_").removesuffix("_as_of")
    for path in (DBT_PROJECT / "models" / "as_of").glob("*.sql")
)
BETWEEN = sorted(path.stem for path in (DBT_PROJECT / "models" / "between").glob("*.sql"))
UNTIL = sorted(path.stem for path in (DBT_PROJECT / "models" / "until").glob("*.sql"))
CASES = read_cases(Path(__file__).with_name("measures"))


@pytest.fixture(scope="module")
def built(empty_build: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of an empty log."""
    with duckdb.connect(str(empty_build / "takeup.duckdb"), read_only=True) as connection:
        yield connection


def stated_unit_tests() -> set[str]:
    return {
        test["name"]
        for path in DBT_PROJECT.glob("models/**/*.yml")
        for test in yaml.safe_load(path.read_text(encoding="utf-8")).get("unit_tests", [])
    }


@pytest.mark.slow
def test_every_unit_test_of_a_rule_runs_and_passes(tmp_path: Path) -> None:
    passed = {
        result["unique_id"].rsplit(".", 1)[-1]
        for result in build_empty(tmp_path)
        if result["unique_id"].startswith("unit_test.") and result["status"] == "pass"
    }
    assert passed == stated_unit_tests()
    assert passed


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.measure}-{case.name}")
def test_a_measure_answers_as_the_case_says(
    warehouse: duckdb.DuckDBPyConnection, case: Case
) -> None:
    found, expected = found_and_expected(warehouse, case)

    assert found == expected


def test_a_log_without_events_gives_empty_marts(built: duckdb.DuckDBPyConnection) -> None:
    for table in ("take_up", "department_take_up", "published_figures", "ingest_ledger"):
        assert built.execute(f"select count(*) from {table}").fetchone() == (0,), table
    verdicts = built.sql("select distinct verdict from target_attainment").fetchall()
    assert verdicts == [("not_measurable",)]


@pytest.mark.parametrize("mart", AS_OF)
def test_a_table_macro_has_the_columns_of_its_mart(
    built: duckdb.DuckDBPyConnection, mart: str
) -> None:
    moment = "timestamptz '2017-01-01 00:00:00+00'"
    described = [
        built.sql(f"select column_name, column_type from (describe from {relation})").fetchall()
        for relation in (mart, f"{mart}_as_of({moment})")
    ]
    assert described[0] == described[1]


@pytest.mark.parametrize("function", BETWEEN)
def test_a_table_macro_of_two_moments_has_the_columns_of_its_mart(
    built: duckdb.DuckDBPyConnection, function: str
) -> None:
    moments = "timestamptz '2017-01-01 00:00:00+00', timestamptz '2017-02-01 00:00:00+00'"
    described = [
        built.sql(f"select column_name, column_type from (describe from {relation})").fetchall()
        for relation in (function.removesuffix("_between"), f"{function}({moments})")
    ]
    assert described[0] == described[1]


@pytest.mark.parametrize("function", UNTIL)
def test_a_table_macro_of_a_moment_and_a_day_has_the_columns_of_its_mart(
    built: duckdb.DuckDBPyConnection, function: str
) -> None:
    asked = "timestamptz '2017-01-01 00:00:00+00', date '2014-12-31'"
    described = [
        built.sql(f"select column_name, column_type from (describe from {relation})").fetchall()
        for relation in (function.removesuffix("_until"), f"{function}({asked})")
    ]
    assert described[0] == described[1]


def test_main_holds_table_functions_that_their_tables_tell_of_and_no_others(
    built: duckdb.DuckDBPyConnection,
) -> None:
    functions = built.sql(
        "select function_name from duckdb_functions()"
        " where schema_name = 'main' and function_type = 'table_macro' and not internal"
    ).fetchall()
    comments = dict(
        built.sql(
            "select table_name, comment from duckdb_tables() where schema_name = 'main'"
        ).fetchall()
    )

    of_moments = {f"{measure}_as_of" for measure in AS_OF}
    assert {name for (name,) in functions} == of_moments | {*BETWEEN, *UNTIL}
    assert [one for one in AS_OF if f"`{one}_as_of(ts)`" not in comments[one]] == []
    assert [
        one
        for one in BETWEEN
        if f"`{one}(old_at, new_at)`" not in comments[one.removesuffix("_between")]
    ] == []
    assert [
        one
        for one in UNTIL
        if f"`{one}(ts, until_day)`" not in comments[one.removesuffix("_until")]
    ] == []


def test_every_column_that_analysts_see_has_a_comment(built: duckdb.DuckDBPyConnection) -> None:
    bare = built.sql(
        "select table_name, column_name from duckdb_columns()"
        " where schema_name = 'main' and not internal and coalesce(comment, '') = ''"
    ).fetchall()
    assert bare == []


def test_every_table_says_last_whether_it_is_simulated(built: duckdb.DuckDBPyConnection) -> None:
    last = built.sql(
        """
        select table_name, arg_max(column_name, column_index), arg_max(data_type, column_index)
        from duckdb_columns()
        where schema_name = 'main' and not internal
        group by table_name
        """
    ).fetchall()
    assert last
    assert {(column, kind) for _, column, kind in last} == {("is_simulated", "BOOLEAN")}


def test_the_dictionary_holds_every_column_as_it_is(built: duckdb.DuckDBPyConnection) -> None:
    there = built.sql(
        "select table_name, column_index, column_name, data_type from duckdb_columns()"
        " where schema_name = 'main' and not internal"
    ).fetchall()
    stated = built.sql(
        "select table_name, column_number, column_name, data_type from dictionary"
    ).fetchall()
    assert set(stated) == set(there)
