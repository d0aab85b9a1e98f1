"""JSON documents taken apart into the texts of their records, each as it was written.

A document is an array of records, an answer `{"data": [...]}` around one, or one record; several
records one after the other (JSON lines under another name) are as many.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ingest.landing.containers import LONGEST_DOCUMENT
from ingest.landing.inspection import HEAD_BYTES, SourceFile
from ingest.refusals import FileRejected

SUFFIXES = (".json", ".json.gz", ".json.zst")
LENIENT = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)
"""Reads how far a value goes, whatever is in it: control characters, numbers of any length."""

Element = tuple[int, str, str | None]
"""Number from 1, text, and the reason for which it is not a whole record."""


def whole_text(file: SourceFile) -> str:
    """A document's text.

    Raises:
        FileRejected: it is too long to be held.
    """
    from ingest.landing.containers import open_stream, read_exactly

    with open_stream(file.path, file.container) as stream:
        content = read_exactly(stream, LONGEST_DOCUMENT + 1)
    if len(content) > LONGEST_DOCUMENT:
        raise FileRejected(
            "file_too_large",
            f"one JSON document of more than {LONGEST_DOCUMENT:,} bytes: use JSON lines",
        )
    return content.decode("utf-8-sig")


def text_of(head: bytes) -> str:
    """The text of a file's first bytes."""
    return head.decode("utf-8-sig", "ignore").strip()


def first_object(file: SourceFile, *, answers: bool) -> dict[str, Any] | None:
    """The first record of a document that can be read and is an object; None where none is."""
    found = next(_objects(text_of(file.head), answers=answers), None)
    if found is None and len(file.head) == HEAD_BYTES:
        found = next(_objects(whole_text(file), answers=answers), None)
    return found


def _objects(text: str, *, answers: bool) -> Iterator[dict[str, Any]]:
    for _, element, reason in elements(text, answers=answers):
        try:
            value = LENIENT.decode(element.strip()) if reason is None else None
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def elements(text: str, *, answers: bool = True) -> Iterator[Element]:
    """Elements of an array, or of an answer's `data`; else the records one after the other.

    Where the text can't be read any further, the rest is one element.

    Args:
        answers: whether an object may be an answer around its records.
    """
    at = _after_space(text, 0)
    is_array = text[at : at + 1] == "["
    inside = at if is_array else None
    if answers and text[at : at + 1] == "{":
        inside = _data_of(text, at)
    if inside is None:
        yield from _in_turn(text, at)
        return
    number, at = 1, _after_space(text, inside + 1)
    while text[at : at + 1] != "]":
        end = _end_of_value(text, at)
        if end is None:
            is_torn = text.rstrip()[-1:] not in ("]", "}")
            yield number, text[at:], "torn_line" if is_torn else None
            return
        yield number, text[at:end], None
        number, at = number + 1, _after_space(text, end)
        if text[at : at + 1] == ",":
            at = _after_space(text, at + 1)
        elif text[at : at + 1] != "]":
            yield number, text[at:], "torn_line" if at == len(text) else None
            return
    rest = text[_after_space(text, at + 1) :]
    if not _is_end(rest, is_array=is_array):
        yield number, rest, None


def _in_turn(text: str, at: int) -> Iterator[Element]:
    """Records that follow each other without an array around them."""
    number = 1
    while at < len(text):
        end = _end_of_value(text, at)
        if end is None:
            yield number, text[at:].strip(), None
            return
        yield number, text[at:end], None
        number, at = number + 1, _after_space(text, end)


def _end_of_value(text: str, at: int) -> int | None:
    """Where the value ends that begins here; None where it can't be read."""
    try:
        return LENIENT.raw_decode(text, at)[1]
    except (ValueError, RecursionError):
        return None


def _is_end(rest: str, *, is_array: bool) -> bool:
    """Whether what follows the array ends the document, as it began."""
    if is_array:
        return not rest
    try:
        json.loads('{"data":[]' + rest)
    except (ValueError, RecursionError):
        return False
    return True


def _data_of(text: str, at: int) -> int | None:
    """Where the array under `data` begins, in an object that begins at `at`."""
    at = _after_space(text, at + 1)
    try:
        while text[at : at + 1] == '"':
            name, at = LENIENT.raw_decode(text, at)
            at = _after_space(text, at)
            if text[at : at + 1] != ":":
                return None
            at = _after_space(text, at + 1)
            if name == "data" and text[at : at + 1] == "[":
                return at
            _, at = LENIENT.raw_decode(text, at)
            at = _after_space(text, at)
            if text[at : at + 1] != ",":
                return None
            at = _after_space(text, at + 1)
    except (ValueError, RecursionError):
        pass
    return None


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


def begins_answer(text: str) -> bool:
    """Whether a text begins as an object whose `data` is an array."""
    return text.startswith("{") and _data_of(text, 0) is not None
