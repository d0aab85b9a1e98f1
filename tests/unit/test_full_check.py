"""Validation: the pieces of its rules, its closed list of reasons, and a strict second reading."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest

from core.settings import PROJECT_ROOT
from core.sql import any_of, quote
from ingest.refusals import FILE_REASONS, REASONS_OF_SOURCES, RECORD_REASONS
from ingest.validation.event_types import ENVELOPE, event_types, schema_version
from ingest.validation.fast_path import ANSWER_TYPES, fast_path_events
from ingest.validation.full_check import check
from ingest.validation.rules import TRANSACTION_TYPES, Rules
from ingest.validation.strict_json import strict_refusal
from tests.support.events import (
    ABSENT,
    completed,
    contact,
    data_first_order,
    feedback,
    started,
    text,
    volume,
)
from tests.support.rules import rules_of, with_records


@pytest.fixture(scope="module")
def rules() -> Rules:
    return rules_of()


def accepted(
    rules: Rules,
    *lines: str,
    types: tuple[str, ...] = TRANSACTION_TYPES,
    all_json: bool = False,
) -> list[dict[str, Any]]:
    """What the fast path accepts of lines."""
    with with_records(f"{line}\n" for line in lines) as connection:
        events = fast_path_events(rules, types, table="records", all_json=all_json)
        cursor = connection.execute(events + " order by 1")
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def checked(rules: Rules, *lines: str | None, reason: str | None = None) -> list[dict[str, Any]]:
    """What the full check says of lines; a line that its source refused is None."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(
            "create table records (row_id bigint, file_index int, position bigint,"
            " place varchar, line varchar, raw varchar, reason varchar, detail varchar)"
        )
        connection.executemany(
            "insert into records values (?, 0, ?, null, ?, null, ?, null)",
            [(i, i, line, reason if line is None else None) for i, line in enumerate(lines)],
        )
        check(connection, rules, records="records", into="checked")
        cursor = connection.execute("select * from checked order by row_id")
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_both_paths_read_the_same_columns(rules: Rules) -> None:
    line = text(completed("plain-event", data={"online_extent": "all"}, dataschema="urn:schema:1"))
    (fast,), (full,) = accepted(rules, line), checked(rules, line)
    assert {name: fast[name] for name in fast} == {name: full[name] for name in fast}
    assert (full["reason"], full["detail"]) == (None, None)
    assert fast["time"] == datetime(2015, 3, 2, 10, tzinfo=UTC)


def test_the_fast_path_leaves_what_is_larger_than_a_record_may_be() -> None:
    line = text(completed("e" * 200, source="s" * 200, data={"transaction_id": "t" * 200}))
    for spelled in (line, line.replace("{", "{" + " " * 300)):
        size = len(spelled) + len("\n")
        assert len(accepted(rules_of(size=size), spelled)) == 1
        assert accepted(rules_of(size=size - 1), spelled) == []


KNOWN = {
    "completed": text(completed("plain-event")),
    "started": text(started("plain-event")),
    "data first": text(data_first_order(completed("plain-event"))),
    "with spaces": json.dumps(completed("plain-event")),
    "with more spaces": json.dumps(completed("plain-event"), separators=(" , ", " : ")),
    "with spaces here and there": text(data_first_order(completed("plain-event")))
    .replace('":{"', '": {  "')
    .replace("}", " } ")
    .replace(',"c', ' ,  "c'),
    "with microseconds": text(completed("plain-event", time="2015-03-02T10:00:00.000001Z")),
    "another offset": text(completed("plain-event", time="2015-03-02T10:00:00+05:30")),
    "a short id": text(completed("e1")),
    "an id of digits": text(completed("1234567890123")),
    "the name of a constant as an id": text(completed("true")),
    "ids of digits, with spaces": json.dumps(completed("15", data={"transaction_id": "12"})),
    "a UUID in small letters": text(completed("b7f3a90c-2d1e-44b5-8a00-7f3a90c2d1e4")),
    "a UUID that begins with a digit": text(completed("7E3A90C2-2D1E-44B5-8A00-7F3A90C2D1E4")),
    "an id with a space": text(completed("plain event")),
    "a source that is an address": text(completed("a1", source="https://forms.example/claims")),
    "every optional field": json.dumps(
        completed(
            "1",
            data={"online_extent": "all", "assistance_provider": "post_office"},
            dataschema="urn:x",
        )
    ),
    "at the tolerance": text(completed("plain-event", time="2015-08-01T03:00:00Z")),
}
LEFT = {
    "another type": text(volume("plain-event")),
    "an unknown field": text(completed("plain-event", data={"x": "y"})),
    "an unknown attribute": text(completed("plain-event", x="y")),
    "an escape": text(completed("plain-event")).replace("online", "onl\\u0069ne"),
    "a comma too many": text(completed("plain-event"))[:-1] + ",}",
    "a comma too many, spaced": json.dumps(completed("plain-event"))[:-1] + ", }",
    "two commas too many for NaN": text(completed("plain-event")).replace('"plain-event"', "NaN")[
        :-2
    ]
    + ",},}",
    "a number for an id": text(completed("plain-event")).replace('"plain-event"', "1234567890123"),
    "a list for an id": text(completed("plain-event")).replace('"plain-event"', '["plain-event"]'),
    "specversion a number": text(completed("plain-event")).replace('"1.0"', "1.0"),
    "simulated": text(completed("plain-event", simulated=True)),
    "past the tolerance": text(completed("plain-event", time="2015-08-01T03:00:00.000001Z")),
    "an offset without a colon": text(completed("plain-event", time="2015-03-02T10:00:00+0000")),
    "an offset beyond the first year": text(
        completed("plain-event", time="0001-01-01T00:00:00+00:01")
    ),
    "more than microseconds": text(completed("plain-event", time="2015-03-02T10:00:00.1234567Z")),
    "a text that could be a longer number": text(completed("1e5")),
    "a number that is read longer than it is written, and the same key in data": text(
        completed("plain-event", data={"id": "abc"})
    ).replace('"plain-event"', "1E9"),
    "an id in braces": text(completed("{plain-event}")),
    "an object for an id, as long as a text": text(completed("7", data={"id": ""})).replace(
        '"7"', '{"a":"b"}'
    ),
    "an id of spaces": text(completed(" " * 12)),
    "an id with a letter beyond ASCII": text(completed("plain-évent")),
    "an id with a space, spaced": json.dumps(completed("plain event")),
    "a number for a short id": text(completed("7")).replace('"7"', "7"),
    "true for an id": text(completed("true")).replace('"true"', "true"),
    "two numbers and an unknown text": text(completed("7", data={"transaction_id": "8", "x": ""}))
    .replace('"7"', "7")
    .replace('"8"', "8"),
    "an unknown attribute as long as the spaces are": text(
        completed("plain-event", traceparent="000")
    ),
    "a number and the same key in data": text(completed("7", data={"id": ""})).replace('"7"', "7"),
    "tabs": json.dumps(completed("plain-event"), separators=(",\t", ":\t")),
    "an unknown field of spaces": json.dumps(completed("plain-event", data={"x": " " * 9})),
    "an unknown field whose name is a space": json.dumps(completed("plain-event", data={" ": ""})),
    "a field whose name has a space more": json.dumps(
        completed("plain-event", data={"online_extent ": "all"})
    ),
    "an escaped space, with spaces": json.dumps(completed("plain_event")).replace(
        "plain_event", "plain\\u0020event"
    ),
    "a text for true": text(completed("plain-event", simulated="true")),
    "a control character": text(completed("plain-event\x7f")),
    "an unknown service": text(completed("plain-event", data={"service_id": "nobody"})),
    "an unknown channel": text(completed("plain-event", data={"channel": "pigeon"})),
    "null": text(completed("plain-event", data={"online_extent": None})),
    "a field of the other type": text(started("plain-event", data={"outcome": "intended"})),
    "a second id": text(completed("plain-event")).replace('"id":', '"id":"plain-event","id":'),
    "not JSON": "plain-event",
    "an empty line": "",
}


KNOWN_ANSWERS = {
    "feedback": text(feedback("plain-event")),
    "feedback with a barrier, spaced": json.dumps(
        feedback("plain-event", data={"barrier": "access"})
    ),
    "contact": text(contact("plain-event")),
}
LEFT_ANSWERS = {
    "a rating out of range": text(feedback("plain-event", data={"rating": 6})),
    "a rating as text": text(feedback("plain-event", data={"rating": "5"})),
    "a rating as text, and a number for an id": text(feedback("7", data={"rating": "5"})).replace(
        '"7"', "7"
    ),
    "a rating with a fraction": text(feedback("plain-event", data={"rating": 5.0})),
    "a rating with a leading plus": text(feedback("plain-event")).replace(":2}", ":+2}"),
    "a rating far out of range": text(feedback("plain-event", data={"rating": 10**30})),
    "no rating": text(feedback("plain-event", data={"rating": ABSENT})),
    "an unknown barrier": text(feedback("plain-event", data={"barrier": "rain"})),
    "a field of the other type": text(contact("plain-event", data={"rating": 2})),
    "an unknown reason": text(contact("plain-event", data={"reason": "boredom"})),
    "a transaction": text(completed("plain-event")),
}


@pytest.mark.parametrize("name", KNOWN_ANSWERS)
def test_the_fast_path_accepts_answers(name: str, rules: Rules) -> None:
    line = KNOWN_ANSWERS[name]
    (fast,), (full,) = accepted(rules, line, types=ANSWER_TYPES), checked(rules, line)
    assert fast == {name: full[name] for name in fast}
    assert json.loads(fast["data"]) == json.loads(line)["data"]
    assert full["reason"] is None


@pytest.mark.parametrize("name", LEFT_ANSWERS)
def test_the_fast_path_leaves_answers(name: str, rules: Rules) -> None:
    assert accepted(rules, LEFT_ANSWERS[name], types=ANSWER_TYPES) == []


@pytest.mark.parametrize("name", KNOWN)
def test_the_fast_path_accepts(name: str, rules: Rules) -> None:
    (row,) = accepted(rules, KNOWN[name])
    assert row["id"] == json.loads(KNOWN[name])["id"]
    assert accepted(rules, KNOWN[name], all_json=True) == [row]


@pytest.mark.parametrize("name", LEFT)
def test_the_fast_path_leaves(name: str, rules: Rules) -> None:
    assert accepted(rules, LEFT[name]) == []


def test_the_fast_path_of_a_simulated_log_accepts_simulated_events_only() -> None:
    rules = rules_of(is_simulated=True)
    real, simulated = completed("plain-event"), completed("plain-event", simulated=True)
    said = completed("plain-event", simulated="true")
    spaced = json.dumps(said)
    (row,) = accepted(rules, text(real), text(simulated), text(said), spaced)
    assert (row["row_id"], row["extensions"]) == (1, '{"simulated":true}')
    reasons = [row["reason"] for row in checked(rules, text(real), text(simulated), text(said))]
    assert reasons == ["wrong_kind_of_log", None, "invalid_envelope"]


def test_what_a_source_refused_keeps_its_reason(rules: Rules) -> None:
    (row,) = checked(rules, None, reason="wrong_width")
    assert (row["reason"], row["source"], row["id"]) == ("wrong_width", None, None)


@pytest.mark.parametrize(
    ("line", "reason"),
    {
        '{"a":1}': None,
        '{"a":"\\n\\t\\r"}': None,
        '{"a":{"b":[1,{"c":2}]},"d":1e400}': None,
        '{"a":' + "9" * 5000 + "}": None,
        '{"a":1,"a":1}': "duplicate_key",
        '{"a":{"b":1,"\\u0062":2}}': "duplicate_key",
        '{"a":[{"b":1,"b":2}]}': "duplicate_key",
        '{"a":NaN}': "not_json",
        '{"a":-Infinity}': "not_json",
        '{"a":nan}': "not_json",
        '{"a":1,}': "not_json",
        '{"a":"\\u0000"}': "control_character",
        '{"a":["\\u007f"]}': "control_character",
        '{"a":"\\u0085"}': "control_character",
        '{"\\u0001":1}': "control_character",
        '{"E-Mail":1}': "personal_data",
        '{"data":{"x":{"nino":null}}}': "personal_data",
        '{"a":' + "[" * 63 + "]" * 63 + "}": None,
        '{"a":' + "[" * 64 + "]" * 64 + "}": "too_deep",
        '{"a":' + "[" * 5000 + "]" * 5000 + "}": "too_deep",
    }.items(),
)
def test_a_strict_reading(line: str, reason: str | None, rules: Rules) -> None:
    refusal = strict_refusal(line, rules=rules)
    assert (refusal[0] if refusal else None) == reason


def test_the_limits_are_settings() -> None:
    rules = rules_of(size=2000, depth=5, tolerance=0)
    lines = [
        text(completed("a", data={"pad": "p" * 2000})),
        text(completed("a", data={"x": [[["a"]]]})),
        text(completed("a", data={"x": [[[[]]]]})),
        text(completed("a", time="2015-08-01T02:00:00Z")),
        text(completed("a", time="2015-08-01T02:00:01Z")),
    ]
    assert [row["reason"] for row in checked(rules, *lines)] == [
        "too_large",
        None,
        "too_deep",
        None,
        "in_the_future",
    ]


def test_reasons_are_a_closed_list_in_which_each_is_used() -> None:
    used: set[str] = set()
    for path in (PROJECT_ROOT / "ingest").rglob("*.py"):
        if path.name != "refusals.py":
            used |= set(re.findall(r"[\"'|]([a-z]+(?:_[a-z0-9]+)*)[\"'|]", path.read_text()))
    known = RECORD_REASONS.keys() | FILE_REASONS.keys()
    assert known - used == set()
    checks = (PROJECT_ROOT / "ingest" / "validation").glob("*.py")
    in_sql = {r for path in checks for r in re.findall(r"then '([a-z_]+)\|", path.read_text())}
    assert len(in_sql) > 5
    assert in_sql <= RECORD_REASONS.keys()
    assert RECORD_REASONS.keys() >= REASONS_OF_SOURCES


def test_every_attribute_of_the_envelope_is_in_every_schema() -> None:
    for path in sorted((PROJECT_ROOT / "ingest" / "schemas").glob("*.json")):
        schema = json.loads(path.read_text())
        assert set(schema["properties"]) == set(ENVELOPE), path.name
    assert event_types().keys() >= {
        f"uk.gov.takeup.{kind}.v1"
        for kind in (
            *("transaction.started", "transaction.completed", "transaction.voided"),
            *("transaction.channel_corrected", "volume.reported", "cost.reported"),
            *("service.listed", "figure.published", "return.signed_off"),
            *("feedback.given", "contact.received", "campaign.ran"),
        )
    }
    assert re.fullmatch(r"[0-9a-f]{12}", schema_version())


def test_sql_literals() -> None:
    hostile = "it's; drop table records --"
    with duckdb.connect() as connection:
        assert connection.execute(f"select {quote(hostile)}").fetchone() == (hostile,)
        inside = f"select 'b' in ({any_of(['a', 'b', hostile])}), 'b' in ({any_of([])})"
        assert connection.execute(inside).fetchone() == (True, None)


SENTENCE = {"sentence": 1, "part": 0, "line": 210, "passage": "6f1b2c3d", "says": "done"}


@pytest.mark.parametrize(
    ("sentences", "reason"),
    [
        ([], None),
        ([SENTENCE, SENTENCE | {"part": 1, "says": "promise", "text": "a centre opens"}], None),
        ([SENTENCE | {"due_on": "2014-03-31", "text": None}], None),
        ([SENTENCE | {"says": "promise"}], "invalid_field"),
        ([SENTENCE | {"says": "hoped"}], "invalid_field"),
        ([SENTENCE | {"line": "210"}], "invalid_field"),
        ([SENTENCE | {"sentence": 0}], "invalid_field"),
        ([SENTENCE | {"due_on": "spring 2014"}], "invalid_field"),
        ([{name: SENTENCE[name] for name in ("sentence", "part", "says")}], "invalid_field"),
        ([SENTENCE, SENTENCE], "invalid_field"),
        (["a sentence"], "invalid_field"),
        ("a sentence", "invalid_field"),
    ],
)
def test_each_entry_of_a_list_is_held_against_its_schema(
    rules: Rules, sentences: object, reason: str | None
) -> None:
    schema = json.loads(
        (PROJECT_ROOT / "ingest/schemas/statement.published.v1.json").read_text("utf-8")
    )
    event = schema["examples"][0]
    event["data"]["sentences"] = sentences
    (found,) = checked(rules, json.dumps(event))
    assert found["reason"] == reason
