"""Disclosure control: counts of people that are small enough to tell of somebody are not shown.

For breakdowns about people only (assistance, barriers, inclusion, feedback by small groups).
Volumes of transactions are never suppressed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Rule:
    """From which count on a count is shown, and to what it is rounded. A count of nobody is shown.

    `source` says whose rule it is.
    """

    threshold: int
    rounding: int
    source: str


@dataclass(frozen=True)
class Protected:
    """A breakdown as it may be shown: None for what is suppressed, or never was there."""

    counts: Mapping[str, int | None]
    suppressed: frozenset[str]

    def ratio(self, part: str, whole: str) -> float | None:
        """One shown count over another; None where either is suppressed or the whole is nothing.

        It is made of the counts that are shown, so that it tells no more than they do.
        """
        above, below = self.counts.get(part), self.counts.get(whole)
        if above is None or not below:
            return None
        return min(above / below, 1.0)


def protect(
    counts: Mapping[str, int | None], sums: Mapping[str, Collection[str]], rule: Rule
) -> Protected:
    """What may be shown of counts of people.

    `counts` are by cell, totals among them; `sums` says for each total of which cells it is the
    sum, and a total may be a cell of another. A count that is under the threshold is suppressed
    (primary). Then every sum is looked at: as long as one could be worked out from what is shown
    of it, or what is hidden of it comes to less than the threshold, its smallest shown cell is
    suppressed too (secondary), and where none is left its total. Sums may cross, as the rows and
    columns of a table do: then they are solved together, and shown counts are suppressed until no
    hidden one can be worked out. What is shown is rounded.

    The same counts give the same answer, whatever their order.
    """
    hidden = {key for key, count in counts.items() if count and count < rule.threshold}
    while more := next(_secondary(counts, sums, hidden, rule.threshold), None) or _crossing(
        counts, sums, hidden
    ):
        hidden.add(more)
    return Protected(
        counts={
            key: None if count is None or key in hidden else _rounded(count, rule.rounding)
            for key, count in counts.items()
        },
        suppressed=frozenset(hidden),
    )


def _secondary(
    counts: Mapping[str, int | None],
    sums: Mapping[str, Collection[str]],
    hidden: Collection[str],
    threshold: int,
) -> Iterator[str]:
    """Cells to be suppressed next, sum by sum: none where no sum tells what is hidden."""
    for total in sorted(sums):
        cells = [cell for cell in sums[total] if counts.get(cell) is not None]
        hidden_cells = [cell for cell in cells if cell in hidden]
        hidden_total = total in hidden or counts.get(total) is None
        if not hidden_cells and not hidden_total:
            continue
        together = sum(counts[cell] or 0 for cell in hidden_cells)
        if hidden_total:
            # The cells that are shown add up to it as long as none of them is missing.
            is_safe = bool(hidden_cells) or counts.get(total) is None
        else:
            is_safe = len(hidden_cells) > 1 and together >= threshold
        if is_safe:
            continue
        shown = [cell for cell in cells if counts[cell] and cell not in hidden]
        if shown:
            yield min(shown, key=lambda cell: (counts[cell] or 0, cell))
        elif not hidden_total:
            yield total


def _crossing(
    counts: Mapping[str, int | None], sums: Mapping[str, Collection[str]], hidden: set[str]
) -> str | None:
    """The count to be suppressed next because sums together tell a hidden one: the smallest that
    stops them, else the smallest. None where they tell none.

    Where every count but those of nobody is hidden they never do, so it comes to an end.
    """
    told = _told_together(counts, sums, hidden)
    if not told:
        return None
    of_sums = {key for total, cells in sums.items() for key in (total, *cells)}
    shown = sorted((counts.get(key) or 0, key) for key in of_sums - hidden)
    choices = [key for count, key in shown if count]
    stops = (key for key in choices if not told & _told_together(counts, sums, {*hidden, key}))
    return next(stops, choices[0])


def _told_together(
    counts: Mapping[str, int | None], sums: Mapping[str, Collection[str]], hidden: Collection[str]
) -> set[str]:
    """The hidden counts that follow from all sums at once, if what is shown were exact."""
    if len(sums) < 2:
        return set()
    solved: dict[str, dict[str, Fraction]] = {}
    for total in sorted(sums):
        if counts.get(total) is None:
            continue
        row = {cell: Fraction(1) for cell in sums[total] if cell in hidden}
        if total in hidden:
            row[total] = Fraction(-1)
        for pivot, other in solved.items():
            row = _without(row, pivot, other)
        if row:
            first = min(row)
            row = {key: value / row[first] for key, value in row.items()}
            solved = {pivot: _without(other, first, row) for pivot, other in solved.items()}
            solved[first] = row
    return {pivot for pivot, row in solved.items() if len(row) == 1}


def _without(
    row: Mapping[str, Fraction], pivot: str, other: Mapping[str, Fraction]
) -> dict[str, Fraction]:
    """An equation with another, in which `pivot` has the factor 1, taken off so that it is gone."""
    factor = row.get(pivot)
    if not factor:
        return dict(row)
    left = {key: row.get(key, 0) - factor * other.get(key, 0) for key in row.keys() | other.keys()}
    return {key: Fraction(value) for key, value in left.items() if value}


def _rounded(count: int, rounding: int) -> int:
    """To the nearest multiple, halves up."""
    return (2 * count + rounding) // (2 * rounding) * rounding
