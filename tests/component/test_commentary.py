"""What a template says beforehand of the commentary that a quarter would need."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
import yaml

from core.errors import UsageError
from core.settings import PROJECT_ROOT
from ingest.sources.mi_template import COMMENTARY_RULE
from publish.commentary import MOVEMENT, commentary_asked


@pytest.fixture
def published(tmp_path: Path) -> Path:
    file = tmp_path / "takeup.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            """
            create table take_up_headline as
            select * replace (take_up_ratio::double as take_up_ratio) from (values
                ('plain', 'quarter', 'complete', date '2015-03-31', 0.5),
                ('low', 'quarter', 'complete', date '2015-03-31', 0.03),
                ('high', 'quarter', 'complete', date '2015-03-31', 0.97),
                ('older', 'quarter', 'complete', date '2014-12-31', 0.5),
                ('partly', 'quarter', 'partial', date '2015-03-31', 0.5),
                ('year', 'rolling_year', 'complete', date '2015-03-31', 0.5)
            ) as t(service_id, period_kind, value_status, period_end, take_up_ratio);
            create table targets as
            select * replace (target_ratio::double as target_ratio) from (values
                ('plain', 'digital_take_up', 'quarter', 0.8, date '2014-06-30'),
                ('plain', 'digital_take_up', 'quarter', 0.9, date '2015-06-30'),
                ('ahead', 'digital_take_up', 'quarter', 0.9, date '2015-07-01'),
                ('other', 'completion', 'quarter', 0.9, date '2015-06-30')
            ) as t(service_id, metric, period_kind, target_ratio, due_on);
            """
        )
    return file


def test_a_service_is_told_from_which_take_up_on(published: Path) -> None:
    assert commentary_asked(published, "2015-Q2") == {
        "plain": "Needed if take-up is below 45.0% or above 55.0% (50.0% in the quarter before), or"
        " if it is below the target of 90.0% (due 30 June 2015).",
        "low": "Needed if take-up is above 8.00% (3.00% in the quarter before).",
        "high": "Needed if take-up is below 92.0% (97.0% in the quarter before).",
    }


def test_nothing_is_said_without_a_published_file(tmp_path: Path) -> None:
    assert commentary_asked(tmp_path / "none.duckdb", "2015-Q2") == {}
    with pytest.raises(UsageError):
        commentary_asked(tmp_path / "none.duckdb", "2015-05")


def test_the_models_and_the_instructions_have_the_same_movement() -> None:
    project = yaml.safe_load((PROJECT_ROOT / "dbt_project" / "dbt_project.yml").read_text())
    points = project["vars"]["commentary"]["move_pp"]
    said = re.search(r"more than (\d+) points", COMMENTARY_RULE)
    assert said is not None
    assert (MOVEMENT * 100, int(said[1])) == (points, points)
