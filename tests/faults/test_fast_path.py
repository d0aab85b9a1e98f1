"""Fast path and full check agree with each other, and both with a simple model of the rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingest.load import fast_parts
from ingest.validation.fast_path import ANSWER_TYPES, fast_path_events
from ingest.validation.full_check import check
from ingest.validation.rules import TRANSACTION_TYPES
from tests.faults import model
from tests.support.events import (
    COMPLETED,
    CONTACT,
    CORRECTED,
    FEEDBACK,
    QUARTER,
    SERVICE,
    STARTED,
    VOIDED,
    VOLUME,
    Event,
    envelope,
)
from tests.support.homes import RUN_AT, Home
from tests.support.invariants import check_log
from tests.support.rules import rules_of, with_records

LATEST = RUN_AT + timedelta(minutes=60)
COST = "uk.gov.takeup.cost.reported.v1"

letters = st.sampled_from([*list("abcXYZ019-_.:/ '\"{}[],\\"), "é", "😀", "\u2028", "\t", "\n"])
odd_letters = st.sampled_from(["\0", "\x01", "\x08", "\x0b", "\x1f", "\x7f", "\x85", "\u00a0"])
short_texts = st.text(letters, min_size=1, max_size=12)
odd_texts = st.one_of(
    st.text(st.one_of(letters, odd_letters), max_size=8),
    st.sampled_from(["", " ", "\u3000", "true", "null", "nan", "-inf", "12", "1e5", "{}", "[]"]),
    st.integers(198, 202).map(lambda size: "x" * size),
    st.integers(1998, 2002).map(lambda size: "i" * size),
)
numbers = st.one_of(
    st.sampled_from([0, 1, -1, 5, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 10**30]),
    st.sampled_from([1.0, 0.5, -2.5, 1e400]),
    st.integers(-(2**65), 2**65),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, short_texts, odd_texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=2)
    ),
    max_leaves=4,
)
names = st.one_of(
    st.sampled_from("id data time type channel outcome count status simulated period".split()),
    st.sampled_from("dataschema publishedat online_extent assistance_provider".split()),
    st.sampled_from(["email", "E-Mail", "nino", "filename", "x", "", "a.b", 'a"b', "é"]),
    short_texts,
)
moments = st.one_of(
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.datetimes(min_value=RUN_AT.replace(tzinfo=None) - timedelta(days=9)).map(
        lambda moment: moment.isoformat(timespec="seconds") + "+01:00"
    ),
    st.sampled_from(["2015-03-02T10:00:00", "2015-03-02", "2015-03-02T24:00:00Z"]),
    st.sampled_from(["2015-03-02t10:00:00z", "2015-03-02T10:00:00.1234567+05:30"]),
    st.sampled_from(["0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01"]),
    st.sampled_from(["2015-08-01T03:00:00.0000019Z", "2015-02-29T10:00:00Z"]),
    st.just("2015-3-2T1:00:00Z"),
)
channels = st.sampled_from(["online", "phone", "paper", "face_to_face"])
assistance = st.sampled_from(["none", "talk_through", "on_behalf"])
identities = st.fixed_dictionaries({"source": st.just("urn:test:jsa"), "id": short_texts})
PERIODS = [
    QUARTER,
    {"kind": "month", "start": "2016-02-01", "end": "2016-02-29"},
    {"kind": "month", "start": "2016-02-01", "end": "2016-02-28"},
    {"kind": "financial_year", "start": "2014-04-01", "end": "2015-03-31"},
    {"kind": "year", "start": "2014-02-01", "end": "2015-01-31"},
    {"kind": "quarter", "start": "2015-02-01", "end": "2015-04-30"},
    {"kind": "day", "start": "2015-02-30", "end": "2015-02-30"},
]
DATA: dict[str, st.SearchStrategy[Event]] = {
    COMPLETED: st.fixed_dictionaries(
        {
            "service_id": st.just(SERVICE),
            "channel": channels,
            "assistance": assistance,
            "outcome": st.sampled_from(["intended", "not_eligible"]),
            "transaction_id": st.text("abcdef0123456789-", min_size=1, max_size=36),
        },
        optional={
            "assistance_provider": st.sampled_from(["department", "post_office"]),
            "online_extent": st.sampled_from(["all", "none"]),
        },
    ),
    STARTED: st.fixed_dictionaries(
        {
            "service_id": st.just(SERVICE),
            "channel": channels,
            "assistance": assistance,
            "transaction_id": st.text("abcdef0123456789-", min_size=1, max_size=36),
        }
    ),
    VOIDED: st.fixed_dictionaries({"voids": identities, "reason": short_texts}),
    CORRECTED: st.fixed_dictionaries(
        {"corrects": identities, "channel": channels, "assistance": assistance}
    ),
    VOLUME: st.fixed_dictionaries(
        {
            "service_id": short_texts,
            "breakdown": st.sampled_from(["total", "digital", "online", "pigeon"]),
            "measure": st.just("completed"),
            "period": st.sampled_from(PERIODS),
        },
        optional={"count": numbers, "status": st.just("withdrawn"), "text": short_texts},
    ),
    COST: st.fixed_dictionaries(
        {
            "service_id": st.just(SERVICE),
            "breakdown": st.just("total"),
            "period": st.sampled_from(PERIODS),
            "amount": numbers,
            "kind": st.just("total"),
        }
    ),
    FEEDBACK: st.fixed_dictionaries(
        {"service_id": st.just(SERVICE), "channel": channels, "rating": st.integers(0, 6)},
        optional={"barrier": st.sampled_from(["skills", "trust", "rain"])},
    ),
    CONTACT: st.fixed_dictionaries(
        {
            "service_id": st.just(SERVICE),
            "channel": channels,
            "reason": st.sampled_from(["get_information", "boredom"]),
        }
    ),
}
kinds = st.one_of(st.sampled_from([COMPLETED, STARTED]), st.sampled_from(list(DATA)))


@st.composite
def valid_events(draw: st.DrawFn) -> Event:
    """An event of any type, mostly valid, with an identity that is nearly always its own."""
    kind = draw(kinds)
    event = envelope(kind, draw(st.uuids()).hex, draw(DATA[kind]))
    event["time"] = draw(st.one_of(st.just(event["time"]), st.just(event["time"]), moments))
    for name, value in draw(
        st.dictionaries(st.sampled_from(["dataschema", "traceparent"]), short_texts, max_size=1)
    ).items():
        event[name] = value
    return event


@st.composite
def broken_events(draw: st.DrawFn) -> Event:
    """A valid event in which a member or two were put in, changed or taken out."""
    event = deepcopy(draw(valid_events()))
    for _ in range(draw(st.integers(1, 2))):
        places = [event, event["data"]] if isinstance(event.get("data"), dict) else [event]
        places += [inner for inner in places[-1].values() if isinstance(inner, dict)]
        place = draw(st.sampled_from(places))
        name = draw(st.one_of(names, st.sampled_from(sorted(place) or ["x"])))
        if draw(st.booleans()):
            place[name] = draw(values)
        else:
            place.pop(name, None)
    return event


@st.composite
def lines_of(draw: st.DrawFn, event: Event) -> str:
    """The event as some writer writes it, members in some order, now and then cut or doubled."""
    items = draw(st.permutations(list(event.items())))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : ")]))
    line = json.dumps(dict(items), ensure_ascii=draw(st.booleans()), separators=separators).replace(
        "Infinity", draw(st.sampled_from(["1e400", "Infinity"]))
    )
    spoil: Callable[[str], str] = draw(
        st.sampled_from(
            [lambda text: text] * 6
            + [
                lambda text: text[:-1] + ",}",
                lambda text: text.replace("}}", ",}}"),
                lambda text: text.replace("}", ",}"),
                lambda text: text.replace('"1.0"', "1.0"),
                lambda text: text.replace('"online"', "NaN"),
                lambda text: "  " + text + " ",
                lambda text: text[: len(text) // 2],
                lambda text: text.replace('"data"', '"data":{},"data"', 1),
                lambda text: text.replace('"channel"', '"channel":"online","channel"', 1),
                lambda text: text.replace("online", "onl\\u0069ne"),
                lambda text: text.replace('"id"', '"\\u0069d"'),
            ]
        )
    )
    return spoil(line)


records = st.one_of(valid_events(), valid_events(), broken_events()).flatmap(lines_of)


@pytest.mark.slow
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # A failure names its line; to shrink lists of lines through two ingests takes minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(lines=st.lists(records, min_size=30, max_size=60))
def test_paths_and_model_agree(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    # A raw newline would part a line in two; JSON writes it as an escape, and so do all writers.
    folder = tmp_path_factory.mktemp("paths")
    both, full = Home.at(folder / "both"), Home.at(folder / "full")
    key = "00" * 32
    for home in (both, full):
        (home.settings.home / "masking.key").write_text(key)
        home.land("a.jsonl", b"".join(line.encode() + b"\n" for line in lines))
    both.ingest()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_parts, "fast_path_events", accepting_nothing(fast_path_events))
        full.ingest()
    for kind in ("event", "duplicate", "quarantine", "file"):
        assert both.rows(kind) == full.rows(kind)
    outcomes = both.outcomes()
    for position, line in enumerate(lines, 1):
        if position not in outcomes:
            assert not line.strip("\r")
            continue
        kind, row = outcomes[position]
        was_refused = kind == "quarantine" and row["reason"] != "id_conflict"
        expected = model.is_acceptable(line, latest=LATEST)
        assert was_refused != expected, f"{row.get('reason')}: {row.get('detail')}: {line}"
    check_log(both, is_again_a_no_op=False)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(records, min_size=20, max_size=60))
def test_what_the_fast_path_accepts_the_full_check_accepts_as_the_same_event(
    lines: list[str],
) -> None:
    rules = rules_of()
    with with_records(f"{line}\n" for line in lines) as connection:
        accepted: list[tuple[Any, ...]] = []
        for types in (TRANSACTION_TYPES, ANSWER_TYPES):
            events = fast_path_events(rules, types, table="records", all_json=False)
            cursor = connection.execute(events)
            columns = ", ".join(column[0] for column in cursor.description or ())
            accepted += cursor.fetchall()
        check(connection, rules, records="records", into="checked")
        for row in accepted:
            checked = connection.execute(
                f"select {columns}, reason from checked where row_id = {row[0]}"
            ).fetchone()
            assert checked == (*row, None), lines[row[0]]


def accepting_nothing(fast: Callable[..., str]) -> Callable[..., str]:
    """The fast path, accepting nothing."""

    def nothing(*given: Any, **options: Any) -> str:
        return f"select * from ({fast(*given, **options)}) where false"

    return nothing
