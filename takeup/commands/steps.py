"""The nightly run, and its steps one at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from takeup.commands.options import AsJson, Home, moment, print_json, settings_of

if TYPE_CHECKING:
    from core.settings import Settings


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
    from takeup.alerts.engine import alerting
    from takeup.progress import step_line
    from takeup.runs_page import drawing_runs

    settings = settings_of(home)
    done: dict[str, Any] = {}
    with alerting(settings), drawing_runs(settings):
        for name, facts in run.run_all(settings, landing=landing):
            done[name] = facts
            if not as_json:
                print(step_line(name, facts), flush=True)
    if as_json:
        from publish.after_run import latest_pack, pages_line

        if (pack := latest_pack(settings)).line:
            done["pack"] = {"pack": pack.path and str(pack.path), "says": pack.line}
        if line := pages_line(settings):
            done["pages"] = line
        print_json(done)
    else:
        from publish.summary import print_summary

        print_summary(settings)


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
    from core.live import showing
    from ingest.load.recognition import source_names
    from ingest.load.run import ingest as ingest_files
    from takeup.progress import file_lines, step_line

    settings = settings_of(home)
    if source is not None and source not in source_names():
        raise UsageError(f"no source {source!r}: one of {', '.join(source_names())}")
    with lease(settings.home, purpose="ingest"), showing(settings, "takeup ingest"):
        result = ingest_files(
            settings,
            paths,
            run_at=datetime.now(UTC),
            source=source,
            published_at=moment(published_at),
        )
    if as_json:
        print_json(result.facts() | {"outcomes": [vars(file) for file in result.files]})
        return
    print(step_line("ingest", result.facts()))
    for line in file_lines(result):
        print(line)


def build(
    full: Annotated[bool, typer.Option("--full", help="Begin with an empty warehouse.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Build the staging warehouse from the log."""
    from dataclasses import asdict

    from core.lease import lease
    from core.live import showing
    from takeup.build import build as run_build

    settings = settings_of(home)
    what = "takeup build --full" if full else "takeup build"
    with lease(settings.home, purpose="build"), showing(settings, what):
        built = run_build(settings, full=full)
    if as_json:
        print_json(asdict(built))
    else:
        state = "unchanged" if built.is_unchanged else "built"
        print(f"warehouse {state}: log version {built.inputs.log_version}, {settings.staging_file}")


def check(
    explain: Annotated[
        str | None,
        typer.Option(help="Run nothing; say what this expectation is and how it went last."),
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Run both gates: on new events, on the staging warehouse."""
    from core.live import showing
    from takeup import nightly as run
    from takeup.progress import step_line

    settings = settings_of(home)
    if explain is not None:
        _explain(settings, explain, as_json=as_json)
        return
    run_id = run.new_run_id()
    with showing(settings, "check"):
        facts = {
            "gate_log": run.gate_log(settings, run_id=run_id),
            "gate_warehouse": run.gate_warehouse(settings, run_id=run_id),
        }
    if as_json:
        print_json(facts)
    else:
        for name, found in facts.items():
            print(step_line(name, found))


def _explain(settings: Settings, name: str, *, as_json: bool) -> None:
    from takeup.explanation import explain, explanation_lines

    found = explain(settings, name)
    if as_json:
        print_json(found)
    else:
        for line in explanation_lines(found):
            print(line)


def publish(as_json: AsJson = False, home: Home = None) -> None:
    """Swap in the staging warehouse that passed its gate."""
    from core.lease import lease
    from publish.swap import publish as swap
    from takeup.nightly import new_run_id

    settings = settings_of(home)
    with lease(settings.home, purpose="publish"):
        published = swap(settings, run_id=new_run_id())
    if as_json:
        print_json(published.as_dict())
    else:
        print(published.line)


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
    chain_head: Annotated[
        str | None,
        typer.Option(help="With --log-version: its chain head, of before the log was restored."),
    ] = None,
    department: Annotated[
        str | None, typer.Option(help="A pack of this department alone, such as dwp.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write the pack into.")] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Write the MI pack of a quarter, or the review of a year.

    MI is management information: a summary, a workbook, and tables as CSV and Parquet.
    """
    from core.errors import UsageError
    from core.live import showing
    from publish.export import export_quarter
    from publish.review import export_review
    from takeup.replay import rebuild_at

    if (quarter is None) == (review is None):
        raise UsageError("give --quarter 2014-Q4 or --review 2014, one of the two")
    if review is not None and {as_of, log_version, department} != {None}:
        raise UsageError("--as-of, --log-version and --department go with --quarter")
    if chain_head is not None and log_version is None:
        raise UsageError("--chain-head goes with --log-version")
    settings = settings_of(home)
    with showing(settings, "export"):
        if review is not None:
            pack = export_review(settings, year=review, out=out)
        else:
            pack = export_quarter(
                settings,
                quarter=str(quarter),
                as_of=moment(as_of),
                log_version=log_version,
                chain_head=chain_head,
                department=department,
                out=out,
                rebuild=rebuild_at,
            )
    if as_json:
        print_json(pack.as_dict())
    else:
        print(pack.line)
        for note in pack.notes:
            print(f"  note: {note}")
