"""Files to begin with: simulated events, empty returns."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from takeup.commands.options import AsJson, Home, day, print_json, settings_of


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
    from typing import cast

    from core.errors import UsageError
    from simulator.events import simulate_events
    from simulator.files import Format

    if files != "daily" and not files.isdecimal():
        raise UsageError(f"--files is a number or daily, not {files!r}")
    made = simulate_events(
        out,
        events=events,
        seed=seed,
        start=day(start, "--from"),
        end=day(end, "--to"),
        faults=faults,
        duplicates_ratio=duplicates_ratio,
        late_ratio=late_ratio,
        corrected_ratio=corrected_ratio,
        broken_ratio=broken_ratio,
        files="daily" if files == "daily" else int(files),
        format=cast(Format, form),
    )
    if as_json:
        print_json(asdict(made))
    else:
        print(f"SIMULATED: {made.events:,} events in {made.landing}, the truth in {made.truth}")


def tidy_volumes(
    out: Annotated[Path, typer.Argument(help="Folder for publications.csv and the tables.")],
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Write the publications in the log as tidy volumes, the form in which seeds/ has them.

    Columns of an existing publications.csv that the log does not know (title, licence) are kept.
    """
    from dataclasses import asdict

    from publish.tidy_volumes import write_tidy_volumes

    made = write_tidy_volumes(settings_of(home), out)
    if as_json:
        print_json(asdict(made))
    else:
        rows = ", ".join(f"{name} {count:,}" for name, count in made.rows.items())
        print(f"{made.folder}: rows of {rows}")


def template(
    department: Annotated[str, typer.Option(help="Department in the register, such as dwp.")],
    quarter: Annotated[str, typer.Option(help="Quarter, such as 2015-Q1.")],
    due_on: Annotated[
        str | None,
        typer.Option(help="Day by which it is asked for, such as 2015-04-30; else the calendar's."),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="csv, or xlsx: an accessible workbook.")
    ] = "csv",
    out: Annotated[Path | None, typer.Option(help="File to write, instead of printing.")] = None,
    home: Home = None,
) -> None:
    """Write an empty MI return for a department to fill in.

    MI is management information: what a department counted in a quarter. Where the home has a
    published file, it says of each service when commentary is needed.
    """
    from core.errors import UsageError
    from core.settings import SEEDS
    from core.terminal import unguarded
    from ingest.sources.mi_template import csv_of, instructions, template_of
    from publish.commentary import commentary_asked

    due = None if due_on is None else day(due_on, "--due-on")
    if form not in ("csv", "xlsx"):
        raise UsageError(f"--format {form}: csv or xlsx")
    asked = commentary_asked(settings_of(home).published_file, quarter)
    made = template_of(department, quarter, seeds=SEEDS, due_on=due, commentary=asked)
    if form == "xlsx":
        from ingest.sources.mi_template_book import workbook_of

        if out is None:
            raise UsageError("a workbook is not printed: say where to write it with --out")
        out.write_bytes(workbook_of(made, seeds=SEEDS))
        print(out)
        return
    if out is None:
        # A file's bytes as they are, but on a terminal.
        stream = sys.stdout if sys.stdout.isatty() else unguarded(sys.stdout)
        stream.write(csv_of(made))
        return
    out.write_text(csv_of(made), encoding="utf-8", newline="")
    beside = out.with_name(out.stem + "-how-to-fill-in.md")
    beside.write_text(instructions(made), encoding="utf-8")
    print(f"{out}\n{beside}")
