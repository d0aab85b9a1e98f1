"""From transactions to take-up: nights that add to each other, held against plain Python."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.settings import PROJECT_ROOT, Settings
from ingest.load.run import ingest
from ingest.log.compacted import FOLDER
from publish.fingerprint import table_hashes
from simulator.events import simulate_events
from simulator.truth import read_truth
from takeup.build import Built, build
from takeup.compaction import compact_log
from takeup.log_declaration import VARIABLE, log_declaration
from tests.nights.transaction_model import (
    COMPLETED,
    CORRECTED,
    STARTED,
    VOIDED,
    Counted,
    Registers,
    Sent,
    counted,
    monthly_take_up,
    waiting,
)

SEEDS = PROJECT_ROOT / "seeds"
SOURCE = "urn:test:transactions"
JSA = "dwp-jobseekers-allowance-jsa-new-claims"
CARERS = "dwp-carers-allowance-new-claims"
TRAVELLER = "home-office-registered-traveller"
CHANNELS = {
    JSA: ("online", "phone", "face_to_face"),
    CARERS: ("online", "paper"),
    TRAVELLER: ("online",),
}
NIGHTS = tuple(datetime(2015, month, 5, 2, tzinfo=UTC) for month in (3, 4, 5, 6))
LATE_MONTH = date(2015, 1, 1)

pytestmark = pytest.mark.nights


def line(event: Sent) -> str:
    """A CloudEvent of one line."""
    fields: dict[str, Any] = {
        "service_id": event.service_id,
        "channel": event.channel,
        "assistance": event.assistance,
        "assistance_provider": event.assistance_provider,
        "online_extent": event.online_extent,
        "outcome": event.outcome,
    }
    if event.kind in (COMPLETED, STARTED):
        fields["transaction_id"] = f"t-{event.id}"
    if event.kind == "feedback.given":
        fields["rating"] = 3
    if event.target is not None:
        verb = "voids" if event.kind == VOIDED else "corrects"
        fields[verb] = dict(zip(("source", "id"), event.target, strict=True))
    if event.kind == VOIDED:
        fields["reason"] = "entered twice"
    return json.dumps(
        {
            "specversion": "1.0",
            "id": event.id,
            "source": event.source,
            "type": f"uk.gov.takeup.{event.kind}.v1",
            "time": event.time.isoformat(),
            "data": {name: value for name, value in fields.items() if value is not None},
        }
    )


def transaction(
    identifier: str, time: str, recorded_at: datetime, *, service_id: str = CARERS, **fields: Any
) -> Sent:
    """A completed transaction, made online without help unless it says otherwise."""
    return Sent(
        kind=fields.pop("kind", COMPLETED),
        source=SOURCE,
        id=identifier,
        time=datetime.fromisoformat(time),
        recorded_at=recorded_at,
        service_id=service_id,
        **{"channel": "online", "assistance": "none", "outcome": "intended"} | fields,
    )


def correction(
    identifier: str,
    target: str,
    time: str,
    recorded_at: datetime,
    *,
    channel: str | None = None,
    assistance: str = "none",
) -> Sent:
    """A correction of channel, or a void where no channel is given."""
    return Sent(
        kind=VOIDED if channel is None else CORRECTED,
        source=SOURCE,
        id=identifier,
        time=datetime.fromisoformat(time),
        recorded_at=recorded_at,
        channel=channel,
        assistance=None if channel is None else assistance,
        target=(SOURCE, target),
    )


def chosen_events() -> list[Sent]:
    """Every rule of corrections once, over the first three nights."""
    first, second, third, _ = NIGHTS
    return [
        transaction("plain", "2015-01-10T09:00:00+00:00", first),
        transaction("paper", "2015-01-11T09:00:00+00:00", first, channel="paper"),
        transaction("moved", "2015-01-12T09:00:00+00:00", first),
        transaction("tied", "2015-01-13T09:00:00+00:00", first),
        transaction("voided", "2015-01-14T09:00:00+00:00", first),
        transaction("voided later", "2015-01-15T09:00:00+00:00", first),
        transaction("chained", "2015-01-16T09:00:00+00:00", first),
        transaction("begun", "2015-01-17T09:00:00+00:00", first, kind=STARTED, outcome=None),
        transaction("july", "2015-03-31T23:30:00+00:00", second),
        transaction("late", "2015-01-20T09:00:00+00:00", second),
        # Before its original, which comes a night later.
        correction("early", "late", "2015-01-21T09:00:00+00:00", first, channel="paper"),
        # The later by its own time was known first.
        correction("made last", "moved", "2015-02-02T09:00:00+00:00", first, channel="paper"),
        correction("made first", "moved", "2015-02-01T09:00:00+00:00", third, channel="online"),
        # Of two at one moment the greater identity holds.
        correction("tie a", "tied", "2015-02-03T09:00:00+00:00", first, channel="online"),
        correction("tie b", "tied", "2015-02-03T09:00:00+00:00", first, channel="paper"),
        correction("void", "voided", "2015-02-04T09:00:00+00:00", first),
        correction("void again", "voided", "2015-02-05T09:00:00+00:00", second),
        correction("after void", "voided", "2015-02-06T09:00:00+00:00", second, channel="paper"),
        correction("void later", "voided later", "2015-02-04T09:00:00+00:00", third),
        # A chain whose middle comes last.
        correction("link 2", "link 1", "2015-02-08T09:00:00+00:00", second, channel="paper"),
        correction("link 1", "chained", "2015-02-07T09:00:00+00:00", third, channel="online"),
        correction("begun void", "begun", "2015-02-09T09:00:00+00:00", second),
        correction("for nothing", "nowhere", "2015-02-10T09:00:00+00:00", first, channel="paper"),
        correction("tick", "tock", "2015-02-10T09:00:00+00:00", first, channel="paper"),
        correction("tock", "tick", "2015-02-10T09:00:00+00:00", second, channel="paper"),
        correction("self", "self", "2015-02-10T09:00:00+00:00", first, channel="paper"),
    ]


def random_events(*, seed: int, transactions: int, corrections: int) -> list[Sent]:
    """Transactions of three services over four months and corrections of anything, on any night."""
    dice = random.Random(seed)
    events: list[Sent] = []
    for number in range(transactions):
        night = dice.randrange(len(NIGHTS) - 1)
        begins = datetime(2015, 1, 1, tzinfo=UTC)
        ends = NIGHTS[night] - timedelta(days=1)
        service_id = dice.choice(sorted(CHANNELS))
        assistance = dice.choice(("none", "none", "talk_through", "on_behalf"))
        kind = dice.choice((COMPLETED, COMPLETED, COMPLETED, STARTED))
        events.append(
            Sent(
                kind=kind,
                source=dice.choice((SOURCE, SOURCE + ":other")),
                id=f"random-{number}",
                time=begins + (ends - begins) * dice.random(),
                recorded_at=NIGHTS[night],
                service_id=service_id,
                channel=dice.choice(CHANNELS[service_id]),
                assistance=assistance,
                assistance_provider=(
                    dice.choice(("jobcentre", None)) if assistance != "none" else None
                ),
                online_extent=dice.choice(("all", "significant", "some", "none", None)),
                outcome=dice.choice(("intended", "not_eligible")) if kind == COMPLETED else None,
            )
        )
        if kind == STARTED:
            events[-1] = replace(events[-1], assistance_provider=None, online_extent=None)
    feedback = Sent(
        kind="feedback.given",
        source=SOURCE,
        id="feedback",
        time=datetime(2015, 1, 5, tzinfo=UTC),
        recorded_at=NIGHTS[0],
        service_id=JSA,
        channel="online",
    )
    events.append(feedback)
    targets = [event.identity for event in events if event.kind == COMPLETED][: corrections // 2]
    targets += [feedback.identity, (SOURCE, "nowhere to be found")]
    for number in range(corrections):
        made = correction(
            f"correction-{number}",
            "replaced below",
            (datetime(2015, 2, 1, tzinfo=UTC) + timedelta(hours=dice.randrange(40))).isoformat(),
            dice.choice(NIGHTS[:3]),
            channel=dice.choice(("online", "paper", "phone", "face_to_face", None)),
            assistance=dice.choice(("none", "on_behalf")),
        )
        made = replace(made, target=dice.choice(targets))
        targets.append(made.identity)
        events.append(made)
    return events


def late_events() -> list[Sent]:
    """What the last night brings: one month of one service, long over."""
    return [
        transaction("late carer", "2015-01-25T09:00:00+00:00", NIGHTS[3]),
        correction("late void", "plain", "2015-01-26T09:00:00+00:00", NIGHTS[3]),
    ]


@dataclass(frozen=True)
class Nights:
    """A home after all nights, with what was seen of the file after each of them."""

    settings: Settings
    events: list[Sent]
    built: tuple[Built, ...]
    take_up: tuple[list[dict[str, Any]], ...]
    incremental: dict[str, str]
    full: dict[str, str]
    asked: dict[str, set[int]]


def rows(path: Path, query: str) -> list[dict[str, Any]]:
    """Rows of a query on a warehouse file, moments in UTC."""
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        result = connection.execute(query)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    settings = Settings(home=tmp_path_factory.mktemp("events") / "home")
    settings.landing.mkdir(parents=True)
    events = chosen_events() + random_events(seed=7, transactions=400, corrections=120)
    events += late_events()
    built, take_up = [], []
    for number, night in enumerate(NIGHTS):
        brought = [line(event) for event in events if event.recorded_at == night]
        random.Random(number).shuffle(brought)
        path = settings.landing / f"night-{number}.jsonl"
        path.write_text("\n".join(brought) + "\n", encoding="utf-8")
        result = ingest(settings, [settings.landing], run_at=night)
        assert result.total("accepted") == len(brought)
        built.append(build(settings))
        if number == 1:
            # Later nights read the first two as one, and must give what the log's files give.
            assert compact_log(settings)
        take_up.append(rows(settings.staging_file, "from take_up"))
    incremental = table_hashes(settings.staging_file)
    seeking = ("int_corrected_events", "int_repeated_starts", "int_set_aside_records")
    asked = {model: commits_asked(settings, model) for model in seeking}
    shutil.rmtree(settings.log / FOLDER)
    build(settings, full=True)
    return Nights(
        settings=settings,
        events=events,
        built=tuple(built),
        take_up=tuple(take_up),
        incremental=incremental,
        full=table_hashes(settings.staging_file),
        asked=asked,
    )


def commits_asked(settings: Settings, model: str) -> set[int]:
    """Versions of the log whose files the last build read for a model: of a compacted file the
    first that is in it."""
    results = settings.warehouse / "dbt" / "target" / "run_results.json"
    nodes = json.loads(results.read_text(encoding="utf-8"))["results"]
    (sql,) = (one["compiled_code"] for one in nodes if one["unique_id"].endswith(f".{model}"))
    return {int(version) for version in re.findall(r"(\d{20})-\d{5}", sql)}


def counts_as_of(path: Path, moment: datetime) -> Counter[Counted]:
    """What the counting tables hold as of a moment."""
    found = rows(
        path,
        f"""
        select measure, service_id, month_start as month, channel, assistance, assistance_provider,
            online_extent, outcome, sum(transactions_count)::bigint as transactions_count
        from (
            select * exclude (commit_version) from transaction_counts
            union all by name
            select * from transaction_adjustments
        )
        where known_at <= timestamptz '{moment.isoformat()}'
        group by all
        having sum(transactions_count) <> 0
        """,
    )
    return Counter(
        {Counted(**row): count for row in found if (count := row.pop("transactions_count"))}
    )


def test_the_first_night_builds_and_the_others_add(nights: Nights) -> None:
    assert [night.is_full for night in nights.built] == [True, False, False, False]


def test_a_night_reads_what_is_new_and_the_commits_of_what_it_corrects(nights: Nights) -> None:
    assert nights.asked == {
        # The last night corrects an event of the first, starts nothing and sets nothing aside.
        "int_corrected_events": {1, 4},
        "int_repeated_starts": set(),
        "int_set_aside_records": {1, 4},
    }


def test_nights_that_add_up_are_a_full_build(nights: Nights) -> None:
    assert nights.incremental == nights.full
    assert {"take_up", "channel_volumes", "corrections_waiting"} <= nights.full.keys()


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_transactions_count_as_they_were_known(
    nights: Nights, night: datetime, seconds: int
) -> None:
    moment = night + timedelta(seconds=seconds)

    expected = counted(nights.events, moment)

    assert counts_as_of(nights.settings.staging_file, moment) == expected
    assert seconds < 0 or len(expected) > 50


@pytest.mark.parametrize("night", NIGHTS)
def test_months_of_take_up_as_they_were_known(nights: Nights, night: datetime) -> None:
    found = rows(
        nights.settings.staging_file,
        f"""
        select service_id, period_start, definition_id, digital_count, total_count, value_status
        from take_up_as_of(timestamptz '{night.isoformat()}')
        where period_kind = 'month' and basis = 'events' and measure = 'completed'
        """,
    )

    expected = monthly_take_up(nights.events, night, Registers(SEEDS, CHANNELS))

    assert {
        (row["service_id"], row["period_start"], row["definition_id"]): (
            row["digital_count"],
            row["total_count"],
            row["value_status"],
        )
        for row in found
    } == expected
    assert {"complete", "incomplete"} <= {status for _, _, status in expected.values()}


def test_take_up_of_each_night_is_what_it_is_as_of_that_night(nights: Nights) -> None:
    for night, seen in zip(NIGHTS, nights.take_up, strict=True):
        as_of = rows(
            nights.settings.staging_file,
            f"from take_up_as_of(timestamptz '{night.isoformat()}')",
        )
        assert sorted(map(str, as_of)) == sorted(map(str, seen))


def test_every_row_stands_since_it_is_known(nights: Nights) -> None:
    """As of `known_at` a row is what it is now, and just before that it is not."""
    path = nights.settings.staging_file
    now = rows(path, "from take_up where basis = 'events'")
    moments = sorted({row["known_at"] for row in now})
    assert len(moments) > 2
    for moment in moments:
        at, before = (
            {
                str(row)
                for row in rows(
                    path,
                    f"from take_up_as_of(timestamptz '{when.isoformat()}') where basis = 'events'",
                )
            }
            for when in (moment, moment - timedelta(microseconds=1))
        )
        of_moment = {str(row) for row in now if row["known_at"] == moment}
        assert of_moment <= at
        assert not of_moment & before


def test_months_in_channel_volumes_add_up_to_all_that_was_counted(nights: Nights) -> None:
    (found,) = rows(
        nights.settings.staging_file,
        "select sum(transactions_count)::bigint as n from channel_volumes"
        " where period_kind = 'month' and basis = 'events'",
    )

    expected = counted(nights.events, NIGHTS[-1])

    assert found["n"] == sum(n for kind, n in expected.items() if kind.measure == "completed")


def test_corrections_that_wait_are_seen_with_their_reason(nights: Nights) -> None:
    found = rows(nights.settings.staging_file, "from corrections_waiting")

    reasons = {row["event_id"]: row["reason"] for row in found}
    assert {(row["event_source"], row["event_id"]) for row in found} == waiting(
        nights.events, NIGHTS[-1]
    )
    assert reasons["for nothing"] == "the event that it names is not in the log"
    assert reasons["tick"] == "the correction that it names waits itself"
    assert "the event that it names is not a transaction" in reasons.values()
    assert not reasons.keys() & {"early", "link 2"}


def test_late_events_reopen_only_what_they_touch(nights: Nights) -> None:
    *_, before, after = nights.take_up

    def touched(row: dict[str, Any]) -> bool:
        covers = row["period_start"] <= LATE_MONTH <= row["period_end"]
        return bool(row["service_id"] == CARERS and covers)

    # A month that has ended since is new knowledge too.
    lasting = {
        str(row) for row in before if not touched(row) and row["period_end"] < NIGHTS[2].date()
    }

    assert len(lasting) > 20
    assert lasting <= {str(row) for row in after}
    changed = {str(row) for row in after} - {str(row) for row in before}
    reopened = [row for row in after if str(row) in changed and row["known_at"] == NIGHTS[3]]
    assert reopened
    assert all(touched(row) for row in reopened)
    assert {row["period_kind"] for row in reopened} >= {"month", "quarter"}


def test_a_definition_is_a_row_of_the_register(nights: Nights, tmp_path: Path) -> None:
    """Under a rule that counts the telephone as digital, and nothing else, with no SQL written."""
    project = tmp_path / "project"
    shutil.copytree(
        PROJECT_ROOT / "dbt_project",
        project / "dbt_project",
        ignore=shutil.ignore_patterns("target"),
    )
    shutil.copytree(SEEDS, project / "seeds")
    with (project / "seeds" / "definitions.csv").open("a", encoding="utf-8") as stream:
        stream.write("by-telephone,Telephone,,,false,false,events,digital,digital,none,,,Test,\n")
    with (project / "seeds" / "channel_classes.csv").open("a", encoding="utf-8") as stream:
        for channel in "online phone paper face_to_face email webchat api ivr other".split():
            of_class = "digital" if channel == "phone" else "non_digital"
            stream.write(f"by-telephone,{channel},{of_class}\n")
    staging = tmp_path / "takeup.duckdb"
    shutil.copyfile(nights.settings.staging_file, staging)

    run_dbt(
        project,
        staging,
        nights.settings.log,
        *("build", "--select", "+take_up", "--resource-type", "model", "seed"),
    )

    found = rows(
        staging,
        f"""
        select period_start, digital_count, total_count
        from take_up
        where definition_id = 'by-telephone' and period_kind = 'month' and value_status = 'complete'
            and service_id = '{JSA}'
        """,
    )
    counts = counted(nights.events, NIGHTS[-1])
    assert found
    for row in found:
        of_month = {
            kind: n
            for kind, n in counts.items()
            if kind.service_id == JSA
            and kind.month == row["period_start"]
            and kind.measure == "completed"
        }
        assert row["total_count"] == sum(of_month.values())
        assert row["digital_count"] == sum(n for k, n in of_month.items() if k.channel == "phone")


def run_dbt(project: Path, staging: Path, log: Path, *arguments: str) -> None:
    facts = {
        "run_at": NIGHTS[-1].isoformat(),
        "is_simulated": False,
        "log_version": len(NIGHTS),
        "chain_head": "blake3:0",
        "code_version": "test",
        "held_log_version": len(NIGHTS),
        "log_folder": str(log),
    }
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()"),
            *("--no-send-anonymous-usage-stats", "--no-use-colors", "--log-level=warn"),
            *(f"--log-path={project / 'logs'}", *arguments),
            *(f"--project-dir={project / 'dbt_project'}", "--vars", json.dumps(facts)),
            *(f"--profiles-dir={project / 'dbt_project'}", f"--target-path={project / 'target'}"),
        ],
        env=os.environ | {"TAKEUP_STAGING_FILE": str(staging), VARIABLE: log_declaration()},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-2000:]}"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Path]]:
    """A home after two nights of 60,000 simulated records with every fault, and the truth."""
    folder = tmp_path_factory.mktemp("simulated")
    made = simulate_events(
        folder,
        events=60_000,
        seed=5,
        start=date(2014, 4, 1),
        end=date(2015, 9, 30),
        faults=True,
        files=2,
    )
    settings = Settings(home=folder / "home")
    settings.landing.mkdir(parents=True)
    for number, path in enumerate(made.files):
        path.rename(settings.landing / path.name)
        run_at = datetime(2016, 1, 1 + number, 2, tzinfo=UTC)
        assert ingest(settings, [settings.landing], run_at=run_at).commits
        assert build(settings).is_full is (number == 0)
    yield settings, made.truth
    shutil.rmtree(folder)


def test_the_simulators_truth_is_found(simulated: tuple[Settings, Path]) -> None:
    settings, folder = simulated
    truth = read_truth(folder)
    expected: Counter[Counted] = Counter()
    for row in truth.transactions.to_pylist():
        kind = Counted(
            measure="completed",
            service_id=row["service_id"],
            month=row["date"].replace(day=1),
            channel=row["channel"],
            assistance=row["assistance"],
            assistance_provider=row["assistance_provider"],
            online_extent=row["online_extent"] or "not_stated",
            outcome=row["outcome"],
        )
        expected[kind] += row["transactions_count"]

    counts = counts_as_of(settings.staging_file, datetime(2016, 2, 1, tzinfo=UTC))
    (waits,) = rows(settings.staging_file, "select count(*) as n from corrections_waiting")
    (total,) = rows(
        settings.staging_file,
        "select sum(transactions_count)::bigint as n from channel_volumes"
        " where period_kind = 'month'",
    )

    found = Counter({kind: n for kind, n in counts.items() if kind.measure == "completed"})
    assert found == expected
    assert waits["n"] == truth.summary["waiting_count"]
    assert total["n"] == truth.summary["transactions_count"]


def test_every_simulated_figure_says_so(simulated: tuple[Settings, Path]) -> None:
    settings, _ = simulated
    for table in ("take_up", "channel_volumes", "corrections_waiting", "transaction_counts"):
        marked = rows(settings.staging_file, f"select distinct is_simulated from {table}")
        assert marked == [{"is_simulated": True}], table
