"""Records of the Performance Platform: layouts that it and its services used, and refusals."""

from __future__ import annotations

import gzip
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.registers import load_register
from core.settings import SEEDS
from ingest.refusals import FileRejected
from ingest.sources import json_elements, performance_platform, platform_events
from ingest.sources.performance_platform import PerformancePlatform
from tests.support.source_runs import CONTEXT, lay, records, run, source_file, source_of

SOURCE = PerformancePlatform()

SENT = {
    "_timestamp": "2015-06-08T00:00:00Z",
    "service": "carers-allowance",
    "channel": "digital",
    "count": 1792,
    "dataType": "transactions-by-channel",
    "period": "week",
}
"""As services sent them: the layout of the write API."""

DOWNLOADED = SENT | {
    "_id": "MjAxNS0wNi0wOFQwMDowMDowMCswMDowMC53ZWVrLmRpZ2l0YWw=",
    "_timestamp": "2015-06-08T00:00:00+00:00",
    "_updated_at": "2015-06-16T09:30:00.123000+00:00",
    "_day_start_at": "2015-06-08T00:00:00+00:00",
    "_week_start_at": "2015-06-08T00:00:00+00:00",
    "count": 1792.0,
}
"""As the read API gives them back."""


def one(tmp_path: Path, **changes: Any) -> dict[str, Any]:
    """The record that comes of a platform's record; None leaves a field out."""
    record = {name: value for name, value in (SENT | changes).items() if value is not ...}
    lay(tmp_path, {"a.json": json.dumps([record])})
    (found,) = records(SOURCE, tmp_path / "a.json")
    return found


def test_a_record_becomes_the_volume_of_its_period(tmp_path: Path) -> None:
    found = one(tmp_path)

    assert found["line"] == {
        "specversion": "1.0",
        "id": "dwp-carers-allowance-new-claims/online/week/2015-06-08T00:00:00Z",
        "source": "urn:takeup:performance-platform:transactions-by-channel",
        "type": "uk.gov.takeup.volume.reported.v1",
        "time": "2015-06-08T00:00:00Z",
        "datacontenttype": "application/json",
        "data": {
            "service_id": "dwp-carers-allowance-new-claims",
            "breakdown": "online",
            "measure": "completed",
            "period": {"kind": "week", "start": "2015-06-08", "end": "2015-06-14"},
            "count": 1792,
            "record": {"service": "carers-allowance", "channel": "digital"},
        },
    }
    assert json.loads(found["raw"]) == SENT


PAPER = SENT | {"channel": "paper", "count": 2850}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", json.dumps([SENT, PAPER | {"count": "2850"}])),
        ("a.json", json.dumps([SENT, PAPER], indent=2)),
        ("a.json", json.dumps({"data": [SENT, PAPER]})),
        ("a.json", json.dumps({"warning": "stale", "data": [SENT, PAPER | {"count": 2850.0}]})),
        ("a.jsonl", json.dumps(SENT) + "\n" + json.dumps(PAPER | {"count": "2850"})),
        ("a.ndjson", json.dumps(SENT) + "\r\n\r\n" + json.dumps(PAPER | {"count": "2850.0"})),
    ],
)
def test_every_wrapping_gives_the_same_volumes(tmp_path: Path, name: str, content: str) -> None:
    packed = {f"{name}.gz": gzip.compress(content.encode())}
    for number, files in enumerate(({name: content}, packed)):
        done = run(tmp_path / f"home-{number}", lay(tmp_path / f"landing-{number}", files))
        (outcome,) = done.result.files
        assert (outcome.source_kind, outcome.read, outcome.accepted) == (
            "performance_platform",
            2,
            2,
        )
        told = [json.loads(row["data"]) for row in done.events()]
        assert [(data["breakdown"], data["count"]) for data in told] == [
            ("online", 1792),
            ("paper", 2850),
        ]


def test_a_download_after_the_sending_restates_and_says_when(tmp_path: Path) -> None:
    files = {"sent.jsonl": json.dumps(SENT), "a.json": json.dumps({"data": [DOWNLOADED]})}
    files["b.json"] = json.dumps(
        [DOWNLOADED | {"_updated_at": "2015-07-01T00:00:00", "count": 1800}]
    )
    done = run(tmp_path / "home", lay(tmp_path / "landing", files))

    found = {row["published_at"]: json.loads(row["data"])["count"] for row in done.events()}
    assert found == {
        None: 1792,
        datetime(2015, 6, 16, 9, 30, 0, 123000, tzinfo=UTC): 1792,
        datetime(2015, 7, 1, tzinfo=UTC): 1800,
    }


def test_the_same_record_spelt_otherwise_is_the_same(tmp_path: Path) -> None:
    other = SENT | {"_timestamp": "2015-06-08T01:00:00+01:00", "count": "1792", "_id": "x"}
    third = SENT | {"_timestamp": "2015-06-08T00:00:00", "count": 1792.0}
    files = {"a.json": json.dumps([SENT, other]), "b.jsonl": json.dumps(third)}
    done = run(tmp_path / "home", lay(tmp_path / "landing", files))

    assert (done.result.total("accepted"), done.result.total("duplicate")) == (1, 2)


def test_another_count_for_the_same_record_is_a_conflict(tmp_path: Path) -> None:
    content = json.dumps([SENT, SENT | {"count": 1}])
    done = run(tmp_path / "home", lay(tmp_path / "landing", {"a.json": content}))

    assert done.refusals() == [(2, None, "id_conflict")]


@pytest.mark.parametrize(
    ("kind", "moment", "start", "end"),
    [
        ("day", "2018-10-20T13:45:10Z", "2018-10-20", "2018-10-20"),
        ("day", "2018-06-30T23:30:00Z", "2018-07-01", "2018-07-01"),
        ("week", "2015-06-10T00:00:00+00:00", "2015-06-10", "2015-06-16"),
        ("month", "2015-02-01T00:00:00", "2015-02-01", "2015-02-28"),
        ("month", "2015-07-01T00:00:00+01:00", "2015-07-01", "2015-07-31"),
        ("month", "2015-12-01", "2015-12-01", "2015-12-31"),
        ("quarter", "2012-10-01T00:00:00Z", "2012-10-01", "2012-12-31"),
        ("year", "2012-04-01T00:00:00Z", "2012-04-01", "2013-03-31"),
    ],
)
def test_periods_begin_on_the_london_day_of_the_moment(
    tmp_path: Path, kind: str, moment: str, start: str, end: str
) -> None:
    found = one(tmp_path, period=kind, _timestamp=moment)

    assert found["line"]["data"]["period"] == {"kind": kind, "start": start, "end": end}
    assert (
        run(
            tmp_path / "home", tmp_path / "a.json", at=datetime(2020, 1, 1, tzinfo=UTC)
        ).result.total("accepted")
        == 1
    )


UNREADABLE = ("1,234", "1.2m", "#N/A")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (0, 0), (12, 12), ("12", 12), (" 12 ", 12), ("0", 0), (12.0, 12), ("12.0", 12), ("12.", 12),
        ("-3", -3), (-3, -3), (1.5, 1.5), ("1.5", "1.5"), ("1,234", "1,234"), ("1.2m", "1.2m"),
        ("#N/A", "#N/A"), ("many", "many"), (True, True), ([1], [1]),
    ],
)  # fmt: skip
def test_counts(tmp_path: Path, given: Any, kept: Any) -> None:
    assert one(tmp_path, count=given)["line"]["data"]["count"] == kept
    is_count = type(kept) is int and kept >= 0
    reason = "unreadable_cell" if kept in UNREADABLE else "invalid_field"
    assert run(tmp_path / "home", tmp_path / "a.json").refusals() == (
        [] if is_count else [(1, None, reason)]
    )


@pytest.mark.parametrize("given", [None, ""])
def test_a_count_that_is_null_is_not_provided(tmp_path: Path, given: Any) -> None:
    data = one(tmp_path, count=given)["line"]["data"]

    assert "count" not in data
    assert data["status"] == "not_provided"
    assert run(tmp_path / "home", tmp_path / "a.json").result.total("accepted") == 1


@pytest.mark.parametrize(
    ("changes", "reason", "detail"),
    [
        ({"service": ...}, "missing_field", "service"),
        ({"service": ""}, "missing_field", "service"),
        ({"service": 7}, "invalid_field", "service is not a text: 7"),
        ({"channel": ...}, "missing_field", "channel"),
        ({"count": ...}, "missing_field", "count"),
        ({"count": "9" * 31}, "inexact_number", "count 9"),
        ({"period": ...}, "missing_field", "period"),
        ({"dataType": ...}, "missing_field", "dataType"),
        ({"_timestamp": 1433721600}, "invalid_time", "_timestamp 1433721600"),
        ({"_timestamp": "last week"}, "invalid_time", "_timestamp last week"),
        ({"_timestamp": None}, "missing_field", "_timestamp"),
        ({"_updated_at": "soon"}, "invalid_time", "_updated_at soon"),
        ({"dataType": "completion-rate"}, "unknown_value", "dataType 'completion-rate'"),
        ({"service": "a-service-of-nobody"}, "unknown_service", "'a-service-of-nobody'"),
        # Totals are never channels; neither is a channel whose name begins as a known one.
        ({"channel": "total"}, "unknown_channel", "'total'"),
        ({"channel": "all"}, "unknown_channel", "'all'"),
        ({"channel": "digital_and_paper"}, "unknown_channel", "'digital_and_paper'"),
        ({"channel": "other"}, "unknown_channel", "'other'"),
        # A count of a part, by something that is no channel, is not the channel's.
        ({"consulate": "British Embassy Madrid"}, "invalid_field", "consulate splits the count"),
        ({"is_public": True}, "invalid_field", "is_public splits the count"),
    ],
)
def test_refused_records(tmp_path: Path, changes: dict[str, Any], reason: str, detail: str) -> None:
    found = one(tmp_path, **changes)

    assert (found["line"], found["reason"]) == (None, reason)
    assert detail in found["detail"]
    assert json.loads(found["raw"]) == {k: v for k, v in (SENT | changes).items() if v is not ...}
    done = run(tmp_path / "home", tmp_path / "a.json")
    assert done.refusals() == [(1, None, reason)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"period": "hour"}, "invalid_field"),
        ({"period": "month"}, "invalid_field"),
        ({"_timestamp": "2016-02-01T00:00:00Z"}, "in_the_future"),
        ({"email": "someone@example.org"}, "personal_data"),
    ],
)
def test_records_that_validation_refuses_are_kept_as_they_came(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    one(tmp_path, **changes)
    done = run(tmp_path / "home", tmp_path / "a.json")

    (row,) = done.rows("quarantine")
    assert row["reason"] == reason
    assert b"someone@example.org" not in row["raw"]
    assert json.loads(row["raw"]).keys() == (SENT | changes).keys()


def test_fields_that_split_nothing_are_kept(tmp_path: Path) -> None:
    found = one(tmp_path, cost_per_transaction=2.36, comment="late", channel_type="digital")

    assert found["line"]["data"]["record"] == {
        "service": "carers-allowance",
        "channel": "digital",
        "cost_per_transaction": 2.36,
        "comment": "late",
        "channel_type": "digital",
    }


WHOSE = {"service": "carers-allowance", "dataType": "transactions-by-channel"}


def span(start: str, end: str, total: float | None) -> dict[str, Any]:
    zone = "T00:00:00+00:00"
    return {"_count": 1.0, "_start_at": start + zone, "_end_at": end + zone, "count:sum": total}


GROUPED = {
    "data": [
        {
            "_count": 2.0,
            "_group_count": 2,
            "channel": "paper_form",
            "count:sum": 6396.0,
            "values": [
                span("2013-10-14", "2013-10-21", 3546.0),
                span("2013-10-21", "2013-10-28", 2850.0),
                span("2013-10-28", "2013-11-04", None),
            ],
        }
        | WHOSE,
        span("2014-09-01", "2014-10-01", 1174.0) | WHOSE | {"channel": "digital"},
    ]
}
"""An answer of the read API to a query that groups by channel, once nested and once flat."""


def test_groups_give_their_periods_and_never_their_total(tmp_path: Path) -> None:
    done = run(tmp_path / "home", lay(tmp_path / "landing", {"a.json": json.dumps(GROUPED)}))

    assert (done.result.total("read"), done.result.total("accepted")) == (4, 4)
    told = []
    for row in done.events():
        data = json.loads(row["data"])
        figure = data.get("count", data.get("status"))
        kind = data["period"]["kind"]
        told.append((row["position"], row["place"], data["breakdown"], kind, figure))
    assert told == [
        (1, "values[0]", "paper", "week", 3546),
        (1, "values[1]", "paper", "week", 2850),
        (1, "values[2]", "paper", "week", "not_provided"),
        (2, None, "online", "month", 1174),
    ]


def test_a_span_that_is_no_period_is_refused(tmp_path: Path) -> None:
    found = one(tmp_path, _timestamp=..., period=..., _start_at="2014-09-01", _end_at="2014-09-11")
    assert (found["reason"], found["detail"]) == (
        "invalid_field",
        "no period goes from 2014-09-01 to 2014-09-10",
    )


# Documents


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("[]", []),
        ('{"data": []}', []),
        ("", []),
        (json.dumps(SENT), [None]),
        (json.dumps(SENT, indent=4), [None]),
        (json.dumps([SENT, 7, "x", None, [SENT]]), [None] + ["not_an_object"] * 4),
        (json.dumps([SENT, SENT])[:-40], [None, "torn_line"]),
        (json.dumps([SENT])[:-1], [None, "torn_line"]),
        (json.dumps({"data": [SENT]})[:-2], [None, "torn_line"]),
        (json.dumps([SENT]) + json.dumps([SENT]), [None, "not_an_object"]),
        (json.dumps({"data": [SENT]}) * 2, [None, "not_json"]),
        (json.dumps({"data": [SENT]}) + "x", [None, "not_json"]),
        (json.dumps([SENT])[:-2] + ",}]", ["not_json"]),
        (json.dumps([SENT | {"count": float("nan")}]), ["not_json"]),
        (json.dumps([SENT])[:-2] + ', "count": 3}]', ["duplicate_key"]),
        ("[" * 100_000 + "]" * 100_000, ["too_deep"]),
        ('[{"_timestamp": "\x01"}]', ["not_json"]),
    ],
)
def test_documents(tmp_path: Path, text: str, reasons: list[str | None]) -> None:
    lay(tmp_path, {"a.json": text})

    found = records(SOURCE, tmp_path / "a.json")

    assert [row["reason"] for row in found] == reasons
    assert [row["position"] for row in found] == list(range(1, len(reasons) + 1))


def test_a_torn_last_line_is_quarantined(tmp_path: Path) -> None:
    content = json.dumps(SENT) + "\n" + json.dumps(SENT)[:30]
    done = run(tmp_path / "home", lay(tmp_path / "landing", {"a.jsonl": content}))

    assert done.result.total("accepted") == 1
    assert done.refusals() == [(2, None, "torn_line")]
    assert done.rows("quarantine")[0]["raw"].decode() == json.dumps(SENT)[:30]


def test_a_document_beyond_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_elements, "LONGEST_DOCUMENT", 100)
    lay(tmp_path, {"a.json": json.dumps([SENT])})

    with pytest.raises(
        FileRejected, match="file_too_large: one JSON document of more than 100 bytes"
    ):
        records(SOURCE, tmp_path / "a.json")


def test_tables_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performance_platform, "ROWS_PER_TABLE", 3)
    lay(tmp_path, {"a.json": json.dumps([SENT] * 8), "a.jsonl": (json.dumps(SENT) + "\n") * 8})

    for name in ("a.json", "a.jsonl"):
        tables = list(SOURCE.read(source_file(tmp_path / name), CONTEXT))
        assert max(table.num_rows for table in tables) == 3
        assert [n for table in tables for n in table["position"].to_pylist()] == list(range(1, 9))


@pytest.mark.parametrize(
    ("name", "content", "source"),
    [
        ("a.jsonl", '{"specversion":"1.0","_timestamp":"2015-01-01"}', "cloudevents"),
        ("a.jsonl", "no JSON", "cloudevents"),
        ("a.json", '{"specversion":"1.0","id":"1"}', "cloudevents"),
        ("a.json", '{"other": []}', "(unrecognised)"),
        ("a.txt", json.dumps([SENT]), "(unrecognised)"),
    ],
)
def test_what_is_not_of_the_platform(tmp_path: Path, name: str, content: str, source: str) -> None:
    assert source_of(lay(tmp_path, {name: content}) / name) == source


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_simulated_records(tmp_path: Path, name: str) -> None:
    marked = SENT | {"simulated": True}
    content = json.dumps([marked]) if name == "a.json" else json.dumps(marked)
    done = run(tmp_path / "home", lay(tmp_path / "landing", {name: content}))
    file = source_file(tmp_path / "landing" / name)

    assert SOURCE.marks_simulated(file) is True
    assert SOURCE.marks_simulated(replace(file, head=b"[]")) is None
    assert [row["extensions"] for row in done.events()] == ['{"simulated":true}']


# Registers


def test_the_words_of_the_platform_stand_for_channels_of_the_register() -> None:
    channels = {row["channel"] for row in load_register("channels", SEEDS)}
    words = platform_events.load_words(SEEDS)

    assert set(words.channels.values()) <= channels
    assert words.channels["digital"] == "online"
    assert words.measures == {"transactions-by-channel": "completed"}


def test_what_was_refused_is_read_again_by_later_registers(tmp_path: Path) -> None:
    text = json.dumps(SENT | {"channel": "carrier pigeon"})
    (before,) = SOURCE.read_again(text, None, CONTEXT).to_pylist()
    seeds = shutil.copytree(SEEDS, tmp_path / "seeds")
    with (seeds / "channel_aliases.csv").open("a", encoding="utf-8") as register:
        register.write("carrier pigeon,other,a test\n")
    later = replace(CONTEXT, seeds=seeds)
    (after,) = SOURCE.read_again(text, "values[2]", later).to_pylist()

    assert (before["reason"], before["raw"]) == ("unknown_channel", text)
    assert after["reason"] is None
    assert after["place"] == "values[2]"
    assert json.loads(after["line"])["data"]["breakdown"] == "other"
