"""A page for each service, and the list of all services."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

from publish.site import charts, words
from publish.site.model import Chart, Download, Link, Page, Row, Table, file_name_of
from publish.site.source import Source, department_path, grouped, service_path
from publish.standings import Target, standing

ROWS_SHOWN: Final = 40
"""Of a table that may be long; its file has all."""

_TAKE_UP: Final = """
    select * from take_up_headline
    where measure = 'completed' or measure is null
    order by service_id, period_kind, period_start
"""
_REVISIONS: Final = """
    select * from revisions
    where timing <> 'first_value' and service_id is not null
    order by service_id, new_known_at desc, period_start desc, quantity
"""
_CLAIMS: Final = """
    select claims.*, found.verdict, found.reason, found.measured_value
    from report_claims as claims
    left join figure_reconciliation as found using (figure_id)
    where claims.service_id is not null
    order by service_id, document, line, figure_id
"""
_LINEAGE: Final = """
    select service_id, input, any_value(known_from) as known_from, count(*) as cells_count
    from reported_cells
    group by service_id, input
    order by service_id, min(known_from), input
"""


def service_pages(source: Source, targets: Sequence[Target]) -> Iterator[Page]:
    """The list of services, then a page for each, in the order of their identifiers."""
    summaries = source.rows("select * from service_summary order by service_id")
    yield _list_of(summaries, source)
    facts = {row["service_id"]: row for row in source.rows("select * from services")}
    found = {
        name: grouped(source.rows(query), "service_id")
        for name, query in {
            "take_up": _TAKE_UP,
            "revisions": _REVISIONS,
            "claims": _CLAIMS,
            "lineage": _LINEAGE,
            "shares": "select * from channel_shares where period_kind = 'quarter'"
            " and is_authoritative order by service_id, period_start, channel",
            "measures": "select * from service_measures"
            " order by service_id, period_end desc, period_kind",
            "doubts": "select * from data_quality where service_id is not null"
            " order by service_id, abs(service_effect_pp) desc nulls last, period_start desc",
            "promises": "select * from promises where service_id is not null"
            " order by service_id, due_on nulls last, document, line",
            "listings": "select * from service_listings where is_published"
            " order by service_id, known_from",
        }.items()
    }
    of_service: defaultdict[str | None, list[Target]] = defaultdict(list)
    for target in targets:
        of_service[target.service_id].append(target)
    for summary in summaries:
        key = summary["service_id"]
        own = {name: rows[key] for name, rows in found.items()}
        yield _ServicePage(source, summary, facts[key], own, of_service[key]).page()


def _list_of(summaries: Sequence[Row], source: Source) -> Page:
    letters: defaultdict[str, list[Row]] = defaultdict(list)
    for row in sorted(
        summaries, key=lambda row: (row["service_name"].casefold(), row["service_id"])
    ):
        first = row["service_name"].strip()[:1].upper()
        letters[first if first.isalpha() and first.isascii() else "Other"].append(row)
    tables = {
        letter: Table(
            caption=f"Services: {letter}",
            columns=(
                "Service",
                "Department",
                ">Take-up",
                "Latest period",
                ">Transactions",
                "In the publications",
            ),
            rows=[_line_of(row, source) for row in rows],
        )
        for letter, rows in sorted(letters.items(), key=lambda item: (item[0] == "Other", item[0]))
    }
    return Page(
        path="services/index.html",
        title="Services A to Z",
        template="services",
        content={"letters": tables, "services_count": len(summaries)},
    )


def _line_of(row: Row, source: Source) -> tuple[Any, ...]:
    latest = row["latest_period_end"]
    return (
        Link(row["service_name"], service_path(row["service_id"])),
        source.department(row["department_id"]),
        "never measured" if latest is None else words.share(row["latest_ratio"]),
        "" if latest is None else words.period_of(row, "latest_"),
        "" if latest is None else words.count(row["latest_total_count"]),
        "listed" if row["is_listed"] else "no longer listed",
    )


class _ServicePage:
    """What one service's page says, part by part."""

    def __init__(
        self,
        source: Source,
        summary: Row,
        facts: Row,
        rows: dict[str, list[Row]],
        targets: Sequence[Target],
    ) -> None:
        self._source = source
        self._summary = summary
        self._facts = facts
        self._rows = rows
        self._targets = targets
        self._files = f"data/services/{file_name_of(summary['service_id'])}"
        self._is_simulated = source.version.is_simulated
        self._quarters = [row for row in rows["take_up"] if row["period_kind"] == "quarter"]

    def page(self) -> Page:
        name = self._summary["service_name"]
        drawn = [chart for chart in (self._take_up(), self._volumes(), self._channels()) if chart]
        return Page(
            path=service_path(self._summary["service_id"]),
            title=name,
            template="service",
            content={
                "summary": self._summary,
                "facts": self._described(),
                "latest": self._latest(),
                "targets": [
                    (words.said(target.target_id), standing(target) or "no value")
                    for target in self._targets
                ],
                "tables": [table for table in self._tables() if table.rows or table.note],
                "notes": words.said(self._facts["notes"]),
            },
            charts=tuple(drawn),
            downloads=self._downloads(),
        )

    def _described(self) -> list[tuple[str, Any]]:
        facts = self._facts
        department = facts["department_id"]
        return [
            (
                "Department",
                Link(words.said(facts["department_name"]), department_path(department))
                if department
                else "",
            ),
            ("Organisation", words.said(facts["organisation_name"])),
            ("Kind of customers", words.said(facts["customer_type"])),
            ("Counted as", words.words(facts["volume_kind"])),
            ("In the publications", "listed" if facts["is_listed"] else "no longer listed"),
            ("One of the exemplar services", "yes" if facts["is_exemplar"] else ""),
            ("Identifier", facts["service_id"]),
        ]

    def _latest(self) -> str:
        row = self._summary
        if row["latest_period_end"] is None:
            return (
                "No take-up was ever measured: "
                + (words.words(row["unmeasured_status"]) or "nothing was returned")
                + "."
            )
        parts = (
            f"{words.share(row['latest_ratio'])} in {words.period_of(row, 'latest_')}:"
            f" {words.count(row['latest_digital_count'])} digital of"
            f" {words.count(row['latest_total_count'])}."
        )
        old = row["quarters_old"] or 0
        if old > 0:
            parts += f" That is {old} quarter{'s' if old > 1 else ''} older than the latest of any service."
        return parts

    def _take_up(self) -> Chart | None:
        rows = self._quarters
        if not any(row["take_up_ratio"] is not None for row in rows):
            return None
        return Chart(
            title="Digital take-up by quarter",
            says=self._take_up_in_words(),
            spec=charts.take_up_over_time(
                [
                    {
                        "end": row["period_end"],
                        "ratio": row["take_up_ratio"],
                        "lower": row["take_up_lower"],
                        "upper": row["take_up_upper"],
                    }
                    for row in rows
                ],
                [
                    {
                        "ratio": target.target_ratio,
                        "due": target.due_on,
                        "label": f"target {words.share(target.target_ratio)}",
                    }
                    for target in self._targets
                    if target.metric == "digital_take_up"
                ],
                is_simulated=self._is_simulated,
            ),
            table=Table(
                caption="Digital take-up by quarter",
                columns=("Quarter", ">Digital", ">All transactions", ">Take-up", "Status"),
                rows=[
                    (
                        words.period_of(row),
                        words.count(row["digital_count"]),
                        words.count(row["total_count"]),
                        words.take_up(row),
                        words.said(row["status_reason"]) or "complete",
                    )
                    for row in reversed(rows)
                ],
                download=f"{self._files}/take-up.csv",
            ),
        )

    def _take_up_in_words(self) -> str:
        known = [row for row in self._quarters if row["take_up_ratio"] is not None]
        first, last = known[0], known[-1]
        missing = len(self._quarters) - len(known)
        said = (
            f"Take-up was {words.share(first['take_up_ratio'])} in {words.period_of(first)} and"
            f" {words.share(last['take_up_ratio'])} in {words.period_of(last)}."
        )
        if missing:
            said += f" {missing} of {len(self._quarters)} quarters have no value: the line breaks there."
        goals = ", ".join(
            f"{words.share(target.target_ratio)}"
            + (f" by {words.date(target.due_on)}" if target.due_on else "")
            for target in self._targets
            if target.metric == "digital_take_up"
        )
        return said + (f" Dashed lines: the targets of {goals}." if goals else "")

    def _volumes(self) -> Chart | None:
        rows = self._quarters
        if not any(row["total_count"] is not None for row in rows):
            return None
        series = [
            {"end": row["period_end"], "series": name, "count": row[column]}
            for name, column in (("All transactions", "total_count"), ("Digital", "digital_count"))
            for row in rows
        ]
        largest = max(
            (row for row in rows if row["total_count"] is not None), key=lambda r: r["total_count"]
        )
        years = [row for row in self._rows["take_up"] if row["period_kind"] != "quarter"]
        return Chart(
            title="Transactions by quarter",
            says=(
                "All transactions as a whole line, digital ones dashed. The busiest quarter was"
                f" {words.period_of(largest)} with {words.count(largest['total_count'])}."
            ),
            spec=charts.volumes_over_time(series, is_simulated=self._is_simulated),
            table=Table(
                caption="Transactions and take-up by year",
                columns=("Year", ">Digital", ">All transactions", ">Take-up", "Status"),
                rows=[
                    (
                        words.period_of(row),
                        words.count(row["digital_count"]),
                        words.count(row["total_count"]),
                        words.take_up(row),
                        words.said(row["status_reason"]) or "complete",
                    )
                    for row in sorted(years, key=lambda r: r["period_end"], reverse=True)
                ][:ROWS_SHOWN],
                download=f"{self._files}/take-up.csv",
            ),
        )

    def _channels(self) -> Chart | None:
        rows = [row for row in self._rows["shares"] if row["share_ratio"] is not None]
        if not rows:
            return None
        latest = max(row["period_end"] for row in rows)
        now = sorted(
            (row for row in rows if row["period_end"] == latest),
            key=lambda row: -row["share_ratio"],
        )
        return Chart(
            title="Channels",
            says=f"In {words.period_of(now[0])}: "
            + ", ".join(f"{words.words(r['channel'])} {words.share(r['share_ratio'])}" for r in now)
            + ".",
            spec=charts.shares_by_channel(
                [
                    {
                        "end": row["period_end"],
                        "channel": words.words(row["channel"]),
                        "share": row["share_ratio"],
                    }
                    for row in rows
                ],
                is_simulated=self._is_simulated,
            ),
            table=Table(
                caption="Share of each channel by quarter",
                columns=("Quarter", "Channel", ">Share of transactions", ">Change in a year"),
                rows=[
                    (
                        words.period_of(row),
                        words.words(row["channel"]),
                        words.share(row["share_ratio"]),
                        words.points(row["shift_pp_year"]),
                    )
                    for row in reversed(rows)
                ][:ROWS_SHOWN],
                download=f"{self._files}/channels.csv",
            ),
        )

    def _tables(self) -> Iterator[Table]:
        rows = self._rows
        yield Table(
            caption="What reports promised of it",
            columns=("Promise", "Due", "What reports say", "Where"),
            rows=[
                (
                    words.said(row["promise"]),
                    words.said(row["due_text"]) or words.date(row["due_on"]),
                    words.words(row["reported"]),
                    f"{row['document']}, line {row['line']}",
                )
                for row in rows["promises"]
            ],
        )
        yield Table(
            caption="Claims of reports, held against the data",
            columns=("Claim", ">Stated", ">Measured", "Finding", "Where"),
            rows=[
                (
                    words.words(row["metric"]),
                    f"{words.words(row['qualifier']) if row['qualifier'] != 'exact' else ''}"
                    f" {words.figure(row['value'], row['unit'])}".strip(),
                    words.figure(row["measured_value"], row["unit"]),
                    f"{words.words(row['verdict'])}. {words.said(row['reason'])}".strip(),
                    f"{row['document']}, line {row['line']}",
                )
                for row in rows["claims"]
            ],
        )
        yield Table(
            caption="Figures that were changed after they were published",
            columns=(
                "Known since",
                "Quarter",
                "Of",
                ">Before",
                ">After",
                ">Take-up moved by",
                "Why",
            ),
            rows=[
                (
                    words.date(row["new_known_at"]),
                    words.period_of(row),
                    words.words(row["quantity"]),
                    words.count(row["old_value"]),
                    words.count(row["new_value"]),
                    words.points(row["effect_pp"]),
                    words.words(row["cause"]) or words.words(row["timing"]),
                )
                for row in rows["revisions"][:ROWS_SHOWN]
            ],
            download=f"{self._files}/revisions.csv",
        )
        yield Table(
            caption="Cost, completion and satisfaction",
            columns=("Period", ">Cost per transaction", ">Completed of started", ">Satisfied"),
            rows=[
                (
                    words.period_of(row),
                    ""
                    if row["cost_per_transaction_gbp"] is None
                    else words.money(row["cost_per_transaction_gbp"]),
                    "" if row["completion_ratio"] is None else words.share(row["completion_ratio"]),
                    ""
                    if row["satisfaction_ratio"] is None
                    else words.share(row["satisfaction_ratio"]),
                )
                for row in rows["measures"][:ROWS_SHOWN]
                if any(
                    row[c] is not None
                    for c in ("cost_per_transaction_gbp", "completion_ratio", "satisfaction_ratio")
                )
            ],
            download=f"{self._files}/measures.csv" if rows["measures"] else "",
        )
        yield Table(
            caption="Doubts about its figures",
            columns=("Period", "Doubt", ">Could move take-up by"),
            rows=[
                (
                    words.period_of(row),
                    words.said(row["what"]),
                    words.points(row["service_effect_pp"]),
                )
                for row in rows["doubts"][:ROWS_SHOWN]
            ],
        )
        yield Table(
            caption="Where its figures come from",
            columns=("Published in", "Known since", ">Figures"),
            rows=[
                (
                    words.said(row["input"]),
                    words.date(row["known_from"]),
                    words.count(row["cells_count"]),
                )
                for row in rows["lineage"][-ROWS_SHOWN:]
            ],
        )

    def _downloads(self) -> tuple[Download, ...]:
        files = (
            ("take-up", self._rows["take_up"]),
            ("channels", self._rows["shares"]),
            ("revisions", self._rows["revisions"]),
            ("measures", self._rows["measures"]),
        )
        return tuple(
            Download(
                f"{self._files}/{name}.csv", tuple(rows[0]), [tuple(row.values()) for row in rows]
            )
            for name, rows in files
            if rows
        )
