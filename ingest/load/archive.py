"""Landed files that were taken in are moved to the archive, where a home's settings want that.

A file is moved when nothing more is asked of it: its records are in the log, on disk, none of them
waits in quarantine, and its bytes are those that the ledger has. None is ever deleted. Manifests
stay, because they speak of files that are still to come; a copy goes along.
"""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from core.files import NotAFile, digest_file, digest_stream, flush, open_landed
from core.known_digests import KnownDigests
from core.settings import Settings
from ingest.landing.containers import read_whole
from ingest.landing.landed import LandedFile, scan
from ingest.load import environment
from ingest.load.recognition import all_sources
from ingest.load.run import landing_index
from ingest.log.compacted import readable
from ingest.log.event_log import HEAD_FILE, EventLog
from ingest.log.ledger import Ledger
from ingest.log.quarantine import OPEN, load_open
from ingest.refusals import FileRejected
from ingest.sources.manifests import Manifest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NOT_WRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS}


@dataclass(frozen=True)
class Archived:
    """How many files were moved, and why others that could have been were not."""

    moved: int
    notes: tuple[str, ...] = ()


def archive_landed(settings: Settings, landing: Path, *, run_at: datetime) -> Archived:
    """Move what was taken in of a landing folder to `archive/DAY/`, under its own name. Needs the
    lease. What can't be moved stays, and is told once.
    """
    if not EventLog.exists(settings.log):
        return Archived(0)
    log = EventLog.open(settings.log)
    index = landing_index(settings)
    base = (landing if landing.is_dir() else landing.parent).resolve()
    with environment.connect(settings) as connection:
        done = _done(connection, log)
    files = [
        file
        for file in scan([landing], index=index, pause=0).files
        if (file.name, file.content_hash) in done
    ]
    if not files:
        return Archived(0)
    flush_commits(log)
    moved: list[Path] = []
    notes: list[str] = []
    for file in files:
        try:
            if _is_as_committed(file):
                place = _free_place(settings.archive, file.path, base, run_at)
                _move(file.path, place)
                moved.append(file.path)
                _copy_manifests(file.path.parent, place.parent)
        except OSError as error:
            notes.append(_why_not(base, error))
            break
    known = KnownDigests(index)
    for path in moved:
        known.forget(path)
    known.save()
    return Archived(len(moved), tuple(notes))


def bring_back(settings: Settings, log: EventLog) -> list[Path]:
    """Move files of the archive that a log has not taken in back to the home's landing folder; one
    whose name is taken there, or of which the manifest there says something else by now, into a
    folder of its day, with copies of the manifests that lay beside it."""
    with environment.connect(settings) as connection:
        ledger = Ledger.read(connection, log)
    moved = []
    for day in sorted(settings.archive.resolve().glob("*/")):
        for file in scan([day], index=None, pause=0).files:
            if ledger.name_of(file.content_hash) is not None or file.path.name in _manifest_names():
                continue
            below = file.path.relative_to(day)
            target = settings.landing / below
            if target.exists() or not _says_the_same(file.path, target.parent):
                target = settings.landing / day.name / below
                target.parent.mkdir(parents=True, exist_ok=True)
                _copy_manifests(file.path.parent, target.parent)
            _move(file.path, target)
            moved.append(target)
    return moved


def _manifest_names() -> list[str]:
    return [source.file_name for source in all_sources() if isinstance(source, Manifest)]


def _says_the_same(archived: Path, folder: Path) -> bool:
    """Whether manifests in a folder say of a file what the copies beside it say: they are the same,
    or have grown by rows about others."""
    for name in _manifest_names():
        then, now = _bytes(archived.parent / name), _bytes(folder / name)
        if not now.startswith(then) or archived.name.encode() in now[len(then) :]:
            return False
    return True


def _bytes(path: Path) -> bytes:
    try:
        return read_whole(path)
    except (FileNotFoundError, NotAFile, FileRejected):
        return b""


def _copy_manifests(folder: Path, target: Path) -> None:
    """What manifests say of a file may be asked for again with it."""
    for name in _manifest_names():
        with suppress(FileNotFoundError, NotAFile):
            _copy(folder / name, target / name)


def flush_commits(log: EventLog) -> None:
    """Have all of the log reach the disk: parts, commits, and the folders that name them."""
    folders = {log.folder, log.folder / "_delta_log"}
    for file in log.files():
        flush(Path(file.path))
        folders.add(Path(file.path).parent)
    for path in (log.folder / "_delta_log").iterdir():
        flush(path)
    if (log.folder / HEAD_FILE).exists():
        flush(log.folder / HEAD_FILE)
    for folder in folders:
        flush(folder)
    flush(log.folder.parent)


def _done(connection: DuckDBPyConnection, log: EventLog) -> set[tuple[str, str]]:
    """Name and content hash of files of which nothing more is asked."""
    load_open(connection, log, into=OPEN)
    manifests = [source.name for source in all_sources() if not source.holds_records]
    rows: list[tuple[str, str]] = connection.execute(
        f"""
        with files as (
            select name, file_hash, state, source_kind
            from read_parquet($paths, union_by_name = true, hive_partitioning = false)
            qualify row_number() over (
                partition by name, file_hash order by commit_version desc
            ) = 1
        )
        select name, file_hash
        from files
        where state in ('ingested', 'duplicate_file')
            and file_hash in (select file_hash from files where state = 'ingested'
                and not list_contains($manifests, source_kind))
            and not exists (
                select 1 from {OPEN} as open where cast(open.file_hash as varchar) = files.file_hash
            )
        """,
        {"paths": [file.path for file in readable(log, "file")], "manifests": manifests},
    ).fetchall()
    return set(rows)


def _is_as_committed(file: LandedFile) -> bool:
    """Whether its bytes are, read once more, those that the ledger has."""
    with open_landed(file.path) as stream:
        return digest_stream(stream) == file.content_hash and not file.has_changed()


def _why_not(landing: Path, error: OSError) -> str:
    if error.errno in _NOT_WRITABLE:
        return f"  {landing} can't be written: files that were taken in stay there"
    return f"  files that were taken in could not be archived, they stay: {error}"


def _free_place(archive: Path, path: Path, landing: Path, run_at: datetime) -> Path:
    """Where a file goes: the folder of the day, or the day's next one where its name is taken."""
    below = path.relative_to(landing)
    for number in count(1):
        day = f"{run_at:%Y-%m-%d}" + (f".{number}" if number > 1 else "")
        place = archive / day / below
        if not place.exists():
            return place
    raise AssertionError("unreachable: count does not end")


def _move(path: Path, target: Path) -> None:
    """Move a file, also to another file system; it is in one of the two places, whole, always."""
    if not os.access(path.parent, os.W_OK):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(path.parent))
    made = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(path, target)
        path.unlink()
    for folder in (target.parent, *(folder.parent for folder in made), path.parent):
        flush(folder)


def _copy(path: Path, target: Path) -> None:
    unfinished = target.with_name(f".{target.name}.tmp")
    with open_landed(path) as stream, unfinished.open("wb") as copied:
        shutil.copyfileobj(stream, copied)
        stream.seek(0)
        digest = digest_stream(stream)
    shutil.copystat(path, unfinished, follow_symlinks=False)
    flush(unfinished)
    if digest_file(unfinished) != digest:
        raise OSError(errno.EIO, "the copy differs from the file", str(path))
    unfinished.rename(target)
    flush(target.parent)
