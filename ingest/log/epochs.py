"""Epochs: what versions of the log mean after it was restored from a copy that lacked the last.

A version's number is used again then, so one of before the epoch answers to its chain head only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.errors import UsageError
from ingest.log.event_log import Commit, EventLog


def begin_epoch(log: EventLog, *, run_at: datetime, missing: tuple[int, str] | None) -> int:
    """Say that from here on versions belong to a new epoch; returns the version that says so.

    Args:
        missing: newest version and its head that something outside the log remembers and the log
            doesn't hold; None where nothing does.
    """
    restored: dict[str, Any] = {"version": log.version, "head": log.head()}
    if missing is not None:
        restored |= {"missing_version": missing[0], "missing_head": missing[1]}
    return log.commit([], run_at=run_at, says={"epoch": log.epoch + 1, "restored": restored})


def epoch_note(commit: Commit) -> str | None:
    """What a commit says of the epoch that it begins; None where it begins none."""
    restored = commit.said.get("restored")
    if restored is None:
        return None
    missing = ""
    if "missing_version" in restored:
        missing = f"; what was known up to version {restored['missing_version']} was lost"
    return (
        f"epoch {commit.said['epoch']} began with version {commit.version}, on"
        f" {commit.said['run_at'][:10]}: restored from a copy that ended at version"
        f" {restored['version']}{missing}"
    )


def beginning_of_epoch(log: EventLog, epoch: int | None = None) -> int:
    """The first version of the log's epoch, or an earlier one: 0, or that which says that it was
    restored."""
    epoch = epoch or log.epoch
    if epoch == 1:
        return 0
    for version in range(log.version, -1, -1):
        said = log.commit_at(version).said
        if said.get("epoch") == epoch and "restored" in said:
            return version
    return 0


def require_version(log: EventLog, version: int, *, chain_head: str | None) -> None:
    """Hold what somebody means by a version of the log against what it is here.

    Raises:
        UsageError: the log has another head there; or the version is of before the log's epoch,
            and no head says which one is meant.
    """
    if chain_head is None:
        began = beginning_of_epoch(log)
        if version < began:
            raise UsageError(
                f"log version {version} is of before epoch {log.epoch}, which began with version"
                f" {began} when the log was restored from a copy: say by its chain head which one"
                " is meant (--chain-head, as the pack's manifest.json has it)"
            )
        return
    if version > log.version:
        raise UsageError(f"event log {log.folder} has no version {version}")
    head = log.newest_own(until=version).link
    if head != chain_head:
        why = (
            f"that one was lost before epoch {log.epoch} began"
            if log.epoch > 1
            else "it is of another log"
        )
        raise UsageError(f"log version {version} has the chain head {head} here: {why}")
