"""The names by which a text may mean a service."""

from __future__ import annotations

from ingest.sources.reports.names import names_of_services
from tests.support.report_texts import read_claims

ALIASES = [("Kite money", "kites-new")]
PUBLISHED = [
    ("Kite Allowance: new claims", "kites-new"),
    ("Kite Allowance: existing claims", "kites-kept"),
    ("String permits: applications", "string-new"),
    ("String permits: checks by third parties", "string-checks"),
    ("Notices of flights over towns (NF12)", "notices"),
    ("Other services (towns)", "towns"),
    ("Other services (hills)", "hills"),
    ("Kite money", "money"),
]


def test_names_lose_their_colon_their_form_and_the_kind_of_transaction() -> None:
    names = dict(names_of_services(ALIASES, PUBLISHED))
    assert names["Kite Allowance: new claims"] == "kites-new"
    assert names["Kite Allowance new claims"] == "kites-new"
    assert names["Kite Allowance"] == "kites-new"
    assert names["Kite Allowance existing claims"] == "kites-kept"
    assert names["Notices of flights over towns"] == "notices"


def test_a_name_of_two_services_is_nobodys() -> None:
    names = dict(names_of_services(ALIASES, PUBLISHED))
    assert "String permits" not in names
    assert "Other services" not in names


def test_an_earlier_source_says_whose_a_name_is() -> None:
    assert dict(names_of_services(ALIASES, PUBLISHED))["Kite money"] == "kites-new"


def test_the_last_of_several_words_may_be_singular_or_plural() -> None:
    for said in ("Kite licence", "Kite licences", "kite licences"):
        (claim,) = read_claims(f"Take-up of {said} was 5%.").claims
        assert claim.service_id == "kites-licences"
