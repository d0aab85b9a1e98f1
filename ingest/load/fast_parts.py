"""Parts that the fast path writes: of events that no other record is called like."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ingest.load.deduplication import EVENT_COLUMNS
from ingest.load.identities import Identities
from ingest.load.parts import Parts, rows_of
from ingest.log import identity_index
from ingest.validation.fast_path import any_mention, fast_path_events
from ingest.validation.rules import TRANSACTION_TYPES, Rules

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

POSITION_BITS = 40
"""Of a number that names a record by file and position: a file has fewer than a trillion."""


class FastParts:
    """Writes what the fast path accepts, and knows the parts.

    Args:
        identities: of the batch, all of them known before anything is written.
        files: relation (file_index, file_hash).
    """

    def __init__(
        self,
        connection: DuckDBPyConnection,
        parts: Parts,
        rules: Rules,
        identities: Identities,
        *,
        files: str,
    ) -> None:
        self._connection = connection
        self._parts = parts
        self._rules = rules
        self._identities = identities
        self._files = files
        self.written: list[Path] = []

    def write(
        self, records: str, types: tuple[str, ...], *, all_ascii: bool = False
    ) -> Path | None:
        """Write what the fast path accepts of a relation of records, but for possible duplicates;
        its part, if any."""
        if (
            not self._identities.are_known
            or not self._connection.execute(any_mention(types, table=records)).fetchone()
        ):
            return None
        part = self._parts.write(
            "event",
            f"""
            select {self._parts.common}, files.file_hash, events.position, null::varchar as place,
                {EVENT_COLUMNS}
            from ({self._events(records, types, all_ascii=all_ascii)}) as events
            inner join {self._files} as files on events.file_index = files.file_index
            {self._only_single("events")}
            """,
        )
        if part is not None:
            self.written.append(part)
        return part

    def read_doubles(self, records: str, *, into: str) -> None:
        """Table `into`: transactions among records that wait, as the full check would leave them.

        Of those that the fast path knows only possible duplicates wait.
        """
        events = self._events(records, TRANSACTION_TYPES, all_ascii=False)
        limit = "" if self._identities.has_doubles else "limit 0"
        self._connection.execute(f"create or replace temp table {into} as {events} {limit}")

    def _events(self, records: str, types: tuple[str, ...], *, all_ascii: bool) -> str:
        lines = records
        if not self._identities.is_all_json:
            not_json = f"select row_id from {self._identities.not_json}"
            lines = f"(select * from {records} where row_id not in ({not_json}))"
        return fast_path_events(self._rules, types, table=lines, all_json=True, all_ascii=all_ascii)

    def _only_single(self, events: str) -> str:
        if not self._identities.has_doubles:
            return ""
        identity = identity_index.identity_hash(f"{events}.source", f"{events}.id")
        return f"where {identity} not in (select identity_hash from {self._identities.doubles})"

    def left_of(self, records: pa.Table, part: Path | None) -> pa.Table:
        """The records of a chunk that are not in the part written of them."""
        import numpy as np
        import pyarrow as pa

        if part is None:
            return records
        if self._parts.rows[part] == records.num_rows:
            return records.slice(0, 0)
        written = self._connection.execute(self._places_in(part)).fetchnumpy()["place"]
        files, positions = (records[name].to_numpy() for name in ("file_index", "position"))
        places = (files.astype(np.int64) << POSITION_BITS) + positions
        return records.filter(pa.array(np.isin(places, written, invert=True)))

    def delete_from(self, waiting: str, part: Path) -> None:
        """Take the records out of a table that are in the part written of them."""
        # Made anew: a table in memory keeps the room of rows that were deleted. Not an anti join:
        # DuckDB may turn that round, and then keeps every line in memory.
        self._connection.execute(
            f"""
            create or replace temp table {waiting} as select * from {waiting}
            where (file_index::bigint << {POSITION_BITS}) + position
                not in ({self._places_in(part)})
            """
        )

    def _places_in(self, part: Path) -> str:
        """SQL of the records of a part, each by one number."""
        return f"""
            select (files.file_index::bigint << {POSITION_BITS}) + written.position as place
            from {rows_of([part])} as written
            inner join {self._files} as files on written.file_hash = files.file_hash
            """
