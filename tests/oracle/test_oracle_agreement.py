"""The published file against the oracle: every row and every column, now and at any moment.

The words of reasons are free (tests/oracle/README.md says when they have to stand).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.settings import PROJECT_ROOT
from tests.oracle.comparison import (
    AGGREGATE_REVISIONS,
    CHANNEL_SHIFT,
    CONTRIBUTIONS,
    DECOMPOSITION,
    DEPARTMENT_TAKE_UP,
    LIKE_FOR_LIKE,
    OFFLINE_VOLUMES,
    REVISIONS,
    TAKE_UP,
    TAKE_UP_HEADLINE,
    TARGET_ATTAINMENT,
    UNMEASURED_SERVICES,
    Mart,
    differences,
    oracle_rows,
    summary,
)
from tests.oracle.measures import Oracle, read_oracle

VINTAGES = 15
CONTRIBUTIONS_ASKED = (0, 6, 13)
"""As of which publications the many rows of contributions are compared, by position."""
AROUND = {"a second before": -1, "at": 0, "a second after": 1}


@pytest.fixture(scope="session")
def oracle(vintages_dir: Path) -> Oracle:
    return read_oracle(vintages_dir, PROJECT_ROOT / "seeds")


def published_rows(
    connection: duckdb.DuckDBPyConnection, mart: Mart, moment: datetime | None = None
) -> list[tuple[Any, ...]]:
    """The mart's rows, in the oracle's columns; through its table macro where a moment is given."""
    if moment is None:
        return connection.sql(f"select {mart.selection()} from {mart.name}").fetchall()
    source = f"{mart.name}_as_of(cast('{moment.isoformat()}' as timestamptz))"
    return connection.sql(f"select {mart.selection()} from {source}").fetchall()


def assert_agreement(
    rows: Sequence[Any],
    connection: duckdb.DuckDBPyConnection,
    mart: Mart,
    moment: datetime | None = None,
) -> None:
    found = differences(oracle_rows(rows, mart), published_rows(connection, mart, moment), mart)
    if found:
        pytest.fail(summary(found, mart), pytrace=False)


def test_take_up(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().take_up, published, TAKE_UP)


def test_take_up_headline(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().take_up_headline, published, TAKE_UP_HEADLINE)


def test_department_take_up(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().department_take_up, published, DEPARTMENT_TAKE_UP)


def test_target_attainment(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().target_attainment, published, TARGET_ATTAINMENT)


def test_channel_shift(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().channel_shift, published, CHANNEL_SHIFT)


def test_channel_shift_decomposition(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().channel_shift_decomposition, published, DECOMPOSITION)


def test_channel_shift_contributions(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().channel_shift_contributions, published, CONTRIBUTIONS)


def test_take_up_like_for_like(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().take_up_like_for_like, published, LIKE_FOR_LIKE)


def test_unmeasured_services(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().unmeasured_services, published, UNMEASURED_SERVICES)


def test_offline_volumes(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().offline_volumes, published, OFFLINE_VOLUMES)


def test_aggregate_revisions(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.aggregate_revisions(), published, AGGREGATE_REVISIONS)


def test_effects_add_up_between_any_two_moments(published: duckdb.DuckDBPyConnection) -> None:
    """The figures are those of the moments, and what became known in between adds up to their
    difference."""
    old, new = "timestamptz '2015-07-01 00:00:00+00'", "timestamptz '2016-04-01 00:00:00+00'"
    (bodies, apart, largest) = published.sql(
        f"""
        with effects as (
            select level, department_id, scope, period_kind, period_start,
                any_value(old_ratio) as old_ratio, any_value(new_ratio) as new_ratio,
                sum(effect_pp) as effect_pp
            from aggregate_revisions_between({old}, {new})
            group by all
        ),
        figures as (
            select level, department_id, scope, period_kind, period_start,
                earlier.take_up_ratio as old_ratio, later.take_up_ratio as new_ratio
            from department_take_up_as_of({old}) as earlier
            inner join department_take_up_as_of({new}) as later
                using (level, department_id, structure, scope, period_kind, period_start)
            where structure = 'current' and level <> 'organisation'
        )
        select count(effects.level), count(*) filter (not coalesce(
                abs(100 * (figures.new_ratio - figures.old_ratio) - coalesce(effect_pp, 0)) <= 1e-9
                and coalesce(effects.old_ratio, figures.old_ratio) = figures.old_ratio,
                figures.old_ratio is null or figures.new_ratio is null)),
            (select service_id from aggregate_revisions_between({old}, {new})
                where level = 'government' and scope = 'all' and period_kind = 'rolling_year'
                    and period_start = '2014-01-01' order by abs(effect_pp) desc limit 1)
        from figures
        full join effects using (level, department_id, scope, period_kind, period_start)
        """
    ).fetchall()[0]

    assert bodies > 200
    assert apart == 0
    assert largest == "home-office-passenger-arrivals-at-border"


def test_the_published_decomposition_adds_up(published: duckdb.DuckDBPyConnection) -> None:
    (split, apart) = published.sql(
        """
        select
            count(mix_pp),
            count(*) filter (
                abs(within_service_pp + mix_pp + entry_exit_pp + coverage_pp - total_shift_pp)
                > 1e-9
            )
        from channel_shift_decomposition
        """
    ).fetchall()[0]

    assert split > 0
    assert apart == 0


def test_revisions(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().revisions, published, REVISIONS)


# Sixty times everything: with the nights, which take minutes.
@pytest.mark.nights
@pytest.mark.parametrize("seconds", AROUND.values(), ids=AROUND.keys())
@pytest.mark.parametrize("position", range(VINTAGES))
def test_as_of_each_publication(
    oracle: Oracle, published: duckdb.DuckDBPyConnection, position: int, seconds: int
) -> None:
    assert len(oracle.vintages) == VINTAGES
    moment = oracle.vintages[position].published_at + timedelta(seconds=seconds)
    then = oracle.as_of(moment)

    assert_agreement(then.take_up, published, TAKE_UP, moment)
    assert_agreement(then.target_attainment, published, TARGET_ATTAINMENT, moment)
    assert_agreement(then.channel_shift, published, CHANNEL_SHIFT, moment)
    assert_agreement(then.revisions, published, REVISIONS, moment)


@pytest.mark.nights
@pytest.mark.parametrize("position", range(VINTAGES))
def test_bodies_as_of_each_publication(
    oracle: Oracle, published: duckdb.DuckDBPyConnection, position: int
) -> None:
    moment = oracle.vintages[position].published_at
    then = oracle.as_of(moment)

    assert_agreement(then.department_take_up, published, DEPARTMENT_TAKE_UP, moment)
    assert_agreement(then.channel_shift_decomposition, published, DECOMPOSITION, moment)
    assert_agreement(then.take_up_like_for_like, published, LIKE_FOR_LIKE, moment)
    assert_agreement(then.unmeasured_services, published, UNMEASURED_SERVICES, moment)
    assert_agreement(then.offline_volumes, published, OFFLINE_VOLUMES, moment)
    if position in CONTRIBUTIONS_ASKED:
        assert_agreement(then.channel_shift_contributions, published, CONTRIBUTIONS, moment)


def test_reasons_stand_where_they_have_to(published: duckdb.DuckDBPyConnection) -> None:
    wrong = published.sql(
        """
        select service_id, period_kind, period_start, value_status, status_reason
        from take_up
        where (status_reason is null) <> (value_status = 'complete')
        limit 10
        """
    ).fetchall()
    silent = published.sql(
        """
        select target_id
        from target_attainment
        where verdict = 'not_measurable' and reason is null
        """
    ).fetchall()

    assert wrong == []
    assert silent == []


@pytest.mark.parametrize(
    "table",
    [
        "take_up",
        "take_up_headline",
        "department_take_up",
        "target_attainment",
        "channel_shift",
        "channel_shift_decomposition",
        "channel_shift_contributions",
        "take_up_like_for_like",
        "unmeasured_services",
        "offline_volumes",
        "revisions",
    ],
)
def test_nothing_is_simulated(published: duckdb.DuckDBPyConnection, table: str) -> None:
    simulated = published.sql(f"select distinct is_simulated from {table}").fetchall()

    assert simulated == [(False,)]
