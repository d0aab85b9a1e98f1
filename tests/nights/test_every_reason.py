"""Everything that is refused, and everything odd that is accepted, through two whole nights.

A gate stops the run for what is wrong with us. So whatever ingest refuses or takes, the nights end
well and good files beside it are published. The lists of reasons are closed: one without an input
here fails the test.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import pytest

from ingest.landing.landed import shown_name
from ingest.refusals import FILE_REASONS, RECORD_REASONS
from tests.faults.test_files import FILES
from tests.faults.test_records import ALL, lines_of
from tests.kill.processes import Command, run
from tests.mutations.inputs import all_inputs, row_of
from tests.support.events import completed, lines, volume
from tests.support.homes import Home
from tests.support.publications import QUARTERS, manifest, publication

MOMENTS = ("2015-08-01T02:00:00+00:00", "2015-08-02T02:00:00+00:00")
GOOD = {file.name: file.content for file in all_inputs(None)}
RETURN = GOOD["returns/dwp.csv"].decode().splitlines()
PLATFORM = {
    "_timestamp": "2015-06-01T00:00:00Z",
    "service": "dwp-carers-allowance-new-claims",
    "channel": "digital",
    "count": 7,
    "dataType": "transactions-by-channel",
    "period": "month",
}
ROWS = {
    "a-service": [10, 4, 20, 5],
    "A-Service": [1, 2, 3, 4],
    "grand-total": [10, 4, 20, 5],
    "odd-cells": ["1234*", "#REF!", "see note", "(r)"],
    "revised": ["1,234 (r)", "7 [p]", 0, "-"],
    "more-digital-than-total": [1, 2, 3, 400],
    "the-largest": [10**15, 10**15, 10**15, 1],
    "": [1, 2, 3, 4],
}
REPORT = b"""Action 5: publish what services do
Updated 3 March 2014
Department for Work and Pensions
Progress during 2013
Take-up of Carer's Allowance online rose to 540% in 2013.
Office for Odd Affairs
Progress during 2013
Nothing.
"""


def returned(**changes: str) -> str:
    """The first row of the return with some cells changed."""
    names, cells = next(csv.reader(RETURN[:1])), next(csv.reader(RETURN[1:2]))
    row = dict(zip(names, cells, strict=True)) | changes
    return row_of(list(row.values())).decode()


RECORDS: dict[str, bytes] = {
    # One line for each that is odd in a way of its own, of every reason that an event can have.
    "odd/records.jsonl": lines_of(ALL),
    "odd/torn.jsonl": lines(completed("t-1")) + b'{"specversion": "1.0", "id": "t-2',
    "odd/conflict.jsonl": lines(completed("c-1"), completed("c-1", data={"channel": "phone"})),
    "odd/twice.jsonl": lines(volume("w-1"), volume("w-2", data={"count": 6})),
    "odd/future.jsonl": lines(completed("f-1", time="2015-09-01T10:00:00Z")),
    "odd/times.jsonl": lines(
        completed("z-1", time="2015-03-02T10:00:00"), completed("z-2", time="2015-02-30T10:00:00Z")
    ),
    "odd/words.jsonl": lines(
        completed("s-1", data={"service_id": "of-nobody"}),
        completed("s-2", data={"channel": "carrier-pigeon"}),
    ),
    "odd/platform.json": json.dumps(
        [
            PLATFORM,
            PLATFORM | {"count": "many"},
            PLATFORM | {"dataType": "of-no-kind", "count": 1},
            PLATFORM | {"period": "week", "_timestamp": "2015-06-08T00:00:00Z"},
            PLATFORM | {"channel": "website", "count": 8},
        ]
    ).encode(),
    "odd/2015-07-01.csv": publication(ROWS) + b"only,three,cells\r\n",
    "odd/2015-07-02.csv": publication(
        {"b-service": [1, 2, 3, 4, 5]},
        columns=[*QUARTERS, "Total transactions Apr - Jul 2015"],
    ),
    "odd/report.txt": REPORT,
    "odd/return.csv": "\n".join(
        [
            RETURN[0],
            returned(count="12k", submitted_on="2015-07-22"),
            returned(service_id="", submitted_on="2015-07-22"),
            returned(service_name="Other", breakdown="email", submitted_on="2015-07-22"),
            # Refused for their periods, which are none.
            returned(period_start="01/01/15", period_end="31/03/15", submitted_on="2015-07-22"),
            returned(period_end="2015-03-01", submitted_on="2015-07-22"),
        ]
    ).encode(),
    "odd/other-department.csv": "\n".join(
        [RETURN[0], returned(department_id="hmrc", breakdown="phone")]
    ).encode(),
}
"""Files with records of every reason, and what is odd and taken."""

REFUSED: dict[str, bytes] = {
    **{f"files/{name}": landed.content for name, landed in FILES.items()},
    "refused/returns.jsonl": b'{"a": 1}\r{"b": 2}\r',
    "refused/undated.csv": publication({"c-service": [1, 2, 3, 4]}),
    "refused/other/services-2015-07-03.csv": publication({"d-service": [1, 2, 3, 4]}),
    "refused/other/vintages.csv": manifest(
        {"services-2015-07-03.csv": ("2015-07-03T09:30:00+01:00", b"other bytes")}
    ),
}
"""Files of every reason for which one is refused whole."""

SECOND_NIGHT: dict[str, bytes] = {
    # A log that is begun takes no simulated file, but the good ones beside it.
    "second/simulated.jsonl": lines(completed("sim-1", simulated=True)),
    "second/good.jsonl": lines(completed("good-2")),
    "second/again.jsonl": lines(completed("c-1"), completed("good-3")),
    "second/2015-07-31.csv": publication({"a-service": ["#N/A", 5, 20, 6]}),
}
NOT_BY_A_NIGHT = {
    "unreadable": "a file whose source fails on it is a defect: none is known",
    "file_too_large": "the least that is too large takes long: tests/faults/test_odd_files.py",
}
FLAGS = (
    "no_records no_manifest incomplete weekly_or_daily other_department other_name unread_column"
    " looks_like_total similar_slugs"
).split()


@dataclass(frozen=True)
class Nights:
    """The home after both nights, and what each said."""

    home: Home
    said: tuple[str, ...]
    codes: tuple[int, ...]

    def published(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.home.settings.published_file), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    home = Home.at(tmp_path_factory.mktemp("reasons") / "home")
    ended = []
    for moment, files in zip(MOMENTS, (GOOD | RECORDS | REFUSED, SECOND_NIGHT), strict=True):
        for name, content in files.items():
            home.land(name, content)
        ended.append(run(Command(("nightly",), moment), home.settings.home))
    return Nights(home, tuple(e.said for e in ended), tuple(e.code for e in ended))


def unmet(reasons: Iterable[str], found: set[object]) -> set[str]:
    return set(reasons) - found - NOT_BY_A_NIGHT.keys()


@pytest.mark.nights
def test_both_nights_end_well(nights: Nights) -> None:
    assert nights.codes == (0, 0), "\n".join(said[-3000:] for said in nights.said)
    assert not any("Traceback" in said for said in nights.said)


@pytest.mark.nights
def test_every_reason_has_its_input(nights: Nights) -> None:
    refused = {row["reason"] for row in nights.home.rows("quarantine")}
    rejected = {row["reason"] for row in nights.home.rows("file") if row["state"] == "rejected"}
    assert unmet(RECORD_REASONS, refused) == set()
    assert unmet(FILE_REASONS, rejected) == set()
    assert refused | rejected <= RECORD_REASONS.keys() | FILE_REASONS.keys()


@pytest.mark.nights
def test_every_flag_has_its_input(nights: Nights) -> None:
    found = {
        flag.partition(":")[0]
        for row in nights.home.rows("file")
        for flag in json.loads(row["flags"])
    }
    assert found == set(FLAGS)


@pytest.mark.nights
def test_every_file_has_one_state_and_the_good_ones_are_taken_whole(nights: Nights) -> None:
    rows = nights.published(
        "select name, state, quarantined_count, accepted_count from ingest_ledger"
    )
    states = {name: rest for name, *rest in rows}
    assert len(states) == len(rows)
    assert set(states) == {shown_name(name) for name, _ in nights.home.landed}
    for name in [*GOOD, "second/good.jsonl"]:
        state, quarantined, accepted = states[name]
        assert (state, quarantined) == ("ingested", 0), name
        assert accepted, name


@pytest.mark.nights
def test_good_figures_are_published(nights: Nights) -> None:
    counts = nights.published(
        "select transactions_count from channel_volumes"
        " where service_id = 'co-honours-nominations' and channel = 'online'"
        " and period_kind = 'month' order by period_start"
    )
    assert counts == [(1000 * month + len("digital"),) for month in range(1, 7)]
    kept = nights.published(
        "select digital_count, total_count from take_up where service_id = 'a-service'"
        " and period_kind = 'quarter' order by period_start"
    )
    assert kept == [(5, 10), (6, 20)], "a cell that can't be read leaves what was known before"
    told = nights.published(
        "select service_id, input, what from data_quality where check_id = 'unreadable_cell'"
        " order by all"
    )
    assert ("a-service", "second/2015-07-31.csv") in [(service, name) for service, name, _ in told]
    assert any(what.endswith(", column count: 12k") for _, name, what in told if "return" in name)
