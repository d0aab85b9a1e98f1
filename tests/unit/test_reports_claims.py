"""Claims in sentences that no source document holds: fields by rule, or undecided with a reason."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingest.sources.reports import Claim, Document
from ingest.sources.reports.figures import MAXIMUM_SENTENCE, sentences_of
from tests.support.report_texts import read_claims

YEAR_2013 = ("2013-01-01", "2013-12-31")


def only(document: Document) -> Claim:
    (claim,) = document.claims
    return claim


def dates(claim: Claim) -> tuple[str, str] | None:
    return (str(claim.period.start), str(claim.period.end)) if claim.period else None


KITES, KITE_ID, TAKE_UP = "Kite licences", "kites-licences", "digital_take_up"
THE_DEPARTMENT = "Department for Kites"


@pytest.mark.parametrize(
    ("sentence", "metric", "subject", "service_id", "value"),
    [
        ("Take-up of Kite licences is 54%.", TAKE_UP, KITES, KITE_ID, "0.54"),
        ("KLO uptake reached three-quarters.", TAKE_UP, KITES, KITE_ID, "0.75"),
        ("Half of kite licence renewals were made online.", TAKE_UP, KITES, KITE_ID, "0.5"),
        ("Take-up of string permits was 12%.", TAKE_UP, "string permits", None, "0.12"),
        ("Nine in ten bookings are made online.", TAKE_UP, "bookings", None, "0.9"),
        ("A tenth of users of Kite licences used online forms.", TAKE_UP, KITES, KITE_ID, "0.1"),
        ("User satisfaction with KLO was 88%.", "user_satisfaction", KITES, KITE_ID, "0.88"),
        ("The completion rate of KLO is 93.4%.", "completion_rate", KITES, KITE_ID, "0.934"),
        ("It had 17% of staff at that level.", "staff_at_skill_level", "staff", None, "0.17"),
        ("KLO had 1,200 applications.", "applications", "applications", KITE_ID, "1200"),
        ("It trained 300 people.", "people_trained", "people", None, "300"),
        ("It helped 300 people to get online.", "people_helped_online", "people", None, "300"),
        ("It reached 2 million people.", "people_reached", "people", None, "2000000"),
        ("It has 3 exemplar services.", "exemplars", "exemplar services", None, "3"),
        ("It has a single exemplar.", "exemplars", "exemplar", None, "1"),
        ("It has 4 regional centres.", "centres", "regional centres", None, "4"),
        ("It issued 40 vouchers.", "vouchers", "vouchers", None, "40"),
        ("It had 40 vouchers issued.", "vouchers_issued", "vouchers", None, "40"),
        ("The number of calls received was about 900.", "calls", "calls", None, "900"),
        ("It funded string with £30,000.", "funding", THE_DEPARTMENT, None, "30000"),
        ("It invested £2m to provide lessons.", "funding", "lessons", None, "2000000"),
        ("Printing costs were £4.50.", "cost", "Printing costs", None, "4.5"),
        ("It saved £1.2bn.", "savings", THE_DEPARTMENT, None, "1200000000"),
        ("KLO met its target 2 months early.", "target_met_early", KITES, KITE_ID, "2"),
        ("All its services have an exit survey.", "exit_survey", "services", None, "1"),
        ("Every new form was tested.", "applies_to_all", "new form", None, "1"),
        ("The majority of permits were sent online.", TAKE_UP, "permits", None, "0.5"),
    ],
)
def test_metric_subject_service_and_value(
    sentence: str, metric: str, subject: str, service_id: str | None, value: str
) -> None:
    claim = only(read_claims(sentence))
    assert (claim.metric, claim.subject, claim.service_id) == (metric, subject, service_id)
    assert claim.value == Decimal(value)
    assert claim.claim_kind == "outcome"


@pytest.mark.parametrize(
    ("words", "qualifier"),
    [
        ("54%", "exact"),
        ("around 54%", "around"),
        ("approximately 54%", "around"),
        ("over 54%", "over"),
        ("just over 54%", "over"),
        ("more than 54%", "over"),
        ("in excess of 54%", "over"),
        ("above 54%", "above"),
        ("at least 54%", "at_least"),
        ("no less than 54%", "at_least"),
        ("up to 54%", "up_to"),
        ("under 54%", "under"),
        ("less than 54%", "under"),
        ("nearly 54%", "around"),
    ],
)
def test_qualifiers(words: str, qualifier: str) -> None:
    assert only(read_claims(f"Take-up of Kite licences was {words}.")).qualifier == qualifier


def test_a_range_is_two_claims() -> None:
    low, high = read_claims("It saved between £2.7 and £2.8 billion a year.").claims
    assert (low.qualifier, low.value, low.per) == ("from", Decimal("2700000000"), "year")
    assert (high.qualifier, high.value, high.per) == ("up_to", Decimal("2800000000"), "year")


def test_from_and_to_with_their_own_years() -> None:
    to, from_ = read_claims("Take-up of Kite licences rose to 54% (up from 40% in 2012).").claims
    assert (to.direction, to.value, dates(to)) == ("to", Decimal("0.54"), YEAR_2013)
    assert (from_.direction, from_.value, dates(from_)) == (
        "from",
        Decimal("0.4"),
        ("2012-01-01", "2012-12-31"),
    )


def test_from_one_to_another_is_no_range() -> None:
    from_, to = read_claims("Take-up of Kite licences rose from 40% to 54%.").claims
    assert (from_.direction, from_.qualifier) == ("from", "exact")
    assert (to.direction, to.qualifier) == ("to", "exact")


def test_a_change_is_not_a_level() -> None:
    change, level = read_claims(
        "Take-up of Kite licences rose by 12 percentage points to 58%."
    ).claims
    assert (change.metric, change.value, change.unit) == (
        "digital_take_up_change",
        Decimal(12),
        "percentage_point",
    )
    assert (level.metric, level.value) == ("digital_take_up", Decimal("0.58"))


@pytest.mark.parametrize(
    ("before", "after", "period", "due_on"),
    [
        ("", "was 5%", YEAR_2013, None),
        ("In May ", "was 5%", ("2013-05-01", "2013-05-31"), None),
        ("", "was 5% in May 2012", ("2012-05-01", "2012-05-31"), None),
        ("Between May and July 2013 ", "was 5%", ("2013-05-01", "2013-07-31"), None),
        ("From May to July 2013 ", "was 5%", ("2013-05-01", "2013-07-31"), None),
        ("Between 2010 and 2012 ", "was 5%", ("2010-01-01", "2012-12-31"), None),
        ("In 2013 to 2014 ", "was 5%", ("2013-04-01", "2014-03-31"), None),
        ("In 2013/14 ", "was 5%", ("2013-04-01", "2014-03-31"), None),
        ("", "was 5% in the first quarter of 2013", ("2013-01-01", "2013-03-31"), None),
        ("By mid-June ", "was 5%", ("2013-06-15", "2013-06-15"), None),
        ("By the end of the year ", "was 5%", ("2013-12-31", "2013-12-31"), None),
        ("On 3 June 2013 ", "was 5%", ("2013-06-03", "2013-06-03"), None),
        ("", "will be 5% by June 2015", None, "2015-06-30"),
        ("By the end of 2013 ", "will be 5%", None, "2013-12-31"),
        ("", "was 5%, against the 5% of May 2012", YEAR_2013, None),
    ],
)
def test_periods_and_due_dates(
    before: str, after: str, period: tuple[str, str] | None, due_on: str | None
) -> None:
    claim = read_claims(f"{before}take-up of Kite licences {after}.").claims[0]
    assert dates(claim) == period
    assert (str(claim.due_on) if claim.due_on else None) == due_on


@pytest.mark.parametrize(
    ("section", "sentence", "kind", "period"),
    [
        ("Plans for 2014", "Take-up of KLO: 5%.", "target", ("2014-01-01", "2014-12-31")),
        ("Plans for 2014", "Take-up of KLO is currently 5%.", "outcome", None),
        ("Commitments (2012)", "Take-up of KLO: 5%.", "target", None),
        ("Progress during 2013", "It aims at 5% take-up of KLO.", "target", None),
        ("Progress during 2013", "It passed its target of 5% take-up of KLO.", "target", None),
        ("Progress during 2013", "Take-up of KLO is 5%.", "outcome", YEAR_2013),
    ],
)
def test_targets_and_outcomes(
    section: str, sentence: str, kind: str, period: tuple[str, str] | None
) -> None:
    claim = only(read_claims(sentence, section=section))
    assert (claim.claim_kind, dates(claim)) == (kind, period)


def test_place_and_subject_are_the_identity() -> None:
    document = read_claims(
        "It had 100,000 transactions, helped 100,000 people and funded them with £100,000."
    )
    assert [(c.metric, c.unit) for c in document.claims] == [
        ("transactions", "count"),
        ("people_helped", "count"),
        ("funding", "GBP"),
    ]
    assert len({claim.figure_id for claim in document.claims}) == 3


def test_the_same_figure_twice_is_two_claims_with_two_identities() -> None:
    document = read_claims("Take-up of Kite licences was 5%.\nTake-up of Kite licences was 5%.")
    first, second = document.claims
    assert first.figure_id != second.figure_id
    assert first.passage == second.passage


def test_an_identity_survives_lines_added_above_it_and_another_value() -> None:
    claim = only(read_claims("Take-up of Kite licences was 5%."))
    moved = only(read_claims("\n\nTake-up of Kite licences was 7%."))
    assert claim.figure_id == moved.figure_id
    assert (claim.line, moved.line) == (5, 7)


def test_a_service_of_the_sentence_before_is_carried_by_what_it_received() -> None:
    claim = only(read_claims("Kite licences went live. It received over 2 million applications."))
    assert claim.service_id == "kites-licences"


def test_a_share_of_something_else_does_not_take_the_service_before_it() -> None:
    claim = only(read_claims("Kite licences went live. Half of string permits were made online."))
    assert (claim.subject, claim.service_id) == ("string permits", None)


def test_a_common_word_names_a_service_only_in_its_own_department() -> None:
    document = read_claims("Take-up of postcards was 5%.")
    assert only(document).service_id is None
    assert document.named == ()


def test_half_of_these_is_of_what_was_counted_before() -> None:
    _, half = read_claims(
        "It runs more than 650 old services. Half of these are without a digital option."
    ).claims
    assert (half.metric, half.subject) == ("services_without_digital_option", "old services")


def test_a_numbered_list_counts_what_it_lists() -> None:
    claim = only(read_claims("The recommendations are:\n1. Fly.\n2. Land.\n3. Rest."))
    assert (claim.metric, claim.value, claim.text) == ("recommendations", 3, "(list of 3)")


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("It is 54% better.", ["54%"]),
        ("Take-up is 54%.", ["54%"]),
        ("It has 4 kites.", ["4"]),
        ("It took 10 days.", ["10 days"]),
        ("The sum was £5.", ["£5"]),
        ("The 2012 applications were lost.", ["2012"]),
        ("All kites flew.", ["All"]),
        ("1 in 3 kites fell.", ["1 in 3"]),
    ],
)
def test_what_the_rules_cannot_decide_is_listed_with_its_place(
    sentence: str, numbers: list[str]
) -> None:
    document = read_claims(sentence)
    assert document.claims == ()
    assert [(p.line, p.why.split(":")[0]) for p in document.undecided] == [
        (5, number) for number in numbers
    ]
    assert all(problem.text in sentence for problem in document.undecided)


def test_a_sentence_that_runs_on_is_cut_between_words_and_loses_no_number() -> None:
    words = " ".join(f"and {number} kites" for number in range(1000, 2000))
    spans = sentences_of(words)
    assert "".join(words[start:end] for start, end in spans) == words
    assert max(end - start for start, end in spans) <= MAXIMUM_SENTENCE
    document = read_claims(words)
    assert [n.text for n in document.numbers if n.line == 5] == [str(n) for n in range(1000, 2000)]
