"""A pack of a past quarter holds the standing of targets as of that quarter."""

from __future__ import annotations

import datetime as dt

import duckdb

CARRIERS = "defra-waste-carriers-90"


def standing(published: duckdb.DuckDBPyConnection, day: dt.date) -> dict[str, object]:
    found = published.execute(
        "from target_attainment_until(timestamptz '2017-06-06 15:27:25+00', ?) where target_id = ?",
        [day, CARRIERS],
    )
    names = [column[0] for column in found.description or ()]
    ((*values,),) = found.fetchall()
    return dict(zip(names, values, strict=True))


def test_nothing_after_the_quarter_is_part_of_its_standing(
    published: duckdb.DuckDBPyConnection,
) -> None:
    then = standing(published, dt.date(2015, 9, 30))
    later = standing(published, dt.date(2016, 6, 30))

    # The year to September 2015 was measured, and nothing of a year since.
    assert then["measured_period_end"] == later["measured_period_end"] == dt.date(2015, 9, 30)
    assert (then["is_stale"], later["is_stale"]) == (False, True)
    assert (then["is_attained"], later["is_attained"]) == (True, None)
    assert then["latest_period_end"] == dt.date(2015, 9, 30)
    assert then["latest_says"] == "slipping", "July to September 2015 is below, and below 2014"


def test_until_a_day_far_ahead_is_the_table(published: duckdb.DuckDBPyConnection) -> None:
    moment = published.execute("select run_at from warehouse_version").fetchall()[0][0]
    rows = published.execute(
        "from target_attainment_until(?, date '9999-12-31') order by target_id", [moment]
    ).fetchall()

    assert rows == published.execute("from target_attainment order by target_id").fetchall()
