"""The rules of a table in `rules.sql`, as dbt renders them: each is broken here at least once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from core.settings import PROJECT_ROOT

SOURCE = PROJECT_ROOT / "dbt_project" / "tests" / "generic" / "rules.sql"

Broken = list[tuple[str, str, int, str | None]]


def broken(rows: str, **rules: Any) -> Broken:
    """What the test returns for a table of these rows."""
    from dbt.clients.jinja import get_template  # a second, for those who collect tests too

    context = {
        "config": lambda **_: "",
        "dbt": SimpleNamespace(type_string=lambda: "varchar"),
    }
    template = get_template(SOURCE.read_text(encoding="utf-8"), context)
    sql: str = template.module.dbt_macro__test_rules("given", **rules)  # type: ignore[attr-defined]
    with duckdb.connect() as connection:
        connection.execute(f"create table given as {rows}")
        found: Broken = connection.execute(f"select * from ({sql}) order by all").fetchall()
    return found


GOOD = """
from (values
    ('a', 1, 'open', 0.0::double, 'x'), ('b', 2, 'shut', 1.0, null), ('c', null, null, null, null)
) as given (id, number, state, share, note)
"""
RULES: dict[str, Any] = {
    "never_null": ["id"],
    "unique": ["id", "number"],
    "unique_combination": ["id", "state"],
    "not_empty": ["note"],
    "accepted_values": {"state": ["open", "shut"], "number": [1, 2]},
    "at_least": {"number": 1},
    "finite": ["share"],
    "ratio": ["share"],
    "holds": {"a_state_has_a_number": "(state is null) = (number is null)"},
}


def test_rows_that_keep_every_rule_give_nothing() -> None:
    assert broken(GOOD, **RULES) == []


def test_a_table_without_rows_keeps_every_rule() -> None:
    assert broken(GOOD + "where false", **RULES) == []


CASES: list[tuple[dict[str, Any], str, Broken]] = [
    (
        {"never_null": ["id", "state", "number"]},
        "('a', null, 1), (null, null, 2)",
        [("never_null", "id", 1, None), ("never_null", "state", 2, None)],
    ),
    (
        {"unique": ["number"]},
        "('a', 'x', 1), ('b', 'x', 1), ('c', 'x', null), ('d', 'x', null), ('e', 'x', 3)",
        [("unique", "number", 1, "1")],
    ),
    (
        {"unique_combination": ["id", "state"]},
        "('a', null, 1), ('a', null, 2), ('b', 'x', 3), ('b', 'x', 4), ('b', 'y', 5)",
        [("unique_combination", "id, state", 2, "a, null")],
    ),
    (
        {"not_empty": ["state"]},
        "('a', ' ', 1), ('b', '', 2), ('c', null, 3)",
        [("not_empty", "state", 2, "")],
    ),
    (
        {"accepted_values": {"state": ["x"], "number": [1, 2]}, "unique_combination": ["id"]},
        "('a', 'x', 1), ('b', 'z', 2), ('c', 'y', 3), ('d', null, null)",
        [("accepted_values", "number", 1, "c, 3"), ("accepted_values", "state", 2, "b, z")],
    ),
    (
        {"at_least": {"number": 0}, "unique": ["id"]},
        "('a', null, 0), ('b', null, -1), ('c', null, null)",
        [("at_least", "number", 1, "b, -1")],
    ),
    (
        {"holds": {"named": "number > 0"}, "unique_combination": ["id", "state"]},
        "('a', 'x', 1), ('b', 'x', 0), ('c', null, null)",
        [("holds", "named", 2, "b, x")],
    ),
]


@pytest.mark.parametrize(("rules", "rows", "expected"), CASES, ids=lambda value: str(value)[:40])
def test_what_breaks_a_rule_is_counted_and_shown(
    rules: dict[str, Any], rows: str, expected: Broken
) -> None:
    assert broken(f"from (values {rows}) as given (id, state, number)", **rules) == expected


@pytest.mark.parametrize(
    ("number", "is_finite", "is_ratio"),
    [
        ("0", True, True),
        ("1", True, True),
        ("null", True, True),
        ("-0.000001", True, False),
        ("1.000001", True, False),
        ("'nan'", False, False),
        ("'infinity'", False, False),
        ("'-infinity'", False, False),
    ],
)
def test_numbers_that_are_finite_and_numbers_that_are_ratios(
    number: str, is_finite: bool, is_ratio: bool
) -> None:
    found = broken(f"select cast({number} as double) as n", finite=["n"], ratio=["n"])

    rules = {rule for rule, *_ in found}
    assert ("finite" not in rules, "ratio" not in rules) == (is_finite, is_ratio)


def test_a_row_that_breaks_several_rules_counts_for_each() -> None:
    found = broken(
        "select 'a' as id, -1::double as share",
        unique=["id"],
        at_least={"share": 0},
        ratio=["share"],
        holds={"named": "share > 0"},
    )

    assert [(rule, name, count) for rule, name, count, _ in found] == [
        ("at_least", "share", 1),
        ("holds", "named", 1),
        ("ratio", "share", 1),
    ]
