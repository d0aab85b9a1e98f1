"""What the charts of the site look like: specifications of Vega-Lite, filled with rows.

They follow the Analysis Function's guidance: few colours that colour-blind people can tell apart,
lines told apart by dashes and labels beside them, axes that begin at zero, gaps left as gaps.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

Spec = dict[str, Any]

BLUE: Final = "#12436D"
PINK: Final = "#801650"
GREY: Final = "#3D3D3D"
FONT: Final = "Arial, Helvetica, sans-serif"
WIDTH: Final = 600
LABEL_HEIGHT: Final = 0.07
"""What a label takes of a chart's height."""

_CONFIG: Final[Spec] = {
    "font": FONT,
    "background": "white",
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 14,
        "titleFontSize": 14,
        "titleFontWeight": "normal",
        "labelColor": "#0B0C0C",
        "titleColor": "#0B0C0C",
        "domainColor": "#505A5F",
        "tickColor": "#505A5F",
        "gridColor": "#DCDCDC",
    },
    "text": {"font": FONT, "fontSize": 14},
}


def take_up_over_time(rows: Sequence[Spec], targets: Sequence[Spec], *, is_simulated: bool) -> Spec:
    """Take-up by quarter: a line that breaks where nothing is known, bounds as a band.

    Args:
        rows: `start` and `end` (days), `ratio`, and `lower` and `upper` where only bounds are
            known.
        targets: `ratio`, `label` and `due` (a day or None).
    """
    x = {"field": "end", "type": "temporal", "axis": {"format": "%Y", "tickCount": "year"}}
    y = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": {"format": ".0%"}}
    values = _dated(_dated(rows), "start")
    layers: list[Spec] = [
        {
            "transform": [{"filter": "datum.ratio === null && datum.upper !== null"}],
            "mark": {"type": "rect", "color": BLUE, "opacity": 0.3},
            "encoding": {
                "x": x | {"field": "start", "title": None},
                "x2": {"field": "end"},
                "y": y | {"field": "lower", "title": "Digital take-up"},
                "y2": {"field": "upper"},
            },
        },
        {
            "mark": {
                "type": "line",
                "color": BLUE,
                "strokeWidth": 2.5,
                "point": {"filled": True, "color": BLUE, "size": 35},
            },
            "encoding": {
                "x": x | {"title": None},
                "y": y | {"field": "ratio", "title": "Digital take-up"},
            },
        },
    ]
    if targets:
        layers += _target_lines(targets, values)
    return _whole(layers, values, height=280, is_simulated=is_simulated)


def _target_lines(targets: Sequence[Spec], values: Sequence[Spec]) -> list[Spec]:
    data = {"values": _apart(_dated(targets, "due"))}
    y: Spec = {"field": "ratio", "type": "quantitative"}
    return [
        {
            "data": data,
            "mark": {"type": "rule", "color": PINK, "strokeDash": [6, 4], "strokeWidth": 1.5},
            "encoding": {"y": y},
        },
        {
            "data": data,
            "mark": {"type": "text", "align": "left", "dx": 8, "color": PINK},
            "encoding": {
                "x": {"value": WIDTH},
                "y": y | {"field": "label_at"},
                "text": {"field": "label"},
            },
        },
        {
            "data": data,
            "transform": [{"filter": "datum.due !== null"}],
            "mark": {
                "type": "point",
                "shape": "diamond",
                "color": PINK,
                "filled": True,
                "size": 90,
            },
            "encoding": {"x": {"field": "due", "type": "temporal"}, "y": y},
        },
    ]


def _apart(targets: Sequence[Spec]) -> list[Spec]:
    """Targets, the lowest first, with where the label of each has room above the one before."""
    placed: list[Spec] = []
    for target in sorted(targets, key=lambda one: float(one["ratio"])):
        lowest = placed[-1]["label_at"] + LABEL_HEIGHT if placed else 0
        placed.append(target | {"label_at": max(target["ratio"], lowest)})
    return placed


def volumes_over_time(rows: Sequence[Spec], *, is_simulated: bool) -> Spec:
    """Transactions by quarter: all as a whole line, digital ones dashed, each named at its end.

    Args:
        rows: `end` (a day), `series` (`All transactions` or `Digital`) and `count`.
    """
    values = _dated(rows)
    last: dict[str, Spec] = {row["series"]: row for row in values if row["count"] is not None}
    encoding: Spec = {
        "x": {
            "field": "end",
            "type": "temporal",
            "title": None,
            "axis": {"format": "%Y", "tickCount": "year"},
        },
        "y": {
            "field": "count",
            "type": "quantitative",
            "title": "Transactions in the quarter",
            "axis": {"format": "~s", "tickCount": 5},
            "scale": {"zero": True},
        },
    }
    style: Spec = {
        "color": {
            "field": "series",
            "scale": {"domain": ["All transactions", "Digital"], "range": [GREY, BLUE]},
            "legend": None,
        },
    }
    layers: list[Spec] = [
        {
            "mark": {"type": "line", "strokeWidth": 2.5, "point": {"filled": True, "size": 30}},
            "encoding": encoding
            | style
            | {
                "strokeDash": {
                    "field": "series",
                    "scale": {"domain": ["All transactions", "Digital"], "range": [[1, 0], [6, 3]]},
                    "legend": None,
                }
            },
        },
        *(
            {
                "data": {"values": [row]},
                "mark": {"type": "text", "align": "left", "dx": 8, "baseline": baseline},
                "encoding": encoding | style | {"text": {"field": "series"}},
            }
            for row, baseline in zip(last.values(), ("bottom", "top"), strict=False)
        ),
    ]
    return _whole(layers, values, height=260, is_simulated=is_simulated)


def shares_by_channel(rows: Sequence[Spec], *, is_simulated: bool) -> Spec:
    """A small chart per channel, one below the other: its share of each quarter's transactions.

    Args:
        rows: `end` (a day), `channel` as people say it, and `share`.
    """
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "config": _CONFIG
        | {"header": {"labelFontSize": 14, "labelAnchor": "start", "title": None}},
        "data": {"values": _dated(rows)},
        "title": _simulated_title(is_simulated),
        "mark": {"type": "area", "color": BLUE, "line": {"color": BLUE}, "opacity": 0.35},
        "encoding": {
            "row": {
                "field": "channel",
                "type": "nominal",
                "sort": {"op": "mean", "field": "share", "order": "descending"},
                "header": {"labelAngle": 0, "labelOrient": "top", "title": None},
            },
            "x": {
                "field": "end",
                "type": "temporal",
                "title": None,
                "axis": {"format": "%Y", "tickCount": "year"},
            },
            "y": {
                "field": "share",
                "type": "quantitative",
                "title": None,
                "scale": {"domain": [0, 1]},
                "axis": {"format": ".0%", "values": [0, 0.5, 1]},
            },
        },
        "width": WIDTH,
        "height": 70,
        "spacing": 8,
    }


def bars(rows: Sequence[Spec], *, title: str, is_simulated: bool) -> Spec:
    """Horizontal bars with their value beside them, in the order given.

    Args:
        rows: `name`, `value` and `label`.
    """
    encoding: Spec = {
        "y": {
            "field": "name",
            "type": "nominal",
            "sort": None,
            "title": None,
            "axis": {"labelLimit": 400, "ticks": False, "domain": False},
        },
        "x": {
            "field": "value",
            "type": "quantitative",
            "title": title,
            "axis": {"format": "~s", "tickCount": 4},
        },
    }
    layers: list[Spec] = [
        {"mark": {"type": "bar", "color": BLUE}, "encoding": encoding},
        {
            "mark": {"type": "text", "align": "left", "dx": 5},
            "encoding": encoding | {"text": {"field": "label"}},
        },
    ]
    spec = _whole(layers, rows, height=30 * max(len(rows), 1), is_simulated=is_simulated)
    return spec | {"width": 360, "padding": {"left": 60, "right": 100, "top": 5, "bottom": 5}}


def lines_with_bounds(rows: Sequence[Spec], *, is_simulated: bool) -> Spec:
    """Ratios of bodies over time with the bounds that what is missing leaves, each line named.

    Args:
        rows: `end` (a day), `series`, `ratio`, `lower` and `upper`.
    """
    values = _dated(rows)
    names = list(dict.fromkeys(row["series"] for row in values))
    last = {row["series"]: row for row in values if row["ratio"] is not None}
    colours = {"domain": names, "range": [BLUE, PINK, GREY][: len(names)]}
    dashes = {"domain": names, "range": [[1, 0], [6, 3], [2, 2]][: len(names)]}
    x: Spec = {
        "field": "end",
        "type": "temporal",
        "title": None,
        "axis": {"format": "%Y", "tickCount": "year"},
    }
    y: Spec = {
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%"},
        "title": "Digital take-up",
    }
    colour: Spec = {"color": {"field": "series", "scale": colours, "legend": None}}
    layers: list[Spec] = [
        {
            "transform": [{"filter": "datum.upper !== null"}],
            "mark": {"type": "area", "opacity": 0.15},
            "encoding": {"x": x, "y": y | {"field": "lower"}, "y2": {"field": "upper"}} | colour,
        },
        {
            "mark": {"type": "line", "strokeWidth": 2.5, "point": {"filled": True, "size": 30}},
            "encoding": {
                "x": x,
                "y": y | {"field": "ratio"},
                "strokeDash": {"field": "series", "scale": dashes, "legend": None},
            }
            | colour,
        },
        {
            "data": {"values": list(last.values())},
            "mark": {"type": "text", "align": "left", "dx": 8},
            "encoding": {"x": x, "y": y | {"field": "ratio"}, "text": {"field": "series"}} | colour,
        },
    ]
    return _whole(layers, values, height=280, is_simulated=is_simulated)


def _whole(
    layers: Sequence[Spec], values: Sequence[Spec], *, height: int, is_simulated: bool
) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "config": _CONFIG,
        "autosize": {"type": "pad", "contains": "padding"},
        "padding": {"left": 5, "right": 130, "top": 5, "bottom": 5},
        "width": WIDTH,
        "height": height,
        "title": _simulated_title(is_simulated),
        "data": {"values": list(values)},
        "layer": list(layers),
    }


def _simulated_title(is_simulated: bool) -> Spec | None:
    if not is_simulated:
        return None
    return {"text": "SIMULATED DATA", "anchor": "start", "color": PINK, "fontSize": 16}


def _dated(rows: Sequence[Spec], column: str = "end") -> list[Spec]:
    """Rows with their day as text, which is how Vega-Lite takes it."""
    return [row | {column: _text(row[column])} for row in rows]


def _text(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
