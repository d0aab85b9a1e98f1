"""A JSON document taken apart into the texts of its records, each as it was written.

A document is an array of records, an answer `{"data": [...]}` around one, or one record.
"""

from __future__ import annotations

import json
from collections.abc import Iterator


def elements(text: str) -> Iterator[tuple[int, str, str | None]]:
    """Elements of an array, or of an answer's `data`, as (number, text, reason); else the whole.

    Where the array can't be read any further, the rest is one element.
    """
    decoder = json.JSONDecoder(strict=False)
    at = _after_space(text, 0)
    if at == len(text):
        return
    is_array = text[at] == "["
    if text[at] == "{":
        found = _data_of(text, at, decoder)
        if found is None:
            yield 1, text[at:].strip(), None
            return
        at = found
    elif not is_array:
        yield 1, text[at:].strip(), None
        return
    number, at = 1, _after_space(text, at + 1)
    while text[at : at + 1] != "]":
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
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


def _is_end(rest: str, *, is_array: bool) -> bool:
    """Whether what follows the array ends the document, as it began."""
    if is_array:
        return not rest
    try:
        json.loads('{"data":[]' + rest)
    except (ValueError, RecursionError):
        return False
    return True


def _data_of(text: str, at: int, decoder: json.JSONDecoder) -> int | None:
    """Where the array under `data` begins, in an object that begins at `at`."""
    at = _after_space(text, at + 1)
    try:
        while text[at : at + 1] == '"':
            name, at = decoder.raw_decode(text, at)
            at = _after_space(text, at)
            if text[at : at + 1] != ":":
                return None
            at = _after_space(text, at + 1)
            if name == "data" and text[at : at + 1] == "[":
                return at
            _, at = decoder.raw_decode(text, at)
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
    return text.startswith("{") and _data_of(text, 0, json.JSONDecoder()) is not None
