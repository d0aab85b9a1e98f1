"""The charts of a service's page: take-up against its targets, transactions, channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from publish.display import exact_percentage
from publish.pages.site import charts, words
from publish.pages.site.model import Chart, Row, Table
from publish.standings import Target

ROWS_SHOWN: Final = 40
"""Of a table that may be long; its file has all."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """What one service's charts are made of: rows of `take_up_headline` and `channel_shares` in the
    order of their periods, its targets, and the folder of its files."""

    take_up: Sequence[Row]
    shares: Sequence[Row]
    targets: Sequence[Target]
    files: str
    is_simulated: bool

    @property
    def quarters(self) -> list[Row]:
        """Its take-up by quarter."""
        return [row for row in self.take_up if row["period_kind"] == "quarter"]

    def charts(self) -> tuple[Chart, ...]:
        """Those for which it has figures."""
        made = (_take_up(self), _transactions(self), _channels(self))
        return tuple(chart for chart in made if chart)


def _take_up(series: Series) -> Chart | None:
    known = [row for row in series.quarters if row["take_up_ratio"] is not None]
    if not known:
        return None
    spec = charts.take_up_over_time(
        [
            {
                "start": row["period_start"],
                "end": row["period_end"],
                "ratio": row["take_up_ratio"],
                **_band(row),
            }
            for row in series.quarters
        ],
        [
            {
                "ratio": target.target_ratio,
                "due": target.due_on,
                "label": f"target {exact_percentage(target.target_ratio)}",
            }
            for target in series.targets
        ],
        is_simulated=series.is_simulated,
    )
    title = "Digital take-up by quarter"
    return Chart(
        title, _take_up_in_words(series, known), spec, _by_period(title, series, "quarter")
    )


def _band(row: Row) -> dict[str, float | None]:
    """Between what a quarter's take-up must lie, where that says more than nothing."""
    lower, upper = row["take_up_lower"], row["take_up_upper"]
    is_known = lower is not None and upper is not None and upper - lower < 1
    return {"lower": lower, "upper": upper} if is_known else {"lower": None, "upper": None}


def _take_up_in_words(series: Series, known: Sequence[Row]) -> str:
    first, last = known[0], known[-1]
    missing = len(series.quarters) - len(known)
    ends = [
        f"{words.share(row['take_up_ratio'])} in {words.period_of(row)}" for row in (first, last)
    ]
    said = [f"Take-up was {' and '.join(ends)}."]
    if missing:
        said.append(
            f"{missing} of {len(series.quarters)} quarters have no value: the line breaks there."
        )
    bands = [
        f"{words.take_up(row)} in {words.period_of(row)}"
        for row in series.quarters
        if row["take_up_ratio"] is None and _band(row)["upper"] is not None
    ]
    if bands:
        said.append(f"Bands are between what it must lie there: {', '.join(bands)}.")
    if series.targets:
        said.append(f"Dashed: {' and '.join(map(words.goal, series.targets))}.")
    return " ".join(said)


def _transactions(series: Series) -> Chart | None:
    rows = series.quarters
    counted = [row for row in rows if row["total_count"] is not None]
    if not counted:
        return None
    busiest = max(counted, key=lambda row: row["total_count"])
    spec = charts.volumes_over_time(
        [
            {"end": row["period_end"], "series": name, "count": row[column]}
            for name, column in (("All transactions", "total_count"), ("Digital", "digital_count"))
            for row in rows
        ],
        is_simulated=series.is_simulated,
    )
    says = (
        "All transactions as a whole line, digital ones dashed. The busiest quarter was"
        f" {words.period_of(busiest)} with {words.count(busiest['total_count'])}."
    )
    table = _by_period("Transactions and take-up by year", series, "rolling_year")
    return Chart("Transactions by quarter", says, spec, table)


def _by_period(caption: str, series: Series, kind: str) -> Table:
    """Counts and take-up of every period of a kind, the latest first."""
    return Table(
        caption=caption,
        columns=("Period", ">Digital", ">All transactions", ">Take-up", "Status"),
        rows=[
            (
                words.period_of(row),
                words.count(row["digital_count"]),
                words.count(row["total_count"]),
                words.take_up(row),
                words.said(row["status_reason"]) or "complete",
            )
            for row in reversed(series.take_up)
            if row["period_kind"] == kind
        ],
        download=f"{series.files}/take-up.csv",
    )


def _channels(series: Series) -> Chart | None:
    rows = [row for row in series.shares if row["share_ratio"] is not None]
    if not rows:
        return None
    latest = max(row["period_end"] for row in rows)
    now = sorted((row for row in rows if row["period_end"] == latest), key=_by_share)
    spec = charts.shares_by_channel(
        [
            {
                "end": row["period_end"],
                "channel": words.words(row["channel"]),
                "share": row["share_ratio"],
            }
            for row in rows
        ],
        is_simulated=series.is_simulated,
    )
    shares = (f"{words.words(row['channel'])} {words.share(row['share_ratio'])}" for row in now)
    table = Table(
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
        download=f"{series.files}/channels.csv",
    )
    return Chart("Channels", f"In {words.period_of(now[0])}: {', '.join(shares)}.", spec, table)


def _by_share(row: Row) -> float:
    return -float(row["share_ratio"])
