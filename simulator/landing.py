"""A small simulated landing: published volumes in two vintages.

The files have the layout of the publication that they imitate (its headers, its number format,
its rolling years), and say in every row that they are simulated. The later vintage does what
real ones do: it adds a quarter, restates one and withdraws one.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from core.files import write_file
from core.periods import Quarter
from simulator.profiles import ServiceProfile, jitter, load_profiles

NOTE = "Simulated figures: no department published them."
MARKER_HEADER = "Simulated"
VOLUME_JITTER = 0.015
TAKE_UP_JITTER = 0.002

QUARTER_MONTHS = ("Jan - Mar", "Apr - Jun", "Jul - Sep", "Oct - Dec")
MEASURES = ("Vol.", "CPT (£)", "Digital vol.", "Digital CPT (£)")


@dataclass(frozen=True)
class Volumes:
    """What one service counted in one quarter; None is a blank cell."""

    total: int | None
    digital: int | None


@dataclass(frozen=True)
class Vintage:
    """One publication: its day, its moment and its last quarter."""

    day: date
    published_at: str
    last_quarter: Quarter
    is_revised: bool

    @property
    def file_name(self) -> str:
        return f"services-{self.day.isoformat()}.csv"


@dataclass(frozen=True)
class SimulatedLanding:
    """What was written: publications in order, then `vintages.csv`."""

    folder: Path
    publications: tuple[Path, ...]
    vintages_file: Path
    seed: int


FIRST_QUARTER = Quarter(2012, 1)
VINTAGES = (
    Vintage(date(2015, 3, 27), "2015-03-27T09:30:00+00:00", Quarter(2014, 4), is_revised=False),
    Vintage(date(2015, 6, 26), "2015-06-26T09:30:00+01:00", Quarter(2015, 1), is_revised=True),
)
RESTATED = ("dwp-carers-allowance-new-claims", Quarter(2014, 3))
RESTATED_BY = 0.02
WITHDRAWN = ("home-office-passport-applications", Quarter(2013, 2))

Table = Mapping[tuple[str, Quarter], Volumes]


def months(quarter: Quarter) -> str:
    """A quarter as the publication prints it: `Jul - Sep 2012`."""
    return f"{QUARTER_MONTHS[quarter.number - 1]} {quarter.year}"


def middle(quarter: Quarter) -> date:
    """The day by which a quarter's volume is worked out."""
    return date(quarter.year, 3 * quarter.number - 1, 15)


def simulate_landing(folder: Path, *, seed: int = 1) -> SimulatedLanding:
    """Write two vintages of simulated volumes and their `vintages.csv` into `folder`.

    The same seed gives the same bytes. A file that already holds them is left untouched;
    each file appears whole or not at all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    profiles = load_profiles()
    publications: list[Path] = []
    rows: list[tuple[str, str, str]] = []
    for vintage in VINTAGES:
        content = publication(profiles, vintage, seed=seed).encode()
        _write(folder / vintage.file_name, content)
        publications.append(folder / vintage.file_name)
        digest = hashlib.sha256(content).hexdigest()
        rows.append((vintage.file_name, vintage.published_at, digest))
    vintages_file = folder / "vintages.csv"
    header = ("file", "published_at", "sha256")
    _write(vintages_file, _csv_text([header, *rows]).encode())
    return SimulatedLanding(folder, tuple(publications), vintages_file, seed)


def publication(profiles: Sequence[ServiceProfile], vintage: Vintage, *, seed: int) -> str:
    """Text of one publication: a header and one row per service."""
    quarters = _quarters(FIRST_QUARTER, vintage.last_quarter)
    labels = _quarters(Quarter(2012, 4), vintage.last_quarter.after(1))
    table = volumes(profiles, quarters, seed=seed, is_revised=vintage.is_revised)
    header = [
        *("Abbr", "Department", "Agency/body", "Agency abbr", "Name of service", "Slug"),
        *(f"{label} {measure}" for label in labels for measure in MEASURES),
        *("Category", "Notes on costs", "Other notes", "Customer type", "Business model"),
        MARKER_HEADER,
        *(f"Total transactions\n{months(quarter)}" for quarter in quarters),
        *(f"Digital transactions\n{months(quarter)}" for quarter in quarters),
    ]
    return _csv_text([header, *(_row(profile, table, quarters, labels) for profile in profiles)])


def volumes(
    profiles: Sequence[ServiceProfile],
    quarters: Sequence[Quarter],
    *,
    seed: int,
    is_revised: bool,
) -> dict[tuple[str, Quarter], Volumes]:
    """Volumes by service and quarter, as the first vintage knew them or as revised."""
    table = {
        (profile.service_id, quarter): _volumes(profile, quarter, seed)
        for profile in profiles
        for quarter in quarters
    }
    if is_revised:
        first = table[RESTATED]
        if first.total is not None:
            table[RESTATED] = Volumes(round(first.total * (1 + RESTATED_BY)), first.digital)
        table[WITHDRAWN] = Volumes(None, None)
    return table


def _volumes(profile: ServiceProfile, quarter: Quarter, seed: int) -> Volumes:
    if middle(quarter) < profile.live_from:
        return Volumes(None, None)
    expected = profile.volume_in_quarter(middle(quarter))
    wobble = jitter(seed, profile.service_id, str(quarter), "volume")
    total = round(expected * (1 + VOLUME_JITTER * wobble))
    if not profile.is_digital_given:
        return Volumes(total, None)
    ratio = profile.take_up_on(middle(quarter))
    if 0 < ratio < 1:
        wobble = jitter(seed, profile.service_id, str(quarter), "take-up")
        ratio = min(1.0, max(0.0, ratio + TAKE_UP_JITTER * wobble))
    return Volumes(total, round(total * ratio))


def _row(
    profile: ServiceProfile, table: Table, quarters: Sequence[Quarter], labels: Sequence[Quarter]
) -> list[str]:
    cells = [table[profile.service_id, quarter] for quarter in quarters]
    return [
        profile.department_abbreviation,
        profile.department_name,
        profile.organisation_name,
        profile.organisation_abbreviation,
        profile.service_name,
        profile.service_id,
        *(cell for label in labels for cell in _rolling_year(profile, table, label)),
        profile.category,
        "",
        NOTE,
        profile.customer_type,
        profile.business_model,
        "yes",
        *(_number(cell.total) for cell in cells),
        *(_number(cell.digital) for cell in cells),
    ]


def _rolling_year(profile: ServiceProfile, table: Table, label: Quarter) -> tuple[str, ...]:
    """Volume, cost, digital volume and digital cost of the twelve months before `label`.

    `2012-Q4` is the publication's exception, the financial year to March 2012: before the
    first simulated quarter, so blank.
    """
    window = [table.get((profile.service_id, label.after(-count))) for count in (4, 3, 2, 1)]
    if label == Quarter(2012, 4) or not any(cell and cell.total is not None for cell in window):
        return ("", "", "", "")
    cost, digital_cost = profile.cost_per_transaction_gbp, profile.digital_cost_per_transaction_gbp
    return (
        _number(_sum(cell.total if cell else None for cell in window)),
        f"{cost:.2f}" if cost is not None else "",
        _number(_sum(cell.digital if cell else None for cell in window)),
        f"{digital_cost:.2f}" if digital_cost is not None else "",
    )


def _sum(parts: Iterable[int | None]) -> int | None:
    known = list(parts)
    return None if None in known else sum(part for part in known if part is not None)


def _quarters(first: Quarter, last: Quarter) -> list[Quarter]:
    return [Quarter.at(index) for index in range(first.index, last.index + 1)]


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _csv_text(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _write(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        write_file(path, content)
