"""Publications of the log as tidy volumes: the files that `seeds/volumes/` holds, and any other
home's."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from core.errors import UsageError
from core.files import write_file
from core.settings import Settings
from core.sql import list_of, quote

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TABLES_SQL = Path(__file__).with_suffix(".sql")
PUBLICATIONS = "publications.csv"
WORKED_OUT = ("publication", "published_at", "source", "document")
"""Columns of `publications.csv` that the log knows; others in it are a person's, and stay."""
LISTED = (
    "service_id service_name department_name department_abbreviation organisation_name "
    "organisation_abbreviation customer_type business_model category previous_department_name "
    "previous_organisation_name notes"
).split()
FIGURES = "service_id metric unit period_kind period_start period_end value place".split()


@dataclass(frozen=True)
class TidyVolumes:
    """What was written: rows by the name of the file."""

    folder: Path
    rows: dict[str, int]


def write_tidy_volumes(settings: Settings, folder: Path) -> TidyVolumes:
    """Write the publications of a home's log to `folder`, the same bytes for the same log.

    One row per publication in `publications.csv`, whose columns that only a person can know
    (title, attribution, licence) are kept; the three tables beside it as compressed CSV.

    Raises:
        UsageError: there is no log, or no publication in it.
    """
    from ingest.load.environment import connect
    from ingest.log.event_log import EventLog

    if not EventLog.exists(settings.log):
        raise UsageError(f"no log in {settings.log}")
    folder.mkdir(parents=True, exist_ok=True)
    with connect(settings) as connection, TemporaryDirectory(dir=folder) as scratch:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set preserve_insertion_order = true")
        paths = [file.path for file in EventLog.open(settings.log).files("event")]
        connection.execute(_log_events(paths))
        connection.execute(TABLES_SQL.read_text(encoding="utf-8"))
        count = _write_publications(connection, folder / PUBLICATIONS)
        if not count:
            raise UsageError(f"no publication in {settings.log} lists services")
        tables = {
            "cells": "select * from cells",
            "listings": _spans("listed", LISTED, order="service_id"),
            "stated": _spans("figures", FIGURES, order="service_id, metric, period_start"),
        }
        rows = {
            name: _write_table(connection, sql, Path(scratch) / name, folder / f"{name}.csv.gz")
            for name, sql in tables.items()
        }
    return TidyVolumes(folder, {PUBLICATIONS: count} | rows)


def _log_events(paths: Sequence[str]) -> str:
    """SQL: table `log_events`, those of the sources that list services."""
    return f"""
        create temp table log_events as
        with events as (
            select source, type, published_at, service_id, extensions, data
            from read_parquet({list_of(paths)}, union_by_name = true, hive_partitioning = false)
        )
        select * from events
        where source in (
            select source from events where type = 'uk.gov.takeup.service.listed.v1'
        )
        """


def _spans(table: str, columns: Sequence[str], *, order: str) -> str:
    """SQL: rows of `table` that successive publications of a source repeat, as one row each, in
    the order of the source and then `order`."""
    said = ", ".join(columns)
    return f"""
        select {said},
            arg_min(publication, number) as publication,
            case when count(*) > 1 then arg_max(publication, number) end as last_publication,
        from (
            select *,
                number - row_number() over (partition by source, {said} order by number)
                as run_number,
            from {table}
        ) as numbered
        group by source, {said}, run_number
        order by source, {order}, min(number)
        """


def _write_table(connection: DuckDBPyConnection, sql: str, scratch: Path, target: Path) -> int:
    """Write what a query gives as compressed CSV; returns its rows. No time is in the file."""
    connection.execute(f"copy ({sql}) to {quote(scratch)} (format csv, header)")
    write_file(target, gzip.compress(scratch.read_bytes(), compresslevel=9, mtime=0))
    found = connection.execute(f"select count(*) from ({sql})").fetchone()
    return int(found[0]) if found else 0


def _write_publications(connection: DuckDBPyConnection, target: Path) -> int:
    """Write one row per publication; what a person wrote beside it stays."""
    known: dict[tuple[str, str], dict[str, str]] = {}
    if target.is_file():
        with target.open(encoding="utf-8", newline="") as stream:
            known = {(row["source"], row["published_at"]): row for row in csv.DictReader(stream)}
    rows = connection.execute(
        "select publication, strftime(published_at, '%Y-%m-%dT%H:%M:%SZ'), source, document"
        " from publications order by source, published_at"
    ).fetchall()
    found = [dict(zip(WORKED_OUT, row, strict=True)) for row in rows]
    kept = [known.get((row["source"], row["published_at"]), {}) | row for row in found]
    columns = dict.fromkeys((*WORKED_OUT, *(name for row in kept for name in row)))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept)
    write_file(target, text.getvalue())
    return len(kept)
