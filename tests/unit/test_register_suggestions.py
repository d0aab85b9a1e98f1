"""Which registered name a printed one is taken for, and how refusals say what is not known."""

from __future__ import annotations

import pytest

from core.registers import body_key
from takeup.register_suggestions import closest
from takeup.unknown_names import unknown_value

DEPARTMENTS = (
    "Department of Health",
    "Department for Communities and Local Government",
    "Department for Culture, Media and Sport",
    "Department for International Development",
    "Department for Work and Pensions",
    "Home Office",
    "HM Treasury",
)


@pytest.mark.parametrize(
    ("printed", "taken_for"),
    [
        ("Department of Health and Social Care", "Department of Health"),
        ("Ministry of Housing, Communities and Local Government", DEPARTMENTS[1]),
        ("Department for Digital, Culture, Media & Sport", DEPARTMENTS[2]),
        ("Dept for Work & Pensions", DEPARTMENTS[4]),
        ("Department for Wrok and Pensions", DEPARTMENTS[4]),
        ("Home Department", "Home Office"),
        ("Department for International Trade", None),
        ("Department for Exiting the European Union", None),
        ("Office for Paperwork", None),
        ("", None),
    ],
)
def test_a_department_is_taken_for_the_one_whose_words_it_has(
    printed: str, taken_for: str | None
) -> None:
    assert closest(printed, DEPARTMENTS, may_be_part=True) == taken_for


@pytest.mark.parametrize(
    ("printed", "taken_for"),
    [
        ("web site", "website"),
        ("telephones", "telephone"),
        ("paper forms", "paper form"),
        ("carrier pigeon", None),
        # One word of several is no spelling of it.
        ("paper", None),
    ],
)
def test_a_word_is_taken_for_one_that_is_spelt_nearly_so(
    printed: str, taken_for: str | None
) -> None:
    assert closest(printed, ["website", "telephone", "paper form"]) == taken_for


@pytest.mark.parametrize(
    ("detail", "found"),
    [
        ("data.service_id is not known: a: b", ("service", "a: b")),
        ("data.channel is not known: fax", ("channel", "fax")),
        ("data.barrier is not known: fog", ("barrier", "fog")),
        ("data.reason is not known: boredom", ("contact_reason", "boredom")),
        ("service_id 'dwp-new'", ("service", "dwp-new")),
        ("department_id 'mhclg'", ("department_id", "mhclg")),
        ("breakdown 'fax'", ("channel", "fax")),
        ("dataType 'visits' is not in platform_data_types", ("data_type", "visits")),
        ("'Bo''s' is in neither services nor service_aliases", ("service", "Bo''s")),
        ("'total' is not in channel_aliases", ("channel", "total")),
        ("data.outcome is not known: lost", None),
        ("something else", None),
    ],
)
def test_a_refusal_says_what_is_not_known(detail: str, found: tuple[str, str] | None) -> None:
    assert unknown_value(detail) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HM Revenue & Customs", "HM Revenue and Customs"),
        ("The Department for Culture Media and Sport", "Department for Culture, Media and Sport"),
        ("Law Officers’ departments", "Law Officers' Departments"),
        ("MOD", "MoD"),
    ],
)
def test_names_of_bodies_are_one_whatever_their_punctuation(one: str, other: str) -> None:
    assert body_key(one) == body_key(other)
    assert body_key(one) != body_key(f"{one} Group")
