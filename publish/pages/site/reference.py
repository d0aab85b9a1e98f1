"""Data quality, how things are counted, and the dictionary: what stands behind the figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from core.settings import PROJECT_ROOT
from publish.pages.quality import MEANINGS
from publish.pages.site import words
from publish.pages.site.model import Link, Page, Row, Table, download_of, file_name_of
from publish.pages.site.source import Source, grouped

MEASURES: Final = PROJECT_ROOT / "docs" / "measures.md"


def reference_pages(source: Source) -> Iterator[Page]:
    """Data quality, how we count, and the dictionary: one page a table."""
    yield _quality(source)
    yield Page(
        path="how-we-count.html",
        title="How we count",
        template="prose",
        content={"body": _prose(MEASURES.read_text(encoding="utf-8"))},
    )
    yield from _dictionary(source)


_DOUBTS_FILE: Final = "data/data-quality.csv"
_WIDE: Final = '<div class="wide" role="region" aria-label="Table" tabindex="0">'
"""Around a table of prose: what scrolls sideways can be reached by keyboard."""


def _prose(markdown: str) -> str:
    """A page of docs as HTML; its links to other pages of docs become plain text."""
    from markdown_it import MarkdownIt

    text = re.sub(r"\[([^\]]*)\]\((?!https?:)[^)]*\)", r"\1", markdown)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    page = str(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))
    page = page.replace("<pre>", '<pre tabindex="0">').replace("</table>", "</table></div>")
    return page.replace("<table>", f"{_WIDE}<table>")


def _quality(source: Source) -> Page:
    rows = source.rows(
        "select * from data_quality order by abs(department_effect_pp) desc nulls last,"
        " abs(service_effect_pp) desc nulls last, service_id, period_start, check_id"
    )
    return Page(
        path="data-quality.html",
        title="Data quality",
        template="list",
        content={
            "lead": "What is seen of the figures that may be wrong, and by how much it could move"
            " take-up. A figure is shown with its doubt, or withheld for its service and period"
            " where it can't be; it is never corrected here.",
            "tables": [_checks(source), _taken_in(source), _doubts(rows, source)],
        },
        downloads=(download_of(_DOUBTS_FILE, rows),) if rows else (),
    )


def _checks(source: Source) -> Table:
    """Every check, whether it found anything or not."""
    checks = {
        row["check_id"]: row
        for row in source.rows(
            "select check_id, count(*) as doubts_count,"
            " count(*) filter (severity = 'withheld') as withheld_count,"
            " max(abs(service_effect_pp)) as most from data_quality group by check_id"
            " order by check_id"
        )
    }
    return Table(
        caption="What is checked of every figure",
        columns=("What it looks for", ">Found", ">Withheld", ">Most that one could move"),
        rows=[
            (
                words.capital(MEANINGS.get(check, words.words(check))),
                words.count(found.get("doubts_count", 0)),
                words.count(found.get("withheld_count", 0)),
                words.points(found.get("most")).removeprefix("+"),
            )
            for check in dict.fromkeys((*MEANINGS, *checks))
            for found in (checks.get(check, {}),)
        ],
    )


def _doubts(rows: Sequence[Row], source: Source) -> Table:
    return Table(
        caption="The hundred that could move most",
        columns=(
            "Service",
            "Period",
            "Doubt",
            ">Could move it by",
            ">Could move its department by",
        ),
        rows=[
            (
                source.service(row["service_id"]) or "",
                words.period_of(row) if row["period_start"] else "",
                words.sentence(row["what"]),
                words.points(row["service_effect_pp"]),
                words.points(row["department_effect_pp"]),
            )
            for row in rows[:100]
        ],
        note="Nothing is in doubt.",
        download=_DOUBTS_FILE if rows else "",
        download_name="every doubt",
    )


def _taken_in(source: Source) -> Table:
    """What became of the records of every input file: each is in exactly one of three places."""
    counts = ("read_count", "accepted_count", "duplicate_count", "quarantined_count")
    rows = source.rows(
        "select source_kind, state, count(*) as files_count, "
        + ", ".join(f"sum({name})::bigint as {name}" for name in counts)
        + " from ingest_ledger group by all order by source_kind, state"
    )
    return Table(
        caption="What was taken in",
        columns=(
            "Kind of file",
            "State",
            ">Files",
            ">Records",
            ">Accepted",
            ">Known already",
            ">Quarantined",
        ),
        rows=[
            (
                words.capital(words.words(row["source_kind"])),
                words.words(row["state"]),
                words.count(row["files_count"]),
                *(words.count(row[name]) for name in counts),
            )
            for row in rows
        ],
        note="Nothing was taken in yet.",
    )


def _dictionary(source: Source) -> Iterator[Page]:
    rows = source.rows("select * from dictionary order by table_name, column_number")
    tables = grouped(rows, "table_name")
    says = {
        row["table_name"]: words.said(row["comment"])
        for row in source.rows(
            "select table_name, comment from duckdb_tables()"
            " where database_name = 'takeup' and schema_name = 'main'"
        )
    }
    yield Page(
        path="dictionary/index.html",
        title="Data dictionary",
        template="list",
        content={
            "lead": "The tables of the published file, for those who query it.",
            "tables": [
                Table(
                    caption="Tables",
                    columns=("Table", "What a row is"),
                    rows=[
                        (Link(name, f"dictionary/{file_name_of(name)}.html"), says.get(name, ""))
                        for name in tables
                    ],
                )
            ],
        },
    )
    for name, columns in tables.items():
        yield Page(
            path=f"dictionary/{file_name_of(name)}.html",
            title=name,
            template="list",
            content={
                "lead": says.get(name, ""),
                "tables": [
                    Table(
                        caption="Columns",
                        columns=("Column", "Type", "What it is"),
                        rows=[
                            (row["column_name"], row["data_type"], words.said(row["description"]))
                            for row in columns
                        ],
                    )
                ],
            },
        )
