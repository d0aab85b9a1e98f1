"""Simulated events: what the truth says is what a plain reading of the lines gives.

The reading below shares no code with the simulator: it parses each line, refuses what is
broken, keeps the first of each identity, applies voids and corrections, and counts.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from core.errors import UsageError
from core.settings import PROJECT_ROOT
from ingest.refusals import RECORD_REASONS
from ingest.validation.event_types import event_types
from simulator.events import SimulatedEvents, make_stream, simulate_events
from simulator.faults import CONFLICT, ORDINARY, OVERSIZED
from simulator.makers import CHUNK, maker_of
from simulator.pattern import Kind, Ratios, Shape, make_pattern
from simulator.rows import rows_sql
from simulator.tables import world_tables
from simulator.truth import Truth, read_truth
from simulator.world import largest_remainders, make_world

SEEDS = PROJECT_ROOT / "seeds"
LONDON = ZoneInfo("Europe/London")
EVENTS = 20_000
FIRST, LAST = date(2014, 1, 1), date(2014, 12, 31)
RUN_DAY = datetime(2026, 1, 1, tzinfo=UTC)
PREFIX = "uk.gov.takeup."


def simulate(out: Path, **options: Any) -> SimulatedEvents:
    settings: dict[str, Any] = {"events": EVENTS, "seed": 5, "start": FIRST, "end": LAST}
    return simulate_events(out, **(settings | options))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> SimulatedEvents:
    return simulate(tmp_path_factory.mktemp("broken"), faults=True, files=3)


@pytest.fixture(scope="module")
def daily(tmp_path_factory: pytest.TempPathFactory) -> SimulatedEvents:
    return simulate(tmp_path_factory.mktemp("daily"), files="daily")


def lines_of(simulated: SimulatedEvents) -> list[str]:
    return [
        line
        for path in simulated.files
        for line in path.read_bytes().decode().removesuffix("\n").split("\n")
    ]


class Refused(Exception):
    """The line is broken."""


def strict_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise Refused("a key stands twice")
    return dict(pairs)


def refuse(_: str) -> None:
    raise Refused("not a JSON number")


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


def demand(condition: bool) -> None:
    if not condition:
        raise Refused


@dataclass(frozen=True)
class Vocabulary:
    services: frozenset[str]
    channels: frozenset[str]
    barriers: frozenset[str]
    reasons: frozenset[str]
    forbidden: frozenset[str]

    @classmethod
    def load(cls) -> Vocabulary:
        def column(register: str, name: str) -> frozenset[str]:
            with (SEEDS / f"{register}.csv").open(encoding="utf-8", newline="") as lines:
                return frozenset(row[name] for row in csv.DictReader(lines))

        return cls(
            column("services", "service_id"),
            column("channels", "channel"),
            column("barriers", "barrier"),
            column("contact_reasons", "reason"),
            column("forbidden_fields", "field_name"),
        )


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for part in value.values():
            yield from keys(part)


def read_event(line: str, known: Vocabulary) -> dict[str, Any]:
    """The event of a line, with `moment`, its instant in UTC."""
    demand(len(line.encode()) <= 1024 * 1024)
    try:
        event: dict[str, Any] = json.loads(
            line, object_pairs_hook=strict_object, parse_constant=refuse
        )
    except ValueError as error:
        raise Refused from error
    demand(isinstance(event, dict) and depth(event) <= 64)
    demand(event.get("specversion") == "1.0" and event.get("simulated") is True)
    for name in ("id", "source", "type", "time"):
        demand(isinstance(event.get(name), str) and event[name] != "" and "\0" not in event[name])
    try:
        event["moment"] = datetime.fromisoformat(event["time"])
    except ValueError as error:
        raise Refused from error
    demand(event["moment"].tzinfo is not None and event["moment"] < RUN_DAY)
    data = event.get("data")
    if not isinstance(data, dict) or known.forbidden & set(keys(data)):
        raise Refused
    check_data(event["type"].removeprefix(PREFIX), data, known)
    return event


def check_data(kind: str, data: dict[str, Any], known: Vocabulary) -> None:
    if kind in ("transaction.started.v1", "transaction.completed.v1"):
        demand(data.get("service_id") in known.services and data.get("channel") in known.channels)
        demand(data.get("assistance") in ("none", "talk_through", "on_behalf"))
        demand(isinstance(data.get("transaction_id"), str))
        if kind == "transaction.completed.v1":
            demand(data.get("outcome") in ("intended", "not_eligible"))
    elif kind == "feedback.given.v1":
        demand(data["service_id"] in known.services and data["channel"] in known.channels)
        demand(type(data["rating"]) is int and 1 <= data["rating"] <= 5)
        demand(data.get("barrier") is None or data["barrier"] in known.barriers)
    elif kind == "contact.received.v1":
        demand(data["service_id"] in known.services and data["channel"] in known.channels)
        demand(data["reason"] in known.reasons)
    elif kind == "transaction.voided.v1":
        demand(set(data["voids"]) == {"source", "id"})
    elif kind == "transaction.channel_corrected.v1":
        demand(set(data["corrects"]) == {"source", "id"} and data["channel"] in known.channels)
    elif kind == "volume.reported.v1":
        demand(type(data["count"]) is int and 0 <= data["count"] < 2**63)
    else:
        demand(kind == "campaign.ran.v1")


Identity = tuple[str, str]


@dataclass
class Reading:
    """What a plain reading finds."""

    accepted: dict[Identity, dict[str, Any]] = field(default_factory=dict)
    duplicates: int = 0
    conflicts: int = 0
    refused: int = 0

    def take(self, event: dict[str, Any]) -> None:
        identity = (event["source"], event["id"])
        if identity not in self.accepted:
            self.accepted[identity] = event
        elif self.accepted[identity] == event:
            self.duplicates += 1
        else:
            self.conflicts += 1

    def of_type(self, name: str) -> dict[Identity, dict[str, Any]]:
        return {
            identity: event
            for identity, event in self.accepted.items()
            if event["type"] == PREFIX + name
        }

    def root(self, target: dict[str, str]) -> Identity | None:
        """The completed transaction that a correction speaks of, through other corrections."""
        identity: Identity = (target["source"], target["id"])
        while (event := self.accepted.get(identity)) is not None:
            if "corrects" not in event["data"]:
                return identity
            target = event["data"]["corrects"]
            identity = (target["source"], target["id"])
        return None

    def transactions(self) -> Counter[tuple[Any, ...]]:
        """Completed transactions net of corrections, by everything that the truth tells apart."""
        voided = {
            self.root(event["data"]["voids"])
            for event in self.of_type("transaction.voided.v1").values()
        }
        last: dict[Identity, tuple[datetime, Identity, dict[str, Any]]] = {}
        for identity, event in self.of_type("transaction.channel_corrected.v1").items():
            root = self.root(event["data"]["corrects"])
            if root is None:
                continue
            candidate = (event["moment"], identity, event["data"])
            if root not in last or candidate[:2] > last[root][:2]:
                last[root] = candidate
        counts: Counter[tuple[Any, ...]] = Counter()
        for identity, event in self.of_type("transaction.completed.v1").items():
            if identity in voided:
                continue
            data = event["data"]
            said = last[identity][2] if identity in last else data
            counts[
                london_date(event),
                data["service_id"],
                said["channel"],
                said["assistance"],
                data.get("assistance_provider"),
                data.get("online_extent"),
                data["outcome"],
            ] += 1
        return counts


def london_date(event: dict[str, Any]) -> date:
    moment: datetime = event["moment"]
    return moment.astimezone(LONDON).date()


def read_plainly(simulated: SimulatedEvents) -> Reading:
    known, reading = Vocabulary.load(), Reading()
    for line in lines_of(simulated):
        try:
            event = read_event(line, known)
        except Refused:
            reading.refused += 1
        else:
            reading.take(event)
    return reading


def counted(truth: Truth) -> Counter[tuple[Any, ...]]:
    rows = truth.transactions.to_pylist()
    return Counter({tuple(row.values())[:-1]: row["transactions_count"] for row in rows})


@pytest.fixture(scope="module")
def reading(broken: SimulatedEvents) -> Reading:
    return read_plainly(broken)


@pytest.fixture(scope="module")
def truth(broken: SimulatedEvents) -> Truth:
    return read_truth(broken.truth)


def test_the_truth_is_what_a_plain_reading_counts(reading: Reading, truth: Truth) -> None:
    assert reading.transactions() == counted(truth)
    assert sum(counted(truth).values()) == truth.summary["transactions_count"]
    summary = truth.summary
    assert summary["duplicate_count"] == reading.duplicates
    assert summary["quarantined_count"] == reading.refused + reading.conflicts
    assert summary["quarantined_by_reason"]["id_conflict"] == reading.conflicts
    assert summary["accepted_count"] == len(reading.accepted)
    by_type = Counter(event["type"] for event in reading.accepted.values())
    assert summary["accepted_by_type"] == by_type
    parts = ("accepted_count", "duplicate_count", "quarantined_count")
    assert summary["read_count"] == EVENTS == sum(summary[part] for part in parts)


def test_activity_is_what_a_plain_reading_counts(reading: Reading, truth: Truth) -> None:
    expected: Counter[tuple[Any, ...]] = Counter()
    for name in ("transaction.started.v1", "feedback.given.v1", "contact.received.v1"):
        for event in reading.of_type(name).values():
            data = event["data"]
            details = (data.get(key) for key in ("assistance", "rating", "barrier", "reason"))
            key = (event["type"], london_date(event), data["service_id"], data["channel"])
            expected[(*key, *details)] += 1
    rows = truth.activity.to_pylist()
    assert expected == {tuple(row.values())[:-1]: row["records_count"] for row in rows}
    assert {row["barrier"] for row in rows} > {None, "skills"}


def test_every_fault_occurs_and_has_a_reason_of_the_list(truth: Truth) -> None:
    every = {fault.name: fault.reason for fault in (*ORDINARY, CONFLICT, OVERSIZED)}
    assert {name: fault["reason"] for name, fault in truth.summary["faults"].items()} == every
    assert set(every.values()) <= set(RECORD_REASONS)
    total = sum(fault["count"] for fault in truth.summary["faults"].values())
    assert total == truth.summary["quarantined_count"] == EVENTS // 100


def test_corrections_come_in_every_shape(reading: Reading, truth: Truth) -> None:
    shapes = truth.summary["corrections_by_shape"]
    assert set(shapes) == {shape.name.lower() for shape in Shape if shape is not Shape.NONE}
    corrections = reading.of_type("transaction.channel_corrected.v1")
    targets = [event["data"]["corrects"] for event in corrections.values()]
    assert sum(reading.root(target) is None for target in targets) == shapes["nothing"]
    assert truth.summary["waiting_count"] == shapes["nothing"]
    chained = [target for target in targets if (target["source"], target["id"]) in corrections]
    assert len(chained) == shapes["chain"]
    moments = Counter(
        (reading.root(event["data"]["corrects"]), event["moment"]) for event in corrections.values()
    )
    assert sum(count == 2 for count in moments.values()) == shapes["tie"]


def test_some_corrections_arrive_before_their_originals(tmp_path: Path) -> None:
    reading = read_plainly(simulate(tmp_path, end=FIRST + timedelta(days=20)))
    order = {identity: place for place, identity in enumerate(reading.accepted)}
    early = 0
    for identity, event in reading.of_type("transaction.channel_corrected.v1").items():
        root = reading.root(event["data"]["corrects"])
        if root is not None and order[root] > order[identity]:
            early += 1
            assert london_date(reading.accepted[root]) <= london_date(event)
    assert early == 20 - 1  # One in each block, but for the last: it has no block ahead.


def test_accepted_events_fit_their_schemas(reading: Reading) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    folder = PROJECT_ROOT / "ingest" / "schemas"
    validators = {
        PREFIX + path.name.removesuffix(".json"): jsonschema.Draft202012Validator(
            json.loads(path.read_text(encoding="utf-8"))
        )
        for path in folder.glob("*.json")
    }
    assert set(validators) == set(event_types())
    for event in list(reading.accepted.values())[:3000]:
        plain = {name: value for name, value in event.items() if name != "moment"}
        validators[event["type"]].validate(plain)


def test_every_event_says_that_it_is_simulated(reading: Reading) -> None:
    for source, identifier in reading.accepted:
        assert source.startswith("urn:takeup:simulated:")
        assert len(identifier) == 36
    assert all(event["simulated"] is True for event in reading.accepted.values())


def test_times_have_microseconds_and_some_an_offset(reading: Reading) -> None:
    completed = reading.of_type("transaction.completed.v1").values()
    offsets = Counter(event["time"][26:] for event in completed)
    assert set(offsets) == {"Z", "+01:00", "+00:00"}
    assert offsets["Z"] > 0.9 * len(completed)
    assert {len(event["time"].partition(".")[2][:6]) for event in completed} == {6}
    assert any(
        event["moment"].hour == 23 and london_date(event) != event["moment"].date()
        for event in completed
        if event["time"].endswith("Z")
    )
    assert {london_date(event) for event in completed} <= {
        FIRST + timedelta(days=n) for n in range(365)
    }


def test_some_redeliveries_differ_in_key_order_and_spaces(broken: SimulatedEvents) -> None:
    lines = lines_of(broken)
    spaced = [line for line in lines if line.startswith('{"type": ')]
    assert len(spaced) > 200
    first = {line.partition('"id":"')[2][:36]: line for line in lines if '"id":"' in line}
    for line in spaced[:50]:
        event = json.loads(line)
        assert event == json.loads(first[event["id"]])


def test_late_events_are_delivered_days_after_they_happened(daily: SimulatedEvents) -> None:
    known, reading, lags = Vocabulary.load(), Reading(), Counter[int]()
    for path in daily.files:
        delivered = date.fromisoformat(path.name.removeprefix("events-").removesuffix(".jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines():
            event = read_event(line, known)
            identity = (event["source"], event["id"])
            is_new = identity not in reading.accepted
            reading.take(event)
            assert london_date(event) <= delivered
            if is_new and event["type"] == PREFIX + "transaction.completed.v1":
                lags[(delivered - london_date(event)).days] += 1
    late = read_truth(daily.truth).summary["late_count"]
    assert late == EVENTS // 50
    assert sum(count for lag, count in lags.items() if lag > 0) == pytest.approx(late, abs=15)
    assert min(lag for lag in lags if lag > 4) == 5
    assert max(lags) == 40
    assert reading.refused == 0
    assert reading.transactions() == counted(read_truth(daily.truth))


def test_digital_take_up_follows_the_reports(tmp_path: Path) -> None:
    simulated = simulate(tmp_path, events=100_000, corrected_ratio=0.0, duplicates_ratio=0.0)
    table = read_truth(simulated.truth).transactions.to_pylist()

    def take_up(service_id: str, months: range) -> float:
        rows = [r for r in table if r["service_id"] == service_id and r["date"].month in months]
        digital: int = sum(r["transactions_count"] for r in rows if r["channel"] == "online")
        total: int = sum(r["transactions_count"] for r in rows)
        return digital / total

    year = range(1, 13)
    assert take_up("dwp-jobseekers-allowance-jsa-new-claims", year) == pytest.approx(
        0.855, abs=0.02
    )
    assert take_up("defra-waste-carriers-brokers-dealers-registrations", range(8, 13)) > 0.9
    assert take_up("defra-single-payment-scheme-sps-claims", year) == pytest.approx(0.68, abs=0.03)
    assert take_up("moj-prison-visit-booking", range(8, 9)) == pytest.approx(0.192, abs=0.06)
    assert take_up("moj-prison-visit-booking", range(12, 13)) == pytest.approx(0.35, abs=0.06)
    assert take_up("home-office-registered-traveller", year) == 1.0


def test_threads_do_not_change_a_byte(tmp_path: Path) -> None:
    # Several stretches of the stream, so that two threads do take turns.
    options = {"events": 2 * CHUNK + 1000, "faults": True, "files": 2}
    one = simulate(tmp_path / "one", threads=1, **options)
    two = simulate(tmp_path / "two", threads=2, **options)
    for first, second in zip(one.files, two.files, strict=True):
        assert first.read_bytes() == second.read_bytes()
    for name in ("truth.json", "transactions.parquet", "activity.parquet"):
        assert (one.truth / name).read_bytes() == (two.truth / name).read_bytes()


def test_another_process_gives_the_same_bytes(broken: SimulatedEvents, tmp_path: Path) -> None:
    program = (
        "import sys; from datetime import date; from pathlib import Path;"
        "from simulator.events import simulate_events;"
        f"simulate_events(Path(sys.argv[1]), events={EVENTS}, seed=5, faults=True, files=3,"
        "start=date(2014, 1, 1), end=date(2014, 12, 31))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "America/New_York"}
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        check=True,
        cwd=PROJECT_ROOT,
        env=environment,
    )
    for path in broken.files:
        assert (tmp_path / "landing" / path.name).read_bytes() == path.read_bytes()


def test_seeds_differ(broken: SimulatedEvents, tmp_path: Path) -> None:
    other = simulate(tmp_path, seed=6, faults=True, files=3)
    known = {line for line in lines_of(broken) if '"id":"' in line}
    assert not known & set(lines_of(other))


def test_files_share_the_records_in_order(broken: SimulatedEvents, truth: Truth) -> None:
    assert [path.name for path in broken.files] == [f"events-00000{n}.jsonl" for n in (1, 2, 3)]
    counts = {path.name: path.read_bytes().count(b"\n") for path in broken.files}
    assert counts == truth.summary["files"]
    assert broken.size_bytes == sum(path.stat().st_size for path in broken.files)
    assert {path.name for path in broken.landing.iterdir()} == set(counts)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> SimulatedEvents:
    return simulate(tmp_path_factory.mktemp("plain"), events=3000)


def test_gzip_holds_the_same_lines(plain: SimulatedEvents, tmp_path: Path) -> None:
    packed = simulate(tmp_path, events=3000, format="jsonl.gz")
    assert gzip.decompress(packed.files[0].read_bytes()) == plain.files[0].read_bytes()
    again = simulate(tmp_path / "again", events=3000, format="jsonl.gz")
    assert again.files[0].read_bytes() == packed.files[0].read_bytes()


def test_zstandard_holds_the_same_lines(plain: SimulatedEvents, tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    packed = simulate(tmp_path, events=3000, format="jsonl.zst")
    with (
        packed.files[0].open("rb") as stream,
        zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True) as opened,
    ):
        assert opened.read() == plain.files[0].read_bytes()


def as_event(row: dict[str, Any]) -> dict[str, Any]:
    cells = {name: value for name, value in row.items() if value not in (None, "")}
    return cells | {"simulated": json.loads(cells["simulated"]), "data": json.loads(cells["data"])}


def test_csv_and_parquet_hold_the_same_events(plain: SimulatedEvents, tmp_path: Path) -> None:
    expected = [json.loads(line) for line in lines_of(plain)]
    table = simulate(tmp_path / "csv", events=3000, format="csv")
    with table.files[0].open(encoding="utf-8", newline="") as lines:
        assert [as_event(row) for row in csv.DictReader(lines)] == expected
    columns = simulate(tmp_path / "parquet", events=3000, format="parquet")
    assert [as_event(row) for row in pq.read_table(columns.files[0]).to_pylist()] == expected


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_columns_are_broken_only_in_ways_that_columns_can_be(tmp_path: Path, format: Any) -> None:
    simulated = simulate(tmp_path, faults=True, format=format)
    faults = read_truth(simulated.truth).summary["faults"]
    assert set(faults) == {
        fault.name for fault in (*ORDINARY, CONFLICT, OVERSIZED) if fault.is_columnar
    }
    if format == "parquet":
        rows = pq.read_table(simulated.files[0]).to_pylist()
        assert sum(row["id"] is None for row in rows) == faults["id_missing"]["count"]
        assert sum(row["id"] == "" for row in rows) == faults["id_empty"]["count"]
        assert sum(row["time"] == "yesterday" for row in rows) == faults["time_in_words"]["count"]


@pytest.mark.parametrize("events", [1, 2, 17, 999, 1000, 1001, 2750])
def test_small_landings_are_consistent_too(tmp_path: Path, events: int) -> None:
    simulated = simulate(tmp_path, events=events, faults=True)
    truth = read_truth(simulated.truth)
    reading = read_plainly(simulated)
    assert reading.transactions() == counted(truth)
    assert truth.summary["duplicate_count"] == reading.duplicates
    assert truth.summary["quarantined_count"] == reading.refused + reading.conflicts


def test_a_single_day_and_a_clock_change(tmp_path: Path) -> None:
    for day in (date(2014, 3, 30), date(2014, 10, 26)):
        simulated = simulate(tmp_path / day.isoformat(), events=5000, start=day, end=day)
        reading = read_plainly(simulated)
        assert {
            london_date(event) for event in reading.of_type("transaction.completed.v1").values()
        } == {day}
        assert reading.transactions() == counted(read_truth(simulated.truth))
        hours = {
            event["moment"].astimezone(UTC).replace(minute=0, second=0, microsecond=0)
            for event in reading.of_type("transaction.completed.v1").values()
        }
        assert len(hours) == (23 if day.month == 3 else 25)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"events": 0}, "--events"),
        ({"start": LAST, "end": FIRST}, "--to lies before --from"),
        ({"files": 0}, "--files"),
        ({"format": "xml"}, "format"),
        ({"late_ratio": 0.9}, "ratio"),
        ({"threads": 0}, "threads"),
    ],
)
def test_wrong_arguments_are_refused(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        simulate(tmp_path, **options)
    assert not (tmp_path / "truth").exists()


def test_a_landing_is_never_mixed_with_another(plain: SimulatedEvents) -> None:
    with pytest.raises(UsageError, match="not empty"):
        simulate(plain.landing.parent)


def test_records_come_in_order_and_meet_every_table() -> None:
    stream = make_stream(
        events=300_000,
        seed=1,
        start=FIRST,
        end=LAST,
        ratios=Ratios(broken=0.01),
        with_faults=True,
        is_columnar=False,
        seeds_dir=SEEDS,
    )
    connection = maker_of(world_tables(stream.pattern, stream.world))
    rows = rows_sql(stream, 120_000, 300_000)
    table = connection.execute(
        f"{rows} select record, service_id, event_ts, body_is_there from"
        " (select *, completed_body is not null as body_is_there from rows)"
    ).to_arrow_table()
    assert table["record"].to_pylist() == list(range(120_000, 300_000))
    assert [table[name].null_count for name in table.column_names] == [0, 0, 0, 0]


def test_a_landing_may_be_without_late_repeated_or_corrected_records(tmp_path: Path) -> None:
    simulated = simulate(
        tmp_path, events=5000, duplicates_ratio=0.0, late_ratio=0.0, corrected_ratio=0.0
    )
    truth, reading = read_truth(simulated.truth), read_plainly(simulated)
    assert truth.summary["accepted_count"] == len(reading.accepted) == 5000
    assert truth.summary["late_count"] == 0
    assert truth.summary["corrections_by_shape"] == {}
    assert reading.transactions() == counted(truth)


def test_ratios_hold_to_the_thousandth() -> None:
    ratios = Ratios(duplicates=0.05, late=0.02, corrected=0.01, broken=0.01)
    pattern = make_pattern(ratios, starts_share=0.4, with_faults=True)
    kinds = Counter(slot.kind for slot in pattern.slots)
    assert len(pattern.slots) == 1000
    assert kinds[Kind.DUPLICATE] == 50
    assert kinds[Kind.VOIDED] + kinds[Kind.CORRECTED] == 10
    assert kinds[Kind.BROKEN] == 10
    assert sum(slot.is_late for slot in pattern.slots) == 20


@pytest.mark.parametrize("starts_share", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("corrected", [0.0, 0.001, 0.01, 0.3])
def test_places_refer_to_places_before_them(starts_share: float, corrected: float) -> None:
    ratios = Ratios(corrected=corrected, broken=0.02)
    pattern = make_pattern(ratios, starts_share=starts_share, with_faults=True)
    for slot in pattern.slots:
        if slot.kind is Kind.DUPLICATE:
            assert slot.repeatable_before > 0
        if slot.shape is not Shape.NONE:
            assert slot.ref_slot <= slot.slot
            assert slot.correctable_before > 0
    conflict = pattern.slots[pattern.conflict or 0]
    assert conflict.kind is Kind.BROKEN
    assert conflict.ref_slot < conflict.slot
    assert conflict.ref_slot not in {*pattern.repeatable, *pattern.correctable, *pattern.late}


def test_remainders_share_out_every_slot() -> None:
    assert largest_remainders([1, 1, 1], 256) == [86, 85, 85]
    assert largest_remainders([1e9, 1e-9, 0], 256) == [255, 1, 0]
    assert sum(largest_remainders([0.3, 0.2, 5, 0.0001], 512)) == 512


def test_the_world_covers_every_day_in_order() -> None:
    world = make_world(start=FIRST, end=LAST, seed=1, blocks=1000, seeds_dir=SEEDS)
    assert list(world.parts) == sorted(world.parts)
    assert set(world.parts) == {day.number for day in world.days}
    assert [day.on for day in world.days if day.hours != 24] == [
        date(2014, 3, 30),
        date(2014, 10, 26),
    ]
    weekday = Counter(world.days[part].on.weekday() for part in world.parts)
    assert weekday[0] > 2 * weekday[6]
    assert len({key for key, *_ in world.services}) == len(world.services) == 12 * 2 * 256
    blocks = [campaign.block for campaign in world.campaigns]
    assert len(set(blocks)) == len(blocks) > 5


def test_imports_are_light() -> None:
    program = (
        "import sys, simulator.events, simulator.truth, simulator.landing;"
        "print([n for n in ('duckdb', 'pyarrow', 'numpy', 'pandas') if n in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )
    assert result.stdout.strip() == "[]"
