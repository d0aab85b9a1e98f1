"""What is set aside counts nowhere from then on, and is as if it had never come; what was known
before stays; restored, everything is as it was."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.periods import moment_for_file_name
from expectations.gates import gate_warehouse
from ingest.load.set_aside import Change, change_one
from ingest.log.verification import verify
from publish.fingerprint import table_hashes
from takeup.build import build
from tests.support.events import (
    CORRECTED,
    QUARTER,
    VOIDED,
    Event,
    completed,
    contact,
    envelope,
    feedback,
    lines,
    started,
    volume,
)
from tests.support.homes import Home
from tests.support.invariants import check_log, check_warehouse

JSA = "dwp-jobseekers-allowance-jsa-new-claims"
CARERS = "dwp-carers-allowance-new-claims"
TRAVELLER = "home-office-registered-traveller"
GDS, RETURN, TEST = "urn:takeup:gds-transaction-volumes", "urn:takeup:mi-return:dwp", "urn:test:jsa"
FIRST, SECOND, ASIDE, RESTORED, SINGLE = (
    datetime(2015, month, 5, 2, tzinfo=UTC) for month in (5, 6, 7, 8, 9)
)
OWN_STORY = {
    "aggregate_revisions", "campaign_events", "completion_exclusions", "contact_counts",
    "dictionary", "feedback_counts", "ingest_ledger", "publications", "reported_cells",
    "reported_costs", "return_records", "revisions", "run_history", "service_listings",
    "service_presence", "set_asides", "start_adjustments", "transaction_adjustments",
    "transaction_counts", "warehouse_version",
}  # fmt: skip
"""Tables that tell how it came about: what was set aside is in them, with its moments."""
MOMENTS = {"known_at", "commit_version"}

pytestmark = [pytest.mark.nights, pytest.mark.deep]


def published(kind: str, identifier: str, day: str, data: Event, **attributes: Any) -> Event:
    """An event of a publication of that day."""
    at = f"{day}T00:00:00+01:00"
    return envelope(
        f"uk.gov.takeup.{kind}.v1", identifier, data, **{"source": GDS, "time": at} | attributes
    ) | {"publishedat": at}


def listing(
    service_id: str, day: str, department: str = "Department for Work and Pensions"
) -> Event:
    data = {"service_id": service_id, "service_name": service_id, "department_name": department}
    return published("service.listed", f"listing/{service_id}/{day}", day, data)


def cell(service_id: str, day: str, breakdown: str, count: int | None, **attributes: Any) -> Event:
    given = {"status": "not_provided"} if count is None else {"count": count}
    data = {
        "service_id": service_id,
        "breakdown": breakdown,
        "measure": "completed",
        "period": QUARTER,
    }
    identifier = f"{service_id}/{breakdown}/{day}"
    return published("volume.reported", identifier, day, data | given, **attributes)


def correction(kind: str, identifier: str, target: str, **data: Any) -> Event:
    verb = "voids" if kind == VOIDED else "corrects"
    said = {"reason": "entered twice"} if kind == VOIDED else {"assistance": "none"}
    return envelope(kind, identifier, {verb: {"source": TEST, "id": target}} | said | data)


def sign_off(day: str, role: str) -> Event:
    data = {"service_id": CARERS, "period": QUARTER, "role": role, "assurance": "department"}
    return published("return.signed_off", f"sign-off/{day}", day, data, source=RETURN)


def claim(identifier: str, day: str, value: float) -> Event:
    data = {
        "metric": "digital_take_up", "service_id": CARERS, "department_id": "dwp",
        "subject": "Carer's Allowance", "period": QUARTER, "value": value, "unit": "ratio",
        "qualifier": "exact", "text": "so much", "document": f"paper-{day}", "line": 1,
        "place": "1", "figure_id": f"paper/{identifier}", "passage": identifier,
    }  # fmt: skip
    return published("figure.published", f"claim/{identifier}/{day}", day, data)


def statement(kind: str, day: str, text: str) -> Event:
    data = {
        "statement_id": f"action-8/{kind}", "document": "action-8", "section": kind, "line": 1,
        "place": "1", "department_id": "dwp", "action": 8,
        "department_name": "Department for Work and Pensions",
        "section_kind": kind, "section_year": 2014, "text": text, "status": "under_way",
    }  # fmt: skip
    return published("statement.published", f"statement/{kind}/{day}", day, data)


def cost(day: str, amount: float) -> Event:
    data = {
        "service_id": CARERS, "breakdown": "total", "kind": "total", "amount": amount,
        "period": {"kind": "financial_year", "start": "2014-04-01", "end": "2015-03-31"},
    }  # fmt: skip
    return published("cost.reported", f"cost/{day}", day, data)


def campaign(identifier: str) -> Event:
    data = {"service_id": JSA, "kind": "letter", "start": "2015-02-02", "end": "2015-02-08"}
    return envelope("uk.gov.takeup.campaign.ran.v1", identifier, data)


def in_digests() -> list[Event]:
    """What digests say: of a listing, a claim and a statement that are to come themselves."""
    day = "2015-04-10"
    said = [claim("in short", day, 0.8), statement("plan", day, "It will, in short.")]
    for event in said:
        event["data"]["document"] = "paper-2015-05-20"
    marked = [listing(CARERS, day, "DWP, in short"), *said]
    return [event | {"id": f"{event['id']}/digest", "digest": True} for event in marked]


def what_stays() -> list[Event]:
    """Two publications of April, some transactions and what was said of them."""
    day = "2015-04-10"
    return [
        *(listing(service, day) for service in (JSA, CARERS)),
        *(cell(CARERS, day, part, count) for part, count in (("total", 100), ("digital", 60))),
        *(cell(JSA, day, part, count) for part, count in (("total", 500), ("digital", 400))),
        cell(CARERS, day, "paper", 7, source=RETURN),
        sign_off(day, "service manager"),
        claim("said", day, 0.6),
        statement("commitment", day, "We will."),
        cost(day, 1000.0),
        campaign("kept"),
        *(completed(f"kept-{n}", time=f"2015-03-{n + 1:02}T10:00:00Z") for n in range(8)),
        started("start-1", data={"transaction_id": "saved"}, time="2015-03-01T10:00:00Z"),
        started("start-2", data={"transaction_id": "saved"}, time="2015-03-09T10:00:00Z"),
        correction(CORRECTED, "to paper", "kept-0", channel="paper"),
        correction(VOIDED, "gone", "kept-1"),
        feedback("happy", data={"rating": 5, "barrier": "access"}),
        contact("called"),
        *in_digests(),
    ]


def what_goes() -> list[Event]:
    """A file that should not have come: it restates, blanks, delists, voids and corrects."""
    day = "2015-05-20"
    return [
        *(listing(service, day) for service in (JSA, "new-to-us")),
        listing(CARERS, "2015-05-25", "Home Office"),
        *(cell(CARERS, day, part, count) for part, count in (("total", 90), ("digital", 80))),
        *(cell(JSA, day, part, None) for part in ("total", "digital")),
        *(cell(TRAVELLER, day, part, 9) for part in ("total", "digital")),
        cell(CARERS, day, "phone", 70, source=RETURN),
        sign_off(day, "director"),
        claim("said", day, 0.9),
        claim("also said", day, 0.1),
        statement("progress", day, "We have."),
        cost(day, 9000.0),
        campaign("dropped"),
        *(
            completed(f"goes-{n}", data={"channel": "phone"}, time=f"2015-02-{n + 1:02}T10:00:00Z")
            for n in range(5)
        ),
        completed("other", data={"service_id": TRAVELLER}, time="2015-01-20T10:00:00Z"),
        started("start-0", data={"transaction_id": "saved"}, time="2015-02-01T10:00:00Z"),
        correction(CORRECTED, "to phone", "kept-0", channel="phone", time="2015-03-09T10:00:00Z"),
        correction(VOIDED, "of a start", "start-1"),
        correction(VOIDED, "of a kept one", "kept-2"),
        correction(VOIDED, "of a void", "gone"),
        correction(VOIDED, "waits", "nowhere"),
        *(feedback(f"cross-{n}", data={"rating": 1, "barrier": "trust"}) for n in range(2)),
        contact("called again", data={"reason": "other"}),
    ]


@dataclass
class History:
    """A home, night by night, with its staging file as it was after each build."""

    home: Home
    kept: Path
    files: dict[str, Path] = field(default_factory=dict)

    def night(self, name: str, run_at: datetime, *events: Event | str) -> None:
        """Land and ingest a file of events."""
        self.home.land_events(f"{name}.jsonl", *events)
        assert self.home.ingest(run_at=run_at).total("quarantined") == 0

    def change(self, change: Change, run_at: datetime, *key: str) -> None:
        """Set something aside, or restore it."""
        settings = self.home.settings
        change_one(settings, *key, change=change, role="lead", reason="a test", run_at=run_at)
        written = settings.landing / f"set-aside-{moment_for_file_name(run_at)}.jsonl"
        self.home.landed.append((written.name, written.read_bytes()))

    def build(self, name: str, *, full: bool = False) -> Path:
        """Build, and keep the file."""
        build(self.home.settings, full=full)
        self.files[name] = self.kept / f"{name}-{self.home.settings.home.name}.duckdb"
        shutil.copy(self.home.settings.staging_file, self.files[name])
        return self.files[name]


@contextmanager
def reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    # Macros name nothing but tables, whatever the file is called.
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def all_rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with reading(path) as connection:
        return connection.execute(f"from ({query}) order by all").fetchall()


def told(
    path: Path, *, skipped: set[str] = MOMENTS, as_of: datetime | None = None
) -> dict[str, Any]:
    """Rows of every table that tells figures; as of a moment, of every one that can."""
    with reading(path) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'main'"
                if as_of is None
                else "select replace(function_name, '_as_of', '') from duckdb_functions()"
                " where function_type = 'table_macro' and suffix(function_name, '_as_of')"
                " and schema_name = 'main' and not internal"
            ).fetchall()
        ]
        found = {}
        for name in sorted(set(names) - OWN_STORY):
            relation = name if as_of is None else f"{name}_as_of('{as_of.isoformat()}')"
            # Kept first: an answer as of a moment takes longer to plan than to work out.
            connection.execute(f"create or replace temp table told as from {relation}")
            columns = [row[0] for row in connection.execute("describe temp.told").fetchall()]
            shown = ", ".join(column for column in columns if column not in skipped)
            found[name] = connection.execute(
                f"select {shown} from temp.told order by all"
            ).fetchall()
    assert len(found) > 10
    return found


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    """First what stays, then what goes; that is set aside with its file, restored; then single
    records are set aside."""
    kept = tmp_path_factory.mktemp("kept")
    found = History(Home.at(tmp_path_factory.mktemp("set-aside") / "home"), kept)
    found.night("stays", FIRST, *what_stays())
    found.build("first")
    found.night("goes", SECOND, *what_goes())
    found.build("second")
    content_hash = next(
        row["file_hash"] for row in found.home.rows("file") if row["name"] == "goes.jsonl"
    )
    found.change("set_aside", ASIDE, content_hash.removeprefix("blake3:")[:12])
    found.build("aside")
    gate_warehouse(found.home.settings, run_id="aside")
    found.change("restored", RESTORED, content_hash)
    found.build("restored")
    for number, key in enumerate(
        [(TEST, "of a kept one"), (TEST, "kept-3"), (GDS, f"{CARERS}/total/2015-05-20")]
    ):
        found.change("set_aside", SINGLE + timedelta(hours=number), *key)
    found.build("single")
    gate_warehouse(found.home.settings, run_id="single")
    found.build("full", full=True)
    return found


@pytest.fixture(scope="module")
def without(history: History, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home to which what goes never came, as of the same moment."""
    other = History(Home.at(tmp_path_factory.mktemp("never") / "never"), history.kept)
    other.night("stays", FIRST, *what_stays())
    other.night("again", ASIDE, what_stays()[0])
    return other.build("never")


def test_a_file_that_is_set_aside_is_as_if_it_had_never_come(
    history: History, without: Path
) -> None:
    assert told(history.files["aside"]) == told(without)
    assert told(history.files["second"]) != told(without)


def test_what_was_known_before_stays(history: History) -> None:
    for moment, name in ((FIRST, "first"), (SECOND, "second")):
        then = told(history.files[name], as_of=moment)
        for later in ("aside", "restored", "single"):
            assert told(history.files[later], as_of=moment) == then, (moment, later)


def test_as_of_a_moment_between_it_counts_nowhere(history: History) -> None:
    moment = RESTORED - timedelta(seconds=1)
    for later in ("restored", "single"):
        assert told(history.files[later], as_of=moment) == told(
            history.files["aside"], as_of=moment
        )
    assert told(history.files["aside"], as_of=ASIDE - timedelta(seconds=1)) == told(
        history.files["second"], as_of=ASIDE - timedelta(seconds=1)
    )


def test_what_is_restored_counts_as_before(history: History) -> None:
    at = SECOND + timedelta(days=10)
    assert told(history.files["restored"], as_of=RESTORED) != told(
        history.files["aside"], as_of=ASIDE
    )
    now, before = (told(history.files[name]) for name in ("restored", "second"))
    # The runs' moments are the only other thing: a month that is over by now is a part.
    for name in ("channel_volumes", "commitments", "published_figures", "services", "mi_returns"):
        assert now[name] == before[name], name
    assert told(history.files["restored"], as_of=at) == told(history.files["second"], as_of=at)


def test_nights_that_add_up_are_a_full_build(history: History) -> None:
    incremental = table_hashes(history.files["single"])
    assert incremental == table_hashes(history.files["full"])


def test_the_log_and_its_counts_hold(history: History) -> None:
    check_log(history.home)
    check_warehouse(history.home, history.files["full"])
    assert verify(history.home.settings.log).problems == []


def test_a_set_aside_and_a_restore_are_revisions(history: History) -> None:
    found = all_rows(
        history.files["single"],
        "select service_id, quantity, period_kind, old_value, new_value, cause, new_known_at"
        f" from revisions where new_known_at >= '{ASIDE.isoformat()}'"
        " and cause in ('set_aside', 'restored')",
    )

    assert (CARERS, "total_count", "quarter", 90, 100, "set_aside", ASIDE) in found
    assert (CARERS, "total_count", "quarter", 100, 90, "restored", RESTORED) in found
    assert (TRAVELLER, "total_count", "quarter", 9, None, "set_aside", ASIDE) in found
    assert (JSA, "total_count", "month", 5, 0, "set_aside", ASIDE) in found
    assert (JSA, "total_count", "month", 0, 5, "restored", RESTORED) in found
    assert (
        CARERS,
        "total_count",
        "quarter",
        90,
        100,
        "set_aside",
        SINGLE + timedelta(hours=2),
    ) in found


def test_a_void_that_is_set_aside_voids_no_longer(history: History) -> None:
    def march(name: str) -> int:
        ((count,),) = all_rows(
            history.files[name],
            "select sum(transactions_count) from channel_volumes where basis = 'events'"
            f" and period_kind = 'month' and period_start = '2015-03-01' and service_id = '{JSA}'",
        )
        return int(count)

    # Eight, less one that is voided; less another by what goes; that void aside, and one more.
    assert [march(name) for name in ("first", "second", "aside", "single")] == [7, 6, 7, 6]


def test_what_is_set_aside_is_listed(history: History) -> None:
    found = all_rows(
        history.files["single"],
        "select what, input, event_id, records_count, role, reason, set_aside_at, restored_at"
        " from set_asides",
    )
    said = ("lead", "a test")
    hour = timedelta(hours=1)
    assert found == [
        ("file", "goes.jsonl", None, len(what_goes()), *said, ASIDE, RESTORED),
        ("record", "goes.jsonl", f"{CARERS}/total/2015-05-20", 1, *said, SINGLE + 2 * hour, None),
        ("record", "goes.jsonl", "of a kept one", 1, *said, SINGLE, None),
        ("record", "stays.jsonl", "kept-3", 1, *said, SINGLE + hour, None),
    ]


def test_what_is_set_aside_stays_known(history: History) -> None:
    home = history.home
    version = home.log().version
    home.land("goes again.jsonl", lines(*what_goes()))
    home.land("kept-3 again.jsonl", lines(what_stays()[17], volume("new")))
    found = {file.name: file for file in home.ingest(run_at=SINGLE + timedelta(days=1)).files}

    assert found["goes again.jsonl"].state == "duplicate_file"
    assert (found["kept-3 again.jsonl"].duplicate, found["kept-3 again.jsonl"].accepted) == (1, 1)
    assert home.log().version == version + 1
