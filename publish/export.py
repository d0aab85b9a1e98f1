"""The MI pack of a quarter: which file it is made of, and where it goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Final

from core.errors import IntegrityError, TakeupError, UsageError
from core.periods import Quarter, moment_for_file_name, moment_text
from core.settings import Settings
from ingest.log.epochs import require_version
from ingest.log.event_log import EventLog
from publish.database import first_line, reading, version_of
from publish.known import Asked, previous_publication
from publish.pack import Contents, Pack, make_pack
from publish.pages.site.model import file_name_of
from publish.quarter import quarter_contents

_LATEST_QUARTER: Final = """
    select year(period_start) || '-Q' || quarter(period_start)
    from take_up_headline
    where period_kind = 'quarter' and ($department is null or service_id in (
        select service_id from services where department_id = $department
    ))
    order by value_status = 'complete' desc, period_start desc
    limit 1
"""

Rebuild = Callable[[Settings, int], Path]


def export_quarter(
    settings: Settings,
    *,
    quarter: str,
    as_of: dt.datetime | None = None,
    log_version: int | None = None,
    chain_head: str | None = None,
    department: str | None = None,
    out: Path | None = None,
    database: Path | None = None,
    rebuild: Rebuild | None = None,
    only_new_records: bool = False,
) -> Pack:
    """Write the pack of a calendar quarter (`2014-Q4`) as a folder within `out`.

    `as_of` asks for what was known at that moment, `log_version` for what that version of the
    log holds, and `chain_head` which version is meant where the log was restored since: where the
    `database` (the published file by default) was built from another,
    `rebuild` has to build one. `department` is one that the pack is to be of alone. The same
    records give the same bytes. With `only_new_records` a pack that is there stays unless a record
    of it has changed.

    Raises:
        UsageError: the quarter is not written like 2014-Q4 or has no rows; `as_of` has no time
            zone; there is no such department; another log version is asked for than can be had.
        LeaseHeld: another export writes to the same folder.
        TakeupError: nothing is published yet; the folder can't be written.
    """
    import duckdb

    asked = Quarter.parse(quarter)
    as_of_text = None if as_of is None else moment_text(as_of)
    source = _database_at(
        settings,
        database=database or settings.published_file,
        log_version=log_version,
        chain_head=chain_head,
        rebuild=rebuild,
    )
    try:
        with reading(
            source, memory_limit=settings.memory_limit, threads=settings.threads
        ) as connection:
            version = version_of(connection)
            if log_version is not None and version.log_version != log_version:
                raise IntegrityError(
                    f"the rebuild at log version {log_version} gave {version.log_version}"
                )

            def make(changed_since: str | None) -> Contents:
                latest, before = previous_publication(connection, as_of_text or version.run_at)
                # A pack as of a moment has no pack before it: its moment is its own.
                since = changed_since if changed_since and as_of is None else before
                about = Asked(asked, as_of_text, version.run_at, since, department)
                return quarter_contents(
                    connection,
                    about,
                    version=version,
                    latest_publication=latest,
                    settings=settings,
                )

            return make_pack(
                settings.exports if out is None else out,
                _folder_name(
                    asked,
                    as_of=as_of,
                    log_version=log_version,
                    department=department,
                    is_simulated=version.is_simulated,
                ),
                make=make,
                only_new_records=only_new_records,
            )
    except duckdb.Error as error:
        raise TakeupError(f"could not export {asked}: {first_line(error)}") from error


def export_latest_quarter(settings: Settings, *, department: str | None = None) -> Pack | None:
    """Write the pack of the latest quarter, of a department if one is given, unless one with the
    same records is there; None where the published file has no quarter of it.

    The latest is the last one with a take-up; where none has any, the last that is known of.

    Raises:
        TakeupError: as `export_quarter` has it.
    """
    with reading(settings.published_file) as connection:
        found = connection.execute(_LATEST_QUARTER, {"department": department}).fetchone()
    if found is None:
        return None
    return export_quarter(
        settings, quarter=str(found[0]), department=department, only_new_records=True
    )


def _database_at(
    settings: Settings,
    *,
    database: Path,
    log_version: int | None,
    chain_head: str | None,
    rebuild: Rebuild | None,
) -> Path:
    """The file to read: `database`, or one rebuilt at `log_version` where that is another."""
    if not database.is_file():
        raise TakeupError(f"nothing is published yet: {database} doesn't exist")
    if log_version is None:
        return database
    if EventLog.exists(settings.log):
        require_version(EventLog.open(settings.log), log_version, chain_head=chain_head)
    with reading(database) as connection:
        version = version_of(connection)
    if version.log_version == log_version:
        return database
    if log_version > version.log_version:
        raise UsageError(
            f"log version {log_version} is not published yet: {database} was built from "
            f"version {version.log_version}"
        )
    if rebuild is None:
        raise UsageError(
            f"{database} was built from log version {version.log_version}, not {log_version}"
        )
    return rebuild(settings, log_version)


def _folder_name(
    asked: Quarter,
    *,
    as_of: dt.datetime | None,
    log_version: int | None,
    department: str | None,
    is_simulated: bool,
) -> str:
    name = f"mi-{asked}"
    if department is not None:
        name += f"-{file_name_of(department)}"
    if as_of is not None:
        name += f"-as-of-{moment_for_file_name(as_of)}"
    if log_version is not None:
        name += f"-log-{log_version}"
    return name + ("-simulated" if is_simulated else "")
