"""`takeup reports check PATH...`: documents held against their digests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import UsageError
from ingest.sources.reports import UnreadableReport, load_registers, read_document, recognise
from ingest.sources.reports.comparison import differences
from ingest.sources.reports.digest import Digest, load_digests, partners_of
from ingest.sources.reports.document import Document

SUFFIXES = frozenset((".txt", ".html", ".htm"))
HEAD_BYTES = 64 * 1024


@dataclass(frozen=True)
class CheckedDocument:
    """One file: the digest that it was held against, and every difference, one a line.

    The counts are of the document: sections, claims, and numbers that are no claim.
    """

    path: Path
    document: str
    section_count: int
    claim_count: int
    other_count: int
    undecided_count: int
    differences: tuple[str, ...]


@dataclass(frozen=True)
class CheckResult:
    """What came of a check."""

    documents: tuple[CheckedDocument, ...]

    @property
    def difference_count(self) -> int:
        """Differences over all documents."""
        return sum(len(checked.differences) for checked in self.documents)

    @property
    def is_clean(self) -> bool:
        """Whether every document says what its digest says."""
        return self.difference_count == 0

    def lines(self) -> list[str]:
        """What to print: one line per document, then one per difference in it."""
        lines: list[str] = []
        for checked in self.documents:
            count = len(checked.differences)
            says = "agrees with its digest" if not count else f"{count} differences"
            lines.append(
                f"{checked.path.name}: {checked.document}: {checked.section_count} sections, "
                f"{checked.claim_count} claims, {checked.other_count} other numbers, "
                f"{checked.undecided_count} undecided: {says}"
            )
            lines += [f"{checked.path.name}: {difference}" for difference in checked.differences]
        return lines


def print_check(result: CheckResult, *, as_json: bool = False) -> None:
    """Print a check, as lines or as one JSON document."""
    if not as_json:
        print("\n".join(result.lines()))
        return
    documents = [asdict(checked) | {"path": str(checked.path)} for checked in result.documents]
    told = {"is_clean": result.is_clean, "difference_count": result.difference_count}
    print(json.dumps(told | {"documents": documents}, indent=2, ensure_ascii=False))


def check_reports(
    paths: list[Path], *, digests: Path, registers: Path | None = None
) -> CheckResult:
    """Hold each document against the digest of the same title and date, both ways.

    A folder stands for the reports in it. `registers` is the folder of the registers, by default
    the one that holds `digests`.

    Raises:
        UsageError: a path is not there or is not a report, a digest can't be read, or a folder
            holds no report.
    """
    known = load_registers(registers or digests.parent)
    all_digests = load_digests(digests)
    partners = partners_of(all_digests)
    checked: list[CheckedDocument] = []
    for path in _files(paths):
        try:
            document = read_document(path.read_bytes(), registers=known)
        except UnreadableReport as error:
            raise UsageError(f"{path}: {error}") from error
        digest = digest_of(document, all_digests)
        if digest is None:
            found = [f"no digest in {digests.name}/ is of {document.short_name}"]
        else:
            found = differences(document, digest, partners=partners)
        checked.append(_checked(path, document, found))
    return CheckResult(tuple(checked))


def digest_of(document: Document, digests: Iterable[Digest]) -> Digest | None:
    """The digest of a document: that of its name, else the only one of its title or action in
    another edition."""
    candidates = list(digests)
    for digest in candidates:
        if digest.document == document.short_name:
            return digest
    title = _without_date(document.short_name)
    editions = [digest for digest in candidates if _without_date(digest.document) == title]
    return editions[0] if len(editions) == 1 else None


def _without_date(short_name: str) -> str:
    return re.sub(r"-\d{4}-\d\d(?:-\d\d)?$", "", short_name)


def _checked(path: Path, document: Document, found: list[str]) -> CheckedDocument:
    claims = len(document.claims)
    undecided = len(document.undecided)
    return CheckedDocument(
        path=path,
        document=document.short_name,
        section_count=len(document.sections),
        claim_count=claims,
        other_count=len(document.numbers) - claims - undecided,
        undecided_count=undecided,
        differences=tuple(found),
    )


def _files(paths: Iterable[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [file for file in sorted(path.iterdir()) if _is_report(file)]
            if not inside:
                raise UsageError(f"{path}: no report in this folder")
            files += inside
        elif not path.is_file():
            raise UsageError(f"{path}: no such file")
        else:
            files.append(path)
    return files


def _is_report(path: Path) -> bool:
    if not path.is_file() or path.suffix.casefold() not in SUFFIXES:
        return False
    with path.open("rb") as handle:
        return recognise(handle.read(HEAD_BYTES))
