"""Random edits of a file, each repeatable from its seed and number, and what each touches."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.mutations.inputs import Form, Input, cells_of, row_of

BYTES = b"0179,;.\"'\n\r\t -()[]{}:\\/xrpO\x00\x1b\x7f\xa0\xc3\xff\xef\xe2"
ODD_CELLS = (
    "", " ", "0", "00", "-", "-5", "\u22125", "1e5", "1.5", "1.0", "1.000", "1,00", "1 234",
    "1\u00a0234", "1\u202f234", "\u200b7", "12k", "1.2m", "1234*", "1234 (r)", "1234 [p]", "7(p)",
    "(7)", "[note 1]", "n/a", "N/A", "#REF!", "#N/A", "#####", "=1+1", "'123", "12%", "£12", "~100",
    "c. 100", "1O0", "l00", "\u0661\u0662", "10\u00b2", "\u00bd", "nan", "inf", "null", "None",
    "TRUE", "see note", "2015-01-01", "01/02/2015", "1E+05", "9" * 17, "9" * 19, "9" * 40, "0x1F",
    "total", "online", "x" * 5_000, "a\nb", "\x1b[2J", "\ufeff5", "5\u200b", "..", "*", "12-13",
)  # fmt: skip
ODD_VALUES = (
    "null", "true", "0", "-1", "1.5", "1.0", "1e400", "1E2", "9" * 19, "9" * 40, '""', '" "', "[]",
    "{}", '"\\u0000"', '"\\ud800"', '"x"', "NaN", "01", "+1", '{"a":1,"a":2}', "[[[]]]", "'a'", "",
    '"2015-13-01"', '"1900-01-01T00:00:00Z"', '"2999-01-01T00:00:00Z"', '"\u202ex"', '"1,234"',
)  # fmt: skip
HEADINGS: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.lower,
    lambda name: f" {name} ",
    lambda name: name.replace(" - ", " \u2013 "),
    lambda name: name.replace(" - ", " to "),
    lambda name: name.replace("\n", " "),
    lambda name: name.replace(" ", "\u00a0"),
    lambda name: f"{name} (p)",
    lambda name: f"{name} [note 2]",
    lambda name: f"{name}*",
    lambda name: name.replace("transactions", "transcations"),
    lambda name: name.replace("Total", "Totals"),
    lambda name: name.replace("Mar", "May"),
    lambda name: name.replace("20", "2O"),
    lambda name: name[:-1],
    lambda name: "",
    lambda name: "x",
)
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "cp1252", "cp500", "utf-8-sig")
DELIMITERS = (";", "\t", "|", ":", " ")
LINE_ENDS = (b"\r\n", b"\r", b"", b"\n\n", b"\n\r", "\u2028".encode(), b"\x0b", b"\x85", b" ")
FIGURES = re.compile(r"(Total|Digital) transactions\s|\d{4}-Q\d ")
NEEDED = {"Slug", "Name of service", "Department"}
COUNT, COST, SIGN_OFF = (
    frozenset({place}) for place in ("count", "cost_gbp", "signed_off_by_role")
)
PLACES_OF_RETURNS: dict[str, frozenset[str | None]] = {
    "count": COUNT,
    "status": COUNT,
    "note": COUNT,
    "cost_gbp": COST,
    "signed_off_by_role": SIGN_OFF,
    "signed_off_on": SIGN_OFF,
    "assurance": SIGN_OFF,
    "commentary": SIGN_OFF,
    "service_name": frozenset(),
}


@dataclass(frozen=True)
class Touched:
    """Records, by their number in the input from 0, and places in them, that an edit may change.

    None stands for all of them. Places are named as the log names them: by the heading.
    """

    records: frozenset[int] | None = frozenset()
    places: frozenset[str | None] | None = None


NOTHING = Touched()
EVERYTHING = Touched(records=None)


@dataclass(frozen=True)
class Edit:
    """One edit: its seed and number, its kind, the file, and in words where and what.

    content: the file afterwards; copy: the name of a second file of that content.
    """

    seed: int
    number: int
    kind: str
    file: Input
    what: str
    content: bytes = field(repr=False)
    touched: Touched
    copy: str | None = None

    def __str__(self) -> str:
        what = f"{self.kind} in {self.file.name}: {self.what}"
        return f"edit {self.number} of seed {self.seed} ({what})"

    @property
    def again(self) -> str:
        """The command that makes this edit alone, through ingest and the log's gate."""
        return f"make mutations SEED={self.seed} FIRST={self.number} EDITS=1"


Made = tuple[str, bytes, Touched]
Maker = Callable[[Input, random.Random], Made]


def draw(inputs: Sequence[Input], *, seed: int, number: int) -> Edit:
    """The edit of this number: edits of successive numbers are of successive files."""
    file = inputs[number % len(inputs)]
    chance = random.Random(f"{seed}/{number}")
    kinds = [kind for kind, forms in KINDS.items() if file.form in forms]
    kinds += [kind for kind in kinds if kind in OFTEN] * 3
    while True:
        kind = chance.choice(kinds)
        what, content, touched = MAKERS[kind](file, chance)
        copy = f"copy/{file.name}" if kind == "file twice" else None
        if copy or content != file.content:
            return Edit(seed, number, kind, file, what, content, touched, copy)


def _byte(file: Input, chance: random.Random) -> Made:
    at = chance.randrange(len(file.content))
    new = bytes([chance.choice(BYTES)])
    how = chance.choice(("replaced by", "taken out", "after"))
    after = {"replaced by": new + file.content[at + 1 :], "taken out": file.content[at + 1 :]}
    content = file.content[:at] + after.get(how, new + file.content[at:])
    what = f"byte {at} {how}" + ("" if how == "taken out" else f" {new!r}")
    return what, content, _touched_at(file, at, content)


def _quote(file: Input, chance: random.Random) -> Made:
    at = chance.randrange(len(file.content))
    quotes = [i for i, byte in enumerate(file.content) if byte == 0x22]
    if quotes and chance.random() < 0.5:
        at = chance.choice(quotes)
        content = file.content[:at] + file.content[at + 1 :]
        return f"quote at {at} taken out", content, _touched_at(file, at, content)
    # Where a cell begins or ends, a quote does most harm.
    edges = [i for i, byte in enumerate(file.content) if byte in b",\n"]
    if edges and chance.random() < 0.7:
        at = chance.choice(edges) + chance.randrange(2)
    content = file.content[:at] + b'"' + file.content[at:]
    return f"quote put in at {at}", content, _touched_at(file, at, content)


def _line_end(file: Input, chance: random.Random) -> Made:
    ends = [i for i, byte in enumerate(file.content) if byte == 0x0A]
    if not ends:
        return _byte(file, chance)
    at, new = chance.choice(ends), chance.choice(LINE_ENDS)
    content = file.content[:at] + new + file.content[at + 1 :]
    touched = _touched_at(file, at, content)
    return f"line end at {at} becomes {new!r}", content, touched


def _line_ends(file: Input, chance: random.Random) -> Made:
    new = chance.choice((b"\r\n", b"\r", b"\n\n"))
    return f"every line end becomes {new!r}", file.content.replace(b"\n", new), NOTHING


def _cell(file: Input, chance: random.Random) -> Made:
    index = chance.randrange(len(file.records))
    cells, names = file.cells(index), file.cells(-1)
    column, odd = chance.randrange(len(cells)), chance.choice(ODD_CELLS)
    cells[column] = odd
    content = _with_records(file, {index: row_of(cells)})
    what = f"record {index}, {names[column]!r} becomes {odd[:40]!r}"
    return what, content, Touched(frozenset({index}), _places(file, names[column]))


def _value(file: Input, chance: random.Random) -> Made:
    index = chance.randrange(len(file.records))
    record = file.records[index].decode()
    starts = [i + 1 for i, char in enumerate(record) if char == ":" and record[i - 1] == '"']
    start = chance.choice(starts)
    ends = [i for i in range(start, len(record)) if record[i] in ",}"]
    odd = chance.choice(ODD_VALUES)
    edited = record[:start] + odd + record[ends[0] :]
    content = _with_records(file, {index: edited.encode()})
    touched = Touched(frozenset({index}))
    return f"record {index}, value at {start} becomes {odd[:40]}", content, touched


def _heading(file: Input, chance: random.Random) -> Made:
    names = file.cells(-1)
    column = chance.randrange(len(names))
    change = chance.choice(HEADINGS)
    old, names[column] = names[column], change(names[column])
    content = row_of(names) + b"\n" + file.content[len(file.head) :]
    return f"heading {old!r} becomes {names[column]!r}", content, _touched_columns(file, old)


def _headings_swapped(file: Input, chance: random.Random) -> Made:
    names = file.cells(-1)
    one, other = sorted(chance.sample(range(len(names)), 2))
    touched = _touched_columns(file, names[one], names[other])
    names[one], names[other] = names[other], names[one]
    content = row_of(names) + b"\n" + file.content[len(file.head) :]
    return f"headings {names[other]!r} and {names[one]!r} swapped", content, touched


def _columns_swapped(file: Input, chance: random.Random) -> Made:
    one, other = sorted(chance.sample(range(len(file.cells(-1))), 2))

    def swapped(cells: list[str]) -> list[str]:
        cells[one], cells[other] = cells[other], cells[one]
        return cells

    return f"columns {one} and {other} swapped", _with_cells(file, swapped), NOTHING


def _column_removed(file: Input, chance: random.Random) -> Made:
    column = chance.randrange(len(file.cells(-1)))
    name = file.cells(-1)[column]
    content = _with_cells(file, lambda cells: cells[:column] + cells[column + 1 :])
    return f"column {name!r} removed", content, _touched_columns(file, name)


def _row_twice(file: Input, chance: random.Random) -> Made:
    one, other = (chance.randrange(len(file.records)) for _ in range(2))
    records = list(file.records)
    records.insert(other, records[one])
    # The second entry of a department in a report is another section.
    touched = EVERYTHING if file.form == "text" else NOTHING
    return f"record {one} again before {other}", _content(file, records), touched


def _row_moved(file: Input, chance: random.Random) -> Made:
    one, other = (chance.randrange(len(file.records)) for _ in range(2))
    records = list(file.records)
    records.insert(other, records.pop(one))
    return f"record {one} moved to {other}", _content(file, records), NOTHING


def _truncated(file: Input, chance: random.Random) -> Made:
    at = chance.randrange(len(file.content))
    lost = {i for i, (_, end) in enumerate(file.spans) if end >= at}
    if file.form == "text" and lost:  # what a cut heading leaves is read with the entry before
        lost.add(max(min(lost) - 1, 0))
    return f"cut at {at}", file.content[:at], Touched(frozenset(lost))


def _delimiter(file: Input, chance: random.Random) -> Made:
    new = chance.choice(DELIMITERS)
    return f"commas become {new!r}", file.content.replace(b",", new.encode()), NOTHING


def _encoding(file: Input, chance: random.Random) -> Made:
    name = chance.choice(ENCODINGS)
    content = file.content.decode().encode(name, "replace")
    return f"as {name}", content, NOTHING


def _mark(file: Input, chance: random.Random) -> Made:
    mark = b"\xef\xbb\xbf" * chance.choice((1, 1, 2))
    if len(mark) > 3 and file.form != "text":
        return "two byte order marks", mark + file.content, _touched_at(file, 0, mark)
    return "a byte order mark", mark + file.content, NOTHING


def _file_twice(file: Input, chance: random.Random) -> Made:
    return "landed twice", file.content, NOTHING


def _content(file: Input, records: Sequence[bytes]) -> bytes:
    return file.head + file.between.join(records) + file.tail


def _with_records(file: Input, edited: dict[int, bytes]) -> bytes:
    return _content(file, [edited.get(i, record) for i, record in enumerate(file.records)])


def _with_cells(file: Input, change: Callable[[list[str]], list[str]]) -> bytes:
    """A table with the cells of its header and of every row changed."""
    rows = [row_of(change(file.cells(index))) for index in range(-1, len(file.records))]
    return b"\n".join(rows) + b"\n"


def _touched_at(file: Input, at: int, content: bytes) -> Touched:
    """What an edit of the bytes from `at` on touches. `content`: the file afterwards."""
    if file.form == "packed":
        return EVERYTHING
    if file.form == "table" and at == len(file.head) - 1:  # the first row goes on where it ends
        return Touched(frozenset({0}))
    if at < len(file.head):
        return _touched_in_head(file, content)
    index = max(i for i, (start, _) in enumerate(file.spans) if start <= at)
    start, end = file.spans[index]
    if file.form != "text":
        return Touched(frozenset({index}))
    if file.name.endswith(".html"):  # a tag that is not closed may hide all that follows
        return Touched(frozenset(range(max(0, index - 1), len(file.records))))
    is_heading = at < start + file.records[index].index(b"\n") + 1
    return Touched(frozenset({index - is_heading, index, index + (at >= end)}))


def _touched_in_head(file: Input, content: bytes) -> Touched:
    if file.form == "text":  # its title or day: what says which report it is
        return EVERYTHING
    if file.form != "table":
        return NOTHING
    old, new = file.cells(-1), cells_of(content)
    if len(old) == len(new):
        return _touched_columns(file, *(o for o, n in zip(old, new, strict=True) if o != n))
    return _touched_columns(file, *(set(old) - set(new)))


def _places(file: Input, name: str) -> frozenset[str | None] | None:
    """Places of the records that come of a cell below a heading; None where all of the row do."""
    if file.name.startswith("volumes/"):
        return None if name == "Slug" else frozenset({name if FIGURES.match(name) else None})
    if file.name.startswith("returns/"):
        return PLACES_OF_RETURNS.get(name)
    return None


def _touched_columns(file: Input, *names: str) -> Touched:
    places = [_places(file, name) for name in names]
    if None in places or set(names) & NEEDED:
        return EVERYTHING
    return Touched(None, frozenset().union(*(place for place in places if place is not None)))


KINDS: dict[str, tuple[Form, ...]] = {
    "byte": ("table", "lines", "document", "text", "packed"),
    "quote": ("table", "lines", "document", "text"),
    "line end": ("table", "lines", "document", "text"),
    "line ends": ("table", "lines", "document", "text"),
    "cell": ("table",),
    "value": ("lines", "document"),
    "heading": ("table",),
    "headings swapped": ("table",),
    "columns swapped": ("table",),
    "column removed": ("table",),
    "row twice": ("table", "lines", "document", "text"),
    "row moved": ("table", "lines", "document", "text"),
    "truncated": ("table", "lines", "document", "text", "packed"),
    "delimiter": ("table",),
    "encoding": ("table", "lines", "document", "text"),
    "byte order mark": ("table", "lines", "document", "text"),
    "file twice": ("table", "lines", "document", "text", "packed"),
}
"""Kinds of edits, and of which files each can be made."""

OFTEN = ("byte", "quote", "line end", "cell", "value", "heading")
"""Kinds that can be made in many places: they are drawn four times as often as the others."""

MAKERS: dict[str, Maker] = {
    "byte": _byte,
    "quote": _quote,
    "line end": _line_end,
    "line ends": _line_ends,
    "cell": _cell,
    "value": _value,
    "heading": _heading,
    "headings swapped": _headings_swapped,
    "columns swapped": _columns_swapped,
    "column removed": _column_removed,
    "row twice": _row_twice,
    "row moved": _row_moved,
    "truncated": _truncated,
    "delimiter": _delimiter,
    "encoding": _encoding,
    "byte order mark": _mark,
    "file twice": _file_twice,
}
