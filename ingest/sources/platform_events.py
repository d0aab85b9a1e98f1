"""Events of the Performance Platform's records, by the registers' words.

The layout is that of alphagov/backdrop (validation, timeseries), of the answers stored in
alphagov/spotlight and of what services sent. Backdrop reads a moment without a zone as UTC.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.periods import REPORTING_ZONE, last_day, short_moment_text
from core.registers import alias_index, id_of, load_register, service_aliases
from ingest.refusals import RecordRefused
from ingest.validation.data_check import LARGEST_COUNT
from ingest.validation.masking import folded_field_name
from ingest.validation.vocabulary import Vocabulary

SOURCE = "urn:takeup:performance-platform:"
TYPE = "uk.gov.takeup.volume.reported.v1"
MARKS = ("_timestamp", "_start_at")
COUNTS = ("count", "count:sum")
SAID = {"dataType", "period", "simulated", *COUNTS}
"""Fields that the event says in a way of its own."""

HARMLESS = SAID | {"service", "channel", "channel_type", "comment"}
"""Fields that may be text without splitting the count. `channel_type` is the channel's class."""

MOST_DIGITS = 30


@dataclass(frozen=True)
class Words:
    """What the platform's words stand for, as the registers say."""

    services: frozenset[str]
    service_aliases: Mapping[str, str]
    channels: Mapping[str, str]
    measures: Mapping[str, str]
    forbidden: frozenset[str]

    def with_services(self, listed: frozenset[str]) -> Words:
        """The same with services that no register but a publication knows."""
        return replace(self, services=self.services | listed)


@cache
def load_words(seeds: Path) -> Words:
    """The registers that say what the platform's words stand for.

    Raises:
        UsageError: a register is missing, broken or contradicts itself.
    """
    vocabulary = Vocabulary.load(seeds)
    return Words(
        services=vocabulary.registers["services"],
        service_aliases=service_aliases(seeds),
        channels=alias_index(
            load_register("channel_aliases", seeds), "channel", register="channel_aliases"
        ),
        measures={
            row["data_type"]: row["measure"] for row in load_register("platform_data_types", seeds)
        },
        forbidden=vocabulary.forbidden_fields,
    )


def to_event(record: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """The event of one record, grouped ones taken apart.

    Raises:
        RecordRefused: it can't be one.
    """
    data_type = _word(record, "dataType")
    service = _word(record, "service")
    channel = _word(record, "channel")
    moment = _moment(record, next((mark for mark in MARKS if mark in record), MARKS[0]))
    kind, start, end = _period(record, moment)
    if data_type not in words.measures:
        raise RecordRefused(
            "unknown_value", f"dataType {data_type!r} is not in platform_data_types"
        )
    _refuse_splitting(record, words)
    service_id = service if service in words.services else id_of(service, words.service_aliases)
    if service_id is None:
        raise RecordRefused(
            "unknown_service", f"{service!r} is in neither services nor service_aliases"
        )
    breakdown = id_of(channel, words.channels)
    if breakdown is None:
        raise RecordRefused("unknown_channel", f"{channel!r} is not in channel_aliases")
    updated = _moment(record, "_updated_at") if record.get("_updated_at") is not None else None
    identity = [
        service_id,
        breakdown,
        kind,
        short_moment_text(moment),
        *([short_moment_text(updated)] if updated else []),
    ]
    return {
        "specversion": "1.0",
        "id": "/".join(quote(part, safe=":") for part in identity),
        "source": SOURCE + quote(data_type),
        "type": TYPE,
        "time": short_moment_text(moment),
        "datacontenttype": "application/json",
        **({"publishedat": short_moment_text(updated)} if updated else {}),
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


def _refuse_splitting(record: Mapping[str, Any], words: Words) -> None:
    for name, value in record.items():
        is_platforms = name.startswith("_") or name in HARMLESS
        if isinstance(value, str | bool) and not is_platforms and not _is_forbidden(name, words):
            raise RecordRefused(
                "invalid_field", f"{name} splits the count: the whole of a channel is needed"
            )


def _word(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if value is None or value == "":
        raise RecordRefused("missing_field", name)
    if not isinstance(value, str):
        shown = value if isinstance(value, Decimal) else json.dumps(value, default=str)
        raise RecordRefused("invalid_field", f"{name} is not a text: {str(shown)[:100]}")
    return value


def _is_forbidden(name: str, words: Words) -> bool:
    return folded_field_name(name) in words.forbidden


def _moment(record: Mapping[str, Any], name: str) -> datetime:
    value = record.get(name)
    if value is None:
        raise RecordRefused("missing_field", name)
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise RecordRefused("invalid_time", f"{name} {str(value)[:40]}") from error


def _period(record: Mapping[str, Any], moment: datetime) -> tuple[str, date, date]:
    """Kind, first and last day: London days, as all periods are."""
    start = moment.astimezone(REPORTING_ZONE).date()
    if record.get("period") is not None:
        kind = _word(record, "period")
        return kind, start, _last_day(kind, start)
    if "_end_at" not in record:
        raise RecordRefused("missing_field", "period")
    end = _moment(record, "_end_at").astimezone(REPORTING_ZONE).date() - timedelta(days=1)
    for kind in ("day", "week", "month", "quarter", "year"):
        if _last_day(kind, start) == end:
            return kind, start, end
    raise RecordRefused("invalid_field", f"no period goes from {start} to {end}")


def _last_day(kind: str, start: date) -> date:
    """Last day of a period of a kind that the platform knows, else its first."""
    months = {"month": 1, "quarter": 3, "year": 12}.get(kind)
    if months is None:
        return start + timedelta(days=6 if kind == "week" else 0)
    return last_day(start.year, start.month, months=months)


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
    return {"count": int(value) if value == int(value) and abs(value) <= LARGEST_COUNT else value}
