"""Which staging file passed the gate, so that nothing else is ever published.

Imports neither Great Expectations nor DuckDB: publish asks here.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from blake3 import blake3

from core.errors import GateFailed
from core.settings import Settings
from expectations.catalogue import digest_of_suites
from expectations.results import ApprovedFile, gates_folder, write_json


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The last staging file that passed, and the run that checked it."""

    run_id: str
    file: ApprovedFile


def content_of(file: Path) -> ApprovedFile:
    """Size, time and content digest of a file, with the expectations that are now in force.

    Raises:
        GateFailed: the file is not there, or has a write-ahead log beside it, so that its
            bytes are not all of its content.
    """
    wal = write_ahead_log_of(file)
    if wal.exists():
        raise GateFailed(f"{wal} is beside the staging file: the build did not close it")
    try:
        before = file.stat()
        hasher = blake3(max_threads=blake3.AUTO)
        hasher.update_mmap(file)
    except FileNotFoundError as error:
        raise GateFailed(f"{file} is not there: build the warehouse first") from error
    return ApprovedFile(
        size_bytes=before.st_size,
        mtime_ns=before.st_mtime_ns,
        digest="blake3:" + hasher.hexdigest(),
        suites_digest=digest_of_suites(),
    )


def write_ahead_log_of(file: Path) -> Path:
    """Where DuckDB keeps what is not yet in the file."""
    return file.with_name(file.name + ".wal")


def approval_path(settings: Settings) -> Path:
    """File that records the approval."""
    return gates_folder(settings) / "approved.json"


def record_approval(settings: Settings, *, run_id: str, file: ApprovedFile) -> None:
    """Let this file be published."""
    write_json(approval_path(settings), Approval(run_id=run_id, file=file))


def withdraw_approval(settings: Settings) -> None:
    """Let nothing be published until a gate passes again."""
    approval_path(settings).unlink(missing_ok=True)


def why_not_approved(settings: Settings) -> str | None:
    """Why the staging file may not be published, or nothing where it may."""
    try:
        passed = msgspec.json.decode(approval_path(settings).read_bytes(), type=Approval)
    except FileNotFoundError:
        return "no warehouse gate has passed"
    except (msgspec.DecodeError, UnicodeDecodeError):
        return f"{approval_path(settings)} can't be read"
    try:
        now = content_of(settings.staging_file)
    except GateFailed as error:
        return str(error)
    if now.suites_digest != passed.file.suites_digest:
        return f"the expectations have changed since run {passed.run_id} passed"
    if now != passed.file:
        return f"it is not the file that passed in run {passed.run_id}"
    return None


def is_approved(settings: Settings) -> bool:
    """Whether the staging file as it is now is the one that passed the warehouse gate."""
    return why_not_approved(settings) is None


def require_approval(settings: Settings) -> None:
    """Go on only with the staging file that passed.

    Raises:
        GateFailed: no gate passed exactly this file with the expectations now in force.
    """
    reason = why_not_approved(settings)
    if reason is not None:
        raise GateFailed(f"{settings.staging_file} may not be published: {reason}")
