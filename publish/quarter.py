"""What the pack of a quarter holds: tables, a summary, a workbook, and what describes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from core.errors import UsageError
from core.settings import Settings
from core.sql import identifier, quote
from publish.database import WarehouseVersion, has_table
from publish.datapackage import DATAPACKAGE, datapackage, descriptions_of, sources_of
from publish.disclosure import Rule
from publish.display import day
from publish.known import Asked, is_laid, lay_known
from publish.pack import Contents, pack_table
from publish.pack_files import PackTable, json_bytes
from publish.pack_summary import FOLDER, SUMMARY, Summary, day_of, summary_html, summary_of
from publish.pack_tables import SERVICES, TableSpec, pack_specs
from publish.ratings import with_protected_ratings
from publish.rendering import templates_in
from publish.workbook import WORKBOOK, workbook_bytes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

README: Final = "README.md"
_NOTE_COUNTS: Final = (
    "Volumes of transactions are given as they are, small ones too; nothing is suppressed."
)
_NOTE_PEOPLE: Final = (
    "Ratings by users, where there are any, are counts of people: fewer than {rule.threshold} are"
    " not shown, nor what would tell them; others are rounded to {rule.rounding} ({rule.source})."
)
_NOTE_LATER_THAN_LOG: Final = (
    "as_of is later than the log's last record (run_at): what became known in between, "
    "if anything did, is not in here."
)


def quarter_contents(
    connection: DuckDBPyConnection,
    asked: Asked,
    *,
    version: WarehouseVersion,
    latest_publication: str | None,
    settings: Settings,
) -> Contents:
    """All that the pack of a quarter holds: its tables, and the files that are made of them."""
    found = lay_known(connection, asked)
    rule = Rule(
        settings.disclosure_threshold, settings.disclosure_rounding, settings.disclosure_source
    )
    notes = [_NOTE_COUNTS, _NOTE_PEOPLE.format(rule=rule)]
    described: list[tuple[PackTable, TableSpec]] = []
    laid_out = set()
    for spec in pack_specs(asked.quarter):
        if lacking := [mart for mart in spec.marts if mart not in found]:
            notes.append(_left_out(spec, lacking, asked))
            continue
        laid_out.add(spec.name)
        laid = list(_tables_of(connection, spec, asked))
        if spec.name == "service_measures":
            laid = [with_protected_ratings(table, rule) for table in laid]
        described += [(table, spec) for table in laid if table.row_count]
        notes += _empty_notes(connection, spec, laid)
    _require_take_up(connection, described, asked)
    services = pack_table(connection, "services.csv", _mentioned(described))
    described.append((services, SERVICES))
    tables = [table for table, _ in described]
    if asked.as_of is not None and asked.as_of > version.run_at:
        notes.append(_NOTE_LATER_THAN_LOG)
    summary = summary_of(connection, asked, version, laid_out)
    said = {
        "latest_publication": latest_publication,
        "settings": {"contact": settings.contact, "disclosure": asdict(rule)},
    }
    return Contents(
        tables=tables,
        version=version,
        says=_said(asked, tables=tables) | said,
        notes=notes,
        others=_others(
            connection,
            described,
            asked,
            summary=summary,
            notes=notes,
            contact=settings.contact,
        ),
    )


def _others(
    connection: DuckDBPyConnection,
    described: Sequence[tuple[PackTable, TableSpec]],
    asked: Asked,
    *,
    summary: Summary,
    notes: Sequence[str],
    contact: str,
) -> dict[str, bytes]:
    """The files of a pack that are not tables."""
    package = datapackage(
        described,
        name=f"mi-{asked.quarter}".lower(),
        title=f"Digital take-up of government services, {asked.quarter}",
        descriptions=descriptions_of(connection),
        sources=sources_of(connection, asked.moment),
    )
    readme = (
        templates_in(FOLDER)
        .get_template(README)
        .render(
            asked=asked,
            summary=summary,
            described=described,
            notes=notes,
            contact=contact,
            next_due=_next_due(connection),
            moment=day_of(asked.moment),
            changed_since=day_of(asked.changed_since) if asked.changed_since else None,
        )
    )
    return {
        DATAPACKAGE: json_bytes(package),
        README: readme.encode(),
        SUMMARY: summary_html(summary),
        WORKBOOK: workbook_bytes(
            {table.stem: table for table, _ in described},
            summary,
            notes=notes,
            moment=asked.moment,
        ),
    }


def _next_due(connection: DuckDBPyConnection) -> str | None:
    """The next day on which returns are due, by what was known; None where nobody has set one."""
    if not is_laid(connection, "known_mi_returns"):
        return None
    found = connection.execute(
        "select min(due_on) from known_mi_returns as returns, pack"
        " where returns.due_on >= cast(pack.known_at as date)"
    ).fetchone()
    return None if found is None or found[0] is None else f"on {day(found[0])}"


def _tables_of(
    connection: DuckDBPyConnection, spec: TableSpec, asked: Asked
) -> Iterator[PackTable]:
    """The files of one table: one for each kind of period, or one for all."""
    rows = identifier(f"pack_{spec.name}")
    of_department = (
        f" where {spec.department} = {quote(asked.department)}"
        if asked.department is not None and spec.department
        else ""
    )
    connection.execute(
        f"create or replace temp table {rows} as"
        f" select * from ({spec.query}) as found{of_department}"
    )
    kinds: list[str | None] = (
        [period[0] for period in asked.quarter.periods()] if spec.by_kind else [None]
    )
    for kind in kinds:
        name = spec.name if kind is None else f"{spec.name}_{kind}"
        query = f"select * from {rows}" + (f" where period_kind = {quote(kind)}" if kind else "")
        yield pack_table(connection, f"{name}.csv", query, spec.first_by)


def _mentioned(described: Sequence[tuple[PackTable, TableSpec]]) -> str:
    """SQL: the services that stand in any of the pack's tables."""
    names = dict.fromkeys(spec.name for table, spec in described if "service_id" in table.columns)
    ids = " union ".join(f"select service_id from {identifier(f'pack_{name}')}" for name in names)
    return f"select * from known_services where service_id in ({ids})"


def _left_out(spec: TableSpec, lacking: Sequence[str], asked: Asked) -> str:
    if spec.name == "changed_aggregates" and asked.changed_since is None:
        return "changed_aggregates is left out: there is no publication or pack before this one."
    when = "" if asked.as_of is None else " as of a moment"
    return f"{spec.name} is left out: the published file can't give {', '.join(lacking)}{when}."


def _empty_notes(
    connection: DuckDBPyConnection, spec: TableSpec, laid: Sequence[PackTable]
) -> Iterator[str]:
    """What is said of files that would have no rows, and are not there."""
    empty = [table.name for table in laid if not table.row_count]
    if not empty:
        return
    names = ", ".join(empty)
    if len(empty) < len(laid):
        yield f"{names}: no rows. Other kinds of period have some."
    else:
        yield f"{names}: no rows. {_because(connection, spec.mart)}"


def _because(connection: DuckDBPyConnection, mart: str) -> str:
    """Why a mart is empty, as its model says; else that it has none for this pack."""
    if has_table(connection, "dictionary"):
        said = connection.execute(
            f"select max(empty_because) from dictionary where table_name = {quote(mart)}"
        ).fetchone()
        if said and said[0]:
            return f"{said[0][:1].upper()}{said[0][1:]}."
    return "Nothing of it belongs to this pack."


def _require_take_up(
    connection: DuckDBPyConnection,
    described: Sequence[tuple[PackTable, TableSpec]],
    asked: Asked,
) -> None:
    """A quarter that nobody reported is a slip of the pen, not an empty pack."""
    if any(spec.name == "take_up" for _, spec in described):
        return
    span = connection.execute(
        "select min(period_start), max(period_end) from known_take_up where period_kind = 'quarter'"
    ).fetchone()
    known = "no quarter at all" if span is None or span[0] is None else f"{span[0]} to {span[1]}"
    when = "" if asked.as_of is None else f" as of {asked.as_of}"
    whose = "" if asked.department is None else f" of {asked.department}"
    raise UsageError(
        f"no take-up{whose} for {asked.quarter}{when}: the published file holds {known}"
    )


def _said(asked: Asked, *, tables: Sequence[PackTable]) -> dict[str, object]:
    """What the manifest of a quarter's pack says besides what that of every pack does."""
    return {
        "quarter": str(asked.quarter),
        "periods": [
            {"period_kind": kind, "period_start": str(start), "period_end": str(end)}
            for kind, start, end in asked.quarter.periods()
        ],
        "as_of": asked.as_of,
        "department": asked.department,
        "changed_since": asked.changed_since,
        "definitions": _distinct(tables, "definition_id"),
        "measures": _distinct(tables, "measure"),
    }


def _distinct(tables: Sequence[PackTable], column: str) -> list[str]:
    """Every value of a column over all tables that have it, sorted."""
    found = {
        value for table in tables if column in table.columns for value in set(table.values(column))
    }
    return sorted(value for value in found if value is not None)
