"""What the questions page says of doubts is what holds elsewhere, on the published volumes."""

from __future__ import annotations

import duckdb

from publish.doubts import LATEST_QUARTER, largest_doubts_sql
from publish.pages import questions


def query(mark: str) -> str:
    """The one query of the page that holds `mark`."""
    asked = (question for part in questions.headings() for question in part["questions"])
    (found,) = (question["query"] for question in asked if mark in question["query"])
    return str(found)


def test_leaps_are_counted_by_both_rules(published: duckdb.DuckDBPyConnection) -> None:
    assert published.sql(query("leaps")).fetchall() == [
        ("against the quarter before", 113, 71),
        ("seasonal services against the year before", 84, 58),
    ]


def test_the_page_and_the_end_of_a_run_show_the_same_doubts(
    published: duckdb.DuckDBPyConnection,
) -> None:
    ((start, end),) = published.sql(LATEST_QUARTER).fetchall()
    largest = published.sql(largest_doubts_sql("data_quality", start, end)).project(
        "service_id, check_id, service_effect_pp"
    )
    shown = published.sql(query("doubts_of_the_quarter")).project(
        "service_id, check_id, service_effect_pp"
    )

    assert len(largest.fetchall()) == 10
    assert shown.fetchall() == largest.fetchall()


def test_what_a_doubt_could_move_agrees_with_department_take_up(
    published: duckdb.DuckDBPyConnection,
) -> None:
    """The department's sum with the service's other reading in the place of what is shown."""
    (compared, apart) = published.sql(
        """
        select
            count(departments.take_up_ratio),
            max(abs(doubts.department_effect_pp - 100 * (
                (
                    departments.digital_count - shown.digital_count
                    + if(quantity = 'take_up_ratio', expected * shown.total_count, expected)
                ) / departments.total_count - departments.take_up_ratio
            )))
        from data_quality as doubts
        inner join take_up_headline as shown using (service_id, period_kind, period_start)
        inner join services using (service_id)
        inner join department_take_up as departments
            on services.department_id = departments.department_id
                and departments.level = 'department'
                and departments.structure = 'current'
                and departments.scope = 'all'
                and departments.period_kind = doubts.period_kind
                and departments.period_start = doubts.period_start
                and departments.definition_id = shown.definition_id
        where check_id in ('digital_equals_total', 'digital_falls_to_zero', 'take_up_moves_far')
        """
    ).fetchall()[0]

    assert compared == 190
    assert apart < 1e-9
