"""What events mean: corrections, contradictions, odd volumes, through two real nights of builds.

The first night brings a publication, most events and corrections of events that are not there
yet; the second brings those, late events and a newer publication.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from takeup import build as building
from tests.support.events import (
    CORRECTED,
    SERVICE,
    SOURCE,
    VOIDED,
    Event,
    completed,
    envelope,
    volume,
)
from tests.support.homes import RUN_AT, Home
from tests.support.invariants import check_log, check_warehouse
from tests.support.publications import publication

ODD = "co-honours-nominations"
STEADY = "dwp-carers-allowance-new-claims"
QUARTERS = [
    f"{part} transactions {quarter}"
    for quarter in ("Jul - Sep 2014", "Oct - Dec 2014", "Jan - Mar 2015", "Apr - Jun 2015")
    for part in ("Total", "Digital")
]


def made(identifier: str, channel: str, time: str) -> Event:
    return completed(identifier, data={"channel": channel}, time=time)


def void(identifier: str, target: str, *, day: int = 1) -> Event:
    """A void, made on a day of July."""
    data = {"voids": {"source": SOURCE, "id": target}, "reason": "made by mistake"}
    return envelope(VOIDED, identifier, data, time=f"2015-07-{day:02}T09:00:00Z")


def correction(identifier: str, target: str, channel: str, *, day: int) -> Event:
    """A correction of the channel, made on a day of July."""
    data = {
        "corrects": {"source": SOURCE, "id": target},
        "channel": channel,
        "assistance": "none",
    }
    return envelope(CORRECTED, identifier, data, time=f"2015-07-{day:02}T09:00:00Z")


FIRST_NIGHT = [
    *(
        made(f"{month}-{channel}", channel, f"2015-{month}-15T10:00:00Z")
        for month in ("04", "05", "06", "07")
        for channel in ("online", "phone", "face_to_face")
    ),
    # Late on 30 June in UTC is early on 1 July in London.
    made("last-of-june", "online", "2015-06-30T22:59:59Z"),
    made("first-of-july", "online", "2015-06-30T23:30:00Z"),
    made("june-by-offset", "online", "2015-07-01T00:30:00+02:00"),
    # Voided once, voided twice, voided before it is there, and nothing to void.
    made("voided", "online", "2015-06-02T10:00:00Z"),
    void("void-1", "voided"),
    made("voided-twice", "online", "2015-06-02T11:00:00Z"),
    void("void-2", "voided-twice"),
    void("void-3", "voided-twice", day=2),
    void("void-early", "comes-later"),
    void("void-of-nothing", "never-comes"),
    # Corrected, corrected again, and a correction corrected; the last by its own time holds.
    made("corrected", "online", "2015-06-03T10:00:00Z"),
    correction("correction-1", "corrected", "phone", day=3),
    made("corrected-again", "online", "2015-06-03T11:00:00Z"),
    correction("correction-2", "corrected-again", "phone", day=5),
    made("by-identity", "online", "2015-06-03T12:00:00Z"),
    correction("correction-b", "by-identity", "face_to_face", day=6),
    correction("correction-a", "by-identity", "phone", day=6),
    made("in-a-chain", "online", "2015-06-03T13:00:00Z"),
    correction("correction-4", "in-a-chain", "phone", day=7),
    correction("correction-5", "correction-4", "face_to_face", day=8),
    made("corrected-and-voided", "online", "2015-06-03T14:00:00Z"),
    void("void-4", "corrected-and-voided"),
    correction("correction-6", "corrected-and-voided", "phone", day=9),
    # Nothing that could be corrected.
    volume("a-volume", data={"service_id": "a-service"}),
    correction("correction-of-a-volume", "a-volume", "phone", day=1),
    correction("correction-of-itself", "correction-of-itself", "phone", day=1),
]
SECOND_NIGHT = [
    made("comes-later", "online", "2015-06-02T12:00:00Z"),
    # Made before the one that came first.
    correction("correction-3", "corrected-again", "face_to_face", day=4),
    made("late", "online", "2015-06-04T10:00:00Z"),
    # Delivered again: nothing counts twice.
    *(event for event in FIRST_NIGHT if event["id"] in ("voided", "void-1", "correction-1")),
]
FIRST_VOLUMES = {
    ODD: [0, 0, 100, 40, 10, 20, 7, 7],
    STEADY: [1000, 500, 1100, 600, 1_050_000, 600, 1200, 600],
    SERVICE: ["", "", "", "", "", "", 12, 6],
}
SECOND_VOLUMES = {
    ODD: [0, 0, 100, 40, 30, 20, 7, 7],
    STEADY: [1000, 500, 1100, 600, 1050, 600, "", 600],
    SERVICE: ["", "", "", "", "", "", 12, 6],
}


@dataclass(frozen=True)
class Nights:
    """The home after both nights, and the warehouse as each of them left it."""

    home: Home
    first: Path
    second: Path


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Two nights, each landed, ingested and built (the second onto the first)."""
    folder = tmp_path_factory.mktemp("meaning")
    home = Home.at(folder / "home")
    home.land_events("first.jsonl", *FIRST_NIGHT)
    home.land("2015-07-20.csv", publication(FIRST_VOLUMES, columns=QUARTERS))
    home.ingest()
    building.build(home.settings)
    check_log(home)
    check_warehouse(home, home.settings.staging_file)
    first = folder / "first.duckdb"
    shutil.copy(home.settings.staging_file, first)

    home.land_events("second.jsonl", *SECOND_NIGHT)
    home.land("2015-08-20.csv", publication(SECOND_VOLUMES, columns=QUARTERS))
    home.ingest(run_at=RUN_AT + timedelta(days=30))
    built = building.build(home.settings)
    assert not built.is_full
    check_log(home)
    check_warehouse(home, home.settings.staging_file)
    return Nights(home, first, home.settings.staging_file)


@pytest.fixture
def first(nights: Nights) -> Iterator[duckdb.DuckDBPyConnection]:
    """The first night's warehouse."""
    with duckdb.connect(str(nights.first), read_only=True) as connection:
        yield connection


@pytest.fixture
def second(nights: Nights) -> Iterator[duckdb.DuckDBPyConnection]:
    """The second night's warehouse."""
    with duckdb.connect(str(nights.second), read_only=True) as connection:
        yield connection
