"""Promises of reports: what later versions say of them, word by word, and at any moment."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from core.registers import load_register
from core.settings import SEEDS
from ingest.sources.reports import read_document, read_report
from ingest.sources.reports.digest import load_digests
from ingest.sources.reports.digest_events import read_digest
from tests.support.action_papers import Entries, earlier, paper
from tests.support.shared import seed_documents
from tests.support.told_reports import Told, registers

pytestmark = pytest.mark.nights

NAMES = {
    "bis": "Department for Business, Innovation and Skills",
    "dcms": "Department for Culture, Media and Sport",
    "dfe": "Department for Education",
    "defra": "Department for Environment, Food and Rural Affairs",
    "dft": "Department for Transport",
    "dwp": "Department for Work and Pensions",
    "decc": "Department of Energy and Climate Change",
    "dh": "Department of Health",
    "fco": "Foreign and Commonwealth Office",
    "hmrc": "HM Revenue and Customs",
    "hmt": "HM Treasury",
    "home-office": "Home Office",
    "mod": "Ministry of Defence",
    "moj": "Ministry of Justice",
}
PLANS = {
    "bis": "BIS will continue to support small workshops.",
    "dcms": "DCMS will publish a map of bandstands by December 2016.",
    "dfe": "DfE will publish its register of nursery inspections by June 2014.",
    "defra": "Defra will raise digital take-up of rod licences to 60%.",
    "dft": "DfT will issue a leaflet for canal owners.",
    "dwp": "DWP will launch an appointment calendar in the first quarter of 2014.",
    "decc": "DECC will publish a chart of windmill sites.",
    "dh": "DH will publish a list of clinic hours.",
    "fco": "FCO will set up a desk for forgotten luggage papers.",
    "hmrc": "HMRC will introduce a receipt for harbour duties. It will train harbour clerks.",
    "hmt": "HMT will publish a table of coin orders.",
    "home-office": "Home Office will complete a survey of border forms.",
    "mod": "MOD will complete an audit of parade grounds.",
    "moj": "MOJ will open two mediation offices by March 2014.",
}
OF_2014 = {
    "bis": "BIS supported small workshops.",
    "dcms": "Bandstands were counted.",
    "dfe": "DfE published the register of nursery inspections in May.",
    "defra": "Take-up of rod licences rose to 45%.",
    "dft": "Money went into bridges.",
    "dwp": "DWP launched the appointment calendar in July.",
    "decc": "Windmill sites were visited.",
    "dh": "Letters were answered within a week.",
    "fco": "The desk for forgotten luggage papers was replaced by a web page.",
    "hmrc": "The receipt for harbour duties has not been introduced. "
    "Some of the harbour clerks were trained.",
    "hmt": "For HMT this is not applicable.",
    "home-office": "Letters were answered within a week.",
    "mod": "The audit of parade grounds was delayed.",
    "moj": "MOJ opened the two mediation offices.",
}
FOR_2015 = {
    "dh": "DH will publish the list of clinic hours.",
    "defra": "Rod licences stay in view.",
}
OF_2015 = {
    "dcms": "More bandstands were counted.",
    "defra": "Take-up of rod licences rose to 63%.",
    "dh": "DH published the list of clinic hours in spring.",
    "home-office": "Home Office completed the survey of border forms.",
    "mod": "MOD completed the audit of parade grounds.",
}
FIRST, SECOND, THIRD = date(2014, 1, 14), date(2015, 1, 15), date(2016, 1, 14)
BEFORE, AT_FIRST, AT_SECOND, NOW = "2013-12-01", "2014-06-01", "2015-06-01", "2029-01-01"


def entries(*sections: tuple[str, int, dict[str, str]]) -> Entries:
    """Sections of a paper by department, as papers print them."""
    return {
        (name, kind, year): texts[department_id]
        for department_id, name in NAMES.items()
        for kind, year, texts in sections
        if department_id in texts
    }


SECTIONS = (("plan", 2014, PLANS), ("progress", 2014, OF_2014), ("plan", 2015, FOR_2015))
V1 = paper(entries(*SECTIONS[:1]), updated_on=FIRST, action=14)
V2 = paper(entries(*SECTIONS), updated_on=SECOND, action=14)
V3 = paper(entries(*SECTIONS, ("progress", 2015, OF_2015)), updated_on=THIRD, action=14)


@pytest.fixture
def told(warehouse: duckdb.DuckDBPyConnection, empty_build: Path) -> Iterator[Told]:
    warehouse.begin()
    yield Told(warehouse, empty_build)
    warehouse.rollback()


def land(told: Told, *papers: bytes) -> Told:
    """Papers that land one night after the other."""
    for night, content in enumerate(papers, start=1):
        recorded_at = f"2027-01-{night:02} 02:00:00+00"
        told.land(content, recorded_at=recorded_at, commit=night, name=f"{night}.txt")
    told.tell()
    return told


def words(told: Told, moment: str = NOW) -> dict[tuple[str, int], dict[str, str]]:
    """What is reported of each department's promises of a section, in the order of the words."""
    rows = told.ask(
        "select section_kind, section_year, department_id,"
        " string_agg(reported, ' ' order by reported)"
        f" from promises_as_of(timestamptz '{moment} 00:00:00+00') group by all"
    )
    found: dict[tuple[str, int], dict[str, str]] = {}
    for kind, year, department_id, said in rows:
        found.setdefault((kind, year), {})[department_id] = said
    return found


def test_before_a_paper_is_published_nothing_is_promised(told: Told) -> None:
    assert words(land(told, V1, V2, V3), BEFORE) == {}


def test_what_no_later_report_covers_is_open(told: Told) -> None:
    found = words(land(told, V1, V2, V3), AT_FIRST)["plan", 2014]
    assert found.pop("bis") == "no_test"
    assert found.pop("hmrc") == "open open"
    assert set(found.values()) == {"open"}
    assert len(found) == 12


AFTER_A_YEAR = {
    "bis": "no_test",
    "dcms": "open",
    "decc": "unclear",
    "defra": "partly",
    "dfe": "kept",
    "dft": "not_reported",
    "dh": "not_kept",
    "dwp": "kept_late",
    "fco": "replaced",
    "hmrc": "not_kept partly",
    "hmt": "not_applicable",
    "home-office": "not_reported",
    "mod": "not_kept",
    "moj": "kept_undated",
}
AFTER_TWO_YEARS = AFTER_A_YEAR | {
    "defra": "kept_late",
    "dh": "kept_late",
    "home-office": "kept_late",
    "mod": "kept_late",
}


@pytest.mark.parametrize("papers", [(V1, V2, V3), (V3, V1, V2), (V2, V3, V1)])
def test_each_word_as_of_each_version_whichever_landed_first(
    told: Told, papers: tuple[bytes, ...]
) -> None:
    land(told, *papers)
    assert words(told, AT_SECOND) == {
        ("plan", 2014): AFTER_A_YEAR,
        ("plan", 2015): {"dh": "open"},
    }
    assert words(told) == {("plan", 2014): AFTER_TWO_YEARS, ("plan", 2015): {"dh": "kept"}}


def test_the_words_of_the_definitions_are_all_reached() -> None:
    reached = {word for words in AFTER_A_YEAR.values() for word in words.split()}
    assert reached == {
        *("open", "kept", "kept_late", "kept_undated", "partly", "not_reported", "not_kept"),
        *("replaced", "not_applicable", "no_test", "unclear"),
    }


def test_an_answer_names_the_entry_that_gives_it_and_how_far_it_has_come(told: Told) -> None:
    land(told, V1, V2, V3)
    rows = told.ask(
        "select department_id, due_on, evidence, progress, promised_value, reported_value"
        f" from promises_as_of(timestamptz '{AT_SECOND} 00:00:00+00')"
        " where department_id in ('defra', 'dfe', 'dh', 'dft', 'mod') and section like '%plan-2014'"
        " order by department_id"
    )
    year_end = date(2014, 12, 31)
    places = {line: number for number, line in enumerate(V2.decode().splitlines(), start=1)}

    def place(text: str) -> str:
        return f"action-14-2015-01-15 line {places[text]}"

    assert rows == [
        ("defra", year_end, place(OF_2014["defra"]), None, 0.6, 0.45),
        ("dfe", date(2014, 6, 30), place(OF_2014["dfe"]), "done", None, None),
        ("dft", year_end, None, None, None, None),
        ("dh", year_end, place(FOR_2015["dh"]), None, None, None),
        ("mod", year_end, place(OF_2014["mod"]), "delayed", None, None),
    ]


def test_what_is_planned_again_names_the_promise_that_does_so(told: Told) -> None:
    land(told, V1, V2, V3)
    moment = f"promises_as_of(timestamptz '{AT_SECOND} 00:00:00+00')"
    rows = told.ask(
        f"select earlier.reported, later.department_id, later.section, later.reported"
        f" from {moment} as earlier"
        f" inner join {moment} as later on earlier.planned_again_in = later.promise_id"
    )

    assert rows == [("not_kept", "dh", "dh:plan-2015", "open")]


def test_the_days_between_which_it_was_kept_are_those_that_are_printed_or_of_its_figure(
    told: Told,
) -> None:
    land(told, V1, V2, V3)
    rows = told.ask(
        "select department_id, due_on, kept_not_before, kept_by"
        f" from promises_as_of(timestamptz '{NOW} 00:00:00+00')"
        " where section like '%plan-2014' and department_id in ('dfe', 'dwp', 'mod', 'moj')"
        " order by department_id"
    )

    assert rows == [
        ("dfe", date(2014, 6, 30), date(2014, 5, 1), date(2014, 5, 31)),
        ("dwp", date(2014, 3, 31), date(2014, 7, 1), date(2014, 7, 31)),
        ("mod", date(2014, 12, 31), None, None),
        ("moj", date(2014, 3, 31), date(2014, 1, 1), date(2014, 12, 31)),
    ]


REVIEWED = """
    insert into as_of.promise_reviews
        (promise_id, report, document, section, part, passage, promise, due_on,
            reported, reviewed_until)
    select 'action-14:dft:plan-2014:1', 'action-14', 'action-14-2014-01-14', 'dft:plan-2014', 1,
        passage, 'In our words.', date '2014-12-31', ?, 2013
    from as_of.report_sentences
    inner join as_of.report_statements using (event_id)
    where part = 0 and department_id = 'dft' and section_kind = 'plan'
    order by report_statements.known_at
    limit 1
"""


@pytest.mark.parametrize(
    ("judged", "at_first", "now"),
    [
        ("open", ("open", "reviewed"), ("not_reported", "rule")),
        ("no_test", ("no_test", "reviewed"), ("no_test", "reviewed")),
        ("unclear", ("unclear", "reviewed"), ("unclear", "reviewed")),
    ],
)
def test_a_review_holds_for_later_versions_until_later_years_say_more(
    told: Told, judged: str, at_first: tuple[str, str], now: tuple[str, str]
) -> None:
    land(told, V1, V2, V3)
    told.connection.execute(REVIEWED, [judged])
    for moment, expected in ((AT_FIRST, at_first), (NOW, now)):
        rows = told.ask(
            "select promise, reported, basis"
            f" from promises_as_of(timestamptz '{moment} 00:00:00+00') where department_id = 'dft'"
        )
        assert rows == [("In our words.", *expected)]


def test_a_review_does_not_hold_for_a_sentence_that_was_changed(told: Told) -> None:
    changed = {**PLANS, "dft": "DfT will issue a poster for canal owners."}
    land(told, V1, paper(entries(("plan", 2014, changed)), updated_on=SECOND, action=14))
    told.connection.execute(REVIEWED, ["no_test"])
    rows = told.ask(
        "select promise, reported, basis"
        f" from promises_as_of(timestamptz '{NOW} 00:00:00+00') where department_id = 'dft'"
    )
    assert rows == [(changed["dft"], "open", "rule")]


def test_an_earlier_edition_that_lands_late_changes_no_answer_but_those_of_its_time(
    told: Told,
) -> None:
    every = "promise_id, reported, basis, promised_value, reported_value, progress"
    query = f"select {every} from promises_as_of(timestamptz '{{}} 00:00:00+00') order by all"
    documents(told)
    now, of_its_time = told.ask(query.format(NOW)), told.ask(query.format(AT_FIRST))
    for action, paper_of_2015 in papers().items():
        content = earlier(paper_of_2015, updated_on=FIRST, registers=registers())
        told.land(content, recorded_at=f"{NOW} 02:00:00+00", commit=action, name=f"{action}.txt")
    told.tell()
    assert told.ask(query.format(NOW)) == now
    assert not [row for row in of_its_time if row[0].startswith("action")]
    # What people found in the version of 2015 nobody knew a year before.
    before = {row[0]: row[1:] for row in told.ask(query.format(AT_FIRST))}
    assert {
        reported
        for name, (reported, basis, *_) in before.items()
        if basis == "reviewed" and name.startswith("action")
    } == {"no_test", "not_applicable"}
    assert before["action-8:defra:plan-2014:1.2"] == ("open", "rule", None, None, None)


def papers() -> dict[int, bytes]:
    """The action papers that have a year before their last, by action."""
    read = [path.read_bytes() for path in seed_documents()]
    found = {read_document(content, registers=registers()).action: content for content in read}
    return {action: found[action] for action in (8, 9)}


def test_an_outcome_of_another_metric_is_named_without_its_value(told: Told) -> None:
    documents(told)
    rows = told.ask(
        "select promise_id, promised_value, reported_figure_id, reported_value"
        f" from promises_as_of(timestamptz '{NOW} 00:00:00+00')"
        " where promise_id in ('action-15:dcms:plan-2015:1', 'action-8:defra:plan-2014:1.2')"
        " order by promise_id"
    )
    progress = "progress-2014:uk-premises:premises_reached:1"
    carriers = "progress-2014:registration-of-waste-carriers-brokers-and-dealers"
    assert rows == [
        ("action-15:dcms:plan-2015:1", 0.95, f"action-15-2015-01-16:dcms:{progress}", None),
        (
            *("action-8:defra:plan-2014:1.2", 0.9),
            *(f"action-8-2015-01-16:defra:{carriers}:digital_take_up:2", 0.95),
        ),
    ]


def test_a_partner_is_told_once_whatever_names_a_sentence_gives_it(told: Told) -> None:
    twice = "DfT will publish a list of locks with Government Digital Service (GDS) and Go ON UK."
    once = "DWP will publish a calendar with GDS."
    land(told, paper(entries(("plan", 2014, {"dft": twice, "dwp": once})), updated_on=FIRST))
    rows = told.ask(
        "select department_id, partners"
        f" from promises_as_of(timestamptz '{NOW} 00:00:00+00') order by department_id"
    )
    assert rows == [
        ("dft", "Go ON UK; Government Digital Service"),
        ("dwp", "Government Digital Service"),
    ]


BY_HAND = Path(__file__).with_name("promises.csv")
UNSEEN = Path(__file__).parent / "reports"


def by_hand(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def documents(told: Told) -> Told:
    return land(told, *(path.read_bytes() for path in seed_documents()))


def shown(told: Told) -> dict[str, tuple[str, ...]]:
    """Line, day, word and entries of each promise, by where it stands."""
    places = told.places(NOW)
    rows = told.ask(
        "select promise_id, document, line, due_on, reported, evidence"
        f" from promises_as_of(timestamptz '{NOW} 00:00:00+00')"
    )
    return {
        places[promise_id]: tuple("" if cell is None else str(cell) for cell in row)
        for promise_id, *row in rows
    }


def test_forty_promises_are_reported_as_people_judged_them(told: Told) -> None:
    found = shown(documents(told))
    rows = by_hand(BY_HAND)
    different = {
        row["promise_id"]: (found.get(row["promise_id"]), expected)
        for row in rows
        if found.get(row["promise_id"])
        != (expected := tuple(row[name] for name in BY_HAND_COLUMNS))
    }
    assert different == {}
    assert len(rows) >= 40


BY_HAND_COLUMNS = ("document", "line", "due_on", "reported", "evidence")


def test_the_rules_alone_say_what_people_judged_or_leave_it_to_them(told: Told) -> None:
    documents(told)
    judged = shown(told)
    told.connection.execute("delete from as_of.promise_reviews")
    read = shown(told)
    wrong = {
        promise_id: (row[3], judged[promise_id][3])
        for promise_id, row in read.items()
        if promise_id in judged and row[3] not in ("unclear", judged[promise_id][3])
    }
    assert wrong == {}
    misdated = {
        promise_id: (row[2], judged[promise_id][2])
        for promise_id, row in read.items()
        if promise_id in judged and row[2] not in ("", judged[promise_id][2])
    }
    assert misdated == {}
    decided = [row for row in read.values() if row[3] != "unclear"]
    assert len(decided) > 0.6 * len(read)
    assert len(read) > 190


def test_digests_alone_hold_the_same_promises(told: Told) -> None:
    documents(told)
    of_documents = told.ask(WITHOUT_PLACES)
    for table in ("statement", "figure"):
        told.connection.execute(f"delete from internal.stg_events__{table}_published")
    names = load_register("departments", SEEDS)
    for night, digest in enumerate(load_digests(SEEDS / "reports"), start=1):
        events = read_digest(
            digest, departments={row["department_id"]: row["department_name"] for row in names}
        )
        moment = f"2027-01-{night:02} 02:00:00+00"
        told.stage(events, recorded_at=moment, commit=night, name=f"{night}.yml")
    told.tell()
    assert told.ask(WITHOUT_PLACES) == of_documents
    assert len(of_documents) > 240


WITHOUT_PLACES = f"""
    select promise_id, promise, document, line, due_on, due_text, service_id, partners, reported,
        evidence, progress, basis, promised_value, reported_value
    from promises_as_of(timestamptz '{NOW} 00:00:00+00') order by promise_id
"""


def test_a_promise_or_claim_is_about_a_service_or_what_reports_alone_name(told: Told) -> None:
    documents(told)
    query = (
        "select subject_id, count(*) from {}_as_of(timestamptz '{}')"
        " where service_id is null and subject_id is not null group by all order by all"
    )
    assert dict(told.ask(query.format("published_figures", f"{NOW} 00:00:00+00"))) == CLAIMED
    assert dict(told.ask(query.format("promises", f"{NOW} 00:00:00+00"))) == PROMISED
    # A publication lists the programme from then on: it is a service, and was none before.
    told.connection.execute(
        "insert into service_listings by name select 'co-gov-uk' as service_id,"
        f" true as is_published, timestamptz '{NOW} 00:00:00+00' as known_from"
    )
    later = dict(told.ask(query.format("promises", "2030-01-01 00:00:00+00")))
    assert later == {name: count for name, count in PROMISED.items() if name != "co-gov-uk"}


CLAIMED = {
    "bis-basic-digital-skills-training": 2,
    "bis-companies-house-digital-services": 1,
    "co-gov-uk": 1,
    "dcms-superfast-broadband": 2,
    "dh-digital-health-information-network": 2,
    "dh-widening-digital-participation": 3,
    "dwp-digital-deal": 1,
    "kent-digital-champions": 2,
    "kent-one-digital": 3,
    "maidstone-thanet-and-tunbridge-wells": 4,
    "united-kingdom": 1,
}
PROMISED = {
    "bis-companies-house-digital-services": 1,
    "co-electoral-registration-transformation-programme": 2,
    "co-gov-uk": 5,
    "decc-consumer-first": 2,
    "dcms-superfast-broadband": 1,
    "dfe-customer-contact-channel-shift": 4,
    "dh-digital-health-information-network": 2,
    "dh-widening-digital-participation": 4,
    "hmrc-iforms": 1,
    "kent": 5,
    "kent-digital-champions": 2,
    "kent-digital-inclusion-knowledge-store": 1,
    "kent-one-digital": 1,
    "kent-triage-and-signposting-system": 1,
    "maidstone-thanet-and-tunbridge-wells": 1,
}


@pytest.mark.parametrize(
    ("name", "right"),
    [("unseen_promises", 20), ("second_unseen_promises", 24), ("third_unseen_promises", 17)],
)
def test_an_unseen_paper_is_read_right_or_left_to_a_person(
    told: Told, name: str, right: int
) -> None:
    """Each was judged by hand before any rule had read it."""
    content = (UNSEEN / f"{name}.txt").read_bytes()
    assert all(
        section.is_placed for section in read_document(content, registers=registers()).sections
    )
    land(told, content)
    found = {
        promise_id.partition(":")[2]: (line, due_on, reported)
        for promise_id, (_, line, due_on, reported, _) in shown(told).items()
    }
    expected = {
        row["promise"]: (row["line"], row["due_on"], row["reported"])
        for row in by_hand(UNSEEN / f"{name}.csv")
    }
    assert found.keys() == expected.keys()
    wrong = {
        promise: (found[promise], row)
        for promise, row in expected.items()
        if found[promise] != row and found[promise] != (*row[:2], "unclear")
    }
    assert wrong == {}
    assert sum(row == expected[promise] for promise, row in found.items()) >= right


def test_a_promise_keeps_its_name_when_a_sentence_is_put_before_it(told: Told) -> None:
    before = PLANS | {"dfe": f"DfE will write to nurseries. {PLANS['dfe']}"}
    later = paper(entries(("plan", 2014, before)), updated_on=SECOND, action=14)
    land(told, V1, later)
    names = [
        told.ask(
            "select promise_id from promises_as_of("
            f"timestamptz '{moment} 00:00:00+00') where promise like '%register of nursery%'"
        )
        for moment in (AT_FIRST, AT_SECOND)
    ]

    assert names[0] == names[1]
    assert len(names[0]) == 1


def test_a_section_that_is_printed_twice_promises_what_is_in_both(told: Told) -> None:
    events, _ = read_report(V1, name="1.txt", registers=registers())
    (said,) = (event for event in events if event["data"].get("department_id") == "dfe")
    sentences = [
        sentence | {"passage": f"f{sentence['passage'][1:]}", "text": "DfE will open a nursery."}
        for sentence in said["data"]["sentences"]
    ]
    again = said["data"] | {"statement_id": "again", "line": 900, "sentences": sentences}
    told.stage(
        [*events, said | {"id": "again", "data": again}],
        recorded_at=f"{AT_FIRST} 02:00:00+00",
        commit=1,
        name="1.txt",
    )
    told.tell()
    rows = told.ask(
        f"select promise from promises_as_of(timestamptz '{NOW} 00:00:00+00')"
        " where department_id = 'dfe' order by all"
    )

    assert [promise for (promise,) in rows] == [
        "DfE will open a nursery.",
        "DfE will publish its register of nursery inspections by June 2014.",
    ]


def test_a_review_holds_for_a_sentence_that_is_printed_twice_in_its_section(told: Told) -> None:
    twice = PLANS | {"dft": f"{PLANS['dft']} {PLANS['dft']}"}
    land(told, paper(entries(("plan", 2014, twice)), updated_on=FIRST, action=14))
    told.connection.execute(REVIEWED, ["no_test"])
    rows = told.ask(
        "select promise_id, promise, reported"
        f" from promises_as_of(timestamptz '{NOW} 00:00:00+00') where department_id = 'dft'"
    )

    assert rows == [("action-14:dft:plan-2014:1", "In our words.", "no_test")]
