from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import msgspec
import pytest
import yaml

from expectations import windows
from expectations.catalogue import (
    SUITES,
    digest_of_suites,
    parse_written,
    suite_of,
    suites_of,
    written,
)
from expectations.definitions import ROW_GUARD, Expectation, Owner, Suite
from expectations.derived import Contract
from expectations.samples import on_table
from ingest.validation.event_types import event_types

ROOT = Path(__file__).parents[2]
ALL_SUITES = [*suites_of("log"), *suites_of("warehouse"), *suites_of("pack")]
ALL_EXPECTATIONS = [one for suite in ALL_SUITES for one in suite.expectations]

GOOD = {
    "gate": "log",
    "table": "things",
    "expectations": [
        {
            "name": "things_are",
            "severity": "fail",
            "means": "They are.",
            "when_it_trips": "Look.",
            "unexpected_rows": "select * from batch where false",
        }
    ],
}


def in_suite(**changes: object) -> str:
    return yaml.safe_dump(GOOD | {"expectations": [GOOD["expectations"][0] | changes]})  # type: ignore[index]


def argument_of(name: str, argument: str) -> set[str]:
    found = next(one for one in ALL_EXPECTATIONS if one.name == name)
    return set(found.arguments[argument])


def test_a_suite_reads_as_it_is_written() -> None:
    suite = parse_written(yaml.safe_dump(GOOD))
    assert suite.expectations[0].unexpected_rows == "select * from batch where false"


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": "error"},
        {"serverity": "warn"},
        {"means": None},
        {"owner": "somebody"},
        {"expect": "ExpectColumnValuesToNotBeNull"},  # and unexpected_rows
        {"unexpected_rows": None},  # neither of the two
        {"unexpected_rows": None, "expect": "ExpectColumnValuesToMatchRegex"},
        {"unexpected_rows": "select * from batches"},
    ],
)
def test_a_suite_that_is_written_wrong_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        parse_written(in_suite(**changes))


def test_two_expectations_of_one_name_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="things_are appears twice"):
        parse_written(yaml.safe_dump(GOOD | {"expectations": 2 * GOOD["expectations"]}))  # type: ignore[operator]


def test_every_file_is_about_the_table_that_it_is_named_after() -> None:
    files = {path.stem for path in SUITES.glob("*.yml")}
    assert set(written()) == files | {windows.TABLE}
    assert files <= {suite.table for suite in ALL_SUITES}


def test_a_suite_has_what_follows_from_its_contract_and_what_is_written_beside_it() -> None:
    contract = Contract(table="things", rows="thing", columns={"id": True}, keys=[["id"]])
    suite = suite_of(contract, "log", parse_written(yaml.safe_dump(GOOD)))
    assert [one.name for one in suite.expectations] == [
        "things_has_its_columns",
        "things_rows_are_unique",
        "things_has_no_gaps",
        "things_are",
    ]


def test_a_name_says_which_expectation_is_meant() -> None:
    names = [one.name for one in ALL_EXPECTATIONS]
    assert len(set(names)) == len(names)
    assert ROW_GUARD.name not in names
    assert all(re.fullmatch(r"[a-z][a-z_]+", name) for name in names)


@pytest.mark.parametrize("expectation", [ROW_GUARD, *ALL_EXPECTATIONS], ids=lambda one: one.name)
def test_every_expectation_says_what_it_means_and_who_is_to_do_what(
    expectation: Expectation,
) -> None:
    assert expectation.owner in get_args(Owner)
    for text in (expectation.means, expectation.when_it_trips):
        assert len(text.split()) >= 3
        assert text.strip().endswith(".")


def test_every_owner_owns_something() -> None:
    assert {one.owner for one in ALL_EXPECTATIONS} == set(get_args(Owner))


@pytest.mark.parametrize("sentence", ["Ask the sender", "Ask the department", "ask the department"])
def test_what_the_sender_is_to_be_asked_is_the_senders(sentence: str) -> None:
    asked = [one for one in ALL_EXPECTATIONS if sentence in " ".join(one.when_it_trips.split())]
    assert {one.owner for one in asked} <= {"sending department"}


@pytest.mark.parametrize(
    "expectation",
    [one for one in ALL_EXPECTATIONS if one.unexpected_rows],
    ids=lambda one: one.name,
)
def test_sql_holds_nothing_that_is_read_as_a_parameter(expectation: Expectation) -> None:
    """SQLAlchemy takes `:name` for a parameter, Great Expectations takes braces for one."""
    sql = str(expectation.unexpected_rows)
    assert "{" not in sql
    assert "}" not in sql
    assert re.search(r"(?<![:\w\\]):\w+(?!:)", sql) is None


def test_the_log_suite_knows_every_type_of_event() -> None:
    assert argument_of("type_is_known", "value_set") == set(event_types())


def test_sql_is_put_on_its_table_whether_it_has_a_join_or_not() -> None:
    sql = on_table("select 1 from batch join other using (id)\n", "(select * from things)")
    assert sql.startswith("with batch as not materialized (select * from (select * from things))")


def test_the_digest_covers_every_suite() -> None:
    contracts = [
        Contract(table=table, rows="thing", columns={"id": True}) for table in ("first", "second")
    ]
    suites = [suite_of(contract, "warehouse", None) for contract in contracts]
    before = digest_of_suites(suites)
    assert digest_of_suites(suites) == before
    changed = msgspec.structs.replace(contracts[1], columns={"id": False})
    assert digest_of_suites([suites[0], suite_of(changed, "warehouse", None)]) != before
    assert digest_of_suites(suites[:1]) != before
    assert digest_of_suites() == digest_of_suites(suites_of("warehouse"))


def test_suites_are_frozen() -> None:
    suite: Suite = ALL_SUITES[0]
    with pytest.raises(AttributeError):
        suite.table = "other"  # type: ignore[misc]


@pytest.mark.parametrize("module", ["expectations", "expectations.approval", "expectations.gates"])
def test_importing_the_gates_is_cheap(module: str) -> None:
    code = (
        f"import sys, {module}; "
        "heavy = {'great_expectations', 'pandas', 'pyarrow', 'duckdb', 'deltalake', 'numpy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"
