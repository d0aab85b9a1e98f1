"""The MI pack of a quarter: CSV files and a manifest that says what they were made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import IntegrityError, TakeupError, UsageError
from core.periods import Quarter, moment_for_file_name, moment_text
from core.settings import Settings
from core.sql import quote
from publish.database import first_line, reading, version_of
from publish.doubts import largest_doubts_sql
from publish.pack import Pack, make_pack, pack_table
from publish.pack_files import PackTable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Rebuild = Callable[[Settings, int], Path]

# The columns that say which row of take_up a row is: those of its grain.
_TAKE_UP_GRAIN = (
    "service_id",
    "period_kind",
    "period_start",
    "period_end",
    "definition_id",
    "measure",
    "basis",
)

_NOTE_COUNTS = (
    "Volumes of transactions are given as they are, small ones too; nothing is suppressed."
)
_NOTES_AS_OF = {
    "take_up_headline": (
        "is_headline is empty: the published file can't tell the headline rows as of a moment."
    ),
    **{
        name: f"{name}.csv is left out: the published file can't give it as of a moment."
        for name in ("department_take_up", "services", "mi_returns", "data_quality")
    },
}
"""By mart, what its pack lacks where the published file has no table macro for it."""

_NOTE_LATER_THAN_LOG = (
    "as_of is later than the log's last record (run_at): what became known in between, "
    "if anything did, is not in here."
)


def export_quarter(
    settings: Settings,
    *,
    quarter: str,
    as_of: dt.datetime | None = None,
    log_version: int | None = None,
    out: Path | None = None,
    database: Path | None = None,
    rebuild: Rebuild | None = None,
) -> Pack:
    """Write the pack of a calendar quarter (`2014-Q4`) as a folder within `out`.

    `as_of` asks for what was known at that moment, `log_version` for what that version of the
    log holds: where the `database` (the published file by default) was built from another,
    `rebuild` has to build one. The same records give the same bytes.

    Raises:
        UsageError: the quarter is not written like 2014-Q4 or has no rows; `as_of` has no time
            zone; another log version is asked for than can be had.
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
            tables, notes = _pack_tables(connection, asked=asked, as_of=as_of_text)
            _require_rows(connection, tables, asked=asked, as_of=as_of_text)
    except duckdb.Error as error:
        raise TakeupError(f"could not export {asked}: {first_line(error)}") from error
    if as_of_text is not None and as_of_text > version.run_at:
        notes.append(_NOTE_LATER_THAN_LOG)
    return make_pack(
        settings.exports if out is None else out,
        _folder_name(asked, as_of=as_of, log_version=log_version),
        tables=tables,
        version=version,
        says=_said(asked, as_of=as_of_text, tables=tables),
        notes=notes,
    )


def _database_at(
    settings: Settings, *, database: Path, log_version: int | None, rebuild: Rebuild | None
) -> Path:
    """The file to read: `database`, or one rebuilt at `log_version` where that is another."""
    if not database.is_file():
        raise TakeupError(f"nothing is published yet: {database} doesn't exist")
    if log_version is None:
        return database
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


def _pack_tables(
    connection: DuckDBPyConnection, *, asked: Quarter, as_of: str | None
) -> tuple[list[PackTable], list[str]]:
    """The pack's tables in the order of their files, and notes on what could not be had."""
    macros = _table_macros(connection)

    def relation(name: str) -> str | None:
        """The mart `name`, or its macro's rows as of the moment; None where there is no macro."""
        if as_of is None:
            return name
        macro = f"{name}_as_of"
        return f"{macro}(timestamptz {quote(as_of)})" if macro in macros else None

    take_up, targets = relation("take_up"), relation("target_attainment")
    if "target_attainment_until" in macros:
        # As of the pack's quarter: what came after it is another pack's.
        moment = as_of or str(version_of(connection).run_at)
        targets = (
            f"target_attainment_until(timestamptz {quote(moment)}, date {quote(str(asked.end))})"
        )
    if take_up is None or targets is None:
        raise TakeupError("the published file can't answer as of a moment: it lacks the macros")
    others = {name: relation(name) for name in _NOTES_AS_OF}
    queries = [
        *_queries(take_up, targets, others, in_periods=_in_periods(asked)),
        *_doubts(others["data_quality"], asked),
        ("set_asides.csv", _set_asides(as_of)),
    ]
    notes = [_NOTES_AS_OF[name] for name, found in others.items() if found is None]
    return [pack_table(connection, *query) for query in queries], [_NOTE_COUNTS, *notes]


def _in_periods(asked: Quarter) -> str:
    """SQL of what rows are of the quarter, or of a year that ends with it."""
    periods = ", ".join(
        f"({quote(kind)}, date {quote(str(start))}, date {quote(str(end))})"
        for kind, start, end in asked.periods()
    )
    return f"(period_kind, period_start, period_end) in ({periods})"


def _queries(
    take_up: str, targets: str, others: Mapping[str, str | None], *, in_periods: str
) -> Iterator[tuple[str, ...]]:
    """Each file of the pack with its query, and by what its rows go first; none for what the
    published file can't give."""
    grain = ", ".join(_TAKE_UP_GRAIN)
    headline = others["take_up_headline"]
    is_headline = (
        "cast(null as boolean)"
        if headline is None
        else f"coalesce(({grain}) in (select ({grain}) from {headline}), false)"
    )
    yield (
        "take_up.csv",
        f"""
        select * exclude (is_simulated), {is_headline} as is_headline, is_simulated
        from {take_up}
        where {in_periods}
        """,
    )
    if departments := others["department_take_up"]:
        # Never by their ratio: bodies go by where the work is.
        yield (
            "department_take_up.csv",
            f"select * from {departments} where {in_periods}",
            "level, structure, scope, period_kind, offline_count desc nulls last",
        )
    yield "target_attainment.csv", f"select * from {targets}"
    if services := others["services"]:
        yield (
            "services.csv",
            f"""
            select *
            from {services}
            where
                service_id in (select service_id from {take_up} where {in_periods})
                or service_id in (select service_id from {targets})
            """,
        )
    if returns := others["mi_returns"]:
        yield "mi_returns.csv", f"select * from {returns} where {in_periods}"


def _doubts(data_quality: str | None, asked: Quarter) -> Iterator[tuple[str, str]]:
    """The quarter's largest doubts, where the published file has them."""
    if data_quality:
        yield "data_quality.csv", largest_doubts_sql(data_quality, asked.start, asked.end)


def _set_asides(as_of: str | None) -> str:
    """What was set aside, as it was known at the moment: none of it counts in the other files."""
    if as_of is None:
        return "select * from set_asides"
    moment = f"timestamptz {quote(as_of)}"
    later = ", ".join(
        f"case when restored_at <= {moment} then {name} end as {name}"
        for name in ("restored_by_role", "restored_reason", "restored_at")
    )
    return f"select * replace ({later}) from set_asides where set_aside_at <= {moment}"


def _table_macros(connection: DuckDBPyConnection) -> set[str]:
    found = connection.execute(
        "select function_name from duckdb_functions()"
        " where database_name = 'takeup' and function_type = 'table_macro'"
    ).fetchall()
    return {name for (name,) in found}


def _require_rows(
    connection: DuckDBPyConnection, tables: list[PackTable], *, asked: Quarter, as_of: str | None
) -> None:
    """A quarter that nobody reported is a slip of the pen, not an empty pack."""
    if tables[0].rows:
        return
    relation = "take_up" if as_of is None else f"take_up_as_of(timestamptz {quote(as_of)})"
    span = connection.execute(
        f"""
        select min(period_start), max(period_end)
        from {relation}
        where period_kind = 'quarter'
        """
    ).fetchone()
    known = "no quarter at all" if span is None or span[0] is None else f"{span[0]} to {span[1]}"
    when = "" if as_of is None else f" as of {as_of}"
    raise UsageError(f"no take-up for {asked}{when}: the published file holds {known}")


def _said(asked: Quarter, *, as_of: str | None, tables: list[PackTable]) -> dict[str, object]:
    """What the manifest of a quarter's pack says besides what that of every pack does."""
    return {
        "quarter": str(asked),
        "periods": [
            {"period_kind": kind, "period_start": str(start), "period_end": str(end)}
            for kind, start, end in asked.periods()
        ],
        "as_of": as_of,
        "definitions": _distinct(tables, "definition_id"),
        "measures": _distinct(tables, "measure"),
    }


def _distinct(tables: list[PackTable], column: str) -> list[str]:
    """Every value of a column over all tables that have it, sorted."""
    return sorted(
        {
            str(row[table.columns.index(column)])
            for table in tables
            if column in table.columns
            for row in table.rows
            if row[table.columns.index(column)] is not None
        }
    )


def _folder_name(asked: Quarter, *, as_of: dt.datetime | None, log_version: int | None) -> str:
    name = f"mi-{asked}"
    if as_of is not None:
        name += f"-as-of-{moment_for_file_name(as_of)}"
    if log_version is not None:
        name += f"-log-{log_version}"
    return name
