"""A document held against the digest of the version before it: does it lack anything of that?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ingest.sources.reports.digest import Digest
from ingest.sources.reports.document import Document


def sections_missing(document: Document, digests: Iterable[Digest]) -> tuple[str, list[str]] | None:
    """The newest earlier version that has a digest, and its sections that the document lacks.

    None where no digest is of an earlier version: of the same action, with an earlier date.
    """
    earlier = [
        (dated_on, digest)
        for digest in digests
        if document.action is not None
        and document.dated_on is not None
        and digest.action == document.action
        and (dated_on := _dated_on(digest)) is not None
        and dated_on < document.dated_on
    ]
    if not earlier:
        return None
    before = max(earlier, key=lambda version: version[0])[1]
    here = {section.key for section in document.sections}
    return before.document, [e.section for e in before.entries if e.section not in here]


def _dated_on(digest: Digest) -> date | None:
    return digest.updated_on or digest.published_on
