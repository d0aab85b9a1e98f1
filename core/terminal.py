"""What goes out to people: text from files and registers can steer no terminal, and no secret
leaves."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable
from typing import Any, TextIO, cast

from core.secrets import masked

UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of characters that are escaped: controls, formats (what turns the reading direction
among them), halves of surrogates and separators of lines."""
LAYOUT = "\n\t"


def printable(text: str, *, keep: str = LAYOUT) -> str:
    """`text` with each character that would steer a terminal or mislead a reader as its escape.

    Beyond ASCII the escapes are those of JSON: JSON stays what it was.

    Args:
        keep: such characters that stay.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char in keep or unicodedata.category(char) not in UNSHOWN else _escaped(char)
        for char in text
    )


def _escaped(char: str) -> str:
    if char < "\x7f":
        return char.encode("unicode_escape").decode("ascii")
    octets = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{octets[at : at + 2].hex()}" for at in range(0, len(octets), 2))


class _Guarded:
    """A stream for people: what is written to it goes out printable and without secrets."""

    def __init__(self, stream: TextIO) -> None:
        self.beneath = stream

    def write(self, text: str) -> int:
        self.beneath.write(printable(masked(text)))
        return len(text)

    def writelines(self, texts: Iterable[str]) -> None:
        for text in texts:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.beneath, name)


def guard() -> None:
    """From now on all that this process prints is printable and without secrets."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if not isinstance(stream, _Guarded):
            setattr(sys, name, cast(TextIO, _Guarded(stream)))


def unguarded(stream: TextIO) -> TextIO:
    """The stream beneath, for colours, lines that give way to others and whole files; whatever else
    goes there has to be `printable` by itself."""
    return stream.beneath if isinstance(stream, _Guarded) else stream
