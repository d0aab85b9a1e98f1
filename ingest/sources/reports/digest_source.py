"""Digests of reports as a source: what documents say, for a home in which they have not landed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from core.errors import UsageError
from core.registers import load_register
from ingest.landing.inspection import SourceFile
from ingest.refusals import FileRejected
from ingest.sources.base import Context, Source
from ingest.sources.reports.text import UndatedReport

if TYPE_CHECKING:
    import pyarrow as pa

TELLING = tuple(
    re.compile(rf"^{name}: *\S".encode(), re.MULTILINE) for name in ("document", "about", "series")
)


class ReportDigests(Source):
    """Known by the fields with which a digest begins, in YAML."""

    name = "report_digest"

    def recognise(self, file: SourceFile) -> bool:
        return file.name.endswith((".yml", ".yaml")) and all(
            field.search(file.head) for field in TELLING
        )

    def read(self, file: SourceFile, context: Context) -> Iterator[pa.Table]:
        """One table: a record per placed section and per claim.

        Raises:
            FileRejected: it is not UTF-8 (with the byte offset), can't be read as a digest, or
                nothing dates its document.
        """
        from ingest.landing.containers import read_whole
        from ingest.sources.reports.digest import read_digest_text
        from ingest.sources.reports.digest_events import read_digest
        from ingest.sources.reports.source import records_of

        try:
            text = read_whole(file.path).decode("utf-8-sig")
            digest = read_digest_text(text, name=PurePosixPath(file.name).name)
            events = read_digest(digest, departments=_departments(context.seeds))
        except UnicodeDecodeError as error:
            raise FileRejected("not_utf8", f"byte offset {error.start}") from error
        except UsageError as error:
            raise FileRejected("unreadable", str(error)) from error
        except UndatedReport as error:
            raise FileRejected("no_publication_time", str(error)) from error
        yield records_of(events, [])


@cache
def _departments(seeds: Path) -> dict[str, str]:
    """Names of departments by their id."""
    return {
        row["department_id"]: row["department_name"] for row in load_register("departments", seeds)
    }
