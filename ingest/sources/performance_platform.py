"""Records of GOV.UK's Performance Platform: a JSON array, its read API's answer, or JSON lines.

A record is flat: `_timestamp` (start of the period), `period`, `service`, `channel`, `count`
(a number, or text that holds one), `dataType`; names that begin with `_` are the platform's own
(`_id`, `_updated_at`, `_week_start_at`). Its read API wraps records in `{"data": [...]}`, and may
group them: `_start_at` and `_end_at` (exclusive) instead of `_timestamp`, `count:sum` instead of
`count`, and one object per channel with the periods under `values`. A sum over a group's periods
is beside them; it is a total, and no record comes of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ingest.landing.inspection import SourceFile
from ingest.refusals import RecordRefused
from ingest.sources.base import Context, Source
from ingest.sources.cloudevents import LINE_SUFFIXES, read_lines
from ingest.sources.json_elements import (
    SUFFIXES,
    begins_answer,
    elements,
    first_object,
    text_of,
    whole_text,
)
from ingest.sources.platform_events import COUNTS, MARKS, Words, load_words, to_event
from ingest.validation.strict_json import read_strictly

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_PER_TABLE = 20_000


class PerformancePlatform(Source):
    """JSON whose first record has a platform's moment; JSON lines whose first line has."""

    name = "performance_platform"
    most_bytes = None
    reads_again = True

    def recognise(self, file: SourceFile) -> bool:
        name = file.name.lower()
        if name.endswith(LINE_SUFFIXES):
            first = _first_of_lines(file.head)
            return first is not None and _is_ours(first)
        text = text_of(file.head)
        if not name.endswith(SUFFIXES) or '"specversion"' in text:
            return False
        if text in ("", "[]") or begins_answer(text):
            return True
        return any(f'"{mark}"' in text for mark in MARKS)

    def marks_simulated(self, file: SourceFile) -> bool | None:
        """Whether the first record says that it is simulated; None where there is none to ask."""
        if file.name.lower().endswith(LINE_SUFFIXES):
            first = _first_of_lines(file.head)
        else:
            first = first_object(file, answers=True)
        if not isinstance(first, dict):
            return None
        return next(_single_records(first))[1].get("simulated") is True

    def read(self, file: SourceFile, context: Context) -> Iterator[pa.Table]:
        """One record per record of the platform, however the file wraps them."""
        words = load_words(context.seeds).with_services(context.listed)
        if file.name.lower().endswith(LINE_SUFFIXES):
            for table in read_lines(file, context):
                for start in range(0, table.num_rows, ROWS_PER_TABLE):
                    lines = table.slice(start, ROWS_PER_TABLE).to_pylist()
                    texts = ((r["position"], r["line"], r["reason"]) for r in lines)
                    yield _table(_of_texts(texts, words))
            return
        pending: list[dict[str, Any]] = []
        for row in _of_texts(elements(whole_text(file)), words):
            pending.append(row)
            if len(pending) == ROWS_PER_TABLE:
                yield _table(pending)
                pending = []
        yield _table(pending)

    def read_again(self, raw: str, place: str | None, context: Context) -> pa.Table:
        """The record of a text in quarantine, by today's registers."""
        words = load_words(context.seeds).with_services(context.listed)
        rows = list(_of_texts([(1, raw, None)], words))
        return _table([row | {"place": place} for row in rows])


def _of_texts(
    texts: Iterable[tuple[int, str, str | None]], words: Words
) -> Iterator[dict[str, Any]]:
    """Rows of records of (position, text, reason for which it is none already)."""
    for position, text, reason in texts:
        row = {"position": position, "raw": text.rstrip("\r\n")}
        if reason is not None:
            yield row | {"reason": reason, "detail": "the file ends inside this record"}
            continue
        try:
            document = _decoded(text)
        except RecordRefused as refused:
            yield row | {"reason": refused.reason, "detail": refused.detail}
            continue
        for place, record in _single_records(document):
            own = row if place is None else row | {"raw": _as_json(record)}
            yield own | {"place": place} | _line_of(record, words)


def _line_of(record: Mapping[str, Any], words: Words) -> dict[str, str]:
    try:
        return {"line": _as_json(to_event(record, words))}
    except RecordRefused as refused:
        return {"reason": refused.reason, "detail": refused.detail}


class Written(Decimal):
    """A number that knows how it was written."""

    text: str


def _as_written(text: str) -> Written:
    try:
        number = Written(text)
    except ArithmeticError:
        raise RecordRefused("inexact_number", text[:40]) from None
    number.text = text
    return number


def _as_json(document: Any) -> str:
    """JSON text in which every number is spelled as it came."""
    import msgspec

    try:
        written = msgspec.json.encode(document, enc_hook=lambda one: msgspec.Raw(one.text.encode()))
    except RecursionError:
        raise RecordRefused("too_deep", "nested too deeply to be written") from None
    except UnicodeEncodeError:
        raise RecordRefused("not_json", "half of a surrogate pair in it") from None
    return written.decode()


def _decoded(text: str) -> dict[str, Any]:
    document = read_strictly(text, parse_int=_as_written, parse_float=_as_written)
    if not isinstance(document, dict):
        raise RecordRefused("not_an_object", f"it is {type(document).__name__}")
    _as_json(document)
    return document


def _single_records(document: dict[str, Any]) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """A record, or each period of a group with what the group says of all of them."""
    values = document.get("values")
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        yield None, document
        return
    shared = {
        name: value
        for name, value in document.items()
        if name not in ("values", *COUNTS) and not name.startswith("_")
    }
    for number, value in enumerate(values):
        yield f"values[{number}]", shared | value


def _first_of_lines(head: bytes) -> Any:
    for line in text_of(head).splitlines():
        if line.strip():
            try:
                return json.loads(line)
            except (ValueError, RecursionError):
                return None
    return None


def _is_ours(first: Any) -> bool:
    return (
        isinstance(first, dict)
        and "specversion" not in first
        and any(mark in first for mark in MARKS)
    )


def _table(rows: list[dict[str, Any]] | Iterator[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    from ingest.landing.records import RECORD_SCHEMA

    return pa.Table.from_pylist(list(rows), schema=RECORD_SCHEMA)
