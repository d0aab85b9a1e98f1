"""One batch: chunks of records judged, sorted into accepted, duplicate, quarantined; written.

Parts are Parquet files that no reader sees until the batch's commit. Everything moves in
columns: Python only holds the chunk, the counts and the few records that need a close look.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from ingest import identity, masking
from ingest.event_types import schema_version
from ingest.landing import LandedFile
from ingest.log import EventLog
from ingest.log_schema import EVENT
from ingest.validation import Rules, any_of, judge, plain_transactions, quote

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

EVENT_COLUMNS = ", ".join(EVENT)
COMPARED = [name for name in EVENT if name not in ("source", "id", "data", "extensions")]
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


@dataclass
class FileTally:
    """Counts of one file's records, and whether it ended inside the last one."""

    file: LandedFile
    read: int = 0
    is_torn: bool = False
    outcomes: Counter[str] = field(default_factory=Counter)


class Batch:
    """Takes records of whole files and writes the parts of one commit."""

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
        self._chunks = 0
        self.parts: list[Path] = []
        self.tallies: list[FileTally] = []
        connection.execute(
            "create or replace temp table files (file_index int, file_hash varchar);"
            "create or replace temp table seen (identity_hash ubigint)"
        )

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
        self._connection.execute("insert into files select * from new_files")
        self._connection.unregister("new_files")
        return range(first, len(self.tallies))

    def add_chunk(self, records: pa.Table) -> None:
        """Judge and write a table of records: `RECORD_SCHEMA` with `file_index` in front."""
        import numpy as np
        import pyarrow as pa

        from ingest.records import in_batches

        if records.num_rows == 0:
            return
        rows = pa.array(np.arange(records.num_rows, dtype=np.int64))
        self._connection.register("records", in_batches(records.add_column(0, "row_id", rows)))
        self._count("read", "select file_index, count(*) from records group by file_index")
        taken = self._write_plain()
        self._set_rest_aside(is_all_taken=taken == records.num_rows)
        if self._purge_suspects() or taken < records.num_rows:
            self._judge_rest()
        self._count("accepted", "select file_index, count(*) from taken group by file_index")
        self._connection.execute(
            "insert into seen select identity_hash from identities where identity_hash is not null"
        )
        self._connection.unregister("records")
        self._chunks += 1

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
            "create or replace temp table taken (identity_hash ubigint);"
            "create or replace temp table remainder as select * exclude (attempts) from records"
        )
        self._list_identities()
        judge(self._connection, self._rules)
        self._settle_identities()
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
        self._connection.execute(
            "insert into seen select identity_hash from identities where identity_hash is not null"
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
            f"begin; insert into {identity.ATTACHED}.identities select identity_hash from seen;"
            f"delete from {identity.ATTACHED}.position"
        )
        self._connection.execute(
            f"insert into {identity.ATTACHED}.position values (?, ?)",
            [self._log.version, self._log.commit_at(self._log.version).link],
        )
        self._connection.execute("commit")

    def write_part(self, kind: str, query: str) -> int:
        """Write the rows of a query as a part of this commit; returns their number."""
        path = self._log.part_path(kind, self._version, self._next_part)
        self._connection.execute(f"copy ({query}) to {quote(str(path))} (format parquet)")
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

    def _write_plain(self) -> int:
        """Write what the fast lane takes; returns how many.

        Table `taken` holds their file, position and hash of identity. A file whose records
        have places (cells of a row) has none in the fast lane, so file and position name one.
        """
        import duckdb

        try:
            count = self._copy_plain(all_json=True)
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            # A line that is no JSON stops the parser: look first, then parse.
            count = self._copy_plain(all_json=False)
        hashed = identity.identity_hash("source", "id")
        self._connection.execute(
            f"""
            create or replace temp table taken as
            select files.file_index, written.position, {hashed} as identity_hash
            from read_parquet({quote(str(self.parts[-1]))}, hive_partitioning = false) as written
            inner join files on written.file_hash = files.file_hash
            """
            if count
            else "create or replace temp table taken"
            " (file_index int, position bigint, identity_hash ubigint)"
        )
        return count

    def _copy_plain(self, *, all_json: bool) -> int:
        return self.write_part(
            "event",
            f"""
            select {self.common}, files.file_hash, plain.position, null::varchar as place,
                {EVENT_COLUMNS}
            from ({plain_transactions(self._rules, all_json=all_json)}) as plain
            inner join files on plain.file_index = files.file_index
            """,
        )

    def _set_rest_aside(self, *, is_all_taken: bool) -> None:
        """Table `remainder`: what the fast lane left; `identities`: hashes of all records."""
        self._connection.execute(
            "create or replace temp table remainder as select * from records"
            + (
                " where false"
                if is_all_taken
                else " anti join taken on records.file_index = taken.file_index"
                " and records.position = taken.position"
            )
        )
        self._list_identities()

    def _list_identities(self) -> None:
        """Tables `identities` and `suspects`: hashes that may have been used before."""
        self._connection.execute(
            f"""
            create or replace temp table identities as
            with named as (
                select
                    row_id,
                    case when reason is null and json_valid(line)
                        then json_extract_string(line, ['$.source', '$.id'])
                    end as names,
                from remainder
            )
            select null::bigint as row_id, identity_hash from taken
            union all
            select
                row_id,
                case when names[1] is not null and names[2] is not null
                    then {identity.identity_hash("names[1]", "names[2]")}
                end as identity_hash,
            from named;

            create or replace temp table suspects as
            select identity_hash from identities
            where identity_hash is not null
            group by identity_hash having count(*) > 1
            union
            select seen.identity_hash from seen
            semi join identities on seen.identity_hash = identities.identity_hash
            union
            select known.identity_hash from {identity.ATTACHED}.identities as known
            semi join identities on known.identity_hash = identities.identity_hash;
            """
        )

    def _purge_suspects(self) -> bool:
        """Take back plain records whose identity may have been used before; whether there were."""
        self._connection.execute(
            """
            create or replace temp table suspected as
            select records.row_id, taken.*
            from taken
            semi join suspects on taken.identity_hash = suspects.identity_hash
            inner join records
                on taken.file_index = records.file_index and taken.position = records.position
            """
        )
        found = self._connection.execute("select count(*) from suspected").fetchone()
        if not found or not found[0]:
            return False
        written = self.parts.pop()
        self._connection.execute(
            """
            insert into remainder select records.* from records
                semi join suspected on records.row_id = suspected.row_id;
            insert into identities select row_id, identity_hash from suspected;
            delete from taken using suspected
                where taken.file_index = suspected.file_index
                and taken.position = suspected.position;
            """
        )
        self.write_part(
            "event",
            f"""
            select written.*
            from read_parquet({quote(str(written))}, hive_partitioning = false) as written
            inner join files on written.file_hash = files.file_hash
            anti join suspected
                on files.file_index = suspected.file_index
                and written.position = suspected.position
            """,
        )
        written.unlink()
        return True

    def _judge_rest(self) -> None:
        judge(self._connection, self._rules)
        self._settle_identities()
        self._write_accepted_and_duplicates()
        self._write_quarantined()
        for outcome in OUTCOMES:
            self._count(
                outcome,
                f"select file_index, count(*) from settled where fate = '{outcome}'"
                " group by file_index",
            )
        for (index,) in self._connection.execute(
            "select distinct file_index from settled where reason = 'torn_line'"
        ).fetchall():
            self.tallies[index].is_torn = True

    def _write_accepted_and_duplicates(self) -> None:
        self.write_part(
            "event",
            f"""
            select {self.common}, files.file_hash, settled.position, settled.place, {EVENT_COLUMNS}
            from settled
            inner join files on settled.file_index = files.file_index
            where fate = 'accepted'
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
            order by settled.row_id
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
            order by settled.row_id
            """,
        )

    def _settle_identities(self) -> None:
        """Table `settled`: `judged` with an outcome and, for a redelivery, the record that won."""
        settle(self._connection, self._prior_parts())

    def _prior_parts(self) -> list[str]:
        """Files that may hold a record of an identity in `judged`: none, or all so far."""
        hits = self._connection.execute(
            """
            select count(*) from judged
            inner join identities on judged.row_id = identities.row_id
            where judged.reason is null and (
                identities.identity_hash in (select identity_hash from seen)
                or identities.identity_hash in (
                    select known.identity_hash from identity_index.identities as known
                    semi join identities on known.identity_hash = identities.identity_hash
                )
            )
            """
        ).fetchone()
        if not hits or not hits[0]:
            return []
        return [file.path for file in self._log.files("event")] + [
            str(part) for part in self.parts if part.parent.name.endswith("=event")
        ]

    def _count(self, outcome: str, query: str) -> None:
        for file_index, count in self._connection.execute(query).fetchall():
            tally = self.tallies[file_index]
            if outcome == "read":
                tally.read += count
            else:
                tally.outcomes[outcome] += count


def settle(connection: DuckDBPyConnection, prior_parts: list[str]) -> None:
    """From `judged` make `settled`: outcome, reason, winner of a redelivery, text to keep.

    The recorded event wins over a new one; among new ones the first by file and position.
    """
    prior = (
        f"""
        select commit_version, file_hash, position, {EVENT_COLUMNS}
        from read_parquet({prior_parts!r}, union_by_name = true, hive_partitioning = false) as held
        semi join candidates on held.source = candidates.source and held.id = candidates.id
        """
        if prior_parts
        else f"""
        select null::bigint as commit_version, null::varchar as file_hash,
            null::bigint as position, {EVENT_COLUMNS}
        from judged where false
        """
    )
    same = " and ".join(f"new.{name} is not distinct from old.{name}" for name in COMPARED)
    connection.execute(
        f"""
        create or replace temp table candidates as
        select row_id, source, id from judged where reason is null;

        create or replace temp table winners as
        with prior as ({prior}),
        firsts as (
            select files.file_hash, judged.*
            from judged
            inner join files on judged.file_index = files.file_index
            anti join prior on judged.source = prior.source and judged.id = prior.id
            where judged.reason is null
            qualify row_number() over (
                partition by judged.source, judged.id order by judged.row_id
            ) = 1
        )
        select null::bigint as winner_row_id, commit_version, file_hash, position, {EVENT_COLUMNS}
        from prior
        union all by name
        select row_id as winner_row_id, null::bigint as commit_version, file_hash, position,
            {EVENT_COLUMNS}
        from firsts;

        create or replace temp table compared as
        select
            new.row_id,
            old.winner_row_id is not distinct from new.row_id as is_winner,
            ({same}) as is_same,
            new.data is not distinct from old.data
                and new.extensions is not distinct from old.extensions as is_same_text,
            new.data as new_data, old.data as old_data,
            new.extensions as new_extensions, old.extensions as old_extensions,
            old.file_hash as winner_file_hash,
            old.position as winner_position,
            old.commit_version as winner_commit_version,
        from judged as new
        inner join winners as old on new.source = old.source and new.id = old.id
        where new.reason is null
        """
    )
    _compare_documents(connection)
    connection.execute(
        """
        create or replace temp table settled as
        select
            judged.* exclude (reason, detail),
            case
                when judged.reason is not null then 'quarantined'
                when compared.is_winner then 'accepted'
                when compared.is_same and compared.is_same_text then 'duplicate'
                else 'quarantined'
            end as fate,
            case when judged.reason is null and fate = 'quarantined'
                then 'id_conflict' else judged.reason
            end as reason,
            case when judged.reason is null and fate = 'quarantined'
                then 'other content than position ' || winner_position || ' of '
                    || left(winner_file_hash, 23)
                else judged.detail
            end as detail,
            winner_file_hash, winner_position, winner_commit_version,
            null::varchar as kept,
        from judged
        left join compared on judged.row_id = compared.row_id;

        update settled set kept = coalesce(
            remainder.raw,
            case when suffix(line, chr(10)) then left(line, -1) else line end
        )
        from remainder
        where settled.row_id = remainder.row_id and fate = 'quarantined'
        """
    )


def _compare_documents(connection: DuckDBPyConnection) -> None:
    """Compare as values what differs as text only: key order and white space don't matter."""
    rows = connection.execute(
        """
        select row_id, new_data, old_data, new_extensions, old_extensions from compared
        where not is_winner and is_same and not is_same_text
        """
    ).fetchall()
    same = [
        (row_id,)
        for row_id, new_data, old_data, new_extensions, old_extensions in rows
        if _as_value(new_data) == _as_value(old_data)
        and _as_value(new_extensions) == _as_value(old_extensions)
    ]
    if same:
        connection.execute("create or replace temp table same_values (row_id bigint)")
        connection.executemany("insert into same_values values (?)", same)
        connection.execute(
            "update compared set is_same_text = true from same_values"
            " where same_values.row_id = compared.row_id"
        )


def _as_value(text: str | None) -> object:
    """What a JSON text says: 1 and 1.0 are the same number, 1 and true are not the same."""
    if text is None:
        return None
    return _told_apart(json.loads(text, parse_int=_number, parse_float=_number))


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


def _told_apart(value: object) -> object:
    if isinstance(value, bool):
        return bool, str(value)
    if isinstance(value, dict):
        return {name: _told_apart(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_told_apart(inner) for inner in value]
    return value


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
        connection.execute("create or replace temp table masks (row_id bigint, kept varchar)")
        connection.executemany("insert into masks values (?, ?)", masked)
        connection.execute(
            "update settled set kept = masks.kept from masks where masks.row_id = settled.row_id"
        )
