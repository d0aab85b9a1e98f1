"""Registers about claims agree with the digests and with each other."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import yaml

from core.registers import slug_of
from core.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "seeds"
DIGESTS = sorted((SEEDS / "reports").glob("*.yml"))


def rows_of(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def digest(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def test_every_judgement_of_progress_is_that_of_the_digest() -> None:
    judged = [
        (
            found["document"],
            entry["section"],
            entry["status"],
            "" if entry.get("answers_plan") is None else str(entry["answers_plan"]).lower(),
            entry["says"],
        )
        for found in map(digest, DIGESTS)
        for entry in found["entries"]
        if ":progress-" in entry["section"]
    ]
    registered = [
        (
            row["document"],
            f"{row['department_id']}:progress-{row['year']}",
            row["status"],
            row["answers_plan"],
            row["says"],
        )
        for row in rows_of("commitment_reviews")
    ]
    assert len(registered) == 85
    assert sorted(registered) == sorted(judged)


def test_every_metric_of_a_claim_can_be_held_against_something_or_says_why_not() -> None:
    known = {row["metric"] or row["figure_id"].split(":")[-2] for row in rows_of("claim_measures")}
    stated = {
        number["metric"]
        for found in map(digest, DIGESTS)
        for entry in found["entries"]
        for number in entry.get("numbers", [])
        if number["kind"] == "claim"
    }
    assert stated - known == set()


def test_a_claim_about_inclusion_belongs_to_a_promise_that_was_reviewed() -> None:
    named = {row["promise_id"] for row in rows_of("inclusion_topics")} - {""}
    assert len(named) > 5
    assert named <= {row["promise_id"] for row in rows_of("promise_reviews")}


def test_a_place_has_one_name_and_an_identifier_made_of_it() -> None:
    for row in rows_of("places"):
        assert row["place_id"] == slug_of(row["place_name"])


def test_every_exemplar_of_the_register_of_services_stands_among_the_promised() -> None:
    services = {row["service_id"]: row for row in rows_of("services")}
    exemplars = rows_of("promised_exemplars")
    assert {row["exemplar_id"] for row in exemplars} == {
        service_id for service_id, row in services.items() if row["is_exemplar"] == "true"
    }
    for row in exemplars:
        assert row["department_id"] == services[row["exemplar_id"]]["department_id"]
        assert row["service_id"] == services[row["exemplar_id"]]["slug"]


def test_the_strategy_names_seven_departments() -> None:
    named = {
        row["department_id"]
        for row in rows_of("promised_exemplars")
        if row["is_strategy_department"] == "true"
    }
    assert named == {"bis", "defra", "dft", "dwp", "hmrc", "home-office", "moj"}
