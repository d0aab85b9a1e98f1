from __future__ import annotations

import json
from typing import Any

import pytest

from ingest.sources.reports import merge_citations, read_report, recognise
from ingest.sources.reports.events import FIGURE, STATEMENT
from ingest.sources.reports.source import records_of
from ingest.sources.reports.standing import answers_plan, status_of
from ingest.sources.reports.text import NotUtf8, UndatedReport
from tests.support.report_texts import FRONT, REGISTERS, read

REPORT = (
    f"{FRONT}Department for Kites\nPlans for 2013\nDfK will mend string.\nProgress during 2013\n"
    "Mending string went well: take-up of Kite licences rose to 54% (up from 40% in 2012).\n"
    "Only 4 kites fell.\nOffice for Odd Affairs\nProgress during 2013\nOddities.\n"
)
ARTICLE = (
    "Kites and digital inclusion\n\nDigital skills are what the kite people teach, says a report "
    "on digital exclusion in the hills.\n\nSince the May 2016 launch it helped over 300 people to "
    "get online.\n"
)


def events_of(text: str, **options: Any) -> list[dict[str, Any]]:
    events, _ = read_report(text.encode(), name="landed.txt", registers=REGISTERS, **options)
    return events


def figures_of(text: str) -> list[dict[str, Any]]:
    return [event for event in events_of(text) if event["type"] == FIGURE]


def test_a_claim_is_an_event_with_the_documents_date() -> None:
    first = figures_of(REPORT)[0]
    assert first["source"] == "urn:takeup:report:action-12-2014-03-03"
    assert first["time"] == first["publishedat"] == "2014-03-03T00:00:00Z"
    assert first["id"].startswith(
        "action-12-2014-03-03:kites:progress-2013:kite-licences:digital_take_up:1#"
    )
    data = first["data"]
    assert data["figure_id"] == first["id"].rpartition("#")[0]
    assert (data["metric"], data["value"], data["unit"], data["text"]) == (
        "digital_take_up",
        0.54,
        "ratio",
        "54%",
    )
    assert data["period"] == {"kind": "year", "start": "2013-01-01", "end": "2013-12-31"}
    assert (data["section_kind"], data["section_year"], data["action"]) == ("progress", 2013, 12)
    assert (data["line"], data["place"]) == (7, "line 7")
    assert data["citations"] == [{"document": "action-12-2014-03-03", "line": 7}]
    assert "scope" not in data


def test_a_summer_date_is_midnight_in_london() -> None:
    assert figures_of(REPORT.replace("March", "July"))[0]["time"] == "2014-07-02T23:00:00Z"


def test_a_placed_section_is_a_statement_with_its_standing() -> None:
    statements = [event["data"] for event in events_of(REPORT) if event["type"] == STATEMENT]
    assert [(s["department_id"], s["section_kind"], s["section_year"]) for s in statements] == [
        ("kites", "plan", 2013),
        ("kites", "progress", 2013),
    ]
    plan, progress = statements
    assert "status" not in plan
    assert (progress["status"], progress["answers_plan"]) == ("done", True)
    assert progress["shared_terms"] == ["string"]
    assert (progress["line"], progress["first_line"], progress["last_line"]) == (6, 7, 8)


def test_what_is_unclear_is_refused_with_its_line() -> None:
    _, rejects = read_report(REPORT.encode(), name="landed.txt", registers=REGISTERS)
    assert [(reject.reason, reject.line) for reject in rejects] == [
        ("unplaced_text", 9),
        ("undecided_figure", 8),
    ]
    assert rejects[0].raw == "Office for Odd Affairs"


def test_events_are_the_same_each_time_and_under_any_name() -> None:
    again, _ = read_report(REPORT.encode(), name="other.txt", registers=REGISTERS)
    assert events_of(REPORT) == again
    assert len({event["id"] for event in again}) == len(again)


def test_a_corrected_copy_gives_new_events_of_the_same_figures_only_where_it_differs() -> None:
    before = {event["id"]: event for event in figures_of(REPORT)}
    after = {event["id"]: event for event in figures_of(REPORT.replace("54%", "57%"))}
    (new,) = after.keys() - before.keys()
    (old,) = before.keys() - after.keys()
    assert new.rpartition("#")[0] == old.rpartition("#")[0]
    assert after[new]["data"]["value"] == 0.57
    assert {key: after[key] for key in after.keys() & before.keys()} == {
        key: before[key] for key in after.keys() & before.keys()
    }


def test_an_undated_report_is_dated_by_what_it_looks_back_on_and_has_no_publication() -> None:
    (event,) = events_of(ARTICLE)
    assert event["time"] == "2016-05-30T23:00:00Z"
    assert "publishedat" not in event


def test_an_undated_report_takes_the_publication_time_that_it_is_given() -> None:
    from datetime import UTC, datetime

    (event,) = events_of(ARTICLE, published_at=datetime(2017, 1, 2, tzinfo=UTC))
    assert event["publishedat"] == "2017-01-02T00:00:00Z"


def test_a_report_that_nothing_dates_is_refused() -> None:
    with pytest.raises(UndatedReport, match=r"landed\.txt: nothing says when"):
        events_of(ARTICLE.replace("Since the May 2016 launch it", "It"))


def test_bytes_that_are_not_utf8_are_refused_with_name_and_offset() -> None:
    with pytest.raises(NotUtf8, match=r"landed\.txt: not UTF-8 at byte 4"):
        read_report(b"kite\xff", name="landed.txt", registers=REGISTERS)


def test_records_hold_every_event_and_refusal_at_its_line() -> None:
    events, rejects = read_report(REPORT.encode(), name="landed.txt", registers=REGISTERS)
    table = records_of(events, rejects)
    assert table["position"].to_pylist() == sorted(table["position"].to_pylist())
    assert (
        len(set(zip(table["position"].to_pylist(), table["place"].to_pylist(), strict=True))) == 6
    )
    lines = [json.loads(line) for line in table["line"].to_pylist() if line is not None]
    assert sorted(line["id"] for line in lines) == sorted(event["id"] for event in events)
    assert [reason for reason in table["reason"].to_pylist() if reason] == [
        "undecided_figure",
        "unplaced_text",
    ]


def test_a_passage_in_two_documents_is_one_claim_with_two_citations() -> None:
    one, other = read(REPORT), read("\n\n" + REPORT.replace("Action 12", "Action 13"))
    merged = merge_citations([one, other])
    assert len(merged) == len(one.claims) == 2
    assert [[claim.line for claim in claims] for claims in merged.values()] == [[7, 9], [7, 9]]


def test_the_same_words_of_another_year_are_another_claim() -> None:
    other = REPORT.replace("during 2013", "during 2014").replace("Action 12", "Action 13")
    assert len(merge_citations([read(REPORT), read(other)])) == 4


@pytest.mark.parametrize(
    ("head", "is_report"),
    [
        (REPORT, True),
        (ARTICLE, True),
        (f"<!DOCTYPE html><html><body><h1>Action 5: boats</h1><p>{ARTICLE}</p>", True),
        ("Progress during 2013\nText.\nPlans for 2014\nText.\n", True),
        ("A novel about a kite, which has many words but none of the ones that count here.", False),
        ('{"specversion": "1.0", "data": {"text": "digital inclusion, digital skills"}}', False),
        ("term,description\ndigital inclusion,digital skills of people and what they need.", False),
        ("| digital inclusion | digital skills |\n" + ARTICLE, False),
        ("PAR1\0" + ARTICLE, False),
        ("", False),
    ],
)
def test_recognised_by_headings_or_subject(head: str, is_report: bool) -> None:
    assert recognise(head.encode()) is is_report


def test_a_head_cut_inside_a_character_is_recognised() -> None:
    assert recognise(REPORT.encode() + "£".encode()[:1])


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("This is not applicable to it.", "not_applicable"),
        ("The kite was delayed until spring, and is now being built.", "delayed"),
        ("It continued to fly.", "under_way"),
        ("It has started to fly.", "under_way"),
        ("It will fly.", "under_way"),
        ("It\u2019s flying.", "under_way"),
        ("It flew.", "done"),
        ("It has flown, existing kites included.", "done"),
    ],
)
def test_status_by_the_words_of_an_entry(text: str, status: str) -> None:
    assert status_of(text) == status


def test_an_entry_answers_a_plan_with_which_it_shares_a_word_of_substance() -> None:
    assert answers_plan("DfK will mend string.", "String was mended.") == (True, ("string",))
    assert answers_plan("DfK will mend string.", "It bought paper.") == (False, ())
    assert answers_plan("The office will help.", "The office helped.", own_name="Office") == (
        False,
        (),
    )
