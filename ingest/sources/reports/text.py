"""From the bytes of a document, plain or HTML, to its lines with their numbers in the file."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser

from core.errors import TakeupError

LOOKALIKES = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201b": "'",
        "\u0060": "'",
        "\u00b4": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u00a0": " ",
        "\u2007": " ",
        "\u2009": " ",
        "\u202f": " ",
    }
)
"""One character for one character: a place in the folded text is a place in the original."""

INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
SOFT_HYPHEN_AT_END = re.compile("(?<=[A-Za-z])\u00ad[ \t]*$")
BULLET = re.compile(r"^\s*(?:[•·●▪◦‣*]|[-\u2013](?=\s))\s*")
LIST_NUMBER = re.compile(r"^\s*(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s+")
TERMINAL = re.compile(r"[.!?:;][\"')\]]*$")

MARKUP = re.compile(r"\s*<(?:!doctype|html|head|body|main|article|div|h1|p)\b", re.I)
COMMENT = re.compile(r"\s*<!--")
MARKS = (("<!--", "-->"), ("<", ">"))
"""How mark-up of each kind begins, and how it ends."""
LONG_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}")
"""A character by a number that no character has."""
TAIL = 80
"""Characters at a line's end that tell how it ends."""
BLOCKS = frozenset(
    "p li div section article main header footer nav aside ul ol dl dt dd table tr td th "
    "blockquote h1 h2 h3 h4 h5 h6 br hr figure figcaption title pre".split()
)
UNSEEN = frozenset("script style noscript template svg".split())
ASIDES = frozenset("nav footer aside".split())
LISTS = frozenset(("ol", "ul"))
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())


class UnreadableReport(TakeupError):
    """A report that cannot be taken as a whole."""


class NotUtf8(UnreadableReport):
    """The bytes are not UTF-8; the message gives the offset of the first that is not."""


class UndatedReport(UnreadableReport):
    """Nothing says when the report was written or published."""


@dataclass(frozen=True)
class Line:
    """One line of text, or one block of HTML, with white space collapsed.

    `number` is the 1-based line of the file where it begins, `column` the offset in it at which
    a part of a line began; `breaks` are the (offset, number) pairs where a block goes on on a
    later line of the file. `role` is `heading` and `aside` where the mark-up says so, `item` for
    list items, else `text`. It `begins_page` where a form feed is before it; `level` is that of a
    heading in the mark-up.
    """

    number: int
    text: str
    role: str = "text"
    breaks: tuple[tuple[int, int], ...] = ()
    column: int = 0
    begins_page: bool = False
    level: int | None = None

    @cached_property
    def folded(self) -> str:
        """The same text with straight quotes and simple dashes, character for character."""
        return self.text.translate(LOOKALIKES)

    @property
    def tail(self) -> str:
        """How it ends, folded."""
        return self.text[-TAIL:].translate(LOOKALIKES)

    def number_at(self, offset: int) -> int:
        """Line of the file that holds the character at this offset."""
        at = bisect_right(self.breaks, offset, key=lambda place: place[0])
        return self.breaks[at - 1][1] if at else self.number


def decode(content: bytes) -> str:
    """The document's text; byte order marks before it, one or two, are nothing.

    Raises:
        NotUtf8: with the offset of the first byte that is not.
        UnreadableReport: it holds a NUL.
    """
    try:
        text = content.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise NotUtf8(f"not UTF-8 at byte {error.start}") from error
    if "\0" in text:
        raise UnreadableReport(f"a NUL at byte {content.index(0)}: not a text")
    return text


def is_markup(text: str) -> bool:
    """Whether a text begins as HTML does, comments before it left out."""
    at = 0
    while (comment := COMMENT.match(text, at)) is not None:
        at = text.find("-->", comment.end()) + 3
        if at < 3:
            return False
    return MARKUP.match(text, at) is not None


def lines_of(content: bytes) -> list[Line]:
    """Every line with text in it, in order, numbered as in the file.

    Raises:
        UnreadableReport: the bytes are not text.
    """
    text = decode(content)
    if is_markup(text):
        return blocks_of(text)
    lines: list[Line] = []
    begins_page = False
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        begins_page = begins_page or "\f" in raw
        line = _line(number, raw, begins_page=begins_page)
        if line.text:
            lines.append(line)
            begins_page = False
    return lines


def collapse(raw: str) -> str:
    """Text with invisible characters removed and runs of white space made one space."""
    return " ".join(INVISIBLE.sub("", raw).split())


def _line(number: int, raw: str, *, begins_page: bool) -> Line:
    raw = SOFT_HYPHEN_AT_END.sub("-", raw)
    text = re.sub(r"^(?:#{1,6}|>)\s+", "", collapse(raw)).replace("**", "")
    role = "item" if BULLET.match(text) or LIST_NUMBER.match(text) else "text"
    role = "heading" if raw.lstrip().startswith("# ") else role
    return Line(number, text, role, begins_page=begins_page)


def blocks_of(markup: str) -> list[Line]:
    """The text blocks of an HTML document, in order. Scripts and styles are not text."""
    parser = _Blocks()
    parser.feed(LONG_REFERENCE.sub("\ufffd", _closed(markup)))
    parser.close()
    parser.flush()
    return parser.lines


def _closed(markup: str) -> str:
    """Mark-up without the beginnings of what never ends, each of which would be read to the end
    of the text in search of it. A marked section is a comment, as browsers see it."""
    markup = markup.replace("<![", "<!x")
    for start, end in MARKS:
        last = markup.rfind(end)
        markup = markup[: last + 1] + markup[last + 1 :].replace(start, " " * len(start))
    return markup


class _Blocks(HTMLParser):
    """Collects a block's words with the line of the file on which each one is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self._words: list[tuple[str, int]] = []
        self._glued = False
        self._open: list[str] = []
        self._depth: Counter[str] = Counter()
        self._items: list[int | None] = []
        self._marker: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.flush()
        if tag in LISTS:
            self._items.append(0 if tag == "ol" else None)
        if tag == "li" and self._items and not self._is_in(ASIDES):
            self._number_item()
        if tag in UNSEEN | ASIDES | HEADINGS | {"li", "title"}:
            self._open.append(tag)
            self._depth[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.flush()
        if tag in LISTS and self._items:
            self._items.pop()
        while self._depth[tag]:
            closed = self._open.pop()
            self._depth[closed] -= 1
            if closed == tag:
                break

    def _is_in(self, tags: frozenset[str]) -> bool:
        return any(self._depth[tag] for tag in tags)

    def _number_item(self) -> None:
        """An item of a numbered list is read with the number that a page shows before it."""
        count = self._items[-1]
        if count is not None:
            self._items[-1] = count + 1
        self._marker = None if count is None else f"{count + 1}."

    def handle_data(self, data: str) -> None:
        if self._is_in(UNSEEN):
            return
        number = self.getpos()[0]
        glued = self._glued and not data[:1].isspace()
        for part in re.findall(r"\S+|\s+", INVISIBLE.sub("", data)):
            if not part.isspace():
                if glued and self._words:
                    word, at = self._words[-1]
                    self._words[-1] = (word + part, at)
                else:
                    if self._marker is not None:
                        self._words.append((self._marker, number))
                        self._marker = None
                    self._words.append((part, number))
                glued = False
            number += part.count("\n")
        self._glued = bool(data) and not data[-1].isspace()

    def flush(self) -> None:
        """End the block that is being read."""
        self._glued = False
        if not self._words:
            return
        role = "text"
        if self._is_in(ASIDES):
            role = "aside"
        elif self._is_in(HEADINGS) or self._depth["title"]:
            role = "heading"
        elif self._depth["li"]:
            role = "item"
        words, self._words = self._words, []
        first, breaks, offset = words[0][1], [], 0
        current = first
        for word, number in words:
            if number != current:
                breaks.append((offset, number))
                current = number
            offset += len(word) + 1
        text = " ".join(word for word, _ in words)
        level = max((int(tag[1]) for tag in HEADINGS if self._depth[tag]), default=None)
        self.lines.append(Line(first, text, role, tuple(breaks), level=level))
