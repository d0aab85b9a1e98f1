"""`runs.jsonl` under the home: one line for each step of a run that has ended.

It is of the home and not of the published file: it could not be made again from the log. A run that
was killed leaves it as its last whole step wrote it; a line that was torn is passed over.
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from core.settings import Settings

FILE_NAME: Final = "runs.jsonl"
TAIL_BYTES: Final = 256 * 1024
"""What is read of the end of the file: several hundred steps."""


@dataclass(frozen=True, kw_only=True)
class StepRecord:
    """One step of a run, as it ended. Moments are ISO 8601 in UTC.

    `counts` are the whole numbers that the step reports of itself (rows, files), `log_version` is
    the log's that it worked on, `batches` are those that it added. `error_kind` is the class of
    the error, `error` its words. Bytes are those read and written by the process and by what it
    started, from the disk's cache or not; peak memory is that of the largest of these processes.
    Both are null where the system doesn't tell (it is Linux that does).
    """

    run_id: str
    step: str
    started_at: str
    ended_at: str
    seconds: float
    outcome: Literal["done", "failed"]
    error_kind: str | None = None
    error: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    log_version: int | None = None
    batches: list[int] = field(default_factory=list)
    bytes_read: int | None = None
    bytes_written: int | None = None
    peak_memory_bytes: int | None = None


class Meter:
    """What the process has used since the meter was made."""

    def __init__(self) -> None:
        # Since here, so that the peak of an earlier step isn't taken for this one's.
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        self._started = time.monotonic()
        self._io = _numbers_of("io")
        self._children = _children_peak()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def used(self) -> dict[str, Any]:
        """Seconds, bytes and peak memory, by the names that a record has."""
        io, children = _numbers_of("io"), _children_peak()
        peaks = [kib * 1024 for kib in (_numbers_of("status").get("VmHWM"),) if kib is not None]
        # The system keeps one peak of all that have ended: where it grew, it is of this step.
        peaks += [children] if children > self._children else []
        return {
            "seconds": round(self.seconds, 3),
            "bytes_read": _difference(io, self._io, "rchar"),
            "bytes_written": _difference(io, self._io, "wchar"),
            "peak_memory_bytes": max(peaks, default=None),
        }


def append(settings: Settings, record: StepRecord) -> None:
    """Add a step to the file: never a reason for a run to fail, and a home that nothing has begun
    to fill stays empty."""
    if not settings.warehouse.is_dir():
        return
    line = json.dumps(asdict(record), ensure_ascii=False)
    with suppress(OSError), (settings.home / FILE_NAME).open("ab+") as stream:
        # A line that a full disk or a kill has torn spoils no other.
        torn = stream.tell() > 0 and _last_byte(stream.fileno()) != b"\n"
        stream.write((b"\n" if torn else b"") + line.encode("utf-8", "backslashreplace") + b"\n")


def records(settings: Settings, *, tail_bytes: int = TAIL_BYTES) -> list[StepRecord]:
    """The last steps, the oldest first: as many as the end of the file holds."""
    try:
        with (settings.home / FILE_NAME).open("rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - tail_bytes))
            lines = stream.read().splitlines()
    except OSError:
        return []
    return list(_whole(lines))


def _whole(lines: list[bytes]) -> Iterator[StepRecord]:
    for line in lines:
        with suppress(ValueError, TypeError):
            yield StepRecord(**json.loads(line))


def _last_byte(descriptor: int) -> bytes:
    return os.pread(descriptor, 1, os.fstat(descriptor).st_size - 1)


def _numbers_of(name: str) -> dict[str, int]:
    """The numbers that the system tells of this process in `/proc/self/NAME`."""
    try:
        text = Path("/proc/self", name).read_text(encoding="ascii", errors="replace")
    except OSError:
        return {}
    words = (line.replace(":", " ").split() for line in text.splitlines())
    return {one[0]: int(one[1]) for one in words if len(one) > 1 and one[1].isdecimal()}


def _children_peak() -> int:
    """Bytes that the largest of the ended processes that this one had started held."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def _difference(now: dict[str, int], before: dict[str, int], name: str) -> int | None:
    return now[name] - before[name] if name in now and name in before else None
