"""Quarters, months and moments, as users write them and as code counts with them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from core.errors import UsageError

REPORTING_ZONE = ZoneInfo("Europe/London")

_QUARTER = re.compile(r"([12][0-9]{3})-Q([1-4])")
_MONTH = re.compile(r"([12][0-9]{3})-(0[1-9]|1[0-2])")
_BARE_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, order=True)
class Quarter:
    """A calendar quarter: 2014-Q4 is October to December 2014."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """The quarter that `text` names.

        Raises:
            UsageError: it is not written like 2014-Q4.
        """
        match = _QUARTER.fullmatch(text.strip().upper())
        if match is None:
            raise UsageError(
                f"{text!r} is not a quarter: write it like 2014-Q4 (October to December)"
            )
        return cls(year=int(match.group(1)), number=int(match.group(2)))

    @classmethod
    def holding(cls, day: dt.date) -> Quarter:
        """The quarter that a day is in."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def at(cls, index: int) -> Quarter:
        """The quarter of this `index`."""
        return cls(index // 4, index % 4 + 1)

    @property
    def index(self) -> int:
        """Counts quarters through the years: the next quarter's is one higher."""
        return self.year * 4 + self.number - 1

    def after(self, count: int) -> Quarter:
        """The quarter so many later; earlier where `count` is negative."""
        return self.at(self.index + count)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"

    @property
    def start(self) -> dt.date:
        return dt.date(self.year, 3 * self.number - 2, 1)

    @property
    def end(self) -> dt.date:
        """The last day, inclusive."""
        return last_day(self.year, self.start.month, months=3)

    def periods(self) -> tuple[tuple[str, dt.date, dt.date], ...]:
        """Kind, first and last day of the quarter, of the rolling year that ends with it, and
        of the financial year where one does."""
        following = self.end + dt.timedelta(days=1)
        year_start = following.replace(year=following.year - 1)
        found = [
            ("quarter", self.start, self.end),
            ("rolling_year", year_start, self.end),
        ]
        if self.number == 1:
            found.append(("financial_year", year_start, self.end))
        return tuple(found)


def last_day(year: int, month: int, *, months: int = 1) -> dt.date:
    """The last day of so many whole months, of which the first is given."""
    following = year * 12 + month - 1 + months
    return dt.date(following // 12, following % 12 + 1, 1) - dt.timedelta(days=1)


def parse_period(text: str) -> tuple[dt.date, dt.date]:
    """First and last day of `2015-Q1` or `2015-03`.

    Raises:
        UsageError: it is neither.
    """
    month = _MONTH.fullmatch(text.strip())
    if month is not None:
        year, number = int(month[1]), int(month[2])
        return dt.date(year, number, 1), last_day(year, number)
    try:
        quarter = Quarter.parse(text)
    except UsageError as error:
        raise UsageError(
            f"{text!r} is neither a quarter, such as 2015-Q1, nor a month, such as 2015-03"
        ) from error
    return quarter.start, quarter.end


def parse_moment(text: str) -> dt.datetime:
    """The moment that `text` names, in UTC; a bare date is 00:00 in London.

    Raises:
        UsageError: it is not an ISO 8601 date or time, or a time without its zone.
    """
    example = "write it like 2017-01-01 (00:00 in London) or 2017-01-01T09:30:00Z"
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"{text!r} is not a moment: {example}") from error
    if _BARE_DATE.fullmatch(text.strip()):
        moment = moment.replace(tzinfo=REPORTING_ZONE)
    if moment.tzinfo is None:
        raise UsageError(f"{text!r} doesn't say its time zone: {example}")
    return moment.astimezone(dt.UTC)


def moment_text(moment: dt.datetime) -> str:
    """An aware moment in ISO 8601 with microseconds, in UTC.

    Raises:
        UsageError: it has no time zone.
    """
    if moment.tzinfo is None:
        raise UsageError(f"{moment.isoformat()} doesn't say its time zone")
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment_for_file_name(moment: dt.datetime) -> str:
    """As `moment_text`, short and without what file names can't hold."""
    text = moment_text(moment).replace("-", "").replace(":", "")
    return text.replace(".000000Z", "Z")


def short_moment_text(moment: dt.datetime) -> str:
    """As `moment_text`, with a fraction only where the moment has one. An aware moment."""
    return moment.astimezone(dt.UTC).isoformat().removesuffix("+00:00") + "Z"
