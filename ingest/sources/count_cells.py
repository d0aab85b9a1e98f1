"""A cell that should hold a count, read in columns: one rule for every source.

A clean number is digits, with commas between thousands or without any, and at most a decimal part
of noughts (but for three of them, which may be thousands as others write them). Beside it `(r)`
or `[r]` says that it was revised, `(p)` or `[p]` that it is provisional. Anything else with a
digit in it, and a spreadsheet's error, is unreadable: somebody meant a number, and which one can't
be told. Text without a digit says that there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.validation.data_check import NUMBER_MEANT

if TYPE_CHECKING:
    import pyarrow as pa

MARKER = r"(?i:[(\[](?P<marker>r|revised|p|provisional)[)\]])"
MARKERS = {"r": "revised", "p": "provisional"}
COUNT = rf"^(?P<digits>\d+|\d{{1,3}}(?:,\d{{3}})+)(?:\.(?:0{{0,2}}|0{{4,}}))?(?:\s*{MARKER})?$"
UNSEEN = r"[\s\p{Z}\x{200b}\x{2060}\x{feff}]+"
"""White space of all kinds, and what has no width: nothing at a cell's ends."""
UNSEEN_ENDS = rf"^{UNSEEN}|{UNSEEN}$"
MOST_DIGITS = 18


@dataclass(frozen=True)
class CountCell:
    """What a cell says: `text` without white space around it, and a count where it is one."""

    text: str
    count: int | None
    marker: str | None
    is_unreadable: bool


def read_counts(cells: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Cells as `CountCell`s in columns, in their order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = tidy(cells)
    found = pc.extract_regex(text, COUNT)
    digits = pc.replace_substring(pc.struct_field(found, "digits"), ",", "")
    is_exact = pc.fill_null(pc.less_equal(pc.utf8_length(digits), MOST_DIGITS), False)
    letter = pc.utf8_lower(pc.utf8_slice_codeunits(pc.struct_field(found, "marker"), 0, 1))
    marker = pc.case_when(
        pc.make_struct(pc.equal(letter, "r"), pc.equal(letter, "p")), *MARKERS.values()
    )
    is_meant = pc.match_substring_regex(text, NUMBER_MEANT)
    return pa.table(
        {
            "text": text,
            "count": pc.if_else(is_exact, digits, None).cast(pa.int64()),
            "marker": pc.if_else(is_exact, marker, None),
            "is_unreadable": pc.and_(pc.invert(is_exact), is_meant),
        }
    )


def tidy(cells: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Cells without white space around them."""
    import pyarrow.compute as pc

    return pc.replace_substring_regex(cells, UNSEEN_ENDS, "")


def tidy_sql(cell: str) -> str:
    """`tidy` in SQL."""
    return f"regexp_replace({cell}, '{UNSEEN_ENDS}', '', 'g')"


def unmarked_sql(cell: str) -> str:
    """A tidy cell without what says that it is revised or provisional, in SQL."""
    return rf"regexp_replace({cell}, '\s*{MARKER}$', '')"


def as_count_cells(counts: pa.Table) -> list[CountCell]:
    """Rows of `read_counts` one by one."""
    return [CountCell(**row) for row in counts.to_pylist()]


def read_count(cell: str) -> CountCell:
    """One cell by itself."""
    import pyarrow as pa

    return as_count_cells(read_counts(pa.array([cell], pa.string())))[0]


def marker_of(word: str | None) -> str:
    """`revised` or `provisional`, by the word or letter of a `MARKER`; empty without one."""
    return MARKERS.get((word or "").lower()[:1], "")
