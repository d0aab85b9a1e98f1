"""The hash chain over the log's commits.

Each commit records the digest of every Parquet file that it adds. Its link is a digest
over the link before it, the bytes of the commit file before it and its own facts, so no
record, file or commit can be changed, removed or put in without a link that disagrees.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blake3 import blake3

BLOCK_BYTES = 256 * 1024
"""Read at once where a file is looked through: stays in the processor's cache."""
GENESIS = "blake3:" + "0" * 64


@dataclass(frozen=True)
class Part:
    """One Parquet file of a commit: path below the log's folder, kind of record, rows, digest."""

    path: str
    record_kind: str
    row_count: int
    size_bytes: int
    digest: str


def digest_bytes(content: bytes) -> str:
    """Digest of bytes, with its algorithm in front."""
    return "blake3:" + blake3(content).hexdigest()


def digest_file(path: Path) -> str:
    """Digest of a file's bytes, with its algorithm in front.

    Read in blocks: a mapped file would count as memory of ours.
    """
    hasher = blake3()
    buffer = memoryview(bytearray(BLOCK_BYTES))
    with path.open("rb", buffering=0) as stream:
        while count := stream.readinto(buffer):
            hasher.update(buffer[:count])
    return "blake3:" + hasher.hexdigest()


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
