"""JSON lines on their way from a file to records: cut anywhere, and with little memory."""

from __future__ import annotations

import resource
from pathlib import Path

import pyarrow as pa
import pytest

from ingest.landing import containers
from ingest.landing.inspection import SourceFile
from ingest.sources import cloudevents
from ingest.sources.base import Context
from ingest.sources.cloudevents import CloudEvents

MIB = 1024 * 1024


def file_of(path: Path, content: bytes) -> SourceFile:
    path.write_bytes(content)
    return SourceFile(path.name, path, "uncompressed", content[:100], "blake3:0")


def lines_of(file: SourceFile, *, chunk_bytes: int) -> list[tuple[int, str]]:
    context = Context(published_at=None, seeds=Path(), chunk_bytes=chunk_bytes)
    return [
        (row["position"], row["line"])
        for table in CloudEvents().read(file, context)
        for row in table.select(["position", "line"]).to_pylist()
    ]


@pytest.mark.parametrize("first_bytes", [7, 64, 4096])
@pytest.mark.parametrize("chunk_bytes", [5, 100, MIB])
def test_lines_are_the_same_wherever_chunks_end(
    first_bytes: int, chunk_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloudevents, "FIRST_BYTES", first_bytes)
    lines = ["x" * (number * 37 % 150 + 1) for number in range(60)]
    file = file_of(tmp_path / "a.jsonl", "".join(line + "\n" for line in lines).encode())
    assert lines_of(file, chunk_bytes=chunk_bytes) == [
        (position, line + "\n") for position, line in enumerate(lines, start=1)
    ]


def test_a_small_file_takes_little_memory_however_large_chunks_are(tmp_path: Path) -> None:
    context = Context(published_at=None, seeds=Path(), chunk_bytes=128 * MIB)
    files = [file_of(tmp_path / f"{number}.jsonl", b'{"a":1}\n') for number in range(200)]
    held = [list(CloudEvents().read(files[0], context))]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    held += [list(CloudEvents().read(file, context)) for file in files]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert len(held) == 201
    assert grown * 1024 < 100 * MIB


def test_a_buffer_is_used_again_once_nothing_refers_to_what_is_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(containers, "HUGE_BYTES", 1)
    buffers = containers.Buffers()
    first = buffers.of(4096)
    first[:5] = b"first"
    kept = pa.py_buffer(first[:5])
    del first
    buffers.of(4096)[:5] = b"other"
    assert kept.to_pybytes() == b"first"
    del kept
    assert {bytes(buffers.of(4096)[:5]) for _ in range(3)} <= {b"first", b"other"}
