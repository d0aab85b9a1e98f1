"""The oracle's face: every mart as of a moment, from the published files and the registers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from tests.oracle.activity import Activity, activity
from tests.oracle.aggregate_revisions import (
    AggregateRevision,
    State,
    revisions_between,
    state,
)
from tests.oracle.channel_shift import ChannelShift, channel_shift
from tests.oracle.decomposition import (
    Change,
    Contribution,
    Decomposition,
    LikeForLike,
    changes,
    contribution_rows,
    decomposition_row,
    like_for_like,
)
from tests.oracle.departments import DepartmentTakeUp, Owners, department_take_up
from tests.oracle.knowledge import (
    DatedListing,
    Statement,
    cells_as_of,
    listings_as_of,
    statements_by_cell,
)
from tests.oracle.lists import (
    OfflineVolume,
    Unmeasured,
    offline_volumes,
    unmeasured_services,
)
from tests.oracle.registers import Registers, read_registers
from tests.oracle.revisions import Revision, revisions
from tests.oracle.take_up import TakeUp, headline, take_up
from tests.oracle.targets import TargetAttainment, target_attainment
from tests.oracle.vintages import CellKey, Vintage, read_vintages

END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Measures:
    """The marts as of one moment, each computed when it is first asked for."""

    vintages: Sequence[Vintage]
    histories: dict[CellKey, list[Statement]]
    registers: Registers
    moment: datetime

    @cached_property
    def take_up(self) -> list[TakeUp]:
        return take_up(cells_as_of(self.histories, self.moment), self.registers)

    @cached_property
    def take_up_headline(self) -> list[TakeUp]:
        return headline(self.take_up)

    @cached_property
    def listings(self) -> dict[str, list[DatedListing]]:
        return listings_as_of(self.vintages, self.moment)

    @cached_property
    def owners(self) -> Owners:
        return Owners(self.listings, self.registers, self.moment)

    @cached_property
    def activity(self) -> Activity | None:
        return activity(self.take_up, self.vintages, self.registers, self.moment)

    @cached_property
    def department_take_up(self) -> list[DepartmentTakeUp]:
        return department_take_up(self.activity, self.owners)

    @cached_property
    def state(self) -> State | None:
        if self.activity is None:
            return None
        known = [vintage for vintage in self.vintages if vintage.published_at <= self.moment]
        return state(self.activity, self.owners, known[-1].published_at)

    @cached_property
    def unmeasured_services(self) -> list[Unmeasured]:
        return unmeasured_services(self.activity, self.owners)

    @cached_property
    def offline_volumes(self) -> list[OfflineVolume]:
        return offline_volumes(self.activity)

    @cached_property
    def channel_shift(self) -> list[ChannelShift]:
        return channel_shift(self.take_up, self.registers)

    @cached_property
    def changes(self) -> list[Change]:
        return list(changes(self.activity, self.owners))

    @cached_property
    def channel_shift_decomposition(self) -> list[Decomposition]:
        return [decomposition_row(change) for change in self.changes]

    @cached_property
    def channel_shift_contributions(self) -> list[Contribution]:
        return [row for change in self.changes for row in contribution_rows(change)]

    @cached_property
    def take_up_like_for_like(self) -> list[LikeForLike]:
        return like_for_like(self.changes)

    @cached_property
    def target_attainment(self) -> list[TargetAttainment]:
        has_bodies = any(target.service_id is None for target in self.registers.targets)
        bodies = self.department_take_up if has_bodies else []
        return target_attainment(self.take_up, bodies, self.registers)

    @cached_property
    def revisions(self) -> list[Revision]:
        causes = self.registers.revision_causes
        return revisions(self.histories, self.vintages, causes, self.moment)


@dataclass(frozen=True)
class Oracle:
    """The published files and the registers, read once."""

    vintages: list[Vintage]
    registers: Registers
    histories: dict[CellKey, list[Statement]]
    asked: dict[int, Measures] = field(default_factory=dict)

    def as_of(self, moment: datetime) -> Measures:
        """The marts as of a moment. What is known changes only with a publication, so moments
        between the same two publications share an answer."""
        known = sum(vintage.published_at <= moment for vintage in self.vintages)
        if known not in self.asked:
            self.asked[known] = Measures(self.vintages, self.histories, self.registers, moment)
        return self.asked[known]

    def aggregate_revisions(self) -> list[AggregateRevision]:
        """Every publication against the one before."""
        moments = [vintage.published_at for vintage in self.vintages]
        states = [self.as_of(moment).state for moment in moments]
        return [
            row
            for old, new in pairwise(states)
            if old is not None and new is not None
            for row in revisions_between(old, new)
        ]

    def now(self) -> Measures:
        """The marts with everything known."""
        return self.as_of(END_OF_TIME)


def read_oracle(vintages_dir: Path, seeds_dir: Path) -> Oracle:
    """The oracle over a folder of vintages and a folder of registers."""
    vintages = read_vintages(vintages_dir)
    return Oracle(vintages, read_registers(seeds_dir), statements_by_cell(vintages))
