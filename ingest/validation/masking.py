"""Mask forbidden personal values before a refused record is kept.

The value is replaced by a keyed digest: the same value in two records can be seen to be the
same, and nobody without the home's key can find out what it was.
"""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from blake3 import blake3

from core.files import write_file

STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
COLON = re.compile(r"\s*:\s*")
SIGN = re.compile(r"[:=]\s*")
LAST_WORD = re.compile(r"(?:\\u[0-9a-fA-F]{4}|[\w.$-])+$")
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
AFTER_VALUE = re.compile(r"\s*(?:[,}\]]|$)")
NEXT_NAME = re.compile(r"""[,;&]\s*["']?[\w.$\\ -]{1,200}["']?\s*[:=]""")
BRACKET_OR_STRING = re.compile(rf"[{{}}\[\]]|{STRING.pattern}", re.DOTALL)
LONGEST_NAME = 400


def masking_key(path: Path) -> bytes:
    """The home's key, made on first use and readable by its owner only. Needs the lease.

    It appears whole or not at all: with half a key no later run could mask anything.
    """
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        key = secrets.token_bytes(32)
        write_file(path, key.hex(), mode=0o600)
        return key


def folded_field_name(name: str) -> str:
    """A field's name as names are compared: `E-mail`, `e_mail` and `eMail` are one."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def mask(raw: str, *, forbidden: frozenset[str], key: bytes) -> str:
    """The record with every forbidden value replaced by its digest, and nothing else changed.

    In JSON exactly the value is replaced. What is not JSON (a torn line, quotes of another kind)
    is searched as text, and gives away rather too little than too much: where the end of a
    value can't be told, everything up to the next name, or to the end, is masked.
    """
    try:
        json.loads(raw, parse_int=float)
    except (ValueError, RecursionError):
        spans = _values_in_text(raw, _folded(forbidden))
    else:
        spans = _values_in_json(raw, _folded(forbidden))
    pieces, kept_to = [], 0
    for start, end in spans:
        pieces += [raw[kept_to:start], '"', _digest(raw[start:end], key=key), '"']
        kept_to = end
    return "".join(pieces) + raw[kept_to:]


@cache
def _folded(forbidden: frozenset[str]) -> frozenset[str]:
    return frozenset(folded_field_name(name) for name in forbidden)


def _digest(value: str, *, key: bytes) -> str:
    """Digest of a value: the same however the same JSON value is spelt."""
    try:
        value = json.dumps(json.loads(value), sort_keys=True)
    except (ValueError, RecursionError):
        value = value.strip()
    return "masked:" + blake3(value.encode("utf-8", "surrogatepass"), key=key).hexdigest()[:32]


Spans = Iterator[tuple[int, int]]


def _values_in_json(raw: str, forbidden: frozenset[str]) -> Spans:
    """Where the values of forbidden fields are in JSON: outermost ones, in order."""
    decoder = json.JSONDecoder(parse_int=float)
    at = 0
    while match := STRING.search(raw, at):
        at = match.end()
        colon = COLON.match(raw, at)
        if colon is not None:
            at = colon.end()
            if folded_field_name(json.loads(match[0])) in forbidden:
                _, end = decoder.raw_decode(raw, at)
                yield at, end
                at = end


def _values_in_text(raw: str, forbidden: frozenset[str]) -> Spans:
    """Where something that looks like the value of a forbidden field is in any text."""
    at = 0
    while sign := SIGN.search(raw, at):
        at = sign.end()
        if folded_field_name(_name_before(raw, sign.start())) in forbidden:
            end = _end_of_value(raw, at)
            yield at, end
            at = end


def _name_before(raw: str, at: int) -> str:
    """The name that ends just before a sign: quoted, or a bare word."""
    before = raw[max(0, at - LONGEST_NAME) : at].rstrip()
    quote = before[-1:]
    if quote in ('"', "'"):
        # In a CSV cell the quotes of JSON are doubled.
        name = before.rstrip(quote).rpartition(quote)[2]
    else:
        word = LAST_WORD.search(before)
        name = word[0] if word is not None else ""
    return ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), name)


def _end_of_value(raw: str, start: int) -> int:
    if raw[start : start + 1] in ("{", "["):
        return _end_of_container(raw, start)
    if (string := STRING.match(raw, start)) and AFTER_VALUE.match(raw, string.end()):
        return string.end()
    following = NEXT_NAME.search(raw, start)
    return following.start() if following is not None else len(raw)


def _end_of_container(raw: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`; the end of the text where none does."""
    depth, at = 0, start
    while token := BRACKET_OR_STRING.search(raw, at):
        at = token.end()
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
            if depth == 0:
                return at
    return len(raw)


def may_mention(column: str, *, forbidden: frozenset[str]) -> str:
    """SQL: whether a text could hold a forbidden field, in any spelling; a few too many do."""
    names = "|".join(re.escape(name) for name in sorted(_folded(forbidden)))
    folded = f"regexp_replace(lower({column}), '[^a-z0-9]+', '', 'g')"
    return (
        f"(contains({column}, '\\u') or strlen({column}) <> length({column})"
        f" or regexp_matches({folded}, '{names}'))"
    )
