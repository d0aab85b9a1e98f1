"""A place in a run at which the run stands still, so that something can be done to it there.

The process stops itself and all that it has started (SIGSTOP) as a step begins, when it has ended,
or within it: after some seconds, or just before it changes the file system for the nth time. Where
the step is over before that place came, the place is its end. Whoever waits for the process then
hurts it and lets it go on; a step that gets through all the same is where the run dies.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, Final, Literal

STOP: Final = "KILL_STOP"
LENGTHS: Final = "KILL_LENGTHS"
"""Variables of the environment: the place as JSON, and the file that lengths of steps go to."""
_CHANGES: Final = {
    *("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate")
}
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT
Place = Literal["begins", "inside", "ended"]


@dataclass(frozen=True)
class Stop:
    """A place. `inside` a step it is after so many `seconds`, else before the change of the file
    system with the number `change` (from 1). From there on the clock shows `clock`, if any."""

    step: str
    place: Place
    seconds: float | None = None
    change: int | None = None
    clock: str | None = None

    def __str__(self) -> str:
        if self.place != "inside":
            return (
                f"as {self.step} {self.place}" if self.place == "begins" else f"after {self.step}"
            )
        if self.change is not None:
            return f"in {self.step} before change {self.change}"
        return f"in {self.step} after {self.seconds:.2f} s"

    def as_variable(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Length:
    """How long a step is, in both measures."""

    seconds: float
    changes: int


def read_lengths(path: Path) -> dict[str, Length]:
    """By step, as a run has noted them."""
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {line.pop("step"): Length(**line) for line in lines}


class Stopper:
    """Watches the steps of this process, and stops it at its place, if it has one."""

    def __init__(self, moment: datetime | None) -> None:
        self._moment = moment
        self._stop = Stop(**json.loads(os.environ[STOP])) if STOP in os.environ else None
        self._lock = threading.Lock()
        self._is_reached = False
        self._changes = 0
        self._last_change: int | None = None
        sys.addaudithook(self._hear)

    def moment(self) -> datetime | None:
        """What the clock shows; None where it is the machine's."""
        if self._is_reached and self._stop is not None and self._stop.clock is not None:
            return datetime.fromisoformat(self._stop.clock)
        return self._moment

    def watched(self, step: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The work of a step, so that it can be stopped in."""

        @wraps(work)
        def watching(*arguments: Any, **options: Any) -> Any:
            if self._stop is None or self._stop.step != step:
                with self._noted(step):
                    return work(*arguments, **options)
            with self._stopping(self._stop):
                done = work(*arguments, **options)
            print(done, flush=True)
            os.killpg(0, signal.SIGKILL)
            raise AssertionError("unreachable: it is dead")

        return watching

    @contextmanager
    def _noted(self, step: str) -> Iterator[None]:
        changes, began = self._changes, time.monotonic()
        yield
        if LENGTHS in os.environ:
            length = Length(time.monotonic() - began, self._changes - changes)
            with Path(os.environ[LENGTHS]).open("a", encoding="utf-8") as stream:
                stream.write(json.dumps({"step": step} | asdict(length)) + "\n")

    @contextmanager
    def _stopping(self, stop: Stop) -> Iterator[None]:
        if stop.place == "begins":
            self._reach()
        ended = threading.Event()
        if stop.place == "inside" and stop.seconds is not None:
            threading.Thread(target=self._wait, args=(stop.seconds, ended), daemon=True).start()
        if stop.change is not None:
            self._last_change = self._changes + stop.change
        yield
        ended.set()
        self._reach()

    def _wait(self, seconds: float, ended: threading.Event) -> None:
        if not ended.wait(seconds):
            self._reach()

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Count what Python changes; what libraries of other languages do is met by seconds."""
        is_written = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES
        if not is_written and event not in _CHANGES:
            return
        self._changes += 1
        if self._changes == self._last_change:
            self._reach()

    def _reach(self) -> None:
        with self._lock:
            is_first, self._is_reached = not self._is_reached, True
        if is_first:
            os.killpg(0, signal.SIGSTOP)
