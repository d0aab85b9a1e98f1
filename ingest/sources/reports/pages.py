"""Pages of a printed document: what is around the text, and sentences that a line's end cuts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from ingest.sources.reports.headings import LOOSE_END
from ingest.sources.reports.text import LOOKALIKES, TAIL, TERMINAL, Line

PAGE_NUMBER = re.compile(
    r"[-|\[ ]*(?:page ?)?(?P<page>\d{1,3})(?: ?(?:of|/) ?\d{1,3})?[-|\] ]*(?:page)?", re.I
)
NUMBERED = re.compile(r"^(?P<first>\d{1,3})\b(?!\.)|\b(?P<last>\d{1,3})(?: ?(?:of|/) ?\d{1,3})?$")
EDGE = 2
"""Lines from a page's beginning or end among which its header or footer is."""
FEWEST = 2
"""Pages on which a line has to be to be a running header or footer."""
FEWEST_NUMBERED = 3
"""The same, where nothing but its own number tells the pages."""
MAXIMUM_RUNNING_WORDS = 15
FRONT_LINES = 4
"""Lines at the beginning that are title and date, also where later pages repeat them."""
MAXIMUM_JOINED = 4000
"""Characters to which lines are joined: more is not a sentence that a page break cut."""
FEWEST_SPACES = 3
"""Between the words of a line that goes on: fewer are a heading's."""
MAXIMUM_COLUMN = 130
"""Characters of the longest line in a text that was set in a column."""
FULL = 0.75
"""Part of a column's width that a line fills if its sentence goes on."""
SHARE_BROKEN = 0.2
"""Part of the lines that go on in small letters in such a text."""
LONGEST_ALONE = 300
"""Characters of the longest line that may be a heading."""
BROKEN_WORD = re.compile(r"(?P<start>[A-Za-z][A-Za-z-]*)-$")
WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")


def is_page_number(line: Line) -> bool:
    """Whether a line holds nothing but a page's number."""
    return PAGE_NUMBER.fullmatch(line.folded) is not None


def split_pages(
    lines: list[Line], *, is_section: Callable[[str], bool]
) -> tuple[list[Line], list[Line]]:
    """The text's lines, and those that its pages bear: numbers, running headers and footers.

    Pages are told by form feeds, by their numbers, or by a line that counts them. What
    `is_section` heads a section, however often it is printed.
    """
    numbered = {at for at, line in enumerate(lines) if is_page_number(line)}
    numbered |= set(_counting(lines))
    breaks = numbered | {at for at, line in enumerate(lines) if line.begins_page}
    around = numbered | set(_running(lines, breaks, is_section))
    own = [line for at, line in enumerate(lines) if at not in around]
    return own, [lines[at] for at in sorted(around)]


def _repeated(lines: list[Line]) -> Iterator[list[int]]:
    """Places of lines that differ in their numbers only, and are no sentences."""
    places: dict[str, list[int]] = defaultdict(list)
    for at, line in enumerate(lines):
        is_short = line.role == "text" and line.text.count(" ") < MAXIMUM_RUNNING_WORDS
        if is_short and line.text[-1] not in ".!?;:":
            places[re.sub(r"\d+", "#", line.folded.casefold())].append(at)
    return (found for found in places.values() if len(found) >= FEWEST)


def _counting(lines: list[Line]) -> Iterator[int]:
    """Places of a line that counts pages: `Action paper | 3`, `Action paper | 4`."""
    for places in _repeated(lines):
        found = [NUMBERED.search(lines[at].folded) for at in places]
        pages = [int(match["first"] or match["last"]) for match in found if match]
        is_counting = len(pages) == len(places) >= FEWEST_NUMBERED
        if is_counting and pages == list(range(pages[0], pages[0] + len(pages))):
            yield from places


def _running(
    lines: list[Line], breaks: set[int], is_section: Callable[[str], bool]
) -> Iterator[int]:
    """Places of what is at the edge of page after page, the title on the first page left out."""
    ends = (0, len(lines), *breaks)
    edges = {at + step for at in ends for step in range(-EDGE, EDGE + 1)}
    for places in _repeated(lines):
        at_edge = [at for at in places if at in edges]
        if len(at_edge) < max(FEWEST, len(places) - 1) or is_section(lines[places[0]].text):
            continue
        yield from (at for at in at_edge if at != places[0] or at >= FRONT_LINES)


def join_lines(
    lines: list[Line], *, stands_alone: Callable[[str], bool], known: Iterable[str] = ()
) -> list[Line]:
    """Sentences that a page break or a narrow column cut in two, put together again.

    A line goes on where it ends without punctuation and the next one begins with a small letter or
    it breaks off (`rose to`), and where it fills its column. A line that `stands_alone` (a heading)
    neither goes on nor is gone on with. A word that a hyphen parts at a line's end is joined if the
    text or `known` has it in one; else it keeps its hyphen.
    """
    width = _column(lines)
    words = _words(lines) | {word.casefold() for word in known}
    joined: list[Line] = []
    for line in lines:
        earlier = joined[-1] if joined else None
        if earlier is None or not (_goes_on(earlier, line) or _fills(earlier, line, width)):
            is_one = False
        else:
            is_one = not any(
                len(text) <= LONGEST_ALONE and stands_alone(text)
                for text in (earlier.text, line.text)
            )
        if earlier is not None and is_one:
            joined[-1] = _append(earlier, line, words)
        else:
            joined.append(line)
    return joined


def _goes_on(earlier: Line, later: Line) -> bool:
    return (
        later.role == "text"
        and len(earlier.text) < MAXIMUM_JOINED
        and earlier.role in ("text", "item")
        and (later.text[:1].islower() or LOOSE_END.search(earlier.tail) is not None)
        and earlier.text.count(" ") >= FEWEST_SPACES
        and not TERMINAL.search(earlier.tail)
    )


def _column(lines: list[Line]) -> int | None:
    """Width of the column in which a text was set, in characters; None where lines are whole."""
    texts = [line for line in lines if line.role == "text"]
    width = max((len(line.text) for line in texts), default=0)
    broken = sum(
        later.number == earlier.number + 1 and _goes_on(earlier, later)
        for earlier, later in pairwise(lines)
    )
    is_column = width <= MAXIMUM_COLUMN and broken >= SHARE_BROKEN * len(texts)
    return width if is_column and broken else None


def _fills(earlier: Line, later: Line, width: int | None) -> bool:
    """Whether a line is full, so that its paragraph goes on directly below."""
    if width is None or later.role != "text" or earlier.role not in ("text", "item"):
        return False
    offset, number = earlier.breaks[-1] if earlier.breaks else (0, earlier.number)
    is_full = len(earlier.text) - offset >= FULL * width
    return is_full and later.number == number + 1 and len(earlier.text) < MAXIMUM_JOINED


def _words(lines: list[Line]) -> set[str]:
    """The words of a text, those left out that a line's end may have cut."""
    return {
        word.casefold()
        for line in lines
        for word in WORD.findall(line.folded.removesuffix("-").rpartition(" ")[0])
    }


def _append(earlier: Line, later: Line, words: set[str]) -> Line:
    broken = BROKEN_WORD.search(earlier.tail)
    start, gap = earlier.text, " "
    if broken is not None and later.text[:1].islower():
        rest = WORD.match(later.text[:TAIL].translate(LOOKALIKES))
        whole = broken["start"] + (rest.group() if rest is not None else "")
        gap = ""
        if whole.casefold() in words:
            start = start[:-1]
    offset = len(start) + len(gap)
    moved = tuple((offset + at, number) for at, number in later.breaks)
    breaks = (*earlier.breaks, (offset, later.number), *moved)
    return replace(earlier, text=f"{start}{gap}{later.text}", breaks=breaks)
