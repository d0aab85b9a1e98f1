"""Reads the published files of transaction volumes, one vintage each, by column name."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

PARTS = ("digital", "total")
MONTHS = {"Jan": 1, "Apr": 4, "Jul": 7, "Oct": 10}
LAST_MONTHS = {"Jan": "Mar", "Apr": "Jun", "Jul": "Sep", "Oct": "Dec"}
QUARTER_HEADER = re.compile(
    r"(?P<part>Total|Digital) transactions\s+(?P<first>[A-Z][a-z]{2}) - (?P<last>[A-Z][a-z]{2})"
    r" (?P<year>\d{4})"
)
NUMBER = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.0+)?")


@dataclass(frozen=True, slots=True, order=True)
class CellKey:
    """One figure of the publication: a service, a quarter, and digital or total."""

    service_id: str
    quarter: date
    part: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Whose service it is, as one vintage prints it."""

    service_id: str
    department_name: str
    department_abbreviation: str
    organisation_name: str


@dataclass(frozen=True, slots=True)
class Vintage:
    """One published file: what it lists, and the count of each cell (None where it has no number).

    A service that is not in `listings` says nothing about its cells."""

    name: str
    published_at: datetime
    quarters: frozenset[date]
    listings: dict[str, Listing]
    counts: dict[CellKey, int | None]


def parse_count(text: str) -> int | None:
    """The number that a cell states: spaces around it and thousands separators are no part of it.
    A blank, a dash or a remark is no number; it is not zero."""
    cell = text.strip()
    if not NUMBER.fullmatch(cell):
        return None
    return int(cell.split(".")[0].replace(",", ""))


def parse_quarter_header(header: str) -> tuple[str, date] | None:
    """The part and quarter of a discrete quarter's column; None for any other column, the
    publisher's sums over twelve months included."""
    match = QUARTER_HEADER.fullmatch(header.strip())
    if not match or LAST_MONTHS.get(match["first"]) != match["last"]:
        return None
    return match["part"].lower(), date(int(match["year"]), MONTHS[match["first"]], 1)


def read_vintage(path: Path, published_at: datetime) -> Vintage:
    """Reads one file. A line without a slug names no service and is passed over.

    Raises:
        ValueError: a column that is needed is not there, or a slug stands twice."""
    with path.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.reader(stream)
        header = next(reader)
        positions = {name.strip(): index for index, name in reversed(list(enumerate(header)))}
        columns = [
            (index, *parsed)
            for index, name in enumerate(header)
            if (parsed := parse_quarter_header(name))
        ]
        listings: dict[str, Listing] = {}
        counts: dict[CellKey, int | None] = {}
        for row in reader:
            service_id = row[positions["Slug"]].strip()
            if not service_id:
                continue
            if service_id in listings:
                raise ValueError(f"{path.name}: {service_id} is listed twice")
            listings[service_id] = Listing(
                service_id=service_id,
                department_name=row[positions["Department"]].strip(),
                department_abbreviation=row[positions["Abbr"]].strip(),
                organisation_name=row[positions["Agency/body"]].strip(),
            )
            for index, part, quarter in columns:
                counts[CellKey(service_id, quarter, part)] = parse_count(row[index])
    quarters = frozenset(quarter for _, _, quarter in columns)
    return Vintage(path.name, published_at, quarters, listings, counts)


def publication_times(folder: Path) -> Iterator[tuple[Path, datetime]]:
    """Each file of the folder with its moment of publication in UTC, from `vintages.csv`."""
    with (folder / "vintages.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            moment = datetime.fromisoformat(row["published_at"])
            yield folder / row["file"], moment.astimezone(UTC)


def read_vintages(folder: Path) -> list[Vintage]:
    """All vintages of the folder, in order of publication."""
    vintages = [read_vintage(path, moment) for path, moment in publication_times(folder)]
    return sorted(vintages, key=lambda vintage: (vintage.published_at, vintage.name))
