"""A first reading of a whole file, before any record of it is checked.

It finds out whether the file can be taken at all: it unpacks to its end and is UTF-8.
"""

from __future__ import annotations

import codecs
import sys
from dataclasses import dataclass
from pathlib import Path

from core.files import BLOCK_BYTES, open_landed
from ingest.landing.containers import check_size, container_of, fill, open_stream
from ingest.landing.landed import LandedFile
from ingest.landing.workbooks import check_archive, is_workbook
from ingest.refusals import FileRejected

HEAD_BYTES = 64 * 1024
SAVE_AS = 'save it as "CSV UTF-8 (comma delimited)"'
WORKBOOKS = (
    (b"PK\x03\x04", b"xl/", "an Excel workbook"),
    (b"PK\x03\x04", b"vnd.oasis.opendocument.spreadsheet", "an OpenDocument spreadsheet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", "an old Excel workbook"),
)
"""First bytes, what is among the others, and what it is."""


@dataclass(frozen=True)
class SourceFile:
    """A landed file as a source sees it.

    `name` is its path below the landing folder; `head` its first bytes and `size_bytes` how many
    there are, unpacked. A workbook has
    the container `workbook` and no head: its sheets are read by `ingest.landing.workbooks`.
    """

    name: str
    path: Path
    container: str
    head: bytes
    content_hash: str
    size_bytes: int = 0


def inspect(landed: LandedFile, *, most_bytes: int = sys.maxsize) -> SourceFile:
    """Read through a file.

    Args:
        most_bytes: what it may have, as it lies and unpacked.

    Raises:
        FileRejected: it can't be unpacked, is not UTF-8, is not what its suffix says, is too
            large, or is a workbook that holds more than values.
    """
    _check_size(landed.name, landed.size_bytes, most_bytes)
    with open_landed(landed.path) as stream:
        head = stream.read(HEAD_BYTES)
    if is_workbook(landed.path, head):
        check_archive(landed.path)
        return SourceFile(landed.name, landed.path, "workbook", b"", landed.content_hash)
    container = container_of(landed.path, head)
    _refuse_known(landed.name, head)
    size = landed.size_bytes
    if container != "parquet":
        head, size = _read_through(landed.path, container, most_bytes)
    return SourceFile(landed.name, landed.path, container, head, landed.content_hash, size)


def _check_size(name: str, size: int, most: int) -> None:
    check_size(name, size, most, setting="TAKEUP_MAXIMUM_FILE_BYTES")


def _refuse_known(name: str, head: bytes) -> None:
    """Refuse what people send instead of a CSV, saying what it is and how to save it."""
    for start, inside, what in WORKBOOKS:
        if head.startswith(start) and inside in head:
            raise FileRejected("unrecognised", f"it is {what}: {SAVE_AS}")
    octets = head[:64]
    has_mark = octets.startswith((b"\xff\xfe", b"\xfe\xff"))
    is_wide = len(octets) > 8 and not any(octets[1::2]) and b"\x00" not in octets[::2]
    if _is_table(name) and (has_mark or is_wide):
        raise FileRejected("not_utf8", f"byte offset 0: it is UTF-16; {SAVE_AS}")


def _is_table(name: str) -> bool:
    return ".csv" in name.lower()


def _not_utf8(name: str, error: UnicodeDecodeError, offset: int) -> str:
    """Where text stops being UTF-8, and of a table what it may be."""
    said = f"byte offset {offset}"
    if not _is_table(name):
        return said
    octet = error.object[error.start : error.start + 1]
    shown = octet.decode("windows-1252", "replace")
    return f"{said}: in windows-1252 it would be {shown!r}; {SAVE_AS}"


def _read_through(path: Path, container: str, most_bytes: int) -> tuple[bytes, int]:
    """Head and size of the unpacked text, which must be UTF-8 to its end."""
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
                    raise FileRejected("not_utf8", _not_utf8(path.name, error, offset)) from error
            if len(head) < HEAD_BYTES:
                head += block[: HEAD_BYTES - len(head)]
            size += count
            _check_size(path.name, size, most_bytes)
    if held := len(decoder.getstate()[0]):
        raise FileRejected("not_utf8", f"byte offset {size - held}")
    return head, size
