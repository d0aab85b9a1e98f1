"""Retry: open quarantined records are checked again by today's registers and schemas.

One that passes moves to the events, one that fails again counts its attempt; both are facts of
one commit, and the record itself is never copied.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import UsageError
from core.settings import Settings
from core.sql import any_of, load_table, quote
from core.version import code_version
from ingest.load import cells, environment
from ingest.load.deduplication import deduplicate
from ingest.load.identities import Identities
from ingest.load.outcomes import write_events_and_duplicates
from ingest.load.parts import Parts
from ingest.load.recognition import all_sources
from ingest.log import identity_index
from ingest.log.event_log import EventLog
from ingest.log.listed import listed_services
from ingest.log.quarantine import OPEN, load_open
from ingest.refusals import REASONS_OF_SOURCES
from ingest.sources.base import Context
from ingest.validation.full_check import check
from ingest.validation.rules import Rules

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CHOSEN, AGAIN, FILES, RECORDS = "chosen", "read_again", "retried_files", "retried_records"


@dataclass(frozen=True)
class RetryResult:
    """What a retry did with the records that it tried."""

    tried: int
    accepted: int
    duplicate: int
    quarantined: int
    commit: int | None


def retry(
    connection: DuckDBPyConnection,
    settings: Settings,
    *,
    run_at: datetime,
    reason: str | None = None,
    key: str | None = None,
) -> RetryResult:
    """Check open records again and commit what came of it.

    Raises:
        UsageError: there is no log yet, or no such record.
    """
    log = EventLog.open(settings.log)
    log.remove_uncommitted()
    tried = _choose(connection, log, reason=reason, key=key, into=CHOSEN)
    if tried == 0:
        if key is not None:
            raise UsageError(f"no open record {key}: `takeup quarantine show` names them")
        return RetryResult(0, 0, 0, 0, None)
    listed = listed_services(connection, log)
    _read_again(connection, CHOSEN, listed, into=AGAIN)
    identity_index.attach(connection, identity_index.path_in(settings), log)
    parts = Parts(connection, log, run_at=run_at)
    identities = Identities(connection, log)
    try:
        rules = environment.rules_for(
            settings, run_at=run_at, is_simulated=log.is_simulated, listed=listed
        )
        outcomes = _check_again(connection, rules, parts, identities)
    except BaseException:
        parts.discard()
        raise
    # Not within the above: what fails after the commit must not take back committed parts.
    version = parts.commit()
    identity_index.catch_up(connection, log)
    connection.execute(f"detach {identity_index.ATTACHED}")
    return RetryResult(
        tried,
        accepted=outcomes["accepted"],
        duplicate=outcomes["duplicate"],
        quarantined=outcomes["quarantined"],
        commit=version,
    )


def _choose(
    connection: DuckDBPyConnection,
    log: EventLog,
    *,
    reason: str | None,
    key: str | None,
    into: str,
) -> int:
    """Table `into`: the open records to be tried, with row ids; returns how many."""
    load_open(connection, log, into=OPEN)
    connection.execute(
        f"""
        create or replace temp table {into} as
        select
            row_number() over (order by file_hash, position, place) - 1 as row_id,
            *,
        from {OPEN}
        where ($reason is null or reason = $reason) and ($key is null or key = $key);
        """,
        {"reason": reason, "key": key},
    )
    chosen = connection.execute(f"select count(*) from {into}").fetchone()
    return int(chosen[0]) if chosen else 0


def _read_again(
    connection: DuckDBPyConnection, chosen: str, listed: frozenset[str], *, into: str
) -> None:
    """Table `into`: lines, or refusals, of chosen records whose sources read them anew.

    What such a source keeps is what it was sent, so only the source can make an event of it.
    A text that it could not read stays refused.
    """
    context = Context(published_at=None, seeds=environment.SEEDS, listed=listed)
    sources = {source.name: source for source in all_sources() if source.reads_again}
    rows = connection.execute(
        f"select row_id, source_kind, decode(raw), place from {chosen}"
        f" where source_kind in ({any_of(sources)})"
        f" and reason not in ({any_of(REASONS_OF_SOURCES)})"
    ).fetchall()
    found = [
        (row_id, record["line"], record["reason"], record["detail"])
        for row_id, kind, raw, place in rows
        for record in sources[kind].read_again(raw, place, context).to_pylist()
    ]
    connection.execute(
        f"create or replace temp table {into}"
        " (row_id bigint, line varchar, reason varchar, detail varchar)"
    )
    if found:
        row_ids, lines, reasons, details = zip(*found, strict=True)
        load_table(connection, "found", row_id=row_ids, line=lines, reason=reasons, detail=details)
        connection.execute(f"insert into {into} by name select * from found")


def _check_again(
    connection: DuckDBPyConnection,
    rules: Rules,
    parts: Parts,
    identities: Identities,
) -> Counter[str]:
    """Check the chosen records, write what came of them; returns how often each outcome."""
    checked, outcomes, possible = "checked", "outcomes", "possible_duplicates"
    connection.execute(_files(CHOSEN, into=FILES))
    connection.execute(_records(CHOSEN, AGAIN, files=FILES, into=RECORDS))
    check(connection, rules, records=RECORDS, into=checked)
    cells.begin(connection)
    cells.refuse_second(connection, checked=checked)
    identities.list_possible_duplicates(checked, into=possible)
    deduplicate(
        connection,
        checked=checked,
        records=RECORDS,
        files=FILES,
        possible_duplicates=possible,
        prior_parts=identities.parts_with(possible, []),
        into=outcomes,
    )
    write_events_and_duplicates(parts, outcomes=outcomes, files=FILES)
    _write_attempts(parts, chosen=CHOSEN, outcomes=outcomes, files=FILES)
    counts = connection.execute(
        f"select record_outcome, count(*) from {outcomes} group by record_outcome"
    )
    return Counter(dict(counts.fetchall()))


def _files(chosen: str, *, into: str) -> str:
    """SQL: relation `into`, the files of the chosen records by an index."""
    return f"""
        create or replace temp table {into} as
        select (row_number() over (order by file_hash))::int - 1 as file_index, file_hash
        from (select distinct file_hash from {chosen})
        """


def _records(chosen: str, again: str, *, files: str, into: str) -> str:
    """SQL: relation `into`, the chosen records as they are checked now.

    What a source itself refused, and does not read again, stays as it was: other registers can't
    make it right.
    """
    return f"""
        create or replace temp table {into} as
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
        from (
            select
                chosen.*,
                again.row_id is not null as is_read_again,
                again.line as new_line,
                again.reason as new_reason,
                again.detail as new_detail,
                chosen.reason in ({any_of(REASONS_OF_SOURCES)}) as is_refused_by_source,
            from {chosen} as chosen
            left join {again} as again on chosen.row_id = again.row_id
        ) as chosen
        inner join {files} as files on chosen.file_hash = files.file_hash
        """


def _write_attempts(parts: Parts, *, chosen: str, outcomes: str, files: str) -> None:
    parts.write(
        "retry",
        f"""
        select {parts.common}, files.file_hash, outcomes.position, outcomes.place,
            chosen.attempts + 1 as attempt, outcomes.record_outcome as outcome,
            outcomes.reason, outcomes.detail, {quote(code_version("ingest"))} as code_version
        from {outcomes} as outcomes
        inner join {chosen} as chosen on outcomes.row_id = chosen.row_id
        inner join {files} as files on outcomes.file_index = files.file_index
        order by outcomes.row_id
        """,
    )
