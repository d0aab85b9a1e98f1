"""Every kind of file against every source: who knows it, and who is asked first."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from ingest.load.recognition import all_sources, recognise, source_names
from ingest.refusals import FileRejected
from ingest.sources.mi_template import COLUMNS, write_template
from ingest.sources.reports.source import Reports
from tests.support.source_runs import CONTEXT, event, lay, source_file

PLATFORM = {
    "_timestamp": "2015-06-08T00:00:00Z",
    "service": "carers-allowance",
    "channel": "digital",
    "count": 1792,
    "dataType": "transactions-by-channel",
    "period": "week",
}
VOLUMES = "Slug,Name of service,Department,Abbr,Total transactions Jan - Mar 2015\n"
ROLLING = "Slug,Name of service,2014-Q4 Vol.\n"
EVENTS = "specversion,id,source,type,time,data\n"
FLAT_EVENTS = "time,type,source,id,specversion,data.service_id,data.channel\n"
CELLS = "service_id,breakdown,measure,period_kind,period_start,period_end,count,status,publication"
HEADLESS = "1.0,e-1,urn:test,uk.gov.takeup.transaction.completed.v1,2015-05-06T10:11:12Z,{}\n"
RETURN = write_template("dwp", "2015-Q1", seeds=CONTEXT.seeds)


def parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": ["e-1"]}), sink)
    return bytes(sink.getvalue())


FILES: dict[str, tuple[str | bytes, list[str]]] = {
    "events.jsonl": (json.dumps(event()), ["cloudevents"]),
    "events.ndjson": (json.dumps(event()), ["cloudevents"]),
    "garbage.jsonl": ("no JSON at all", ["cloudevents"]),
    "empty.jsonl": ("", ["cloudevents"]),
    "events.csv": (EVENTS, ["event_tables"]),
    "flat.csv": (FLAT_EVENTS, ["event_tables"]),
    "without-id.csv": (EVENTS.replace("id,", ""), ["event_tables"]),
    "with-a-service.csv": (EVENTS.replace("data", "service_id,data"), ["event_tables"]),
    "headless.csv": (HEADLESS, ["event_tables"]),
    "empty.csv": ("", ["event_tables"]),
    "blank.csv": ("\ufeff\r\n", ["event_tables"]),
    "events.parquet": (parquet(), ["event_tables"]),
    "broken.parquet": (b"PAR1", ["event_tables"]),
    "return.csv": (RETURN, ["mi_returns"]),
    "turned.csv": (",".join(list(COLUMNS)[::-1]), ["mi_returns"]),
    "without-count.csv": (RETURN.replace(",count", "", 1), ["mi_returns"]),
    "semicolons.csv": (";".join(COLUMNS), ["mi_returns"]),
    "platform.json": (json.dumps([PLATFORM]), ["performance_platform"]),
    "answer.json": (json.dumps({"data": [PLATFORM]}), ["performance_platform"]),
    "none.json": ("[]", ["performance_platform"]),
    "empty.json": ("", ["performance_platform"]),
    # The suffix makes lines of it, the first line makes it the platform's.
    "platform.jsonl": (json.dumps(PLATFORM), ["performance_platform", "cloudevents"]),
    "services.csv": (VOLUMES, ["published_volumes"]),
    "services-2015-06-30.csv": (ROLLING, ["published_volumes"]),
    "vintages.csv": ("file,published_at,sha256\n", ["publication_manifest"]),
    "manifest.csv": ("file,rows,sha256\n", ["delivery_manifest"]),
    # A return has columns of the same names.
    "cells.csv": (f"{CELLS}\n", ["tidy_volumes", "mi_returns"]),
    "listings.csv": ("service_id,service_name,publication\n", ["tidy_volumes"]),
    "stated.csv": ("service_id,metric,publication\n", ["tidy_volumes"]),
    "publications.csv": ("publication,published_at,source,document\n", ["publications"]),
    "digest.yml": ("document: d\nabout: what\nseries: null\n", ["report_digest"]),
    "other.yml": ("document: d\n", []),
    "other.csv": ("a,b,c\n1,2,3\n", []),
    "other.json": ('{"a": 1}', []),
    "other.txt": ("Nothing of interest.\n", []),
}
PACKED = {
    f"{name}{suffix}": (pack(content.encode()), known)
    for name, (content, known) in FILES.items()
    if isinstance(content, str)
    and known
    and known[0]
    in ("cloudevents", "event_tables", "mi_returns", "performance_platform", "tidy_volumes")
    for suffix, pack in ((".gz", gzip.compress), (".zst", zstandard.compress))
}


@pytest.mark.parametrize("name", [*FILES, *PACKED])
def test_who_knows_a_file(tmp_path: Path, name: str) -> None:
    content, known = (FILES | PACKED)[name]
    file = source_file(lay(tmp_path, {name: content}) / name)

    assert [source.name for source in all_sources() if source.recognise(file)] == known
    assert not Reports().recognise(file)
    if known:
        assert known[0] == recognise(file).name
    else:
        with pytest.raises(FileRejected, match="unrecognised"):
            recognise(file)


def test_every_source_has_a_file_here() -> None:
    known = {name for _, names in FILES.values() for name in names}

    assert known == set(source_names()) - {Reports.name}


@pytest.mark.parametrize("name", ["events.csv", "return.csv", "platform.json", "events.parquet"])
def test_a_name_in_capitals_is_known_too(tmp_path: Path, name: str) -> None:
    content, known = FILES[name]
    file = source_file(lay(tmp_path, {name.upper(): content}) / name.upper())

    assert known[0] == recognise(file).name


@pytest.mark.parametrize("head", [b"", b"\xff\xfe", b"\x00" * 100, b'{"data":[', b"[[[[", b'"'])
@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.jsonl", "a.parquet", "a.txt"])
def test_no_head_makes_a_source_stumble(tmp_path: Path, name: str, head: bytes) -> None:
    from dataclasses import replace

    plain = source_file(lay(tmp_path, {"x.txt": "x"}) / "x.txt")
    container = "parquet" if name.endswith("parquet") else "uncompressed"
    file = replace(plain, name=name, head=head, container=container)

    for source in all_sources():
        if source.recognise(file):
            assert source.marks_simulated(file) in (None, False)
