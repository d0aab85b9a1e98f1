"""What lands on two nights: small, and with everything in it that makes a run do real work."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

from simulator.events import simulate_events
from simulator.landing import simulate_landing
from tests.support.events import (
    CORRECTED,
    SERVICE,
    SOURCE,
    VOIDED,
    Event,
    completed,
    envelope,
    lines,
    started,
    volume,
)

FIRST_NIGHT = "2015-10-24T00:30:00+00:00"
SECOND_NIGHT = "2015-10-25T00:30:00+00:00"
YEAR_AFTER = "2016-07-01T02:00:00+00:00"
QUARTER = "2014-Q4"
EVENTS = 1500
SEED = 20150701
PART = "uk.gov.takeup"


def make_nights(folder: Path) -> tuple[Path, Path]:
    """Two folders with what lands on the first and on the second night, all of it simulated."""
    first, second = folder / "first", folder / "second"
    published = simulate_landing(folder / "publications", seed=SEED)
    made = simulate_events(
        folder / "simulated",
        events=EVENTS,
        seed=SEED,
        start=date(2014, 10, 1),
        end=date(2015, 3, 31),
        faults=True,
        files=4,
    )
    one, two, three, four = (path.read_bytes() for path in made.files)
    early, late = (path.read_bytes() for path in published.publications)
    vintages = published.vintages_file.read_bytes()
    _write(
        first,
        {
            "volumes/services-2015-03-27.csv": early,
            "volumes/vintages.csv": vintages,
            "events/1.jsonl": one,
            "events/2.jsonl.gz": gzip.compress(two, mtime=0),
            "events/odd.jsonl": lines(*_odd_events_of_the_first_night()),
        },
    )
    _write(
        second,
        {
            "volumes/services-2015-06-26.csv": late,
            "events/3.jsonl": three,
            "events/4.jsonl": four,
            "events/3-again.jsonl": three,
            # What of it is a redelivery depends on what is in the log when its turn comes.
            "events/3-and-4.jsonl": _second_half(three) + _second_half(four),
            "events/1-again.jsonl": one,
            "events/torn.jsonl": two[: len(two) // 3],
            "events/cut.jsonl.gz": gzip.compress(four, mtime=0)[:4000],
            "events/empty.jsonl": b"",
            "events/odd-2.jsonl": lines(*_odd_events_of_the_second_night()),
        },
    )
    return first, second


def _odd_events_of_the_first_night() -> list[Event | str]:
    at_work = {"service_id": SERVICE, "channel": "online"}
    return [
        _simulated(event)
        for event in (
            started("odd-1"),
            completed("odd-1c"),
            completed("odd-2", data={"channel": "carrier-pigeon"}),
            # Not yet for the first two nights; a retry in the year after takes them.
            *(completed(f"ahead-{n}", time=f"2016-03-0{n}T10:00:00Z") for n in range(1, 6)),
            envelope(VOIDED, "void-1", {"voids": _target("odd-9"), "reason": "abandoned"}),
            volume("volume-1"),
            envelope(f"{PART}.feedback.given.v1", "feedback-1", at_work | {"rating": 4}),
            completed("odd-1c"),
            completed("odd-1c", data={"channel": "phone"}),
        )
    ] + ["this is no event"]


def _odd_events_of_the_second_night() -> list[Event | str]:
    return [
        _simulated(event)
        for event in (
            completed("odd-9"),
            completed("odd-10", data={"channel": "paper"}),
            envelope(
                CORRECTED,
                "corrected-1",
                {"corrects": _target("odd-10"), "channel": "online", "assistance": "on_behalf"},
            ),
            completed("odd-1c"),
            completed("odd-1c", data={"assistance": "on_behalf"}),
            completed("ahead-1", time="2016-03-01T10:00:00Z"),
            completed("name-1", data={"email": "nobody at example dot org"}),
        )
    ]


def _second_half(content: bytes) -> bytes:
    records = content.splitlines(keepends=True)
    return b"".join(records[len(records) // 2 :])


def _target(identifier: str) -> Event:
    return {"source": SOURCE, "id": identifier}


def _simulated(event: Event) -> Event:
    return event | {"simulated": True}


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
