"""Lines that are known by their spelling come to what they come to when they are taken apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.validation import full_check
from ingest.validation.rules import Rules
from ingest.validation.spelling import spelled_events
from tests.faults.test_fast_path import PERIODS, moments, names, numbers, short_texts, values
from tests.support.events import QUARTER, SERVICE, VOLUME, Event, text
from tests.support.rules import rules_of, with_records

FIGURE = "uk.gov.takeup.figure.published.v1"
LISTED = "uk.gov.takeup.service.listed.v1"
MOMENT = "2015-06-30T09:30:00Z"


def published(kind: str, data: Event, **attributes: Any) -> Event:
    """An event with its members in the order in which our sources have them."""
    return {
        "specversion": "1.0",
        "id": f"{MOMENT}/{SERVICE}/1",
        "source": "urn:takeup:gds-transaction-volumes",
        "type": kind,
        "time": MOMENT,
        "datacontenttype": "application/json",
        "publishedat": MOMENT,
        **attributes,
        "data": data,
    }


COUNTED: Event = {
    "service_id": SERVICE,
    "breakdown": "total",
    "measure": "completed",
    "period": QUARTER,
    "count": 5,
}
UNCOUNTED = {name: COUNTED[name] for name in list(COUNTED)[:-1]} | {"status": "not_provided"}
STATED: Event = {
    "metric": "cost_per_transaction",
    "service_id": SERVICE,
    "period": {"kind": "rolling_year", "start": "2014-04-01", "end": "2015-03-31"},
    "value": 2.75,
    "unit": "GBP",
    "qualifier": "exact",
    "text": "2.75",
    "document": "services-2015-06-30.csv",
    "place": "2015-Q2 CPT (£)",
}
LISTING: Event = {
    "service_id": SERVICE,
    "service_name": "Jobseeker's Allowance: new claims",
    "department_name": "Department for Work and Pensions",
    "description": "New claims.",
}
SPELLED = {
    "a count": published(VOLUME, COUNTED),
    "a count that is revised": published(VOLUME, COUNTED | {"marker": "revised"}),
    "a count with a day by which it was due": published(VOLUME, COUNTED | {"due_on": "2015-07-31"}),
    "no count": published(VOLUME, UNCOUNTED),
    "a text for a count": published(VOLUME, UNCOUNTED | {"text": "***"}),
    "a figure": published(FIGURE, STATED),
    "a whole figure": published(FIGURE, STATED | {"value": 12.0}),
    "a figure without a number": published(
        FIGURE, {name: value for name, value in STATED.items() if name != "value"}
    ),
    "a figure without a period": published(
        FIGURE, {name: value for name, value in STATED.items() if name != "period"}
    ),
    "a listing": published(LISTED, LISTING),
    "another moment of publication": published(VOLUME, COUNTED, publishedat="2015-07-01T00:00:00Z"),
}
OTHERWISE = {
    "with spaces": json.dumps(published(VOLUME, COUNTED)),
    "an escape": text(published(VOLUME, UNCOUNTED | {"text": 'a "b"'})),
    "another order": text(published(VOLUME, dict(reversed(COUNTED.items())))),
    "an unknown field": text(published(VOLUME, COUNTED | {"x": "y"})),
    "an unknown attribute": text(published(VOLUME, COUNTED, x="y")),
    "a number for a text": text(published(FIGURE, STATED | {"unit": 1})),
    "a list for a text": text(published(FIGURE, STATED | {"unit": [1]})),
    "true for a number": text(published(VOLUME, COUNTED | {"count": True})),
    "a text for a number": text(published(VOLUME, COUNTED | {"count": "5"})),
    "a number below zero": text(published(FIGURE, STATED | {"value": -1.5})),
    "a number written otherwise": text(published(FIGURE, STATED)).replace("2.75,", "2.750,"),
    "a number with an exponent": text(published(FIGURE, STATED)).replace("2.75,", "275e-2,"),
    "a control character": text(published(VOLUME, UNCOUNTED | {"text": "\x7f"})),
    "another control character": text(published(VOLUME, UNCOUNTED | {"text": "\x85"})),
    "a key that appears twice": text(published(VOLUME, COUNTED)).replace(
        '"count"', '"count":5,"count"'
    ),
    "an id that appears again as a list": text(published(VOLUME, COUNTED)).replace(
        '"data"', '"id":["x"],"data"'
    ),
    "a comma too many": text(published(VOLUME, COUNTED))[:-1] + ",}",
    "an unknown service": text(published(VOLUME, COUNTED | {"service_id": "nobody"})),
    "a breakdown of a channel that is not known": text(
        published(VOLUME, COUNTED | {"breakdown": "pigeon"})
    ),
    "a period that has not ended": text(
        published(
            VOLUME,
            COUNTED | {"period": {"kind": "year", "start": "2015-01-01", "end": "2015-12-31"}},
        )
    ),
    "a moment to come": text(published(VOLUME, COUNTED, time="2016-01-01T00:00:00Z")),
    "a moment without a zone": text(published(VOLUME, COUNTED, publishedat="2015-07-01T00:00:00")),
    "neither number nor text": text(
        published(FIGURE, {k: v for k, v in STATED.items() if k not in ("value", "text")})
    ),
    "simulated": text({"simulated": True} | published(VOLUME, COUNTED)),
    "a newline at its end": text(published(VOLUME, COUNTED)) + "\n",
}


def both_ways(
    rules: Rules, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[int, Any], dict[int, Any]]:
    """By their numbers: what is accepted by its spelling, and what all come to as JSON."""
    with with_records(lines, place="a place") as connection:
        spelled = connection.execute(spelled_events(rules, records="records")).to_arrow_table()
        with monkeypatch.context() as patch:
            patch.setattr(full_check, "spelled_events", accepting_nothing(spelled_events))
            full_check.check(connection, rules, records="records", into="checked")
        checked = connection.execute("from checked").to_arrow_table()
    assert spelled.schema.names == checked.schema.names
    by_spelling, as_json = (
        {row["row_id"]: row for row in table.to_pylist()} for table in (spelled, checked)
    )
    return by_spelling, as_json


def accepting_nothing(spelled: Callable[..., str]) -> Callable[..., str]:
    """The same columns, and no line that is known by its spelling."""

    def nothing(*given: Any, **options: Any) -> str:
        return f"select * from ({spelled(*given, **options)}) where false"

    return nothing


@pytest.mark.parametrize("name", SPELLED)
def test_a_line_of_ours_is_known_by_its_spelling(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spelled, checked = both_ways(rules_of(), [text(SPELLED[name])], monkeypatch)
    assert spelled == checked
    assert checked[0]["reason"] is None
    assert json.loads(checked[0]["data"]) == SPELLED[name]["data"]


@pytest.mark.parametrize("name", OTHERWISE)
def test_any_other_line_is_left_to_the_full_check(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spelled, checked = both_ways(rules_of(), [OTHERWISE[name]], monkeypatch)
    assert (len(spelled), len(checked)) == (0, 1)


def test_a_simulated_log_knows_simulated_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = rules_of(is_simulated=True)
    real = published(VOLUME, COUNTED)
    lines = [text({"simulated": True} | real), text(real), text(real | {"simulated": True})]
    spelled, checked = both_ways(rules, lines, monkeypatch)
    assert spelled == {0: checked[0]}
    assert spelled[0]["extensions"] == '{"simulated":true}'
    assert [checked[i]["reason"] for i in range(3)] == [None, "wrong_kind_of_log", None]


def test_a_line_of_ours_may_be_as_large_as_any_record(monkeypatch: pytest.MonkeyPatch) -> None:
    line = text(published(LISTED, LISTING | {"description": "é" * 2000}))
    size = len(line.encode())
    assert len(both_ways(rules_of(size=size), [line], monkeypatch)[0]) == 1
    spelled, checked = both_ways(rules_of(size=size - 1), [line], monkeypatch)
    assert (spelled, checked[0]["reason"]) == ({}, "too_large")


@st.composite
def events(draw: st.DrawFn) -> Event:
    """An event of ours, now and then with a member that is not as it should be."""
    event = draw(st.sampled_from(list(SPELLED.values())))
    data = dict(event["data"])
    for name in draw(st.lists(st.sampled_from(list(data)), max_size=1)):
        data[name] = draw(st.one_of(short_texts, numbers, st.sampled_from(PERIODS), values))
    attributes = draw(
        st.one_of(
            st.just({}),
            st.fixed_dictionaries({"time": moments}),
            st.fixed_dictionaries({"publishedat": moments}),
            st.fixed_dictionaries({"id": st.one_of(short_texts, values)}),
        )
    )
    if draw(st.integers(0, 5)) == 0:
        data[draw(names)] = draw(values)
    return event | attributes | {"data": data}


@st.composite
def lines(draw: st.DrawFn) -> str:
    """An event as our sources spell it, now and then with a few signs more or less."""
    line = text(draw(events())).replace("Infinity", "1e400")
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        at = draw(st.integers(0, len(line)))
        signs = st.text('",:{}[]0159.eE-+ntx\\ \x7f\x85é', max_size=2)
        more = draw(
            st.one_of(signs, st.sampled_from(['"id":[1],', '"count":5,', ',"x":{}', '":"']))
        )
        line = line[:at] + more + line[at + draw(st.integers(0, 2)) :]
    return line


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(found=st.lists(lines(), min_size=20, max_size=60))
def test_what_is_accepted_by_its_spelling_the_full_check_accepts_as_the_same_event(
    found: list[str],
) -> None:
    found = [line.replace("\n", " ") for line in found]
    with pytest.MonkeyPatch.context() as patch:
        spelled, checked = both_ways(rules_of(), found, patch)
    for number, row in spelled.items():
        assert row == checked[number], found[number]
    # Not so few that nothing is told by it: what is as it should be is known.
    known = set(map(text, SPELLED.values()))
    assert {n for n, line in enumerate(found) if line in known} <= spelled.keys()
