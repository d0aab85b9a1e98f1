"""`set-aside`: what it refuses, the event that it appends, and who else may say so."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.errors import UsageError
from ingest.landing.landed import scan
from ingest.load import run as ingestion
from ingest.load.environment import connect
from ingest.load.set_aside import Change, SetAside, change_one
from ingest.log.set_asides import count_set_asides
from takeup.status import status_of
from takeup.trace import trace_lines, trace_of
from tests.support.events import SERVICE, SOURCE, Event, completed, envelope, volume
from tests.support.homes import RUN_AT, Home
from tests.support.invariants import check_log

SET_ASIDE = "uk.gov.takeup.record.set_aside.v1"
OURS = "urn:takeup:set-aside"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a file of two transactions, and one of a volume."""
    home = Home.at(tmp_path_factory.mktemp("made") / "home")
    home.land_events("two.jsonl", completed("one"), completed("other"))
    home.land_events("cell.jsonl", volume("cell"))
    home.ingest()
    return home


@pytest.fixture
def home(made: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The home, whose files are looked at once."""
    monkeypatch.setattr(ingestion, "scan", partial(scan, pause=0))
    return made.copied(tmp_path / "home")


def hash_of(home: Home, name: str) -> str:
    return str(home.ledger()[name]["file_hash"])


def change(home: Home, *key: str, to: Change = "set_aside", **said: str) -> SetAside:
    """Set aside, or restore, an hour after whatever was last said."""
    run_at = RUN_AT + timedelta(hours=1 + len(list(home.settings.landing.glob("set-aside-*"))))
    done = change_one(
        home.settings, *key, change=to, run_at=run_at, **{"role": "lead", "reason": "wrong"} | said
    )
    home.landed.append((done.landed, (home.settings.landing / done.landed).read_bytes()))
    return done


def now(home: Home) -> dict[str, int]:
    with connect(home.settings) as connection:
        return count_set_asides(connection, home.log())


def test_a_file_is_set_aside_by_one_event_of_one_commit(home: Home) -> None:
    version = home.log().version
    done = change(home, hash_of(home, "two.jsonl").removeprefix("blake3:")[:12])

    (event,) = [row for row in home.rows("event") if row["type"] == SET_ASIDE]
    assert (done.records, done.commits) == (2, (version + 1,))
    assert event["source"] == OURS
    assert json.loads(event["data"]) == {
        "content_hash": hash_of(home, "two.jsonl"), "role": "lead", "reason": "wrong",
    }  # fmt: skip
    assert event["recorded_at"] == event["time"] == RUN_AT + timedelta(hours=1)
    assert home.ledger()[done.landed]["accepted_count"] == 1
    assert status_of(home.settings)["set_aside"] == {"files": 1}
    check_log(home)


def test_a_record_is_set_aside_and_restored(home: Home) -> None:
    change(home, SOURCE, "one", reason=" entered by a trainee ")
    assert now(home) == {"records": 1}
    told = "\n".join(trace_lines(trace_of(home.settings, service_id=SERVICE, period="2015-03")))
    assert "set aside on 2015-08-01 by lead: entered by a trainee" in told
    assert told.count("transaction.completed") == 2

    change(home, SOURCE, "one", to="restored")
    assert now(home) == {}
    assert "set aside" not in str(trace_of(home.settings, service_id=SERVICE, period="2015-03"))

    change(home, SOURCE, "one")
    assert now(home) == {"records": 1}
    check_log(home)


def test_a_simulated_log_takes_set_asides_as_its_own(home: Home, tmp_path: Path) -> None:
    simulated = Home.at(tmp_path / "simulated")
    simulated.land_events("two.jsonl", completed("one", simulated=True))
    simulated.ingest()
    change(simulated, SOURCE, "one")

    assert now(simulated) == {"records": 1}


@pytest.mark.parametrize(
    ("key", "refusal"),
    [
        (("0123456789abcdef",), "the log took in no file with the content hash 0123456789abcdef"),
        (("sha256:0123456789abcdef",), "took in no file"),
        (("0123",), "a file is named by its content hash, at least 12 characters"),
        (("two.jsonl",), "a file is named by its content hash"),
        ((SOURCE, "nobody"), "the log holds no event 'nobody' of source 'urn:test:jsa'"),
        (("urn:else", "one"), "the log holds no event 'one'"),
    ],
)
@pytest.mark.parametrize("to", ["set_aside", "restored"])
def test_what_the_log_does_not_hold_is_refused(
    key: tuple[str, ...], refusal: str, to: Change, home: Home
) -> None:
    with pytest.raises(UsageError, match=refusal):
        change(home, *key, to=to)


def test_what_is_so_already_is_refused(home: Home) -> None:
    content_hash = hash_of(home, "two.jsonl")
    with pytest.raises(UsageError, match="is not set aside: there is nothing to restore"):
        change(home, content_hash, to="restored")
    change(home, content_hash)
    with pytest.raises(UsageError, match="is set aside already"):
        change(home, content_hash)
    with pytest.raises(UsageError, match="one is set aside with its file"):
        change(home, SOURCE, "one")
    with pytest.raises(UsageError, match="is set aside with its file"):
        change(home, SOURCE, "one", to="restored")
    version = home.log().version
    change(home, SOURCE, "cell")
    assert home.log().version == version + 1


def test_what_sets_aside_is_not_set_aside(home: Home) -> None:
    landed = change(home, SOURCE, "one").landed
    (event,) = [row for row in home.rows("event") if row["type"] == SET_ASIDE]

    with pytest.raises(UsageError, match="sets records aside itself: restore these instead"):
        change(home, hash_of(home, landed))
    with pytest.raises(UsageError, match="sets something aside itself"):
        change(home, OURS, event["id"])


@pytest.mark.parametrize(
    "said", [{"role": " "}, {"reason": ""}, {"role": "a\nb"}, {"role": "x" * 201}]
)
def test_who_and_why_are_given_in_a_line(said: dict[str, str], home: Home) -> None:
    with pytest.raises(UsageError, match="is one line of text, at most"):
        change(home, SOURCE, "one", **said)
    assert list(home.settings.landing.glob("set-aside-*")) == []


def said(identifier: str, sender: str, **data: Any) -> Event:
    given = {"role": "lead", "reason": "wrong"} | data
    return envelope(SET_ASIDE, identifier, given, source=sender)


def test_only_the_command_says_so(home: Home) -> None:
    """Landed again, as when a log is made anew, its events are taken; a department's are not."""
    home.land_events(
        "said.jsonl",
        said("1", OURS, source=SOURCE, id="one"),
        said("2", SOURCE, source=SOURCE, id="other"),
        said("3", OURS, source=SOURCE),
        said("4", OURS, content_hash="h", source=SOURCE, id="one"),
        said("5", OURS, source=SOURCE, id="other", role=None),
    )
    home.ingest(run_at=RUN_AT + timedelta(days=1))

    refused = {row.position: (row.reason, row.detail) for row in home.open_records()}
    assert now(home) == {"records": 1}
    assert refused[2][0] == "invalid_field"
    assert "source is not urn:takeup:set-aside" in str(refused[2][1])
    one_of = "exactly one of data.content_hash or data.source and data.id"
    assert refused[3] == refused[4] == ("missing_field", one_of)
    assert refused[5] == ("missing_field", "data.role")


def test_a_log_is_made_again_from_what_was_landed(home: Home, tmp_path: Path) -> None:
    change(home, SOURCE, "one")
    change(home, hash_of(home, "cell.jsonl"))
    change(home, SOURCE, "one", to="restored")
    again = Home.at(tmp_path / "again")
    for name, content in home.landed:
        again.land(name, content)
    again.ingest(run_at=RUN_AT + timedelta(days=9))

    assert now(again) == now(home) == {"files": 1}
