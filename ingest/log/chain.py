"""The hash chain over the log's commits.

Each commit records the digest of every Parquet file that it adds. Its link is a digest
over the link before it, the bytes of the commit file before it and its own facts, so no
record, file or commit can be changed, removed or put in without a link that disagrees.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.files import digest_bytes

GENESIS = "blake3:" + "0" * 64


@dataclass(frozen=True)
class Part:
    """One Parquet file of a commit: path below the log's folder, kind of record, rows, digest."""

    path: str
    record_kind: str
    row_count: int
    size_bytes: int
    digest: str


def canonical(facts: Mapping[str, Any]) -> bytes:
    """The one spelling of a commit's facts that is hashed."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def link(previous: str, previous_commit: str, facts: Mapping[str, Any]) -> str:
    """Link of a commit.

    Args:
        previous: link of the commit before, `GENESIS` for the first.
        previous_commit: digest of the commit file before it, so that an edit of anything
            in that file shows.
        facts: what the commit holds (version, moment, parts).
    """
    return digest_bytes(canonical({"previous": previous, "commit": previous_commit, **facts}))
