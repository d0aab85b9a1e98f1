"""One batch: records of whole files, checked, deduplicated, written as the parts of one commit.

Everything moves in columns: Python only holds the chunk, the counts and the few records that are
read one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from core.sql import load_table, quote
from ingest.landing.landed import LandedFile
from ingest.load import cells
from ingest.load.deduplication import deduplicate
from ingest.load.fast_parts import FastParts
from ingest.load.identities import Identities
from ingest.load.kept_text import mask_kept
from ingest.load.outcomes import OUTCOMES, write_events_and_duplicates, write_quarantined
from ingest.load.parts import Parts, rows_of
from ingest.log import identity_index
from ingest.log.event_log import EventLog
from ingest.log.listed import LISTED
from ingest.validation.fast_path import ANSWER_TYPES
from ingest.validation.full_check import check
from ingest.validation.rules import TRANSACTION_TYPES, Rules

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

RECORD_COLUMNS = (
    "row_id bigint, file_index int, position bigint, place varchar, line varchar, raw varchar,"
    " reason varchar, detail varchar"
)
FULL_CHECK_BYTES = 48 * 1024 * 1024
"""How much waits for the full check: enough to be worth its statements, and memory holds it."""


@dataclass
class FileTally:
    """Counts of one file's records (those whose identity is known, those that were read), whether
    it ended inside the last one, and whether it reports weeks or days."""

    file: LandedFile
    known: int = 0
    read: int = 0
    is_torn: bool = False
    has_short_periods: bool = False
    outcomes: Counter[str] = field(default_factory=Counter)


class Batch:
    """Takes records of whole files and writes the parts of one commit.

    Identities come first, so that what the fast path knows and nothing else is called like is
    written at once, chunk by chunk. The rest waits until there is enough of it to be worth the
    many statements of the full check.
    """

    def __init__(
        self,
        connection: DuckDBPyConnection,
        log: EventLog,
        rules: Rules,
        *,
        masking_key: bytes,
        code_version: str,
    ) -> None:
        self._connection = connection
        self._log = log
        self._rules = rules
        self._masking_key = masking_key
        self._code_version = code_version
        self._files, self._waiting = "batch_files", "waiting"
        self._next_known = self._next_row = 0
        self._waiting_bytes = 0
        self.parts = Parts(connection, log, run_at=rules.run_at)
        self.identities = Identities(connection, log)
        self._fast = FastParts(connection, self.parts, rules, self.identities, files=self._files)
        self.tallies: list[FileTally] = []
        connection.execute(
            f"create or replace temp table {self._files} (file_index int, file_hash varchar)"
        )
        cells.begin(connection)
        self._empty_waiting()

    def add_files(self, files: list[LandedFile]) -> range:
        """Register files whose records follow; returns their indexes."""
        import pyarrow as pa

        first = len(self.tallies)
        self.tallies.extend(FileTally(file) for file in files)
        listed = pa.table(
            {
                "file_index": pa.array(range(first, len(self.tallies)), pa.int32()),
                "file_hash": [file.content_hash for file in files],
            }
        )
        self._connection.register("new_files", listed)
        self._connection.execute(f"insert into {self._files} select * from new_files")
        self._connection.unregister("new_files")
        return range(first, len(self.tallies))

    def know(self, records: pa.Table) -> None:
        """Know what a chunk's records are called: of each chunk, before the first is added.

        Chunks are as in `add_chunk`. Only a batch that is known takes the fast path.
        """
        for index, count in _counts(records):
            self.tallies[index].known += count
        with self._registered(_with_row_ids(records, first=self._next_known)):
            self.identities.know("records")
        self._next_known += records.num_rows

    def add_chunk(self, records: pa.Table) -> None:
        """Take a table of records: `RECORD_SCHEMA` with `file_index` in front.

        Chunks come in the order of their files and, within one, of its records.
        """
        import pyarrow.compute as pc

        if self._next_known and not self.identities.are_known:
            self.identities.find_doubles()
        for index, count in _counts(records):
            self.tallies[index].read += count
        records = _with_row_ids(records, first=self._next_row)
        self._next_row += records.num_rows
        all_ascii = pc.all(pc.string_is_ascii(records["line"])).as_py()
        with self._registered(records):
            part = self._fast.write("records", TRANSACTION_TYPES, all_ascii=all_ascii)
        left = self._fast.left_of(records, part)
        if left.num_rows:
            with self._registered(left):
                self._connection.execute(f"insert into {self._waiting} select * from records")
        self._waiting_bytes += left["line"].nbytes + left["raw"].nbytes
        if self._waiting_bytes > FULL_CHECK_BYTES:
            self._check_waiting()

    @contextmanager
    def _registered(self, records: pa.Table) -> Iterator[None]:
        """The relation `records`, of a table."""
        from ingest.landing.records import in_batches

        self._connection.register("records", in_batches(records))
        yield
        self._connection.unregister("records")

    def finish(self) -> None:
        """Check what waits, count what each file came to."""
        self._check_waiting(is_last=True)
        for index in cells.with_short_periods(self._connection):
            self.tallies[index].has_short_periods = True
        if self._fast.written:
            self._count(
                "accepted",
                f"select files.file_index, count(*) from {rows_of(self._fast.written)} as written"
                f" inner join {self._files} as files on written.file_hash = files.file_hash"
                " group by all",
            )

    def has_changed(self, index: int) -> bool:
        """Whether a file had other records the second time than when they became known."""
        tally = self.tallies[index]
        return self.identities.are_known and tally.known != tally.read

    def discard(self) -> None:
        """Remove what was written: the batch will not be committed."""
        self.parts.discard()

    def commit(self) -> int:
        """Commit the parts, and tell the index of identities; returns the log's version."""
        version = self.parts.commit()
        identity_index.catch_up(self._connection, self._log)
        return version

    def _empty_waiting(self) -> None:
        # Not truncated: a table in memory keeps the room of rows that were deleted.
        self._connection.execute(f"create or replace temp table {self._waiting} ({RECORD_COLUMNS})")
        self._waiting_bytes = 0

    def _bytes_waiting(self) -> int:
        """How much text waits."""
        size = self._connection.execute(
            "select coalesce(sum(coalesce(strlen(line), 0) + coalesce(strlen(raw), 0)), 0)"
            f" from {self._waiting}"
        ).fetchone()
        return int(size[0]) if size else 0

    def _check_waiting(self, *, is_last: bool = False) -> None:
        """The full check of what waits, in slices that fit into memory; the fast path first accepts
        the answers that it knows."""
        part = self._fast.write(self._waiting, ANSWER_TYPES)
        if part is not None:
            self._fast.delete_from(self._waiting, part)
            self._waiting_bytes = self._bytes_waiting()
        if self._waiting_bytes < FULL_CHECK_BYTES // 2 and not is_last:
            return
        self._learn_listed()
        bounds = self._slices()
        for first, last in bounds:
            records = self._waiting
            if len(bounds) > 1:
                records = "slice_of_waiting"
                self._connection.execute(
                    f"create or replace temp table {records} as"
                    f" select * from {self._waiting} where row_id > {first} and row_id <= {last}"
                )
            self._check(records)
        self._empty_waiting()

    def _learn_listed(self) -> None:
        """Know the services that what waits lists, wherever in it figures of them are."""
        listings, checked = "listings", "checked_listings"
        known = self._rules.vocabulary.registers["services"]
        load_table(self._connection, "known_services", service_id=list(known))
        self._connection.execute(
            f"create or replace temp table {listings} as"
            f" select * from {self._waiting} where contains(line, {quote(LISTED)}) and"
            " coalesce(try(json_extract_string(line, '$.data.service_id'))"
            " not in (from known_services), true)"
        )
        if not self._connection.execute(f"select 1 from {listings} limit 1").fetchone():
            return
        check(self._connection, self._rules, records=listings, into=checked)
        found = self._connection.execute(
            f"select distinct service_id from {checked} where type = {quote(LISTED)}"
            " and reason is null"
        ).fetchall()
        vocabulary = self._rules.vocabulary.with_services(frozenset(one for (one,) in found))
        self._rules = replace(self._rules, vocabulary=vocabulary)

    def _slices(self) -> list[tuple[int, int]]:
        """Bounds of row ids, above the first to the second; one slice at least."""
        slices = max(1, round(self._waiting_bytes / FULL_CHECK_BYTES))
        ends = self._connection.execute(
            f"select max(row_id) from (select row_id, ntile({slices}) over (order by row_id)"
            f" as slice from {self._waiting}) group by slice order by slice"
        ).fetchall()
        bounds = [-1, *(last for (last,) in ends)]
        return list(pairwise(bounds)) or [(-1, -1)]

    def _check(self, records: str) -> None:
        """Check a table of records that wait, compare identities, write and count the outcomes.

        Those that the fast path knows are not checked in full: they wait as possible duplicates.
        """
        checked, outcomes, possible = "checked", "outcomes", "possible_duplicates"
        known, unchecked = "known_doubles", records
        self._fast.read_doubles(records, into=known)
        if self.identities.has_doubles:
            unchecked = "unchecked"
            self._connection.execute(
                f"create or replace temp table {unchecked} as"
                f" select * from {records} where row_id not in (select row_id from {known})"
            )
        check(self._connection, self._rules, records=unchecked, into=checked)
        self._connection.execute(f"insert into {checked} by name from {known}")
        cells.refuse_second(self._connection, checked=checked)
        self.identities.list_possible_duplicates(checked, into=possible)
        accepted = [part for part in self.parts.of_kind("event") if part not in self._fast.written]
        deduplicate(
            self._connection,
            checked=checked,
            records=f"(select row_id, line, raw from {unchecked} union all"
            f" select row_id, line, raw from {self._waiting} semi join {known} using (row_id))",
            files=self._files,
            possible_duplicates=possible,
            prior_parts=self.identities.parts_with(possible, accepted),
            into=outcomes,
        )
        self.identities.add_accepted(outcomes)
        write_events_and_duplicates(self.parts, outcomes=outcomes, files=self._files)
        self._write_quarantined(outcomes)
        self._count_outcomes(outcomes)

    def _write_quarantined(self, outcomes: str) -> None:
        mask_kept(self._connection, outcomes=outcomes, rules=self._rules, key=self._masking_key)
        write_quarantined(
            self.parts, outcomes=outcomes, files=self._files, code_version=self._code_version
        )

    def _count_outcomes(self, outcomes: str) -> None:
        for outcome in OUTCOMES:
            self._count(
                outcome,
                f"select file_index, count(*) from {outcomes} where record_outcome = '{outcome}'"
                " group by file_index",
            )
        for (index,) in self._connection.execute(
            f"select distinct file_index from {outcomes} where reason = 'torn_line'"
        ).fetchall():
            self.tallies[index].is_torn = True

    def _count(self, outcome: str, query: str) -> None:
        for file_index, count in self._connection.execute(query).fetchall():
            self.tallies[file_index].outcomes[outcome] += count


def _with_row_ids(records: pa.Table, *, first: int) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    rows = pa.array(np.arange(first, first + records.num_rows, dtype=np.int64))
    return records.add_column(0, "row_id", rows)


def _counts(records: pa.Table) -> Iterator[tuple[int, int]]:
    """How many records there are of each file, by its index."""
    for file in records["file_index"].value_counts().to_pylist():
        yield file["values"], file["counts"]
