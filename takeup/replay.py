"""Replay: the warehouse is a projection of the log, made again from nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.settings import Settings

if TYPE_CHECKING:
    from publish.database import WarehouseVersion


@dataclass(frozen=True)
class Replayed:
    """Table hashes of the published file before and after; None before where there was none.

    `changed` says what else is new since the file before: `log`, `code`, both or neither.
    """

    before: dict[str, str] | None
    after: dict[str, str]
    changed: tuple[str, ...] = ()

    @property
    def differing(self) -> list[str]:
        """Tables that are not what they were; empty also when there was nothing to compare."""
        if self.before is None:
            return []
        names = self.before.keys() | self.after.keys()
        return sorted(name for name in names if self.before.get(name) != self.after.get(name))

    def as_dict(self) -> dict[str, Any]:
        """Fit for JSON."""
        return asdict(self) | {"differing": self.differing}

    def lines(self) -> Iterator[str]:
        """For a person."""
        yield f"replayed {len(self.after)} tables from the log"
        if self.before is None:
            yield "there was no published file to compare with"
        elif self.differing:
            why = " and ".join(f"the {what}" for what in self.changed)
            since = f"{why} changed since" if why else "with the same log and code: look into it"
            yield f"other than before ({since}): " + ", ".join(self.differing)
        else:
            yield "every table is what it was, to the last row"


def replay(settings: Settings) -> Replayed:
    """Build, gate and publish from the log alone, and compare with what was published."""
    from publish.fingerprint import table_hashes
    from takeup import nightly
    from takeup.build import build

    published = settings.published_file
    before = table_hashes(published) if published.is_file() else None
    old = _version(published) if before is not None else None
    build(settings, full=True)
    run_id = nightly.new_run_id()
    nightly.gate_warehouse(settings, run_id=run_id)
    nightly.publish(settings, run_id=run_id)
    new = _version(published)
    changed = {
        "log": old is not None and old.chain_head != new.chain_head,
        "code": old is not None and old.code_version != new.code_version,
    }
    return Replayed(
        before,
        table_hashes(published),
        changed=tuple(what for what, has_changed in changed.items() if has_changed),
    )


def _version(published: Path) -> WarehouseVersion:
    from publish.database import reading, version_of

    with reading(published) as connection:
        return version_of(connection)


def rebuild_at(settings: Settings, log_version: int) -> Path:
    """A warehouse as it was at an older version of the log, in a folder of its own."""
    from takeup.build import build_at

    return build_at(settings, log_version)
