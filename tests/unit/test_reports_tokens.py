from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.reports.kinds import kind_of
from ingest.sources.reports.tokens import PATTERN, tokens_of


@pytest.mark.parametrize(
    ("text", "printed", "shape", "value", "unit"),
    [
        ("at 54% now", "54%", "percent", "0.54", "ratio"),
        ("at 19.2 % now", "19.2 %", "percent", "0.192", "ratio"),
        ("at 40 per cent", "40 per cent", "percent", "0.4", "ratio"),
        ("at forty percent", "forty percent", "percent", "0.4", "ratio"),
        ("by 3 percentage points", "3 percentage points", "percent", "3", "percentage_point"),
        ("got 1,234 of", "1,234", "count", "1234", "count"),
        ("got 1.5 million of", "1.5 million", "count", "1500000", "count"),
        ("got two million of", "two million", "count", "2000000", "count"),
        ("got twenty-five of", "twenty-five", "count", "25", "count"),
        ("got two hundred of", "two hundred", "count", "200", "count"),
        ("half a million", "half a million", "count", "500000", "count"),
        ("a quarter of a million", "a quarter of a million", "count", "250000", "count"),
        ("a dozen", "dozen", "count", "12", "count"),
        ("cost £2.10 each", "£2.10", "money", "2.10", "GBP"),
        ("cost £50k", "£50k", "money", "50000", "GBP"),
        ("cost £1.2bn", "£1.2bn", "money", "1200000000", "GBP"),
        ("cost 30 million pounds", "30 million pounds", "money", "30000000", "GBP"),
        ("some ?1.8 billion", "?1.8 billion", "money", "1800000000", "GBP"),
        ("cost $30", "$30", "money", "30", "USD"),
        ("over half of", "half", "fraction", "0.5", "ratio"),
        ("three-quarters of", "three-quarters", "fraction", "0.75", "ratio"),
        ("two thirds of", "two thirds", "fraction", str(Decimal(2) / 3), "ratio"),
        ("nine out of ten", "nine out of ten", "fraction", "0.9", "ratio"),
        ("1 in 5 of", "1 in 5", "fraction", "0.2", "ratio"),
        ("1 month early", "1 month", "duration", "1", "month"),
        ("a 2-year plan", "2-year", "duration", "2", "year"),
        ("in 2014 it", "2014", "year", "2014", "count"),
    ],
)
def test_values(text: str, printed: str, shape: str, value: str, unit: str) -> None:
    (token,) = tokens_of(text)
    assert (token.text, token.shape, token.unit) == (printed, shape, unit)
    assert token.value == Decimal(value)


@pytest.mark.parametrize(
    ("text", "resolution"),
    [("54%", "0.01"), ("19.2%", "0.001"), ("28,100", "1"), ("1.5 million", "100000")],
)
def test_resolution_is_a_unit_of_the_last_digit(text: str, resolution: str) -> None:
    assert tokens_of(text)[0].resolution == Decimal(resolution)


def test_a_range_shares_magnitude_and_unit() -> None:
    assert [token.value for token in tokens_of("between £1.7 and £1.8 billion")] == [
        Decimal("1.7e9"),
        Decimal("1.8e9"),
    ]
    assert [token.value for token in tokens_of("20 to 30%")] == [Decimal("0.2"), Decimal("0.3")]
    assert [token.value for token in tokens_of("10-15%")] == [Decimal("0.1"), Decimal("0.15")]
    assert [token.value for token in tokens_of("3 boats and 2 million")] == [3, Decimal(2_000_000)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("on 16 January", "date"),
        ("in mid-January 2014", "date"),
        ("the first quarter of the year", "date"),
        ("in Q3 it", "date"),
        ("on 03/04/2014 it", "date"),
        ("in 2013/14 it", "financial_year"),
        ("Since 2014 it", "year"),
        ("for London 2012 it", "name"),
        ("with COVID-19 it", "name"),
        ("in Action 8 it", "action_number"),
        ("at level 7 it", "level"),
        ("in Annex 2 it", "label"),
        ("for Phase 1 boats", "label"),
        ("no-one came", "idiom"),
        ("one of them", "idiom"),
        ("a third party", "idiom"),
        ("a two-way street", "idiom"),
        ("not at all", "idiom"),
        ("all year round", "idiom"),
        ("a single view", "idiom"),
        ("the first boat", "ordinal"),
        ("all users came", "generality"),
        ("not all services", "generality"),
        ("for the next 12 months", "duration"),
        ("see www.example.org/2014", "address"),
        ("2012 applications came", "undecided"),
        ("all quokkas came", "undecided"),
    ],
)
def test_numbers_that_are_no_claims(text: str, kind: str) -> None:
    token = tokens_of(text)[0]
    assert kind_of(text, token, named=[]) == kind


@pytest.mark.parametrize("text", ["2013 to 2014", "2013-14"])
def test_both_halves_of_a_financial_year(text: str) -> None:
    assert {kind_of(text, token, named=[]) for token in tokens_of(text)} == {"financial_year"}


def test_years_far_apart_are_years() -> None:
    text = "from 2010 to 2015"
    assert [kind_of(text, token, named=[]) for token in tokens_of(text)] == ["year", "year"]


@given(st.text(alphabet="0123456789,. %£km-/abAllhfone thirdquartmixyw", max_size=60))
def test_no_digit_is_passed_over(text: str) -> None:
    covered = {at for token in tokens_of(text) for at in range(token.start, token.end)}
    assert all(at in covered for at, letter in enumerate(text) if letter in "0123456789")


def test_every_rule_for_numbers_is_reached() -> None:
    samples = {
        "address": "x@y.z",
        "years": "2013/14",
        "parted": "12 345",
        "slashed": "1/2/2013",
        "money": "£1",
        "percent": "1%",
        "ordinal_digits": "1st",
        "duration": "1 day",
        "one_in": "1 in 5",
        "count": "1",
        "half_magnitude": "half a million",
        "part_of_year": "last quarter",
        "fraction": "half",
        "code": "WW1",
        "cardinal": "one",
        "dozen": "dozen",
        "ordinal": "first",
        "quarter_word": "quarters",
        "universal": "all",
        "single": "single",
        "quantity_word": "handful",
    }
    found = {match.lastgroup for text in samples.values() for match in PATTERN.finditer(text)}
    assert found == set(samples) == set(PATTERN.groupindex)
