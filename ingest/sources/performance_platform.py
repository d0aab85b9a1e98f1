"""Records of GOV.UK's Performance Platform: a JSON array, its read API's answer, or JSON lines.

A record is flat: `_timestamp` (start of the period), `period`, `service`, `channel`, `count`
(a number, or text that holds one), `dataType`; names that begin with `_` are the platform's own
(`_id`, `_updated_at`, `_week_start_at`). Its read API wraps records in `{"data": [...]}`, and may
group them: `_start_at` and `_end_at` (exclusive) instead of `_timestamp`, `count:sum` instead of
`count`, and one object per channel with the periods under `values`. A sum over a group's periods
stands beside them; it is a total, and no record comes of it.

The layout is that of alphagov/backdrop (validation, timeseries), of the answers stored in
alphagov/spotlight and of what services sent. Backdrop reads a moment without a zone as UTC.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from ingest.landing.inspection import SourceFile
from ingest.refusals import FileRejected, RecordRefused
from ingest.sources import Context
from ingest.sources.json_elements import begins_answer, elements

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "performance_platform"
SOURCE = "urn:takeup:performance-platform:"
TYPE = "uk.gov.takeup.volume.reported.v1"
ARRAY_SUFFIXES = (".json", ".json.gz", ".json.zst")
MARKS = ("_timestamp", "_start_at")
COUNTS = ("count", "count:sum")
SAID = {"dataType", "period", "simulated", *COUNTS}
"""Fields that the event says in a way of its own."""

HARMLESS = SAID | {"service", "channel", "channel_type", "comment"}
"""Fields that may be text without splitting the count. `channel_type` is the channel's class."""

LONDON = ZoneInfo("Europe/London")
LONGEST_DOCUMENT = 256 * 1024 * 1024
ROWS_PER_TABLE = 20_000
MOST_DIGITS = 30


@dataclass(frozen=True)
class Words:
    """What the platform's words stand for, as the registers say."""

    services: frozenset[str]
    service_aliases: Mapping[str, str]
    channels: Mapping[str, str]
    measures: Mapping[str, str]
    forbidden: frozenset[str]


def recognise(file: SourceFile) -> bool:
    """JSON whose first record has a platform's moment; JSON lines whose first line has."""
    from ingest.sources.cloudevents import LINE_SUFFIXES

    name = file.name.lower()
    if name.endswith(LINE_SUFFIXES):
        first = _first_of_lines(file.head)
        return first is not None and _is_ours(first)
    if not name.endswith(ARRAY_SUFFIXES):
        return False
    text = _text_of(file.head)
    if text in ("", "[]") or begins_answer(text):
        return True
    return any(f'"{mark}"' in text for mark in MARKS)


def marks_simulated(file: SourceFile) -> bool | None:
    """Whether the first record says that it is simulated; None where there is none to ask."""
    from ingest.sources.cloudevents import LINE_SUFFIXES

    if file.name.lower().endswith(LINE_SUFFIXES):
        first: Any = _first_of_lines(file.head)
    else:
        texts = (text for _, text, reason in elements(_text_of(file.head)) if reason is None)
        first = next((json.loads(text) for text in texts), None)
    return first.get("simulated") is True if isinstance(first, dict) else None


def read(file: SourceFile, context: Context) -> Iterator[pa.Table]:
    """One record per record of the platform, however the file wraps them."""
    from ingest.sources import cloudevents

    words = load_words(context.seeds)
    if file.name.lower().endswith(cloudevents.LINE_SUFFIXES):
        for table in cloudevents.read(file, context):
            for start in range(0, table.num_rows, ROWS_PER_TABLE):
                lines = table.slice(start, ROWS_PER_TABLE).to_pylist()
                yield _table(
                    _of_texts(((r["position"], r["line"], r["reason"]) for r in lines), words)
                )
        return
    pending: list[dict[str, Any]] = []
    for row in _of_texts(elements(_whole_text(file)), words):
        pending.append(row)
        if len(pending) == ROWS_PER_TABLE:
            yield _table(pending)
            pending = []
    yield _table(pending)


def read_again(raw: str, place: str | None, context: Context) -> pa.Table:
    """The record of a text that stands in quarantine, by today's registers."""
    rows = list(_of_texts([(1, raw, None)], load_words(context.seeds)))
    return _table([row | {"place": place} for row in rows])


@cache
def load_words(seeds: Path) -> Words:
    """The registers that say what the platform's words stand for.

    Raises:
        UsageError: a register is missing, broken or contradicts itself.
    """
    from core.registers import alias_index, load_register, service_aliases
    from ingest.validation.vocabulary import Vocabulary

    return Words(
        services=frozenset(row["service_id"] for row in load_register("services", seeds)),
        service_aliases=service_aliases(seeds),
        channels=alias_index(
            load_register("channel_aliases", seeds), "channel", register="channel_aliases"
        ),
        measures={
            row["data_type"]: row["measure"] for row in load_register("platform_data_types", seeds)
        },
        forbidden=Vocabulary.load(seeds).forbidden_fields,
    )


def to_event(record: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """The event of one record, grouped ones taken apart.

    Raises:
        RecordRefused: it can't be one.
    """
    from core.registers import id_of

    data_type = _word(record, "dataType")
    service = _word(record, "service")
    channel = _word(record, "channel")
    moment = _moment(record, next((mark for mark in MARKS if mark in record), MARKS[0]))
    kind, start, end = _period(record, moment)
    if data_type not in words.measures:
        raise RecordRefused(
            "unknown_value", f"dataType {data_type!r} is not in platform_data_types"
        )
    splitting = [
        name
        for name, value in record.items()
        if isinstance(value, str | bool)
        and not name.startswith("_")
        and name not in HARMLESS
        and not _is_forbidden(name, words)
    ]
    if splitting:
        raise RecordRefused(
            "invalid_field", f"{splitting[0]} splits the count: the whole of a channel is needed"
        )
    service_id = service if service in words.services else id_of(service, words.service_aliases)
    if service_id is None:
        raise RecordRefused(
            "unknown_service", f"{service!r} is in neither services nor service_aliases"
        )
    breakdown = id_of(channel, words.channels)
    if breakdown is None:
        raise RecordRefused("unknown_channel", f"{channel!r} is not in channel_aliases")
    updated = _moment(record, "_updated_at") if record.get("_updated_at") is not None else None
    identity = [service, channel, kind, _written(moment), *([_written(updated)] if updated else [])]
    return {
        "specversion": "1.0",
        "id": "/".join(quote(part, safe=":") for part in identity),
        "source": SOURCE + quote(data_type),
        "type": TYPE,
        "time": _written(moment),
        "datacontenttype": "application/json",
        **({"publishedat": _written(updated)} if updated else {}),
        **({"simulated": record["simulated"]} if "simulated" in record else {}),
        "data": {
            "service_id": service_id,
            "breakdown": breakdown,
            "measure": words.measures[data_type],
            "period": {"kind": kind, "start": start.isoformat(), "end": end.isoformat()},
            **_count(record),
            "record": {
                name: value
                for name, value in record.items()
                if name not in SAID and not name.startswith("_")
            },
        },
    }


def _word(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if value is None or value == "":
        raise RecordRefused("missing_field", name)
    if not isinstance(value, str):
        raise RecordRefused(
            "invalid_field", f"{name} is no text: {json.dumps(value, default=str)[:100]}"
        )
    return value


def _is_forbidden(name: str, words: Words) -> bool:
    from ingest.validation.masking import plain_field_name

    return plain_field_name(name) in words.forbidden


def _moment(record: Mapping[str, Any], name: str) -> datetime:
    value = record.get(name)
    if value is None:
        raise RecordRefused("missing_field", name)
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise RecordRefused("invalid_time", f"{name} {str(value)[:40]}") from error


def _written(moment: datetime) -> str:
    return moment.isoformat().removesuffix("+00:00") + "Z"


def _period(record: Mapping[str, Any], moment: datetime) -> tuple[str, date, date]:
    """Kind, first and last day: London days, as all periods are."""
    start = moment.astimezone(LONDON).date()
    if record.get("period") is not None:
        kind = _word(record, "period")
        return kind, start, _last_day(kind, start)
    if "_end_at" not in record:
        raise RecordRefused("missing_field", "period")
    end = _moment(record, "_end_at").astimezone(LONDON).date() - timedelta(days=1)
    for kind in ("day", "week", "month", "quarter", "year"):
        if _last_day(kind, start) == end:
            return kind, start, end
    raise RecordRefused("invalid_field", f"no period goes from {start} to {end}")


def _last_day(kind: str, start: date) -> date:
    """Last day of a period of a kind that the platform knows, else its first."""
    months = {"month": 1, "quarter": 3, "year": 12}.get(kind)
    if months is None:
        return start + timedelta(days=6 if kind == "week" else 0)
    number = start.year * 12 + start.month - 1 + months
    return date(number // 12, number % 12 + 1, 1) - timedelta(days=1)


def _count(record: Mapping[str, Any]) -> dict[str, Any]:
    """The count, as a whole number where it is one; a null says that there is none."""
    name = next((name for name in COUNTS if name in record), None)
    if name is None:
        raise RecordRefused("missing_field", "count")
    value = record[name]
    if value is None or value == "":
        return {"status": "not_provided"}
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return {"count": value}
    if isinstance(value, str):
        sign, digits = ("-", value.strip()[1:]) if value.strip()[:1] == "-" else ("", value.strip())
        whole, _, fraction = digits.partition(".")
        if not (whole.isascii() and whole.isdecimal() and set(fraction) <= {"0"}):
            return {"count": value}
        value = Decimal(sign + whole)
    if abs(Decimal(value).adjusted()) >= MOST_DIGITS:
        raise RecordRefused("inexact_number", f"count {str(value)[:40]}")
    return {"count": int(value) if value == int(value) else float(value)}


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
        for place, record in _taken_apart(document):
            own = row if place is None else row | {"raw": json.dumps(record, default=_as_number)}
            yield own | {"place": place} | _judged(record, words)


def _judged(record: Mapping[str, Any], words: Words) -> dict[str, str]:
    try:
        return {"line": json.dumps(to_event(record, words), default=_as_number)}
    except RecordRefused as refused:
        return {"reason": refused.reason, "detail": refused.detail}


def _as_number(value: Any) -> float:
    return float(value)


def _decoded(text: str) -> dict[str, Any]:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise RecordRefused("duplicate_key", f"key {twice!r} stands twice")
        return found

    def constant(name: str) -> None:
        raise RecordRefused("not_json", f"{name} is not JSON")

    try:
        document = json.loads(
            text, object_pairs_hook=members, parse_constant=constant, parse_float=Decimal
        )
    except RecursionError:
        raise RecordRefused("too_deep", "nested too deep to be read") from None
    except ValueError as error:
        raise RecordRefused("not_json", str(error)) from error
    if not isinstance(document, dict):
        raise RecordRefused("not_an_object", f"it is {type(document).__name__}")
    return document


def _taken_apart(document: dict[str, Any]) -> Iterator[tuple[str | None, dict[str, Any]]]:
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


def _whole_text(file: SourceFile) -> str:
    from ingest.landing.containers import open_stream, read_exactly

    with open_stream(file.path, file.container) as stream:
        content = read_exactly(stream, LONGEST_DOCUMENT + 1)
    if len(content) > LONGEST_DOCUMENT:
        raise FileRejected(
            "corrupt", f"one JSON document of more than {LONGEST_DOCUMENT} bytes: use JSON lines"
        )
    return content.decode("utf-8-sig")


def _text_of(head: bytes) -> str:
    return head.decode("utf-8-sig", "ignore").strip()


def _first_of_lines(head: bytes) -> Any:
    for line in _text_of(head).splitlines():
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
