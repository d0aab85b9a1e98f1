"""A first reading of a whole file, before any record of it is checked.

It finds out whether the file can be taken at all: it unpacks to its end and is UTF-8.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from core.files import BLOCK_BYTES
from ingest.landing.containers import container_of, fill, open_stream
from ingest.landing.landed import LandedFile
from ingest.refusals import FileRejected

HEAD_BYTES = 64 * 1024


@dataclass(frozen=True)
class SourceFile:
    """A landed file as a source sees it.

    `name` is its path below the landing folder; `head` its first bytes, unpacked.
    """

    name: str
    path: Path
    container: str
    head: bytes
    content_hash: str


def inspect(landed: LandedFile) -> SourceFile:
    """Read through a file.

    Raises:
        FileRejected: it can't be unpacked, is not UTF-8, or is not what its suffix says.
    """
    with landed.path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    container = container_of(landed.path, head)
    if container != "parquet":
        head = _read_through(landed.path, container)
    return SourceFile(landed.name, landed.path, container, head, landed.content_hash)


def _read_through(path: Path, container: str) -> bytes:
    """The head of the unpacked text, which must be UTF-8 to its end."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    buffer = bytearray(BLOCK_BYTES)
    size, head = 0, b""
    with open_stream(path, container) as stream:
        while count := fill(memoryview(buffer), stream):
            block = buffer if count == len(buffer) else buffer[:count]
            held = len(decoder.getstate()[0])
            # Nearly every block is ASCII, which is seen many times faster than decoded.
            if held or not block.isascii():
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as error:
                    offset = size - held + error.start
                    raise FileRejected("not_utf8", f"byte offset {offset}") from error
            if len(head) < HEAD_BYTES:
                head += block[: HEAD_BYTES - len(head)]
            size += count
    if held := len(decoder.getstate()[0]):
        raise FileRejected("not_utf8", f"byte offset {size - held}")
    return head
