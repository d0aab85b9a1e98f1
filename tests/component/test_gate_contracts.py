"""What the gates derive from the contracts of tables, and where they read the contracts."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from expectations.contracts import published_contracts
from expectations.derived import NAMES, Contract, Kind, derived, name_of
from expectations.samples import on_table

THINGS = Contract(
    table="things",
    rows="thing",
    columns={"id": True, "part": False, "state": False, "share": False},
    keys=[["id", "part"]],
    accepted={"state": ["new", "it's old"]},
    limits={"share": "share between 0 and 1"},
    holds={"old_things_have_a_share": "state <> 'it''s old' or share is not null"},
)


def broken(kind: Kind, *rows: str, contract: Contract = THINGS) -> list[tuple[object, ...]]:
    """What one kind of expectation finds in a table of these rows."""
    name = name_of(contract.table, kind)
    sql = next(one.unexpected_rows for one in derived(contract, "log") if one.name == name)
    with duckdb.connect() as connection:
        connection.execute("create table things (id bigint, part text, state text, share double)")
        for row in rows:
            connection.execute(f"insert into things values {row}")
        return connection.sql(on_table(str(sql), "things")).order("all").fetchall()


def test_a_good_table_breaks_nothing() -> None:
    row = "(1, null, 'new', 0.5), (2, null, 'new', null), (2, 'a', 'it''s old', 1)"
    assert {kind: broken(kind, row) for kind in NAMES if kind != "simulated"} == {
        "columns": [],
        "key": [],
        "nulls": [],
        "values": [],
        "rules": [],
    }


@pytest.mark.parametrize(
    ("kind", "row", "found"),
    [
        ("key", "(1, 'a', null, null), (1, 'a', null, null)", [(1, "a", 2)]),
        ("key", "(1, null, null, null), (1, null, null, null)", [(1, None, 2)]),
        ("nulls", "(null, 'a', null, null)", [(None, "a", "id = null")]),
        ("values", "(1, 'a', 'old', null)", [(1, "a", "state = old")]),
        ("rules", "(1, 'a', 'new', -0.5)", [(1, "a", "share = -0.5")]),
        ("rules", "(1, 'a', 'new', 'nan')", [(1, "a", "share = nan")]),
        ("rules", "(1, 'a', 'it''s old', null)", [(1, "a", "old_things_have_a_share")]),
        ("rules", "(1, 'a', 'new', 2)", [(1, "a", "share = 2.0")]),
    ],
)
def test_what_breaks_a_contract_is_named(
    kind: Kind, row: str, found: list[tuple[object, ...]]
) -> None:
    assert broken(kind, row) == found


def test_columns_are_those_of_the_contract_and_no_others() -> None:
    contract = Contract(table="things", rows="thing", columns={"id": True, "name": False})
    assert broken("columns", contract=contract) == [
        ("name", "missing"),
        ("part", "not in the contract"),
        ("share", "not in the contract"),
        ("state", "not in the contract"),
    ]


def test_nulls_are_passed_over_in_a_key_of_one_column() -> None:
    contract = Contract(
        table="things", rows="thing", columns=THINGS.columns, keys=[["id"], ["part"]]
    )
    rows = "(1, null, null, null), (2, null, null, null), (3, 'a', null, null), (3, 'a', null, 1)"
    assert sorted(map(repr, broken("key", rows, contract=contract))) == [
        "(3, 2, None)",
        "(None, 2, 'a')",
    ]


PROJECT = """
name: takeup
models:
  takeup:
    +materialized: table
    inner: {+schema: internal}
    outer:
      deep: {+materialized: view}
"""
MODEL = """
models:
  - name: NAME
    description: "One row per thing (name and place): what it is. And more."
    data_tests:
      - not_for_gates: {arguments: {columns: [id]}}
      - rules:
          arguments:
            never_null: [id]
            unique_combination: [id, state]
            unique: [id]
            accepted_values: {state: [new, old], mood: [fine]}
            at_least: {share: 0}
            finite: [share]
            holds: {an_old_thing_has_a_share: share is not null}
    columns: [{name: id}, {name: state}, {name: mood}, {name: share}]
"""


def write_model(project: Path, path: str, code: str = "select 1", yaml: str = MODEL) -> None:
    file = project / "models" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(code)
    file.with_suffix(".yml").write_text(yaml.replace("NAME", file.stem))


def test_published_is_what_dbt_puts_into_its_own_schema_as_a_table(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    write_model(tmp_path, "outer/plain_table.sql")
    write_model(tmp_path, "outer/of_python.py", "def model(dbt, session):\n    return 1\n")
    write_model(tmp_path, "outer/mart_named.sql", "{{ config(alias='named') }}\nselect 1")
    write_model(tmp_path, "outer/deep/shown.sql")
    write_model(tmp_path, "outer/deep/kept.sql", "{{ config(materialized='table') }}\nselect 1")
    write_model(tmp_path, "inner/hidden.sql")
    write_model(
        tmp_path,
        "inner/int_lifted.sql",
        "{{\n    config(\n        schema=none,\n        alias='lifted',\n"
        "        materialized='incremental',\n        contract={'enforced': true}\n    )\n}}\n",
    )
    write_model(tmp_path, "outer/asked.sql", "{{ config(materialized='table_function') }}\n")
    tables = [contract.table for contract in published_contracts(tmp_path)]
    assert tables == ["kept", "lifted", "named", "of_python", "plain_table"]


def test_a_contract_is_what_the_model_says_of_itself(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    write_model(tmp_path, "outer/things.sql")
    assert published_contracts(tmp_path) == (
        Contract(
            table="things",
            rows="thing (name and place)",
            columns={"id": True, "state": True, "mood": False, "share": False},
            keys=(("id", "state"), ("id",)),
            accepted={"state": ("new", "old"), "mood": ("fine",)},
            limits={"share": "share >= 0 and isfinite(share)"},
            holds={"an_old_thing_has_a_share": "share is not null"},
        ),
    )
