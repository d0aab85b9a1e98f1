"""A first look through a whole file, before any record of it is judged.

It finds out whether the file can be taken at all: it unpacks to its end and is UTF-8.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from ingest.chain import BLOCK_BYTES
from ingest.containers import container_of, open_stream
from ingest.landing import LandedFile
from ingest.sources import FileRejected, SourceFile

HEAD_BYTES = 64 * 1024


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
    if size == 0:
        return True
    last, rest = b"\n", b""
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            # A character never spans a newline, so what ends with one can be judged by itself.
            cut = block.rfind(b"\n") + 1
            if not _is_utf8(rest + block[:cut] if rest else memoryview(block)[:cut]):
                raise FileRejected("not_utf8", f"byte offset {_first_bad_byte(path)}")
            rest = block[cut:] if cut else rest + block
            last = block[-1:]
    if not _is_utf8(rest):
        raise FileRejected("not_utf8", f"byte offset {_first_bad_byte(path)}")
    return last == b"\n"


def _is_utf8(content: bytes | memoryview) -> bool:
    """Whether bytes are UTF-8, by Arrow's validation: some gigabytes a second."""
    import pyarrow as pa

    size = len(content)
    offsets = (0).to_bytes(8, "little") + size.to_bytes(8, "little")
    text = pa.LargeStringArray.from_buffers(1, pa.py_buffer(offsets), pa.py_buffer(content))
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


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
