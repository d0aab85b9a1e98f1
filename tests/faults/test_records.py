"""Records that are broken, odd or hostile: what becomes of each, through one real ingest.

Every case is one line of one file. A case that is `accepted` may say what the log must hold.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import zstandard

from ingest.load import batch, fast_parts, ready
from ingest.validation.rules import Rules
from tests.support import events
from tests.support.events import ABSENT, SERVICE, SOURCE, completed, envelope, started, text, volume
from tests.support.homes import Home, Row
from tests.support.invariants import check_log

SECRET = "kept-by-nobody"
LIMIT = 1024 * 1024
FORBIDDEN_PLACE = '"data":{'


@dataclass(frozen=True)
class Case:
    """One line, and what becomes of it: a reason of quarantine, or None where it is accepted."""

    name: str
    line: str | bytes
    reason: str | None
    held: dict[str, Any] = field(default_factory=dict)


def accepted(name: str, line: events.Event | str | bytes, **held: Any) -> Case:
    return Case(name, line if isinstance(line, (str, bytes)) else text(line), None, held)


def refused(reason: str, name: str, line: events.Event | str | bytes) -> Case:
    return Case(name, line if isinstance(line, (str, bytes)) else text(line), reason)


def spelt(event: events.Event, old: str, new: str) -> str:
    """The line of an event with one piece of its text written otherwise."""
    line = text(event)
    assert old in line, f"{old!r} is not in {line}"
    return line.replace(old, new, 1)


def in_data(identifier: str, member: str) -> str:
    """A completed transaction with a member written into its data, first."""
    return spelt(completed(identifier), FORBIDDEN_PLACE, FORBIDDEN_PLACE + member + ",")


def data_first(identifier: str) -> events.Event:
    """A completed transaction whose data comes before all else."""
    return events.data_first_order(completed(identifier))


def padded(identifier: str, size: int) -> str:
    """A completed transaction of exactly so many bytes."""
    line = in_data(identifier, '"pad":"@"')
    return line.replace("@", "p" * (size - len(line.encode()) + 1))


def count_spelt(identifier: str, token: str) -> str:
    """A reported volume whose count is written so."""
    return text(volume_of_its_own(identifier, data={"count": 77777777})).replace("77777777", token)


def volume_of_its_own(identifier: str, **changes: Any) -> events.Event:
    """A reported volume of a source that says nothing else: a file gives a figure once."""
    return volume(identifier, source=f"{events.SOURCE}:{identifier}", **changes)


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


NOT_JSON = [
    refused("not_json", "words", "this is no event"),
    refused("not_json", "a brace", "{"),
    refused("not_json", "words that end like an event", 'this is no event"}}'),
    refused("not_json", "half a line", text(completed("half"))[:-40]),
    refused("not_json", "two events on one line", text(completed("two")) + text(completed("2"))),
    refused("not_json", "events parted by a lone carriage return", "{}\r{}"),
    refused("not_json", "single quotes", spelt(completed("single"), '"online"', "'online'")),
    refused("not_json", "a byte order mark inside the file", "\ufeff" + text(completed("bom"))),
    refused("not_json", "spaces only", "   "),
    refused("not_json", "a no-break space between tokens", in_data("nbsp", '\u00a0"x":1')),
    refused("not_json", "a comment", in_data("comment", '/* x */ "x":1')),
    refused("not_json", "two commas", in_data("commas", '"x":1,')),
    refused("not_json", "a comma at the end of a list", in_data("comma-1", '"x":[1,]')),
    refused("not_json", "a comma at the end of data", text(completed("comma-2"))[:-2] + ",}}"),
    refused("not_json", "a comma at the end of the event", text(completed("comma-3"))[:-1] + ",}"),
    refused("not_json", "the same with spaces", text(completed("comma-4"))[:-2] + " , } }"),
    refused(
        "not_json",
        "a comma at the end of an event whose data is not last",
        text(data_first("comma-5"))[:-1] + ",}",
    ),
    refused(
        "not_json",
        "a comma at the end of data that is not last",
        spelt(data_first("comma-6"), '"t-comma-6"}', '"t-comma-6",}'),
    ),
    refused("not_json", "NaN", in_data("nan-1", '"x":NaN')),
    refused("not_json", "nan", in_data("nan-2", '"x":nan')),
    refused("not_json", "NAN", in_data("nan-3", '"x":[1, NAN]')),
    refused("not_json", "Infinity", in_data("inf-1", '"x":Infinity')),
    refused("not_json", "-inf", in_data("inf-2", '"x":-inf')),
    refused("not_json", "True", in_data("true", '"x":True')),
    refused("not_json", "a hexadecimal number", in_data("hex", '"x":0x10')),
    refused("not_json", "a number with a plus", in_data("plus", '"x":+1')),
    refused("not_json", "a number with a leading zero", in_data("zero", '"x":01')),
    refused("not_json", "a number that begins with its point", in_data("point", '"x":.5')),
    refused("not_json", "digits of another script", count_spelt("arabic", "\u0661")),
    refused("not_json", "half a surrogate pair", in_data("surrogate", '"x":"\\ud800"')),
    refused("not_json", "10,000 brackets, none closed", "[" * 10_000),
    refused("not_an_object", "a list of events", "[" + text(completed("list")) + "]"),
    refused("not_an_object", "null", "null"),
    refused("not_an_object", "a number", "42"),
    refused("not_an_object", "a text", '"event"'),
    refused("not_an_object", "10,000 brackets, all closed", nested(10_000)),
    accepted("the texts NaN and Infinity", in_data("nan-4", '"x":"NaN, Infinity, [1,]"')),
    accepted("white space around", "  \t" + text(completed("white")) + "  "),
    accepted("a carriage return at the end", text(completed("return-1")) + "\r"),
    accepted("a carriage return between tokens", in_data("return-2", '\r"x":1')),
    accepted("spaces as Python writes them", json.dumps(completed("python")), data=None),
    refused(
        "not_json",
        "the same with an id that looks like its end",
        spelt(data_first("},"), '"t-},"}', '"t-},",}'),
    ),
    accepted("data before the rest", data_first("data-first"), data=None),
]

KEYS = [
    refused(
        "duplicate_key", "an attribute twice", spelt(completed("d1"), '"id":', '"id":"x","id":')
    ),
    refused("duplicate_key", "a field twice", in_data("d2", '"channel":"phone"')),
    refused(
        "duplicate_key", "a field twice with the same value", in_data("d3", '"channel":"online"')
    ),
    refused("duplicate_key", "data twice", spelt(completed("d4"), '"data":', '"data":{},"data":')),
    refused("duplicate_key", "twice in an unknown object only", in_data("d5", '"x":{"a":1,"a":1}')),
    refused(
        "duplicate_key", "twice in a list's object", in_data("d6", '"x":[{"a":1},{"b":1,"b":2}]')
    ),
    refused("duplicate_key", "the second one escaped", in_data("d7", '"ch\\u0061nnel":"phone"')),
    refused(
        "duplicate_key",
        "twice in the period",
        spelt(volume("d8"), '"kind":', '"kind":"month","kind":'),
    ),
    accepted("an unknown field", completed("k1", data={"colour": "blue"}), service_id=SERVICE),
    accepted("an unknown field that is null", completed("k2", data={"colour": None})),
    accepted("an empty name", in_data("k3", '"":1')),
    accepted(
        "an unknown attribute",
        completed("k4", traceparent="00-abc"),
        data=None,
        extensions={"traceparent": "00-abc"},
    ),
    accepted("an unknown attribute that is null", completed("k5", x=None), extensions={"x": None}),
    accepted("a dotted name", completed("k6", **{"a.b": "c"}), extensions={"a.b": "c"}),
    accepted("a name with a quote", completed("k7", **{'a"b': 1}), extensions={'a"b': 1}),
    accepted("DATA beside data", completed("k8", DATA={"a": 1}), extensions={"DATA": {"a": 1}}),
    accepted(
        "an escaped name", spelt(completed("k9"), '"channel"', '"ch\\u0061nnel"'), channel="online"
    ),
    accepted(
        "an escaped value", spelt(completed("k10"), '"online"', '"onl\\u0069ne"'), channel="online"
    ),
    accepted(
        "an escaped type", spelt(completed("k11"), "uk.gov", "uk\\u002egov"), type=events.COMPLETED
    ),
    accepted("a surrogate pair", in_data("k12", '"x":"\\ud83d\\ude00"')),
    accepted(
        "a field of the other transaction type",
        started("k13", data={"outcome": "intended"}),
        outcome=None,
    ),
]

TEXTS = [
    refused("control_character", "NUL", text(completed("c1")).replace("t-c1", "t-\0c1")),
    refused("control_character", "another raw control character", in_data("c2", '"x":"\x01"')),
    refused("control_character", "a form feed between tokens", in_data("c3", '\f"x":1')),
    refused("control_character", "an escaped NUL", in_data("c4", '"x":"\\u0000"')),
    refused("control_character", "an escaped backspace", in_data("c5", '"x":"\\b"')),
    refused("control_character", "an escaped NUL in a name", in_data("c6", '"a\\u0000":1')),
    refused("control_character", "DEL", completed("c7", data={"transaction_id": "a\x7fb"})),
    refused(
        "control_character", "a C1 character", completed("c8", data={"transaction_id": "\x85"})
    ),
    refused("control_character", "DEL in the id", completed("c9\x7f")),
    refused(
        "control_character",
        "an escaped DEL in the id",
        spelt(completed("c10"), "c10", "c10\\u007f"),
    ),
    refused("control_character", "a newline in the id", completed("c11\n")),
    refused("control_character", "a tab in the source", completed("c12", source="a\tb")),
    refused("control_character", "NUL behind the event", text(completed("c13")) + "\0"),
    refused("not_json", "a raw tab in a text", in_data("c14", '"x":"\t"')),
    refused("invalid_field", "a text of a tab", completed("t11", data={"transaction_id": "\t"})),
    refused("invalid_field", "a text of lines", completed("t12", data={"transaction_id": "\r\n"})),
    accepted("a newline in a text", completed("t1", data={"transaction_id": "a\nb"})),
    accepted(
        "a quote in a text", completed("t2", data={"transaction_id": 'a"b'}), transaction_id='a"b'
    ),
    accepted("U+2028 in a text", completed("t3", data={"transaction_id": "a\u2028b"})),
    accepted("U+2028 in the id", completed("t4\u2028"), id="t4\u2028"),
    accepted("a brace and a quote in the id", completed('t5"},"'), id='t5"},"'),
    accepted("braces in the id", completed("},t6"), id="},t6"),
    accepted("an id that looks like a number", completed("77"), id="77"),
    accepted("an id that looks like true", completed("true"), id="true"),
    accepted("an id that looks like an object", completed("{}"), id="{}"),
    accepted("an id that begins with a space", completed(" t7"), id=" t7"),
    accepted("an id of 2,000 bytes", completed("i" * 2000, data={"transaction_id": "t"})),
    refused(
        "invalid_envelope",
        "an id of 2,001 bytes",
        completed("i" * 2001, data={"transaction_id": "t"}),
    ),
    accepted("a pseudonym of 200 letters", completed("t8", data={"transaction_id": "é" * 200})),
    refused(
        "invalid_field", "a pseudonym of 201", completed("t9", data={"transaction_id": "é" * 201})
    ),
    refused(
        "invalid_field",
        "a pseudonym of 201 in ASCII",
        completed("t10", data={"transaction_id": "x" * 201}),
    ),
]

SIZES = [
    accepted("a record of exactly the limit", padded("s1", LIMIT)),
    refused("too_large", "a record of one byte more", padded("s2", LIMIT + 1)),
    refused("too_large", "a line of 2 MiB", padded("s3", 2 * LIMIT)),
    refused("too_large", "2 MiB of white space", text(completed("s4")) + " " * 2 * LIMIT),
    refused("too_large", "a schema's name of 2 MiB", completed("s5", dataschema="u" * 2 * LIMIT)),
    refused("too_large", "2 MiB of anything", "x" * 2 * LIMIT),
    accepted("nested 64 deep", in_data("n1", '"x":' + nested(62))),
    accepted("a text nested 64 deep", in_data("n6", '"x":' + nested(62).replace("[]", '["a"]'))),
    refused("too_deep", "nested 65 deep", in_data("n2", '"x":' + nested(63))),
    refused("too_deep", "lists 10,000 deep", in_data("n3", '"x":' + nested(10_000))),
    refused(
        "too_deep",
        "objects 10,000 deep in an attribute",
        spelt(
            completed("n4"), '"data"', '"x":' + '{"a":' * 10_000 + "1" + "}" * 10_000 + ',"data"'
        ),
    ),
    refused("too_deep", "1,000 deep, where readers give up", in_data("n5", '"x":' + nested(995))),
]

ENVELOPES = [
    case
    for name in ("specversion", "id", "source", "type", "time")
    for case in (
        refused("invalid_envelope", f"{name} missing", completed(f"m-{name}", **{name: ABSENT})),
        refused("invalid_envelope", f"{name} empty", completed(f"e-{name}", **{name: ""})),
        refused("invalid_envelope", f"{name} a blank", completed(f"b-{name}", **{name: "  "})),
        refused("invalid_envelope", f"{name} null", completed(f"n-{name}", **{name: None})),
        refused("invalid_envelope", f"{name} a number", completed(f"1-{name}", **{name: 5})),
        refused("invalid_envelope", f"{name} a list", completed(f"l-{name}", **{name: ["1.0"]})),
        refused(
            "invalid_envelope", f"{name} an object", completed(f"o-{name}", **{name: {"a": 1}})
        ),
        refused("invalid_envelope", f"{name} true", completed(f"t-{name}", **{name: True})),
    )
] + [
    refused("invalid_envelope", "specversion 0.3", completed("v1", specversion="0.3")),
    refused("invalid_envelope", "specversion a number", spelt(completed("v2"), '"1.0"', "1.0")),
    refused("invalid_envelope", "an empty object", "{}"),
    refused("invalid_envelope", "an id of no-break spaces", completed("\u00a0")),
    refused("invalid_envelope", "ID in capitals", spelt(completed("v3"), '"id"', '"ID"')),
    refused("invalid_envelope", "data missing", envelope(events.COMPLETED, "v4", ABSENT)),
    refused("invalid_envelope", "data null", envelope(events.COMPLETED, "v5", None)),
    refused("invalid_envelope", "data a text", envelope(events.COMPLETED, "v6", "{")),
    refused("invalid_envelope", "data a list", envelope(events.COMPLETED, "v7", [])),
    refused(
        "invalid_envelope", "another content type", completed("v8", datacontenttype="text/xml")
    ),
    refused(
        "invalid_envelope", "a content type that is a number", completed("v9", datacontenttype=5)
    ),
    refused("invalid_envelope", "a schema that is a number", completed("v10", dataschema=5)),
    refused("invalid_envelope", "a schema that is empty", completed("v11", dataschema="")),
    refused("invalid_envelope", "simulated a text", completed("v12", simulated="true")),
    refused("wrong_kind_of_log", "simulated in a real log", completed("v13", simulated=True)),
    accepted("simulated false", completed("v14", simulated=False)),
    accepted(
        "a schema named", completed("v15", dataschema="urn:a:b"), dataschema="urn:a:b", data=None
    ),
    accepted("no content type", completed("v16", datacontenttype=ABSENT), datacontenttype=None),
    accepted(
        "optional attributes null",
        completed("v17", datacontenttype=None, dataschema=None, publishedat=None),
        dataschema=None,
        published_at=None,
    ),
    refused("unknown_schema", "an unknown type", completed("v18", type="uk.gov.takeup.x.v1")),
    refused(
        "unknown_schema", "an unknown version", completed("v19", type=events.COMPLETED[:-1] + "2")
    ),
    refused(
        "unknown_schema", "a type in capitals", completed("v20", type=events.COMPLETED.upper())
    ),
    refused(
        "unknown_schema",
        "a type with a space behind",
        completed("v21", type=events.COMPLETED + " "),
    ),
]

FIELDS = [
    case
    for name in ("service_id", "channel", "assistance", "outcome", "transaction_id")
    for case in (
        refused("missing_field", f"{name} missing", completed(f"fm-{name}", data={name: ABSENT})),
        refused("missing_field", f"{name} null", completed(f"fn-{name}", data={name: None})),
        refused("invalid_field", f"{name} empty", completed(f"fe-{name}", data={name: ""})),
        refused("invalid_field", f"{name} a blank", completed(f"fb-{name}", data={name: " "})),
        refused("invalid_field", f"{name} a number", completed(f"f1-{name}", data={name: 5})),
        refused("invalid_field", f"{name} true", completed(f"ft-{name}", data={name: True})),
        refused(
            "invalid_field", f"{name} a list", completed(f"fl-{name}", data={name: ["online"]})
        ),
        refused(
            "invalid_field", f"{name} an object", completed(f"fo-{name}", data={name: {"a": 1}})
        ),
    )
] + [
    refused("missing_field", "data empty", envelope(events.COMPLETED, "f1", {})),
    refused("unknown_channel", "an unknown channel", completed("f2", data={"channel": "pigeon"})),
    refused(
        "unknown_channel", "a channel in capitals", completed("f3", data={"channel": "Online"})
    ),
    refused(
        "unknown_channel", "a channel with a space", completed("f4", data={"channel": "online "})
    ),
    refused(
        "unknown_channel", "total, which is no channel", completed("f5", data={"channel": "total"})
    ),
    refused("unknown_service", "an unknown service", completed("f6", data={"service_id": "x"})),
    refused(
        "unknown_service",
        "a programme, which is no service",
        completed("f6b", data={"service_id": "co-electoral-registration-transformation-programme"}),
    ),
    refused(
        "missing_field",
        "a listing without a department",
        envelope(
            "uk.gov.takeup.service.listed.v1", "f6c", {"service_id": "x", "service_name": "X"}
        ),
    ),
    refused(
        "missing_field",
        "a figure without a number or a text",
        envelope(
            "uk.gov.takeup.figure.published.v1",
            "f6d",
            {"metric": "transactions", "document": "d", "place": "line 1", "value": None},
        ),
    ),
    refused("invalid_field", "unknown assistance", completed("f7", data={"assistance": "some"})),
    refused(
        "invalid_field", "an unknown provider", completed("f8", data={"assistance_provider": "pub"})
    ),
    refused("invalid_field", "an unknown extent", completed("f9", data={"online_extent": "most"})),
    accepted("a provider", completed("f10", data={"assistance_provider": "jobcentre"}), data=None),
    accepted(
        "optional fields null", completed("f11", data={"online_extent": None}), online_extent=None
    ),
    accepted(
        "a void",
        envelope(events.VOIDED, "f12", {"voids": {"source": SOURCE, "id": "x"}, "reason": "test"}),
        target_source=SOURCE,
        target_id="x",
    ),
    refused(
        "missing_field",
        "a void of nothing",
        envelope(events.VOIDED, "f13", {"voids": {"source": SOURCE}, "reason": "test"}),
    ),
    refused(
        "invalid_field",
        "a void of a number",
        envelope(events.VOIDED, "f14", {"voids": {"source": SOURCE, "id": 1}, "reason": "test"}),
    ),
    refused(
        "invalid_field",
        "a void of a text",
        envelope(events.VOIDED, "f15", {"voids": "f12", "reason": "test"}),
    ),
]

NUMBERS = [
    accepted("count 0", count_spelt("n-0", "0"), count=0),
    accepted("count -0", count_spelt("n-1", "-0"), count=0),
    accepted("the largest count", count_spelt("n-2", str(10**15)), count=10**15),
    refused("inexact_number", "a count beyond it", count_spelt("n-26", str(10**15 + 1))),
    refused("inexact_number", "count 2^53 + 1", count_spelt("n-27", "9007199254740993")),
    refused("inexact_number", "count 2^63 - 1", count_spelt("n-3", str(2**63 - 1))),
    refused("inexact_number", "count 2^63", count_spelt("n-4", str(2**63))),
    refused("inexact_number", "count 2^64", count_spelt("n-5", str(2**64))),
    refused("inexact_number", "a count of 30 digits", count_spelt("n-6", "9" * 30)),
    refused("inexact_number", "a count of 5,000 digits", count_spelt("n-7", "9" * 5000)),
    refused("inexact_number", "count 1e400", count_spelt("n-8", "1e400")),
    refused("inexact_number", "count 9007199254740993.0", count_spelt("n-9", "9007199254740993.0")),
    refused("invalid_field", "count -1", count_spelt("n-10", "-1")),
    refused("invalid_field", "count -2^63", count_spelt("n-11", str(-(2**63)))),
    refused("invalid_field", "count 1.5", count_spelt("n-12", "1.5")),
    refused("invalid_field", "count 1e-1", count_spelt("n-13", "1e-1")),
    refused("invalid_field", "count as a text", count_spelt("n-14", '"5"')),
    refused("unreadable_cell", "count as a text with commas", count_spelt("n-28", '"1,234"')),
    refused("unreadable_cell", "count with a note", count_spelt("n-29", '"1234 [note 1]"')),
    refused("unreadable_cell", "count a spreadsheet's error", count_spelt("n-30", '"#REF!"')),
    refused("invalid_field", "count a word", count_spelt("n-31", '"many"')),
    refused("invalid_field", "count true", count_spelt("n-15", "true")),
    refused("invalid_field", "count a list", count_spelt("n-16", "[5]")),
    refused("not_json", "count 00", count_spelt("n-17", "00")),
    refused("not_json", "count 1_000", count_spelt("n-18", "1_000")),
    refused("missing_field", "neither count nor status", volume("n-19", data={"count": ABSENT})),
    refused("missing_field", "both count and status", volume("n-20", data={"status": "withdrawn"})),
    refused(
        "invalid_field", "an unknown status", volume("n-21", data={"count": ABSENT, "status": "x"})
    ),
    accepted(
        "a status", volume_of_its_own("n-22", data={"count": ABSENT, "status": "not_provided"})
    ),
    refused("unknown_value", "an unknown breakdown", volume("n-23", data={"breakdown": "pigeon"})),
    accepted(
        "an unknown field of 30 digits", in_data("n-24", '"x":' + "9" * 30), field=int("9" * 30)
    ),
    accepted("an unknown field 1e400", in_data("n-25", '"x":1e400')),
]

PERIODS = [
    accepted(
        "a day",
        volume("p1", data={"period": {"kind": "day", "start": "2015-01-01", "end": "2015-01-01"}}),
    ),
    accepted(
        "a leap month",
        volume(
            "p2", data={"period": {"kind": "month", "start": "2012-02-01", "end": "2012-02-29"}}
        ),
    ),
    refused(
        "invalid_field",
        "a month without its leap day",
        volume(
            "p3", data={"period": {"kind": "month", "start": "2012-02-01", "end": "2012-02-28"}}
        ),
    ),
    refused(
        "invalid_field",
        "no quarter",
        volume(
            "p4", data={"period": {"kind": "quarter", "start": "2015-02-01", "end": "2015-04-30"}}
        ),
    ),
    refused(
        "invalid_field",
        "no day of the calendar",
        volume(
            "p5", data={"period": {"kind": "quarter", "start": "2015-01-01", "end": "2015-03-32"}}
        ),
    ),
    refused(
        "invalid_field",
        "a moment for a day",
        volume(
            "p6",
            data={
                "period": {"kind": "quarter", "start": "2015-01-01T00:00:00Z", "end": "2015-03-31"}
            },
        ),
    ),
    refused("invalid_field", "a period in words", volume("p7", data={"period": "2015-Q1"})),
    refused(
        "missing_field",
        "a period without its end",
        volume("p8", data={"period": {"kind": "quarter", "start": "2015-01-01"}}),
    ),
    refused("missing_field", "an empty period", volume("p9", data={"period": {}})),
    refused("missing_field", "no period", volume("p10", data={"period": ABSENT})),
    accepted(
        "a financial year",
        volume(
            "p11",
            data={"period": {"kind": "financial_year", "start": "2014-04-01", "end": "2015-03-31"}},
        ),
    ),
    refused(
        "invalid_field",
        "a financial year from January",
        volume(
            "p12",
            data={"period": {"kind": "financial_year", "start": "2014-01-01", "end": "2014-12-31"}},
        ),
    ),
]

PERSONAL = [
    refused("personal_data", name, line)
    for name, line in {
        "a forbidden field": in_data("x1", f'"nino":"{SECRET}"'),
        "its name escaped": in_data("x2", f'"n\\u0069no":"{SECRET}"'),
        "in capitals": in_data("x3", f'"NINO":"{SECRET}"'),
        "with a space behind": in_data("x4", f'"nino ":"{SECRET}"'),
        "spelt with a hyphen": in_data("x5", f'"ni-number":"{SECRET}"'),
        "in wide letters": in_data("x6", f'"\uff4e\uff49\uff4e\uff4f":"{SECRET}"'),
        "deep inside": in_data("x7", f'"x":[{{"y":{{"Nino":"{SECRET}"}}}}]'),
        "in an attribute": spelt(completed("x8"), '"data"', f'"nino":"{SECRET}","data"'),
        "a list": in_data("x9", f'"nino":["{SECRET}","{SECRET}"]'),
        "an object": in_data("x10", f'"address":{{"line":"{SECRET}"}}'),
        "a number": in_data("x11", '"passport_number":99887766554'),
        "null": in_data("x12", '"nino":null'),
        "inside the object that a void names": text(
            envelope(
                events.VOIDED,
                "x13",
                {"voids": {"source": SOURCE, "id": "x", "name": SECRET}, "reason": "test"},
            )
        ),
        "inside the period": text(
            volume("x14", data={"period": events.QUARTER | {"name": SECRET}})
        ),
        "beside an emoji": in_data("x15", f'"nino":"{SECRET}","x":"\U0001f600"'),
    }.items()
] + [
    refused(
        "duplicate_key",
        "forbidden and twice",
        in_data("x20", f'"nino":"{SECRET}","nino":"{SECRET}"'),
    ),
    refused(
        "duplicate_key",
        "beside a key that appears twice",
        in_data("x21", f'"a":1,"a":2,"nino":"{SECRET}"'),
    ),
    refused(
        "too_large",
        "in a record that is too large",
        in_data("x22", f'"nino":"{SECRET}","pad":"{"p" * LIMIT}"'),
    ),
    refused(
        "personal_data",
        "in a record that is too deep",
        in_data("x23", f'"nino":"{SECRET}","x":{nested(400)}'),
    ),
    refused(
        "too_deep",
        "below what readers can follow",
        in_data("x24", f'"x":{"[" * 5000}{{"nino":"{SECRET}"}}{"]" * 5000}'),
    ),
    refused("not_json", "in a line that is broken before it", '{"a":,"nino":"' + SECRET + '"}'),
    refused("not_json", "in a line that is broken after it", '{"nino":"' + SECRET + '","a"}'),
    refused(
        "not_json", "a list in a broken line", '{"nino":["' + SECRET + '","' + SECRET + '"],"a"}'
    ),
    refused(
        "not_json", "an object in a broken line", '{"address":{"a":"1","b":"' + SECRET + '"},"a"}'
    ),
    refused("not_json", "single quotes around it", "{'data':{'nino':'" + SECRET + "'}}"),
    refused("not_json", "no quotes around it", "{nino: " + SECRET + "}"),
    refused(
        "not_json", "its name escaped in a broken line", '{"n\\u0069no": "' + SECRET + '", "a"}'
    ),
    refused("not_json", "a value that never ends", '{"nino":"' + SECRET),
    refused(
        "not_json",
        "half a surrogate pair beside it",
        in_data("x30", f'"nino":"{SECRET}","x":"\\ud800"'),
    ),
    refused(
        "control_character",
        "a control character beside it",
        in_data("x31", f'"x":"\x02","nino":"{SECRET}"'),
    ),
    refused(
        "not_an_object", "in a list of events", "[" + in_data("x32", f'"nino":"{SECRET}"') + "]"
    ),
    accepted("a forbidden name as a value", in_data("x40", '"x":"nino"')),
    accepted("a field whose name only holds one", in_data("x41", '"filename_of_form":"a"')),
]

CASES: dict[str, list[Case]] = {
    "json": NOT_JSON,
    "keys": KEYS,
    "texts": TEXTS,
    "sizes": SIZES,
    "envelopes": ENVELOPES,
    "fields": FIELDS,
    "numbers": NUMBERS,
    "periods": PERIODS,
    "personal": PERSONAL,
}
ALL = [case for cases in CASES.values() for case in cases]
NAMES = [f"{group}: {case.name}" for group, cases in CASES.items() for case in cases]


def lines_of(cases: list[Case]) -> bytes:
    return events.lines(*(case.line for case in cases))


def found_of(row: Row, name: str) -> Any:
    """A value that the log holds: a column, the reported count, or the unknown field `x`."""
    if name == "extensions":
        return json.loads(row["extensions"])
    if name == "count":
        return json.loads(row["data"])["count"]
    return json.loads(row["data"])["x"] if name == "field" else row[name]


def rows_of_all_kinds(home: Home) -> dict[str, list[Row]]:
    return {kind: home.rows(kind) for kind in ("event", "duplicate", "quarantine", "file", "retry")}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that took all cases in, as one file."""
    home = Home.at(tmp_path_factory.mktemp("records") / "home")
    home.land("records.jsonl", lines_of(ALL))
    home.ingest()
    return home


@pytest.fixture(scope="module")
def outcomes(home: Home) -> dict[int, tuple[str, Row]]:
    return home.outcomes()


@pytest.mark.parametrize("number", range(len(ALL)), ids=NAMES)
def test_record(number: int, outcomes: dict[int, tuple[str, Row]]) -> None:
    case = ALL[number]
    kind, row = outcomes[number + 1]
    assert (kind, row.get("reason")) == (
        "event" if case.reason is None else "quarantine",
        case.reason,
    )
    for name, value in case.held.items():
        assert found_of(row, name) == value


def test_invariants_hold(home: Home) -> None:
    check_log(home)


def test_what_the_log_holds_is_json(home: Home) -> None:
    for row in home.rows("event"):
        for name in ("data", "extensions"):
            if row[name] is not None:
                json.loads(row[name], parse_constant=pytest.fail)


def test_a_forbidden_value_is_nowhere_but_in_the_landing_folder(home: Home) -> None:
    landed = (home.settings.landing / "records.jsonl").read_bytes()
    assert landed.count(SECRET.encode()) > 30
    for rows in rows_of_all_kinds(home).values():
        for row in rows:
            for name, value in row.items():
                shown = value.decode() if isinstance(value, bytes) else str(value)
                assert SECRET not in shown, f"in {name} of {row}"
                assert "99887766554" not in shown
    for path in home.settings.home.rglob("*"):
        if path.is_file() and home.settings.landing not in path.parents:
            assert SECRET.encode() not in path.read_bytes(), path


def test_only_the_forbidden_value_of_a_record_is_masked(
    outcomes: dict[int, tuple[str, Row]],
) -> None:
    number = NAMES.index("personal: a forbidden field") + 1
    line = ALL[number - 1].line
    assert isinstance(line, str)
    before, after = line.split(f'"{SECRET}"')
    kept = outcomes[number][1]["raw"].decode()
    assert kept.startswith(before + '"masked:')
    assert kept.endswith('"' + after)
    assert len(kept) - len(before + after) == len('"masked:"') + 32


def test_the_same_value_has_the_same_digest_in_every_record(
    outcomes: dict[int, tuple[str, Row]],
) -> None:
    names = ["a forbidden field", "its name escaped", "in capitals", "deep inside"]
    kept = [outcomes[NAMES.index(f"personal: {name}") + 1][1]["raw"] for name in names]
    digests = {raw.split(b'"masked:')[1][:32] for raw in kept}
    assert len(digests) == 1


@pytest.fixture
def only_full_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fast path accepts nothing: every record takes the full check."""
    fast = fast_parts.fast_path_events

    def nothing(*given: Any, **options: Any) -> str:
        return f"select * from ({fast(*given, **options)}) where false"

    monkeypatch.setattr(fast_parts, "fast_path_events", nothing)


@pytest.mark.usefixtures("only_full_check")
def test_both_paths_come_to_the_same_outcomes(home: Home, tmp_path: Path) -> None:
    other = Home.at(tmp_path / "home")
    key = (home.settings.home / "masking.key").read_text()
    (other.settings.home / "masking.key").write_text(key)
    other.land("records.jsonl", lines_of(ALL))
    other.ingest()
    for kind, rows in rows_of_all_kinds(home).items():
        assert other.rows(kind) == rows


def test_the_fast_path_accepts_what_it_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[int] = []
    check = batch.check

    def counting(connection: Any, rules: Rules, *, records: str, into: str) -> None:
        row = connection.execute(f"select count(*) from {records}").fetchone()
        checked.append(row[0])
        check(connection, rules, records=records, into=into)

    monkeypatch.setattr(batch, "check", counting)
    home = Home.at(tmp_path / "home")
    home.land_events(
        "known.jsonl",
        completed("plain-event-1"),
        started("plain-event-2"),
        completed(
            "plain-event-3", data={"assistance": "on_behalf", "assistance_provider": "post_office"}
        ),
        completed("plain-event-4", datacontenttype=ABSENT, dataschema="urn:schema:1"),
        data_first("plain-event-5"),
        json.dumps(completed("plain-event-6")),
        "not JSON",
    )
    home.ingest()
    assert checked == [1]


CONTAINERS = {
    "uncompressed": (".jsonl", lambda content: content),
    "other suffix": (".NDJSON", lambda content: content),
    "gzip": (".jsonl.gz", lambda content: gzip.compress(content, mtime=0)),
    "gzip in two members": (
        ".jsonl.gz",
        lambda content: gzip.compress(content[:50]) + gzip.compress(content[50:]),
    ),
    "zstd": (".jsonl.zst", lambda content: zstandard.ZstdCompressor().compress(content)),
    "zstd in two frames": (
        ".jsonl.zst",
        lambda content: (
            zstandard.ZstdCompressor().compress(content[:50])
            + zstandard.ZstdCompressor().compress(content[50:])
        ),
    ),
    "with a byte order mark": (".jsonl", lambda content: b"\xef\xbb\xbf" + content),
    "lines that end in return and newline": (
        ".jsonl",
        lambda content: content.replace(b"\n", b"\r\n"),
    ),
    "without the last newline": (".jsonl", lambda content: content[:-1]),
}


def small_cases() -> Iterator[Case]:
    for case in ALL:
        if len(case.line) < 5000:
            yield case


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_gives_the_same_outcomes(container: str, tmp_path: Path) -> None:
    suffix, pack = CONTAINERS[container]
    cases = [*small_cases(), accepted("the last line", completed("last"))]
    home = Home.at(tmp_path / "home")
    home.land("records" + suffix, pack(lines_of(cases)))
    home.ingest()
    outcomes = home.outcomes()
    assert [row.get("reason") for _, row in (outcomes[i + 1] for i in range(len(cases)))] == [
        case.reason for case in cases
    ]
    check_log(home, is_again_a_no_op=False)


@pytest.mark.parametrize("chunk_bytes", [100, 1000, 65536])
def test_every_size_of_chunk_gives_the_same_outcomes(
    chunk_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "CHUNK_BYTES", chunk_bytes)
    cases = list(small_cases())[:: 20 if chunk_bytes < 1000 else 5]
    home = Home.at(tmp_path / "home")
    home.land("records.jsonl", lines_of(cases))
    home.ingest()
    outcomes = home.outcomes()
    assert [outcomes[i + 1][1].get("reason") for i in range(len(cases))] == [
        case.reason for case in cases
    ]
    check_log(home, is_again_a_no_op=False)
