"""Rows of CSV: found before they are parsed, each one accounted for."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.refusals import FileRejected
from ingest.sources import csv_text

CELL = st.text(st.sampled_from('ab1 ,"\n\r;é\u2028'), max_size=6)
# Lines of a cell that look like rows are taken for rows, in a table of two columns soon.
ONE_LINE_OR_ONE_WORD = CELL.filter(lambda cell: not {"\n", ","} <= set(cell))


def read(text: str, *, block_bytes: int = 1 << 20) -> tuple[list[str], list[Any], list[Any]]:
    """Header; rows as (position, *cells); refusals as (position, text, reason)."""
    names, blocks = csv_text.open_rows(io.BytesIO(text.encode()), block_bytes=block_bytes)
    rows, refused = [], []
    for block in blocks:
        rows += [tuple(row.values()) for row in block.cells.to_pylist()]
        refused += [
            (row["position"], row["raw"], row["reason"]) for row in block.refused.to_pylist()
        ]
    return names, rows, refused


@given(
    st.lists(st.tuples(ONE_LINE_OR_ONE_WORD, ONE_LINE_OR_ONE_WORD), max_size=12),
    st.integers(1, 40),
    # Python's writer leaves a lone return unquoted where lines end with a newline only.
    st.sampled_from([("\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_MINIMAL)]),
)
def test_what_a_csv_writer_writes_is_read_back_whatever_the_blocks(
    rows: list[tuple[str, str]], block_bytes: int, style: tuple[str, Any]
) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator=style[0], quoting=style[1])
    writer.writerow(["left", "right"])
    writer.writerows(rows)

    names, found, refused = read(written.getvalue(), block_bytes=block_bytes)

    assert names == ["left", "right"]
    while rows and not "".join(rows[-1]).strip(' "\r\n'):
        rows.pop()
    assert [row[1:] for row in found] == rows
    assert [row[0] for row in found] == list(range(2, len(rows) + 2))
    assert refused == []


@given(st.text(st.sampled_from('a,"\n\r x'), max_size=40), st.integers(1, 20))
def test_every_row_of_any_text_is_a_row_of_cells_or_a_refusal(text: str, block_bytes: int) -> None:
    _, rows, refused = read("a,b\n" + text, block_bytes=block_bytes)

    assert read("a,b\n" + text) == (["a", "b"], rows, refused)
    positions = sorted([row[0] for row in rows] + [row[0] for row in refused])
    assert len(set(positions)) == len(positions)
    assert all(len(row) == 3 for row in rows)
    # Nothing but white space may be passed over.
    kept = "".join(str(cell) for row in rows for cell in row[1:]) + "".join(r[1] for r in refused)
    assert set(text) - set(kept) <= {" ", "\n", "\r", ",", '"'}
    assert sum(c in "ax" for c in text) == sum(c in "ax" for c in kept)


@pytest.mark.parametrize(
    ("body", "rows", "refused"),
    [
        ("1,2\n\n \n3,4\n", [(2, "1", "2"), (5, "3", "4")], []),
        ('"x\ny","say ""so"""\n', [(2, "x\ny", 'say "so"')], []),
        (
            "1,2,3\n4\n5,6\n",
            [(4, "5", "6")],
            [(2, "1,2,3", "wrong_width"), (3, "4", "wrong_width")],
        ),
        ("1,2", [(2, "1", "2")], []),
        # Cut: in the last row's first cell, inside of quotes.
        ("1,2\n3", [(2, "1", "2")], [(3, "3", "wrong_width")]),
        ('1,2\n3,"fo', [(2, "1", "2")], [(3, '3,"fo', "torn_line")]),
        # A stray quote costs its own row, not those that follow.
        ('"1,2\n"3","4"\n5,6\n', [(3, "3", "4"), (4, "5", "6")], [(2, '"1,2', "wrong_width")]),
        ('5" pipe,2\n3,4\n', [(3, "3", "4")], [(2, '5" pipe,2', "wrong_width")]),
        ('a"b"c,2\n3,4\n', [(3, "3", "4")], [(2, 'a"b"c,2', "wrong_width")]),
        ('"a"b,2\r\n3,4\r\n', [(3, "3", "4")], [(2, '"a"b,2', "wrong_width")]),
        # Two of them hold rows together: each is a row of its own again.
        (
            'A,"1\n3,4\nB,"5\n7,8\n',
            [(3, "3", "4"), (5, "7", "8")],
            [(2, 'A,"1', "wrong_width"), (4, 'B,"5', "wrong_width")],
        ),
        # The second closes a cell as it should, and yet these are rows.
        (
            '"A,1\n3,4\nB",5\n7,8\n',
            [(3, "3", "4"), (5, "7", "8")],
            [(2, '"A,1', "wrong_width"), (4, 'B",5', "wrong_width")],
        ),
        ('A,"1\nB,2"\n', [], [(2, 'A,"1', "wrong_width"), (3, 'B,2"', "torn_line")]),
        # A stray one and a cell of two lines.
        ('A,"1\n"x\ny",2\n', [(3, "x\ny", "2")], [(2, 'A,"1', "wrong_width")]),
        ("1,2\r3,4\n", [], [(2, "1,2\r3,4", "wrong_width")]),
        # Blank cells behind the last name, and blank rows behind the last row.
        ("1,2,,\n3,4, \n5\n", [(2, "1", "2"), (3, "3", "4")], [(4, "5", "wrong_width")]),
        ("1,2\n,\n3,4\n,,\n\n , \n", [(2, "1", "2"), (3, "", ""), (4, "3", "4")], []),
    ],
)
def test_rows_and_refusals(body: str, rows: list[Any], refused: list[Any]) -> None:
    for block_bytes in (1, 7, 1 << 20):
        assert read("a,b\n" + body, block_bytes=block_bytes) == (["a", "b"], rows, refused)


def test_a_stray_quote_far_from_the_end_is_given_up_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "LONGEST_QUOTED_ROW", 50)
    good = '"3","4"\n'

    _, rows, refused = read('a,b\n"1,2\n' + good * 100 + '5,"6\n' + good * 100, block_bytes=64)

    assert refused == [(2, '"1,2', "wrong_width"), (103, '5,"6', "wrong_width")]
    assert len(rows) == 200


def test_a_line_without_an_end_is_refused_before_it_fills_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv_text, "LONGEST_LINE", 100)
    with pytest.raises(FileRejected, match="row 2 is longer than 100 bytes"):
        read("a,b\n" + "x" * 1000, block_bytes=10)


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", " \r\n\n"])
def test_nothing_has_no_header(text: str) -> None:
    assert read(text) == ([], [], [])


def test_a_byte_order_mark_and_blank_lines_stand_before_the_header() -> None:
    assert read("\ufeff\n a , b\n1,2\n") == (["a", "b"], [(3, "1", "2")], [])


def test_a_header_with_an_open_quote_is_refused() -> None:
    with pytest.raises(FileRejected, match="bad_header: a quote in it is never closed"):
        read('a,"b\n1,2\n')


def test_columns_without_a_name_at_the_end_are_nothing_unless_they_are_asked_for() -> None:
    text = "a,b,,\n1,2,,\n3,4,note,\n5,6\n"

    names, rows, refused = read(text)

    assert names == ["a", "b"]
    assert rows == [(2, "1", "2"), (4, "5", "6")]
    assert refused == [(3, "3,4,note,", "wrong_width")]
    names, blocks = csv_text.open_rows(io.BytesIO(text.encode()), keep_nameless=True)
    assert names == ["a", "b", "", ""]
    assert [block.cells["c2"].to_pylist() for block in blocks] == [["", "note"]]


@pytest.mark.parametrize("text", ["a,b\r1,2\r", "a,b\r1,2"])
def test_lines_that_end_with_a_return_alone_are_refused(text: str) -> None:
    for block_bytes in (1, 1 << 20):
        with pytest.raises(FileRejected, match=r"line_ends: .* carriage return alone"):
            read(text, block_bytes=block_bytes)
