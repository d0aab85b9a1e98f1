"""Lines that say what a run did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from publish.display import counted

if TYPE_CHECKING:
    from ingest.load.file_outcomes import IngestResult

FLAGS = {
    "weekly_or_daily": "weekly or daily figures are kept, and in no table: a week makes no period",
    "other_department": "a return for a service that the register gives to another department",
    "other_name": "a service_name that is not that of its service_id",
}
"""What is said of the flags of a file that was taken in."""
ADVICE = {
    "unread_column": "not read: mend its heading and land it again",
}
"""What to do about a flag that names something."""


def step_line(name: str, facts: dict[str, Any], *, seconds: float | None = None) -> str:
    """A line for a finished step, and one for each thing that it wants to be known."""
    took = "" if seconds is None else f" ({seconds:.1f} s)"
    return "\n".join([f"{name:15} {_in_words(name, facts)}{took}", *facts.get("notes", ())])


def file_lines(result: IngestResult) -> Iterator[str]:
    """One line for every file that was not simply taken in."""
    for name in result.waiting:
        why = result.waits_for.get(name)
        still = "still being written, waits for the next run"
        yield f"  {name}: {still if why is None else f'waits {why}'}"
    for name, why in result.refused:
        yield f"  {name}: not read: {why}"
    # Files are taken in the order of their hashes, which nobody reads.
    for file in sorted(result.files, key=lambda file: file.name):
        if file.state == "rejected":
            yield f"  {file.name}: rejected, {file.reason}: {file.detail}"
        elif file.state == "duplicate_file":
            yield f"  {file.name}: the same bytes are in the log already"
        elif file.quarantined:
            torn = ", the last line is torn" if "incomplete" in file.flags else ""
            yield (
                f"  {file.name}: {file.quarantined:,} of {counted(file.read, 'record')} "
                f"in quarantine{torn}"
            )
        elif "no_records" in file.flags:
            yield f"  {file.name}: no records in it"
        elif file.read and file.duplicate == file.read:
            yield f"  {file.name}: says what is in the log already: all duplicates"
        for flag in file.flags:
            kind, _, about = flag.partition(": ")
            if kind in FLAGS:
                yield f"  {file.name}: {FLAGS[kind]}{f': {about}' if about else ''}"
            elif about:
                advice = ADVICE.get(kind)
                yield f"  {file.name}: warning, {flag}{f'; {advice}' if advice else ''}"


def _in_words(name: str, facts: dict[str, Any]) -> str:
    if name == "ingest":
        if facts["commits"] == 0:
            known = facts["files_known"]
            are = "is" if known == 1 else "are"
            return f"nothing new: {counted(known, 'file')} {are} in the log already" + _waiting(
                facts
            )
        return (
            f"{counted(facts['files'], 'file')}, {counted(facts['read'], 'record')}: "
            f"{facts['accepted']:,} accepted, {counted(facts['duplicates'], 'duplicate')}, "
            f"{facts['quarantined']:,} quarantined; {counted(facts['rejected'], 'file')} rejected"
            + _waiting(facts)
        )
    shown = {key: value for key, value in facts.items() if key != "notes"}
    return ", ".join(
        f"{key.replace('_', ' ')} {value:,}"
        if isinstance(value, int) and not key.endswith("version")
        else f"{key.replace('_', ' ')} {value}"
        for key, value in shown.items()
    )


def _waiting(facts: dict[str, Any]) -> str:
    return f"; {facts['waiting']:,} waiting" if facts["waiting"] else ""
