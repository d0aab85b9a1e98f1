"""Which source a landed file belongs to: the list of sources, and the asking."""

from __future__ import annotations

from functools import cache

from ingest.landing.inspection import SAVE_AS, SourceFile
from ingest.refusals import FileRejected
from ingest.sources.base import Source


@cache
def all_sources() -> tuple[Source, ...]:
    """Every source, in the order in which they are asked."""
    from ingest.sources.cloudevents import CloudEvents
    from ingest.sources.event_tables import EventTables
    from ingest.sources.manifests import DeliveryManifest, PublicationManifest, Publications
    from ingest.sources.mi_returns import MiReturns
    from ingest.sources.performance_platform import PerformancePlatform
    from ingest.sources.published_volumes import PublishedVolumes
    from ingest.sources.reports.digest_source import ReportDigests
    from ingest.sources.reports.source import Reports
    from ingest.sources.tidy_volumes.source import TidyVolumes

    return (
        PublishedVolumes(),
        PublicationManifest(),
        Publications(),
        TidyVolumes(),
        DeliveryManifest(),
        EventTables(),
        MiReturns(),
        PerformancePlatform(),
        CloudEvents(),
        ReportDigests(),
        Reports(),
    )


def source_names() -> tuple[str, ...]:
    """Names that `--source` takes."""
    return tuple(source.name for source in all_sources())


def recognise(file: SourceFile, *, forced: str | None = None) -> Source:
    """The source of a file.

    Raises:
        FileRejected: no source knows its content.
    """
    sources = all_sources()
    if file.container == "workbook":
        return _of_a_workbook(file, forced)
    if forced is not None:
        return next(source for source in sources if forced == source.name)
    for source in sources:
        if source.recognise(file):
            return source
    raise FileRejected("unrecognised", "its content is of no source that is known")


def _of_a_workbook(file: SourceFile, forced: str | None) -> Source:
    for source in all_sources():
        if source.takes_workbooks and forced in (None, source.name) and source.recognise(file):
            return source
    raise FileRejected("unrecognised", f"it is an Excel workbook without a return: {SAVE_AS}")
