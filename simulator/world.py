"""What is simulated between two days: services by month, their channels, days and campaigns.

The answers are small tables of whole numbers. The stream of records looks them up with bits
of hashes, so that a record depends on its number and on nothing that ran before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from core.errors import UsageError
from core.registers import load_register
from simulator.profiles import ServiceProfile, jitter, load_profiles

LONDON = ZoneInfo("Europe/London")
SERVICE_SLOTS = 256
MIX_SLOTS = 512
DIGITAL_SCALE = 1 << 20
PARTS = 16384
"""The position of a record in the landing, in this many parts, decides its day of delivery."""

WEEKDAY_WEIGHTS = (1.15, 1.10, 1.05, 1.00, 0.95, 0.50, 0.35)
CAMPAIGN_DAYS = 42
CAMPAIGN_EFFECT = 0.02
CAMPAIGN_KINDS = ("leaflet", "radio", "online", "staff_signposting")
DIGITAL_CHANNELS = frozenset({"online", "api", "webchat", "email"})
OFFLINE_WEIGHTS = {"phone": 0.55, "paper": 0.40, "face_to_face": 0.15, "ivr": 0.10, "other": 0.05}


@dataclass(frozen=True)
class Combination:
    """What a transaction can be: every field that is not its own."""

    service_id: str
    channel: str
    assistance: str
    assistance_provider: str | None
    online_extent: str | None
    outcome: str

    @property
    def started_body(self) -> str:
        """Members of `data` of a started event, less the transaction."""
        return (
            f'"service_id":"{self.service_id}","channel":"{self.channel}"'
            f',"assistance":"{self.assistance}"'
        )

    @property
    def completed_body(self) -> str:
        """Members of `data` of a completed event, less the transaction."""
        optional = (
            ("assistance_provider", self.assistance_provider),
            ("online_extent", self.online_extent),
        )
        extras = "".join(f',"{name}":"{value}"' for name, value in optional if value is not None)
        return f'{self.started_body}{extras},"outcome":"{self.outcome}"'


@dataclass(frozen=True)
class Day:
    """One London day: its first instant in microseconds since 1970, its hours, its month."""

    number: int
    on: date
    start_us: int
    hours: int
    month: int


@dataclass(frozen=True)
class Campaign:
    """A campaign, with the block of records in which it is delivered."""

    block: int
    subject: str
    subject_id: str
    kind: str
    start: date
    end: date


@dataclass(frozen=True)
class World:
    """Tables of one simulation.

    parts: day of delivery by part of the landing.
    services: (key, service number, digital threshold), key = (month x 2 + group) x 256 + slot.
    mixes: (key, combination), key = (service number x 2 + is digital) x 512 + slot.
    alternatives: (key, channel, assistance) that a correction may give, key = combination x 8 + n.
    """

    days: tuple[Day, ...]
    parts: tuple[int, ...]
    services: tuple[tuple[int, int, int], ...]
    mixes: tuple[tuple[int, int], ...]
    combinations: tuple[Combination, ...]
    alternatives: tuple[tuple[int, str, str], ...]
    campaigns: tuple[Campaign, ...]
    barriers: tuple[str, ...]
    contact_reasons: tuple[str, ...]
    starts_share: float


def make_world(*, start: date, end: date, seed: int, blocks: int, seeds_dir: Path) -> World:
    """The tables for London days `start` to `end`, both included.

    Raises:
        UsageError: the days are in the wrong order, or no simulated service has a channel.
    """
    if end < start:
        raise UsageError("simulate: --to lies before --from")
    channels = channels_between(seeds_dir, start, end)
    departments = {
        row["service_id"]: row["department_id"] for row in load_register("services", seeds_dir)
    }
    profiles = [
        profile
        for profile in load_profiles()
        if profile.service_id in channels and profile.service_id in departments
    ]
    if not profiles:
        raise UsageError("simulate: the registers name no channel of any simulated service")
    months = _months(start, end)
    days = _days(start, end, months)
    weights = _weights(profiles, months)
    parts = _parts(days, weights)
    campaigns = _campaigns(profiles, departments, days, parts, blocks=blocks, seed=seed)
    combinations, mixes = _mixes(profiles, channels)
    totals = [sum(sum(row) for row in weights[group]) for group in (0, 1)]
    if not sum(totals):
        raise UsageError("simulate: no simulated service is live on these days")
    return World(
        days=days,
        parts=parts,
        services=_services(profiles, channels, months, weights, campaigns),
        mixes=mixes,
        combinations=combinations,
        alternatives=_alternatives(combinations, channels),
        campaigns=campaigns,
        barriers=tuple(row["barrier"] for row in load_register("barriers", seeds_dir)),
        contact_reasons=tuple(row["reason"] for row in load_register("contact_reasons", seeds_dir)),
        starts_share=totals[1] / sum(totals),
    )


def largest_remainders(weights: Sequence[float], slots: int) -> list[int]:
    """Share out `slots` in proportion to the weights; a weight above 0 gets one at least."""
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    exact = [weight / total * slots for weight in weights]
    shares = [max(int(value), int(value > 0)) for value in exact]
    order = sorted(range(len(weights)), key=lambda n: (int(exact[n]) - exact[n], n))
    while sum(shares) < slots:
        for n in order:
            if sum(shares) < slots and weights[n] > 0:
                shares[n] += 1
    while sum(shares) > slots:
        shares[max(range(len(shares)), key=lambda n: (shares[n], -n))] -= 1
    return shares


def channels_between(seeds_dir: Path, start: date, end: date) -> dict[str, list[str]]:
    """Channels that the register expects of each service throughout the simulated days."""
    channels: dict[str, list[str]] = {}
    for row in load_register("service_channels", seeds_dir):
        begins = date.fromisoformat(row["valid_from"]) if row["valid_from"] else date.min
        ends = date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max
        if row["expectation"] == "expected" and begins <= start and end <= ends:
            channels.setdefault(row["service_id"], []).append(row["channel"])
    return channels


def _months(start: date, end: date) -> list[date]:
    """First days of the months that the simulation touches."""
    months = [start.replace(day=1)]
    while (following := _next_month(months[-1])) <= end:
        months.append(following)
    return months


def _next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _days(start: date, end: date, months: Sequence[date]) -> tuple[Day, ...]:
    numbers = {month: number for number, month in enumerate(months)}
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    count = (end - start).days + 1
    dates = [start + timedelta(days=number) for number in range(count + 1)]
    starts = [
        (datetime.combine(day, time.min, LONDON).astimezone(UTC) - epoch) // timedelta(seconds=1)
        for day in dates
    ]
    return tuple(
        Day(
            number=number,
            on=dates[number],
            start_us=first * 1_000_000,
            hours=(following - first) // 3600,
            month=numbers[dates[number].replace(day=1)],
        )
        for number, (first, following) in enumerate(pairwise(starts))
    )


Weights = tuple[list[list[float]], list[list[float]]]
"""Weight of each service in each month: services without starts, then those with."""


def _weights(profiles: Sequence[ServiceProfile], months: Sequence[date]) -> Weights:
    """Square roots of the volumes, so that a small service is still seen among millions."""
    by_group: Weights = ([], [])
    for month in months:
        rows = [
            (profile.volume_in_quarter(month.replace(day=15)) / 3) ** 0.5 for profile in profiles
        ]
        for group in (0, 1):
            by_group[group].append(
                [
                    weight if profile.has_starts == bool(group) else 0.0
                    for profile, weight in zip(profiles, rows, strict=True)
                ]
            )
    return by_group


def _parts(days: Sequence[Day], weights: Weights) -> tuple[int, ...]:
    """Day of delivery of each part: busier days hold more parts, none is out of order."""
    daily = [
        WEEKDAY_WEIGHTS[day.on.weekday()]
        * (sum(weights[0][day.month]) + sum(weights[1][day.month]))
        for day in days
    ]
    total, reached = sum(daily), 0.0
    parts: list[int] = []
    for day, weight in zip(days, daily, strict=True):
        reached += weight
        until = round(reached / total * PARTS) if total else PARTS
        parts.extend([day.number] * (until - len(parts)))
    return tuple(parts + [days[-1].number] * (PARTS - len(parts)))


def _campaigns(
    profiles: Sequence[ServiceProfile],
    departments: Mapping[str, str],
    days: Sequence[Day],
    parts: Sequence[int],
    *,
    blocks: int,
    seed: int,
) -> tuple[Campaign, ...]:
    """One campaign per service and year at most, each in a block of its own, after it began."""
    campaigns: list[Campaign] = []
    taken: set[int] = set()
    for year in range(days[0].on.year, days[-1].on.year + 1):
        for number, profile in enumerate(profiles):
            offset = int((jitter(seed, "campaign", profile.service_id, str(year)) + 1) * 160)
            start = date(year, 1, 1) + timedelta(days=offset)
            if not (days[0].on <= start <= days[-1].on and profile.live_from <= start):
                continue
            first_part = next(
                (n for n, day in enumerate(parts) if days[day].on >= start), len(parts)
            )
            # Rounded up: the block lies wholly on or after the day on which the campaign began.
            block = -(-first_part * blocks // PARTS) + 1
            while block in taken:
                block += 1
            if block >= blocks:
                continue
            taken.add(block)
            department_id = departments[profile.service_id]
            is_department = number % 5 == 4 and department_id != ""
            campaigns.append(
                Campaign(
                    block=block,
                    subject="department_id" if is_department else "service_id",
                    subject_id=department_id if is_department else profile.service_id,
                    kind=CAMPAIGN_KINDS[(number + year) % len(CAMPAIGN_KINDS)],
                    start=start,
                    end=start + timedelta(days=CAMPAIGN_DAYS - 1),
                )
            )
    return tuple(campaigns)


def _services(
    profiles: Sequence[ServiceProfile],
    channels: Mapping[str, Sequence[str]],
    months: Sequence[date],
    weights: Weights,
    campaigns: Sequence[Campaign],
) -> tuple[tuple[int, int, int], ...]:
    rows: list[tuple[int, int, int]] = []
    for number, month in enumerate(months):
        for group in (0, 1):
            # A group without a live service borrows the other's: its places are never left empty.
            row = weights[group][number]
            row = row if sum(row) else weights[1 - group][number]
            slot = (number * 2 + group) * SERVICE_SLOTS
            for service, share in enumerate(largest_remainders(row, SERVICE_SLOTS)):
                threshold = _threshold(profiles[service], channels, month, campaigns)
                rows.extend((slot + n, service, threshold) for n in range(share))
                slot += share
    return tuple(rows)


def _threshold(
    profile: ServiceProfile,
    channels: Mapping[str, Sequence[str]],
    month: date,
    campaigns: Sequence[Campaign],
) -> int:
    """Digital take-up of a service in a month, on the scale that the stream compares with."""
    served = channels[profile.service_id]
    if not any(channel in DIGITAL_CHANNELS for channel in served):
        return 0
    if all(channel in DIGITAL_CHANNELS for channel in served):
        return DIGITAL_SCALE
    ratio = profile.take_up_on(month.replace(day=15))
    is_helped = any(
        campaign.subject_id == profile.service_id
        and campaign.start <= month.replace(day=28)
        and month <= campaign.end
        for campaign in campaigns
    )
    if is_helped and 0 < ratio < 1:
        ratio = min(1.0, ratio + CAMPAIGN_EFFECT)
    return round(ratio * DIGITAL_SCALE)


def _mixes(
    profiles: Sequence[ServiceProfile], channels: Mapping[str, Sequence[str]]
) -> tuple[tuple[Combination, ...], tuple[tuple[int, int], ...]]:
    combinations: list[Combination] = []
    rows: list[tuple[int, int]] = []
    for service, profile in enumerate(profiles):
        for is_digital in (False, True):
            served = [
                channel
                for channel in channels[profile.service_id]
                if (channel in DIGITAL_CHANNELS) == is_digital
            ]
            weighted = [
                choice for channel in served for choice in _choices(profile.service_id, channel)
            ]
            slot = (service * 2 + is_digital) * MIX_SLOTS
            shares = largest_remainders([weight for _, weight in weighted], MIX_SLOTS)
            for (combination, _), share in zip(weighted, shares, strict=True):
                if share:
                    rows.extend((slot + n, len(combinations)) for n in range(share))
                    combinations.append(combination)
                    slot += share
    return tuple(combinations), tuple(rows)


def _choices(service_id: str, channel: str) -> list[tuple[Combination, float]]:
    """Everything that a transaction of a channel can be, weighted."""
    helpers: tuple[tuple[str | None, float], ...] = (
        ("department", 0.45),
        ("post_office", 0.10),
        ("third_party", 0.20),
        (None, 0.25),
    )
    if service_id.startswith("dwp-"):
        helpers = (("department", 0.30), ("jobcentre", 0.40), ("third_party", 0.15), (None, 0.15))
    if channel in DIGITAL_CHANNELS:
        helped: tuple[tuple[str, float], ...] = (
            ("none", 0.90),
            ("talk_through", 0.04),
            ("on_behalf", 0.06),
        )
        extents: tuple[tuple[str | None, float], ...] = (
            ("all", 0.78),
            ("significant", 0.10),
            ("some", 0.06),
            (None, 0.06),
        )
    else:
        is_spoken = channel in ("phone", "face_to_face")
        helped = (("none", 0.90), ("talk_through", 0.10)) if is_spoken else (("none", 1.0),)
        extents = ((None, 0.70), ("none", 0.25), ("some", 0.05))
    choices = []
    for assistance, weight in helped:
        providers = helpers if assistance != "none" else ((None, 1.0),)
        for provider, provider_weight in providers:
            for extent, extent_weight in extents:
                for outcome, outcome_weight in (("intended", 0.93), ("not_eligible", 0.07)):
                    choices.append(
                        (
                            Combination(service_id, channel, assistance, provider, extent, outcome),
                            OFFLINE_WEIGHTS.get(channel, 1.0)
                            * weight
                            * provider_weight
                            * extent_weight
                            * outcome_weight,
                        )
                    )
    return choices


def _alternatives(
    combinations: Sequence[Combination], channels: Mapping[str, Sequence[str]]
) -> tuple[tuple[int, str, str], ...]:
    """What a correction may say: another channel of the service, or other assistance.

    Where a provider is named the assistance stays: a correction says nothing about providers,
    and none of them assists with nothing.
    """
    rows: list[tuple[int, str, str]] = []
    for number, combination in enumerate(combinations):
        assistances = (
            ("none", "on_behalf", "talk_through")
            if combination.assistance_provider is None
            else (combination.assistance,)
        )
        others = [
            (channel, assistance)
            for channel in channels[combination.service_id]
            for assistance in assistances
            if (channel, assistance) != (combination.channel, combination.assistance)
        ] or [(combination.channel, combination.assistance)]
        rows.extend((number * 8 + n, *others[n % len(others)]) for n in range(8))
    return tuple(rows)
