"""`takeup restore`: a home's log again from a backup copy, and what the copy lacks from landing."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import IntegrityError, UsageError
from core.settings import Settings
from ingest.load.archive import bring_back
from ingest.log import restored
from ingest.log.epochs import begin_epoch, beginning_of_epoch
from ingest.log.event_log import HEAD_FILE, EventLog
from ingest.log.verification import COMMIT_NAME, verify
from takeup.verification import published_version, verify_home

if TYPE_CHECKING:
    from ingest.load.file_outcomes import IngestResult

MASKING_KEY = "masking.key"


@dataclass(frozen=True)
class Restored:
    """What a restore did. `missing_version` is the newest version that the home remembered and the
    copy lacks, None where nothing remembered one; `aside` is where the log before lies now."""

    epoch: int
    copy_version: int
    missing_version: int | None
    aside: str | None
    archived_files: int
    log_version: int
    ingest: dict[str, Any]

    def lines(self) -> list[str]:
        """For a person."""
        lines = [f"restored the log from a copy that ended at version {self.copy_version}"]
        if self.epoch > 1:
            lines.append(
                f"epoch {self.epoch}: versions of before it answer to their chain head only"
            )
        if self.aside is not None:
            lines.append(f"the log before is kept in {self.aside}: nothing reads it")
        if self.archived_files:
            lines.append(
                f"{self.archived_files} files came back from the archive to be taken again"
            )
        return [*lines, "`takeup nightly` publishes it"]


def restore(
    settings: Settings, copy: Path, *, landing: Path | None = None
) -> tuple[Restored, IngestResult]:
    """Make the log of a home again from a copy. Needs the lease. May be called again after it died.

    Args:
        copy: the copy of a log, or of a home with a log in it. It is only read.
        landing: folder to take what the copy lacks from, instead of the home's own.

    Raises:
        UsageError: there is no log in it, it lies in the log itself, is of the other kind, real or
            simulated; or the home's log is sound, so that there is nothing to restore.
        IntegrityError: the copy is damaged.
    """
    source = _log_in(copy, settings)
    aside = restored.finish(settings.home, settings.log)
    there = EventLog.open(source)
    came_back: list[Path] = []
    if not _goes_on_from(settings, there):
        _require_damage(settings)
        missing = _Missing.of(settings, there)

        def prepare(folder: Path) -> None:
            _prepare(folder, missing)
            # Before the log has its staged name: whoever finishes then has only it to put in place.
            _take_masking_key(copy, settings)
            came_back.extend(bring_back(settings, EventLog.open(folder)))

        restored.stage(source, settings.home, prepare=prepare)
        aside = restored.finish(settings.home, settings.log)
    result = _take_again(settings, landing)
    log = EventLog.open(settings.log)
    told = Restored(
        epoch=log.epoch,
        copy_version=there.version,
        missing_version=_missing_version(log),
        aside=None if aside is None else str(aside),
        archived_files=len(came_back),
        log_version=log.version,
        ingest=result.facts(),
    )
    return told, result


@dataclass(frozen=True)
class _Missing:
    """Whether the copy lacks something, as far as can be known, and the newest that is known."""

    is_complete: bool
    newest: tuple[int, str] | None

    @classmethod
    def of(cls, settings: Settings, copy: EventLog) -> _Missing:
        """A copy is complete if the log's remains show that it ended where the copy ends."""
        newest = _newest_remains(settings.log)
        remembered = [*_head_file(settings.log)]
        published = published_version(settings)
        if published is not None:
            if published.is_simulated != copy.is_simulated:
                kind = "simulated" if copy.is_simulated else "real"
                raise UsageError(f"the copy is a {kind} log, this home holds the other kind")
            remembered.append((published.log_version, published.chain_head))
        missing = [one for one in remembered if not _holds(copy, *one)]
        is_complete = not missing and newest is not None and newest <= copy.version
        return cls(is_complete, max(missing, default=None))


def _prepare(folder: Path, missing: _Missing) -> None:
    verify(folder).require_sound()
    if not missing.is_complete:
        begin_epoch(EventLog.open(folder), run_at=datetime.now(UTC), missing=missing.newest)


def _log_in(copy: Path, settings: Settings) -> Path:
    """The log that a copy is, or holds."""
    source = copy / "log" if EventLog.exists(copy / "log") else copy
    if not EventLog.exists(source):
        raise UsageError(f"no event log in {copy}: name the copy of a log, or of a home")
    if source.resolve().is_relative_to(settings.log.resolve()):
        raise UsageError(f"{copy} is the log of this home: name a copy of it")
    found = verify(source)
    if found.problems:
        raise IntegrityError(
            f"the copy {source} is damaged, nothing was changed:\n  " + "\n  ".join(found.problems)
        )
    return source


def _goes_on_from(settings: Settings, copy: EventLog) -> bool:
    """Whether the home's log is this copy restored already: a restore that died, asked again."""
    if not EventLog.exists(settings.log) or verify_home(settings).problems:
        return False
    log = EventLog.open(settings.log)
    return log.epoch > copy.epoch and beginning_of_epoch(log) == copy.version + 1


def _require_damage(settings: Settings) -> None:
    if EventLog.exists(settings.log) and not verify_home(settings).problems:
        raise UsageError(
            f"the log in {settings.log} is sound, and the published file is of it: there is nothing"
            " to restore"
        )


def _holds(log: EventLog, version: int, head: str) -> bool:
    return version <= log.version and log.newest_own(until=version).link == head


def _newest_remains(log: Path) -> int | None:
    """The newest commit of which a file is left; None where there is none."""
    names = (COMMIT_NAME.match(path.name) for path in (log / "_delta_log").glob("*.json"))
    return max((int(match[1]) for match in names if match), default=None)


def _head_file(log: Path) -> list[tuple[int, str]]:
    """Version and link that the log's head file remembers, if it can be read."""
    try:
        head = json.loads((log / HEAD_FILE).read_text(encoding="utf-8"))
        return [(int(head["version"]), str(head["link"]))]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _missing_version(log: EventLog) -> int | None:
    began = log.commit_at(beginning_of_epoch(log)).said.get("restored", {})
    found: int | None = began.get("missing_version")
    return found


def _take_masking_key(copy: Path, settings: Settings) -> None:
    """A home that has lost its key takes that of the copy: the same value has the same digest."""
    if (copy / MASKING_KEY).is_file() and not (settings.home / MASKING_KEY).exists():
        shutil.copy2(copy / MASKING_KEY, settings.home / MASKING_KEY)


def _take_again(settings: Settings, landing: Path | None) -> IngestResult:
    """Ingest what lies in landing: what the log lost, and what has come since."""
    from ingest.load.run import ingest

    folder = landing or settings.landing
    folder.mkdir(parents=True, exist_ok=True)
    return ingest(settings, [folder], run_at=datetime.now(UTC))
