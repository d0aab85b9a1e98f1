"""The command `takeup`: parses, calls one function, prints. What it imports, it imports late."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from core.settings import Settings

app = typer.Typer(
    name="takeup",
    help="Digital take-up of government services, from events to published figures.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
quarantine_app = typer.Typer(
    help="Records that were refused: list, show, retry.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
reports_app = typer.Typer(
    help="The seed reports and their digests.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(reports_app, name="reports")

Home = Annotated[
    Path | None,
    typer.Option(
        "--home", help="Home of all runtime data, instead of TAKEUP_HOME.", show_default=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]
_home: Path | None = None


@app.callback()
def common(home: Home = None) -> None:
    """Options before the command."""
    global _home
    _home = home


def _settings(home: Path | None) -> Settings:
    from core.settings import Settings

    return Settings.load(home if home is not None else _home)


def _print_json(facts: Any) -> None:
    import json

    print(json.dumps(facts, indent=2, default=str, ensure_ascii=False))


def _moment(text: str | None) -> datetime | None:
    from core.periods import parse_moment

    return None if text is None else parse_moment(text)


@app.command()
def nightly(
    landing: Annotated[
        Path | None, typer.Option(help="Folder to read instead of the home's landing/.")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Run the whole night, then show take-up against targets.

    Its steps: land, ingest, gate, build, gate, publish.
    """
    from takeup import nightly as run
    from takeup.progress import step_line

    settings = _settings(home)
    done: dict[str, Any] = {}
    for name, facts in run.run_all(settings, landing=landing):
        done[name] = facts
        if not as_json:
            print(step_line(name, facts), flush=True)
    if as_json:
        _print_json(done)
    else:
        from takeup.outcome import print_outcome

        print_outcome(settings)


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.", show_default=False)],
    source: Annotated[
        str | None, typer.Option(help="Name of the source, instead of recognising it.")
    ] = None,
    published_at: Annotated[
        str | None,
        typer.Option(help="Publication time of files that no manifest names, ISO 8601."),
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Take files into the event log."""
    from core.errors import UsageError
    from core.lease import lease
    from ingest.load.recognition import source_names
    from ingest.load.run import ingest as ingest_files
    from takeup.progress import file_lines, step_line

    settings = _settings(home)
    if source is not None and source not in source_names():
        raise UsageError(f"no source {source!r}: one of {', '.join(source_names())}")
    with lease(settings.home, purpose="ingest"):
        result = ingest_files(
            settings,
            paths,
            run_at=datetime.now(UTC),
            source=source,
            published_at=_moment(published_at),
        )
    if as_json:
        _print_json(result.facts() | {"outcomes": [vars(file) for file in result.files]})
        return
    print(step_line("ingest", result.facts()))
    for line in file_lines(result):
        print(line)


@app.command()
def build(
    full: Annotated[bool, typer.Option("--full", help="Begin with an empty warehouse.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Build the staging warehouse from the log."""
    from dataclasses import asdict

    from core.lease import lease
    from takeup.build import build as run_build

    settings = _settings(home)
    with lease(settings.home, purpose="build"):
        built = run_build(settings, full=full)
    if as_json:
        _print_json(asdict(built))
    else:
        state = "unchanged" if built.is_unchanged else "built"
        print(f"warehouse {state}: log version {built.facts.log_version}, {settings.staging_file}")


@app.command()
def check(as_json: AsJson = False, home: Home = None) -> None:
    """Run both gates: on new events, on the staging warehouse."""
    from takeup import nightly as run
    from takeup.progress import step_line

    settings = _settings(home)
    run_id = run.new_run_id()
    facts = {
        "gate_log": run.gate_log(settings, run_id=run_id),
        "gate_warehouse": run.gate_warehouse(settings, run_id=run_id),
    }
    if as_json:
        _print_json(facts)
    else:
        for name, found in facts.items():
            print(step_line(name, found))


@app.command()
def publish(as_json: AsJson = False, home: Home = None) -> None:
    """Swap in the staging warehouse that passed its gate."""
    from core.lease import lease
    from publish.swap import publish as swap
    from takeup.nightly import new_run_id

    settings = _settings(home)
    with lease(settings.home, purpose="publish"):
        published = swap(settings, run_id=new_run_id())
    if as_json:
        _print_json(published.as_dict())
    else:
        print(published.line)


@app.command()
def export(
    quarter: Annotated[
        str | None, typer.Option(help="Quarter of the pack, such as 2015-Q1.")
    ] = None,
    review: Annotated[
        int | None,
        typer.Option(help="Year of an annual review instead: commitments, claims, targets."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="What was known at this moment (ISO 8601).")
    ] = None,
    log_version: Annotated[
        int | None, typer.Option(help="Repeat a pack: the log as it was at this version.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write the pack into.")] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Write the MI pack of a quarter, or the review of a year.

    MI is management information: take-up, departments and targets, as CSV with a manifest.
    """
    from core.errors import UsageError
    from publish.export import export_quarter
    from publish.review import export_review
    from takeup.replay import rebuild_at

    if (quarter is None) == (review is None):
        raise UsageError("give --quarter 2014-Q4 or --review 2014, one of the two")
    if review is not None and (as_of is not None or log_version is not None):
        raise UsageError("--as-of and --log-version go with --quarter")
    if review is not None:
        pack = export_review(_settings(home), year=review, out=out)
    else:
        pack = export_quarter(
            _settings(home),
            quarter=str(quarter),
            as_of=_moment(as_of),
            log_version=log_version,
            out=out,
            rebuild=rebuild_at,
        )
    if as_json:
        _print_json(pack.as_dict())
    else:
        print(pack.line)
        for note in pack.notes:
            print(f"  note: {note}")


@app.command()
def replay(as_json: AsJson = False, home: Home = None) -> None:
    """Make all tables again from the log, and compare them."""
    from core.lease import lease
    from takeup.replay import replay as run_replay

    settings = _settings(home)
    with lease(settings.home, purpose="replay"):
        replayed = run_replay(settings)
    if as_json:
        _print_json(replayed.as_dict())
    else:
        for line in replayed.lines():
            print(line)


@app.command()
def verify(
    landing: Annotated[
        bool, typer.Option("--landing", help="Hash every landed file again as well.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Check the log, hash by hash; exit 4 if anything is wrong."""
    from takeup.verification import verify_home

    settings = _settings(home)
    found = verify_home(settings, landing=landing)
    if as_json:
        _print_json(vars(found))
    elif not found.problems:
        print(f"sound: {found.commits} commits, {found.files} files, head {found.head}")
    found.require_sound()


@app.command()
def status(as_json: AsJson = False, home: Home = None) -> None:
    """What this home holds, and who works on it."""
    from takeup.status import status_lines, status_of

    found = status_of(_settings(home))
    if as_json:
        _print_json(found)
    else:
        for line in status_lines(found):
            print(line)


@app.command()
def trace(
    service_id: Annotated[str, typer.Argument(help="Service.")],
    period: Annotated[str, typer.Argument(help="Quarter or month: 2015-Q1, 2015-03.")],
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Show the events behind a figure, with file and line."""
    from takeup.trace import trace_lines, trace_of

    found = trace_of(_settings(home), service_id=service_id, period=period)
    if as_json:
        _print_json(found)
    else:
        for line in trace_lines(found):
            print(line)


@app.command()
def simulate(
    out: Annotated[Path, typer.Argument(help="Folder for landing/ and truth/.")],
    events: Annotated[int, typer.Option(help="How many events.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 1,
    start: Annotated[str, typer.Option("--from", help="First day.")] = "2015-01-01",
    end: Annotated[str, typer.Option("--to", help="Last day.")] = "2015-12-31",
    faults: Annotated[bool, typer.Option("--faults", help="With broken records.")] = False,
    duplicates_ratio: Annotated[float, typer.Option(help="Share delivered again.")] = 0.05,
    late_ratio: Annotated[float, typer.Option(help="Share delivered late.")] = 0.02,
    corrected_ratio: Annotated[float, typer.Option(help="Share of voids and corrections.")] = 0.01,
    broken_ratio: Annotated[float, typer.Option(help="With --faults: share broken.")] = 0.01,
    files: Annotated[str, typer.Option(help="Over how many files, or daily: one a day.")] = "1",
    form: Annotated[
        str, typer.Option("--format", help="jsonl, jsonl.gz, jsonl.zst, csv or parquet.")
    ] = "jsonl",
    as_json: AsJson = False,
) -> None:
    """Make simulated events and the truth about them."""
    from dataclasses import asdict
    from datetime import date
    from typing import get_args

    from core.errors import UsageError
    from simulator.events import Format, simulate_events

    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
    except ValueError as error:
        raise UsageError(f"--from and --to are days such as 2015-01-31: {error}") from error
    formats: tuple[Format, ...] = get_args(Format)
    chosen = next((known for known in formats if known == form), None)
    if chosen is None:
        raise UsageError(f"no format {form!r}: one of {', '.join(formats)}")
    if files != "daily" and not files.isdecimal():
        raise UsageError(f"--files is a number or daily, not {files!r}")
    made = simulate_events(
        out,
        events=events,
        seed=seed,
        start=first,
        end=last,
        faults=faults,
        duplicates_ratio=duplicates_ratio,
        late_ratio=late_ratio,
        corrected_ratio=corrected_ratio,
        broken_ratio=broken_ratio,
        files="daily" if files == "daily" else int(files),
        format=chosen,
    )
    if as_json:
        _print_json(asdict(made))
    else:
        print(f"SIMULATED: {made.events:,} events in {made.landing}, the truth in {made.truth}")


@app.command()
def template(
    department: Annotated[str, typer.Option(help="Department in the register, such as dwp.")],
    quarter: Annotated[str, typer.Option(help="Quarter, such as 2015-Q1.")],
    due_on: Annotated[
        str | None, typer.Option(help="Day by which it is asked for, such as 2015-04-30.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write, instead of printing.")] = None,
) -> None:
    """Write an empty MI return for a department to fill in.

    MI is management information: what a department counted in a quarter.
    """
    from datetime import date

    from core.errors import UsageError
    from ingest.load.environment import SEEDS
    from ingest.sources.mi_template import instructions, write_template

    try:
        due = None if due_on is None else date.fromisoformat(due_on)
    except ValueError as error:
        raise UsageError(f"--due-on is a day such as 2015-04-30: {error}") from error
    text = write_template(department, quarter, seeds=SEEDS, due_on=due)
    if out is None:
        sys.stdout.write(text)
        return
    out.write_text(text, encoding="utf-8", newline="")
    beside = out.with_name(out.stem + "-how-to-fill-in.md")
    beside.write_text(instructions(department, quarter, due_on=due), encoding="utf-8")
    print(f"{out}\n{beside}")


@quarantine_app.command("list")
def quarantine_list(as_json: AsJson = False, home: Home = None) -> None:
    """Open records, counted by reason and file."""
    from ingest.load.environment import connect
    from ingest.log.event_log import EventLog
    from ingest.log.quarantine import counts_by_reason
    from ingest.refusals import RECORD_REASONS

    settings = _settings(home)
    with connect(settings) as connection:
        counts = counts_by_reason(connection, EventLog.open(settings.log))
    if as_json:
        _print_json([dict(zip(("reason", "file", "count"), row, strict=True)) for row in counts])
        return
    for reason, name, count in counts:
        print(f"{count:>9,}  {reason:20} {name}  ({RECORD_REASONS.get(reason, 'unknown reason')})")
    if not counts:
        print("quarantine is empty")


@quarantine_app.command("show")
def quarantine_show(
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
    from takeup.quarantine_lines import record_lines

    settings = _settings(home)
    with connect(settings) as connection:
        found = open_records(
            connection, EventLog.open(settings.log), reason=reason, key=key, limit=limit
        )
    if key is not None and not found:
        raise UsageError(f"no open record {key}: `takeup quarantine show` names them")
    records = [record.as_dict() for record in found]
    if as_json:
        _print_json(records)
        return
    for record in records:
        for line in record_lines(record):
            print(line)
    if not records:
        print("no open record" + (f" of reason {reason}" if reason else ""))


@quarantine_app.command("retry")
def quarantine_retry(
    key: Annotated[str | None, typer.Argument(help="One record; all without it.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only records refused for this.")] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Judge open records again by today's registers and schemas."""
    from core.lease import lease
    from ingest.load.environment import connect
    from ingest.load.retry import retry

    settings = _settings(home)
    with lease(settings.home, purpose="quarantine retry"), connect(settings) as connection:
        done = retry(connection, settings, run_at=datetime.now(UTC), reason=reason, key=key)
    if as_json:
        _print_json(vars(done))
    else:
        print(
            f"tried {done.tried}: {done.accepted} accepted, {done.duplicate} duplicates, "
            f"{done.quarantined} still in quarantine"
        )


@reports_app.command("check")
def reports_check(
    paths: Annotated[list[Path], typer.Argument(help="Documents to hold against their digests.")],
    as_json: AsJson = False,
) -> None:
    """Compare documents with their digests in seeds/reports; exit 1 when they differ."""
    from core.settings import PROJECT_ROOT
    from takeup.reports_command import check_reports, print_check

    found = check_reports(paths, digests=PROJECT_ROOT / "seeds" / "reports")
    print_check(found, as_json=as_json)
    if not found.is_clean:
        raise typer.Exit(1)


def main() -> NoReturn:
    """Entry point: user errors print one line and end with their class's exit code."""
    from core.errors import TakeupError

    try:
        app(standalone_mode=True)
    except TakeupError as error:
        print(f"takeup: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("takeup: stopped", file=sys.stderr)
        sys.exit(130)
    except MemoryError:
        print(
            "takeup: out of memory: lower TAKEUP_MEMORY_LIMIT or TAKEUP_BATCH_BYTES",
            file=sys.stderr,
        )
        sys.exit(1)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        print(f"takeup: {error.strerror or error}{where}", file=sys.stderr)
        sys.exit(1)
    sys.exit(0)


if __name__ == "__main__":
    main()
