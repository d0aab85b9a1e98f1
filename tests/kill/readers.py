"""Someone who reads the published file all the time."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from publish.database import reading

GLANCE_SECONDS = 0.005
LOOK_SECONDS = 0.2

Seen = tuple[int, int]
"""Log version that the file was built from, and rows of take_up."""


def look(path: Path) -> Seen:
    """What a reader sees who opens the file now."""
    with reading(path) as connection:
        row = connection.execute(
            "select (select log_version from warehouse_version), (select count(*) from take_up)"
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


class Reader(threading.Thread):
    """Opens a file again and again, and keeps what it saw and every time that it could not.

    Between two looks it watches the file from outside, much more often: one that can be seen is
    whole from the first moment, so neither its size nor its time ever changes.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._stopped = threading.Event()
        self._last: tuple[int, int, int] | None = None
        self.seen: set[Seen] = set()
        self.looks = 0
        self.failures: list[str] = []
        self.start()

    def run(self) -> None:
        next_look = time.monotonic()
        while not self._stopped.wait(GLANCE_SECONDS):
            try:
                self._glance()
                if time.monotonic() >= next_look:
                    self.seen.add(look(self._path))
                    self.looks += 1
                    next_look = time.monotonic() + LOOK_SECONDS
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        self.join()

    def _glance(self) -> None:
        state = self._path.stat()
        now = state.st_ino, state.st_size, state.st_mtime_ns
        if self._last is not None and self._last[0] == now[0] and self._last != now:
            self.failures.append(f"the file changed where it lies: {self._last} became {now}")
        self._last = now
