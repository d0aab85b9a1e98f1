"""A night with figures that can't be right beside good ones, and one that puts them right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from core.settings import PROJECT_ROOT
from tests.support.events import envelope, lines, volume
from tests.support.publications import manifest, publication

COLUMNS = (
    "Total transactions Jul - Sep 2015",
    "Digital transactions Jul - Sep 2015",
    "Total transactions Oct - Dec 2015",
    "Digital transactions Oct - Dec 2015",
    "Total transactions Jan - Mar 2016",
    "Digital transactions Jan - Mar 2016",
    "Total transactions Apr - Jun 2016",
    "Digital transactions Apr - Jun 2016",
    "2016-Q2 Completion rate",
    "2016-Q2 User satisfaction",
)
WASTE = "defra-waste-carriers-brokers-dealers-registrations"
HUGE = "99,999,999,999"
QUARTERS = (100, 60, 100, 60, 100, 60)
FIRST = {
    "dwp-good": (*QUARTERS, 100, 60, "0.9", "0.8"),
    "dwp-percent": (*QUARTERS, 100, 60, "85", "0.8"),
    WASTE: (100, 60, 100, 60, HUGE, 60, 100, 60, "150", "-0.2"),
    "dwp-early": (*QUARTERS, 100, 60, "0.9", "0.8"),
}
MENDED = FIRST | {WASTE: (*QUARTERS, 100, 60, "0.9", "0.8")}
FIGURE = "uk.gov.takeup.figure.published.v1"
YEAR = {"kind": "rolling_year", "start": "2015-04-01", "end": "2016-03-31"}
"""What the columns of 2016-Q2 are about too."""


def night(home: Path, landing: Path) -> str:
    """What a whole night says, which must succeed."""
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("takeup")),
            *("--home", str(home), "nightly", "--landing", str(landing)),
        ],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def status(home: Path, *options: str) -> str:
    """What `takeup status` says of a home."""
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("takeup")),
            *("--home", str(home), "status", *options),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def land(folder: Path, services: dict[str, tuple[object, ...]], published_at: str) -> Path:
    folder.mkdir()
    content = publication(services, columns=COLUMNS)
    (folder / "services.csv").write_bytes(content)
    (folder / "vintages.csv").write_bytes(manifest({"services.csv": (published_at, content)}))
    return folder


def rows(home: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(home / "published" / "takeup.duckdb"), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        return connection.execute(query).fetchall()


@pytest.mark.nights
def test_impossible_figures_are_withheld_and_the_others_published(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = land(tmp_path / "first", FIRST, "2016-07-08T09:30:00+01:00")
    quarter = {"kind": "quarter", "start": "2016-07-01", "end": "2016-09-30"}
    (first / "events.jsonl").write_bytes(
        lines(
            # counted in August, of a quarter that ends in September
            *(
                volume(
                    f"early-{breakdown}",
                    data={
                        "service_id": "dwp-early",
                        "breakdown": breakdown,
                        "period": quarter,
                        "count": 5,
                    },
                    publishedat="2016-08-01T00:00:00Z",
                )
                for breakdown in ("total", "digital")
            ),
            envelope(
                FIGURE,
                "cost",
                {
                    "metric": "cost_per_transaction",
                    "service_id": "dwp-good",
                    "period": YEAR,
                    "value": -1,
                    "unit": "GBP",
                    "qualifier": "exact",
                    "document": "a letter",
                    "place": "line 1",
                },
                publishedat="2016-08-01T00:00:00Z",
            ),
        )
    )

    said = night(home, first)

    ends = said.split("publish ", 1)[1].splitlines()[1:]
    assert [line for line in ends if line.startswith("withheld")] == ends[:3]
    assert f"{WASTE.title()}, year to 31 March 2016: completion ratio 150, " in ends[0]
    assert "January to March 2016: total count 99,999,999,999, " in ends[2]
    assert status(home).startswith("withheld ")
    told = json.loads(status(home, "--json"))
    assert (told["withheld_count"], len(told["withheld"]), told["not_told"]) == (7, 3, [])
    assert (told["last_run"]["state"], told["last_run"]["step"]) == ("published", "publish")
    assert rows(
        home,
        "select check_id, service_id, quantity, value from data_quality "
        "where severity = 'withheld' order by all",
    ) == [
        ("cost_below_zero", "dwp-good", "cost_per_transaction_gbp", -1.0),
        ("count_beyond_any_service", WASTE, "total_count", 99_999_999_999.0),
        ("counted_before_its_period_ended", "dwp-early", "digital_count", 5.0),
        ("counted_before_its_period_ended", "dwp-early", "total_count", 5.0),
        ("rate_outside_0_to_1", WASTE, "completion_ratio", 150.0),
        ("rate_outside_0_to_1", WASTE, "satisfaction_ratio", -0.2),
        ("rate_outside_0_to_1", "dwp-percent", "completion_ratio", 85.0),
    ]
    assert rows(
        home,
        "select service_id, period_kind, month(period_start), digital_count, total_count, "
        "value_status from take_up where value_status <> 'complete' "
        "and period_kind <> 'financial_year' order by all",
    ) == [
        (WASTE, "quarter", 1, 60, None, "withheld"),
        (WASTE, "rolling_year", 7, 240, None, "withheld"),
        ("dwp-early", "quarter", 7, None, None, "withheld"),
        ("dwp-early", "rolling_year", 10, None, None, "withheld"),
    ]
    assert rows(
        home,
        "select digital_count, total_count, services_measured, services_not_returned, "
        "coverage_ratio from department_take_up where level = 'government' "
        "and structure = 'current' and scope = 'all' and period_kind = 'quarter' "
        "and period_end < date '2016-12-31' order by period_start",
    ) == [
        (240, 400, 4, 0, 1.0),
        (240, 400, 4, 0, 1.0),
        # What is withheld weighs as much as the service had in the quarter before.
        (180, 300, 3, 1, 0.75),
        (240, 400, 4, 0, 1.0),
        # The quarter of which only an early count is known is not one yet.
    ]
    assert rows(
        home,
        "select service_id, completion_ratio, satisfaction_ratio, cost_per_transaction_gbp, "
        "value_status from service_measures where basis = 'reported' order by all",
    ) == [
        (WASTE, None, None, None, "withheld"),
        ("dwp-early", 0.9, 0.8, None, "provided"),
        ("dwp-good", 0.9, 0.8, None, "withheld"),
        ("dwp-percent", None, 0.8, None, "withheld"),
    ]
    assert rows(
        home,
        "select value from published_figures where metric = 'completion_rate' order by all",
    ) == [(0.9,), (0.9,), (85.0,), (150.0,)]
    assert rows(
        home,
        f"select transactions_count from reported_cells where service_id = '{WASTE}' "
        "and transactions_count > 100",
    ) == [(99_999_999_999,)]

    said = night(home, land(tmp_path / "second", MENDED, "2016-11-08T09:30:00Z"))

    assert "\nwithheld:" not in said
    assert rows(
        home,
        "select value_status, digital_count, total_count from take_up "
        f"where service_id = '{WASTE}' and period_kind = 'rolling_year'",
    ) == [("complete", 240, 400)]
    assert rows(
        home,
        "select value_status, total_count from take_up_as_of(timestamptz '2016-08-01 00:00:00+00') "
        f"where service_id = '{WASTE}' and period_kind = 'rolling_year'",
    ) == [("withheld", None)]
