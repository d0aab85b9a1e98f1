from __future__ import annotations

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spreadsheet import neutralise
from publish.pack_files import PackTable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+44 20", "'+44 20"),
        ("-see note", "'-see note"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\ttext", "'\ttext"),
        ("\rtext", "'\rtext"),
        ("\ntext", "'\ntext"),
        ("  =1", "'  =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("\u200b@x", "'\u200b@x"),
        ("\x00=1", "'\x00=1"),
        ("＝1+1", "'＝1+1"),  # noqa: RUF001
        ("＋1", "'＋1"),  # noqa: RUF001
        ("－1", "'－1"),  # noqa: RUF001
        ("＠x", "'＠x"),  # noqa: RUF001
        ("note;=1+1", "note;'=1+1"),
        ('note; "=1+1"', 'note; "\'=1+1"'),
        ("two\n=1", "two\n'=1"),
    ],
)
def test_what_a_spreadsheet_would_run_is_made_text(text: str, expected: str) -> None:
    assert neutralise(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "Waste carriers", "a = b", "3-5", "e-mail", "1.5", "'=kept", "x; y", "O'Neill; -"[:-1]],
)
def test_safe_text_stays_as_it_is(text: str) -> None:
    assert neutralise(text) == text


@given(st.text(alphabet=st.sampled_from("=+-@\t\r\n ;'\"a1\ufeff\u200b＝"), max_size=8))  # noqa: RUF001
def test_neutralising_twice_changes_nothing_more(text: str) -> None:
    once = neutralise(text)
    assert neutralise(once) == once
    assert not once.strip().startswith(("=", "+", "-", "@"))
    assert once.replace("'", "") == text.replace("'", ""), "only apostrophes are added"


def test_numbers_are_untouched_and_text_is_quoted_where_it_must_be() -> None:
    table = PackTable(
        name="t.csv",
        data=pa.table(
            {
                "count": [-5, None, 0],
                "ratio": [-0.25, 1e-05, 0.1],
                "note": ["-5", 'a "b", c', ""],
            }
        ),
    )
    content = table.csv
    assert content == (b'count,ratio,note\n-5,-0.25,\'-5\n,1e-05,"a ""b"", c"\n0,0.1,\n')
    assert list(csv.reader(io.StringIO(content.decode())))[2] == ["", "1e-05", 'a "b", c']
