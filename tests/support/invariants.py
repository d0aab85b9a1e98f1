"""The invariants of the design, stated a second time and checked after every fault.

1 to 3 hold of every log and are checked by `check_log`; 4 to 6 hold of a warehouse that was
built from it and are checked by `check_warehouse`. Records are counted here from the landed
bytes, by other means than those that load them.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import re
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import blake3
import duckdb
import pyarrow.parquet as pq
import zstandard

from ingest.log.verification import verify
from ingest.refusals import FILE_REASONS, RECORD_REASONS
from tests.support.homes import Home, Row

LONDON = ZoneInfo("Europe/London")
STATES = {"ingested", "rejected", "duplicate_file"}
QUARTER_HEADER = re.compile(r"(Total|Digital) transactions \w{3} - \w{3} \d{4}")
ROLLING_HEADER = re.compile(
    r"\d{4}-Q[1-4] (Vol\.|Digital vol\.|(Digital )?CPT \(£\)|Completion rate|User satisfaction)"
)
Key = tuple[int, str | None]
"""Position and place of a record in its file."""


def check_log(home: Home, *, is_again_a_no_op: bool = True) -> None:
    """Invariants 1 to 3 of DESIGN.md, and the chain that the log hangs on."""
    _every_record_is_accounted_for(home)
    _every_file_has_one_state(home)
    _every_identity_stands_once(home)
    found = verify(home.settings.log)
    assert found.problems == []
    if is_again_a_no_op:
        version = home.log().version
        assert home.ingest().commits == []
        assert home.log().version == version


def _every_record_is_accounted_for(home: Home) -> None:
    """Invariant 1, with the records counted from the bytes that landed."""
    found: dict[str, dict[str, list[Key]]] = defaultdict(lambda: defaultdict(list))
    for kind in ("event", "duplicate", "quarantine"):
        for row in home.rows(kind):
            found[row["file_hash"]][kind].append((row["position"], row["place"]))
    retried: dict[str, list[Key]] = defaultdict(list)
    for row in home.rows("retry"):
        if row["outcome"] != "quarantined":
            retried[row["file_hash"]].append((row["position"], row["place"]))
    contents = {content_hash(content): (name, content) for name, content in home.landed}
    ingested = [row for row in home.rows("file") if row["state"] == "ingested"]
    for row in ingested:
        outcomes = found.pop(row["file_hash"], {})
        first = Counter(key for keys in outcomes.values() for key in keys)
        first.subtract(retried.pop(row["file_hash"], []))
        counts = (row["accepted_count"], row["duplicate_count"], row["quarantined_count"])
        assert row["read_count"] == sum(counts)
        assert len(outcomes.get("quarantine", [])) == row["quarantined_count"]
        assert set(first.values()) <= {1}, f"{row['name']}: a record has two outcomes or none"
        assert len(first) == row["read_count"]
        name, content = contents[row["file_hash"]]
        expected = count_records(name, content)
        if isinstance(expected, int):
            assert row["read_count"] == expected
        else:
            assert {position for position, _ in first} == set(expected)
            _refused_bytes_are_kept(home, row["file_hash"], expected)
    assert not found, "records of a file that the ledger does not know"
    assert not retried, "retries of a file that the ledger does not know"


def _refused_bytes_are_kept(home: Home, file_hash: str, lines: dict[int, bytes]) -> None:
    for row in home.rows("quarantine"):
        if row["file_hash"] != file_hash:
            continue
        assert row["reason"] in RECORD_REASONS
        assert row["schema_version"]
        assert row["code_version"]
        if b"masked:" not in row["raw"]:
            assert row["raw"] == lines[row["position"]]


def _every_file_has_one_state(home: Home) -> None:
    """Invariant 2: one row per name, content and check, with a state that ends it."""
    rows = home.rows("file")
    for row in rows:
        assert row["state"] in STATES
        assert (row["reason"] in FILE_REASONS) == (row["state"] == "rejected")
        assert row["size_bytes"] is not None
        json.loads(row["flags"])
    checked = Counter(
        (row["name"], row["file_hash"], row["state"], row["reason"], row["code_version"])
        for row in rows
    )
    assert set(checked.values()) <= {1}, f"one file has two rows in the ledger: {checked}"
    ingested = Counter(row["file_hash"] for row in rows if row["state"] == "ingested")
    assert set(ingested.values()) <= {1}, "the same bytes were taken in twice"


def _every_identity_stands_once(home: Home) -> None:
    """Invariant 3: identities are unique, and every duplicate names an event that is there."""
    events = home.rows("event")
    identities = Counter((row["source"], row["id"]) for row in events)
    assert set(identities.values()) <= {1}, "an identity was accepted twice"
    places = {
        (row["file_hash"], row["position"], row["commit_version"], row["source"], row["id"])
        for row in events
    }
    for row in home.rows("duplicate"):
        winner = (
            row["winner_file_hash"],
            row["winner_position"],
            row["winner_commit_version"],
            row["source"],
            row["id"],
        )
        assert winner in places, f"a duplicate's winner is not there: {winner}"


def count_records(name: str, content: bytes) -> dict[int, bytes] | int:
    """Records of a landed file: by line number for JSON lines, else only how many."""
    lower = name.lower()
    if lower.endswith(".gz"):
        lower, content = lower[:-3], gzip.decompress(content)
    elif lower.endswith(".zst"):
        reader = zstandard.ZstdDecompressor().stream_reader(content, read_across_frames=True)
        lower, content = lower[:-4], reader.read()
    if lower.endswith(".parquet"):
        return int(pq.ParquetFile(io.BytesIO(content)).metadata.num_rows)
    if lower.endswith((".jsonl", ".ndjson")):
        return json_lines(content)
    if Path(name).name in ("vintages.csv", "manifest.csv", "publications.csv"):
        return 0
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    if rows and "Slug" in rows[0]:
        return _count_cells(rows)
    return sum(bool(row) for row in rows[1:]) + _count_sign_offs(rows)


def json_lines(content: bytes) -> dict[int, bytes]:
    """Lines that hold something, by their number."""
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return {number: line for number, line in enumerate(lines, 1) if line not in (b"", b"\r")}


def _count_cells(rows: list[list[str]]) -> int:
    """Records of a publication: a listing and a cell a quarter per row, filled rolling cells."""
    header = [" ".join(name.split()) for name in rows[0]]
    key = header.index("Slug")
    quarters = [i for i, name in enumerate(header) if QUARTER_HEADER.fullmatch(name)]
    rolling = [i for i, name in enumerate(header) if ROLLING_HEADER.fullmatch(name)]
    total = 0
    for row in rows[1:]:
        if not row:
            continue
        if len(row) != len(header) or not row[key].strip():
            total += 1
        else:
            total += 1 + len(quarters) + sum(bool(row[i].strip()) for i in rolling)
    return total


def _count_sign_offs(rows: list[list[str]]) -> int:
    """Records of a return beside its counts: one for each service and period that is signed off."""
    if not rows or "signed_off_on" not in rows[0]:
        return 0
    named = [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
    return len(
        {
            (row["service_id"], row["period_kind"], row["period_start"])
            for row in named
            if row.get("signed_off_on")
        }
    )


def content_hash(content: bytes) -> str:
    """The hash by which the ledger knows bytes."""
    return "blake3:" + blake3.blake3(content).hexdigest()


def check_warehouse(home: Home, warehouse: Path) -> None:
    """Invariants 4 and 5 of DESIGN.md on a built warehouse."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        _reported_counts_are_conserved(home, connection)
        _events_are_conserved(home, connection)
        _ratios_are_ratios(connection)


def counting_events(events: list[Row]) -> list[Row]:
    """Events that count: what the last word on it, or on its file, sets aside does not."""
    said: dict[tuple[str | None, ...], bool] = {}
    for row in sorted(events, key=lambda row: (row["time"], row["source"], row["id"])):
        if row["type"].startswith("uk.gov.takeup.record."):
            data = json.loads(row["data"])
            target = data.get("content_hash"), data.get("source"), data.get("id")
            said[target] = row["type"].endswith("set_aside.v1")
    return [
        row
        for row in events
        if not said.get((row["file_hash"], None, None))
        and not said.get((None, row["source"], row["id"]))
    ]


def _reported_counts_are_conserved(home: Home, connection: duckdb.DuckDBPyConnection) -> None:
    """Invariant 4: every quarter counts what the newest vintage said, no more and no less."""
    newest: dict[tuple[str, str, str], tuple[datetime, str, int | None]] = {}
    for row in counting_events(home.rows("event")):
        if not row["type"].endswith("volume.reported.v1"):
            continue
        data = json.loads(row["data"])
        if data["period"]["kind"] != "quarter" or data["breakdown"] not in ("total", "digital"):
            continue
        cell = (data["service_id"], data["period"]["start"], data["breakdown"])
        known_at = row["published_at"] or row["recorded_at"]
        stated = (known_at, row["file_hash"], data.get("count"))
        if cell not in newest or stated[:2] > newest[cell][:2]:
            newest[cell] = stated
    counted: dict[tuple[str, str, str], int | None] = {}
    for service, start, digital, total in connection.execute(
        "select service_id, period_start::varchar, digital_count, total_count from take_up"
        " where period_kind = 'quarter' and basis = 'reported'"
    ).fetchall():
        counted[service, start, "digital"] = digital
        counted[service, start, "total"] = total
    stated_counts = {cell: count for cell, (_, _, count) in newest.items()}
    missing = {cell: None for cell in counted if cell not in stated_counts}
    assert counted == stated_counts | missing


def _events_are_conserved(home: Home, connection: duckdb.DuckDBPyConnection) -> None:
    """Invariant 4: completed less voided, each where its last correction puts it."""
    counted = {
        (service, start, channel): count
        for service, start, channel, count in connection.execute(
            "select service_id, period_start::varchar, channel, transactions_count"
            " from channel_volumes where basis = 'events' and period_kind = 'month'"
            " and transactions_count > 0"
        ).fetchall()
    }
    assert counted == dict(expected_transactions(home.rows("event")))


def expected_transactions(events: list[Row]) -> Counter[tuple[str, str, str]]:
    """Completed transactions by service, London month and channel, by a plain reading."""
    by_identity = {(row["source"], row["id"]): row for row in events}
    counting = counting_events(events)
    corrections: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in counting:
        if row["type"].endswith(("transaction.voided.v1", "transaction.channel_corrected.v1")):
            target, seen = row, set()
            while target is not None and target["target_id"] is not None:
                identity = target["source"], target["id"]
                if identity in seen:
                    target = None
                    break
                seen.add(identity)
                target = by_identity.get((target["target_source"], target["target_id"]))
            if target is not None:
                corrections[target["source"], target["id"]].append(row)
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in counting:
        identity = row["source"], row["id"]
        if not row["type"].endswith("transaction.completed.v1"):
            continue
        changes = sorted(corrections[identity], key=lambda c: (c["time"], c["source"], c["id"]))
        if any(change["type"].endswith("voided.v1") for change in changes):
            continue
        channel = changes[-1]["channel"] if changes else row["channel"]
        month = row["time"].astimezone(LONDON).strftime("%Y-%m-01")
        counts[row["service_id"], month, channel] += 1
    return counts


def _ratios_are_ratios(connection: duckdb.DuckDBPyConnection) -> None:
    """Invariant 5: between 0 and 1, finite, and there exactly where the row is complete."""
    for ratio, digital, total, status in connection.execute(
        "select take_up_ratio, digital_count, total_count, value_status from take_up"
    ).fetchall():
        assert (ratio is not None) == (status == "complete")
        if ratio is not None:
            assert math.isfinite(ratio)
            assert 0 <= ratio <= 1
            assert digital <= total
    for (table,) in connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'main' and not internal"
    ).fetchall():
        for column, kind in connection.execute(
            "select column_name, data_type from duckdb_columns()"
            " where schema_name = 'main' and table_name = ?",
            [table],
        ).fetchall():
            if kind == "DOUBLE":
                broken: Any = connection.execute(
                    f'select count(*) from "{table}" where not isfinite("{column}")'
                ).fetchone()
                assert broken == (0,), f"{table}.{column} holds a NaN or an infinity"
