"""Ratings of a service by its users, as a pack may show them: a breakdown about people."""

from __future__ import annotations

from typing import Any, Final

from publish.disclosure import Rule, protect
from publish.pack_files import PackTable

RATINGS: Final = tuple(f"rating_{stars}_count" for stars in range(1, 6))
_ALL: Final = "ratings_count"
_MEAN: Final = "satisfaction_ratio"
_SATISFIED: Final = "satisfied_ratio"
_COLUMNS: Final = (*RATINGS, _ALL, _MEAN, _SATISFIED)
SUPPRESSED: Final = "suppressed"


def with_protected_ratings(table: PackTable, rule: Rule) -> PackTable:
    """A table of `service_measures` after disclosure control; `suppressed` names the columns that
    are held back.

    The five counts are shown together or not at all: with some of them a mean would tell the
    others. A table without ratings comes back as it was, and so does a rate that a source states.
    """
    import pyarrow as pa

    if not set(_COLUMNS) <= set(table.columns):
        return table
    given = [
        dict(zip(_COLUMNS, values, strict=True))
        for values in zip(*(table.values(name) for name in _COLUMNS), strict=True)
    ]
    shown = [row if row[_ALL] is None else _protected(row, rule) for row in given]
    data = table.data
    for name in _COLUMNS:
        values = pa.array([row[name] for row in shown], data.schema.field(name).type)
        data = data.set_column(data.column_names.index(name), name, values)
    held_back = [
        ", ".join(name for name in _COLUMNS if row[name] is None and before[name] is not None)
        for before, row in zip(given, shown, strict=True)
    ]
    named = pa.array([names or None for names in held_back], pa.string())
    place = data.column_names.index("is_simulated")
    return PackTable(table.name, data.add_column(place, SUPPRESSED, named))


def _protected(row: dict[str, Any], rule: Rule) -> dict[str, Any]:
    """What may be shown of one service's ratings."""
    satisfied = sum(row[name] for name in RATINGS[3:])
    halves = protect(
        {"satisfied": satisfied, "others": row[_ALL] - satisfied, _ALL: row[_ALL]},
        {_ALL: ("satisfied", "others")},
        rule,
    )
    stars = protect({name: row[name] for name in (*RATINGS, _ALL)}, {_ALL: RATINGS}, rule)
    are_shown = not halves.suppressed and not stars.suppressed
    total = halves.counts[_ALL]
    return {
        **{name: stars.counts[name] if are_shown else None for name in RATINGS},
        _ALL: total,
        _MEAN: None if total is None else row[_MEAN],
        _SATISFIED: halves.ratio("satisfied", _ALL),
    }
