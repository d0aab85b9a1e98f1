"""Containers of landed files: plain, gzip and Zstandard, opened and checked as streams."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ingest.sources import FileRejected

MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd", "parquet": b"PAR1"}
SUFFIXES = {".gz": "gzip", ".zst": "zstd", ".parquet": "parquet"}


def container_of(path: Path, head: bytes) -> str:
    """The container that the suffix names, when the content agrees.

    Raises:
        FileRejected: suffix and content disagree.
    """
    named = SUFFIXES.get(path.suffix.lower(), "plain")
    found = next((kind for kind, magic in MAGIC.items() if head.startswith(magic)), "plain")
    if named != found and head:
        raise FileRejected(
            "content_disagrees", f"the name says {named}, the content is {found}"
        )
    return named


@contextmanager
def open_stream(path: Path, container: str) -> Iterator[BinaryIO]:
    """The unpacked bytes as a stream.

    Raises:
        FileRejected: while reading, when the packed data is broken or ends early.
    """
    try:
        if container == "gzip":
            with gzip.open(path, "rb") as stream:
                yield stream  # type: ignore[misc]
        elif container == "zstd":
            import zstandard

            with path.open("rb") as packed, zstandard.ZstdDecompressor().stream_reader(
                packed, read_across_frames=True
            ) as stream:
                yield stream  # type: ignore[misc]
        else:
            with path.open("rb") as plain:
                yield plain
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileRejected("corrupt", f"gzip: {error}") from error
    except Exception as error:
        if type(error).__module__.startswith("zstandard"):
            raise FileRejected("corrupt", f"zstd: {error}") from error
        raise


def read_exactly(stream: BinaryIO, size: int) -> bytes:
    """Up to `size` bytes, fewer only at the end of the stream."""
    pieces: list[bytes] = []
    missing = size
    while missing > 0 and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
