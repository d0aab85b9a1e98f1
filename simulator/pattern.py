"""The pattern of a block of 1,000 records: which place holds what kind of record.

Every simulated file repeats it. Given a record's number, its kind and the records that it
refers to follow by arithmetic alone, so any stretch of a landing can be made by itself, and
ratios hold exactly over whole blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from core.errors import UsageError
from simulator.profiles import jitter

BLOCK = 1000
FEEDBACK_SLOTS = 20
CONTACT_SLOTS = 9
ABANDONED_RATIO = 0.08
"""Transactions begun and not completed, per completed one, in services that record starts."""


class Kind(IntEnum):
    """What a record is."""

    COMPLETED = 0
    STARTED = 1
    FEEDBACK = 2
    CONTACT = 3
    VOIDED = 4
    CORRECTED = 5
    CAMPAIGN = 6
    BROKEN = 7
    DUPLICATE = 8


class Shape(IntEnum):
    """How a correction finds its transaction."""

    NONE = 0
    PLAIN = 1
    """An earlier transaction."""
    AHEAD = 2
    """A transaction that is delivered later: the correction arrives before its original."""
    SAME = 3
    """The transaction of the correction before it: corrected twice, or corrected and voided."""
    CHAIN = 4
    """It names the correction before it, not the transaction."""
    TIE = 5
    """As SAME, at the very same moment: identity decides which one holds."""
    NOTHING = 6
    """A transaction that does not exist."""


SHAPES = (
    (Kind.CORRECTED, Shape.PLAIN),
    (Kind.CORRECTED, Shape.CHAIN),
    (Kind.VOIDED, Shape.PLAIN),
    (Kind.CORRECTED, Shape.AHEAD),
    (Kind.CORRECTED, Shape.SAME),
    (Kind.CORRECTED, Shape.TIE),
    (Kind.CORRECTED, Shape.PLAIN),
    (Kind.VOIDED, Shape.SAME),
    (Kind.VOIDED, Shape.AHEAD),
    (Kind.CORRECTED, Shape.NOTHING),
)
"""Corrections of a block in order of place, over and over. SAME, CHAIN and TIE refer to the
nearest correction of shape PLAIN before them; NOTHING is PLAIN where no faults are wanted."""


@dataclass(frozen=True)
class Ratios:
    """Shares of the delivered records: 0 to 1, kept to a thousandth."""

    duplicates: float = 0.05
    late: float = 0.02
    corrected: float = 0.01
    broken: float = 0.0

    def __post_init__(self) -> None:
        parts = (self.duplicates, self.late, self.corrected, self.broken)
        if not all(0 <= part <= 0.3 for part in parts):
            raise UsageError("simulate: each ratio must lie between 0 and 0.3")


@dataclass(frozen=True)
class Slot:
    """One place of the block.

    has_starts: the transaction belongs to a service that records starts.
    ref_slot: place of the record that this one refers to; its own where it refers to none.
    correctable_before: how many correctable places lie before `ref_slot`.
    repeatable_before: how many places that may be delivered again lie before this one.
    """

    slot: int
    kind: Kind
    has_starts: bool
    is_late: bool
    shape: Shape
    ref_slot: int
    correctable_before: int
    repeatable_before: int


@dataclass(frozen=True)
class Pattern:
    """The 1,000 places, and the lists of places that others choose from."""

    slots: tuple[Slot, ...]
    correctable: tuple[int, ...]
    repeatable: tuple[int, ...]
    late: tuple[int, ...]
    first_broken: int | None
    conflict: int | None

    @property
    def last(self) -> int:
        """The place where a campaign may stand instead of a contact."""
        return BLOCK - 1


def make_pattern(ratios: Ratios, *, starts_share: float, with_faults: bool) -> Pattern:
    """Lay out a block.

    starts_share: part of the completed transactions whose service records starts, 0 to 1.
    """
    kinds, pairs = _kinds(ratios, starts_share)
    broken = [slot for slot, (kind, _) in enumerate(kinds) if kind is Kind.BROKEN]
    completed = [slot for slot, (kind, _) in enumerate(kinds) if kind is Kind.COMPLETED]
    # The last broken place takes the identity of a completed transaction before it. That one is
    # neither delivered again nor corrected: which of the two stays is decided by file hashes.
    conflict = broken[-1] if with_faults and len(broken) > 1 else None
    victim = max((s for s in completed if conflict is not None and s < conflict), default=None)
    late = tuple(
        slot for slot in _spread(completed[1:], round(ratios.late * BLOCK)) if slot != victim
    )
    correctable = tuple(slot for slot in completed if slot != victim)
    repeatable = tuple(
        slot
        for slot, (kind, _) in enumerate(kinds[:-1])
        if kind not in (Kind.BROKEN, Kind.DUPLICATE) and slot != victim
    )
    shapes = _shapes(kinds, with_faults=with_faults, has_late=bool(late))
    slots = []
    for slot, (kind, has_starts) in enumerate(kinds):
        shape, anchor = shapes.get(slot, (Shape.NONE, slot))
        ref_slot = pairs.get(slot, anchor)
        if slot == conflict and victim is not None:
            ref_slot = victim
        slots.append(
            Slot(
                slot=slot,
                kind=kind,
                has_starts=has_starts,
                is_late=slot in late,
                shape=shape,
                ref_slot=ref_slot,
                correctable_before=sum(1 for place in correctable if place < ref_slot),
                repeatable_before=sum(1 for place in repeatable if place < slot),
            )
        )
    first_broken = broken[0] if broken else None
    return Pattern(tuple(slots), correctable, repeatable, late, first_broken, conflict)


def _kinds(ratios: Ratios, starts_share: float) -> tuple[list[tuple[Kind, bool]], dict[int, int]]:
    """Kind of each place with its group, and the completed place of each started one."""
    counts = {
        Kind.DUPLICATE: round(ratios.duplicates * BLOCK),
        Kind.CORRECTED: round(ratios.corrected * BLOCK),
        Kind.BROKEN: round(ratios.broken * BLOCK),
        Kind.FEEDBACK: FEEDBACK_SLOTS,
        Kind.CONTACT: CONTACT_SLOTS,
    }
    # Two places are fixed: a completed transaction first, so that there is always one to
    # deliver again or correct, and the contact that may become a campaign last.
    left = BLOCK - 2 - sum(counts.values())
    completed = left / (1 + starts_share * (1 + ABANDONED_RATIO))
    with_starts = round(completed * starts_share)
    abandoned = round(with_starts * ABANDONED_RATIO)
    without = left - 2 * with_starts - abandoned
    items = [(kind, bool(n % 2)) for kind, count in counts.items() for n in range(count)]
    items += [(Kind.COMPLETED, True)] * with_starts + [(Kind.STARTED, True)] * with_starts
    items += [(Kind.STARTED, True)] * abandoned + [(Kind.COMPLETED, False)] * without
    order = sorted(range(len(items)), key=lambda index: jitter(0, "pattern", str(index)))
    first = (Kind.COMPLETED, starts_share >= 1)
    kinds = [first, *(items[index] for index in order), (Kind.CONTACT, False)]
    return kinds, _pairs(kinds)


def _pairs(kinds: list[tuple[Kind, bool]]) -> dict[int, int]:
    """The completed place of each start that was completed: always one before it.

    A start is dated by its completion, and nothing is delivered before it happened. Places that
    came out the other way round change their kinds.
    """
    completions = [s for s, item in enumerate(kinds) if s and item == (Kind.COMPLETED, True)]
    starts = [s for s, (kind, _) in enumerate(kinds) if kind is Kind.STARTED]
    pairs: dict[int, int] = {}
    for start, completion in zip(starts, completions, strict=False):
        first, second = sorted((start, completion))
        kinds[first], kinds[second] = (Kind.COMPLETED, True), (Kind.STARTED, True)
        pairs[second] = first
    return pairs


def _shapes(
    kinds: list[tuple[Kind, bool]], *, with_faults: bool, has_late: bool
) -> dict[int, tuple[Shape, int]]:
    """Shape and anchor of each correction; sets the kind of those that void."""
    shapes: dict[int, tuple[Shape, int]] = {}
    anchor = 0
    places = [slot for slot, (kind, _) in enumerate(kinds) if kind is Kind.CORRECTED]
    for number, slot in enumerate(places):
        kind, shape = SHAPES[number % len(SHAPES)]
        if (shape is Shape.NOTHING and not with_faults) or (shape is Shape.AHEAD and not has_late):
            shape = Shape.PLAIN
        kinds[slot] = (kind, kinds[slot][1])
        if kind is Kind.CORRECTED and shape is Shape.PLAIN:
            anchor = slot
        refers_back = shape in (Shape.SAME, Shape.CHAIN, Shape.TIE)
        shapes[slot] = (shape, anchor if refers_back else slot)
    return shapes


def _spread(places: list[int], count: int) -> list[int]:
    """`count` of the places, evenly."""
    count = min(count, len(places))
    return [places[number * len(places) // count] for number in range(count)]
