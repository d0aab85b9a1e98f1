"""Reports as a source of the ingest: a landed text or HTML file to records of events.

A claim or a section is a record at its line; its place is its identity. What a
person has to look at is a refused record: the text of the line, and why.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.landing.inspection import SourceFile
from ingest.refusals import FileRejected
from ingest.sources.base import Context, Source
from ingest.sources.reports.events import Reject, read_report
from ingest.sources.reports.events import recognise as recognise_head
from ingest.sources.reports.registers import Registers, load_registers
from ingest.sources.reports.text import NotUtf8, UndatedReport, UnreadableReport

if TYPE_CHECKING:
    import pyarrow as pa

    from ingest.sources.reports.digest import Digest
    from ingest.sources.reports.document import Document


class Reports(Source):
    """Known by its headings or its subject."""

    name = "report"

    def recognise(self, file: SourceFile) -> bool:
        return file.container != "parquet" and recognise_head(file.head)

    def read(self, file: SourceFile, context: Context) -> Iterator[pa.Table]:
        """One table: the records of the report, in the order of its lines.

        Raises:
            FileRejected: it is not UTF-8 (with the byte offset), not text, or of no known date.
        """
        from ingest.landing.containers import open_stream

        with open_stream(file.path, file.container) as stream:
            content = stream.read()
        try:
            events, rejects = read_report(
                content,
                name=file.name,
                registers=_registers(context.seeds),
                published_at=context.published_at,
            )
        except NotUtf8 as error:
            raise FileRejected("not_utf8", str(error)) from error
        except UndatedReport as error:
            raise FileRejected("no_publication_time", str(error)) from error
        except UnreadableReport as error:
            raise FileRejected("corrupt", str(error)) from error
        yield records_of(events, rejects)

    def content_flags(self, file: SourceFile, context: Context) -> tuple[str, ...]:
        """`differs_from_digest`: the document says otherwise than the digest of it in seeds/;
        `sections_missing`: it lacks sections that the digest of an earlier version has."""
        from ingest.landing.containers import open_stream
        from ingest.sources.reports.reader import read_document

        with open_stream(file.path, file.container) as stream:
            document = read_document(stream.read(), registers=_registers(context.seeds))
        digests = _digests(context.seeds)
        return (*_differing(document, digests), *_missing(document, digests))


def _differing(document: Document, digests: dict[str, Digest]) -> Iterator[str]:
    from ingest.sources.reports.comparison import differences
    from ingest.sources.reports.digest import partners_of

    digest = digests.get(document.short_name)
    if digest is None:
        return
    found = differences(document, digest, partners=partners_of(digests.values()))
    if found:
        also = f" and {len(found) - 1} more: takeup reports check" if len(found) > 1 else ""
        yield f"differs_from_digest: {found[0]}{also}"


def _missing(document: Document, digests: dict[str, Digest]) -> Iterator[str]:
    from ingest.sources.reports.versions import sections_missing

    found = sections_missing(document, digests.values())
    if found and found[1]:
        before, sections = found
        also = f" and {len(sections) - 1} more" if len(sections) > 1 else ""
        yield f"sections_missing: {sections[0]}{also} of {before}"


def records_of(events: list[dict[str, Any]], rejects: list[Reject]) -> pa.Table:
    """Events and refusals as a table of `ingest.landing.records.RECORD_SCHEMA`."""
    from ingest.landing.records import record_table

    rows: list[dict[str, Any]] = [
        {
            "position": _line(event),
            "place": event["id"].rpartition("#")[0],
            "line": json.dumps(event, ensure_ascii=False),
        }
        for event in events
    ]
    rows += [
        {
            "position": reject.line,
            "place": reject.place,
            "raw": reject.raw,
            "reason": reject.reason,
            "detail": reject.detail,
        }
        for reject in rejects
    ]
    rows.sort(key=lambda row: row["position"])
    import pyarrow as pa

    kinds = {"position": pa.int64(), "line": pa.large_string(), "raw": pa.large_string()}
    names = ("position", "place", "line", "raw", "reason", "detail")
    return record_table(
        **{
            name: pa.array([row.get(name) for row in rows], kinds.get(name, pa.string()))
            for name in names
        }
    )


def _line(event: dict[str, Any]) -> int:
    data = event["data"]
    return int(data.get("line") or data["first_line"])


@cache
def _registers(seeds: Path) -> Registers:
    return load_registers(seeds)


@cache
def _digests(seeds: Path) -> dict[str, Digest]:
    """The digests in seeds/reports, by the name of their document."""
    from ingest.sources.reports.digest import load_digests

    folder = seeds / "reports"
    return {digest.document: digest for digest in load_digests(folder)} if folder.is_dir() else {}
