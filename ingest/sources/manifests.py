"""Manifests: a CSV beside other files that says something of each of them; it holds no records.

CSV has no end mark: a file that was cut between two cells or in the middle of a number still
reads well. A delivery's manifest is how a department says what it sent; a publisher's says when
each file was published.
"""

from __future__ import annotations

import csv
import hashlib
import io
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from core.files import NotAFile, open_landed
from ingest.landing.containers import read_whole
from ingest.landing.inspection import HEAD_BYTES, SourceFile
from ingest.refusals import FileRejected, FileWaits
from ingest.sources.base import Context, Source
from ingest.sources.csv_head import check_form, has_header

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Delivered:
    """What a delivery's manifest says of one file. `rows` are those below the header."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Listed:
    """What a publisher's manifest says of one file; the digest may be left out."""

    published_at: datetime
    sha256: str


@dataclass(frozen=True)
class Publication:
    """What a series says of one of its publications: when, who says so (the `source` of its
    events), and the document as its claims cite it."""

    published_at: datetime
    source: str
    document: str
    is_simulated: bool


Entry = TypeVar("Entry", Delivered, Listed, Publication)


class Manifest(Source, Generic[Entry]):
    """A manifest: known by its header, found beside a file by its name."""

    holds_records = False
    file_name: ClassVar[str]
    columns: ClassVar[frozenset[str]]
    key: ClassVar[str] = "file"
    """Column of the names by which it speaks of things."""
    is_exact: ClassVar[bool]
    """Whether more columns and rows of another width are refused."""
    may_repeat: ClassVar[bool] = False
    """Whether a name may appear twice: the later row counts."""
    reason_of_broken_row: ClassVar[str]
    is_waited_for: ClassVar[bool]
    """Whether files wait while it can't be read: without it they would be taken for others."""

    @abstractmethod
    def entry(self, row: Mapping[str, str]) -> Entry:
        """What a row says. Raises: ValueError: it can't be read."""

    def recognise(self, file: SourceFile) -> bool:
        return has_header(file.head, self._knows)

    def _knows(self, names: Sequence[str]) -> bool:
        if self.is_exact:
            return set(names) == self.columns
        return self.columns <= {name.casefold() for name in names}

    def read(self, file: SourceFile, context: Context) -> Iterator[pa.Table]:
        self.entries(file.path)
        return iter(())

    def entries(self, path: Path) -> dict[str, Entry]:
        """What the manifest says, by name of a file, or what else its `key` names.

        Raises:
            FileRejected: a column is missing, a row can't be read, or a name appears twice.
        """
        content = read_whole(path)
        check_form(content[:HEAD_BYTES], self._knows)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FileRejected("not_utf8", f"{path.name}: byte offset {error.start}") from error
        rows = _rows(text, path.name)
        names = [name.casefold() for name in next(rows, (0, []))[1]]
        has_others = self.is_exact and len(names) != len(self.columns)
        if not self.columns <= set(names) or has_others:
            wanted = ", ".join(sorted(self.columns))
            raise FileRejected("bad_header", f"{path.name}: columns {wanted}")
        found: dict[str, Entry] = {}
        for line, cells in rows:
            row = dict(zip(names, cells, strict=False))
            try:
                if self.is_exact and len(cells) != len(names):
                    raise ValueError(f"{len(cells)} cells, the header has {len(names)}")
                name = row[self.key]
                if not self.may_repeat and name in found:
                    raise ValueError(f"{name} appears twice")
                found[name] = self.entry(row)
            except (ValueError, KeyError) as error:
                where = f"{path.name} line {line}"
                raise FileRejected(self.reason_of_broken_row, f"{where}: {error}") from error
        return found

    def beside(self, path: Path) -> Entry | None:
        """What the manifest in the same folder says of a file; None where it says nothing.

        Raises:
            FileWaits: there is one that can't be read, and a file beside it has to wait for it.
        """
        manifest = path.parent / self.file_name
        try:
            return self.entries(manifest).get(path.name)
        except FileRejected as rejected:
            if self.is_waited_for:
                raise FileWaits(f"for {self.file_name} to be mended: {rejected}") from rejected
            return None
        except OSError:
            return None

    def check_digest(self, path: Path, stated: str) -> None:
        """Hold a file against the SHA-256 that the manifest states; nothing to do without one.

        Raises:
            FileRejected: `manifest_mismatch`.
        """
        if not stated:
            return
        with open_landed(path) as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != stated:
                raise FileRejected(
                    "manifest_mismatch", f"SHA-256 differs from the one in {self.file_name}"
                )


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, without spaces around cells, and the line on which each ends."""
    rows = csv.reader(io.StringIO(text, newline=""))
    try:
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield rows.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise FileRejected("corrupt", f"{name} line {rows.line_num}: {error}") from error


class DeliveryManifest(Manifest[Delivered]):
    """`manifest.csv` beside event files, with file, rows and SHA-256 of each."""

    name = "delivery_manifest"
    file_name = "manifest.csv"
    columns = frozenset({"file", "rows", "sha256"})
    is_exact = True
    reason_of_broken_row = "corrupt"
    is_waited_for = False

    def entry(self, row: Mapping[str, str]) -> Delivered:
        digest = row["sha256"].lower()
        if not row["rows"].isdecimal():
            raise ValueError(f"rows {row['rows']!r} is not a whole number")
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise ValueError(f"sha256 {row['sha256']!r} is not a SHA-256")
        return Delivered(int(row["rows"]), digest)


class PublicationManifest(Manifest[Listed]):
    """`vintages.csv` beside publications: file, publication time, and SHA-256 where it has it."""

    name = "publication_manifest"
    file_name = "vintages.csv"
    columns = frozenset({"file", "published_at"})
    is_exact = False
    may_repeat = True
    reason_of_broken_row = "bad_header"
    is_waited_for = True

    def entry(self, row: Mapping[str, str]) -> Listed:
        return Listed(_moment(row["published_at"]), row.get("sha256", "").lower())


class Publications(Manifest[Publication]):
    """`publications.csv` beside tidy volumes: the publications whose figures they hold."""

    name = "publications"
    file_name = "publications.csv"
    columns = frozenset({"publication", "published_at", "source", "document"})
    key = "publication"
    is_exact = False
    reason_of_broken_row = "bad_header"
    is_waited_for = True

    def entry(self, row: Mapping[str, str]) -> Publication:
        blank = next((name for name in sorted(self.columns) if not row[name]), None)
        if blank is not None:
            raise ValueError(f"{blank} is blank")
        return Publication(
            published_at=_moment(row["published_at"]),
            source=row["source"],
            document=row["document"],
            is_simulated=row.get("simulated", "").lower() == "true",
        )

    def of_folder(self, path: Path) -> dict[str, Publication]:
        """The publications that the file beside `path` names, in the order of their time.

        Raises:
            FileWaits: there is none, or it can't be read.
        """
        beside = path.parent / self.file_name
        try:
            found = self.entries(beside)
        except (FileNotFoundError, NotAFile) as error:
            raise FileWaits(f"for {self.file_name}, which says when its figures came") from error
        except FileRejected as rejected:
            raise FileWaits(f"for {self.file_name} to be mended: {rejected}") from rejected
        return dict(sorted(found.items(), key=lambda item: (item[1].published_at, item[0])))


def _moment(cell: str) -> datetime:
    """A moment with its time zone. Raises: ValueError: it is none."""
    wanted = "as in 2015-06-30T09:30:00+01:00"
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError as error:
        rewritten = " (a spreadsheet writes days so)" if "/" in cell else ""
        raise ValueError(f"{cell!r} is not a moment {wanted}{rewritten}") from error
    if moment.tzinfo is None:
        raise ValueError(f"{cell!r} has no time zone, {wanted}")
    return moment
