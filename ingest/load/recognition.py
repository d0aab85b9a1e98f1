"""Which source a landed file belongs to: the list of sources, and the asking."""

from __future__ import annotations

from ingest.landing.inspection import SourceFile
from ingest.refusals import FileRejected
from ingest.sources import Source


def all_sources() -> tuple[Source, ...]:
    """Every source, in the order in which they are asked."""
    from ingest.sources import (
        cloudevents,
        delivery_manifest,
        event_tables,
        manifest,
        mi_returns,
        performance_platform,
        published_volumes,
    )
    from ingest.sources.reports import source as reports

    modules: tuple[Source, ...] = (
        published_volumes,
        manifest,
        delivery_manifest,
        event_tables,
        mi_returns,
        performance_platform,
        cloudevents,
        reports,
    )
    return modules


def source_names() -> tuple[str, ...]:
    """Names that `--source` takes."""
    return tuple(source.NAME for source in all_sources())


def recognise(file: SourceFile, *, forced: str | None = None) -> Source:
    """The source of a file.

    Raises:
        FileRejected: no source knows its content.
    """
    sources = all_sources()
    if forced is not None:
        return next(source for source in sources if forced == source.NAME)
    for source in sources:
        if source.recognise(file):
            return source
    raise FileRejected("unrecognised", "its content is of no source that is known")
