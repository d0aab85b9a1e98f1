"""The simulated landing: the same bytes for a seed, calibrated, and marked as simulated."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from core.periods import Quarter
from core.settings import PROJECT_ROOT
from simulator.landing import (
    FIRST_QUARTER,
    NOTE,
    RESTATED,
    WITHDRAWN,
    SimulatedLanding,
    months,
    simulate_landing,
)
from simulator.profiles import interpolate, jitter, load_profiles

SEEDS = PROJECT_ROOT / "seeds"
Rows = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> SimulatedLanding:
    return simulate_landing(tmp_path_factory.mktemp("landing"))


@pytest.fixture(scope="module")
def vintages(landing: SimulatedLanding) -> list[Rows]:
    return [read(path) for path in landing.publications]


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["Slug"]: row for row in csv.DictReader(lines)}


def count(row: dict[str, str], measure: str, quarter: Quarter) -> int | None:
    cell = row[f"{measure} transactions\n{months(quarter)}"]
    return int(cell.replace(",", "")) if cell else None


def year_to(last: Quarter) -> Iterator[Quarter]:
    return (last.after(-steps) for steps in range(4))


def take_up(row: dict[str, str], quarters: Iterator[Quarter] | list[Quarter]) -> float:
    pairs = [(count(row, "Digital", quarter), count(row, "Total", quarter)) for quarter in quarters]
    digital = sum(part for part, _ in pairs if part is not None)
    return digital / sum(part for _, part in pairs if part is not None)


def test_same_seed_gives_the_same_bytes(landing: SimulatedLanding, tmp_path: Path) -> None:
    again = simulate_landing(tmp_path, seed=1)
    other = simulate_landing(tmp_path / "other", seed=2)
    files = (*landing.publications, landing.vintages_file)
    for first, second in zip(files, (*again.publications, again.vintages_file), strict=True):
        assert first.read_bytes() == second.read_bytes()
    assert other.publications[0].read_bytes() != landing.publications[0].read_bytes()


def test_a_second_run_leaves_the_files_untouched(tmp_path: Path) -> None:
    first = simulate_landing(tmp_path)
    before = [path.stat().st_mtime_ns for path in first.publications]
    simulate_landing(tmp_path)
    assert [path.stat().st_mtime_ns for path in first.publications] == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "services-2015-03-27.csv",
        "services-2015-06-26.csv",
        "vintages.csv",
    ]


def test_vintages_file_names_every_publication_with_its_digest(landing: SimulatedLanding) -> None:
    with landing.vintages_file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["file"] for row in rows] == [path.name for path in landing.publications]
    for row, path in zip(rows, landing.publications, strict=True):
        assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert row["published_at"].startswith(path.stem.removeprefix("services-"))


def test_every_row_says_that_it_is_simulated(vintages: list[Rows]) -> None:
    for rows in vintages:
        assert len(rows) == len(load_profiles())
        assert {row["Simulated"] for row in rows.values()} == {"yes"}
        assert {row["Other notes"] for row in rows.values()} == {NOTE}


@pytest.mark.parametrize(
    ("service_id", "last", "low", "high"),
    [
        ("dwp-jobseekers-allowance-jsa-new-claims", Quarter(2014, 4), 0.825, 0.875),
        ("defra-waste-carriers-brokers-dealers-registrations", Quarter(2013, 4), 0.695, 0.705),
        ("defra-waste-carriers-brokers-dealers-registrations", Quarter(2014, 4), 0.945, 0.955),
        ("defra-single-payment-scheme-sps-claims", Quarter(2012, 4), 0.395, 0.405),
        ("defra-single-payment-scheme-sps-claims", Quarter(2013, 4), 0.535, 0.545),
        ("defra-single-payment-scheme-sps-claims", Quarter(2014, 4), 0.675, 0.685),
        ("dwp-state-pension-claims", Quarter(2014, 4), 0.30, 0.40),
        ("dwp-carers-allowance-new-claims", Quarter(2014, 4), 0.50, 0.60),
        ("dft-book-practical-driving-test", Quarter(2014, 4), 0.90, 1.0),
        ("home-office-registered-traveller", Quarter(2014, 4), 1.0, 1.0),
    ],
)
@pytest.mark.parametrize("seed", [1, 7])
def test_rolling_years_agree_with_the_reports(
    service_id: str, last: Quarter, low: float, high: float, seed: int, tmp_path: Path
) -> None:
    row = read(simulate_landing(tmp_path, seed=seed).publications[0])[service_id]
    assert low <= take_up(row, year_to(last)) <= high


def test_prison_visits_pass_through_the_two_months_that_the_report_gives() -> None:
    profiles = {profile.service_id: profile for profile in load_profiles()}
    prison = profiles["moj-prison-visit-booking"]
    assert prison.take_up_on(date(2014, 8, 15)) == 0.192
    assert prison.take_up_on(date(2014, 12, 15)) == 0.35


def test_the_later_vintage_adds_restates_and_withdraws(vintages: list[Rows]) -> None:
    first, second = vintages
    added = Quarter(2015, 1)
    assert all(f"Total transactions\n{months(added)}" not in row for row in first.values())
    assert all(f"Total transactions\n{months(added)}" in row for row in second.values())
    changed = {
        (service_id, header)
        for service_id, row in first.items()
        for header, cell in row.items()
        if "transactions\n" in header and second[service_id][header] != cell
    }
    restated, withdrawn = months(RESTATED[1]), months(WITHDRAWN[1])
    assert changed == {
        (RESTATED[0], f"Total transactions\n{restated}"),
        (WITHDRAWN[0], f"Total transactions\n{withdrawn}"),
        (WITHDRAWN[0], f"Digital transactions\n{withdrawn}"),
    }
    assert count(second[WITHDRAWN[0]], "Total", WITHDRAWN[1]) is None


def test_rolling_columns_hold_the_four_quarters_before_their_label(vintages: list[Rows]) -> None:
    checked = 0
    for rows in vintages:
        for row in rows.values():
            for label in (Quarter(2013, 1), Quarter(2014, 4), Quarter(2015, 1)):
                cells = [count(row, "Total", label.after(-steps)) for steps in (1, 2, 3, 4)]
                printed = row[f"{label} Vol."].replace(",", "")
                known = [cell for cell in cells if cell is not None]
                assert printed == (str(sum(known)) if len(known) == 4 else "")
                checked += len(known) == 4
            assert row["2012-Q4 Vol."] == ""
    assert checked > 50


def test_digital_never_exceeds_the_total_and_blank_is_not_zero(vintages: list[Rows]) -> None:
    for row in vintages[1].values():
        quarter = FIRST_QUARTER
        while quarter <= Quarter(2015, 1):
            total, digital = count(row, "Total", quarter), count(row, "Digital", quarter)
            assert digital is None or (total is not None and 0 <= digital <= total)
            quarter = quarter.after(1)
    tribunals = vintages[1]["moj-employment-tribunal-claims"]
    assert count(tribunals, "Total", Quarter(2014, 4)) is not None
    assert count(tribunals, "Digital", Quarter(2014, 4)) is None
    payments = vintages[1]["defra-single-payment-scheme-sps-claims"]
    assert count(payments, "Total", Quarter(2014, 4)) == 0


def test_services_and_departments_are_those_of_the_registers() -> None:
    with (SEEDS / "services.csv").open(encoding="utf-8", newline="") as lines:
        slugs = {row["slug"] for row in csv.DictReader(lines)}
    with (SEEDS / "department_aliases.csv").open(encoding="utf-8", newline="") as lines:
        aliases = {row["alias"] for row in csv.DictReader(lines)}
    for profile in load_profiles():
        assert profile.service_id in slugs
        assert {profile.department_name, profile.department_abbreviation} <= aliases


def test_paths_are_level_outside_their_anchors_and_smooth_between() -> None:
    points = [(date(2014, 1, 1), 0.2), (date(2014, 1, 11), 0.4)]
    assert interpolate(points, date(2013, 1, 1)) == 0.2
    assert interpolate(points, date(2015, 1, 1)) == 0.4
    assert interpolate(points, date(2014, 1, 6)) == pytest.approx(0.3)
    steps = [interpolate(points, date(2014, 1, day)) for day in range(1, 12)]
    assert steps == sorted(steps)


def test_jitter_depends_on_seed_and_parts_and_stays_within_one() -> None:
    values = {jitter(seed, part) for seed in range(20) for part in ("a", "b")}
    assert len(values) == 40
    assert all(-1 <= value < 1 for value in values)
    assert jitter(3, "a", "b") == jitter(3, "a", "b")
    assert jitter(3, "ab") != jitter(3, "a", "b")
