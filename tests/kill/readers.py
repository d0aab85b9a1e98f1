"""Someone who reads the published file all the time."""

from __future__ import annotations

import threading
from pathlib import Path

from publish.database import reading

PAUSE_SECONDS = 0.05

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
    """Opens a file again and again, and keeps what it saw and every time that it could not."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._stopped = threading.Event()
        self.seen: set[Seen] = set()
        self.looks = 0
        self.failures: list[str] = []
        self.start()

    def run(self) -> None:
        while not self._stopped.wait(PAUSE_SECONDS):
            try:
                self.seen.add(look(self._path))
            except Exception as error:
                self.failures.append(f"{type(error).__name__}: {error}")
            self.looks += 1

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        self.join()
