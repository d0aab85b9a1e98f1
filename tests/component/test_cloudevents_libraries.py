"""Events as CloudEvents' own libraries write them: taken, or refused for what they really lack.

The forms are what the serialisers of the Python (1.11, 2.2), Go, Java and JavaScript libraries
make: their order of keys, their spaces, their spellings of moments, and data as object, text or
base64.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.load import batch
from tests.support.events import completed
from tests.support.homes import Home
from tests.support.source_runs import TRANSACTION, Run, lay, run

DATA = json.dumps(TRANSACTION)
TIGHT = json.dumps(TRANSACTION, separators=(",", ":"))
PACKED = base64.b64encode(DATA.encode()).decode()
TYPE = "uk.gov.takeup.transaction.completed.v1"
SECOND = "2015-05-06 10:11:12+00:00"
MICROS = "2015-05-06 10:11:12.123456+00:00"


@dataclass(frozen=True)
class Form:
    """What a library writes, and the moment that is read, or the reason for refusing it."""

    name: str
    text: str
    moment: str = SECOND
    reason: str | None = None


def python_1(attributes: str, data: str, time: str = '"time": "2015-05-06T10:11:12Z", ') -> str:
    """Version 1 of Python's: specversion first, then the rest; null optional ones left out."""
    return (
        f'{{"specversion": "1.0", "id": "ID", "source": "urn:x", "type": "{TYPE}", '
        f"{attributes}{time}{data}}}"
    )


def python_2(attributes: str, data: str, time: str = "2015-05-06T10:11:12Z") -> str:
    """Version 2 of Python's: attributes in the order in which they were given."""
    return (
        f'{{"type": "{TYPE}", "source": "urn:x", "id": "ID", "specversion": "1.0", '
        f'"time": "{time}", {attributes}{data}}}'
    )


def go(attributes: str, data: str, extensions: str = "", time: str = "2015-05-06T10:11:12Z") -> str:
    """Go's: no spaces, extensions behind the data, in order."""
    return (
        f'{{"specversion":"1.0","id":"ID","source":"urn:x","type":"{TYPE}",{attributes}'
        f'"time":"{time}",{data}{extensions}}}'
    )


def java(attributes: str, data: str, time: str = "2015-05-06T10:11:12Z") -> str:
    """Java's: extensions between time and data."""
    return (
        f'{{"specversion":"1.0","id":"ID","source":"urn:x","type":"{TYPE}",'
        f'"datacontenttype":"application/json","time":"{time}",{attributes}{data}}}'
    )


def javascript(attributes: str, data: str, time: str = "2015-05-06T10:11:12.000Z") -> str:
    """JavaScript's: id and time first, always with milliseconds."""
    return (
        f'{{"id":"ID","time":"{time}","type":"{TYPE}","source":"urn:x","specversion":"1.0",'
        f"{attributes}{data}}}"
    )


OBJECT, OBJECT_TIGHT = f'"data": {DATA}', f'"data":{TIGHT}'
AS_TEXT = f'"data": {json.dumps(DATA)}'
AS_BASE64 = f'"data_base64": "{PACKED}"'
JSON_TYPE = '"datacontenttype": "application/json", '

FORMS = [
    Form("python 1, a dict", python_1("", OBJECT)),
    Form("python 1, with its type", python_1(JSON_TYPE, OBJECT)),
    Form(
        "python 1, a type with a parameter",
        python_1('"datacontenttype": "application/json; charset=utf-8", ', OBJECT),
    ),
    Form(
        "python 1, a type of its own",
        python_1('"datacontenttype": "application/vnd.takeup+json", ', OBJECT),
    ),
    Form(
        "python 1, a type in capitals", python_1('"datacontenttype": "Application/JSON", ', OBJECT)
    ),
    Form("python 1, dataschema and subject", python_1('"dataschema": "urn:y", ', OBJECT)),
    Form("python 1, text", python_1("", AS_TEXT)),
    Form("python 1, text that is called JSON", python_1(JSON_TYPE, AS_TEXT)),
    Form("python 1, bytes", python_1("", AS_BASE64)),
    Form("python 1, bytes that are called JSON", python_1(JSON_TYPE, AS_BASE64)),
    Form(
        "python 1, datetime.isoformat()",
        python_1("", OBJECT, '"time": "2015-05-06T11:11:12.123456+01:00", '),
        MICROS,
    ),
    Form("python 1, an extension that is null", python_1("", OBJECT + ', "simulated": null')),
    Form("python 1, an extension that is a number", python_1("", OBJECT + ', "shard": 7')),
    Form("python 1, no time", python_1("", OBJECT, ""), reason="invalid_envelope"),
    Form(
        "python 1, datetime without a zone",
        python_1("", OBJECT, '"time": "2015-05-06T10:11:12", '),
        reason="no_time_zone",
    ),
    Form("python 2, a dict", python_2("", OBJECT)),
    Form("python 2, text/json", python_2('"datacontenttype": "text/json", ', OBJECT)),
    Form("python 2, bytes", python_2(JSON_TYPE, AS_BASE64)),
    Form("python 2, text", python_2(JSON_TYPE, AS_TEXT)),
    Form(
        "python 2, text that is not called JSON",
        python_2('"datacontenttype": "text/plain", ', AS_TEXT),
        reason="invalid_envelope",
    ),
    Form("python 2, text in lower case", python_2("", OBJECT, "2015-05-06t10:11:12z")),
    Form(
        "go, nanoseconds",
        go(
            '"subject":"s","datacontenttype":"application/json",',
            OBJECT_TIGHT,
            ',"partitionkey":"k","shard":7',
            time="2015-05-06T10:11:12.123456789Z",
        ),
        MICROS,
    ),
    Form("go, bytes", go("", f'"data_base64":"{PACKED}"')),
    Form("go, JSON of another type", go('"datacontenttype":"application/x+json",', OBJECT_TIGHT)),
    Form(
        "go, XML as a text",
        go('"datacontenttype":"application/xml",', '"data":"<x/>"'),
        reason="invalid_envelope",
    ),
    Form("go, without data", go("", '"shard":7'), reason="invalid_envelope"),
    Form(
        "java, an offset and nanoseconds",
        java('"traceparent":"00-ab-cd-01","flag":true,', OBJECT_TIGHT).replace(
            "10:11:12Z", "12:11:12.123456789+02:00"
        ),
        MICROS,
    ),
    Form("java, bytes forced to base64", java("", f'"data_base64":"{PACKED}"')),
    Form(
        "java, toString() of a moment without seconds",
        java("", OBJECT_TIGHT, time="2015-05-06T10:11Z"),
        reason="invalid_time",
    ),
    Form("javascript, an object", javascript("", OBJECT_TIGHT)),
    Form(
        "javascript, with its type",
        javascript('"datacontenttype":"application/json; charset=utf-8",', OBJECT_TIGHT),
    ),
    Form("javascript, base64 beside null", javascript('"data":null,', f'"data_base64":"{PACKED}"')),
    Form(
        "javascript, base64 of something else",
        javascript("", '"data_base64":"AAECAw=="'),
        reason="invalid_envelope",
    ),
    Form(
        "javascript, text that is not JSON",
        javascript('"datacontenttype":"application/json",', '"data":"hello"'),
        reason="invalid_envelope",
    ),
]
TEXTS = [form.text.replace('"ID"', f'"e-{n}"') for n, form in enumerate(FORMS, start=1)]


def spread(text: str) -> str:
    """The event over many lines, its texts with escapes, as a pretty printer writes it."""
    return json.dumps(json.loads(text), indent=4)


LANDINGS: dict[str, dict[str, str | bytes]] = {
    "lines": {"events.jsonl": "\n".join(TEXTS)},
    "a batch": {"events.json": "[" + ",".join(TEXTS) + "]"},
    "a batch over many lines": {"events.json": "[\n" + ",\n".join(map(spread, TEXTS)) + "\n]\n"},
    "one by one": {f"{number:02}.json": text for number, text in enumerate(TEXTS, start=1)},
}


def outcomes(done: Run) -> dict[str, tuple[str, str]]:
    """By id: the moment of an event, or the reason for which it was refused."""
    found = {row["id"]: ("event", str(row["time"])) for row in done.events()}
    for row in done.rows("quarantine"):
        found[json.loads(row["raw"])["id"]] = ("quarantine", row["reason"])
    return found


@pytest.mark.parametrize("landing", LANDINGS)
def test_what_libraries_write_is_taken_or_refused_for_its_reason(
    tmp_path: Path, landing: str
) -> None:
    done = run(tmp_path / "home", lay(tmp_path / "landing", LANDINGS[landing]))

    expected = {
        f"e-{number}": ("quarantine", form.reason) if form.reason else ("event", form.moment)
        for number, form in enumerate(FORMS, start=1)
    }
    found = outcomes(done)
    assert {
        FORMS[int(i[2:]) - 1].name: found.get(i) for i in expected if found.get(i) != expected[i]
    } == {}
    assert {file.source_kind for file in done.result.files} == {"cloudevents"}
    for row in done.events():
        assert {name: row[name] for name in TRANSACTION} == TRANSACTION


def test_data_within_a_text_is_unwrapped_in_every_slice_of_what_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "FULL_CHECK_BYTES", 1)
    home = Home.at(tmp_path)
    events = [completed(name) for name in ("1", "2", "3")]
    home.land_events("a.jsonl", *(event | {"data": json.dumps(event["data"])} for event in events))
    home.ingest()
    assert [row["id"] for row in home.rows("event")] == ["1", "2", "3"]
    assert home.rows("quarantine") == []
