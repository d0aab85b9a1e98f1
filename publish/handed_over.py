"""Packs that a publication calls for: the latest, recipients' own, and what follows those that were
handed over and have changed."""

from __future__ import annotations

from pathlib import Path

from core.errors import TakeupError
from core.settings import SEEDS, Settings
from publish.export import export_latest_quarter, export_quarter
from publish.pack import Pack
from publish.receipts import Receipts
from publish.recipients import recipients_of


def export_changed(settings: Settings, *, registers: Path = SEEDS) -> list[Pack]:
    """Make the pack of the latest quarter, for government and for each department that is a
    recipient's; and an edition of each earlier pack that was handed over, by its receipts, and of
    which a record has changed. A pack as of a moment, or of a version of the log, says what it
    said.

    A pack that can't be made keeps no other from being made.

    Raises:
        UsageError: the register of recipients is broken.
        TakeupError: at the end, where some could not be made, with what is wrong with each.
    """
    departments = {one.department_id for one in recipients_of(registers)} | {None}
    handed_over = {
        (one.quarter, one.department) for one in Receipts(settings.receipts).all() if one.follows
    }
    packs, problems = [], []
    for department in sorted(departments, key=str):
        try:
            latest = export_latest_quarter(settings, department=department)
        except TakeupError as error:
            problems.append(f"the latest {department or ''}".strip() + f": {error}")
            continue
        if latest is not None:
            packs.append(latest)
            handed_over.discard((str(latest.manifest["quarter"]), department))
    for quarter, department in sorted(handed_over, key=str):
        try:
            packs.append(
                export_quarter(
                    settings, quarter=quarter, department=department, only_new_records=True
                )
            )
        except TakeupError as error:
            problems.append(f"{quarter} {department or ''}".strip() + f": {error}")
    if problems:
        raise TakeupError(f"packs could not be made: {'; '.join(problems)}")
    return packs
