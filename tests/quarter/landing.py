"""What lands night by night: the simulator's days of events, and what the plan has beside them.

The simulator's own days have what every day has: a few records that are late, redelivered,
corrected or void. What is made here is much of one kind, in a night that is known.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from simulator.events import simulate_events
from simulator.landing import VINTAGES, Vintage, publication
from simulator.profiles import load_profiles
from simulator.returns import simulate_returns
from simulator.small_body import simulate_small_body
from tests.quarter.plan import Plan
from tests.support.events import CORRECTED, VOIDED, Event, envelope, lines
from tests.support.publications import manifest

EVENTS_A_DAY: Final = 600
"""On the mean: some 800 on a Monday, 250 on a Sunday."""
SILENT: Final = ("dwp-jobseekers-allowance-jsa-new-claims", "online")
"""The feed that goes silent, and brings what it held back when it comes again."""
CHANGED: Final = 10
"""Transactions that are corrected, and as many that are void, in the night for that."""
EVERY: Final = 5
"""Of the second night's records one of so many is late."""
WRONG_PUBLISHED_AT: Final = "2015-05-20T09:30:00+01:00"
WRONG_NAME: Final = "services-2015-05-20.csv"
IMPOSSIBLE: Final = "99,999,999,999"
RETURNS_QUARTER: Final = "2015-q1"

Files = dict[str, bytes]


def make_landing(plan: Plan, scratch: Path) -> dict[int, Files]:
    """The files of each night, by their names below the landing folder."""
    days = _days(plan, scratch)
    found: dict[int, Files] = {night: {} for night in plan.numbers}
    held_back, days = _without_the_silent(plan, days)
    for night in plan.numbers:
        if night == plan.night_of("nothing new"):
            continue
        records = days[night]
        if night - 1 == plan.night_of("nothing new"):
            records = [*days[night - 1], *records]
        if night == plan.night_of("back"):
            records = [*held_back, *records]
        found[night]["events.jsonl"] = lines(*records)
    first, second = (_published(vintage) for vintage in VINTAGES)
    found[plan.night_of("published")] |= first
    found[plan.night_of("restated")] |= second
    found[plan.night_of("tripped")] |= _wrong_publication()
    returned, again = _returns(scratch / "returns")
    found[plan.night_of("returned")] |= returned
    found[plan.night_of("returned again")] |= again
    found[plan.night_of("unregistered")] |= _small_body(scratch / "body")
    on_the_second = found[2]["events.jsonl"].splitlines()
    late = on_the_second[::EVERY]
    found[2]["events.jsonl"] = lines(*(one for one in on_the_second if one not in set(late)))
    found[plan.night_of("late")]["late.jsonl"] = lines(*late)
    redelivered = found[plan.night_of("redelivered") - 1]["events.jsonl"].splitlines()
    found[plan.night_of("redelivered")]["again.jsonl"] = lines(*redelivered[::2])
    corrected = plan.night_of("corrected")
    found[corrected]["corrections.jsonl"] = _corrections(
        found[corrected - 1]["events.jsonl"], time=plan.moment(corrected) - timedelta(hours=1)
    )
    return {
        night: {f"night-{night:03}/{name}": content for name, content in files.items()}
        for night, files in found.items()
    }


def true_publications(folder: Path) -> Path:
    """The publications that were not set aside, in a folder of their own: what the oracle reads."""
    folder.mkdir()
    published = {
        vintage.file_name: (vintage.published_at, _published(vintage)[_place(vintage)])
        for vintage in VINTAGES
    }
    for name, (_, content) in published.items():
        (folder / name).write_bytes(content)
    (folder / "vintages.csv").write_bytes(manifest(published))
    return folder


def _days(plan: Plan, scratch: Path) -> dict[int, list[bytes]]:
    made = simulate_events(
        scratch / "events",
        events=EVENTS_A_DAY * plan.nights,
        seed=1,
        start=plan.first_day,
        end=plan.day(plan.nights),
        files="daily",
    )
    return {
        night: (made.landing / f"events-{plan.day(night)}.jsonl").read_bytes().splitlines()
        for night in plan.numbers
    }


def _without_the_silent(
    plan: Plan, days: dict[int, list[bytes]]
) -> tuple[list[bytes], dict[int, list[bytes]]]:
    """Records of the feed that goes silent, and the days without them."""
    held_back: list[bytes] = []
    kept: dict[int, list[bytes]] = {}
    for night, records in days.items():
        kept[night] = []
        for record in records:
            is_held_back = plan.is_silent(night) and _is_of_the_silent(record)
            (held_back if is_held_back else kept[night]).append(record)
    return held_back, kept


def _is_of_the_silent(record: bytes) -> bool:
    data = json.loads(record)["data"]
    return (data.get("service_id"), data.get("channel")) == SILENT


def _place(vintage: Vintage) -> str:
    return f"published/{vintage.file_name}"


def _published(vintage: Vintage) -> Files:
    content = publication(load_profiles(), vintage, seed=1).encode()
    known = manifest({vintage.file_name: (vintage.published_at, content)})
    return {_place(vintage): content, "published/vintages.csv": known}


def _wrong_publication() -> Files:
    """One that lists every service with a total that can't be."""
    table = list(csv.reader(io.StringIO(publication(load_profiles(), VINTAGES[0], seed=1))))
    total = max(n for n, name in enumerate(table[0]) if name.startswith("Total transactions"))
    for row in table[1:]:
        row[total] = IMPOSSIBLE
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(table)
    content = stream.getvalue().encode()
    known = manifest({WRONG_NAME: (WRONG_PUBLISHED_AT, content)})
    return {f"published/{WRONG_NAME}": content, "published/vintages.csv": known}


def _returns(folder: Path) -> tuple[Files, Files]:
    """A return, and the same sent again with other counts."""
    sent: dict[str, list[Path]] = {}
    for path in sorted(simulate_returns(folder)):
        department, _, rest = path.name.partition(f"-{RETURNS_QUARTER}-")
        if rest:
            sent.setdefault(department, []).append(path)
    (twice,) = [paths for paths in sent.values() if len(paths) == 2]
    first, again = ({f"returns/{path.name}": path.read_bytes()} for path in twice)
    return first, again


def _small_body(folder: Path) -> Files:
    """Figures of a department that no register knows."""
    simulate_small_body(folder)
    return {f"body/{path.name}": path.read_bytes() for path in sorted(folder.iterdir())}


def _corrections(content: bytes, *, time: datetime) -> bytes:
    """Voids and corrections of transactions that the night before took in."""
    events = (json.loads(line) for line in content.splitlines())
    completed = [one for one in events if "transaction.completed" in one["type"]]
    chosen = completed[: 2 * CHANGED]
    at = time.isoformat()
    return lines(
        *_changes(chosen[:CHANGED], VOIDED, "voids", {"reason": "entered twice"}, at),
        *_changes(
            chosen[CHANGED:],
            CORRECTED,
            "corrects",
            {"channel": "paper", "assistance": "none"},
            at,
        ),
    )


def _changes(
    targets: Iterable[Event], kind: str, verb: str, said: Event, at: str
) -> Iterable[Event]:
    for target in targets:
        named = {"source": target["source"], "id": target["id"]}
        yield envelope(
            kind,
            f"{verb}-{target['id']}",
            {verb: named} | said,
            source=target["source"],
            time=at,
            simulated=True,
        )
