"""Disclosure control: counts of people that are small enough to tell of somebody are not shown.

For breakdowns about people only (assistance, barriers, inclusion, feedback by small groups).
Volumes of transactions are never suppressed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass


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
    suppressed too (secondary), and where none is left its total. What is shown is rounded.

    The same counts give the same answer, whatever their order. It holds for each sum by itself:
    what several sums that cross tell together, as equations, is not worked out.
    """
    hidden = {key for key, count in counts.items() if count and count < rule.threshold}
    while more := next(_secondary(counts, sums, hidden, rule.threshold), None):
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


def _rounded(count: int, rounding: int) -> int:
    """To the nearest multiple, halves up."""
    return (2 * count + rounding) // (2 * rounding) * rounding
