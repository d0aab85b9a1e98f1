"""Services that no register but a publication knows: what speaks of them is taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.events import ABSENT, completed, envelope, feedback, volume
from tests.support.homes import Home
from tests.support.publications import manifest, publication

NEW = "dwp-new-service"
PLATFORM = {
    "_timestamp": "2015-01-01T00:00:00+00:00",
    "period": "month",
    "service": NEW,
    "channel": "paper",
    "count": 7,
    "dataType": "transactions-by-channel",
}
LISTED = {
    "service_id": NEW,
    "service_name": "New",
    "department_name": "Department for Paperwork",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path)


def land_publication(home: Home, folder: str = "published") -> None:
    content = publication({NEW: [10, 5, 10, 5]})
    home.land(f"{folder}/services-2015-07-01.csv", content)
    published = {"services-2015-07-01.csv": ("2015-07-01T09:30:00+01:00", content)}
    home.land(f"{folder}/vintages.csv", manifest(published))


def land_the_rest(home: Home) -> None:
    of_new = {"service_id": NEW}
    events = completed("1", data=of_new), feedback("2", data=of_new), volume("3", data=of_new)
    home.land_events("events.jsonl", *events)
    home.land("platform.json", json.dumps([PLATFORM]).encode())


def reasons(home: Home) -> list[str]:
    return [record.reason for record in home.open_records()]


@pytest.mark.parametrize("folder", ["a", "z"])
def test_what_lands_beside_a_publication_is_checked_by_what_it_lists(
    home: Home, folder: str
) -> None:
    land_publication(home, folder)
    land_the_rest(home)
    home.ingest()
    assert reasons(home) == []
    assert [
        home.ledger()[name]["accepted_count"] for name in ("events.jsonl", "platform.json")
    ] == [
        3,
        1,
    ]


def test_what_waits_for_a_service_is_taken_once_a_publication_lists_it(home: Home) -> None:
    land_the_rest(home)
    home.ingest()
    assert reasons(home) == ["unknown_service"] * 4
    assert home.retry(days=1).accepted == 0

    land_publication(home)
    home.ingest()
    done = home.retry(days=2)
    assert (done.tried, done.accepted, done.quarantined) == (4, 4, 0)
    assert reasons(home) == []


@pytest.mark.parametrize("listing_is_first", [True, False])
def test_a_file_may_list_the_services_that_it_speaks_of(home: Home, listing_is_first: bool) -> None:
    listing = envelope("uk.gov.takeup.service.listed.v1", "l", LISTED)
    records = [
        listing,
        volume("1", data={"service_id": NEW}),
        completed("2", data={"service_id": NEW}),
    ]
    home.land_events("events.jsonl", *(records if listing_is_first else records[::-1]))
    home.ingest()
    assert reasons(home) == []
    assert len(home.rows("event")) == 3


def test_a_listing_that_is_refused_lists_nothing(home: Home) -> None:
    listing = envelope("uk.gov.takeup.service.listed.v1", "l", {**LISTED, "department_name": None})
    bare = {name: value for name, value in LISTED.items() if name != "department_name"}
    without = envelope("uk.gov.takeup.service.listed.v1", "m", bare)
    home.land_events("events.jsonl", listing, without, volume("1", data={"service_id": NEW}))
    home.ingest()
    assert reasons(home) == ["missing_field", "missing_field", "unknown_service"]


def test_nobody_uses_a_programme(home: Home) -> None:
    programme = "co-electoral-registration-transformation-programme"
    home.land_events(
        "events.jsonl",
        completed("1", data={"service_id": programme}),
        volume("2", data={"service_id": programme}),
        completed("3", data={"channel": ABSENT}),
    )
    home.ingest()
    assert reasons(home) == ["unknown_service", "unknown_service", "missing_field"]
