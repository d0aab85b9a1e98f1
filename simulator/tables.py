"""The tables that the SQL of the stream looks things up in, made from pattern and world."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from simulator.pattern import BLOCK, Pattern
from simulator.rows import NOTHING, SOURCE
from simulator.world import World

if TYPE_CHECKING:
    import pyarrow as pa


def world_tables(pattern: Pattern, world: World) -> dict[str, pa.Table]:
    """All of them, by name."""
    return {
        "pattern": _slots(pattern),
        "places": _table(
            "rank repeatable correctable late",
            [
                *zip_longest(range(BLOCK), pattern.repeatable, pattern.correctable, pattern.late),
                (NOTHING, None, None, None),
            ],
        ),
        "parts": _table("part day", list(enumerate(world.parts))),
        "days": _table(
            "day start_us hours month",
            [(day.number, day.start_us, day.hours, day.month) for day in world.days],
        ),
        "services": _table("key service digital_threshold", world.services),
        "mixes": _table("key combination", world.mixes),
        "combinations": _combinations(world),
        "alternatives": _table(
            "key channel assistance", [*world.alternatives, (NOTHING, None, None)]
        ),
        "campaigns": _campaigns(world),
    }


def _table(names: str, rows: Sequence[Sequence[Any]]) -> pa.Table:
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names.split())
    return pa.table(dict(zip(names.split(), map(list, columns), strict=True)))


def _slots(pattern: Pattern) -> pa.Table:
    return _table(
        "slot kind has_starts is_late shape ref_slot correctable_before repeatable_before",
        [
            (
                slot.slot,
                int(slot.kind),
                int(slot.has_starts),
                slot.is_late,
                int(slot.shape),
                slot.ref_slot,
                slot.correctable_before,
                slot.repeatable_before,
            )
            for slot in pattern.slots
        ],
    )


def _combinations(world: World) -> pa.Table:
    return _table(
        "combination service_id channel assistance assistance_provider online_extent outcome"
        " event_source started_body completed_body",
        [
            (
                number,
                combination.service_id,
                combination.channel,
                combination.assistance,
                combination.assistance_provider,
                combination.online_extent,
                combination.outcome,
                SOURCE + combination.service_id,
                combination.started_body,
                combination.completed_body,
            )
            for number, combination in enumerate(world.combinations)
        ],
    )


def _campaigns(world: World) -> pa.Table:
    starts = {day.on: day.start_us for day in world.days}
    return _table(
        "block campaign_us campaign_subject campaign_subject_id campaign_kind"
        " campaign_start campaign_end",
        [
            (
                campaign.block,
                starts[campaign.start] + timedelta(hours=9) // timedelta(microseconds=1),
                campaign.subject,
                campaign.subject_id,
                campaign.kind,
                campaign.start.isoformat(),
                campaign.end.isoformat(),
            )
            for campaign in world.campaigns
        ]
        + [(NOTHING, 0, "", "", "", "", "")],
    )
