"""What the fast path wrote of a batch: events of which a few may yet be superseded.

They are in their parts before identities are known. One that turns out to have the identity of a
better record is superseded: it is taken out of its part, and counted as what it came to.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ingest.load.deduplication import EVENT_COLUMNS
from ingest.load.parts import Parts, rows_of
from ingest.log import identity_index
from ingest.log.columns import EVENT
from ingest.validation.fast_path import any_mention, fast_path_events
from ingest.validation.rules import Rules

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class FastParts:
    """Parts that the fast path wrote, and the records in them that are superseded.

    Args:
        files: relation (file_index, file_hash).
        conflicts: relation to be made, with superseded records of other content: outcomes.
    """

    def __init__(
        self,
        connection: DuckDBPyConnection,
        parts: Parts,
        rules: Rules,
        *,
        files: str,
        conflicts: str,
    ) -> None:
        self._connection = connection
        self._parts = parts
        self._rules = rules
        self._files = files
        self._conflicts = conflicts
        self._superseded = "superseded"
        self._is_all_json = True
        self._unhashed: list[Path] = []
        self.written: list[Path] = []
        connection.execute(
            f"""
            create or replace temp table {self._superseded} (file_index int, position bigint);
            drop table if exists {conflicts}
            """
        )

    def write(self, records: str, types: tuple[str, ...]) -> Path | None:
        """Write what the fast path accepts of a relation of records; its part, if any."""
        import duckdb

        if not self._connection.execute(any_mention(types, table=records)).fetchone():
            return None
        try:
            part = self._write(records, types)
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            # A line that is not JSON stops the parser. Where one is, more follow: from now on
            # each line is asked first.
            self._is_all_json = False
            part = self._write(records, types)
        if part is not None:
            self.written.append(part)
            self._unhashed.append(part)
        return part

    def _write(self, records: str, types: tuple[str, ...]) -> Path | None:
        events = fast_path_events(self._rules, types, table=records, all_json=self._is_all_json)
        return self._parts.write(
            "event",
            f"""
            select {self._parts.common}, files.file_hash, events.position, null::varchar as place,
                {EVENT_COLUMNS}
            from ({events}) as events
            inner join {self._files} as files on events.file_index = files.file_index
            """,
        )

    def records_not_in(self, part: Path | None, records: str) -> str:
        """SQL of the records of a relation that are not in the part written of them."""
        if part is None:
            return f"select * from {records}"
        # Not an anti join: DuckDB may turn that round, and then keeps every line in memory.
        return f"""
            select * from {records}
            where (file_index, position) not in (
                select (files.file_index, written.position) from {rows_of([part])} as written
                inner join {self._files} as files on written.file_hash = files.file_hash
            )
            """

    def pop_unhashed(self) -> list[Path]:
        """The parts that were written since the last call."""
        unhashed, self._unhashed = self._unhashed, []
        return unhashed

    def add_possible_duplicates(self, possible: str, identities: str, *, into: str) -> None:
        """Put events of these parts that are possible duplicates among the checked records of
        `into`, with row ids below zero.

        Args:
            possible: relation of hashes that more than one record may have.
            identities: relation of the hashes of all events of these parts.
        """
        if (
            not self.written
            or not self._connection.execute(
                f"select 1 from {possible} as possible semi join {identities} as fast"
                " on possible.identity_hash = fast.identity_hash limit 1"
            ).fetchone()
        ):
            return
        self._connection.execute(
            f"""
            insert into {into} by name
            select
                -row_number() over (order by files.file_index, written.position) as row_id,
                files.file_index, written.position, written.place,
                {", ".join(f"written.{name}" for name in EVENT)},
                null::varchar as reason, null::varchar as detail,
            from {rows_of(self.written)} as written
            inner join {self._files} as files on written.file_hash = files.file_hash
            anti join {self._superseded} as superseded
                on files.file_index = superseded.file_index
                and written.position = superseded.position
            where {identity_index.identity_hash("written.source", "written.id")}
                in (select identity_hash from {possible})
            """
        )

    def note_superseded(self, outcomes: str) -> None:
        """Remember which events are superseded; those of other content move to the conflicts."""
        self._connection.execute(
            f"""
            insert into {self._superseded} select file_index, position from {outcomes}
                where record_outcome <> 'accepted' and row_id < 0;
            create temp table if not exists {self._conflicts} as
                select * from {outcomes} where false;
            insert into {self._conflicts} by name select * from {outcomes}
                where record_outcome = 'quarantined' and row_id < 0;
            delete from {outcomes} where record_outcome = 'quarantined' and row_id < 0
            """
        )

    def take_out_superseded(self) -> None:
        """Write the parts anew that hold a superseded event."""
        for part in self._parts_with_superseded():
            self.written.remove(part)
            kept = self._parts.write(
                "event",
                f"""
                select written.*
                from {rows_of([part])} as written
                inner join {self._files} as files on written.file_hash = files.file_hash
                anti join {self._superseded} as superseded
                    on files.file_index = superseded.file_index
                    and written.position = superseded.position
                """,
            )
            if kept is not None:
                self.written.append(kept)
            self._parts.remove(part)

    def _parts_with_superseded(self) -> list[Path]:
        if not self._connection.execute(f"select 1 from {self._superseded} limit 1").fetchone():
            return []
        rows = self._connection.execute(
            f"""
            select distinct filename
            from {rows_of(self.written, options=", filename = true")} as written
            inner join {self._files} as files on written.file_hash = files.file_hash
            semi join {self._superseded} as superseded
                on files.file_index = superseded.file_index
                and written.position = superseded.position
            """
        ).fetchall()
        return [Path(name) for (name,) in rows]
