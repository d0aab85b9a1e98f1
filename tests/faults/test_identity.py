"""Redelivery and conflict: one identity counts once, whatever order its deliveries come in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.landing.inspection import SourceFile
from ingest.load import batch, identities, ready
from ingest.log import identity_index as identity
from ingest.sources.base import Context
from ingest.sources.cloudevents import CloudEvents
from tests.support.events import ABSENT, SOURCE, Event, completed, lines, started, text, volume
from tests.support.homes import Home, Row
from tests.support.invariants import check_log, content_hash

PHONE = {"channel": "phone"}


def outcomes_of(home: Home) -> list[tuple[str, str | None]]:
    """Kind and reason of each record of the only file, in order."""
    return [(kind, row.get("reason")) for _, (kind, row) in sorted(home.outcomes().items())]


def ingested(folder: Path, *records: Event | str) -> Home:
    home = Home.at(folder)
    home.land_events("a.jsonl", *records)
    home.ingest()
    return home


EVENT, DUPLICATE = ("event", None), ("duplicate", None)
CONFLICT = ("quarantine", "id_conflict")

SECOND_DELIVERIES: dict[str, tuple[Event | str, Event | str, tuple[str, str | None]]] = {
    "the very same": (completed("1"), completed("1"), DUPLICATE),
    "with spaces": (completed("1"), json.dumps(completed("1"), indent=None), DUPLICATE),
    "in another key order": (
        completed("1", data={"x": {"a": 1, "b": [1, 2]}}),
        text(dict(reversed(completed("1", data={"x": {"b": [1, 2], "a": 1}}).items()))),
        DUPLICATE,
    ),
    "with escapes": (completed("é"), text(completed("é")).replace("é", "\\u00e9"), DUPLICATE),
    "the same instant at another offset": (
        completed("1"),
        completed("1", time="2015-03-02T11:00:00+01:00"),
        DUPLICATE,
    ),
    "the same number written otherwise": (
        completed("1", data={"x": 1}),
        completed("1", data={"x": 1.0}),
        DUPLICATE,
    ),
    "an absent field and a null one": (
        completed("1", data={"x": None}),
        completed("1", data={"x": None, "online_extent": None}),
        DUPLICATE,
    ),
    "another channel": (completed("1"), completed("1", data=PHONE), CONFLICT),
    "another time": (completed("1"), completed("1", time="2015-03-02T10:00:00.000001Z"), CONFLICT),
    "another type": (completed("1"), started("1"), CONFLICT),
    "a type with other columns": (completed("1"), volume("1"), CONFLICT),
    "an unknown field more": (completed("1"), completed("1", data={"x": 1}), CONFLICT),
    "an attribute more": (completed("1"), completed("1", subject="a"), CONFLICT),
    "an attribute with another value": (
        completed("1", subject="a"),
        completed("1", subject="b"),
        CONFLICT,
    ),
    "a trace": (completed("1"), completed("1", traceparent="00"), DUPLICATE),
    "another trace": (
        completed("1", traceparent="00", tracestate="a=1"),
        completed("1", traceparent="01", recordedtime="2015-03-02T10:00:01Z"),
        DUPLICATE,
    ),
    "an optional field that is null": (
        completed("1"),
        completed("1", data={"assistance_provider": None, "online_extent": None}),
        DUPLICATE,
    ),
    "an unknown field that is null": (
        volume("1"),
        volume("1", data={"x": {"y": None}}),
        CONFLICT,
    ),
    "not simulated": (completed("1"), completed("1", simulated=False), DUPLICATE),
    "an attribute that is null": (completed("1"), completed("1", dataschema=None), DUPLICATE),
    "data as a text": (
        completed("1"),
        completed("1") | {"data": text(completed("1")["data"])},
        DUPLICATE,
    ),
    "another schema": (completed("1"), completed("1", dataschema="urn:a"), CONFLICT),
    "no content type": (completed("1"), completed("1", datacontenttype=ABSENT), DUPLICATE),
    "another name of JSON": (
        completed("1"),
        completed("1", datacontenttype="application/vnd.takeup+JSON; charset=utf-8"),
        DUPLICATE,
    ),
    "true for 1": (completed("1", data={"x": 1}), completed("1", data={"x": True}), CONFLICT),
    "a text for a number": (
        completed("1", data={"x": 1}),
        completed("1", data={"x": "1"}),
        CONFLICT,
    ),
    "a list in another order": (
        completed("1", data={"x": [1, 2]}),
        completed("1", data={"x": [2, 1]}),
        CONFLICT,
    ),
    "another number of 30 digits": (
        completed("1", data={"x": int("9" * 30)}),
        completed("1", data={"x": int("9" * 29 + "8")}),
        CONFLICT,
    ),
    "another number of 5,000 digits": (
        text(completed("1", data={"x": 777777})).replace("777777", "9" * 5000),
        text(completed("1", data={"x": 777777})).replace("777777", "9" * 4999 + "8"),
        CONFLICT,
    ),
    "a number beyond all bounds": (
        text(completed("1", data={"x": 777777})).replace("777777", "1e400"),
        text(completed("1", data={"x": 777777})).replace("777777", "1e99999999999999999999"),
        CONFLICT,
    ),
    "the same id of another source": (completed("1"), completed("1", source="urn:other"), EVENT),
    "an id in other case": (completed("a"), completed("A"), EVENT),
    "an id with a space behind": (completed("a"), completed("a "), EVENT),
    "source and id that read alike when put together": (
        completed("bc", source="a"),
        completed("c", source="ab"),
        EVENT,
    ),
}


@pytest.fixture(scope="module")
def second_deliveries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Home]:
    """Homes that got both deliveries: in one file, and in two runs."""
    folder = tmp_path_factory.mktemp("deliveries")
    together, apart = Home.at(folder / "together"), Home.at(folder / "apart")
    pairs = [told_apart(i, pair) for i, pair in enumerate(SECOND_DELIVERIES.values())]
    together.land_events("both.jsonl", *(line for pair in pairs for line in pair))
    together.ingest()
    apart.land_events("first.jsonl", *(first for first, _ in pairs))
    apart.ingest()
    apart.land_events("second.jsonl", *(second for _, second in pairs))
    apart.ingest()
    return {"together": together, "apart": apart}


def told_apart(number: int, pair: tuple[Any, Any, Any]) -> tuple[str, str]:
    """Both lines with a source of their own, so that all pairs fit into one log."""
    first, second = (line if isinstance(line, str) else text(line) for line in (pair[0], pair[1]))
    return (
        first.replace('"source":"', f'"source":"{number}:'),
        second.replace('"source":"', f'"source":"{number}:').replace(
            '"source": "', f'"source": "{number}:'
        ),
    )


@pytest.mark.parametrize("name", SECOND_DELIVERIES)
@pytest.mark.parametrize("when", ["together", "apart"])
def test_second_delivery(name: str, when: str, second_deliveries: dict[str, Home]) -> None:
    home = second_deliveries[when]
    number = list(SECOND_DELIVERIES).index(name) + 1
    if when == "together":
        outcomes = home.outcomes()
        first, second = outcomes[2 * number - 1], outcomes[2 * number]
    else:
        hashes = {row["name"]: row["file_hash"] for row in home.rows("file")}
        first = home.outcomes(hashes["first.jsonl"])[number]
        second = home.outcomes(hashes["second.jsonl"])[number]
    assert (first[0], first[1].get("reason")) == EVENT
    assert (second[0], second[1].get("reason")) == SECOND_DELIVERIES[name][2]
    if second[0] == "duplicate":
        assert second[1]["winner_file_hash"] == first[1]["file_hash"]
        assert second[1]["winner_position"] == first[1]["position"]
        assert second[1]["winner_commit_version"] == first[1]["commit_version"]
    if second[0] == "quarantine":
        assert f"position {first[1]['position']} of blake3:" in second[1]["detail"]


def test_invariants_hold(second_deliveries: dict[str, Home]) -> None:
    for home in second_deliveries.values():
        check_log(home)


def test_an_invalid_first_delivery_wins_nothing(tmp_path: Path) -> None:
    broken = completed("1", data={"channel": "pigeon"})
    home = ingested(tmp_path, broken, completed("1"), completed("1"), completed("1", data=PHONE))
    assert outcomes_of(home) == [("quarantine", "unknown_channel"), EVENT, DUPLICATE, CONFLICT]
    (duplicate,) = home.rows("duplicate")
    assert duplicate["winner_position"] == 2


def test_a_file_that_has_other_records_the_second_time_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = ingested(tmp_path, completed("1"))
    landed = home.land_events("b.jsonl", completed("1", data=PHONE), completed("2"))
    home.land_events("c.jsonl", completed("3"))
    read, seen = CloudEvents.read, []

    def read_then_gone(self: CloudEvents, file: SourceFile, context: Context) -> Iterator[pa.Table]:
        seen.append(file.name)
        is_gone = file.name == "b.jsonl" and seen.count(file.name) > 1
        yield from () if is_gone else read(self, file, context)

    with monkeypatch.context() as patch:
        patch.setattr(CloudEvents, "read", read_then_gone)
        patch.setattr(ready, "CHUNK_BYTES", 400)
        assert home.ingest().waiting == ["b.jsonl"]
    assert sorted(row["id"] for row in home.rows("event")) == ["1", "3"]
    assert home.rows("quarantine") == []

    home.ingest()
    assert sorted(row["id"] for row in home.rows("event")) == ["1", "2", "3"]
    assert [row["raw"] for row in home.rows("quarantine")] == [landed.read_bytes().split(b"\n")[0]]
    check_log(home)


def test_deliveries_after_a_conflict_are_held_against_the_winner(tmp_path: Path) -> None:
    home = ingested(
        tmp_path,
        completed("1"),
        completed("1", data=PHONE),
        completed("1"),
        completed("1", data=PHONE),
    )
    assert outcomes_of(home) == [EVENT, CONFLICT, DUPLICATE, CONFLICT]


def test_a_record_of_the_fast_path_yields_to_another_before_it(tmp_path: Path) -> None:
    odd = completed("1", time="2015-03-02T11:00:00+01:00")
    home = ingested(tmp_path, odd, completed("1"), completed("2"))
    assert outcomes_of(home) == [EVENT, DUPLICATE, EVENT]


@pytest.mark.parametrize("names", [("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")])
def test_in_one_run_the_first_by_content_hash_stays(names: Sequence[str], tmp_path: Path) -> None:
    contents = [
        lines(completed("1", data={"channel": channel}), completed(channel))
        for channel in ("online", "phone", "paper")
    ]
    home = Home.at(tmp_path)
    for name, content in zip(names, contents, strict=True):
        home.land(f"{name}.jsonl", content)
    home.ingest()
    winner = min(contents, key=content_hash)
    (event,) = (row for row in home.rows("event") if row["id"] == "1")
    assert event["file_hash"] == content_hash(winner)
    assert [row["reason"] for row in home.rows("quarantine")] == ["id_conflict"] * 2
    check_log(home)


def test_across_runs_the_recorded_one_stays(tmp_path: Path) -> None:
    contents = sorted(
        (lines(completed("1", data={"channel": c})) for c in ("online", "phone", "paper")),
        key=content_hash,
        reverse=True,
    )
    home = Home.at(tmp_path)
    for number, content in enumerate(contents):
        home.land(f"{number}.jsonl", content)
        home.ingest()
    (event,) = home.rows("event")
    assert event["file_hash"] == content_hash(contents[0])
    assert len(home.rows("quarantine")) == 2


# The index of identities is a help, never the truth.


def spoil(home: Home, how: str) -> None:
    index = home.settings.warehouse / "identities.duckdb"
    assert index.is_file()
    if how == "lost":
        index.unlink()
    elif how == "garbage":
        index.write_bytes(b"garbage" * 1000)
    elif how == "empty":
        index.write_bytes(b"")
    elif how == "with a leftover beside it":
        index.with_name(index.name + ".wal").write_bytes(b"garbage" * 1000)


@pytest.mark.parametrize("how", ["lost", "garbage", "empty", "with a leftover beside it", "kept"])
def test_a_spoilt_index_changes_nothing(how: str, tmp_path: Path) -> None:
    home = ingested(tmp_path, completed("1"), completed("2"))
    spoil(home, how)
    home.land_events("b.jsonl", completed("2"), completed("1", data=PHONE), completed("3"))
    home.ingest()
    outcomes = home.outcomes(home.ledger()["b.jsonl"]["file_hash"])
    assert [outcomes[i][0] for i in (1, 2, 3)] == ["duplicate", "quarantine", "event"]
    check_log(home)


def test_an_index_of_another_log_changes_nothing(tmp_path: Path) -> None:
    other = ingested(tmp_path / "other", *(completed(str(i)) for i in range(5)))
    home = ingested(tmp_path / "home", completed("10"))
    for _ in range(2):
        other.land_events(f"{len(other.landed)}.jsonl", completed(f"o-{len(other.landed)}"))
        other.ingest()
    stolen = (other.settings.warehouse / "identities.duckdb").read_bytes()
    (home.settings.warehouse / "identities.duckdb").write_bytes(stolen)
    home.land_events("b.jsonl", completed("10"), completed("11"), completed("1"))
    home.ingest()
    outcomes = home.outcomes(home.ledger()["b.jsonl"]["file_hash"])
    assert [outcomes[i][0] for i in (1, 2, 3)] == ["duplicate", "event", "event"]


def test_an_index_that_is_larger_than_memory_is_asked_all_the_same(tmp_path: Path) -> None:
    home = Home.at(tmp_path, memory_limit="96MB", threads=1)
    home.land_events("a.jsonl", completed("1"))
    home.ingest()
    fill(identity.path_in(home.settings), identities=15_000_000)
    assert (identity.size_in(home.settings) or 0) > 96_000_000
    home.land_events("b.jsonl", completed("1"), completed("2"))
    home.ingest()
    home.land_events("c.jsonl", completed("2"), completed("3"))
    home.ingest()
    assert [row["id"] for row in home.rows("event")] == ["1", "2", "3"]
    assert [row["id"] for row in home.rows("duplicate")] == ["1", "2"]


def fill(index: Path, *, identities: int) -> None:
    """Add hashes of identities, none of them of an event here."""
    with duckdb.connect(str(index)) as connection:
        connection.execute(
            "insert into identities select hash('nobody', range::varchar), 1"
            f" from range({identities})"
        )


def test_identities_with_the_same_hash_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        identity, "identity_hash", lambda source, name: f"(strlen({source} || {name}) % 2)::ubigint"
    )
    home = ingested(tmp_path, *(completed(f"{i:02}") for i in range(20)), completed("05"))
    assert outcomes_of(home) == [EVENT] * 20 + [DUPLICATE]
    home.land_events("b.jsonl", completed("20"), completed("07"), completed("08", data=PHONE))
    home.ingest()
    outcomes = home.outcomes(home.ledger()["b.jsonl"]["file_hash"])
    assert [outcomes[i][0] for i in (1, 2, 3)] == ["event", "duplicate", "quarantine"]
    check_log(home)


# Any deliveries, in any files, chunks, batches and runs.

Delivery = tuple[int, int, bool]
"""Which identity (a few), with which of a few contents (0 is broken), and whether it is spelled
compactly, for the fast path, or so that it waits for the full check."""
CHANNELS = ("pigeon", "online", "phone", "paper")
deliveries = st.tuples(st.integers(0, 5), st.integers(0, 3), st.booleans())
files = st.lists(deliveries, min_size=1, max_size=8)
runs = st.lists(st.lists(files, min_size=1, max_size=3), min_size=1, max_size=2)


def line_of(delivery: Delivery) -> str:
    number, content, is_compact = delivery
    event = completed(str(number), data={"channel": CHANNELS[content]})
    return text(event) if is_compact else json.dumps(event, separators=(" , ", " : "))


def expected_outcomes(history: list[list[bytes]]) -> dict[tuple[str, int], tuple[str, Any]]:
    """The rule, simply: outcomes by file and line, with the winner of each duplicate."""
    recorded: dict[str, tuple[str, tuple[str, int]]] = {}
    taken: set[str] = set()
    outcomes: dict[tuple[str, int], tuple[str, Any]] = {}
    for contents in history:
        for content in sorted(set(contents), key=content_hash):
            digest = content_hash(content)
            if digest in taken:
                continue
            taken.add(digest)
            for position, line in enumerate(content.decode().splitlines(), 1):
                event = json.loads(line)
                channel, place = event["data"]["channel"], (digest, position)
                if channel == "pigeon":
                    outcomes[place] = "quarantine", "unknown_channel"
                elif event["id"] not in recorded:
                    recorded[event["id"]] = channel, place
                    outcomes[place] = "event", None
                elif recorded[event["id"]][0] == channel:
                    outcomes[place] = "duplicate", recorded[event["id"]][1]
                else:
                    outcomes[place] = "quarantine", "id_conflict"
    return outcomes


def found_outcomes(home: Home) -> dict[tuple[str, int], tuple[str, Any]]:
    def place(row: Row) -> tuple[str, int]:
        return row["file_hash"], row["position"]

    outcomes: dict[tuple[str, int], tuple[str, Any]] = {}
    for row in home.rows("event"):
        outcomes[place(row)] = "event", None
    for row in home.rows("duplicate"):
        outcomes[place(row)] = "duplicate", (row["winner_file_hash"], row["winner_position"])
    for row in home.rows("quarantine"):
        outcomes[place(row)] = "quarantine", row["reason"]
    return outcomes


@pytest.mark.slow
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    history=runs,
    batch_bytes=st.sampled_from([1, 2**31]),
    chunk_bytes=st.sampled_from([400, 2**27]),
    full_check_bytes=st.sampled_from([1, 900, 2**27]),
    identities_at_once=st.sampled_from([2, 2**27]),
)
def test_any_history_of_deliveries(
    history: list[list[list[Delivery]]],
    batch_bytes: int,
    chunk_bytes: int,
    full_check_bytes: int,
    identities_at_once: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = Home.at(tmp_path_factory.mktemp("history"), batch_bytes=batch_bytes)
    landed: list[list[bytes]] = []
    for run, contents in enumerate(history):
        landed.append([lines(*map(line_of, content)) for content in contents])
        for number, content in enumerate(landed[-1]):
            home.land(f"{run}-{number}.jsonl", content)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ready, "CHUNK_BYTES", chunk_bytes)
            patch.setattr(batch, "FULL_CHECK_BYTES", full_check_bytes)
            patch.setattr(identities, "IDENTITIES_AT_ONCE", identities_at_once)
            home.ingest()
    assert found_outcomes(home) == expected_outcomes(landed)
    assert {row["source"] for row in home.rows("event")} <= {SOURCE}
    check_log(home, is_again_a_no_op=False)
