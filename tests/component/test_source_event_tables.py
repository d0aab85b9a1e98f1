"""CloudEvents as CSV and Parquet: the same events as in JSON lines, and what is refused."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from ingest.refusals import FileRejected
from ingest.sources import event_tables
from ingest.sources.event_tables import EventTables
from ingest.validation.event_types import event_types
from tests.support.source_runs import (
    TRANSACTION,
    event,
    lay,
    records,
    refused_whole,
    run,
    source_file,
    source_of,
)

SOURCE = EventTables()

PERIOD = {"kind": "quarter", "start": "2015-01-01", "end": "2015-03-31"}
VOLUME = event(
    id="v-1",
    type="uk.gov.takeup.volume.reported.v1",
    publishedat="2015-05-07T00:00:00Z",
    data={
        "service_id": "dwp-carers-allowance-new-claims",
        "breakdown": "total",
        "measure": "completed",
        "period": PERIOD,
        "count": 12,
    },
)
EVENTS = [event(), event(id="e-2", time="2015-07-01T00:30:00+01:00"), VOLUME]
HEADER = "specversion,id,source,type,time,data"
ROW = (
    '1.0,e-1,urn:test,uk.gov.takeup.transaction.completed.v1,2015-05-06T10:11:12Z,"'
    + json.dumps(TRANSACTION).replace('"', '""')
    + '"'
)
WHAT_THE_LOG_KEEPS = (
    "source", "id", "type", "time", "specversion", "datacontenttype", "extensions",
    "published_at", "service_id", "channel", "assistance", "outcome", "transaction_id",
)  # fmt: skip


def flat(one: dict[str, Any]) -> dict[str, Any]:
    """An event as one row of columns `data.<field>`."""

    def below(name: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            return {name: value}
        return {
            k: v for key, inner in value.items() for k, v in below(f"{name}.{key}", inner).items()
        }

    return {k: v for name, value in one.items() for k, v in below(name, value).items()}


def with_data_as_text(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"data": json.dumps(one["data"])}


def as_csv(rows: list[dict[str, Any]], *, turned: bool = False) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, names[::-1] if turned else names)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def as_parquet(rows: list[dict[str, Any]] | pa.Table, **options: Any) -> bytes:
    names = (
        list(dict.fromkeys(name for row in rows for name in row)) if isinstance(rows, list) else []
    )
    table = (
        pa.table({name: [row.get(name) for row in rows] for name in names})
        if isinstance(rows, list)
        else rows
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **options)
    return bytes(sink.getvalue())


def as_jsonl(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


FORMS: dict[str, str | bytes] = {
    "lines.jsonl": as_jsonl(EVENTS),
    "text.csv": as_csv([with_data_as_text(one) for one in EVENTS]),
    "turned.csv": as_csv([with_data_as_text(one) for one in EVENTS], turned=True),
    "flat.csv": as_csv([flat(one) for one in EVENTS]),
    "packed.csv.gz": gzip.compress(as_csv([flat(one) for one in EVENTS]).encode()),
    "packed.csv.zst": zstandard.compress(as_csv([flat(one) for one in EVENTS]).encode()),
    "text.parquet": as_parquet([with_data_as_text(one) for one in EVENTS]),
    "flat.parquet": as_parquet([flat(one) for one in EVENTS]),
    "struct.parquet": as_parquet(EVENTS),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_events_that_json_lines_give(tmp_path: Path, name: str) -> None:
    done = run(tmp_path / "home", lay(tmp_path / "landing", {name: FORMS[name]}))

    outcome = done.outcome(name)
    assert (outcome.read, outcome.accepted) == (3, 3)
    assert outcome.source_kind == ("cloudevents" if name == "lines.jsonl" else "event_tables")
    kept = [{name: row[name] for name in WHAT_THE_LOG_KEEPS} for row in done.events()]
    reference = run(tmp_path / "other", lay(tmp_path / "lines", {"a.jsonl": FORMS["lines.jsonl"]}))
    assert kept == [{name: row[name] for name in WHAT_THE_LOG_KEEPS} for row in reference.events()]
    volume = next(row["data"] for row in done.events() if row["id"] == "v-1")
    assert json.loads(volume) == VOLUME["data"]


def test_one_event_in_every_form_is_accepted_once(tmp_path: Path) -> None:
    done = run(tmp_path / "home", lay(tmp_path / "landing", FORMS))

    assert done.result.total("read") == 3 * len(FORMS)
    assert done.result.total("accepted") == 3
    assert done.result.total("quarantined") == 0


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("specversion,id,source,type,data", "column 'time' is missing"),
        ("specversion,id,source,type,time", "column 'data' is missing"),
        ("specversion,id,source,type,time,data,subject", "column 'subject' is unknown"),
        ("specversion,id,source,type,,time,data", "column '' is unknown"),
        ("specversion,id,source,type,time,data,id", "column 'id' appears twice"),
        ("specversion,id,source,type,time,data,data.channel", "'data' and 'data.channel'"),
        (
            "specversion,id,source,type,time,data.period,data.period.start",
            "'data.period' and 'data.period.start'",
        ),
        ("specversion,id,source,type,time,data.,x", "column 'data.' is unknown"),
        (ROW, "no header"),
    ],
)
def test_a_header_that_is_not_ours_refuses_the_file(
    tmp_path: Path, header: str, detail: str
) -> None:
    lay(tmp_path, {"a.csv": f"{header}\n{ROW}\n"})

    assert source_of(tmp_path / "a.csv") == "event_tables"
    reason, said = refused_whole(SOURCE, tmp_path / "a.csv")
    assert reason == "bad_header"
    assert detail in said


def test_rows_that_are_no_events_are_kept_with_their_text(tmp_path: Path) -> None:
    content = f'{HEADER}\n{ROW}\n1.0,e-2,urn:test\n{ROW},more\n5" or 6" pipe{ROW}\n{ROW[:-9]}'
    done = run(tmp_path / "home", lay(tmp_path / "landing", {"a.csv": content}))

    assert [row["position"] for row in done.events()] == [2]
    assert done.refusals() == [
        (3, None, "wrong_width"),
        (4, None, "wrong_width"),
        (5, None, "wrong_width"),
        (6, None, "torn_line"),
    ]
    assert [row["raw"].decode() for row in done.rows("quarantine")] == [
        "1.0,e-2,urn:test",
        f"{ROW},more",
        f'5" or 6" pipe{ROW}',
        ROW[:-9],
    ]
    assert done.outcome("a.csv").flags == ("no_manifest", "incomplete")


def test_an_empty_cell_is_an_absent_field(tmp_path: Path) -> None:
    rows = [flat(event()) | {"data.online_extent": "", "dataschema": "", "simulated": ""}]
    lay(tmp_path, {"a.csv": as_csv(rows)})

    assert [row["line"] for row in records(SOURCE, tmp_path / "a.csv")] == [event()]


def test_all_empty_cells_of_data_are_an_empty_object(tmp_path: Path) -> None:
    rows = [flat(event()) | {f"data.{name}": "" for name in TRANSACTION}]
    lay(tmp_path, {"a.csv": as_csv(rows)})

    assert [row["line"]["data"] for row in records(SOURCE, tmp_path / "a.csv")] == [{}]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12),
        ("0", 0),
        ("-5", -5),
        ("12.5", 12.5),
        ("1,234", "1,234"),
        (" 12", " 12"),
        ("012", "012"),
        ("NaN", "NaN"),
        ("12345678901234567890123456789", 12345678901234567890123456789),
    ],
)
def test_numbers_stay_as_they_are_written_and_all_else_stays_text(
    tmp_path: Path, cell: str, value: Any
) -> None:
    lay(tmp_path, {"a.csv": as_csv([flat(VOLUME) | {"data.count": cell}])})

    assert [row["line"]["data"]["count"] for row in records(SOURCE, tmp_path / "a.csv")] == [value]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("-5", "invalid_field"),
        ("12.5", "invalid_field"),
        ("1,234", "unreadable_cell"),
        ("1 234", "unreadable_cell"),
        ("1234*", "unreadable_cell"),
        ("#REF!", "unreadable_cell"),
        ("n/a", "invalid_field"),
        ("NaN", "invalid_field"),
        ("12345678901234567890123456789", "inexact_number"),
    ],
)
def test_a_count_that_is_none_is_quarantined(tmp_path: Path, cell: str, reason: str) -> None:
    content = as_csv([flat(VOLUME) | {"data.count": cell}])
    done = run(tmp_path / "home", lay(tmp_path / "landing", {"a.csv": content}))

    assert done.refusals() == [(2, None, reason)]


def test_no_field_has_two_kinds_of_value_in_the_schemas() -> None:
    kinds: dict[str, set[str]] = {}
    for event_type in event_types().values():
        for field in event_type.fields:
            kinds.setdefault(field.path, set()).add(field.schema["type"])

    assert {path: found for path, found in kinds.items() if len(found) > 1} == {}


def test_data_that_is_no_json_is_quarantined_with_personal_values_masked(tmp_path: Path) -> None:
    broken = '{"nino":"QQ123456C","service_id":'
    rows = [with_data_as_text(event(id="e-2")) | {"data": broken}]
    files: dict[str, str | bytes] = {"a.csv": as_csv(rows), "b.parquet": as_parquet(rows)}
    done = run(tmp_path / "home", lay(tmp_path / "landing", files))

    assert sorted(done.refusals()) == [(1, None, "not_json"), (2, None, "not_json")]
    for row in done.rows("quarantine"):
        assert b"QQ123456C" not in row["raw"]
        assert b"masked:" in row["raw"]


def test_personal_values_in_a_row_of_another_width_are_masked(tmp_path: Path) -> None:
    rows = (
        '1.0,"{""nino"":""QQ123456C"",""channel"":""online""}"\n1.0,"{""nino"" : ""QQ123456C""}"\n'
    )
    content = as_csv([with_data_as_text(event())]) + rows
    done = run(tmp_path / "home", lay(tmp_path / "landing", {"a.csv": content}))

    assert done.refusals() == [(3, None, "wrong_width"), (4, None, "wrong_width")]
    for row in done.rows("quarantine"):
        assert b"QQ123456C" not in row["raw"]
        assert b"masked:" in row["raw"]


def test_data_can_not_say_more_than_data(tmp_path: Path) -> None:
    forged = json.dumps(TRANSACTION) + ',"publishedat":"2015-01-01T00:00:00Z"'
    lay(tmp_path, {"a.csv": as_csv([event() | {"data": forged}])})

    assert [row["reason"] for row in records(SOURCE, tmp_path / "a.csv")] == ["not_json"]


def test_rows_under_a_forbidden_column_keep_no_text(tmp_path: Path) -> None:
    good = flat(event()) | {"data.nino": "QQ123456C"}
    content = as_csv([good]) + "1.0,QQ123456C\n"
    done = run(tmp_path / "home", lay(tmp_path / "landing", {"a.csv": content}))

    assert done.refusals() == [(2, None, "personal_data"), (3, None, "wrong_width")]
    assert all(b"QQ123456C" not in row["raw"] for row in done.rows("quarantine"))


@pytest.mark.parametrize("content", ["", "\n", f"{HEADER}\n", f"\ufeff{HEADER}"])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.csv.zst"])
def test_nothing_but_a_header_is_no_event(tmp_path: Path, content: str, name: str) -> None:
    pack = {"csv": bytes, "gz": gzip.compress, "zst": zstandard.compress}[name.rsplit(".")[-1]]
    done = run(tmp_path / "home", lay(tmp_path / "landing", {name: pack(content.encode())}))

    outcome = done.outcome(name)
    assert (outcome.state, outcome.read) == ("ingested", 0)
    assert "no_records" in outcome.flags


def test_a_table_without_events_goes_into_a_real_and_a_simulated_log(tmp_path: Path) -> None:
    for kind, mark in (("real", None), ("simulated", True)):
        landing = lay(
            tmp_path / kind,
            {"a.csv": as_csv([flat(event(simulated=mark))]).replace("True", "true")},
        )
        home = tmp_path / f"home-{kind}"
        assert run(home, landing).outcome("a.csv").accepted == 1
        lay(
            landing,
            {"b.csv": HEADER, "c.parquet": as_parquet(pa.table({"id": pa.array([], "string")}))},
        )
        assert run(home, landing).outcome("b.csv").state == "ingested"


@pytest.mark.parametrize(
    ("rows", "says"),
    [([event()], False), ([event(simulated=True)], True), ([event(), event(simulated=True)], True)],
)
def test_a_table_says_whether_it_is_simulated(
    tmp_path: Path, rows: list[dict[str, Any]], says: bool
) -> None:
    texts = [with_data_as_text(one) for one in rows]
    files = {"a.csv": as_csv(texts).replace("True", "true"), "a.parquet": as_parquet(texts)}
    files |= {"b.csv": f"{HEADER},simulated\n", "b.parquet": b"PAR1 not at all"}
    lay(tmp_path, files)

    said = {name: SOURCE.marks_simulated(source_file(tmp_path / name)) for name in files}
    assert said == {"a.csv": says, "a.parquet": says, "b.csv": None, "b.parquet": None}


def test_a_simulated_table_is_not_taken_into_a_real_log(tmp_path: Path) -> None:
    content = as_csv(
        [flat(event(simulated=value, id=str(value))) for value in (True, "maybe", None)]
    )
    landing = lay(tmp_path / "landing", {"a.csv": content.replace("True", "true")})
    done = run(tmp_path / "home", landing)

    assert [row["extensions"] for row in done.events()] == ['{"simulated":true}']
    assert done.refusals() == [(3, None, "invalid_envelope"), (4, None, "wrong_kind_of_log")]


# Names and containers


@pytest.mark.parametrize("name", ["a'b\"c.csv", "*.csv", "[ab]?.csv", "a'b\"c*[x].parquet"])
def test_a_name_is_literal(tmp_path: Path, name: str) -> None:
    other = [flat(event(id="of another file"))]
    lay(
        tmp_path / "landing",
        {"b.csv": as_csv(other), "ab.csv": as_csv(other), "b.parquet": as_parquet(other)},
    )
    lay(
        tmp_path / "landing",
        {name: as_parquet(EVENTS) if "parquet" in name else as_csv([flat(event())])},
    )
    done = run(tmp_path / "home", tmp_path / "landing")

    own = next(row["file_hash"] for row in done.rows("file") if row["name"] == name)
    assert {row["id"] for row in done.events() if row["file_hash"] == own} <= {"e-1", "e-2", "v-1"}
    assert done.outcome(name).accepted > 0


def test_a_cut_archive_is_corrupt(tmp_path: Path) -> None:
    plain = as_csv([flat(event(id=f"e-{i}")) for i in range(500)]).encode()
    files = {
        "a.csv.gz": gzip.compress(plain)[:-20],
        "b.csv.zst": zstandard.compress(plain)[:-20],
    }
    done = run(tmp_path / "home", lay(tmp_path / "landing", {**files, "c.csv": plain}))

    assert {(file.name, file.state, file.reason) for file in done.result.files} == {
        ("a.csv.gz", "rejected", "corrupt"),
        ("b.csv.zst", "rejected", "corrupt"),
        ("c.csv", "ingested", None),
    }


def test_an_extension_that_lies_is_refused(tmp_path: Path) -> None:
    files = {"a.csv": FORMS["flat.parquet"], "b.parquet": FORMS["flat.csv"], "c.csv.gz": "id\n"}
    lay(tmp_path, files)

    assert {source_of(tmp_path / name) for name in files} == {"(content_disagrees)"}


# Manifests


def manifest(rows: int, content: bytes, name: str = "a.csv") -> str:
    return f"file,rows,sha256\n{name},{rows},{hashlib.sha256(content).hexdigest()}\n"


@pytest.mark.parametrize(
    ("rows", "cut", "state", "reason", "flags"),
    [
        (2, 0, "ingested", None, ()),
        (3, 0, "rejected", "manifest_mismatch", ()),
        (2, 4, "rejected", "manifest_mismatch", ()),
    ],
)
def test_a_manifest_vouches_for_a_csv(
    tmp_path: Path, rows: int, cut: int, state: str, reason: str | None, flags: tuple[str, ...]
) -> None:
    whole = as_csv([flat(VOLUME), flat(VOLUME | {"id": "v-2"})]).encode()
    files = {"a.csv": whole[: len(whole) - cut], "manifest.csv": manifest(rows, whole)}
    done = run(tmp_path / "home", lay(tmp_path / "landing", files))

    outcome = done.outcome("a.csv")
    assert (outcome.state, outcome.reason, outcome.flags) == (state, reason, flags)
    assert outcome.read == (2 if state == "ingested" else 0)
    listed = done.outcome("manifest.csv")
    assert (listed.source_kind, listed.state, listed.flags) == ("delivery_manifest", "ingested", ())


def test_a_cut_that_leaves_a_number_is_seen_by_the_manifest_only(tmp_path: Path) -> None:
    names = [*(name for name in flat(VOLUME) if name != "data.count"), "data.count"]
    row = {name: (flat(VOLUME) | {"data.count": "1234"})[name] for name in names}
    whole = as_csv([row]).encode().rstrip()
    cut = whole[:-2]
    alone = run(tmp_path / "home", lay(tmp_path / "alone", {"a.csv": cut}))
    beside = {"a.csv": cut, "manifest.csv": manifest(1, whole)}
    listed = run(tmp_path / "home-2", lay(tmp_path / "listed", beside))

    assert (alone.outcome("a.csv").accepted, alone.outcome("a.csv").flags) == (1, ("no_manifest",))
    assert listed.outcome("a.csv").reason == "manifest_mismatch"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("file,rows,sha256\na.csv,x," + "0" * 64, "corrupt"),
        ("file,rows,sha256\na.csv,1,abc", "corrupt"),
        ("file,rows,sha256\na.csv,1", "corrupt"),
        (("file,rows,sha256\n" + 2 * f"a.csv,1,{'0' * 64}\n"), "corrupt"),
    ],
)
def test_a_manifest_that_can_not_be_read_is_refused(
    tmp_path: Path, content: str, reason: str
) -> None:
    from ingest.sources.manifests import DeliveryManifest

    lay(tmp_path, {"manifest.csv": content, "a.csv": HEADER})

    assert refused_whole(DeliveryManifest(), tmp_path / "manifest.csv")[0] == reason
    assert DeliveryManifest().beside(tmp_path / "a.csv") is None


# Parquet

MOMENT = datetime(2015, 5, 6, 10, 11, 12, 123456, tzinfo=UTC)


def parquet_with(tmp_path: Path, **columns: Any) -> Path:
    """Path of a Parquet file with one volume, some of whose columns are others."""
    row = flat(VOLUME)
    table = {name: columns.get(name, [value]) for name, value in row.items()}
    return lay(tmp_path, {"a.parquet": as_parquet(pa.table(table))}) / "a.parquet"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (pa.array([MOMENT]), "2015-05-06T10:11:12.123456Z"),
        (pa.array([MOMENT], pa.timestamp("ns", "Europe/London")), "2015-05-06T10:11:12.123456Z"),
        (pa.array([date(2015, 5, 6)]).cast(pa.timestamp("s", "UTC")),
         "2015-05-06T00:00:00.000000Z"),
        (pa.array([MOMENT.replace(tzinfo=None)]), "2015-05-06T10:11:12.123456"),
        (pa.array([date(2015, 5, 6)]), "2015-05-06"),
    ],
)  # fmt: skip
def test_parquet_moments(tmp_path: Path, moment: pa.Array, text: str) -> None:
    path = parquet_with(tmp_path, time=moment)

    assert [row["line"]["time"] for row in records(SOURCE, path)] == [text]
    done = run(tmp_path / "home", path)
    assert done.refusals() == ([] if text.endswith("Z") else [(1, None, "no_time_zone")])


@pytest.mark.parametrize(
    ("count", "value"),
    [
        (pa.array([12], pa.int8()), 12),
        (pa.array([2**64 - 1], pa.uint64()), 2**64 - 1),
        (pa.array([12.0]), 12),
        (pa.array([12.0], pa.float32()), 12),
        (pa.array([12.5]), 12.5),
        (pa.array([2.0**53]), 2.0**53),
        (pa.array([Decimal("12.00")]), 12),
        (pa.array([Decimal("12.25")]), 12.25),
        (pa.array(["12"]), 12),
        (pa.array(["12"]).dictionary_encode(), 12),
        (pa.array([b"12"]), 12),
    ],
)
def test_parquet_numbers(tmp_path: Path, count: pa.Array, value: Any) -> None:
    path = parquet_with(tmp_path, **{"data.count": count})

    assert [row["line"]["data"]["count"] for row in records(SOURCE, path)] == [value]


@pytest.mark.parametrize(
    ("count", "refusals"),
    [
        (pa.array([16_777_215.0], pa.float32()), []),
        # 16777217 is not among the numbers of 32 bits: what comes is 16777216.
        (pa.array([16_777_217.0], pa.float32()), [(1, None, "inexact_number")]),
        (pa.array([2049.0], pa.float32()).cast(pa.float16()), [(1, None, "inexact_number")]),
        (pa.array([16_777_217.0]), []),
        (pa.array([2.0**53]), [(1, None, "inexact_number")]),
        (pa.array(["1,234"]), [(1, None, "unreadable_cell")]),
    ],
)
def test_parquet_numbers_that_may_have_lost_digits_are_refused(
    tmp_path: Path, count: pa.Array, refusals: list[Any]
) -> None:
    path = parquet_with(tmp_path, **{"data.count": count})

    assert run(tmp_path / "home", path).refusals() == refusals


def test_parquet_nulls_are_absent_and_empty_text_is_text(tmp_path: Path) -> None:
    path = parquet_with(tmp_path, **{"data.count": pa.array([None], pa.int64()), "source": [""]})

    (row,) = records(SOURCE, path)
    assert "count" not in row["line"]["data"]
    assert row["line"]["source"] == ""


def test_parquet_dates_within_data(tmp_path: Path) -> None:
    path = parquet_with(tmp_path, **{"data.period.start": [date(2015, 1, 1)]})

    assert run(tmp_path / "home", path).result.total("accepted") == 1


def test_parquet_text_that_is_not_utf8_refuses_the_file(tmp_path: Path) -> None:
    invalid = pa.array([b"caf\xe9"]).view(pa.string())

    reason, detail = refused_whole(SOURCE, parquet_with(tmp_path, id=invalid))
    assert reason == "not_utf8"
    assert "column 'id'" in detail


@pytest.mark.parametrize("name", ["subject", "Data"])
def test_parquet_columns_are_checked_as_those_of_csv(tmp_path: Path, name: str) -> None:
    lay(tmp_path, {"a.parquet": as_parquet([flat(event()) | {name: "x"}])})

    assert refused_whole(SOURCE, tmp_path / "a.parquet") == (
        "bad_header",
        f"column {name!r} is unknown",
    )


def damaged(how: str) -> bytes:
    rows = [flat(event(id=f"e-{i}")) for i in range(2000)]
    whole = as_parquet(rows, write_page_checksum=True, compression="none")
    middle = whole.index(b"e-1000")
    return {
        "cut": whole[: len(whole) // 2],
        "bad footer": whole[:-12] + b"\x00" * 8 + b"PAR1",
        "bit flipped": whole[:middle] + b"\x00" + whole[middle + 1 :],
        "head only": b"PAR1",
    }[how]


@pytest.mark.parametrize("how", ["cut", "bad footer", "bit flipped", "head only"])
def test_damaged_parquet_is_refused_whole(tmp_path: Path, how: str) -> None:
    done = run(
        tmp_path / "home",
        lay(tmp_path / "landing", {"a.parquet": damaged(how), "b.csv": FORMS["flat.csv"]}),
    )

    assert (done.outcome("a.parquet").state, done.outcome("a.parquet").reason) == (
        "rejected",
        "corrupt",
    )
    assert len(done.events()) == 3


def test_batches_and_blocks_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        flat(event(id=f"e-{i}", data=TRANSACTION | {"transaction_id": f"t\n{i}"}))
        for i in range(100)
    ]
    lay(tmp_path, {"a.csv": as_csv(rows), "a.parquet": as_parquet(rows, row_group_size=33)})
    whole = [records(SOURCE, tmp_path / name) for name in ("a.csv", "a.parquet")]

    monkeypatch.setattr(event_tables, "BLOCK_BYTES", 1000)
    monkeypatch.setattr(event_tables, "BATCH_ROWS", 7)

    assert [records(SOURCE, tmp_path / name) for name in ("a.csv", "a.parquet")] == whole
    assert [row["position"] for row in whole[0]] == list(range(2, 102))
    assert [row["position"] for row in whole[1]] == list(range(1, 101))
    assert [row["line"]["id"] for row in whole[0]] == [f"e-{i}" for i in range(100)]


def test_a_file_that_turns_out_to_be_refused_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="not_utf8"):
        source_file(lay(tmp_path, {"a.csv": HEADER.encode() + b"\ncaf\xe9"}) / "a.csv")
