"""Containers of landed files: uncompressed, gzip and Zstandard, opened and checked as streams."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from core.files import open_landed
from ingest.refusals import FileRejected

if TYPE_CHECKING:
    import mmap

MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd", "parquet": b"PAR1"}
LONGEST_FRAME_HEADER = 18
LONGEST_DOCUMENT = 256 * 1024 * 1024
"""Bytes of what is held at once: a document, a table of publications, a line."""
SKIPPABLE_MAGIC = b"\x2a\x4d\x18"
HUGE_BYTES = 16 * 1024 * 1024
SUFFIXES = {".gz": "gzip", ".zst": "zstd", ".parquet": "parquet"}


def container_of(path: Path, head: bytes) -> str:
    """The container that the suffix names, when the content agrees.

    Raises:
        FileRejected: suffix and content disagree.
    """
    named = SUFFIXES.get(path.suffix.lower(), "uncompressed")
    found = next((kind for kind, magic in MAGIC.items() if head.startswith(magic)), "uncompressed")
    if named != found and head:
        raise FileRejected("content_disagrees", f"the name says {named}, the content is {found}")
    return named


@contextmanager
def open_stream(path: Path, container: str) -> Iterator[BinaryIO]:
    """The unpacked bytes as a stream.

    Raises:
        FileRejected: while reading, when the packed data is broken or ends early.
    """
    try:
        if container == "gzip":
            with open_landed(path) as packed, gzip.open(packed, "rb") as stream:
                yield stream  # type: ignore[misc]
        elif container == "zstd":
            import zstandard

            _check_frames(path)
            with (
                open_landed(path) as packed,
                zstandard.ZstdDecompressor().stream_reader(
                    packed, read_across_frames=True
                ) as stream,
            ):
                yield stream
        else:
            with open_landed(path) as unpacked:
                yield unpacked
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileRejected("corrupt", f"gzip: {error}") from error
    except Exception as error:
        if type(error).__module__.startswith("zstandard"):
            raise FileRejected("corrupt", f"zstd: {error}") from error
        raise


def _check_frames(path: Path) -> None:
    """Refuse Zstandard data that ends inside a frame: unpacking it would end without an error.

    Walks over frames and blocks by their headers (RFC 8878, section 3.1).
    """
    import zstandard

    with open_landed(path) as packed:
        size = os.fstat(packed.fileno()).st_size
        while (start := packed.tell()) < size:
            head = packed.read(LONGEST_FRAME_HEADER)
            if head[1:4] == SKIPPABLE_MAGIC and head[0] >> 4 == 5:
                packed.seek(start + 8 + int.from_bytes(head[4:8], "little"))
                continue
            frame = zstandard.get_frame_parameters(head)
            packed.seek(start + zstandard.frame_header_size(head))
            is_last = False
            while not is_last and len(block := packed.read(3)) == 3:
                header = int.from_bytes(block, "little")
                is_last, is_run, length = header & 1 == 1, header >> 1 & 3 == 1, header >> 3
                packed.seek(1 if is_run else length, 1)
            packed.seek(4 if frame.has_checksum else 0, 1)
            if not is_last or packed.tell() > size:
                raise FileRejected("corrupt", "zstd: it ends inside a frame")


def read_whole(path: Path) -> bytes:
    """All bytes of an uncompressed file that is held at once.

    Raises:
        FileRejected: it is larger than such a file may be.
    """
    with open_landed(path) as stream:
        content = read_exactly(stream, LONGEST_DOCUMENT + 1)
    check_size(path.name, len(content), LONGEST_DOCUMENT)
    return content


def check_size(name: str, size: int, most: int, *, setting: str = "") -> None:
    """Refuse a file that is larger, or unpacks to more, than is taken.

    Args:
        setting: which one says how much that is; empty where none does.

    Raises:
        FileRejected: `file_too_large`.
    """
    if size > most:
        by = f" ({setting})" if setting else ""
        raise FileRejected("file_too_large", f"{name}: more than {most:,} bytes{by}")


def read_exactly(stream: BinaryIO, size: int) -> bytes:
    """Up to `size` bytes, fewer only at the end of the stream."""
    pieces: list[bytes] = []
    missing = size
    while missing > 0 and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class Buffers:
    """Memory to read the chunks of a file into; large ones in huge pages, where there are any.

    In small pages the first use of a buffer costs more time than reading and splitting a chunk. A
    large one is used again once nothing refers to what was read into it.
    """

    def __init__(self) -> None:
        self._large: list[mmap.mmap] = []

    def of(self, size: int) -> memoryview:
        """A buffer of a size, with anything in it."""
        import mmap

        import numpy as np

        if size < HUGE_BYTES:
            return np.empty(size, np.uint8).data
        for memory in self._large:
            if len(memory) == size and _is_free(memory):
                return memoryview(memory)
        memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        if hasattr(mmap, "MADV_HUGEPAGE"):
            memory.madvise(mmap.MADV_HUGEPAGE)
        self._large.append(memory)
        return memoryview(memory)


def _is_free(memory: mmap.mmap) -> bool:
    """Whether nothing refers to what is in it: only then may it be resized, here to what it has."""
    try:
        memory.resize(len(memory))
    except BufferError:
        return False
    return True


def fill(buffer: memoryview, stream: BinaryIO) -> int:
    """Read into a buffer until it is full or the stream ends; returns how many bytes."""
    filled = 0
    while filled < len(buffer) and (count := stream.readinto(buffer[filled:])):  # type: ignore[attr-defined]
        filled += count
    return filled
