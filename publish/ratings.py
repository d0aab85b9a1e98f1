"""Ratings of a service by its users, as a pack may show them: a breakdown about people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from publish.disclosure import Protected, Rule, protect
from publish.pack_files import PackTable

if TYPE_CHECKING:
    import pyarrow as pa

RATINGS: Final = tuple(f"rating_{stars}_count" for stars in range(1, 6))
_ALL: Final = "ratings_count"
_SATISFIED: Final = "satisfied"
_SUMS: Final = {_SATISFIED: RATINGS[3:], _ALL: (*RATINGS[:3], _SATISFIED)}
_RATIOS: Final = ("satisfaction_ratio", "satisfied_ratio")
SUPPRESSED: Final = "suppressed"


def with_protected_ratings(table: PackTable, rule: Rule) -> PackTable:
    """A table of `service_measures` after disclosure control: ratings by their number, their total,
    and both ratios from what is shown of them; `suppressed` names the columns that are held back.

    A table without ratings comes back as it was.
    """
    import pyarrow as pa

    if not {*RATINGS, _ALL, *_RATIOS} <= set(table.columns):
        return table
    given = zip(*(table.values(name) for name in (*RATINGS, _ALL)), strict=True)
    rows = [None if None in counts else _protected(counts, rule) for counts in given]
    data = table.data
    for name in (*RATINGS, _ALL):
        shown = [None if row is None else row.counts[name] for row in rows]
        data = _replaced(data, name, pa.array(shown, pa.int64()))
    ratios = ([_mean(row) for row in rows], [_share(row) for row in rows])
    for name, values in zip(_RATIOS, ratios, strict=True):
        # A rate that a source states has no counts behind it: it stays.
        kept = [
            given if row is None else value
            for row, value, given in zip(rows, values, table.values(name), strict=True)
        ]
        data = _replaced(data, name, pa.array(kept, pa.float64()))
    said = [", ".join(sorted(row.suppressed - {_SATISFIED})) if row else "" for row in rows]
    place = data.column_names.index("is_simulated")
    named = pa.array([text or None for text in said], pa.string())
    return PackTable(table.name, data.add_column(place, SUPPRESSED, named))


def _protected(values: tuple[int, ...], rule: Rule) -> Protected:
    counts = dict(zip((*RATINGS, _ALL), values, strict=True))
    satisfied = sum(counts[name] for name in RATINGS[3:])
    return protect(counts | {_SATISFIED: satisfied}, _SUMS, rule)


def _mean(row: Protected | None) -> float | None:
    """(mean - 1) / (5 - 1) of the ratings that are shown; None where one is suppressed."""
    shown = [] if row is None else [row.counts[name] for name in RATINGS]
    counts = [count for count in shown if count is not None]
    if len(counts) < len(RATINGS) or not sum(counts):
        return None
    return sum(stars * count for stars, count in enumerate(counts)) / (4 * sum(counts))


def _share(row: Protected | None) -> float | None:
    """The share satisfied or very satisfied."""
    return None if row is None else row.ratio(_SATISFIED, _ALL)


def _replaced(data: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return data.set_column(data.column_names.index(name), name, values)
