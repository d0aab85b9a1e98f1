"""The first reading of a file: container, encoding and head."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import zstandard

from core.files import digest_bytes
from ingest.landing import inspection
from ingest.landing.containers import container_of, open_stream, read_exactly
from ingest.landing.inspection import HEAD_BYTES, SourceFile, inspect
from ingest.landing.landed import LandedFile
from ingest.refusals import FileRejected

PACKERS = {
    ".jsonl": bytes,
    ".jsonl.gz": gzip.compress,
    ".jsonl.zst": zstandard.ZstdCompressor().compress,
}


def inspected(folder: Path, name: str, content: bytes) -> SourceFile:
    path = folder / name
    path.write_bytes(content)
    return inspect(LandedFile(name, path, len(content), digest_bytes(content)))


@pytest.mark.parametrize("suffix", PACKERS)
def test_the_head_is_what_is_inside(suffix: str, tmp_path: Path) -> None:
    content = ("é" * HEAD_BYTES).encode() + b"\n"
    found = inspected(tmp_path, "a" + suffix, PACKERS[suffix](content))
    assert found.head == content[:HEAD_BYTES]
    assert found.name == "a" + suffix


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("block_bytes", [1, 4, 1 << 24])
def test_the_head_is_whole_however_it_is_read(
    suffix: str, block_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "BLOCK_BYTES", block_bytes)
    for number, content in enumerate((b"", b"\n", b"a", b"a\n", "é\nb".encode())):
        found = inspected(tmp_path, f"{number}{suffix}", PACKERS[suffix](content))
        assert found.head == content


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("offset", [0, 1, 65_535, 65_536, 200_000])
def test_the_first_bad_byte_is_named(suffix: str, offset: int, tmp_path: Path) -> None:
    content = b"x" * offset + b"\xff" + b"\xfe" * 10
    with pytest.raises(FileRejected) as rejected:
        inspected(tmp_path, "a" + suffix, PACKERS[suffix](content))
    assert (rejected.value.reason, rejected.value.detail) == ("not_utf8", f"byte offset {offset}")


@pytest.mark.parametrize(
    ("name", "head", "container"),
    [
        ("a.jsonl", b"{}", "uncompressed"),
        ("a", b"", "uncompressed"),
        ("a.gz", b"\x1f\x8b\x08", "gzip"),
        ("a.GZ", b"\x1f\x8b", "gzip"),
        ("a.zst", b"\x28\xb5\x2f\xfd", "zstd"),
        ("a.parquet", b"PAR1", "parquet"),
        ("a.gz.jsonl", b"{}", "uncompressed"),
    ],
)
def test_suffix_and_content_agree(name: str, head: bytes, container: str) -> None:
    assert container_of(Path(name), head) == container


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.jsonl", b"\x1f\x8b"),
        ("a.csv", b"PAR1"),
        ("a.gz", b"{}"),
        ("a.zst", b"\x1f\x8b"),
        ("a.parquet", b"\x28\xb5\x2f\xfd"),
    ],
)
def test_suffix_and_content_disagree(name: str, head: bytes) -> None:
    with pytest.raises(FileRejected, match="content_disagrees"):
        container_of(Path(name), head)


@pytest.mark.parametrize("suffix", PACKERS)
def test_exactly_so_many_bytes_are_read(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / ("a" + suffix)
    path.write_bytes(PACKERS[suffix](b"0123456789" * 1000))
    with open_stream(path, container_of(path, path.read_bytes())) as stream:
        assert read_exactly(stream, 7) == b"0123456"
        assert len(read_exactly(stream, 9990)) == 9990
        assert read_exactly(stream, 100) == b"789"
        assert read_exactly(stream, 100) == b""
