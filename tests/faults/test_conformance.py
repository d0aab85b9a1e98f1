"""Every kind of JSON and CSV that conformance suites try, through every source, in one night.

Whatever a file holds, it is its own: the others are taken, every file has one outcome of the closed
lists, and counts add up. The bytes here are our own; the kinds are those of public suites.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.refusals import FILE_REASONS, RECORD_REASONS
from ingest.sources.mi_template import COLUMNS
from tests.support.publications import LISTING, QUARTERS
from tests.support.source_runs import Run, event, lay, run

DEEP = 60_000
JSON_KINDS: dict[str, str] = {
    "deep list": "[" * DEEP + "]" * DEEP,
    "deep list, open": "[" * DEEP,
    "deep object": '{"a":' * DEEP + "1" + "}" * DEEP,
    "just too deep for Python": "[" * 990 + "]" * 990,
    "half a pair": r'"\ud800"',
    "a pair the wrong way round": r'"\udc00\ud800"',
    "half a pair in a name": r'{"\udfff": 1}',
    "NaN": "NaN",
    "minus infinity": "-Infinity",
    "huge number": "1" + "0" * 400,
    "more digits than Python reads": "9" * 5_000,
    "more digits than a double": "123456789012345678901234567890.5",
    "huge exponent": "1e99999999999999999999",
    "tiny exponent": "-1E-99999999999999999999",
    "leading zero": "012",
    "plus": "+1",
    "hexadecimal": "0x1F",
    "bare point": ".5",
    "minus nothing": "-",
    "duplicate key": '{"a": 1, "a": 2}',
    "empty key": '{"": 0}',
    "trailing comma": "[1,]",
    "comma in an object": '{"a": 1,}',
    "two commas": "[1,,2]",
    "missing colon": '{"a" 1}',
    "single quotes": "{'a': 1}",
    "no quotes": "{a: 1}",
    "comment": "/* no */ 1",
    "half of a word": "tru",
    "capital word": "True",
    "NUL": '"a\x00b"',
    "escaped NUL": r'"a\u0000b"',
    "control character": '"a\x1b[31mb"',
    "newline in a text": '"a\nb"',
    "bad escape": r'"\x41"',
    "short escape": r'"\u00"',
    "open text": '"abc',
    "open object": '{"a": [1, {"b": 2',
    "closed too often": "1}]",
    "byte order mark within": "\ufeff1",
    "noncharacter": '"\uffff\U0010ffff"',
    "no-break space": "\u00a01",
    "long text": '"' + "x" * 300_000 + '"',
    "nothing": "",
    "space": " ",
    "null": "null",
    "true": "true",
    "a list of everything": '[null, true, 0, "", [], {}]',
}
"""Texts in the place of a JSON value, good and bad."""

CSV_KINDS: dict[str, str] = {
    "open quote": '"abc',
    "quote within": 'a"b',
    "quote after a quote": '"a"b',
    "doubled quotes": '"a""b"',
    "quoted newline": '"a\nb"',
    "quoted return": '"a\rb"',
    "return": "a\rb",
    "NUL": "a\x00b",
    "control character": "\x1b[2J",
    "more cells": "a,b,c",
    "long cell": "x" * 300_000,
    "long quoted cell": '"' + "x\n" * 150_000 + '"',
    "byte order mark within": "\ufeff",
    "tab": "a\tb",
    "semicolon": "1;2",
    "formula": "=1+1",
    "huge number": "9" * 400,
    "exponent": "1e309",
    "huge exponent": "1e99999999999999999999",
    "NaN": "NaN",
    "infinity": "inf",
    "minus nothing": "-",
    "other digits": "١٢٣",
    "superscript": "10²",
    "space": " ",
    "no-break space": "\u00a0",
    "zero width": "\u200b1",
    "noncharacter": "\uffff",
    "JSON": "{}",
    "deep JSON": "[" * DEEP,
}
"""Texts in the place of a cell."""

PLATFORM = {
    "_timestamp": "2015-06-01T00:00:00Z",
    "service": "carers-allowance",
    "channel": "digital",
    "count": 100,
    "dataType": "transactions-by-channel",
    "period": "month",
}
GOOD = json.dumps(event(id="good", source="urn:good")) + "\n"
VALUE = '"@@"'
WHOLE_RECORDS: dict[str, tuple[str, str]] = {
    "line": ("{}\n", "jsonl"),
    "torn line": ("{}", "jsonl"),
    "data": (json.dumps(event(data="@@")) + "\n", "jsonl"),
    "data within data": (json.dumps(event(data={"service_id": "@@"})) + "\n", "jsonl"),
    "unknown attribute": (json.dumps(event(subject="@@")) + "\n", "jsonl"),
    "event as a document": (json.dumps(event(data="@@")), "json"),
    "batch": ("[{}, " + json.dumps(event(data="@@")) + "]", "json"),
    "batch of anything": ('[{"specversion": "1.0"}, "@@"]', "json"),
    "platform array": ("[" + json.dumps(PLATFORM) + ', "@@"]', "json"),
    "platform array, first": ('["@@", ' + json.dumps(PLATFORM) + "]", "json"),
    "platform count": (json.dumps([PLATFORM | {"count": "@@"}]), "json"),
    "platform moment": (json.dumps([PLATFORM | {"_timestamp": "@@"}]), "json"),
    "platform period": (json.dumps([PLATFORM | {"period": "@@"}]), "json"),
    "platform unknown field": (json.dumps([PLATFORM | {"x": "@@"}]), "json"),
    "platform answer": ('{"data": [' + json.dumps(PLATFORM) + ', "@@"]}', "json"),
    "platform group": (json.dumps({"data": [PLATFORM | {"values": [{"count": "@@"}]}]}), "json"),
    "platform lines": (json.dumps(PLATFORM) + '\n"@@"\n', "jsonl"),
}
"""What a kind of JSON is put into, and under which suffix: the whole, or in the place of `"@@"`."""

EVENT_ROW = {
    "specversion": "1.0",
    "id": "c-1",
    "source": "urn:test",
    "type": "uk.gov.takeup.volume.reported.v1",
    "time": "2015-04-20T00:00:00Z",
    "data.service_id": "dwp-carers-allowance-new-claims",
    "data.breakdown": "total",
    "data.measure": "completed",
    "data.period.kind": "quarter",
    "data.period.start": "2015-01-01",
    "data.period.end": "2015-03-31",
    "data.count": "12",
}
RETURN_ROW = dict.fromkeys(COLUMNS, "") | {
    "department_id": "dwp",
    "service_id": "dwp-carers-allowance-new-claims",
    "period_kind": "quarter",
    "period_start": "2015-01-01",
    "period_end": "2015-03-31",
    "breakdown": "total",
    "measure": "completed",
    "count": "12",
    "submitted_on": "2015-04-20",
    "submitted_by_role": "analyst",
}
VOLUME_ROW = dict.fromkeys([*LISTING, *QUARTERS], "7")
PERIOD = {"period_kind": "quarter", "period_start": "2015-01-01", "period_end": "2015-03-31"}
SERVICE = {"service_id": "dwp-carers-allowance-new-claims", "publication": "2015-06"}
CELL_ROW = SERVICE | PERIOD | {"breakdown": "total", "measure": "completed"}
CELL_ROW |= {"count": "12", "status": ""}
LISTING_ROW = SERVICE | {"service_name": "Carer's Allowance", "department_name": "DWP"}
LISTING_ROW |= {"last_publication": "2015-06", "notes": ""}
STATED_ROW = SERVICE | PERIOD | {"metric": "completion_rate", "unit": "ratio", "value": "97%"}
PUBLICATION_ROW = {
    "publication": "2015-06",
    "published_at": "2015-06-30T09:30:00+01:00",
    "source": "urn:test",
    "document": "volumes.csv",
}
PUBLICATIONS = "\n".join(map(",".join, (PUBLICATION_ROW, PUBLICATION_ROW.values()))) + "\n"
TABLES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "events": (EVENT_ROW, ("id", "data.count", "data.period.start", "data.service_id")),
    "returns": (RETURN_ROW, ("count", "service_id", "submitted_on", "commentary")),
    "services-2016-07-08": (VOLUME_ROW, (LISTING[0], QUARTERS[0])),
    "cells": (CELL_ROW, ("count", "period_start", "status", "publication")),
    "listings": (LISTING_ROW, ("service_id", "notes")),
    "stated": (STATED_ROW, ("value", "metric")),
}
REPORT = """Action 12: publish what services do
Updated 3 March 2014

Department for Work and Pensions

{}

Digital take-up of Carer's Allowance rose to {} in 2014.
"""
DIGEST = """document: action-3-2013-05-02
about: What a department says of its forms.
publisher: Cabinet Office
series: government-digital-strategy
action: {action}
published_on: null
updated_on: {updated_on}
date_precision: day
entries:
- section: {section}
  line: 4
  last_line: 5
  says: {says}
  status: done
  numbers:
  - line: 5
    text: {text}
    kind: claim
    metric: applications
    subject: applications
    qualifier: exact
    value: {value}
    unit: count
    claim_kind: outcome
    start: 2012-01-01
    end: 2012-12-31
"""
DIGEST_FIELDS = {
    "action": "3",
    "updated_on": "2013-05-02",
    "section": "home-office:progress-2012",
    "says": "Its form was used.",
    "text": "'300'",
    "value": "300",
}


def json_files() -> dict[str, str]:
    """Every kind of JSON in every place of every source that reads JSON."""
    files = {}
    for place, (whole, suffix) in WHOLE_RECORDS.items():
        for kind, text in JSON_KINDS.items():
            content = whole.replace(VALUE, text) if VALUE in whole else whole.format(text)
            files[f"json/{place}/{kind}.{suffix}"] = content
    return files


def csv_files() -> dict[str, str]:
    """Every kind of cell in every place of every source that reads CSV: row, header, whole file."""
    files = {}
    for table, (row, columns) in TABLES.items():
        names, last = ",".join(row), ",".join(row.values())
        for kind, text in CSV_KINDS.items():
            for column in columns:
                cells = ",".join((row | {column: text}).values())
                files[f"csv/{kind}/{column}/{table}.csv"] = f"{names}\n{cells}\n{last}\n"
            files[f"csv/{kind}/header/{table}.csv"] = f"{names},{text}\n{last},\n"
            files[f"csv/{kind}/returns/{table}.csv"] = f"{names}\r{last}\r{text}\r"
            files[f"csv/{kind}/last/{table}.csv"] = f"{names}\n{last}\n{text}"
    # Tidy volumes wait where nothing says when they were published.
    folders = {path.rpartition("/")[0] for path in files}
    return files | {f"{folder}/publications.csv": PUBLICATIONS for folder in folders}


def manifest_files() -> dict[str, str]:
    """Every kind of cell in `publications.csv`, no table beside it."""
    files = {}
    names = ",".join(PUBLICATION_ROW)
    for kind, text in CSV_KINDS.items():
        for column in PUBLICATION_ROW:
            cells = ",".join((PUBLICATION_ROW | {column: text}).values())
            files[f"manifest/{kind}/{column}/publications.csv"] = f"{names}\n{cells}\n"
        files[f"manifest/{kind}/header/publications.csv"] = f"{names},{text}\n{cells},\n"
        files[f"manifest/{kind}/last/publications.csv"] = f"{PUBLICATIONS}{text}"
    return files


def digest_files() -> dict[str, str]:
    """Kinds of text in the place of a digest's values, once between quotes, and at its end."""
    files = {}
    for kind, text in (JSON_KINDS | CSV_KINDS).items():
        changes = [{field: text} for field in DIGEST_FIELDS] + [{"says": f'"{text}"'}]
        for number, change in enumerate(changes):
            files[f"digest/{kind}/{number}.yml"] = DIGEST.format(**DIGEST_FIELDS | change)
        files[f"digest/{kind}/last.yml"] = f"{DIGEST.format(**DIGEST_FIELDS)}{text}"
    return files


def report_files() -> dict[str, str]:
    """Kinds of text in a report."""
    kinds = {kind: text[:2_000] for kind, text in (JSON_KINDS | CSV_KINDS).items()}
    return {
        f"report/{kind}.{suffix}": REPORT.replace("{}", text)
        for kind, text in kinds.items()
        for suffix in ("txt", "html")
    }


def parquet_files() -> dict[str, bytes]:
    """Columns of many types in the place of a whole number and of a text."""
    kinds: dict[str, pa.Array] = {
        "double": pa.array([float("nan"), float("inf"), 1e300, 2.0**53, 0.5, None]),
        "float": pa.array([16777217.0, 16777215.0, 3.5, float("nan")], pa.float32()),
        "half": pa.array([2049.0, 12.0], pa.float16()),
        "unsigned": pa.array([2**64 - 1, 1], pa.uint64()),
        "decimal": pa.array(["1.5", "99999999999999999999"]).cast(pa.decimal128(30, 4)),
        "list": pa.array([[1], [], None]),
        "struct": pa.array([{"a": 1}, None]),
        "map": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
        "bytes": pa.array([b"\xff\x00", b"12"]),
        "null": pa.nulls(3),
        "boolean": pa.array([True, None]),
        "moment": pa.array([2**62, 0], pa.timestamp("us")),
        "day": pa.array([-(2**31), 0], pa.date32()),
        "duration": pa.array([1], pa.duration("s")),
        "dictionary": pa.array(["a", "12"]).dictionary_encode(),
        "control": pa.array(["\x00", "\x1b"]),
    }
    files = {}
    for kind, values in kinds.items():
        for column in ("id", "data.count", "data.period.start", "data.new"):
            columns: dict[str, Any] = {
                name: pa.array([text] * len(values)) for name, text in EVENT_ROW.items()
            }
            columns["id"] = pa.array([f"{kind} {column} {i}" for i in range(len(values))])
            columns[column] = values
            stream = io.BytesIO()
            pq.write_table(pa.table(columns), stream)
            files[f"parquet/{kind}/{column}.parquet"] = stream.getvalue()
    return files


def landed(home: Path, files: dict[str, Any]) -> Run:
    """One run of these files with a good one beside them."""
    return run(home, lay(home / "landing", files | {"good.jsonl": GOOD}))


@pytest.mark.parametrize(
    "files",
    [
        *(json_files, manifest_files, digest_files, report_files, parquet_files),
        pytest.param(csv_files, marks=pytest.mark.slow),
    ],
    ids=lambda made: made.__name__,
)
def test_one_file_can_only_hurt_itself(tmp_path: Path, files: Any) -> None:
    made = files()
    done = landed(tmp_path, made)
    assert done.outcome("good.jsonl").accepted == 1
    assert len(done.result.files) == len(made) + 1, "every file has one outcome"
    for file in done.result.files:
        assert file.state in ("ingested", "rejected", "duplicate_file")
        assert file.reason in FILE_REASONS or file.state != "rejected"
        assert "\n" not in (file.detail or "")
    # A digest says so of what is wrong with it; of anything else it is a source taken by surprise.
    unreadable = [file for file in done.result.files if file.reason == "unreadable"]
    said = [file for file in unreadable if str(file.detail).startswith("digest ")]
    assert [(file.name, file.detail) for file in unreadable if file not in said] == []
    assert {reason for *_, reason in done.refusals()} <= RECORD_REASONS.keys()
