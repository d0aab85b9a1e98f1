"""The table of `takeup status --last`: what each step took in rows, bytes, time and memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from takeup.run_records import StepRecord

ROWS = ("read", "events", "rows")
"""By which name a step counts the rows that it looked at: records of files, events, rows."""


def lines_of(steps: Sequence[StepRecord]) -> Iterator[str]:
    """A table for a person, a line for each step."""
    if not steps:
        yield "no run is recorded yet"
        return
    yield f"run {steps[0].run_id}, in UTC from {steps[0].started_at[:19]}"
    yield (
        f"{'step':<16}{'seconds':>9}{'rows read':>14}"
        f"{'MB read':>10}{'MB written':>12}{'peak MB':>9}"
    )
    for one in steps:
        rows = next((one.counts[name] for name in ROWS if name in one.counts), None)
        yield (
            f"{one.step:<16}{one.seconds:>9,.1f}{'-' if rows is None else f'{rows:,}':>14}"
            f"{_megabytes(one.bytes_read):>10}{_megabytes(one.bytes_written):>12}"
            f"{_megabytes(one.peak_memory_bytes):>9}"
            f"{f'  failed: {one.error}' if one.outcome == 'failed' else ''}"
        )


def _megabytes(count: int | None) -> str:
    return "-" if count is None else f"{count / 1e6:,.1f}"
