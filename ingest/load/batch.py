"""One batch: chunks of records judged, sorted into accepted, duplicate, quarantined; written.

Parts are Parquet files that no reader sees until the batch's commit. Everything moves in
columns: Python only holds the chunk, the counts and the few records that need a close look.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import IntegrityError
from core.sql import any_of, load_table, quote
from ingest.landing.landed import LandedFile
from ingest.load.deduplication import EVENT_COLUMNS, settle
from ingest.log import identity_index
from ingest.log.columns import EVENT
from ingest.log.event_log import EventLog
from ingest.validation import masking
from ingest.validation.event_types import schema_version
from ingest.validation.fast_path import ANSWER_TYPES, any_mention, plain_events
from ingest.validation.full_check import TRANSACTION_TYPES, Rules, judge

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

SOURCE_REASONS = frozenset(
    {
        "torn_line",
        "unreadable_cell",
        "missing_key",
        "wrong_width",
        "undecided_figure",
        "unplaced_text",
    }
)
OUTCOMES = ("accepted", "duplicate", "quarantined")
RECORD_COLUMNS = (
    "row_id bigint, file_index int, position bigint, place varchar, line varchar, raw varchar,"
    " reason varchar, detail varchar"
)
FULL_LANE_BYTES = 24 * 1024 * 1024
"""How much waits for the full lane: enough to be worth its statements, little enough for memory."""
IDENTITIES_AT_ONCE = 6_000_000
PARQUET = "format parquet, compression zstd, compression_level 1, write_bloom_filter false"
"""The first level of Zstandard writes as fast as Snappy, in little more than half the bytes.
Bloom filters are made only for columns of few values, where they spare nothing."""

Reader = Callable[[int], Iterator["pa.Table"]]
"""Reads the records of a file once more, by the file's index in the batch."""


@dataclass
class FileTally:
    """Counts of one file's records, and whether it ended inside the last one."""

    file: LandedFile
    read: int = 0
    is_torn: bool = False
    outcomes: Counter[str] = field(default_factory=Counter)


class Batch:
    """Takes records of whole files and writes the parts of one commit.

    What is plain is written at once, chunk by chunk. The rest waits until there is enough of
    it to be worth the many statements of the full lane. Identities are settled last, on
    everything; a plain record that loses against another one is then taken out of its part.
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
        self._version = log.version + 1
        self._next_part = 0
        self._next_row = 0
        self._waiting_bytes = 0
        self._is_all_json = True
        self._plain: list[Path] = []
        self._unhashed: list[Path] = []
        self.parts: list[Path] = []
        self.tallies: list[FileTally] = []
        connection.execute(
            f"""
            create or replace temp table files (file_index int, file_hash varchar);
            create or replace temp table taken (identity_hash ubigint);
            create or replace temp table admitted (identity_hash ubigint);
            create or replace temp table waiting ({RECORD_COLUMNS});
            create or replace temp table lost (file_index int, position bigint);
            drop table if exists conflicts
            """
        )

    def add_files(self, files: list[LandedFile], *, read: Reader) -> range:
        """Register files whose records follow; returns their indexes.

        `read` reads the records of one of them once more, by its index.
        """
        import pyarrow as pa

        self._read = read
        first = len(self.tallies)
        self.tallies.extend(FileTally(file) for file in files)
        listed = pa.table(
            {
                "file_index": pa.array(range(first, len(self.tallies)), pa.int32()),
                "file_hash": [file.content_hash for file in files],
            }
        )
        self._connection.register("new_files", listed)
        self._connection.execute("insert into files select * from new_files")
        self._connection.unregister("new_files")
        return range(first, len(self.tallies))

    def add_chunk(self, records: pa.Table) -> None:
        """Take a table of records: `RECORD_SCHEMA` with `file_index` in front.

        Chunks come in the order of their files and, within one, of its records.
        """
        import numpy as np
        import pyarrow as pa

        from ingest.landing.records import in_batches

        count = records.num_rows
        for file in records["file_index"].value_counts().to_pylist():
            self.tallies[file["values"]].read += file["counts"]
        rows = pa.array(np.arange(self._next_row, self._next_row + count, dtype=np.int64))
        self._connection.register("records", in_batches(records.add_column(0, "row_id", rows)))
        written = self._write_plain("records", TRANSACTION_TYPES)
        self._connection.execute(f"insert into waiting {_left('records', written)}")
        self._connection.unregister("records")
        self._waiting_bytes += self._bytes_from(self._next_row)
        self._next_row += count
        if self._waiting_bytes > FULL_LANE_BYTES:
            self._judge_waiting()

    def finish(self) -> None:
        """Judge what waits, settle every identity, count what each file came to."""
        self._judge_waiting(is_last=True)
        self._write_conflicts()
        self._take_out_lost()
        if self._plain:
            self._count(
                "accepted",
                f"select files.file_index, count(*) from {_parts(self._plain)} as written"
                " inner join files on written.file_hash = files.file_hash group by all",
            )

    def retry_chosen(self) -> Counter[str]:
        """Judge the quarantined records of table `chosen` again; returns the outcomes.

        Table `again` holds what their sources make of them now. What another source refused
        itself can't become right by other registers: it stays.
        """
        self._connection.execute(
            """
            insert into files select (row_number() over (order by file_hash))::int - 1, file_hash
            from (select distinct file_hash from chosen);

            create or replace temp table records as
            select
                chosen.row_id, files.file_index, chosen.position, chosen.place,
                case
                    when is_read_again then new_line
                    when not is_refused_by_source then decode(chosen.raw)
                end as line,
                case when is_read_again or is_refused_by_source
                    then decode(chosen.raw)
                end as raw,
                case
                    when is_read_again then new_reason
                    when is_refused_by_source then chosen.reason
                end as reason,
                case
                    when is_read_again then new_detail
                    when is_refused_by_source then chosen.detail
                end as detail,
                chosen.attempts,
            from (
                select
                    chosen.*,
                    again.row_id is not null as is_read_again,
                    again.line as new_line,
                    again.reason as new_reason,
                    again.detail as new_detail,
                    chosen.reason in ($source_reasons) as is_refused_by_source,
                from chosen
                left join again on chosen.row_id = again.row_id
            ) as chosen
            inner join files on chosen.file_hash = files.file_hash
            """.replace("$source_reasons", any_of(SOURCE_REASONS))
        )
        self._connection.execute(
            "create or replace temp table remainder as select * exclude (attempts) from records"
        )
        judge(self._connection, self._rules)
        self._settle(is_last=True)
        self._write_accepted_and_duplicates()
        self.write_part(
            "retry",
            f"""
            select {self.common}, files.file_hash, settled.position, settled.place,
                records.attempts + 1 as attempt, settled.fate as outcome,
                settled.reason, settled.detail, {quote(self._code_version)} as code_version
            from settled
            inner join records on settled.row_id = records.row_id
            inner join files on settled.file_index = files.file_index
            order by settled.row_id
            """,
        )
        fates = self._connection.execute("select fate, count(*) from settled group by fate")
        return Counter(dict(fates.fetchall()))

    def discard(self) -> None:
        """Remove what was written: the batch will not be committed."""
        for part in self.parts:
            part.unlink(missing_ok=True)

    def commit_identities(self) -> None:
        """Tell the identity index of this batch, after its commit."""
        self._connection.execute(
            f"""
            begin;
            insert into {identity_index.ATTACHED}.identities
            select identity_hash, {self._version} from taken
            union all
            select identity_hash, {self._version} from admitted;
            delete from {identity_index.ATTACHED}.position
            """
        )
        self._connection.execute(
            f"insert into {identity_index.ATTACHED}.position values (?, ?)",
            [self._log.version, self._log.commit_at(self._log.version).link],
        )
        self._connection.execute("commit")

    def write_part(self, kind: str, query: str) -> int:
        """Write the rows of a query as a part of this commit; returns their number."""
        path = self._log.part_path(kind, self._version, self._next_part)
        self._connection.execute(f"copy ({query}) to {quote(str(path))} ({PARQUET})")
        written = self._connection.fetchone()
        count = int(written[0]) if written else 0
        if count:
            self.parts.append(path)
            self._next_part += 1
        else:
            path.unlink()
        return count

    @property
    def common(self) -> str:
        """SQL of the columns that every record of this commit has, before file and position."""
        moment = self._rules.run_at.isoformat()
        return (
            f"{self._version}::bigint as commit_version,"
            f" {quote(moment)}::timestamptz as recorded_at"
        )

    def _write_plain(self, table: str, types: tuple[str, ...]) -> Path | None:
        """Write what the fast lane takes of a table of records; returns its part, if any."""
        import duckdb

        if not self._connection.execute(any_mention(types, table=table)).fetchone():
            return None
        try:
            count = self._copy_plain(table, types)
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            # A line that is no JSON stops the parser. Where one is, more follow: look first now.
            self._is_all_json = False
            count = self._copy_plain(table, types)
        if not count:
            return None
        self._plain.append(self.parts[-1])
        self._unhashed.append(self.parts[-1])
        return self.parts[-1]

    def _copy_plain(self, table: str, types: tuple[str, ...]) -> int:
        plain = plain_events(self._rules, types, table=table, all_json=self._is_all_json)
        return self.write_part(
            "event",
            f"""
            select {self.common}, files.file_hash, plain.position, null::varchar as place,
                {EVENT_COLUMNS}
            from ({plain}) as plain
            inner join files on plain.file_index = files.file_index
            """,
        )

    def _bytes_from(self, row_id: int) -> int:
        """How much text waits of the records from this one on."""
        size = self._connection.execute(
            "select coalesce(sum(coalesce(strlen(line), 0) + coalesce(strlen(raw), 0)), 0)"
            f" from waiting where row_id >= {row_id}"
        ).fetchone()
        return int(size[0]) if size else 0

    def _judge_waiting(self, *, is_last: bool = False) -> None:
        """The full lane for what waits and is no answer, in slices that fit into memory."""
        written = self._write_plain("waiting", ANSWER_TYPES)
        if written:
            self._connection.execute(
                f"create or replace temp table waiting as {_left('waiting', written)}"
            )
            self._waiting_bytes = self._bytes_from(0)
        if self._waiting_bytes < FULL_LANE_BYTES // 2 and not is_last:
            return
        slices = max(1, round(self._waiting_bytes / FULL_LANE_BYTES))
        bounds = self._connection.execute(
            f"select ntile, max(row_id) from"
            f" (select row_id, ntile({slices}) over (order by row_id) as ntile from waiting)"
            " group by ntile order by ntile"
        ).fetchall()
        first = -1
        for number, (_, last) in enumerate(bounds or [(1, -1)], start=1):
            self._connection.execute(
                "create or replace temp table remainder as"
                f" select * from waiting where row_id > {first} and row_id <= {last}"
            )
            judge(self._connection, self._rules)
            self._settle(is_last=is_last and number == max(1, len(bounds)))
            self._write_settled()
            first = last
        # Not truncated: a table in memory keeps the room of rows that were deleted.
        self._connection.execute(f"create or replace temp table waiting ({RECORD_COLUMNS})")
        self._waiting_bytes = 0

    def _settle(self, *, is_last: bool) -> None:
        """Table `settled`: `judged`, and plain records of doubtful identity, with outcomes."""
        if self._unhashed:
            self._connection.execute(
                f"insert into taken select {identity_index.identity_hash('source', 'id')}"
                f" from {_parts(self._unhashed)}"
            )
            self._unhashed = []
        self._list_doubtful(is_last=is_last)
        self._pull_plain()
        settle(self._connection, self._prior_parts())
        self._connection.execute(
            f"""
            insert into admitted select {identity_index.identity_hash("source", "id")} from settled
                where fate = 'accepted' and row_id >= 0;
            insert into lost select file_index, position from settled
                where fate <> 'accepted' and row_id < 0;
            create temp table if not exists conflicts as select * from settled where false;
            insert into conflicts by name select * from settled
                where fate = 'quarantined' and row_id < 0;
            delete from settled where fate = 'quarantined' and row_id < 0
            """
        )

    def _list_doubtful(self, *, is_last: bool) -> None:
        """Table `doubtful`: hashes that more than one record has, here or in the log.

        Before the last of the batch only those of judged records: a plain record may yet lose
        against one that stands before it and still waits. Hashes are compared in parts, so
        that a large batch needs no more memory than a small one.
        """
        plain = "" if is_last else "semi join claimed using (identity_hash)"
        self._connection.execute(
            f"""
            create or replace temp table claimed as
            select {identity_index.identity_hash("source", "id")} as identity_hash
            from judged where reason is null;
            create or replace temp view asked as
            select identity_hash from claimed
            union all
            select taken.identity_hash from taken {plain};
            create or replace temp table doubtful
                (identity_hash ubigint, commit_version bigint, is_admitted boolean)
            """
        )
        row = self._connection.execute("select count(*) from asked").fetchone()
        count = int(row[0]) if row else 0
        parts = -(-count // IDENTITIES_AT_ONCE)
        for number in range(parts):
            self._connection.execute(
                f"""
                create or replace temp view asked_now as
                select identity_hash from asked
                where identity_hash % {parts} = {number};

                insert into doubtful
                select identity_hash, null, false from asked_now
                group by identity_hash having count(*) > 1
                union all
                select admitted.identity_hash, null, true from admitted
                semi join asked_now using (identity_hash)
                union all
                select known.identity_hash, known.commit_version, false
                from {identity_index.ATTACHED}.identities as known
                semi join asked_now using (identity_hash)
                """
            )

    def _pull_plain(self) -> None:
        """Put plain records of doubtful identity among the judged, with row ids below zero."""
        if (
            not self._plain
            or not self._connection.execute(
                "select 1 from doubtful semi join taken"
                " on doubtful.identity_hash = taken.identity_hash limit 1"
            ).fetchone()
        ):
            return
        self._connection.execute(
            f"""
            insert into judged by name
            select
                -row_number() over (order by files.file_index, written.position) as row_id,
                files.file_index, written.position, written.place,
                {", ".join(f"written.{name}" for name in EVENT)},
                null::varchar as reason, null::varchar as detail,
            from {_parts(self._plain)} as written
            inner join files on written.file_hash = files.file_hash
            anti join lost on files.file_index = lost.file_index
                and written.position = lost.position
            where {identity_index.identity_hash("written.source", "written.id")}
                in (select identity_hash from doubtful)
            """
        )

    def _prior_parts(self) -> list[str]:
        """Files that may hold a recorded event of a doubtful identity."""
        versions = {
            version
            for (version,) in self._connection.execute(
                "select distinct commit_version from doubtful where commit_version is not null"
            ).fetchall()
        }
        is_admitted = self._connection.execute(
            "select 1 from doubtful where is_admitted limit 1"
        ).fetchone()
        recorded = [
            file.path
            for file in (self._log.files("event") if versions else [])
            if file.commit_version is None or file.commit_version in versions
        ]
        judged = [
            str(part)
            for part in self.parts
            if part.parent.name.endswith("=event") and part not in self._plain
        ]
        return recorded + (judged if is_admitted else [])

    def _keep_text_of_conflicts(self) -> None:
        """Plain records in conflict with another one are kept as they came.

        Their lines are gone by now, so their files are read once more: a conflict is rare.
        """
        self._connection.execute(
            "create or replace temp table settled as select * from conflicts;"
            "create or replace temp table lines"
            " (file_index int, position bigint, line varchar)"
        )
        rows = self._connection.execute("select distinct file_index from conflicts").fetchall()
        for (file_index,) in rows:
            for records in self._read(file_index):
                self._connection.register("records_again", records)
                self._connection.execute(
                    f"""
                    insert into lines
                    select {file_index}, again.position, again.line
                    from records_again as again
                    semi join conflicts on again.position = conflicts.position
                        and conflicts.file_index = {file_index}
                    """
                )
                self._connection.unregister("records_again")
        self._connection.execute(
            """
            update settled set kept = case
                when suffix(lines.line, chr(10)) then left(lines.line, -1) else lines.line
            end
            from lines
            where settled.file_index = lines.file_index and settled.position = lines.position
            """
        )
        missing = self._connection.execute(
            "select file_index, position from settled where kept is null"
            " order by file_index, position limit 1"
        ).fetchone()
        if missing:
            file_index, position = missing
            raise IntegrityError(
                f"{self.tallies[file_index].file.name}: record {position} is not there any more:"
                " the file changed while it was read; nothing of this batch was committed"
            )

    def _write_settled(self) -> None:
        self._write_accepted_and_duplicates()
        self._write_quarantined()
        for outcome in OUTCOMES:
            self._count(
                outcome,
                f"select file_index, count(*) from settled where fate = '{outcome}'"
                f" {'and row_id >= 0' if outcome == 'accepted' else ''}"
                " group by file_index",
            )
        for (index,) in self._connection.execute(
            "select distinct file_index from settled where reason = 'torn_line'"
        ).fetchall():
            self.tallies[index].is_torn = True

    def _write_conflicts(self) -> None:
        if self._connection.execute("select 1 from conflicts limit 1").fetchone():
            self._keep_text_of_conflicts()
            self._write_quarantined()
            self._count(
                "quarantined", "select file_index, count(*) from conflicts group by file_index"
            )

    def _write_accepted_and_duplicates(self) -> None:
        # A plain record that won stands in its part already.
        self.write_part(
            "event",
            f"""
            select {self.common}, files.file_hash, settled.position, settled.place, {EVENT_COLUMNS}
            from settled
            inner join files on settled.file_index = files.file_index
            where fate = 'accepted' and row_id >= 0
            order by settled.row_id
            """,
        )
        self.write_part(
            "duplicate",
            f"""
            select {self.common}, files.file_hash, settled.position, settled.place, source, id,
                winner_file_hash, winner_position,
                coalesce(winner_commit_version, {self._version}) as winner_commit_version
            from settled
            inner join files on settled.file_index = files.file_index
            where fate = 'duplicate'
            order by settled.file_index, settled.position, settled.row_id
            """,
        )

    def _write_quarantined(self) -> None:
        mask_kept(self._connection, rules=self._rules, key=self._masking_key)
        self.write_part(
            "quarantine",
            f"""
            select {self.common}, files.file_hash, settled.position, settled.place,
                reason, detail, encode(kept) as raw,
                {quote(schema_version())} as schema_version,
                {quote(self._code_version)} as code_version
            from settled
            inner join files on settled.file_index = files.file_index
            where fate = 'quarantined'
            order by settled.file_index, settled.position, settled.row_id
            """,
        )

    def _take_out_lost(self) -> None:
        """Write the parts of plain records anew that hold one which lost its identity."""
        for part in self._parts_with_lost():
            self.parts.remove(part)
            self._plain.remove(part)
            kept = self.write_part(
                "event",
                f"""
                select written.*
                from {_parts([part])} as written
                inner join files on written.file_hash = files.file_hash
                anti join lost on files.file_index = lost.file_index
                    and written.position = lost.position
                """,
            )
            if kept:
                self._plain.append(self.parts[-1])
            part.unlink()

    def _parts_with_lost(self) -> list[Path]:
        if not self._connection.execute("select 1 from lost limit 1").fetchone():
            return []
        rows = self._connection.execute(
            f"""
            select distinct filename
            from read_parquet({[str(part) for part in self._plain]!r},
                hive_partitioning = false, filename = true) as written
            inner join files on written.file_hash = files.file_hash
            semi join lost on files.file_index = lost.file_index
                and written.position = lost.position
            """
        ).fetchall()
        return [Path(name) for (name,) in rows]

    def _count(self, outcome: str, query: str) -> None:
        for file_index, count in self._connection.execute(query).fetchall():
            self.tallies[file_index].outcomes[outcome] += count


def _parts(paths: list[Path]) -> str:
    """SQL of the rows of written parts."""
    return f"read_parquet({[str(path) for path in paths]!r}, hive_partitioning = false)"


def _left(table: str, written: Path | None) -> str:
    """SQL of the records of a table that do not stand in a part written of them."""
    if written is None:
        return f"select * from {table}"
    # Not an anti join: DuckDB may turn that round, and then keeps every line in memory.
    return f"""
        select * from {table}
        where (file_index, position) not in (
            select (files.file_index, written.position) from {_parts([written])} as written
            inner join files on written.file_hash = files.file_hash
        )
        """


def mask_kept(connection: DuckDBPyConnection, *, rules: Rules, key: bytes) -> None:
    """Mask forbidden values in the text that `settled` keeps of refused records."""
    forbidden = rules.vocabulary.forbidden_fields
    rows = connection.execute(
        f"""
        select row_id, kept from settled
        where fate = 'quarantined'
          and (reason = 'personal_data' or {masking.may_mention("kept", forbidden=forbidden)})
        """
    ).fetchall()
    masked = [
        (row_id, clean)
        for row_id, kept in rows
        if (clean := masking.mask(kept, forbidden=forbidden, key=key)) != kept
    ]
    if masked:
        row_ids, texts = zip(*masked, strict=True)
        load_table(connection, "masks", row_id=row_ids, kept=texts)
        connection.execute(
            "update settled set kept = masks.kept from masks where masks.row_id = settled.row_id"
        )
