"""What is read of single sentences: promises, one per checkable thing, and reports of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ingest.sources.reports.promises import Told, passage_of, told_fields, told_in
from tests.support.report_texts import FRONT, REGISTERS, read

PLAN, PROGRESS, COMMITMENT = (
    "Plans for 2015",
    "Progress during 2015",
    "Departmental digital strategy commitments (December 2012)",
)


def told(text: str, *, section: str = PLAN) -> list[Told]:
    """Everything that is read of one section of the Department for Kites."""
    document = read(f"{FRONT}Department for Kites\n{section}\n{text}\n")
    return told_in(document.sections[0], REGISTERS)


def promises(text: str, *, section: str = PLAN) -> list[Told]:
    return [found for found in told(text, section=section) if found.says == "promise"]


@pytest.mark.parametrize(
    ("sentence", "is_checkable"),
    [
        ("DfK will publish a list of hills.", True),
        ("DfK plans to open a string shop.", True),
        ("A list of hills will be published.", True),
        ("DfK will continue to publish lists.", False),
        ("DfK will support those who publish lists.", False),
        ("DfK will consider publishing a list.", False),
        ("DfK will seek ways to publish a list.", False),
        ("DfK aims to be kind.", False),
        ("DfK will encourage flying by publishing a list.", None),
        ("DfK will drive flying forward with a large campaign.", None),
        ("DfK will mend string.", None),
        ("DfK will not sell string.", None),
        ("No new shop will be opened.", None),
        ("DfK will ask flyers what they think.", None),
        ("Night flights will be allowed.", False),
        ("Night flights will be allowed from April 2015.", None),
        ("DfK will raise awareness.", False),
        ("DfK will raise take-up of Kite licences to 60%.", True),
        ("DfK hopes to raise take-up of Kite licences to 60%.", None),
        ("DfK will reach the coast by June 2015.", True),
        ("DfK will work with others by June 2015.", None),
        ("The string shop will be ready by June 2015.", True),
    ],
)
def test_whether_anybody_could_say_that_it_was_done(
    sentence: str, is_checkable: bool | None
) -> None:
    (promise,) = promises(sentence)
    assert promise.is_checkable is is_checkable


@pytest.mark.parametrize(
    "sentence",
    [
        "There are those who will never fly.",
        "The list says how much string will be needed.",
        "DfK built kites that will fly.",
        "Kites flew.",
        "This work is complete and no further lists are planned.",
        "Nothing else is planned.",
    ],
)
def test_what_only_describes_promises_nothing(sentence: str) -> None:
    assert promises(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "due_on", "due_text"),
    [
        ("DfK will publish a list.", date(2015, 12, 31), None),
        ("DfK will publish a list by March.", date(2015, 3, 31), "by March"),
        ("DfK will publish a list by March 2016.", date(2016, 3, 31), "by March 2016"),
        ("DfK will publish a list before March 2016.", date(2016, 2, 29), "before March 2016"),
        ("DfK will publish a list by the end of the year.", date(2015, 12, 31), None),
        ("In February DfK will publish a list.", date(2015, 2, 28), "In February"),
        (
            "DfK will publish a list in the first quarter of 2015.",
            date(2015, 3, 31),
            "in the first quarter of 2015",
        ),
        ("DfK will publish a list during 2015.", date(2015, 12, 31), "during 2015"),
        ("DfK will publish a list once the wind is up.", None, None),
        ("Should the wind be up, DfK will publish a list.", None, None),
        ("DfK will publish a list, which if need be is short.", None, None),
        ("DfK will publish a list by summer 2016.", date(2016, 8, 31), "by summer 2016"),
        ("DfK will publish a list in the autumn.", date(2015, 11, 30), "in the autumn"),
        ("DfK will publish a list before spring 2016.", date(2016, 2, 29), "before spring 2016"),
        ("DfK will publish a list unless the wind is up.", None, None),
        ("DfK will publish a list by winter.", None, None),
        ("DfK will publish a list by the end of the financial year.", None, None),
        ("DfK will publish a list by the end of this Parliament.", None, None),
        ("DfK will publish a list within six months.", None, None),
        ("DfK will publish a list every month from April 2016.", None, None),
        ("DfK will publish a list every month from April 2015.", date(2015, 12, 31), None),
        (
            "DfK will publish a list no later than June 2015.",
            date(2015, 6, 30),
            "no later than June 2015",
        ),
        ("DfK will publish a list by mid-2015.", date(2015, 6, 30), "by mid-2015"),
        ("DfK will publish a list by end-June 2015.", date(2015, 6, 30), "by end-June 2015"),
        (
            "DfK will publish a list by the end of June 2015.",
            date(2015, 6, 30),
            "by the end of June 2015",
        ),
        (
            "DfK will publish a list on or before 3 June 2015.",
            date(2015, 6, 3),
            "on or before 3 June 2015",
        ),
        (
            "DfK will publish a list not later than March.",
            date(2015, 3, 31),
            "not later than March",
        ),
        ("DfK will publish a list by mid-June.", date(2015, 6, 15), "by mid-June"),
        ("DfK will publish a list by early 2015.", None, None),
        ("DfK will publish a list by the middle of 2015.", None, None),
        ("DfK will publish a list by the second half of 2015.", None, None),
        ("DfK will publish a list not before June 2015.", None, None),
        ("DfK will publish a list by June or July 2015.", None, None),
        ("DfK will publish a list in time for June 2015.", None, None),
        ("DfK will publish a list June 2015 at the latest.", None, None),
        ("DfK will publish a list by the first quarter.", None, None),
        ("DfK will publish a list by mid-year.", None, None),
        ("DfK will publish a list by Q3.", None, None),
        ("DfK will publish a list for 2015.", date(2015, 12, 31), None),
        ("DfK will publish a list by March 2015 in Wales, by May 2015 at sea.", None, None),
        ("No later than June 2015, DfK will publish a list.", date(2015, 6, 30), None),
    ],
)
def test_the_day_by_which(sentence: str, due_on: date | None, due_text: str | None) -> None:
    (promise,) = promises(sentence)
    assert promise.due_on == due_on
    assert due_text is None or promise.due_text == due_text


@pytest.mark.parametrize("section", [COMMITMENT, PROGRESS])
def test_only_a_plan_is_due_by_the_end_of_its_year(section: str) -> None:
    (promise,) = promises("DfK will publish a list.", section=section)
    assert promise.due_on is None
    (promise,) = promises("DfK will publish a list by March 2016.", section=section)
    assert promise.due_on == date(2016, 3, 31)


def test_each_thing_that_can_be_checked_is_a_promise_with_its_own_day() -> None:
    text = "DfK will publish a list by June 2015 and open a shop, and will train ten flyers."
    assert [(p.part, p.verbs[0], p.due_on) for p in promises(text)] == [
        (1, "issue", date(2015, 6, 30)),
        (2, "begin", date(2015, 12, 31)),
        (3, "train", date(2015, 12, 31)),
    ]
    assert len(promises("DfK will continue to publish lists and open shops.")) == 1
    assert len(promises("DfK will raise sales of string to 60% and publish a list.")) == 2
    assert len(promises("DfK will raise awareness and publish a list.")) == 1


def test_a_condition_is_of_the_clause_that_states_it() -> None:
    text = "DfK will publish a list, and depending on the wind it will hold a race."
    assert [p.due_on for p in promises(text)] == [date(2015, 12, 31), None]
    text = "Once the wind is up DfK will publish a list and hold a race."
    assert [p.due_on for p in promises(text)] == [None, None]


def test_items_of_a_list_that_will_begins_are_promises() -> None:
    found = promises("DfK will:\n- publish a list by June 2015\n- support flyers\nKites flew.")
    assert [(p.line, p.is_checkable) for p in found] == [(6, True), (7, False)]
    assert promises("DfK has:\n- published a list\n- supported flyers") == []


def test_a_report_looks_ahead_too() -> None:
    found = told("The list was printed. It will be published in May 2016.", section=PROGRESS)
    assert [(one.says, one.part) for one in found] == [
        ("done", 0),
        ("under_way", 0),
        ("promise", 1),
    ]
    assert promises("DfK planned to publish a list.", section=PROGRESS) == []


def test_service_place_and_partners_are_those_that_the_sentence_names() -> None:
    registers = replace(REGISTERS, partners=("Kite Club", "Reel Fund"))
    text = "DfK will move Kite licences to the Kite Club by June 2015 in Wales."
    document = read(f"{FRONT}Department for Kites\n{PLAN}\n{text}\n")
    promise = told_in(document.sections[0], registers)[1]
    assert (promise.service_id, promise.place, promise.partners) == (
        "kites-licences",
        "Wales",
        ("Kite Club",),
    )


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("DfK published the list in May.", "done"),
        ("DfK is publishing the list.", "under_way"),
        ("The list was delayed.", "delayed"),
        ("The list has not been published.", "not_done"),
        ("DfK is yet to publish the list.", "not_done"),
        ("The list was replaced by a map.", "replaced"),
        ("DfK published a draft of the list.", "under_way"),
        ("DfK published plans for the list.", "under_way"),
        ("Some of the lists were published.", "partly"),
        ("Two of the five lists were published.", "partly"),
        ("Part of the list was published.", "partly"),
        ("Nearly all lists were published.", "partly"),
        ("As part of the plan DfK published a list.", "done"),
        ("This action is not applicable.", "not_applicable"),
        ("This action is no longer applicable.", "not_applicable"),
        ("No list was published.", "other"),
        ("DfK published the list, which has no pictures.", "done"),
        ("The list was published, but the map has not been printed.", "other"),
        ("The list has not been published and will be late.", "not_done"),
        ("A tender for the list was published.", "under_way"),
        ("The list was cancelled and a map took its place.", "replaced"),
        ("All of the five lists were published.", "done"),
        ("Five of five lists were published.", "done"),
        ("3 of 5 lists were published.", "partly"),
        ("DfK agreed to publish some of the lists.", "other"),
        ("DfK had hoped to publish the list.", "other"),
        ("The list should have been written and published.", "other"),
        ("The list is published every year.", "other"),
        ("DfK met flyers and published the list.", "done"),
        ("DfK wrote and published the list.", "done"),
        ("The list published in May was read by all.", "other"),
        ("DfK opened a shop for assisted flying (DfKAF) and published the list.", "done"),
        ("Has the list been published?", "other"),
        ("The list was written but not published.", "other"),
        ("The list might be replaced by a map.", "other"),
        ("The list that was delayed was published.", "other"),
    ],
)
def test_how_far_a_report_says_that_it_has_come(sentence: str, says: str) -> None:
    assert told(sentence, section=PROGRESS)[0].says == says


def test_what_is_done_is_done_between_the_days_that_the_sentence_gives() -> None:
    (done,) = told("DfK published the list in May 2015.", section=PROGRESS)
    assert (done.since, done.until) == (date(2015, 5, 1), date(2015, 5, 31))


def test_a_promise_and_its_report_share_words_pairs_numbers_and_verbs() -> None:
    (promise,) = promises("DfK will publish 12 hill lists.")
    (report,) = told("DfK issued 12 hill lists.", section=PROGRESS)
    assert {"lists", "hill+lists", "#12"} <= {*promise.terms} & {*report.terms}
    assert {*promise.verbs} & {*report.verbs} == {"issue"}


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("DfK will open a shop in Leeds.", {"@leeds"}),
        ("Maps of Upper Hill and Lower Hill will be published.", {"@upper", "@hill", "@lower"}),
        ("DfK will publish a list with Reel Fund and Hill Trust.", set()),
        ("DfK will publish a map of Upper Hill.", set()),
        ("DfK will publish a second list.", {"@second"}),
        ("A first point of contact will be set up.", set()),
        ("Each club will publish a list.", {"@all"}),
        ("DfK will publish a list that all can read.", set()),
        ("The Department for Kites and Strings will publish a list.", {"@string"}),
    ],
)
def test_what_a_report_of_a_promise_has_to_name(sentence: str, names: set[str]) -> None:
    (promise,) = promises(sentence)
    assert {term for term in promise.terms if term.startswith("@")} == names


def test_a_promise_and_its_report_say_of_or_for_what_it_is() -> None:
    (promise,) = promises("DfK will issue a list of windy hills to clubs, and open by noon.")
    (report,) = told("A list was issued to clubs for schools.", section=PROGRESS)
    of_promise, of_report = (
        {term for term in found.terms if term.startswith(">")} for found in (promise, report)
    )
    assert (of_promise, of_report) == ({">windy", ">hills", ">clubs"}, {">school", ">clubs"})


def test_a_report_names_all_that_has_a_name() -> None:
    (report,) = told("Both clubs in Leeds opened their second shop.", section=PROGRESS)
    assert {"@leeds", "@second", "@all"} <= {*report.terms}


def test_a_passage_is_the_same_however_it_is_printed() -> None:
    assert passage_of("DfK\u2019s list  (12).") == passage_of("dfk's list - 12")
    assert passage_of("DfK's list 12") != passage_of("DfK's list 13")


def test_what_does_not_apply_is_told_in_its_own_words() -> None:
    (found,) = told("This action is not applicable to DfK.")
    assert told_fields(found)["text"] == "This action is not applicable to DfK."


def test_an_event_leaves_out_what_a_sentence_does_not_say() -> None:
    kites = told("Kites flew.", section=PROGRESS)[0]
    assert told_fields(kites) == {
        "sentence": 1,
        "part": 0,
        "line": 5,
        "passage": passage_of("Kites flew."),
        "says": "done",
        "terms": ["flew", "kites+flew"],
    }


@pytest.mark.parametrize(
    ("sentence", "verbs"),
    [
        ("DfK delivered a plan to open a shop.", ("deliver",)),
        ("DfK published a list and will open a shop.", ("publish", "open")),
        ("DfK completed an audit of hills.", ("complete", "audit")),
        ("DfK completed an audit plan.", ("complete",)),
        ("DfK held kite trials in May.", ("hold", "trial")),
        ("DfK hoped to open a shop.", ("open",)),
    ],
)
def test_done_is_said_of_the_verbs_that_are_over(sentence: str, verbs: tuple[str, ...]) -> None:
    assert told(sentence, section=PROGRESS)[0].verbs == verbs
