"""Reports through time: what a later version of a paper does to what an earlier one said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import permutations
from pathlib import Path

import duckdb
import pytest

from ingest.sources.reports.digest import read_digest_text
from ingest.sources.reports.digest_events import read_digest
from tests.support.action_papers import Entries, paper
from tests.support.told_reports import Told

pytestmark = [pytest.mark.nights, pytest.mark.deep]

DWP = "Department for Work and Pensions"
DEFRA = "Department for Environment, Food and Rural Affairs"
FIRST, SECOND, THIRD = date(2015, 1, 16), date(2016, 1, 15), date(2017, 1, 20)
V1, V2, V3 = (f"action-8-{day}" for day in (FIRST, SECOND, THIRD))
AT_FIRST, AT_SECOND, NOW = "2015-06-01", "2016-06-01", "2029-01-01"

OF_2014: Entries = {
    (DWP, "commitment", 2012): "Staff in jobcentres will show people what can be done online.",
    (DWP, "progress", 2014): (
        "Take-up of Carer's Allowance new claims was 54% in 2014. "
        "Posters went up in 400 jobcentres."
    ),
    (DWP, "plan", 2015): "A film about Carer's Allowance will be shown in jobcentres.",
    (DEFRA, "progress", 2014): (
        "Digital take-up of the Single Payment Scheme was 68% in 2014. We trained 36,000 people."
    ),
    (DEFRA, "plan", 2015): "Rural shows will have a stand about online services.",
}
OF_2015: Entries = {
    (DWP, "progress", 2015): "The film was shown in 300 jobcentres.",
    (DWP, "plan", 2016): "The film will be shown in libraries.",
    (DEFRA, "progress", 2015): "Two rural shows had a stand.",
    (DEFRA, "plan", 2016): "There will be a stand at every rural show.",
}
OF_2016: Entries = {
    (DWP, "progress", 2016): "The film was shown in libraries.",
    (DEFRA, "progress", 2016): "Every rural show had a stand.",
}


def by_department(*parts: Entries, **changes: str) -> Entries:
    """Entries of several years in the order in which a paper prints them, some with another text
    (`dwp_progress_2014`)."""
    every = {key: text for part in parts for key, text in part.items()}
    names = {"dwp": DWP, "defra": DEFRA}
    for name, text in changes.items():
        body, kind, year = name.split("_")
        every[names[body], kind, int(year)] = text
    order = {"commitment": 0, "plan": 1, "progress": 2}
    bodies = list(dict.fromkeys(body for body, _, _ in every))
    return dict(
        sorted(every.items(), key=lambda e: (bodies.index(e[0][0]), e[0][2], order[e[0][1]]))
    )


def without(entries: Entries, *keys: tuple[str, str, int]) -> Entries:
    return {key: text for key, text in entries.items() if key not in keys}


PAPERS = {
    V1: paper(by_department(OF_2014), updated_on=FIRST),
    V2: paper(by_department(OF_2014, OF_2015), updated_on=SECOND),
    V3: paper(by_department(OF_2014, OF_2015, OF_2016), updated_on=THIRD),
}
CORRECTED = OF_2014[DWP, "progress", 2014].replace("54%", "56%")
REVISED = paper(by_department(OF_2014, OF_2015, dwp_progress_2014=CORRECTED), updated_on=SECOND)


@pytest.fixture
def told(warehouse: duckdb.DuckDBPyConnection, empty_build: Path) -> Iterator[Told]:
    warehouse.begin()
    yield Told(warehouse, empty_build)
    warehouse.rollback()


def land(told: Told, *papers: bytes) -> Told:
    """Papers that land one night after the other."""
    for night, content in enumerate(papers, start=1):
        told.land(
            content,
            recorded_at=f"2027-01-{night:02} 02:00:00+00",
            commit=night,
            name=f"{night}.txt",
        )
    told.tell()
    return told


def commitments(told: Told, moment: str = NOW) -> list[tuple[object, ...]]:
    return told.ask(
        "select department_id, reported_year, document, progress_line, planned_document, status"
        f" from commitments_as_of(timestamptz '{moment} 00:00:00+00') order by all"
    )


def claims(told: Told, moment: str = NOW) -> list[tuple[object, ...]]:
    return told.ask(
        "select figure_id, document, value, citations, known_at::date"
        f" from published_figures_as_of(timestamptz '{moment} 00:00:00+00') order by all"
    )


def held(told: Told, moment: str = NOW) -> list[tuple[object, ...]]:
    return told.ask(
        "select check_id, input, what"
        f" from data_quality_as_of(timestamptz '{moment} 00:00:00+00') order by all"
    )


def revisions(told: Told, moment: str = NOW) -> list[tuple[object, ...]]:
    return told.ask(
        "select quantity, old_value, new_value, old_document, old_line, new_document, new_line,"
        " new_known_at::date, timing, round(relative_size, 3), figure_id"
        f" from revisions_as_of(timestamptz '{moment} 00:00:00+00') order by all"
    )


CARERS = "dwp:progress-2014:carers-allowance-new-claims:digital_take_up:1"


def claim(told: Told, moment: str = NOW, name: str = CARERS) -> tuple[object, ...]:
    """The claim of that name in the first version's progress."""
    (row,) = [row for row in claims(told, moment) if row[0] == f"{V1}:{name}"]
    return row


def test_a_later_version_takes_the_place_of_the_earlier_one_from_its_date_on(told: Told) -> None:
    land(told, PAPERS[V1], PAPERS[V2], PAPERS[V3])

    assert [row[:3] for row in commitments(told)] == [
        (body, year, V3) for body in ("defra", "dwp") for year in (2014, 2015, 2016)
    ]
    assert [row[:3] for row in commitments(told, AT_FIRST)] == [
        (body, year, V1) for body in ("defra", "dwp") for year in (2014, 2015)
    ]
    assert {row[2] for row in commitments(told, AT_SECOND)} == {V2}
    assert commitments(told, "2015-01-15") == []
    assert held(told) == []


def test_an_unchanged_claim_is_one_claim_that_every_version_is_cited_for(told: Told) -> None:
    land(told, PAPERS[V1])
    alone = claims(told)
    land(told, PAPERS[V1], PAPERS[V2])
    both = {row[0]: row for row in claims(told)}

    assert [row[0] for row in alone] == [
        f"{V1}:{name}"
        for name in (
            "defra:progress-2014:people:people_trained:1",
            "defra:progress-2014:single-payment-scheme-claims:digital_take_up:1",
            CARERS,
            "dwp:progress-2014:jobcentres:jobcentres:1",
        )
    ]
    assert both.keys() - {row[0] for row in alone} == {
        f"{V2}:dwp:progress-2015:jobcentres:jobcentres:1"
    }
    assert both[f"{V1}:{CARERS}"][1:] == (V2, 0.54, f"{V1} line 8; {V2} line 8", FIRST)
    assert claims(told, AT_FIRST) == alone
    assert revisions(told) == []


def test_a_changed_figure_is_a_revision_and_only_the_later_stands(told: Told) -> None:
    land(told, PAPERS[V1], REVISED, PAPERS[V3])

    stands = {moment: claim(told, moment)[1:3] for moment in (AT_FIRST, AT_SECOND, NOW)}
    assert stands == {AT_FIRST: (V1, 0.54), AT_SECOND: (V2, 0.56), NOW: (V3, 0.54)}
    changed = "stated_digital_take_up"
    there = (changed, 0.54, 0.56, V1, 8, V2, 8, SECOND, "with_scheduled_release", 0.037)
    back = (changed, 0.56, 0.54, V2, 8, V3, 8, THIRD, "with_scheduled_release", -0.036)
    assert revisions(told) == [(*there, f"{V1}:{CARERS}"), (*back, f"{V1}:{CARERS}")]
    assert revisions(told, AT_SECOND) == [(*there, f"{V1}:{CARERS}")]
    assert revisions(told, AT_FIRST) == []


def test_a_figure_that_is_added_before_another_of_the_same_thing_changes_neither(
    told: Told,
) -> None:
    before = "Take-up of Carer's Allowance new claims was 50% in 2014. "
    text = before + OF_2014[DWP, "progress", 2014]
    land(told, PAPERS[V1], paper(by_department(OF_2014, dwp_progress_2014=text), updated_on=SECOND))

    assert revisions(told) == []
    assert [row[:3] for row in claims(told) if "carers" in str(row[0])] == [
        (f"{V1}:{CARERS}", V2, 0.54),
        (f"{V2}:{CARERS}", V2, 0.5),
    ]


def test_what_a_later_version_no_longer_claims_is_no_claim_from_then_on(told: Told) -> None:
    silent = by_department(OF_2014, dwp_progress_2014="Posters went up in 400 jobcentres.")
    land(told, PAPERS[V1], paper(silent, updated_on=SECOND))

    assert f"{V1}:{CARERS}" in [row[0] for row in claims(told, AT_FIRST)]
    assert f"{V1}:{CARERS}" not in [row[0] for row in claims(told)]
    assert len(claims(told)) == 3
    assert held(told) == []


def test_a_version_in_which_no_figure_is_left_is_held(told: Told) -> None:
    scanned = {key: re.sub(r"\d+", "l0O", text) for key, text in OF_2014.items()}
    land(told, PAPERS[V1], paper(by_department(scanned, OF_2015), updated_on=SECOND))

    assert claims(told) == claims(told, AT_FIRST)
    ((check, name, what),) = held(told)
    assert (check, name) == ("report_reads_worse", "2.txt")
    assert "in 2 of its sections figures lost their service or period, or are all gone" in what


LOST = (DWP, "progress", 2014)
SHORT = paper(
    without(
        by_department(
            OF_2014,
            OF_2015,
            defra_progress_2014="Take-up of the Single Payment Scheme was 69% in 2014.",
        ),
        LOST,
    ),
    updated_on=SECOND,
)


def decide(told: Told, decision: str) -> None:
    told.connection.execute(
        "insert into as_of.version_decisions (document, decision) values (?, ?)", [V2, decision]
    )


def test_a_version_that_lacks_a_section_is_held_until_the_register_takes_it(told: Told) -> None:
    land(told, PAPERS[V1])
    first = commitments(told), claims(told)
    land(told, PAPERS[V1], SHORT)

    ((check_id, name, what),) = held(told)
    assert (check_id, name) == ("report_reads_worse", "2.txt")
    assert f"{V2} reads worse than {V1}" in str(what)
    assert "1 of its sections are missing, dwp:progress-2014 the first" in str(what)
    assert (commitments(told), claims(told)) == first
    assert revisions(told) == []
    assert held(told, AT_FIRST) == []

    decide(told, "taken")
    assert held(told) == []
    shown = {row[:2]: row[2:] for row in commitments(told)}
    assert shown["dwp", 2014] == (V1, 7, None, "done")
    assert shown["dwp", 2015][0] == shown["defra", 2014][0] == V2
    assert claim(told)[1] == V1
    assert [row[:3] for row in revisions(told)] == [("stated_digital_take_up", 0.68, 0.69)]
    assert (commitments(told, AT_FIRST), claims(told, AT_FIRST)) == first


def test_a_version_that_is_not_taken_counts_nowhere_and_is_not_warned_of(told: Told) -> None:
    land(told, PAPERS[V1], SHORT)
    first = commitments(told)
    decide(told, "not_taken")

    assert held(told) == []
    assert commitments(told) == first


def test_a_version_after_one_that_is_held_is_compared_with_the_last_that_was_taken(
    told: Told,
) -> None:
    land(told, PAPERS[V1], SHORT, PAPERS[V3])

    assert [row[1] for row in held(told)] == ["2.txt"]
    assert {row[2] for row in commitments(told)} == {V3}
    assert {row[2] for row in commitments(told, AT_SECOND)} == {V1}


TOOK = "Carer's Allowance took 200,000 applications online in 2014."


@pytest.mark.parametrize(
    "text",
    [
        "The department took 200,000 applications online in 2014.",
        "Carer's Allowance took 200,000 applications online in the summer.",
    ],
    ids=["service", "period"],
)
def test_a_version_whose_claims_lost_service_or_period_is_held(told: Told, text: str) -> None:
    first = paper(by_department(OF_2014, dwp_progress_2014=TOOK), updated_on=FIRST)
    land(told, first, paper(by_department(OF_2014, dwp_progress_2014=text), updated_on=SECOND))

    ((check_id, _, what),) = held(told)
    assert check_id == "report_reads_worse"
    assert "in 1 of its sections figures lost their service or period" in str(what)
    assert {row[2] for row in commitments(told)} == {V1}


def test_the_order_of_landing_does_not_matter(told: Told) -> None:
    found = set()
    for order in permutations([PAPERS[V1], REVISED, PAPERS[V3]]):
        told.connection.execute("delete from internal.stg_events__statement_published")
        told.connection.execute("delete from internal.stg_events__figure_published")
        land(told, *order)
        found.add(
            tuple(
                str(ask(told, moment))
                for ask in (commitments, claims, revisions)
                for moment in (AT_FIRST, AT_SECOND, NOW)
            )
        )

    assert len(found) == 1


def test_an_old_version_that_lands_after_a_newer_one_changes_the_past_only(told: Told) -> None:
    land(told, PAPERS[V2])
    alone = commitments(told), [row[1:3] for row in claims(told)]
    assert commitments(told, AT_FIRST) == []
    land(told, PAPERS[V2], PAPERS[V1])

    assert (commitments(told), [row[1:3] for row in claims(told)]) == alone
    assert {row[2] for row in commitments(told, AT_FIRST)} == {V1}


def test_a_corrected_copy_of_a_version_is_no_version(told: Told) -> None:
    corrected = paper(by_department(OF_2014, dwp_progress_2014=CORRECTED), updated_on=FIRST)
    land(told, PAPERS[V1], corrected)

    assert revisions(told) == []
    assert claim(told)[1:4] == (
        V1,
        0.56,
        f"{V1} line 8",
    )


def test_an_undated_paper_is_a_report_of_its_own(told: Told) -> None:
    undated = by_department(OF_2014, dwp_plan_2015="Since June 2014 there are posters.")
    land(told, PAPERS[V1], paper(undated, updated_on=None))

    assert told.ask(
        f"select distinct report, document from commitments_as_of(timestamptz '{NOW}') order by all"
    ) == [("action-8", V1), ("action-8-undated", "action-8")]


def test_a_review_holds_for_every_version_that_prints_the_same_words(told: Told) -> None:
    land(told, PAPERS[V1], REVISED)
    told.connection.execute("delete from as_of.commitment_reviews")
    told.connection.execute(
        "insert into as_of.commitment_reviews select report, document, department_id,"
        " reported_year, progress_hash, 'delayed', true, 'in our words'"
        f" from commitments_as_of(timestamptz '{AT_FIRST}') where reported_year = 2014"
    )
    query = (
        "select department_id, status, status_basis, progress_in_short"
        " from commitments_as_of(timestamptz '{}') where reported_year = 2014 order by all"
    )

    reviewed = ("delayed", "reviewed", "in our words")
    assert told.ask(query.format(AT_FIRST)) == [("defra", *reviewed), ("dwp", *reviewed)]
    assert told.ask(query.format(NOW)) == [("defra", *reviewed), ("dwp", "done", "rule", None)]


def test_what_the_registers_say_of_a_claim_holds_for_its_versions(told: Told) -> None:
    land(told, PAPERS[V1], REVISED)
    told.connection.execute(
        "insert into as_of.claim_rules by name select ? as figure_id, 'none' as measure,"
        " 'looked at in the second' as reason",
        [f"{V2}:{CARERS}"],
    )
    query = (
        "select reason from figure_reconciliation_as_of(timestamptz '{}')"
        f" where figure_id = '{V1}:{CARERS}'"
    )

    assert told.ask(query.format(NOW)) == [("looked at in the second",)]
    assert told.ask(query.format(AT_FIRST)) != [("looked at in the second",)]


def test_what_is_set_aside_is_no_version_from_then_on(told: Told) -> None:
    land(told, PAPERS[V1], REVISED)
    for table in ("report_statements", "report_figures"):
        told.connection.execute(
            f"update as_of.{table} set set_aside_at = '2028-01-01 00:00:00+00' where document = ?",
            [V2],
        )

    assert {row[2] for row in commitments(told, AT_SECOND)} == {V2}
    assert {row[2] for row in commitments(told, NOW)} == {V1}
    assert [len(revisions(told, moment)) for moment in (AT_SECOND, NOW)] == [1, 0]


DIGEST = """
document: action-8-2015-01-16
about: What departments tell people of what can be done online.
publisher: Cabinet Office
series: government-digital-strategy
action: 8
published_on: null
updated_on: 2015-01-16
date_precision: day
entries:
- section: dwp:progress-2014
  line: 7
  last_line: 8
  says: Take-up of one benefit, and posters.
  status: done
  numbers:
  - {line: 8, text: 54%, kind: claim, metric: digital_take_up,
     subject: 'Carer''s Allowance: new claims', service_id: dwp-carers-allowance-new-claims,
     qualifier: exact, value: 0.54, unit: ratio, claim_kind: outcome,
     start: 2014-01-01, end: 2014-12-31}
  - {line: 8, text: '400', kind: claim, metric: jobcentres, subject: jobcentres, qualifier: exact,
     value: 400, unit: count, claim_kind: outcome, start: 2014-01-01, end: 2014-12-31}
"""


def test_a_digest_is_the_version_that_it_is_of(told: Told) -> None:
    digest = read_digest(read_digest_text(DIGEST, name="digest.yml"), departments={"dwp": DWP})
    told.stage(digest, recorded_at="2027-01-01 02:00:00+00", commit=1, name="digest.yml")
    land(told, REVISED)

    assert claim(told)[1:4] == (
        V2,
        0.56,
        f"{V2} line 8",
    )
    assert claim(told, name="dwp:progress-2014:jobcentres:jobcentres:1")[3] == (
        f"{V1} line 8; {V2} line 8"
    )
    assert [row[:7] for row in revisions(told)] == [
        ("stated_digital_take_up", 0.54, 0.56, V1, 8, V2, 8)
    ]
    land(told, PAPERS[V1])
    assert len(commitments(told, AT_FIRST)) == 4
    assert told.ask(
        f"select distinct is_from_digest from commitments_as_of(timestamptz '{AT_FIRST}')"
    ) == [(False,)]
