"""Figures that one file gives twice: the later one is quarantined, and none wins in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VOLUME = "uk.gov.takeup.volume.reported.v1"
GIVEN = "cells_given"
CELL = ("breakdown", "measure", "period.start", "period.end", "period.kind")
"""What is read of a volume: its kind of period, which is last, is not part of the cell."""
SHORT_PERIODS = ("day", "week")
"""Kinds of periods that no published table has: a week is in two months."""


def begin(connection: DuckDBPyConnection) -> None:
    """Know no cells: a batch begins."""
    connection.execute(
        f"""
        create or replace temp table {GIVEN}
            (file_index int, cell ubigint, position bigint, row_id bigint, source varchar,
            id varchar, kind varchar)
        """
    )


def refuse_second(connection: DuckDBPyConnection, *, checked: str) -> None:
    """Refuse reported volumes of relation `checked` whose cell their file has given already.

    A cell is what a source says of a service, part, measure and period in one publication. The
    same event again is a redelivery, and not decided here.
    """
    paths = ", ".join(f"'$.{name}'" for name in CELL)
    connection.execute(
        f"""
        insert into {GIVEN}
        select file_index, hash(source, published_at, service_id, said[:-2]), position, row_id,
            source, id, said[-1]
        from (
            select *, json_extract_string(data, [{paths}]) as said from {checked}
            where reason is null and type = '{VOLUME}'
        )
        """
    )
    connection.execute(
        f"""
        update {checked} as checked
        set reason = 'cell_twice',
            detail = 'the file gives it already at position ' || first.position
        from (
            select given.row_id, first.position
            from {GIVEN} as given
            inner join (
                select file_index, cell, min(position) as position,
                    arg_min(id, (position, row_id)) as id
                from {GIVEN}
                -- Few are given twice: only of those is it worth to know which came first.
                semi join (
                    select file_index, cell from {GIVEN} group by all having count(*) > 1
                ) as twice using (file_index, cell)
                group by file_index, cell
            ) as first on given.file_index = first.file_index and given.cell = first.cell
            where given.id <> first.id
        ) as first
        where checked.row_id = first.row_id
        """
    )


def with_short_periods(connection: DuckDBPyConnection) -> set[int]:
    """Indexes of the files that report weeks or days."""
    kinds = ", ".join(f"'{kind}'" for kind in SHORT_PERIODS)
    rows = connection.execute(f"select distinct file_index from {GIVEN} where kind in ({kinds})")
    return {index for (index,) in rows.fetchall()}
