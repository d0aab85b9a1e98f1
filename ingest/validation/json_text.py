"""JSON as it was written: the texts of an object's members, numbers and all.

DuckDB reads a number as 64 bits and writes another text for it. What nobody here understands is
kept as it came, so the few records that have such numbers are taken apart as text.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING

from core.sql import load_table
from ingest.refusals import RecordRefused
from ingest.validation.event_types import ENVELOPE
from ingest.validation.masking import folded_field_name
from ingest.validation.strict_json import names_in, read_strictly

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from ingest.validation.rules import Rules

LENIENT = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)
REWRITTEN = r"[:,\[]\s*-?(\d[\d.]{15,}|\d+(\.\d+)?[eE]|\d+\.\d+0\s*[,}\]])"
"""Lines (RE2) with a number of which DuckDB may write another text."""
WRAPPED = r"\"data_base64\"\s*:\s*\"|\"data\"\s*:\s*\""
"""Lines (RE2) whose data may be JSON within a text."""


def members(text: str) -> dict[str, str]:
    """Members of a JSON object by name, each value as its text.

    Raises:
        ValueError: it is not an object.
        RecursionError: a value is nested too deeply to be read.
    """
    found: dict[str, str] = {}
    at = _after(text, 0, "{")
    while text[at : at + 1] != "}":
        name, at = LENIENT.raw_decode(text, at)
        start = _after(text, _skip(text, at), ":")
        _, end = LENIENT.raw_decode(text, start)
        found[name] = text[start:end]
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at : at + 1] == "," else at
        if at >= len(text):
            raise ValueError("the object has no end")
    return found


def keep_written(connection: DuckDBPyConnection, *, unusual: str, envelopes: str) -> None:
    """Put the data and the extensions of opened envelopes back as they were written, where SQL may
    have changed a number: of records that are in `unusual`."""
    rows = connection.execute(
        f"""
        select opened.row_id, unusual.line
        from {unusual} as unusual
        inner join {envelopes} as opened on unusual.row_id = opened.row_id
        where regexp_matches(unusual.line, '{REWRITTEN}')
        """
    ).fetchall()
    found = [(row_id, *written) for row_id, line in rows if (written := _as_written(line))]
    if not found:
        return
    row_ids, documents, extensions = zip(*found, strict=True)
    load_table(connection, "written", row_id=row_ids, document=documents, extensions=extensions)
    connection.execute(
        f"""
        update {envelopes} as opened set
            document = case when opened.document is not null then written.document end,
            extensions = case when opened.extensions is not null then written.extensions end
        from written where written.row_id = opened.row_id
        """
    )


def _as_written(line: str) -> tuple[str | None, str] | None:
    try:
        found = members(line)
    except (ValueError, RecursionError):
        return None
    own = {
        name: value
        for name, value in found.items()
        if value != "null" and (name not in ENVELOPE or name == "simulated")
    }
    return found.get("data"), _object(own)


def unwrap_data(
    connection: DuckDBPyConnection, rules: Rules, *, unusual: str, copies: tuple[str, ...]
) -> None:
    """Give records whose data is JSON within a text, or base64 of it (as CloudEvents' own libraries
    write what they are given as text or bytes), with that JSON in its place.

    What came is kept beside it, unless it hides a field that must be masked. `unusual` holds the
    records that may be so; it is changed, and so are the relations that hold copies of them.
    """
    rows = connection.execute(
        f"select row_id, line from {unusual}"
        f" where reason is null and raw is null and strlen(line) <= {rules.maximum_bytes}"
        f" and regexp_matches(line, '{WRAPPED}')"
    ).fetchall()
    found = [
        (row_id, *unwrapped) for row_id, line in rows if (unwrapped := _unwrapped(line, rules))
    ]
    if not found:
        return
    row_ids, lines, raws = zip(*found, strict=True)
    load_table(connection, "unwrapped", row_id=row_ids, line=lines, raw=raws)
    for relation in {unusual, *copies}:
        connection.execute(
            f"update {relation} as records set line = unwrapped.line, raw = unwrapped.raw"
            " from unwrapped where unwrapped.row_id = records.row_id"
        )


def _unwrapped(line: str, rules: Rules) -> tuple[str, str | None] | None:
    try:
        if not isinstance(read_strictly(line, parse_int=float), dict):
            return None
        found = members(line)
        data = _embedded(found)
        if data is None or not isinstance(document := read_strictly(data, parse_int=float), dict):
            return None
    except (RecordRefused, ValueError, RecursionError):
        return None
    found.pop("data_base64", None)
    names = {folded_field_name(name) for name in names_in(document)}
    raw = None if names & rules.vocabulary.forbidden_fields else line.removesuffix("\n")
    return _object(found | {"data": data}), raw


def _embedded(found: dict[str, str]) -> str | None:
    """The JSON text that is in `data` as a text, or in `data_base64`; None where neither is."""
    as_text, packed = found.get("data", "null"), found.get("data_base64", "null")
    if as_text.startswith('"') and packed == "null":
        return str(json.loads(as_text))
    if as_text == "null" and packed.startswith('"'):
        try:
            return base64.b64decode(json.loads(packed), validate=True).decode("utf-8")
        except binascii.Error:
            return None
    return None


def _object(found: dict[str, str]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in found.items()) + "}"


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t", "\r", "\n"):
        at += 1
    return at


def _after(text: str, at: int, mark: str) -> int:
    """Where the next thing begins after a mark that has to be here."""
    at = _skip(text, at)
    if text[at : at + 1] != mark:
        raise ValueError(f"{mark!r} expected")
    return _skip(text, at + 1)
