"""What is new in a published file, and what is due: for whoever looks at nine in the morning.

All of it is fit for JSON: days and moments are ISO 8601 (moments in UTC), effects are percentage
points. What a file of an earlier version can't tell is left out and named in `not_told`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.errors import UsageError
from core.settings import SEEDS
from core.sql import quote
from publish.database import WarehouseVersion
from publish.display import day, exact_percentage
from publish.feeds import Feed, expected_feeds
from publish.known import previous_publication
from publish.reported import APART, IN_OUR_WORDS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Facts = dict[str, Any]

LARGEST: Final = 3
"""How many of a kind are named; of all there are the number is said."""
REVISED_PP: Final = 1.0
"""Points by which a revision moves a service's take-up before it is told here."""
DAYS_THAT_TELL: Final = 3
"""On how many days a feed must have come before its silence says anything by itself."""
UNANSWERED: Final = ("open", "not_reported", "not_kept")
"""What is said of a promise that no report says anything was done about."""


def news_of(
    connection: DuckDBPyConnection,
    version: WarehouseVersion,
    *,
    today: dt.date,
    named: int | None = LARGEST,
    registers: Path = SEEDS,
) -> Facts:
    """What a published file has that is new or due, by the London day `today`.

    Args:
        named: how many revised figures and silent feeds are named at most; None for all.
        registers: the folder with the register of feeds.
    """
    import duckdb

    since, because = _since(connection, version)
    parts: dict[str, Callable[[], Facts | int]] = {
        "revised": lambda: _revised(connection, since, named),
        "crossed": lambda: _crossed(connection, since),
        "silent": lambda: _silent(connection, today, named, registers),
        "returns": lambda: _returns(connection, today),
        "commentary": lambda: _commentary(connection),
        "promises": lambda: _promises(connection, since, today),
        "publications": lambda: _publications(connection),
        "withheld_count": lambda: _withheld_count(connection),
    }
    found: Facts = {"new_since": since, "new_since_what": because, "not_told": []}
    for name, facts in parts.items():
        try:
            found[name] = facts()
        except (duckdb.CatalogException, duckdb.BinderException):
            found["not_told"].append(name)
    return found


def _since(connection: DuckDBPyConnection, version: WarehouseVersion) -> tuple[str, str]:
    """Since when something is new: the publication before the latest where the log's last day
    brought the latest, else that day's beginning."""
    last = dt.datetime.fromisoformat(version.run_at)
    day_before = (last - dt.timedelta(days=1)).isoformat()
    latest, before = previous_publication(connection, version.run_at)
    if before is None:
        return day_before, "the day before the log last grew"
    came = connection.execute(
        f"select max(recorded_at) >= timestamptz {quote(day_before)} from publications"
        f" where kind = 'volumes' and published_at = timestamptz {quote(str(latest))}"
    ).fetchone()
    if came == (True,):
        return before, "the publication before the latest"
    return day_before, "the day before the log last grew"


def _revised(connection: DuckDBPyConnection, since: str, named: int | None) -> Facts:
    """Take-up of services that was known before and has moved since, the largest first."""
    rows = _named(
        connection,
        f"""
        select
            service_id, service_name, period_kind, period_start, period_end,
            sum(effect_pp) as effect_pp
        from revisions left join services using (service_id)
        where
            service_id is not null and timing <> 'first_value' and effect_pp is not null
            and new_known_at > timestamptz {quote(since)}
        group by all
        having abs(sum(effect_pp)) > {REVISED_PP}
        order by abs(sum(effect_pp)) desc, service_id, period_start
        """,
    )
    return {"count": len(rows), "largest": rows[:named]}


def _crossed(connection: DuckDBPyConnection, since: str) -> Facts:
    """Targets that were attained or lost by what became known since."""
    moment = f"timestamptz {quote(since)}"
    # What was known then takes seconds to work out: only where a crossing's own period is news.
    is_news = f"""
        exists (
            select 1 from take_up
            where
                take_up.service_id = targets.service_id
                and take_up.period_kind = targets.period_kind
                and take_up.definition_id = targets.definition_used
                and take_up.period_end in (targets.attained_by, targets.lost_on)
                and take_up.known_at > {moment}
        )
        or (
            targets.service_id is null
            and greatest(targets.attained_by, targets.lost_on) > {moment} - interval 1 year
        )
    """
    news = _named(
        connection,
        f"""
        select
            target_id, service_id, coalesce(service_name, targets.department_id) as whose,
            target_ratio, verdict, attained_by, lost_on
        from target_attainment as targets left join services using (service_id)
        where {is_news}
        order by target_id
        """,
    )
    if not news:
        return {"count": 0, "targets": []}
    rows = connection.execute(
        f"select target_id, attained_by, lost_on from target_attainment_as_of({moment})"
    ).fetchall()
    before = {target: (_iso(by), _iso(lost)) for target, by, lost in rows}
    crossed = [
        row | {"says": _crossing(row)}
        for row in news
        if before.get(row["target_id"]) != (row["attained_by"], row["lost_on"])
    ]
    return {"count": len(crossed), "targets": crossed}


def _crossing(row: Facts) -> str:
    target = exact_percentage(row["target_ratio"])
    if row["lost_on"]:
        return f"below {target} since the period to {_day(row['lost_on'])}"
    return f"{target} or more in the period to {_day(row['attained_by'])}"


def _silent(
    connection: DuckDBPyConnection, today: dt.date, named: int | None, registers: Path
) -> Facts:
    """Feeds, a service's channel each, whose events have stayed away for more days than the
    register of feeds states, or where it states nothing than they ever did; the longest first.
    Where the register can't be read, `problem` says why, and all are held against their own gaps.
    """
    expected: Sequence[Feed] = ()
    problem = None
    try:
        expected = expected_feeds(registers)
    except UsageError as error:
        problem = str(error)
    rows = _named(connection, _FEEDS, _columns_of(expected) | {"today": today})
    silent = [row for row in rows if row.pop("is_silent")]
    return {
        "feeds_count": len(rows),
        "count": len(silent),
        "longest": silent[:named],
        "problem": problem,
    }


_FEEDS: Final = f"""
    with days as (
        select distinct
            service_id, channel, cast(known_at at time zone 'Europe/London' as date) as came_on
        from transaction_counts
    ),
    gaps as (
        select
            *,
            came_on - lag(came_on) over (
                partition by service_id, channel order by came_on
            ) as gap
        from days
    ),
    came as (
        select
            service_id, channel, max(came_on) as last_came_on, max(gap) as longest_gap_days,
            count(*) as days_count
        from gaps group by service_id, channel
    ),
    registered as (
        select
            unnest(cast($services as varchar[])) as service_id,
            unnest(cast($channels as varchar[])) as channel,
            unnest(cast($every_days as integer[])) as every_days,
            unnest(cast($expected_from as date[])) as expected_from
    ),
    closed as (
        select service_id, channel from service_channels group by service_id, channel
        having bool_and(coalesce(valid_to < $today, false))
    ),
    feeds as (
        select
            * exclude (days_count), greatest(last_came_on, expected_from) as since,
            $today - since as silent_days,
            case
                when every_days is not null then silent_days > every_days
                else days_count >= {DAYS_THAT_TELL} and silent_days > longest_gap_days
            end as is_silent
        from came full join registered using (service_id, channel)
        anti join closed using (service_id, channel)
        where since is not null
    )
    select
        feeds.service_id, service_name, channel, last_came_on, since, silent_days,
        longest_gap_days, every_days, is_silent
    from feeds left join services using (service_id)
    order by silent_days desc, service_id, channel
"""


def _columns_of(feeds: Sequence[Feed]) -> dict[str, list[Any]]:
    return {
        "services": [one.service_id for one in feeds],
        "channels": [one.channel for one in feeds],
        "every_days": [one.every_days for one in feeds],
        "expected_from": [one.expected_from for one in feeds],
    }


def _returns(connection: DuckDBPyConnection, today: dt.date) -> Facts:
    """Returns that are asked for and have not come, by whether their day is over."""
    rows = connection.execute(
        """
        select department_id, due_on < $today, count(*), min(due_on)
        from mi_returns where received_at is null and due_on is not null
        group by all order by count(*) desc, department_id
        """,
        {"today": today},
    ).fetchall()
    overdue = {department: count for department, is_over, count, _ in rows if is_over}
    ahead = [(due_on, count) for _, is_over, count, due_on in rows if not is_over]
    received = connection.execute(
        "select count(*) from mi_returns where received_at is not null"
    ).fetchone()
    return {
        "received": 0 if received is None else received[0],
        "overdue": sum(overdue.values()),
        "overdue_of": overdue,
        "due": sum(count for _, count in ahead),
        "next_due_on": _iso(min((due_on for due_on, _ in ahead), default=None)),
    }


def _commentary(connection: DuckDBPyConnection) -> Facts:
    """Returns whose commentary is missing, those of the latest periods first."""
    rows = _named(
        connection,
        """
        select
            returns.department_id, service_id, service_name, period_kind, period_start, period_end,
            commentary_needed_for
        from mi_returns as returns left join services using (service_id)
        where is_commentary_missing
        order by period_end desc, returns.department_id, service_id, period_kind
        """,
    )
    return {"missing": len(rows), "latest": rows[:LARGEST]}


def _promises(connection: DuckDBPyConnection, since: str, today: dt.date) -> Facts:
    """Promises with a test whose day is over: those since, and of how many nothing is reported."""
    rows = _named(
        connection,
        f"""
        select
            promise_id, coalesce(department_id, body) as who, {IN_OUR_WORDS} as promise, due_on,
            reported, due_on >= cast(timestamptz {quote(since)} as date) as is_new
        from promises
        where due_on < date {quote(str(today))} and reported not in {APART}
        order by due_on desc, promise_id
        """,
    )
    came_due = [row for row in rows if row.pop("is_new")]
    return {
        "came_due": len(came_due),
        "latest": came_due[:LARGEST],
        "unanswered": sum(row["reported"] in UNANSWERED for row in rows),
        "due": len(rows),
    }


def _publications(connection: DuckDBPyConnection) -> Facts:
    """The day of the latest publication of each kind."""
    return {
        kind: _iso(latest)
        for kind, latest in connection.execute(
            "select kind, max(published_at) from publications group by kind order by kind"
        ).fetchall()
    }


def _withheld_count(connection: DuckDBPyConnection) -> int:
    """How many figures are withheld, of whatever service."""
    found = connection.execute(
        "select count(*) from data_quality where severity = 'withheld'"
    ).fetchone()
    return 0 if found is None else found[0]


def _named(
    connection: DuckDBPyConnection, query: str, values: dict[str, Any] | None = None
) -> list[Facts]:
    """The rows of an answer by the names of their columns, fit for JSON."""
    found = connection.execute(query, values)
    names = [column[0] for column in found.description]
    return [
        {name: _iso(value) for name, value in zip(names, row, strict=True)}
        for row in found.fetchall()
    ]


def _iso(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value


def _day(iso: str) -> str:
    return day(dt.date.fromisoformat(iso))
