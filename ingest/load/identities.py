"""Identities of a batch: which of them more than one record may have, here or in the log.

Identities are compared as hashes: against each other, against the log's index, and against what
the batch accepted before. A hash met twice is a possible duplicate; records decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.sql import one_value
from ingest.log import identity_index
from ingest.log.event_log import EventLog
from ingest.log.identity_index import ATTACHED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

IDENTITIES_AT_ONCE = 6_000_000
CALLED: Final = """from_json(line, '{"source":"VARCHAR","id":"VARCHAR"}')"""
"""SQL: source and id of a line of JSON, the same texts as the full check reads where it accepts
them."""


class Identities:
    """What the records of one batch are called.

    All of them are known before any is written (`know`, `find_doubles`) where some may take the
    fast path; else they are compared as they are checked.
    """

    def __init__(self, connection: DuckDBPyConnection, log: EventLog) -> None:
        self._connection = connection
        self._log = log
        self._of_batch, self._accepted = "batch_identities", "accepted_identities"
        self.doubles, self.not_json = "doubles", "not_json"
        self.are_known = False
        self.has_doubles = False
        self.is_all_json = True
        for name in (self._of_batch, self._accepted):
            connection.execute(f"create or replace temp table {name} (identity_hash ubigint)")
        connection.execute(f"create or replace temp table {self.not_json} (row_id bigint)")

    def know(self, records: str) -> None:
        """Know what a relation of records is called, and which of them are not JSON."""
        import duckdb

        try:
            self._know(records)
        except (duckdb.InvalidInputException, duckdb.ConversionException):
            # A line that is not JSON stops the parser. Where one is, more follow: from now on
            # each line is asked first.
            self.is_all_json = False
            self._know(records)

    def _know(self, records: str) -> None:
        called = CALLED if self.is_all_json else f"case when json_valid(line) then {CALLED} end"
        self._connection.execute(
            f"""
            create or replace temp table called as
            select row_id, called is null as is_not_json,
                {identity_index.identity_hash("called.source", "called.id")} as identity_hash,
            from (select row_id, {called} as called from {records} where reason is null);
            insert into {self._of_batch} select identity_hash from called where not is_not_json;
            insert into {self.not_json} select row_id from called where is_not_json
            """
        )

    def find_doubles(self) -> None:
        """Find the hashes that more than one record has, in the batch or in the log."""
        self._search(self._of_batch)
        self._connection.execute(f"truncate {self._of_batch}")
        self.are_known = True

    def _search(self, asked: str) -> None:
        """Table `doubles`: hashes that occur twice in a relation, or in the log's index.

        Hashes are compared in slices, so that a large batch needs no more memory than a small one.
        """
        self._connection.execute(
            f"create or replace temp table {self.doubles}"
            " (identity_hash ubigint, commit_version bigint)"
        )
        count = one_value(self._connection, f"select count(*) from {asked}")
        slices = -(-count // IDENTITIES_AT_ONCE)
        for number in range(slices):
            self._search_slice(asked, f"identity_hash % {slices} = {number}")
        self.has_doubles = bool(one_value(self._connection, f"select count(*) from {self.doubles}"))

    def _search_slice(self, asked: str, condition: str) -> None:
        self._connection.execute(
            f"""
            create or replace temp view asked_now as
            select identity_hash from {asked} where {condition};

            insert into {self.doubles}
            select identity_hash, null from asked_now
            group by identity_hash having count(*) > 1
            union all
            select known.identity_hash, known.commit_version
            from {ATTACHED}.identities as known
            semi join asked_now using (identity_hash)
            """
        )

    def list_possible_duplicates(self, checked: str, *, into: str) -> None:
        """Table `into`: hashes of checked records that another has too, here or in the log."""
        self._connection.execute(
            f"""
            create or replace temp table checked_identities as
            select {identity_index.identity_hash("source", "id")} as identity_hash
            from {checked} where reason is null
            """
        )
        if not self.are_known:
            self._search("checked_identities")
        self._connection.execute(
            f"""
            create or replace temp table {into} as
            select identity_hash, commit_version, false as is_accepted
            from {self.doubles} semi join checked_identities using (identity_hash)
            union all
            select identity_hash, null, true
            from {self._accepted} semi join checked_identities using (identity_hash)
            """
        )

    def add_accepted(self, outcomes: str) -> None:
        """Know the records of a relation of outcomes that were accepted after the full check."""
        self._connection.execute(
            f"insert into {self._accepted}"
            f" select {identity_index.identity_hash('source', 'id')} from {outcomes}"
            " where record_outcome = 'accepted'"
        )

    def parts_with(self, possible_duplicates: str, accepted: Sequence[Path]) -> list[str]:
        """Files that may hold the recorded event of a possible duplicate.

        Args:
            possible_duplicates: relation that `list_possible_duplicates` made.
            accepted: parts of this batch with what was accepted after the full check.
        """
        versions = {
            version
            for (version,) in self._connection.execute(
                f"select distinct commit_version from {possible_duplicates}"
                " where commit_version is not null"
            ).fetchall()
        }
        is_accepted = self._connection.execute(
            f"select 1 from {possible_duplicates} where is_accepted limit 1"
        ).fetchone()
        recorded = [
            file.path
            for file in (self._log.files("event") if versions else [])
            if file.may_be_of(versions)
        ]
        return recorded + ([str(part) for part in accepted] if is_accepted else [])
