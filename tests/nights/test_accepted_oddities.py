"""A night of records that ingest takes and that contradict each other, or say less than others do:
none of them is a reason not to publish the rest."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.support.events import Event, completed, envelope, lines, volume
from tests.support.nights import run_night

SERVICE = "dwp-jobseekers-allowance-jsa-new-claims"
CARERS = "dwp-carers-allowance-new-claims"
PENSIONS = "dwp-state-pension-claims"
WASTE = "defra-waste-carriers-brokers-dealers-registrations"
QUARTERS = [
    {"kind": "quarter", "start": f"2015-{first:02}-01", "end": f"2015-{last}"}
    for first, last in ((1, "03-31"), (4, "06-30"), (7, "09-30"), (10, "12-31"))
]
YEAR = {"kind": "year", "start": "2015-01-01", "end": "2015-12-31"}
ROLLING = {"kind": "rolling_year", "start": "2014-02-01", "end": "2015-01-31"}
CENTURY_AGO = {"kind": "quarter", "start": "1900-01-01", "end": "1900-03-31"}


def given(service: str, breakdown: str, period: Event, count: int, **more: str) -> Event:
    data = {"service_id": service, "breakdown": breakdown, "period": period, "count": count} | more
    identifier = "/".join([service, breakdown, str(period["start"]), more.get("measure", "")])
    return volume(identifier, data=data)


def other(kind: str, identifier: str, /, **data: object) -> Event:
    return envelope(f"uk.gov.takeup.{kind}.v1", identifier, data)


def a_year_of_two_bases() -> list[Event]:
    """Three quarters stated whole, and one by channels that contradict its digital count."""
    return [
        *(given(SERVICE, "digital", period, 30) for period in QUARTERS),
        *(given(SERVICE, "total", period, 100) for period in QUARTERS[:3]),
        given(SERVICE, "online", QUARTERS[3], 25),
        given(SERVICE, "phone", QUARTERS[3], 50),
        given(SERVICE, "face_to_face", QUARTERS[3], 25),
    ]


def costs_of_nobody() -> list[Event]:
    """A year without transactions that cost something, all in all and for each."""
    return [
        *(given(WASTE, part, period, 0) for part in ("digital", "total") for period in QUARTERS),
        *(
            other(
                "cost.reported",
                f"cost/{kind}",
                service_id=WASTE,
                breakdown="total",
                period=YEAR,
                amount=amount,
                kind=kind,
            )
            for kind, amount in (("total", 1000), ("per_transaction", 5))
        ),
    ]


def contradictions_in_every_measure() -> list[Event]:
    return [
        given(PENSIONS, part, QUARTERS[0], count, measure=measure)
        for measure in ("completed", "started", "received", "processed")
        for part, count in (("digital", 9), ("total", 4))
    ]


def statements() -> list[Event]:
    """Under no department, of nothing but commitments, without a year, and of two actions."""
    placed = {"place": "line 1", "section": "Plans", "department_id": "dwp"}
    return [
        other("statement.published", "s1", statement_id="1", document="none", **placed),
        other(
            "statement.published",
            "s2",
            statement_id="2",
            document="only commitments",
            section_kind="commitment",
            **placed,
        ),
        other(
            "statement.published",
            "s3",
            statement_id="3",
            document="no year",
            section_kind="progress",
            **placed,
        ),
        *(
            other(
                "statement.published",
                f"s{action}",
                statement_id=str(action),
                document="two actions",
                section_kind=kind,
                section_year=2014,
                action=action,
                **placed,
            )
            for kind, action in (("progress", 8), ("plan", 9))
        ),
    ]


def refused() -> list[Event]:
    return [
        other("service.listed", "r1", service_id="of-nobody", service_name="Of nobody"),
        other("figure.published", "r2", metric="transactions", document="d", place="line 2"),
        completed("r3", data={"service_id": "co-electoral-registration-transformation-programme"}),
    ]


@pytest.mark.nights
def test_what_contradicts_itself_or_says_little_stops_nothing(tmp_path: Path) -> None:
    landing, home = tmp_path / "landing", tmp_path / "home"
    landing.mkdir()
    (landing / "good.jsonl").write_bytes(
        lines(given(CARERS, "digital", QUARTERS[0], 6), given(CARERS, "total", QUARTERS[0], 10))
    )
    (landing / "odd.jsonl").write_bytes(
        lines(
            *a_year_of_two_bases(),
            *costs_of_nobody(),
            *contradictions_in_every_measure(),
            *statements(),
            *refused(),
            given(PENSIONS, "total", CENTURY_AGO, 5),
            other("figure.published", "f", metric="savings", text="some", document="d", place="l"),
            other(
                "return.signed_off",
                "sign-off",
                service_id=PENSIONS,
                period=ROLLING,
                role="manager",
                assurance="audited",
            ),
        )
    )

    run_night(home, landing)

    with duckdb.connect(str(home / "published" / "takeup.duckdb"), read_only=True) as published:
        good = published.execute(
            f"select take_up_ratio from take_up where service_id = '{CARERS}'"
        ).fetchall()
        year = published.execute(
            "select digital_count, total_count, value_status from take_up "
            f"where service_id = '{SERVICE}' and period_kind = 'rolling_year'"
        ).fetchall()
        contradictions = published.execute(
            "select quantity from data_quality where check_id = 'digital_above_total' order by all"
        ).fetchall()
        cost = published.execute(
            "select total_cost_gbp, cost_per_transaction_gbp from service_measures "
            f"where service_id = '{WASTE}' and basis = 'events'"
        ).fetchall()
        documents = published.execute("select document from commitments").fetchall()
        quarantined = published.execute(
            "select quarantined_count from ingest_ledger where name = 'odd.jsonl'"
        ).fetchall()
    assert good == [(0.6,)]
    assert year == [(115, 400, "complete")], "its quarters as they are shown"
    assert contradictions == [
        ("digital_count",),
        ("digital_processed_count",),
        ("digital_received_count",),
        ("digital_started_count",),
    ]
    assert cost == [(1000.0, 5.0)]
    assert documents == [("two actions",)]
    assert quarantined == [(3,)]
