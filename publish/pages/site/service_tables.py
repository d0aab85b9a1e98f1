"""The tables of a service's page, each with where its rows come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from publish.pages.site import words
from publish.pages.site.model import Cell, Link, Row, Table
from publish.pages.site.service_charts import ROWS_SHOWN
from publish.pages.site.source import Source, report_path
from publish.reported import IN_OUR_WORDS

CHANGE_COLUMNS: Final = ("Period", "Of", ">Before", ">After", ">Take-up moved by", "Why")
QUERIES: Final[Mapping[str, str]] = {
    "promises": f"""
        select * replace ({IN_OUR_WORDS} as promise) from promises
        where service_id is not null
        order by service_id, due_on nulls last, document, line, promise_id
    """,
    "claims": """
        select claims.*, found.verdict, found.reason, found.measured_value
        from report_claims as claims
        left join figure_reconciliation as found using (figure_id)
        where claims.service_id is not null
        order by service_id, document, line, figure_id
    """,
    "revisions": """
        select * from revisions
        where timing <> 'first_value' and service_id is not null
        order by service_id, new_known_at desc, period_start desc, quantity
    """,
    "measures": """
        select * from service_measures
        where coalesce(cost_per_transaction_gbp, completion_ratio, satisfaction_ratio) is not null
        order by service_id, period_end desc, period_kind
    """,
    "doubts": """
        select * from data_quality
        where service_id is not null
        order by service_id, abs(service_effect_pp) desc nulls last, period_start desc, check_id
    """,
    "returns": """
        select * from mi_returns
        order by service_id, period_end desc, period_kind
    """,
    "lineage": """
        select service_id, input, min(known_from) as known_from, count(*) as cells_count
        from reported_cells
        group by service_id, input
        order by service_id, known_from desc, input
    """,
}
"""By name, the rows that the tables are made of, with `service_id`."""


def tables_of(rows: Mapping[str, Sequence[Row]], files: str, source: Source) -> Iterator[Table]:
    """The tables that have rows. `files` is the folder of the service's files."""
    for table in (
        promises_table(rows["promises"]),
        _claims(rows["claims"], source),
        _revisions(rows["revisions"], files),
        _measures(rows["measures"], files),
        returns_table(rows["returns"], words.period_of, first="Period"),
        _doubts(rows["doubts"]),
        _lineage(rows["lineage"]),
    ):
        if table.rows:
            yield table


def stated(row: Row) -> str:
    """A claim's figure with what qualifies it: `over 30.0%`."""
    qualifier = "" if row["qualifier"] == "exact" else words.words(row["qualifier"])
    return f"{qualifier} {words.figure(row['value'], row['unit'])}".strip()


def finding(row: Row, source: Source) -> str:
    """What holding a claim against the data came to."""
    verdict = words.words(row["verdict"]) or "not held against the data"
    return f"{words.capital(verdict)}. {source.sentence(row['reason'])}".strip()


def place(row: Row) -> Link:
    """Where a report says it, as the way to the report's page."""
    said = f"{words.document(row['document'])}, line {row['line']}"
    return Link(said, report_path(row["document"]))


def change_cells(row: Row) -> tuple[str, ...]:
    """A changed figure under `CHANGE_COLUMNS`: why is the cause that a source states, else when it
    came."""
    known = row["cause"]
    return (
        words.period_of(row),
        words.words(row["quantity"]),
        words.count(row["old_value"]),
        "taken back" if row["new_value"] is None else words.count(row["new_value"]),
        words.points(row["effect_pp"]),
        f"{words.words(known)}, as the source states"
        if known
        else f"not stated ({words.words(row['timing'])})",
    )


def due(row: Row) -> str:
    """By when a promise is due, as it is printed or as a day."""
    return words.said(row["due_text"]) or words.date(row["due_on"])


def promises_table(rows: Sequence[Row]) -> Table:
    """What reports promised of a service or department, and what they say of it since."""
    return Table(
        caption="What reports promised of it",
        columns=("Promise", "Due", "What reports say", "Where"),
        rows=[
            (words.said(row["promise"]), due(row), words.words(row["reported"]), place(row))
            for row in rows
        ],
    )


def _claims(rows: Sequence[Row], source: Source) -> Table:
    return Table(
        caption="Claims of reports, held against the data",
        columns=("Claim", ">Stated", ">Measured", "Finding", "Where"),
        rows=[
            (
                words.words(row["metric"]),
                stated(row),
                words.figure(row["measured_value"], row["unit"]),
                finding(row, source),
                place(row),
            )
            for row in rows
        ],
    )


def _revisions(rows: Sequence[Row], files: str) -> Table:
    return Table(
        caption="Figures that were changed after they were published",
        columns=("Known since", *CHANGE_COLUMNS),
        rows=[(words.date(row["new_known_at"]), *change_cells(row)) for row in rows[:ROWS_SHOWN]],
        download=f"{files}/revisions.csv",
    )


def _measures(rows: Sequence[Row], files: str) -> Table:
    return Table(
        caption="Cost, completion and satisfaction",
        columns=("Period", ">Cost per transaction", ">Completed of started", ">Satisfied"),
        rows=[
            (
                words.period_of(row),
                words.money(row["cost_per_transaction_gbp"]),
                words.share(row["completion_ratio"]),
                words.share(row["satisfaction_ratio"]),
            )
            for row in rows[:ROWS_SHOWN]
        ],
        download=f"{files}/measures.csv",
    )


def returns_table(rows: Sequence[Row], name: Callable[[Row], Cell], *, first: str) -> Table:
    """Management-information returns as they are: outstanding, late, unsigned, sent again.

    Args:
        name: what the first column says of a return, under the heading `first`.
    """
    return Table(
        caption="Returns of management information",
        columns=(first, "Due", "Came", "Signed off", "Assurance", "Figures", "Commentary"),
        rows=[
            (
                name(row),
                words.date(row["due_on"]) or "no day stated",
                _came(row),
                _signed_off(row),
                words.words(row["assurance"]),
                words.words(row["release_status"]),
                _commentary(row),
            )
            for row in rows[:ROWS_SHOWN]
        ],
    )


def _came(row: Row) -> str:
    if row["received_at"] is None:
        return "outstanding and late" if row["is_late"] else "outstanding"
    late = ", late" if row["is_late"] else ""
    again = f", sent {row['submissions_count']} times" if row["submissions_count"] > 1 else ""
    refused = f", {row['refused_count']} counts quarantined" if row["refused_count"] else ""
    return f"{words.date(row['received_at'])}{late}{again}{refused}"


def _signed_off(row: Row) -> str:
    if row["received_at"] is None:
        return ""
    if row["signed_off_at"] is None:
        return "not signed off"
    return f"{words.date(row['signed_off_at'])}, {words.said(row['signed_off_by_role'])}"


def _commentary(row: Row) -> str:
    if row["is_commentary_missing"]:
        missing = f"missing, needed for {words.words(row['commentary_needed_for'])}"
        before = words.said(row["commentary"])
        return f"{missing}; of before: {before}" if before else missing
    return words.said(row["commentary"]) or ("none" if row["received_at"] else "")


def _doubts(rows: Sequence[Row]) -> Table:
    return Table(
        caption="Doubts about its figures",
        columns=("Period", "Doubt", ">Could move take-up by"),
        rows=[
            (
                words.period_of(row),
                words.sentence(row["what"]),
                words.points(row["service_effect_pp"]),
            )
            for row in rows[:ROWS_SHOWN]
        ],
    )


def _lineage(rows: Sequence[Row]) -> Table:
    return Table(
        caption="Where its figures come from",
        columns=("Published in", "Known since", ">Figures"),
        rows=[
            (
                words.said(row["input"]),
                words.date(row["known_from"]),
                words.count(row["cells_count"]),
            )
            for row in rows[:ROWS_SHOWN]
        ],
    )
