"""A first look through a whole file, before any record of it is judged.

It finds out whether the file can be taken at all: it unpacks to its end and is UTF-8.
"""

from __future__ import annotations

import codecs
import mmap
from pathlib import Path

from ingest.containers import container_of, open_stream
from ingest.landing import LandedFile
from ingest.sources import FileRejected, SourceFile

HEAD_BYTES = 64 * 1024
BLOCK_BYTES = 16 * 1024 * 1024


def inspect(landed: LandedFile) -> SourceFile:
    """Look through a file.

    Raises:
        FileRejected: it can't be unpacked, is not UTF-8, or is not what its suffix says.
    """
    with landed.path.open("rb") as stream:
        packed_head = stream.read(HEAD_BYTES)
    container = container_of(landed.path, packed_head)
    if container == "parquet":
        return _source_file(landed, container, packed_head, True)
    if container == "plain":
        ends = _scan_plain(landed.path, landed.size_bytes)
        head = packed_head
    else:
        ends, head = _scan_stream(landed.path, container)
    return _source_file(landed, container, head, ends)


def _source_file(landed: LandedFile, container: str, head: bytes, ends: bool) -> SourceFile:
    return SourceFile(landed.name, landed.path, container, head, landed.content_hash, ends)


def _scan_plain(path: Path, size: int) -> bool:
    """Whether a plain file ends with a newline; it must be UTF-8."""
    import pyarrow as pa

    if size == 0:
        return True
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        buffer = pa.py_buffer(whole)
        offsets = pa.py_buffer(size_pair(len(whole)))
        text = pa.LargeStringArray.from_buffers(1, offsets, buffer)
        is_utf8 = True
        try:
            text.validate(full=True)
        except pa.ArrowInvalid:
            is_utf8 = False
        ends = whole[-1:] == b"\n"
        del text, buffer
    if not is_utf8:
        raise FileRejected("not_utf8", f"byte offset {_first_bad_byte(path)}")
    return ends


def size_pair(size: int) -> bytes:
    """Arrow's two offsets of one text of `size` bytes."""
    return (0).to_bytes(8, "little") + size.to_bytes(8, "little")


def _first_bad_byte(path: Path) -> int:
    decoder = codecs.getincrementaldecoder("utf-8")()
    read = 0
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                return read - held + error.start
            read += len(block)
    return read - len(decoder.getstate()[0])


def _scan_stream(path: Path, container: str) -> tuple[bool, bytes]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    size, head, last = 0, b"", b"\n"
    with open_stream(path, container) as stream:
        while block := stream.read(BLOCK_BYTES):
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                raise FileRejected(
                    "not_utf8", f"byte offset {size - held + error.start}"
                ) from error
            if len(head) < HEAD_BYTES:
                head += block[: HEAD_BYTES - len(head)]
            size += len(block)
            last = block[-1:]
    if decoder.getstate()[0]:
        raise FileRejected("not_utf8", f"byte offset {size - len(decoder.getstate()[0])}")
    return last == b"\n", head
