"""What takes more than five seconds says so on a terminal: how long, how fast, how much is left."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import IO, Final

from core.files import write_file
from core.settings import Settings
from core.terminal import unguarded

QUIET_SECONDS: Final = 5.0
EVERY_SECONDS: Final = 0.5
REMEMBERED: Final = 5
"""How many of the last times tell what is usual."""
_shown: set[str] = set()


@contextmanager
def showing(
    settings: Settings,
    what: str,
    *,
    usual: Callable[[], float | None] | None = None,
    stream: IO[str] | None = None,
) -> Iterator[None]:
    """Show a line on standard error while something goes on, where that is a terminal.

    Args:
        what: its name, the same each time: what it took before tells how much is left.
        usual: says in seconds what it usually takes, where that is known from elsewhere.
    """
    stream = stream or unguarded(sys.stderr)
    if not stream.isatty() or settings.log_format == "json" or _shown:
        yield
        return
    past = settings.warehouse / "usual_seconds.json"
    seconds = usual() if usual is not None else usually(_times(past).get(what, []))
    started, ended = time.monotonic(), Event()
    thread = Thread(target=_show, args=(stream, what, seconds, started, ended), daemon=True)
    _shown.add(what)
    thread.start()
    try:
        yield
        if usual is None:
            _remember(past, what, time.monotonic() - started)
    finally:
        ended.set()
        thread.join()
        _shown.discard(what)


def line_of(what: str, *, seconds: float, count: int | None, usual: float | None) -> str:
    """`build: 12 s, 340 MB read and written, 28 MB/s, about 9 s left`."""
    parts = [f"{seconds:.0f} s"]
    if count:
        parts += [f"{count / 1e6:,.0f} MB read and written", f"{count / 1e6 / seconds:,.0f} MB/s"]
    if usual is not None:
        left = usual - seconds
        parts.append(f"about {left:.0f} s left" if left >= 1 else f"usually {usual:.0f} s")
    return f"{what}: {', '.join(parts)}"


def usually(times: list[float]) -> float | None:
    """What something usually takes: the median of its last times."""
    return median(times[-REMEMBERED:]) if times else None


def _show(stream: IO[str], what: str, usual: float | None, started: float, ended: Event) -> None:
    before = _bytes_moved()
    if ended.wait(QUIET_SECONDS):
        return
    while True:
        now = _bytes_moved()
        count = max(now - before, 0) if now is not None and before is not None else None
        said = line_of(what, seconds=time.monotonic() - started, count=count, usual=usual)
        with suppress(OSError, ValueError):
            stream.write(f"\r\x1b[K{said}")
            stream.flush()
        if ended.wait(EVERY_SECONDS):
            break
    with suppress(OSError, ValueError):
        stream.write("\r\x1b[K")
        stream.flush()


def _bytes_moved() -> int | None:
    """Bytes that this process and those that it started have read and written; None where the
    system doesn't tell."""
    try:
        started = [
            pid
            for task in Path("/proc/self/task").iterdir()
            for pid in (task / "children").read_text(encoding="ascii").split()
        ]
        texts = [(Path("/proc") / pid / "io").read_text("ascii") for pid in ("self", *started)]
    except OSError:
        return None
    numbers = [dict(line.split(": ") for line in text.splitlines()) for text in texts]
    return sum(int(one["rchar"]) + int(one["wchar"]) for one in numbers)


def _times(past: Path) -> dict[str, list[float]]:
    try:
        found: dict[str, list[float]] = json.loads(past.read_text(encoding="utf-8"))
        return {what: [float(one) for one in times] for what, times in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _remember(past: Path, what: str, seconds: float) -> None:
    if seconds < QUIET_SECONDS or not past.parent.is_dir():
        return
    times = _times(past)
    times[what] = [*times.get(what, []), round(seconds, 1)][-REMEMBERED:]
    with suppress(OSError):
        write_file(past, json.dumps(times))
