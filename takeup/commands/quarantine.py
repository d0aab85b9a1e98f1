"""Records in quarantine: list, show, retry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from takeup.commands.options import AsJson, Home, print_json, settings_of

SHOWN_CHARACTERS: Final = 500
"""Of a record as it came; `--json` gives all of it."""

app = typer.Typer(
    help="Records that were refused: list, show, retry.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_reasons(as_json: AsJson = False, home: Home = None) -> None:
    """Open records, counted by reason and file."""
    from ingest.load.environment import connect
    from ingest.log.event_log import EventLog
    from ingest.log.quarantine import counts_by_reason
    from ingest.refusals import RECORD_REASONS

    settings = settings_of(home)
    with connect(settings) as connection:
        counts = counts_by_reason(connection, EventLog.open(settings.log))
    if as_json:
        print_json([dict(zip(("reason", "file", "count"), row, strict=True)) for row in counts])
        return
    for reason, name, count in counts:
        print(f"{count:>9,}  {reason:20} {name}  ({RECORD_REASONS.get(reason, 'unknown reason')})")
    if not counts:
        print("quarantine is empty")


@app.command("show")
def show_records(
    key: Annotated[str | None, typer.Argument(help="One record, as `show` names it.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only records refused for this.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 20,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Open records as they came, with file, line and reason."""
    from core.errors import UsageError
    from ingest.load.environment import connect
    from ingest.log.event_log import EventLog
    from ingest.log.quarantine import open_records

    settings = settings_of(home)
    with connect(settings) as connection:
        found = open_records(
            connection, EventLog.open(settings.log), reason=reason, key=key, limit=limit
        )
    if key is not None and not found:
        raise UsageError(f"no open record {key}: `takeup quarantine show` names them")
    records = [record.as_dict() for record in found]
    if as_json:
        print_json(records)
        return
    for record in records:
        for line in record_lines(record):
            print(line)
    if not records:
        print("no open record" + (f" of reason {reason}" if reason else ""))


@app.command("retry")
def retry_records(
    key: Annotated[str | None, typer.Argument(help="One record; all without it.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only records refused for this.")] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Check open records again by today's registers and schemas."""
    from core.lease import lease
    from ingest.load.environment import connect
    from ingest.load.retry import retry

    settings = settings_of(home)
    with lease(settings.home, purpose="quarantine retry"), connect(settings) as connection:
        done = retry(connection, settings, run_at=datetime.now(UTC), reason=reason, key=key)
    if as_json:
        print_json(vars(done))
    else:
        print(
            f"tried {done.tried}: {done.accepted} accepted, {done.duplicate} duplicates, "
            f"{done.quarantined} still in quarantine"
        )


def record_lines(record: dict[str, Any]) -> Iterator[str]:
    """Three lines: which record, why it was refused and how often tried, what it holds."""
    from ingest.refusals import RECORD_REASONS
    from publish.display import printable

    place = f", {record['place']!r}" if record["place"] else ""
    yield printable(f"{record['key']}  {record['name']} line {record['position']}{place}")
    why = record["detail"] or RECORD_REASONS.get(record["reason"], "unknown reason")
    yield printable(f"  {record['reason']}: {why}  (attempts: {record['attempts']})")
    raw = record["raw"]
    more = len(raw) - SHOWN_CHARACTERS
    rest = f" ... and {more:,} more characters" if more > 0 else ""
    yield f"  {printable(raw[:SHOWN_CHARACTERS])}{rest}"
