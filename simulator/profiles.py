"""How each simulated service behaves: its volumes, its seasons and its path of digital take-up.

The figures are in two tables beside this module. `take_up_anchors.csv` names, for each point
of a path, the report that states it; what no report states is invented and says so.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIRST_DAY = date(2012, 1, 1)
DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Anchor:
    """A day on which a service's digital take-up is fixed."""

    on: date
    ratio: float
    because: str


@dataclass(frozen=True)
class ServiceProfile:
    """One simulated service: what a publication prints of it, and how it behaves."""

    service_id: str
    department_abbreviation: str
    department_name: str
    organisation_name: str
    organisation_abbreviation: str
    service_name: str
    category: str
    customer_type: str
    business_model: str
    live_from: date
    quarterly_volume: int
    yearly_growth_ratio: float
    season: tuple[float, float, float, float]
    is_digital_given: bool
    cost_per_transaction_gbp: Decimal | None
    digital_cost_per_transaction_gbp: Decimal | None
    has_starts: bool
    anchors: tuple[Anchor, ...]

    def take_up_on(self, day: date) -> float:
        """Share of digital transactions on a day, 0 to 1: flat outside the anchors."""
        return interpolate([(anchor.on, anchor.ratio) for anchor in self.anchors], day)

    def volume_in_quarter(self, day: date) -> float:
        """Transactions expected in the whole quarter that holds `day`; 0 before the service."""
        if day < self.live_from:
            return 0.0
        years = (day - FIRST_DAY).days / DAYS_PER_YEAR
        grown = self.quarterly_volume * max(0.1, 1 + self.yearly_growth_ratio * years)
        return grown * self.season[(day.month - 1) // 3]


def interpolate(points: Sequence[tuple[date, float]], day: date) -> float:
    """Smooth path through dated points, level before the first and after the last.

    Only sums and products, so that every machine gets the same last digit.
    """
    if day <= points[0][0]:
        return points[0][1]
    for (left_day, left), (right_day, right) in pairwise(points):
        if day < right_day:
            x = (day - left_day).days / (right_day - left_day).days
            return left + (right - left) * (x * x * (3 - 2 * x))
    return points[-1][1]


def jitter(seed: int, *parts: str) -> float:
    """A number in [-1, 1) that depends on the seed and the parts, and on nothing else."""
    text = "\x1f".join((str(seed), *parts)).encode()
    whole = int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "big")
    return whole / 2**31 - 1


@lru_cache(maxsize=1)
def load_profiles() -> tuple[ServiceProfile, ...]:
    """Every simulated service, by service_id."""
    anchors: dict[str, list[Anchor]] = {}
    for row in _rows("take_up_anchors.csv"):
        anchor = Anchor(date.fromisoformat(row["on"]), float(row["ratio"]), row["because"])
        anchors.setdefault(row["service_id"], []).append(anchor)
    profiles = [_profile(row, anchors) for row in _rows("profiles.csv")]
    return tuple(sorted(profiles, key=lambda profile: profile.service_id))


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _profile(row: Mapping[str, str], anchors: Mapping[str, list[Anchor]]) -> ServiceProfile:
    return ServiceProfile(
        service_id=row["service_id"],
        department_abbreviation=row["department_abbreviation"],
        department_name=row["department_name"],
        organisation_name=row["organisation_name"],
        organisation_abbreviation=row["organisation_abbreviation"],
        service_name=row["service_name"],
        category=row["category"],
        customer_type=row["customer_type"],
        business_model=row["business_model"],
        live_from=date.fromisoformat(row["live_from"]),
        quarterly_volume=int(row["quarterly_volume"]),
        yearly_growth_ratio=float(row["yearly_growth_ratio"]),
        season=(
            float(row["season_jan"]),
            float(row["season_apr"]),
            float(row["season_jul"]),
            float(row["season_oct"]),
        ),
        is_digital_given=row["is_digital_given"] == "yes",
        cost_per_transaction_gbp=_pounds(row["cost_per_transaction_gbp"]),
        digital_cost_per_transaction_gbp=_pounds(row["digital_cost_per_transaction_gbp"]),
        has_starts=row["has_starts"] == "yes",
        anchors=tuple(sorted(anchors[row["service_id"]], key=lambda anchor: anchor.on)),
    )


def _pounds(text: str) -> Decimal | None:
    return Decimal(text) if text else None
