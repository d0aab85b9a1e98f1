"""What ingest may make of an edited file: the edited record, what is named, and nothing else."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.refusals import FILE_REASONS, RECORD_REASONS
from tests.mutations.edits import Edit
from tests.mutations.inputs import Input

REPORT_PLACES = ("line", "first_line", "last_line", "place", "citations")
"""Where a report has something: other lines when a line is put in before."""

Row = dict[str, Any]
Identity = tuple[str, str]


@dataclass(frozen=True)
class Event:
    """An accepted event: where it came from, and what it says."""

    position: int
    place: str | None
    content: str


@dataclass
class Taken:
    """What a run made of one file: its row of the ledger, its events and refused records."""

    ledger: Row
    events: dict[Identity, Event] = field(default_factory=dict)
    refused: list[Row] = field(default_factory=list)
    duplicates: int = 0


def taken_of(rows: Mapping[str, list[Row]]) -> dict[str, Taken]:
    """What a run made of each file, by name. `rows`: those of the log, by kind."""
    found = {row["name"]: Taken(row) for row in rows["file"]}
    by_hash = {
        taken.ledger["file_hash"]: taken
        for taken in found.values()
        if taken.ledger["state"] == "ingested"
    }
    for row in rows["event"]:
        by_hash[row["file_hash"]].events[_identity(row)] = Event(
            row["position"], row["place"], _content(row)
        )
    for row in rows["quarantine"]:
        by_hash[row["file_hash"]].refused.append(row)
    for row in rows["duplicate"]:
        by_hash[row["file_hash"]].duplicates += 1
    return found


def _identity(row: Row) -> Identity:
    if row["source"].startswith("urn:takeup:report:"):
        data = json.loads(row["data"])
        return row["source"], data.get("figure_id") or data["statement_id"]
    return row["source"], row["id"]


def _content(row: Row) -> str:
    """What an event says, without where it was and when it was recorded."""
    said = {name: value for name, value in row.items() if name not in WHERE}
    if row["source"].startswith("urn:takeup:report:"):
        data = json.loads(row["data"])
        said["data"] = {name: data[name] for name in data if name not in REPORT_PLACES}
        if "sentences" in data:
            said["data"]["sentences"] = [
                {name: value for name, value in sentence.items() if name != "line"}
                for sentence in data["sentences"]
            ]
        del said["id"]
    return json.dumps(said, default=str)


WHERE = ("file_hash", "position", "place", "commit_version", "recorded_at")


def faults_of(edit: Edit, before: Taken, after: Taken) -> Iterator[str]:
    """What of an edited file's outcome is not as it must be."""
    yield from _of_counts(after)
    if after.ledger["state"] == "rejected":
        if after.ledger["reason"] == "unreadable":
            yield f"unreadable: {after.ledger['detail']}"
        return
    yield from _of_lost(edit, before, after)
    yield from _of_new(edit, before, after)
    yield from _of_headings(edit, before, after)


def _of_counts(after: Taken) -> Iterator[str]:
    """One state, a reason of the closed lists, and records read that are all accounted for."""
    row = after.ledger
    if row["state"] not in ("ingested", "rejected"):
        yield f"its state is {row['state']}"
    if (row["reason"] in FILE_REASONS) != (row["state"] == "rejected"):
        yield f"{row['state']} with reason {row['reason']}"
    if "\n" in (row["detail"] or ""):
        yield "its detail is not one line"
    counts = [row[f"{name}_count"] for name in ("accepted", "duplicate", "quarantined")]
    if row["read_count"] != sum(counts):
        yield f"{row['read_count']} records read, {counts} accounted for"
    if row["state"] == "ingested" and counts != (
        held := [len(after.events), after.duplicates, len(after.refused)]
    ):
        yield f"the ledger says {counts}, the log holds {held}"
    unknown = {refused["reason"] for refused in after.refused} - RECORD_REASONS.keys()
    if unknown:
        yield f"reasons that are not in the list: {unknown}"


def _of_lost(edit: Edit, before: Taken, after: Taken) -> Iterator[str]:
    """Events of other records than the edited that are gone or say something else, unnamed."""
    named = _Named(edit.file, after)
    for identity, event in before.events.items():
        now = after.events.get(identity)
        if now is not None and now.content == event.content:
            continue
        record = _record_of(edit.file, event)
        if _is_touched(edit, record, event.place) or named.has(record, event.place):
            continue
        what = "is gone" if now is None else f"became {now.content}"
        yield f"record {record}, {event.place}: {event.content} {what}"


def _of_new(edit: Edit, before: Taken, after: Taken) -> Iterator[str]:
    """Events that were not there: they may only come of what was edited."""
    kept = {
        now.position
        for identity, event in before.events.items()
        if (now := after.events.get(identity)) is not None and now.content == event.content
        if not _is_touched(edit, _record_of(edit.file, event), event.place)
    }
    new = {
        identity: event
        for identity, event in after.events.items()
        if identity not in before.events and not _may_be_new(edit, event)
    }
    touched = edit.touched.records
    if edit.file.form == "text":  # positions are lines there, and what is put in moves them
        if touched == frozenset() and new:
            yield f"new though nothing was edited: {list(new)[:3]}"
        return
    for event in new.values():
        if event.position in kept:
            yield f"new in a record that was not edited: {event.content}"
    places = {event.position for event in new.values()}
    if touched is not None and len(places) > len(touched):
        yield f"new in {len(places)} records, edited were {len(touched)}: {list(new)[:3]}"


def _may_be_new(edit: Edit, event: Event) -> bool:
    """Whether the cell was edited, or an edited heading gave its column another meaning."""
    if _is_touched(edit, _record_of(edit.file, event), event.place):
        return True
    known = set(edit.file.cells(-1)) if edit.file.form == "table" else set()
    return edit.touched.records is None and (
        edit.touched.places is None
        or event.place in edit.touched.places
        or event.place not in known
    )


def _of_headings(edit: Edit, before: Taken, after: Taken) -> Iterator[str]:
    """A heading of figures that is no longer understood is named."""
    is_heading = edit.kind in ("heading", "byte", "quote") and edit.touched.records is None
    if not is_heading or not edit.touched.places:
        return
    known = {event.place for event in before.events.values()}
    read = {event.place for event in after.events.values()}
    for place in edit.touched.places & known - read - {None}:
        is_other = any(name not in known for name in read)
        is_blank = edit.what.endswith(("becomes ''", "becomes 'x'"))  # it speaks of nothing
        if not (is_other or is_blank or "unread_column" in after.ledger["flags"] or after.refused):
            yield f"the column {place!r} is not read, and nothing says so"


class _Named:
    """What the ledger and the quarantine say of a file."""

    def __init__(self, file: Input, after: Taken) -> None:
        self.file = file
        self.flags = after.ledger["flags"]
        self.raw = [(row["position"], row["place"], _text(row["raw"])) for row in after.refused]
        self.records: dict[int, bool] = {}

    def has(self, record: int, place: str | None) -> bool:
        """Whether a record, or its cell under the heading `place`, is named."""
        if record not in self.records:
            self.records[record] = any(self._holds(text, record) for *_, text in self.raw)
        position = self.file.starts[record]
        return self.records[record] or (position, place) in {raw[:2] for raw in self.raw}

    def _holds(self, text: str, record: int) -> bool:
        """Whether a refused record's text is that of the record, or has it in it."""
        if self.file.form != "table":
            return self.file.records[record].decode() in text
        if self.file.records[record].decode() in text:
            return True
        cells = [cell for cell in self.file.cells(record) if cell]
        return text.startswith("{") and all(cell in text for cell in cells)


def _text(raw: bytes) -> str:
    """A refused record's text; of cells as JSON, the cells."""
    text = raw.decode("utf-8", "replace")
    try:
        return "{" + "\n".join(map(str, json.loads(text).values()))
    except (ValueError, AttributeError):
        return text


def _record_of(file: Input, event: Event) -> int:
    return max(0, bisect_right(file.starts, event.position) - 1)


def _is_touched(edit: Edit, record: int, place: str | None) -> bool:
    records, places = edit.touched.records, edit.touched.places
    return (records is None or record in records) and (places is None or place in places)
