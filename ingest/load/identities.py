"""Identities of a batch: which it has met, and which of them more than one record may have.

Identities are compared as hashes: against each other, against the log's index, and against what
the batch accepted before. A hash met twice is a possible duplicate; records decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.load.parts import Parts, rows_of
from ingest.log import identity_index
from ingest.log.event_log import EventLog
from ingest.log.identity_index import ATTACHED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

IDENTITIES_AT_ONCE = 6_000_000


class Identities:
    """What the records of one batch are called, by the path that they were accepted on."""

    def __init__(self, connection: DuckDBPyConnection, log: EventLog) -> None:
        self._connection = connection
        self._log = log
        self.of_fast_path = "fast_path_identities"
        self._of_full_check = "full_check_identities"
        for name in (self.of_fast_path, self._of_full_check):
            connection.execute(f"create or replace temp table {name} (identity_hash ubigint)")

    def add_fast_path(self, parts: Sequence[Path]) -> None:
        """Know the records that the fast path wrote into these parts."""
        if parts:
            self._connection.execute(
                f"insert into {self.of_fast_path}"
                f" select {identity_index.identity_hash('source', 'id')} from {rows_of(parts)}"
            )

    def add_accepted(self, outcomes: str) -> None:
        """Know the records of a relation of outcomes that were accepted after the full check."""
        self._connection.execute(
            f"insert into {self._of_full_check}"
            f" select {identity_index.identity_hash('source', 'id')} from {outcomes}"
            " where record_outcome = 'accepted' and row_id >= 0"
        )

    def list_possible_duplicates(self, checked: str, *, is_last: bool, into: str) -> None:
        """Table `into`: hashes that more than one record has, here or in the log.

        Before the last of the batch only those of relation `checked`: a record of the fast path
        may yet be superseded by one that comes before it and still waits. Hashes are compared in
        slices, so that a large batch needs no more memory than a small one.
        """
        only = "" if is_last else "semi join checked_identities using (identity_hash)"
        self._connection.execute(
            f"""
            create or replace temp table checked_identities as
            select {identity_index.identity_hash("source", "id")} as identity_hash
            from {checked} where reason is null;
            create or replace temp view asked as
            select identity_hash from checked_identities
            union all
            select fast.identity_hash from {self.of_fast_path} as fast {only};
            create or replace temp table {into}
                (identity_hash ubigint, commit_version bigint, is_accepted boolean)
            """
        )
        row = self._connection.execute("select count(*) from asked").fetchone()
        slices = -(-(int(row[0]) if row else 0) // IDENTITIES_AT_ONCE)
        for number in range(slices):
            self._list_slice("asked", f"identity_hash % {slices} = {number}", into=into)

    def _list_slice(self, asked: str, condition: str, *, into: str) -> None:
        self._connection.execute(
            f"""
            create or replace temp view asked_now as
            select identity_hash from {asked}
            where {condition};

            insert into {into}
            select identity_hash, null, false from asked_now
            group by identity_hash having count(*) > 1
            union all
            select accepted.identity_hash, null, true from {self._of_full_check} as accepted
            semi join asked_now using (identity_hash)
            union all
            select known.identity_hash, known.commit_version, false
            from {ATTACHED}.identities as known
            semi join asked_now using (identity_hash)
            """
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

    def commit(self, parts: Parts) -> None:
        """Tell the log's index of this batch, after its commit."""
        identity_index.add(
            self._connection,
            self._log,
            commit_version=parts.version,
            identities=(self.of_fast_path, self._of_full_check),
        )
