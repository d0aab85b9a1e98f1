"""Verdicts on what reports claim, of one night on the real documents and the real vintages."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from core.errors import UsageError
from core.settings import Settings
from publish.pages import claims as claims_page
from takeup import nightly
from tests.support.shared import seed_documents

A8, A9, A15 = "action-8-2015-01-16:", "action-9-2015-01-16:", "action-15-2015-01-16:"
STRATEGY, KENT = (
    "government-digital-strategy-2012-11:",
    "report-outlines-ways-to-tackle:report-outlines-ways-to-tackle:",
)
SPS = "single-payment-scheme-claims:digital_take_up:"
WASTE = "registration-of-waste-carriers-brokers-and-dealers:digital_take_up:"
JSA = "jobseekers-allowance-new-claims:"
SERVICES = STRATEGY + "executive-summary:transactional-services:"

# Claim, verdict, what is measured to four places (a value, or both bounds), the nearest thing.
MEASURED = [
    (A8 + "defra:progress-2013:" + SPS + "1", "agrees", (0.5434,), None),
    (A8 + "defra:progress-2013:" + SPS + "2", "not_measurable", (), 0.4057),
    (A8 + "defra:progress-2014:" + SPS + "1", "agrees_truncated", (0.686,), None),
    (A8 + "defra:progress-2014:" + SPS + "2", "agrees", (0.5434,), None),
    (A8 + "defra:plan-2014:" + WASTE + "1", "agrees", (0.9788,), None),
    (A8 + "defra:plan-2014:" + WASTE + "2", "differs", (1.0,), None),
    (A8 + "defra:progress-2014:" + WASTE + "1", "agrees", (0.9788,), None),
    (A8 + "defra:progress-2014:" + WASTE + "2", "differs", (0.9788,), None),
    (A8 + "dwp:progress-2013:" + JSA + "target_met_early:1", "not_measurable", (), 0.8156),
    (A8 + "dwp:progress-2014:" + JSA + "digital_take_up:1", "not_measurable", (0, 0.8923), 0.8721),
    (
        A8 + "dwp:progress-2014:state-pension-new-claims:digital_take_up:1",
        "differs",
        (0, 0.2573),
        None,
    ),
    (
        A8 + "dwp:progress-2014:carers-allowance-new-claims:digital_take_up:1",
        "agrees",
        (0.5354,),
        None,
    ),
    (
        A8 + "dft:progress-2014:practical-driving-test-booking:digital_take_up:1",
        "agrees",
        (0.9655,),
        None,
    ),
    (
        A8 + "moj:progress-2014:prison-visit-booking:digital_take_up:1",
        "not_measurable",
        (),
        0.3263,
    ),
    (A8 + "moj:progress-2014:prison-visit-booking:digital_take_up:2", "not_measurable", (), 0.163),
    (A8 + "co:progress-2014:applications:applications:1", "agrees", (2747361, 2806139), None),
    (A8 + "home-office:progress-2014:visa-applications:applications:1", "not_measurable", (), None),
    (
        A8 + "bis:progress-2013:companies-house-digital-services:digital_enablement:1",
        "not_measurable",
        (),
        0.8207,
    ),
    # Too little of the Foreign Office is measured in 2013 for its take-up to stand beside a claim.
    (
        A8 + "fco:progress-2013:fco-global-customer-base:customers_served:1",
        "not_measurable",
        (),
        None,
    ),
    (A8 + "fco:progress-2013:contact:contact_signposted:1", "not_measurable", (), None),
    (
        A8 + "mod:commitment-2012:traditional-offline-channels:offline_channels_closed:1",
        "not_measurable",
        (),
        None,
    ),
    (SERVICES + "services:1", "not_measurable", (601, 809), None),
    (SERVICES + "services_mostly_digital:1", "differs", (100, 533), None),
    (SERVICES + "services_without_digital_option:1", "not_measurable", (0.248, 0.7823), None),
    (
        STRATEGY + "redesign-transactional-services-to-meet:central-government-transactions:"
        "share_of_transactions:1",
        "agrees",
        (0.9788,),
        None,
    ),
]

# Claims that nothing here can measure, with a word of the reason.
UNMEASURABLE = [
    (STRATEGY + "executive-summary:uk-population:people_online:1", "businesses"),
    (STRATEGY + "executive-summary:services:savings:1", "costs"),
    (STRATEGY + "executive-summary:services:savings:2", "costs"),
    (STRATEGY + "redesign-transactional-services-to-meet:departments:departments:1", "counted"),
    (A15 + "dh:plan-2015:staff:staff_at_skill_level:1", "People"),
    (A15 + "dh:progress-2014:people:people_trained:1", "People"),
    (A8 + "dh:progress-2013:people:people_trained:1", "People"),
    (A8 + "dh:progress-2013:people:people_engaged:1", "People"),
    (A8 + "dh:plan-2014:people:people_reached:1", "People"),
    (A8 + "dh:plan-2014:centres:centres:1", "places"),
    (A8 + "dh:progress-2013:additional-nhs-healthcare-costs:cost:1", "Money"),
    (A15 + "dcms:progress-2014:vouchers:vouchers_issued:1", "vouchers"),
    (A15 + "dcms:progress-2014:vouchers:vouchers_available:1", "vouchers"),
    (A15 + "dcms:progress-2014:uk-premises:premises_reached:1", "premises"),
    (A15 + "dcms:plan-2015:uk-premises:premises_coverage:1", "premises"),
    (A15 + "bis:progress-2014:basic-digital-skills-training:funding:1", "Money"),
    (A15 + "bis:progress-2014:digital-inclusion-team:funding:1", "Money"),
    (A9 + "dwp:progress-2013:research-programme:funding:1", "Money"),
    (A9 + "dwp:progress-2013:projects:projects:1", "projects"),
    (A9 + "dwp:progress-2014:jobcentres:jobcentres:1", "places"),
    (A9 + "dwp:progress-2014:third-party-organisations:organisations:1", "Organisations"),
    (KENT + "benefit-claimants:claimants:1", "People"),
    (KENT + "organisations:organisations:1", "Organisations"),
    (KENT + "people:people_helped_online:1", "People"),
    (KENT + "people:people_skilled:1", "People"),
    (KENT + "people:people_helped:1", "People"),
    (KENT + "volunteer-digital-champions:digital_champions:1", "People"),
    (KENT + "recommendations:recommendations:1", "quantity"),
]


def verdict_on(published: duckdb.DuckDBPyConnection, figure_id: str) -> dict[str, object]:
    cursor = published.execute(
        "select * from figure_reconciliation where figure_id = ?", [figure_id]
    )
    rows = cursor.fetchall()
    assert len(rows) == 1, f"{figure_id} has {len(rows)} rows"
    return dict(zip([column[0] for column in cursor.description], rows[0], strict=True))


@pytest.mark.parametrize(("figure_id", "verdict", "measured", "nearest"), MEASURED)
def test_a_claim_is_held_against_the_data(
    published: duckdb.DuckDBPyConnection,
    figure_id: str,
    verdict: str,
    measured: tuple[float, ...],
    nearest: float | None,
) -> None:
    row = verdict_on(published, figure_id)
    assert row["verdict"] == verdict
    bounds = (row["measured_lower"], row["measured_upper"])
    expected = (measured[0], measured[-1]) if measured else (None, None)
    assert bounds == tuple(b if b is None else pytest.approx(b, abs=5e-5) for b in expected)
    assert (row["measured_value"] is not None) == (len(measured) == 1)
    assert row["nearest_value"] == (
        nearest if nearest is None else pytest.approx(nearest, abs=5e-5)
    )
    assert row["verdict"] == "agrees" or row["reason"]


@pytest.mark.parametrize(("figure_id", "word"), UNMEASURABLE)
def test_a_claim_that_nothing_measures_says_why(
    published: duckdb.DuckDBPyConnection, figure_id: str, word: str
) -> None:
    row = verdict_on(published, figure_id)
    assert row["verdict"] == "not_measurable"
    assert word in str(row["reason"])


def test_every_claim_of_a_report_has_a_rule(published: duckdb.DuckDBPyConnection) -> None:
    without = published.execute(
        """
        select figure_id from figure_reconciliation
        where reason like 'No register says what this metric could be held against%'
        """
    ).fetchall()
    assert without == []


def test_a_passage_in_two_documents_is_one_claim(published: duckdb.DuckDBPyConnection) -> None:
    found = published.execute(
        """
        select count(*), sum(citations_count), count(*) filter (citations_count = 2)
        from published_figures where claim_kind is not null
        """
    ).fetchone()
    assert found == (106, 114, 8)


def test_every_department_has_an_entry_for_every_year_of_an_action(
    published: duckdb.DuckDBPyConnection,
) -> None:
    found = published.execute(
        """
        select action, reported_year, count(*), count(commitment), count(planned), count(status)
        from commitments group by action, reported_year order by action, reported_year
        """
    ).fetchall()
    assert found == [
        (8, 2013, 17, 17, 0, 17),
        (8, 2014, 17, 17, 17, 17),
        (8, 2015, 17, 17, 17, 0),
        (9, 2013, 17, 17, 0, 17),
        (9, 2014, 17, 17, 17, 17),
        (9, 2015, 17, 17, 17, 0),
        (15, 2014, 17, 0, 0, 17),
        (15, 2015, 17, 0, 17, 0),
    ]


def test_the_cabinet_office_promised_three_exemplars_and_counts_one(
    published: duckdb.DuckDBPyConnection,
) -> None:
    found = published.execute(
        """
        select distinct promised_count, counted_2013, finding
        from exemplars where department_id = 'co'
        """
    ).fetchall()
    assert found == [(3, 1, "promised 3, counted 1 in 2013")]
    strategy = published.execute(
        "select count(distinct department_id) from exemplars where is_strategy_department"
    ).fetchone()
    assert strategy == (7,)


def test_the_page_is_what_the_published_file_says(published_vintages: Path) -> None:
    assert claims_page.PAGE.path.read_text(encoding="utf-8") == claims_page.page(published_vintages)


def test_a_home_that_published_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no published file"):
        claims_page.page(tmp_path / "takeup.duckdb")


CHANGED = {
    A8 + "defra:progress-2014:" + SPS + "1": ("SPS to 68%", "SPS to 69%", 0.69),
    A8 + "defra:progress-2014:" + WASTE + "2": ("95% in 2014", "93% in 2014", 0.93),
    A8 + "co:progress-2014:applications:applications:1": ("2 million app", "3 million app", 3e6),
}


@pytest.mark.slow
def test_a_copy_with_three_figures_changed_changes_three_claims(
    published_vintages: Path, tmp_path: Path
) -> None:
    later, landing = Settings(home=tmp_path / "home"), tmp_path / "landing"
    shutil.copytree(published_vintages.parent.parent, later.home)
    landing.mkdir()
    for path in seed_documents():
        before = path.read_text(encoding="utf-8")
        text = before
        for old, new, _ in CHANGED.values():
            text = text.replace(old, new)
        if text != before:
            (landing / "corrected.txt").write_text(text, encoding="utf-8")

    # What is published is the staging file as it stands after this.
    nightly.land(later, run_id="later", landing=landing)
    for step in (nightly.ingest, nightly.gate_log, nightly.build, nightly.gate_warehouse):
        step(later, run_id="later")

    def claims(file: Path) -> dict[str, list[object]]:
        with duckdb.connect(str(file), read_only=True) as connection:
            rows = connection.execute(
                """
                select figure_id, value, verdict
                from published_figures inner join figure_reconciliation using (figure_id)
                where claim_kind is not null
                """
            ).fetchall()
        return {figure_id: rest for figure_id, *rest in rows}

    first, second = claims(published_vintages), claims(later.staging_file)
    assert first.keys() == second.keys()
    differing = {name: said for name, said in second.items() if first[name] != said}
    assert differing == {
        figure_id: [value, verdict]
        for (figure_id, (_, _, value)), verdict in zip(
            CHANGED.items(), ("agrees", "differs", "differs"), strict=True
        )
    }
