"""Strategies: what departments send, over how many files and nights, and where a run dies."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

from hypothesis import strategies as st

from tests.properties.model import Record, SentFile
from tests.support.events import (
    CORRECTED,
    SERVICE,
    VOIDED,
    Event,
    completed,
    envelope,
    started,
    text,
)

SOURCES = ("urn:test:one", "urn:test:another-source")
# Short and long ones: the fast path accepts only the long.
IDS = ("1", "2", "3", "event-number-0004", "event-number-0005", "event-number-0006")
SERVICES = (SERVICE, "dft-book-practical-driving-test", "dwp-carers-allowance-new-claims")
CHANNELS = ("online", "phone", "paper")
ASSISTANCE = ("none", "talk_through", "on_behalf")
TIMES = (
    "2015-03-02T10:00:00Z",
    "2015-03-29T00:59:59.999999Z",
    "2015-03-29T01:00:00Z",
    "2015-06-30T22:59:59Z",
    "2015-06-30T23:00:00Z",
    "2015-06-30T23:59:59.123456Z",
    "2015-07-01T00:00:00+01:00",
    "2015-07-01T00:30:00+02:00",
    "2014-12-31T23:30:00Z",
    "2014-10-26T00:30:00Z",
    "2014-10-26T01:30:00Z",
    # After the first night, before the third.
    "2015-08-02T12:00:00Z",
    # After all of them.
    "2015-12-01T00:00:00Z",
)

UNKNOWN_FIELDS: tuple[Event, ...] = (
    {},
    {},
    {"note": 1},
    {"note": {"a": [1, 2.5, None], "b": "x"}},
)
UNKNOWN_ATTRIBUTES: tuple[Event, ...] = ({}, {}, {"traceparent": "00-1"}, {"subject": "a"})

identities = st.tuples(st.sampled_from(SOURCES), st.sampled_from(IDS))


@st.composite
def transactions(draw: st.DrawFn) -> Event:
    """A transaction, started or completed, with or without what an event may also hold."""
    source, identifier = draw(identities)
    make: Callable[..., Event] = draw(st.sampled_from((started, completed, completed)))
    data: Event = {
        "service_id": draw(st.sampled_from(SERVICES)),
        "channel": draw(st.sampled_from(CHANNELS)),
        "assistance": draw(st.sampled_from(ASSISTANCE)),
        "transaction_id": "pseudonym-1",
    }
    attributes: Event = {"source": source, "time": draw(st.sampled_from(TIMES))}
    data |= draw(st.sampled_from(UNKNOWN_FIELDS))
    attributes |= draw(st.sampled_from(UNKNOWN_ATTRIBUTES))
    return make(identifier, data=data, **attributes)


@st.composite
def corrections(draw: st.DrawFn) -> Event:
    """A void or a correction of the channel, of a transaction, another correction or nothing."""
    source, identifier = draw(identities)
    target = dict(zip(("source", "id"), draw(identities), strict=True))
    attributes = {"source": source, "time": draw(st.sampled_from(TIMES))}
    if draw(st.sampled_from((False, False, True))):
        return envelope(VOIDED, identifier, {"voids": target, "reason": "double"}, **attributes)
    data = {
        "corrects": target,
        "channel": draw(st.sampled_from(CHANNELS)),
        "assistance": draw(st.sampled_from(ASSISTANCE)),
    }
    return envelope(CORRECTED, identifier, data, **attributes)


events = transactions() | transactions() | corrections()


def compact(event: Event) -> str:
    """As most writers do."""
    return text(event)


def spaced(event: Event) -> str:
    """With spaces between tokens."""
    return json.dumps(event)


def reversed_keys(event: Event) -> str:
    """Its members, and those of data, the other way round."""
    turned = {
        name: dict(reversed(value.items())) if isinstance(value, dict) else value
        for name, value in reversed(event.items())
    }
    return text(turned)


def escaped(event: Event) -> str:
    """A letter written as an escape."""
    return text(event).replace("online", "\\u006fnline").replace("paper", "p\\u0061per")


def elsewhere(event: Event) -> str:
    """Its time by the clock of another place."""
    moment = datetime.fromisoformat(event["time"]).astimezone(timezone(timedelta(hours=-5)))
    return text(event | {"time": moment.isoformat()})


SPELLINGS: tuple[Callable[[Event], str], ...] = (
    compact,
    compact,
    spaced,
    reversed_keys,
    escaped,
    elsewhere,
)


def spelt(event: Event, spelling: Callable[[Event], str]) -> Record:
    """An event as a line."""
    return Record(spelling(event).encode(), event)


def _broken(reason: str, line: str) -> Record:
    return Record(line.encode(), None, reason)


_FINE = completed("event-that-is-broken", source=SOURCES[0])
BROKEN = (
    _broken("not_json", text(_FINE)[:-20]),
    _broken("not_json", "this is no event"),
    _broken("not_an_object", "[1]"),
    _broken("duplicate_key", text(_FINE).replace('"id":', '"id":"x","id":', 1)),
    _broken("invalid_envelope", text(_FINE | {"id": ""})),
    _broken("unknown_schema", text(_FINE | {"type": "uk.gov.takeup.transaction.completed.v9"})),
    _broken("no_time_zone", text(_FINE | {"time": "2015-03-02T10:00:00"})),
    _broken("unknown_channel", text(completed("broken-1", data={"channel": "pigeon"}))),
    _broken("unknown_service", text(completed("broken-2", data={"service_id": "nobody-s"}))),
    _broken("invalid_field", text(completed("broken-3", data={"assistance": "some"}))),
    _broken("personal_data", text(completed("broken-4", data={"email": "a name"}))),
)


@dataclass(frozen=True)
class Death:
    """Where a run dies: at its commit of this number (from 1), before, within or after it."""

    commit: int
    when: Literal["before", "within", "after"]

    @property
    def commits_made(self) -> int:
        """Commits that are in the log when it is dead."""
        return self.commit - (self.when == "before")


@dataclass(frozen=True)
class Night:
    """What lands before a run, where the run dies, and whether the quarantine is tried again."""

    files: tuple[SentFile, ...]
    death: Death | None
    retry: bool
    death_in_retry: Death | None
    loses_index: bool


deaths = st.builds(Death, st.integers(1, 3), st.sampled_from(("before", "within", "after")))


@st.composite
def histories(draw: st.DrawFn) -> list[Night]:
    """Nights over which a few events are sent, again and again, by whom and how ever."""
    pool = draw(st.lists(events, min_size=1, max_size=8))
    good = st.builds(spelt, st.sampled_from(pool), st.sampled_from(SPELLINGS))
    records = st.lists(good | good | good | st.sampled_from(BROKEN), max_size=6)
    nights = []
    for number in range(draw(st.integers(1, 3))):
        contents = draw(st.lists(records, max_size=3))
        files = tuple(
            SentFile(f"{number}-{index}.{suffix}", tuple(content))
            for index, content in enumerate(contents)
            if (suffix := draw(st.sampled_from(("jsonl", "jsonl.gz"))))
        )
        nights.append(
            Night(
                files,
                death=draw(st.none() | deaths),
                retry=draw(st.booleans()),
                death_in_retry=draw(st.none() | deaths.map(lambda death: Death(1, death.when))),
                loses_index=draw(st.sampled_from((False, False, False, True))),
            )
        )
    return nights


def split_anew(files: list[SentFile], chance: random.Random) -> list[SentFile]:
    """The same records in another order, over other files."""
    records = [record for file in files for record in file.records]
    chance.shuffle(records)
    parts: list[list[Record]] = [[] for _ in range(chance.randint(1, 4))]
    for record in records:
        chance.choice(parts).append(record)
    return [SentFile(f"anew-{n}.jsonl", tuple(part)) for n, part in enumerate(parts)]
