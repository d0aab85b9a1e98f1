"""The ledger: what became of each file, and what need not be looked at again."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ingest.landing.landed import LandedFile
from ingest.load import ready
from ingest.load import run as ingestion
from ingest.log.ledger import Entry, Ledger
from ingest.sources.cloudevents import CloudEvents
from tests.support.events import completed
from tests.support.homes import Home


def file_of(name: str, content_hash: str = "h") -> LandedFile:
    return LandedFile(name, Path(name), 1, content_hash)


def ledger_of(**states: Entry) -> Ledger:
    """A ledger of files named by their keyword, all with the same content."""
    return Ledger({(name, "h"): entry for name, entry in states.items()})


def ledger_in(home: Home) -> Ledger:
    with duckdb.connect() as connection:
        return Ledger.read(connection, home.log())


def test_no_log_no_entries() -> None:
    with duckdb.connect() as connection:
        ledger = Ledger.read(connection, None)
    assert ledger.counts() == {}
    assert not ledger.is_done(file_of("a"), code_version="1")


@pytest.mark.parametrize(
    ("entry", "code_version", "is_done"),
    [
        (Entry("ingested", None, "1"), "1", True),
        (Entry("ingested", None, "1"), "2", True),
        (Entry("rejected", "corrupt", "1"), "1", True),
        (Entry("rejected", "corrupt", "1"), "2", False),
        (Entry("rejected", "no_publication_time", "1"), "1", False),
    ],
)
def test_what_is_done(entry: Entry, code_version: str, is_done: bool) -> None:
    ledger = ledger_of(a=entry)
    assert ledger.is_done(file_of("a"), code_version=code_version) is is_done
    assert not ledger.is_done(file_of("a", "other"), code_version=code_version)
    assert not ledger.is_done(file_of("b"), code_version=code_version)


def test_a_second_copy_is_settled_by_the_first() -> None:
    copy = Entry("duplicate_file", None, "1")
    ledger = ledger_of(a=Entry("ingested", None, "1"), b=copy)
    assert ledger.is_done(file_of("b"), code_version="1")
    assert ledger.name_of("h") == "a"
    alone = ledger_of(b=copy)
    assert not alone.is_done(file_of("b"), code_version="1")
    assert alone.name_of("h") is None


def test_the_ledger_is_read_from_the_log(home: Home) -> None:
    home.land_events("a.jsonl", completed("1"))
    home.land_events("b.jsonl", completed("1"))
    home.land("broken.jsonl.gz", b"\x1f\x8b")
    home.ingest()
    ledger = ledger_in(home)
    assert ledger.counts() == {"ingested": 1, "duplicate_file": 1, "rejected": 1}
    entry = ledger.entry(file_of("broken.jsonl.gz", home.ledger()["broken.jsonl.gz"]["file_hash"]))
    assert entry is not None
    assert (entry.state, entry.reason) == ("rejected", "corrupt")
    assert ledger.knows_name("a.jsonl")
    assert not ledger.knows_name("c.jsonl")


def test_the_latest_outcome_of_a_file_counts(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.land("late.csv", b"not known to today's code")
    home.land_events("good.jsonl", completed("1"))
    home.ingest()
    assert ledger_in(home).counts() == {"ingested": 1, "rejected": 1}
    monkeypatch.setattr(ready, "recognise", lambda *_, **__: CloudEvents())
    monkeypatch.setattr(ingestion, "code_version", lambda layer: "later")
    home.ingest()
    assert ledger_in(home).counts() == {"ingested": 2}
    assert len([row for row in home.rows("file") if row["name"] == "late.csv"]) == 2
