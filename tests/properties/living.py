"""A home and the model of it, brought through the same nights, deaths included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from core.settings import Settings
from ingest.load.parts import Parts
from ingest.log.event_log import EventLog
from tests.properties.histories import Death, Night
from tests.properties.model import Model, Place, SentFile, instant
from tests.support.homes import RUN_AT, Home, Row
from tests.support.invariants import check_log

TORN_PART = b"PAR1 and then the power went"


class Killed(BaseException):
    """The process ends here; nothing after it runs."""


@contextmanager
def dying(death: Death | None) -> Iterator[None]:
    """A process that dies at one of its commits, and takes nothing back then."""
    if death is None:
        yield
        return
    commits = 0
    commit: Callable[..., int] = EventLog.commit
    adopt: Callable[..., None] = EventLog.adopt

    def mortal_commit(log: EventLog, parts: list[Path], **facts: Any) -> int:
        nonlocal commits
        commits += 1
        if (commits, death.when) == (death.commit, "before"):
            raise Killed
        version = commit(log, parts, **facts)
        if (commits, death.when) == (death.commit, "after"):
            raise Killed
        return version

    def mortal_adopt(log: EventLog, version: int) -> None:
        if (commits, death.when) == (death.commit, "within"):
            raise Killed
        adopt(log, version)

    with (
        patch.object(EventLog, "commit", mortal_commit),
        patch.object(EventLog, "adopt", mortal_adopt),
        patch.object(Parts, "discard", lambda parts: None),
        suppress(Killed),
    ):
        yield


@dataclass
class QuickHome(Home):
    """A home that reads its log once per version: checks ask for the same rows many times."""

    remembered: dict[tuple[int, str], list[Row]] = field(default_factory=dict)

    def rows(self, kind: str) -> list[Row]:
        """As `Home.rows`."""
        version = len(list(self.settings.log.glob("_delta_log/*.json")))
        if (version, kind) not in self.remembered:
            self.remembered[version, kind] = super().rows(kind)
        return self.remembered[version, kind]


@dataclass
class Life:
    """One home and its model."""

    home: QuickHome
    model: Model = field(default_factory=Model)
    landed: list[SentFile] = field(default_factory=list)
    day: int = 0

    @classmethod
    def at(cls, folder: Path) -> Life:
        """A new home in which every file is a commit of its own."""
        home = QuickHome(Settings(home=folder, batch_bytes=1))
        home.settings.landing.mkdir(parents=True)
        return cls(home)

    @property
    def run_at(self) -> datetime:
        """The moment of a run on this day."""
        return RUN_AT + timedelta(days=self.day)

    def land(self, files: tuple[SentFile, ...]) -> None:
        """Files arrive."""
        for file in files:
            self.home.land(file.name, file.content)
            self.landed.append(file)

    def ingest(self, death: Death | None = None) -> None:
        """A run takes what is there, and may die of it."""
        with dying(death):
            self.home.ingest(run_at=self.run_at)
        self.model.run(
            self.landed,
            run_at=self.run_at,
            dies_after=death.commits_made if death is not None else None,
        )
        if death is not None:
            self._leave_a_torn_part()
        self.day += 1

    def retry(self, death: Death | None = None) -> None:
        """The quarantine is tried again."""
        if not EventLog.exists(self.home.settings.log):
            return
        with dying(death):
            self.home.retry(days=self.day)
        if death is None or death.commits_made:
            self.model.retry(run_at=self.run_at)
        self.day += 1

    def night(self, night: Night) -> None:
        """Everything of one night."""
        self.land(night.files)
        if night.loses_index:
            self.lose_index()
        self.ingest(night.death)
        if night.retry:
            self.retry(night.death_in_retry)

    def lose_index(self) -> None:
        """What lies beside the log is gone; it can be made again."""
        for path in self.home.settings.warehouse.glob("*i*"):
            if path.is_file():
                path.unlink()

    def check(self, *, is_complete: bool) -> None:
        """The log holds what the model holds, and keeps its invariants."""
        if not EventLog.exists(self.home.settings.log):
            assert self.model.files == {}
            return
        assert self._accepted() == {
            identity: (held.place, held.known_at, said_in_columns(held.event))
            for identity, held in self.model.accepted.items()
        }
        assert self._duplicates() == self.model.duplicates
        assert {record.key: record.reason for record in self.home.open_records()} == {
            _key(place): reason for place, reason in self.model.open.items()
        }
        states = {(row["name"], row["file_hash"]): row["state"] for row in self.home.rows("file")}
        assert states == self.model.files
        check_log(self.home, is_again_a_no_op=is_complete)

    def _accepted(self) -> dict[tuple[str, str], tuple[Place, datetime, tuple[Any, ...]]]:
        return {
            (row["source"], row["id"]): (
                (row["file_hash"], row["position"]),
                row["recorded_at"],
                tuple(row[name] for name in COLUMNS),
            )
            for row in self.home.rows("event")
        }

    def _duplicates(self) -> dict[Place, Place]:
        return {
            (row["file_hash"], row["position"]): (row["winner_file_hash"], row["winner_position"])
            for row in self.home.rows("duplicate")
        }

    def _leave_a_torn_part(self) -> None:
        """What a process leaves that died while it wrote the next commit's first part."""
        if EventLog.exists(self.home.settings.log):
            log = self.home.log()
            log.part_path("event", log.version + 1, 0).write_bytes(TORN_PART)


COLUMNS = ("type", "time", "service_id", "channel", "assistance", "target_source", "target_id")


def said_in_columns(event: dict[str, Any]) -> tuple[Any, ...]:
    """What the log's columns must say of an event."""
    data = event["data"]
    target = data.get("voids") or data.get("corrects") or {}
    return (
        event["type"],
        instant(event),
        *(data.get(name) for name in ("service_id", "channel", "assistance")),
        target.get("source"),
        target.get("id"),
    )


def _key(place: Place) -> str:
    digest, position = place
    return f"{digest.split(':')[1][:12]}:{position}"
