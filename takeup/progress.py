"""Lines that say what a run did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.ingestion import IngestResult


def step_line(name: str, facts: dict[str, Any]) -> str:
    """A line for a finished step, and one for each thing that it wants to be known."""
    return "\n".join([f"{name:15} {_in_words(name, facts)}", *facts.get("notes", ())])


def file_lines(result: IngestResult) -> Iterator[str]:
    """One line for every file that was not simply taken in."""
    for name in result.waiting:
        yield f"  {name}: still being written, waits for the next run"
    for name, why in result.refused:
        yield f"  {name}: not read: {why}"
    for file in result.files:
        if file.state == "rejected":
            yield f"  {file.name}: rejected, {file.reason}: {file.detail}"
        elif file.state == "duplicate_file":
            yield f"  {file.name}: the same bytes are in the log already"
        elif file.quarantined:
            yield f"  {file.name}: {file.quarantined} of {file.read} records in quarantine"


def _in_words(name: str, facts: dict[str, Any]) -> str:
    if name == "ingest":
        if facts["commits"] == 0:
            return f"nothing new: {facts['files_known']} files are in the log already" + _waiting(
                facts
            )
        return (
            f"{facts['files']} files, {facts['read']:,} records: {facts['accepted']:,} accepted, "
            f"{facts['duplicates']:,} duplicates, {facts['quarantined']:,} quarantined; "
            f"{facts['rejected']} files rejected" + _waiting(facts)
        )
    shown = {key: value for key, value in facts.items() if key != "notes"}
    return ", ".join(
        f"{key.replace('_', ' ')} {value:,}" if isinstance(value, int) else f"{key} {value}"
        for key, value in shown.items()
    )


def _waiting(facts: dict[str, Any]) -> str:
    return f"; {facts['waiting']} still being written" if facts["waiting"] else ""
