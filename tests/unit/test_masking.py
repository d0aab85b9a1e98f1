"""Masking: forbidden values go, everything else stays byte for byte."""

from __future__ import annotations

import re

import pytest

from core.sql import quote
from ingest.validation.masking import folded_field_name, mask, may_mention

FORBIDDEN = frozenset({"nino", "email", "address", "first_name"})
KEY = b"k" * 32
SECRET = "kept-by-nobody"
DIGEST = re.compile(r'"masked:[0-9a-f]{32}"')


def masked(raw: str) -> str:
    """The masked text, with M for every digest."""
    return DIGEST.sub("M", mask(raw, forbidden=FORBIDDEN, key=KEY))


EXACT = {
    '{"nino":"kept-by-nobody"}': '{"nino":M}',
    '{"a":1.10,  "NINO" : "kept-by-nobody" ,"b":[ ]}': '{"a":1.10,  "NINO" : M ,"b":[ ]}',
    '{"x":[{"nino":"kept-by-nobody"},{"nino":1}]}': '{"x":[{"nino":M},{"nino":M}]}',
    '{"address":{"email":"kept-by-nobody"},"b":1}': '{"address":M,"b":1}',
    '{"nino":["kept-by-nobody",{"a":"kept-by-nobody"}],"b":1}': '{"nino":M,"b":1}',
    '{"nino":null,"email":true,"address":-1.5e3}': '{"nino":M,"email":M,"address":M}',
    '{"n\\u0069no":"kept-by-nobody"}': '{"n\\u0069no":M}',
    '{"First-Name":"kept-by-nobody"}': '{"First-Name":M}',
    '{"firstName ":"kept-by-nobody"}': '{"firstName ":M}',
    '{"nino":"a\\"kept-by-nobody"}': '{"nino":M}',
    '{"x":"nino: kept","nino":"kept-by-nobody"}': '{"x":"nino: kept","nino":M}',
    '{"x":"\\ud800","nino":"kept-by-nobody"}': '{"x":"\\ud800","nino":M}',
    '{"x":NaN,"nino":"kept-by-nobody"}': '{"x":NaN,"nino":M}',
    '[{"nino":"kept-by-nobody"}]': '[{"nino":M}]',
}
UNTOUCHED = [
    "",
    "kept-by-nobody",
    '{"a":"nino"}',
    '{"a":"nino: 1"}',
    '{"ninos":"x","xnino":"y","nino_kind":"z"}',
    '["nino","email"]',
    '{"nino"',
    "nino",
]
TORN = [
    '{"data":{"nino":"kept-by-nobody',
    '{"data":{"nino":"kept-by-nobody"',
    '{"data":{"nino": "kept-by-nobody\\',
    '{"address":{"line":"1","town":"kept-by-nobody',
    '{"address":["1","kept-by-nobody"',
    '{"a":,"nino":"kept-by-nobody"}',
    '{"nino":"kept-by-nobody"}}',
    '{"nino":"kept-by-nobody",}',
    "{'nino':'kept-by-nobody'}",
    '{nino:"kept-by-nobody"}',
    "{nino: kept-by-nobody}",
    "nino=kept-by-nobody&x=1",
    "nino = kept-by-nobody; x=1",
    '{"n\\u0069no": kept-by-nobody}',
    '{"nino":"O"kept-by-nobody","x":1}',
    '{"nino":"a", "email":"kept-by-nobody" "x"}',
    '"{""nino"":""kept-by-nobody""}"',
    '{"nino":"\tkept-by-nobody"}',
    '{"nino":' + "[" * 5000 + '"kept-by-nobody"' + "]" * 5000 + "}",
    "[" * 5000 + '{"nino":"kept-by-nobody"}' + "]" * 5000,
]


@pytest.mark.parametrize("raw", EXACT)
def test_in_json_just_the_value_goes(raw: str) -> None:
    assert masked(raw) == EXACT[raw]


@pytest.mark.parametrize("raw", UNTOUCHED)
def test_what_names_no_forbidden_field_is_untouched(raw: str) -> None:
    assert mask(raw, forbidden=FORBIDDEN, key=KEY) == raw


@pytest.mark.parametrize("raw", TORN)
def test_what_is_no_json_gives_nothing_away(raw: str) -> None:
    clean = mask(raw, forbidden=FORBIDDEN, key=KEY)
    assert SECRET not in clean
    assert "masked:" in clean


def test_what_stands_after_a_value_in_broken_text_is_kept_from_the_next_name_on() -> None:
    assert masked('{"a":,"nino":"kept-by-nobody","b":"kept"}') == '{"a":,"nino":M,"b":"kept"}'
    assert masked("nino=kept-by-nobody&x=1") == "nino=M&x=1"


def test_masking_twice_masks_the_mask() -> None:
    once = mask('{"nino":"a"}', forbidden=FORBIDDEN, key=KEY)
    assert masked(once) == '{"nino":M}'


def test_equal_values_have_equal_digests_under_one_key_only() -> None:
    def digest(raw: str, key: bytes = KEY) -> str:
        found = DIGEST.search(mask(raw, forbidden=FORBIDDEN, key=key))
        assert found is not None
        return found[0]

    assert digest('{"nino":"AB"}') == digest('{"email" : "\\u0041B"}')
    assert digest('{"nino":{"a":1,"b":2}}') == digest('{"nino":{"b": 2,"a": 1}}')
    assert digest('{"nino":"AB"}') != digest('{"nino":"ab"}')
    assert digest('{"nino":"AB"}') != digest('{"nino":"AB"}', b"x" * 32)


def test_a_very_long_line_is_masked_in_reasonable_time() -> None:
    raw = '{"pad":"' + "p" * 1_000_000 + '","nino":"kept-by-nobody'
    assert SECRET not in mask(raw, forbidden=FORBIDDEN, key=KEY)


@pytest.mark.parametrize(
    ("name", "folded"),
    {
        "nino": "nino",
        "NI-Number": "ninumber",
        "ni_number": "ninumber",
        "niNumber": "ninumber",
        " Ni  Number ": "ninumber",
        "\uff4e\uff49\uff4e\uff4f": "nino",
        "Stra\u00dfe": "strasse",
        "": "",
    }.items(),
)
def test_names_are_compared_without_case_and_signs(name: str, folded: str) -> None:
    assert folded_field_name(name) == folded


def test_every_text_that_is_masked_is_found_by_sql() -> None:
    import duckdb

    condition = may_mention("kept", forbidden=FORBIDDEN)
    with duckdb.connect() as connection:
        for raw in (*EXACT, *TORN):
            found = connection.execute(
                f"select {condition} from (select {quote(raw)} as kept)"
            ).fetchone()
            assert found == (True,), raw
        plain = '{"specversion":"1.0","id":"a","data":{"channel":"online"}}'
        assert connection.execute(
            f"select {condition} from (select {quote(plain)} as kept)"
        ).fetchone() == (False,)
