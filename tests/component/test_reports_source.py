from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.settings import PROJECT_ROOT
from ingest.landing.inspection import SourceFile
from ingest.landing.records import RECORD_SCHEMA
from ingest.refusals import FileRejected
from ingest.sources.base import Context
from ingest.sources.reports.source import Reports

REPORT = (
    "Action 3: say what you do\nUpdated 2 May 2013\nHome Office\nProgress during 2012\n"
    "It had 300 applications.\n"
)
CONTEXT = Context(published_at=None, seeds=PROJECT_ROOT / "seeds")


def landed(folder: Path, content: bytes, *, container: str = "uncompressed") -> SourceFile:
    path = folder / "landed"
    path.write_bytes(gzip.compress(content) if container == "gzip" else content)
    return SourceFile("landed", path, container, content[:1000], "blake3:0")


@pytest.mark.parametrize("container", ["uncompressed", "gzip"])
def test_a_landed_report_is_one_table_of_records(tmp_path: Path, container: str) -> None:
    file = landed(tmp_path, REPORT.encode(), container=container)
    assert Reports().recognise(file)
    (table,) = Reports().read(file, CONTEXT)
    assert table.schema == RECORD_SCHEMA
    assert table["position"].to_pylist() == [4, 5]
    assert table["reason"].null_count == 2


def test_a_report_without_records_is_an_empty_table(tmp_path: Path) -> None:
    (table,) = Reports().read(landed(tmp_path, b"Action 3: x\nUpdated 2 May 2013\n"), CONTEXT)
    assert (table.num_rows, table.schema) == (0, RECORD_SCHEMA)


@pytest.mark.parametrize(
    ("content", "reason", "detail"),
    [
        (b"Action 3: \xff", "not_utf8", "landed: not UTF-8 at byte 10"),
        (b"Action 3: x\nBoats.\n", "no_publication_time", "landed: nothing says when"),
        (b"Action 3: \0", "corrupt", "landed: a NUL at byte 10"),
    ],
)
def test_a_report_that_cannot_be_taken_is_rejected_whole(
    tmp_path: Path, content: bytes, reason: str, detail: str
) -> None:
    with pytest.raises(FileRejected) as rejected:
        list(Reports().read(landed(tmp_path, content), CONTEXT))
    assert rejected.value.reason == reason
    assert rejected.value.detail.startswith(detail)


def test_an_undated_report_takes_the_publication_time_of_its_file(tmp_path: Path) -> None:
    file = landed(tmp_path, REPORT.replace("Updated 2 May 2013\n", "").encode())
    context = Context(published_at=datetime(2014, 6, 1, tzinfo=UTC), seeds=CONTEXT.seeds)
    (table,) = Reports().read(file, context)
    assert all("2014-06-01T00:00:00Z" in line for line in table["line"].to_pylist())
