"""The rules of a record, stated a second time: JSON by Python, fields by the JSON Schemas.

Says whether a line may be accepted, from the schemas that service teams validate against and
from what DESIGN.md says beside them. Where our rules are stricter than JSON Schema can say (or
than its library reads them), it is stated here and nowhere else.
"""

from __future__ import annotations

import base64
import csv
import json
import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import category

import jsonschema

from core.periods import REPORTING_ZONE
from core.settings import PROJECT_ROOT
from ingest.validation.masking import folded_field_name
from tests.support.homes import RUN_AT

SCHEMAS = PROJECT_ROOT / "ingest" / "schemas"
SEEDS = PROJECT_ROOT / "seeds"
REGISTERS = {
    "services": ("services", "service_id"),
    "channels": ("channels", "channel"),
    "departments": ("departments", "department_id"),
    "barriers": ("barriers", "barrier"),
    "contact_reasons": ("contact_reasons", "reason"),
}
CLASSES = {"total", "digital", "assisted_digital", "non_digital"}
MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-](?:0\d|1[0-4]):[0-5]\d)",
    re.ASCII,
)
LARGEST = 2**63 - 1
RUN_DAY = RUN_AT.astimezone(REPORTING_ZONE).date()


class Refused(Exception):
    """The line may not be accepted, and why."""


def is_acceptable(
    line: str, *, latest: datetime, limit: int = 1024 * 1024, depth: int = 64
) -> bool:
    """Whether a line is an event that a real log may take."""
    try:
        _check(line, latest=latest, limit=limit, depth=depth)
    except Refused:
        return False
    return True


def _check(line: str, *, latest: datetime, limit: int, depth: int) -> None:
    if len(line.encode()) > limit:
        raise Refused("too large")
    event = _read(line)
    if not isinstance(event, dict):
        raise Refused("not an object")
    event = _unwrapped(event)
    _check_values(event, depth)
    _check_envelope(event, latest)
    kind = event["type"]
    if kind not in schemas():
        raise Refused("unknown type")
    schema, registers = schemas()[kind]
    # CloudEvents reads an attribute that is null as absent, and so do we; fields of data too.
    present = {name: value for name, value in event.items() if value is not None}
    present["data"] = _without_null(event["data"], schema["properties"]["data"])
    _check_numbers(present["data"], schema["properties"]["data"])
    problems = list(jsonschema.Draft202012Validator(schema).iter_errors(present))
    if problems:
        raise Refused(problems[0].message)
    for path, allowed in registers.items():
        value = present["data"].get(path)
        if value is not None and value not in allowed:
            raise Refused(f"{path} is not in its register")
    _check_texts(present["data"], schema["properties"]["data"])
    if "period" in present["data"] and "period" in schema["properties"]["data"]["properties"]:
        _check_period(present["data"]["period"])
        ends = schema["properties"]["data"]["properties"]["period"].get("x-ended")
        if ends and _day(present["data"]["period"]["end"]) > RUN_DAY:
            raise Refused("the period has not ended")


def _read(line: str) -> Any:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise Refused("a key twice")
        return dict(pairs)

    def no_constant(name: str) -> None:
        raise Refused(name)

    try:
        return json.loads(line, object_pairs_hook=members, parse_constant=no_constant)
    except ValueError as error:
        raise Refused(str(error)) from error
    except RecursionError as error:
        raise Refused("too deep") from error


def _unwrapped(event: dict[str, Any]) -> dict[str, Any]:
    """The event with its data as an object, where that is JSON in a text or base64 of it."""
    inside = event.get("data")
    packed = event.get("data_base64")
    try:
        if inside is None and isinstance(packed, str):
            inside = base64.b64decode(packed, validate=True).decode()
            event = {name: value for name, value in event.items() if name != "data_base64"}
        elif not isinstance(inside, str) or packed is not None:
            return event
        data = _read(inside)
    except (ValueError, Refused):
        return event
    return event | {"data": data} if isinstance(data, dict) else event


def _check_values(value: Any, depth: int) -> None:
    if depth == 0:
        raise Refused("too deep")
    if isinstance(value, dict):
        for name, inner in value.items():
            if folded_field_name(name) in forbidden():
                raise Refused("personal data")
            _check_characters(name)
            _check_values(inner, depth - 1) if isinstance(inner, (dict, list)) else None
            if isinstance(inner, str):
                _check_characters(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_values(inner, depth - 1) if isinstance(inner, (dict, list)) else None
            if isinstance(inner, str):
                _check_characters(inner)


def _check_characters(text: str) -> None:
    for letter in text:
        code = ord(letter)
        if (code < 32 and letter not in "\t\n\r") or 127 <= code < 160 or 0xD800 <= code < 0xE000:
            raise Refused("control character")


def _check_envelope(event: dict[str, Any], latest: datetime) -> None:
    for name in ("specversion", "id", "source", "type", "time"):
        value = event.get(name)
        if not isinstance(value, str) or all(category(letter) == "Zs" for letter in value):
            raise Refused(f"{name} is not a text")
    for name in ("id", "source"):
        if len(event[name].encode()) > 2000 or any(c in event[name] for c in "\t\n\r"):
            raise Refused(f"{name} is too long or has a control character")
    content = event.get("datacontenttype")
    if content is not None and not isinstance(content, str):
        raise Refused("datacontenttype is not a text")
    if event.get("simulated") not in (None, False):
        raise Refused("simulated")
    if not isinstance(event.get("data"), dict):
        raise Refused("data is no object")
    for name in ("time", "publishedat"):
        if event.get(name) is not None and _moment(event[name]) > latest:
            raise Refused("in the future")


def _moment(text: Any) -> datetime:
    match = MOMENT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise Refused("no moment")
    day, clock, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{zone.upper()}")
    except (ValueError, OverflowError) as error:
        raise Refused("no moment") from error
    if moment < datetime(1900, 1, 1, tzinfo=UTC):
        raise Refused("too long ago")
    micros = int((fraction or "0")[:6].ljust(6, "0"))
    return moment + timedelta(microseconds=micros)


def _without_null(value: Any, schema: dict[str, Any]) -> Any:
    if not isinstance(value, dict):
        return value
    known = schema.get("properties", {})
    return {
        name: _without_null(inner, known.get(name, {}))
        for name, inner in value.items()
        if not (inner is None and name in known)
    }


def _check_numbers(data: Any, schema: dict[str, Any]) -> None:
    """Whole numbers are written whole and fit into 64 bits; JSON Schema takes 5.0 for 5."""
    for name, rule in schema["properties"].items():
        value = data.get(name)
        if rule.get("type") == "integer" and isinstance(value, float):
            raise Refused("not written as a whole number")
        if rule.get("type") == "integer" and isinstance(value, int) and abs(value) > LARGEST:
            raise Refused("too large to be exact")
        if (
            rule.get("type") == "number"
            and isinstance(value, float)
            and value
            in (
                float("inf"),
                float("-inf"),
            )
        ):
            raise Refused("no number")


def _check_texts(data: Any, schema: dict[str, Any]) -> None:
    """A text of blanks is empty; a date is a day of the calendar."""
    for name, rule in schema.get("properties", {}).items():
        value = data.get(name)
        if isinstance(value, dict):
            _check_texts(value, rule)
        if rule.get("type") == "string" and isinstance(value, str):
            if all(letter in "\t\n\r" or category(letter) == "Zs" for letter in value):
                raise Refused(f"{name} is blank")
            if rule.get("format") == "date":
                _day(value)


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise Refused("no date")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Refused("no date") from error
    if not 1900 <= day.year <= 2100:
        raise Refused("no day of ours")
    return day


def _check_period(period: dict[str, Any]) -> None:
    start, end = _day(period["start"]), _day(period["end"])
    after = end + timedelta(days=1)
    months = 12 * (after.year - start.year) + after.month - start.month
    is_whole = start.day == 1 and after.day == 1
    match period["kind"]:
        case "day":
            fits = start == end
        case "month":
            fits = is_whole and months == 1
        case "quarter":
            fits = is_whole and months == 3 and start.month % 3 == 1
        case "financial_year":
            fits = is_whole and months == 12 and start.month == 4
        case _:
            fits = is_whole and months == 12
    if not fits:
        raise Refused("no such period")


@cache
def schemas() -> dict[str, tuple[dict[str, Any], dict[str, frozenset[str]]]]:
    """By type: the JSON Schema, and the register's values for each field that names one."""
    found = {}
    for path in SCHEMAS.glob("*.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        fields = schema["properties"]["data"]["properties"]
        registers = {
            name: values(rule["x-register"])
            for name, rule in fields.items()
            if "x-register" in rule
        }
        found[schema["properties"]["type"]["const"]] = schema, registers
    return found


@cache
def values(register: str) -> frozenset[str]:
    """What a register allows."""
    if register == "breakdowns":
        return values("channels") | CLASSES
    name, column = REGISTERS[register]
    return frozenset(row[column] for row in rows_of(SEEDS / f"{name}.csv") if row[column])


@cache
def forbidden() -> frozenset[str]:
    """Names that no field may have, as they are compared."""
    return frozenset(
        folded_field_name(row["field_name"]) for row in rows_of(SEEDS / "forbidden_fields.csv")
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    """A register's rows."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
