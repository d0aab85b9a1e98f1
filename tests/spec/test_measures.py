"""The rules of the measures, each run through the marts' own SQL, and the page that shows them."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from publish.pages.measures import Rule, Section, Table, page, read_sections
from tests.spec.given import load
from tests.spec.rules import answer, ask, differences

SECTIONS = read_sections()


def rules(*, published: bool) -> list[Rule]:
    return [
        rule for section in SECTIONS if section.is_published is published for rule in section.rules
    ]


@pytest.mark.parametrize("rule", rules(published=False), ids=lambda rule: rule.title)
def test_rule(warehouse: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    found = differences(rule.expect.rows, answer(warehouse, rule))

    assert found == []


@pytest.mark.parametrize("rule", rules(published=True), ids=lambda rule: rule.title)
def test_published_case(published: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    found = differences(rule.expect.rows, ask(published, rule))

    assert found == []


MOVED = {
    "published_quarters": """
        service | quarter | digital | total          | known
        good    | 2014 Q1 | 60      | 100            | 2015-01-01
        odd     | 2014 Q1 | 90      | 99,999,999,999 | 2015-01-01
        odd     | 2014 Q1 | 90      | 100            | 2015-09-01
        wrong   | 2014 Q1 | 900     | 900            | 2015-01-01
    """,
    "services": """
        service | department
        good    | dft
        odd     | dft
        wrong   | dft
        split   | dft
    """,
    "what_is_set_aside": """
        service | from
        wrong   | 2015-06-01
    """,
}
BY_CHANNEL = """
    service | quarter | online | total | known
    split   | 2014 Q1 | 30     | 100   | 2015-09-01
"""


def test_between_two_moments_a_body_moves_by_what_was_shown_at_each(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """What was withheld or set aside is in no figure of its moment, and a digital channel beside
    a total is."""
    old, new = "timestamptz '2015-03-01 00:00:00+00'", "timestamptz '2016-03-01 00:00:00+00'"
    government = "level = 'government' and scope = 'all' and period_kind = 'quarter'"
    warehouse.begin()
    try:
        for name, table in MOVED.items():
            load(warehouse, name, Table.parse(table).rows)
        load(warehouse, "published_quarters", Table.parse(BY_CHANNEL).rows)
        effects = warehouse.execute(
            "select service_id, effect_kind, round(effect_pp, 9), round(old_ratio, 9), "
            f"round(new_ratio, 9) from aggregate_revisions_between({old}, {new}) "
            f"where {government} order by all"
        ).fetchall()
        shown = [
            warehouse.execute(
                f"select round(take_up_ratio, 9) from department_take_up_as_of({moment}) "
                f"where {government} and structure = 'current'"
            ).fetchall()
            for moment in (old, new)
        ]
    finally:
        warehouse.rollback()

    assert shown == [[(0.96,)], [(0.6,)]]
    assert effects == [
        ("odd", "came", 10.0, 0.96, 0.6),
        ("split", "came", -10.0, 0.96, 0.6),
        ("wrong", "withdrawn", -36.0, 0.96, 0.6),
    ]


def test_what_a_rule_gives_is_gone_after_it(warehouse: duckdb.DuckDBPyConnection) -> None:
    (rule,) = (rule for rule in rules(published=False) if rule.title == "Sum over sum")
    answer(warehouse, rule)

    left = warehouse.execute("select count(*) from reported_cells").fetchone()
    assert left == (0,)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.title)
def test_every_case_could_fail(section: Section) -> None:
    """A case that expects no row, or in which any row would do, shows nothing."""
    for rule in section.rules:
        expected = list(rule.expect.rows)
        assert expected, rule.title
        for column in rule.expect.columns:
            wrong = [expected[0] | {column: "something else"}, *expected[1:]]
            assert differences(expected, wrong), f"{rule.title}: {column}"


def test_numbers_agree_to_the_decimals_that_are_written() -> None:
    expected = [{"ratio": "0.26"}]

    assert differences(expected, [{"ratio": "0.2573"}]) == []
    assert differences(expected, [{"ratio": "0.2673"}]) != []
    assert differences([{"ratio": "-"}], [{"ratio": "0.0"}]) != []
    assert differences(expected, [{"ratio": "0.26"}, {"ratio": "0.26"}]) != []
    assert differences([*expected, *expected], [{"ratio": "0.26"}]) != []


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="another width"):
        Table.parse("a | b\n1 | 2 | 3")


def test_a_changed_rule_changes_the_page() -> None:
    first = SECTIONS[0]
    changed = replace(first.rules[0], rule="Another rule.")

    assert page([replace(first, rules=(changed, *first.rules[1:])), *SECTIONS[1:]]) != page(
        SECTIONS
    )
