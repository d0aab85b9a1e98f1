"""The columns of the event log, by kind of record: the one place that names them."""

from __future__ import annotations

import pyarrow as pa

MOMENT = pa.timestamp("us", tz="UTC")
TEXT = pa.string()
WHOLE = pa.int64()

PARTITION = "record_kind"
COMMON = {
    "commit_version": WHOLE,
    "recorded_at": MOMENT,
    "file_hash": TEXT,
    "position": WHOLE,
    "place": TEXT,
}
EVENT = {
    "source": TEXT,
    "id": TEXT,
    "type": TEXT,
    "time": MOMENT,
    "specversion": TEXT,
    "datacontenttype": TEXT,
    "dataschema": TEXT,
    "extensions": TEXT,
    "published_at": MOMENT,
    "data": TEXT,
    "service_id": TEXT,
    "channel": TEXT,
    "assistance": TEXT,
    "assistance_provider": TEXT,
    "online_extent": TEXT,
    "outcome": TEXT,
    "transaction_id": TEXT,
    "target_source": TEXT,
    "target_id": TEXT,
}
QUARANTINE = {
    "reason": TEXT,
    "detail": TEXT,
    "raw": pa.binary(),
    "schema_version": TEXT,
    "code_version": TEXT,
}
DUPLICATE = {
    "source": TEXT,
    "id": TEXT,
    "winner_file_hash": TEXT,
    "winner_position": WHOLE,
    "winner_commit_version": WHOLE,
}
FILE = {
    "name": TEXT,
    "source_kind": TEXT,
    "state": TEXT,
    "reason": TEXT,
    "detail": TEXT,
    "read_count": WHOLE,
    "accepted_count": WHOLE,
    "duplicate_count": WHOLE,
    "quarantined_count": WHOLE,
    "size_bytes": WHOLE,
    "flags": TEXT,
    "code_version": TEXT,
}
RETRY = {"attempt": WHOLE, "outcome": TEXT, "reason": TEXT, "detail": TEXT, "code_version": TEXT}

KINDS: dict[str, dict[str, pa.DataType]] = {
    "event": EVENT,
    "quarantine": QUARANTINE,
    "duplicate": DUPLICATE,
    "file": FILE,
    "retry": RETRY,
}
"""Own columns of each kind of record, beside the common ones.

- event: one accepted event.
- quarantine: one record that was refused, byte for byte.
- duplicate: one redelivered event, with the record that won.
- file: what became of one landed file; the latest row of (name, file_hash) counts.
- retry: one attempt to accept a quarantined record, named by file_hash, position and place.
"""


def columns_of(kind: str) -> dict[str, pa.DataType]:
    """Columns that a Parquet file of this kind of record holds, in order."""
    return COMMON | KINDS[kind]


def table_schema() -> pa.Schema:
    """Schema of the whole Delta table: the union of all kinds."""
    union: dict[str, pa.DataType] = {PARTITION: TEXT} | COMMON
    for columns in KINDS.values():
        union |= columns
    return pa.schema([pa.field(name, kind) for name, kind in union.items()])
