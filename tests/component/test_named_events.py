"""What new events name is found where it is: the index says in which commits, nobody searches."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ingest.load.environment import connect
from ingest.load.set_aside import change_one
from ingest.log import identity_index
from ingest.log.named_events import commits_of_named
from tests.support.events import SOURCE, VOIDED, Event, completed, envelope
from tests.support.homes import RUN_AT, Home


def commits(home: Home, *, after: int) -> set[int]:
    """As a build asks."""
    with connect(home.settings) as connection:
        log = home.log()
        identity_index.attach(connection, identity_index.path_in(home.settings), log)
        return commits_of_named(connection, log, after=after)


def voided(identifier: str, *, of: str) -> Event:
    """A void of an event of the same source."""
    return envelope(VOIDED, identifier, {"voids": {"source": SOURCE, "id": of}, "reason": "test"})


def set_aside(home: Home, *key: str, days: int = 1) -> None:
    change_one(
        home.settings,
        *key,
        change="set_aside",
        role="lead",
        reason="wrong",
        run_at=RUN_AT + timedelta(days=days),
    )


@pytest.fixture
def nights(home: Home) -> Home:
    """Three nights of one transaction each."""
    for name in ("first", "second", "third"):
        home.land_events(f"{name}.jsonl", completed(name))
        home.ingest()
    return home


def test_a_void_asks_the_commit_of_what_it_voids_alone(nights: Home) -> None:
    nights.land_events("void.jsonl", voided("void", of="second"))
    nights.ingest()
    assert commits(nights, after=3) == {2}
    assert commits(nights, after=4) == set()


def test_what_is_named_and_not_there_asks_none(nights: Home) -> None:
    nights.land_events("void.jsonl", voided("void", of="nowhere"))
    nights.ingest()
    assert commits(nights, after=3) == set()


def test_what_comes_with_its_correction_is_in_the_commit_of_both(nights: Home) -> None:
    nights.land_events("both.jsonl", completed("late"), voided("void", of="late"))
    nights.ingest()
    assert commits(nights, after=3) == {4}


def test_a_set_aside_asks_the_commit_of_the_record(nights: Home) -> None:
    set_aside(nights, SOURCE, "third")
    assert commits(nights, after=3) == {3}


def test_a_set_aside_file_asks_the_commits_of_all_its_records(nights: Home) -> None:
    """One of them was accepted when it was tried again, commits later."""
    nights.land_events("a.jsonl", completed("4"), completed("5", time="2015-09-01T10:00:00Z"))
    nights.ingest()
    nights.land_events("b.jsonl", completed("6"))
    nights.ingest()
    nights.retry(days=60)
    set_aside(nights, str(nights.ledger()["a.jsonl"]["file_hash"]), days=61)
    assert commits(nights, after=6) == {4, 6}


def test_an_index_that_is_gone_is_made_again(nights: Home) -> None:
    nights.land_events("void.jsonl", voided("void", of="first"))
    nights.ingest()
    identity_index.path_in(nights.settings).unlink()
    assert commits(nights, after=3) == {1}
