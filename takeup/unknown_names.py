"""What the log holds and no register knows: names that publications print, values of quarantined
records."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.registers import body_key, known_departments, load_register
from core.sql import list_of
from ingest.log.event_log import EventLog
from ingest.log.listed import LISTED
from ingest.log.quarantine import OPEN, load_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from duckdb import DuckDBPyConnection

UNKNOWN = ("unknown_service", "unknown_channel", "unknown_value")
DETAILS = (
    re.compile(r"data\.(?P<field>\w+) is not known: (?P<value>.*)", re.DOTALL),
    re.compile(
        r"(?P<field>dataType|department_id|service_id|breakdown) (['\"])(?P<value>.*)\2"
        r"(?: is not in \w+)?$",
        re.DOTALL,
    ),
    re.compile(r"(['\"])(?P<value>.*)\1 is (?:in neither|not in) (?P<field>\w+)", re.DOTALL),
)
"""How the refusals of `UNKNOWN` say what was not known."""
KINDS = {
    "services": "service",
    "service_id": "service",
    "channel": "channel",
    "channel_aliases": "channel",
    "breakdown": "channel",
    "department_id": "department_id",
    "dataType": "data_type",
    "barrier": "barrier",
    "reason": "contact_reason",
}
"""What a field, or the register that a refusal names, is about."""


@dataclass(frozen=True)
class UnknownName:
    """One thing that no register knows.

    `kind`: department, organisation or published_service of a publication; service, channel,
    department_id, data_type, barrier or contact_reason of records in quarantine. `key` is a
    service's identifier or a department's abbreviation, where the publication has it. `count`:
    services that are listed under it, or records. `first_at`: when that was first published, or
    recorded; `seen_in` names that file.
    """

    kind: str
    name: str
    key: str
    count: int
    first_at: datetime
    seen_in: str


def unknown_names(connection: DuckDBPyConnection, log: EventLog, seeds: Path) -> list[UnknownName]:
    """Everything that the log holds and the registers in `seeds` don't know, each thing once."""
    return [*_printed(connection, log, seeds), *_quarantined(connection, log)]


def _printed(connection: DuckDBPyConnection, log: EventLog, seeds: Path) -> Iterator[UnknownName]:
    """Departments, organisations and services of publications."""
    if not log.files("event"):
        return
    _load_listings(connection, log)
    departments = known_departments(
        load_register("departments", seeds), load_register("department_aliases", seeds)
    )
    yield from _without_known("department", _grouped(connection, "department"), departments)
    organisations = {
        body_key(row[name])
        for register, name in (
            ("organisations", "organisation_name"),
            ("organisation_aliases", "alias"),
        )
        for row in load_register(register, seeds)
    }
    yield from _without_known("organisation", _grouped(connection, "organisation"), organisations)
    services = {
        row["service_id"]
        for register in ("services", "published_names")
        for row in load_register(register, seeds)
    }
    for name, key, count, first_at, seen_in in _grouped(connection, "service"):
        if key not in services:
            yield UnknownName("published_service", name, key, count, first_at, seen_in)


Grouped = tuple[str, str, int, datetime, str]
"""Name, key, count, first moment and file."""


def _without_known(
    kind: str, rows: Iterable[Grouped], known: Iterable[str]
) -> Iterator[UnknownName]:
    """Names whose key is not known; of several spellings of one key the first."""
    seen = set(known)
    for name, key, count, first_at, seen_in in rows:
        if name and body_key(name) not in seen:
            seen.add(body_key(name))
            yield UnknownName(kind, name, key, count, first_at, seen_in)


def _load_listings(connection: DuckDBPyConnection, log: EventLog) -> None:
    """Table `listings`: what publications print, with the moment and the file."""
    events = list_of(file.path for file in log.files("event"))
    files = list_of(file.path for file in log.files("file"))
    read = "union_by_name = true, hive_partitioning = false"
    connection.execute(
        f"""
        create or replace temp table listings as
        with files as (
            select file_hash, min(name) as input
            from read_parquet({files}, {read}) where state = 'ingested' group by file_hash
        )
        select
            json_extract_string(data, '$.service_id') as service_id,
            json_extract_string(data, '$.service_name') as service_name,
            coalesce(json_extract_string(data, '$.department_name'), '') as department_name,
            coalesce(json_extract_string(data, '$.department_abbreviation'), '')
                as department_key,
            coalesce(
                json_extract_string(data, '$.organisation_name'),
                json_extract_string(data, '$.organisation_abbreviation'),
                ''
            ) as organisation_name,
            '' as organisation_key,
            service_id as service_key,
            coalesce(published_at, recorded_at) as known_at,
            files.input,
        from read_parquet({events}, {read}) as events
        inner join files on events.file_hash = files.file_hash
        where type = '{LISTED}'
        """
    )


def _grouped(connection: DuckDBPyConnection, thing: str) -> list[Grouped]:
    """One row per printed name of a thing, of services per identifier, first published first."""
    by = "service_id" if thing == "service" else f"trim({thing}_name)"
    return connection.execute(
        f"""
        select
            trim(arg_max({thing}_name, known_at)),
            max({"service_id" if thing == "service" else f"{thing}_key"}),
            count(distinct service_id),
            min(known_at),
            arg_min(input, (known_at, input)),
        from listings group by {by} order by min(known_at), 1
        """
    ).fetchall()


def _quarantined(connection: DuckDBPyConnection, log: EventLog) -> Iterator[UnknownName]:
    """Services, channels and values for which open records were refused."""
    load_open(connection, log, into=OPEN)
    rows = connection.execute(
        f"""
        select detail, count(*), min(recorded_at), arg_min(name, (recorded_at, name))
        from {OPEN} where reason in {UNKNOWN} and detail is not null
        group by detail order by min(recorded_at), detail
        """
    ).fetchall()
    found: dict[tuple[str, str], UnknownName] = {}
    for detail, count, first_at, seen_in in rows:
        named = unknown_value(detail)
        if named is None:
            continue
        before = found.get(named)
        found[named] = (
            UnknownName(*named, "", count, first_at, seen_in)
            if before is None
            else replace(before, count=before.count + count)
        )
    yield from found.values()


def unknown_value(detail: str) -> tuple[str, str] | None:
    """Kind and value of what a refusal says is not known; None where no register could know it."""
    match = next((match for one in DETAILS if (match := one.match(detail))), None)
    kind = KINDS.get(match["field"]) if match else None
    return None if match is None or kind is None else (kind, match["value"])
