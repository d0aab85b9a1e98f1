"""The figures that are measured, each a function that returns rows of the result table."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bench.process import Run, middle, run, takeup
from bench.quarter import account, ends_of, nights_of, usual
from bench.sources import respell

FIRST, LAST = date(2013, 1, 1), date(2015, 12, 31)


@dataclass(frozen=True)
class Figure:
    """One row: what was measured, its baseline in the same run, their ratio, and the aim."""

    name: str
    measured: Run
    baseline_name: str
    baseline: Run | None
    aim: str

    @property
    def ratio(self) -> float | None:
        """Measured wall time over the baseline's."""
        return None if self.baseline is None else self.measured.wall_s / self.baseline.wall_s


@dataclass(frozen=True)
class Place:
    """Where a bench works, how large it is (1 is the full size) and how often it repeats."""

    folder: Path
    scale: float
    repeats: int
    dlt_python: str = sys.executable
    other: Path | None = None
    """Another checkout of the project, that a night is compared with."""
    quarter: Path = Path("var/quarter")
    """Where `make quarter` has left what its nights took."""

    def count(self, full: int) -> int:
        """A number of events at this scale."""
        return max(1000, int(full * self.scale))

    def fresh(self, name: str) -> Path:
        """An empty folder of this name."""
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def events(self, name: str, count: int, *, seed: int, files: int = 1, clean: bool) -> Path:
        """A landing with simulated events, made once per bench, sources as producers write them."""
        from simulator.events import simulate_events

        out = self.folder / name
        if not (out / "landing").is_dir():
            simulate_events(
                out,
                events=count,
                seed=seed,
                start=FIRST,
                end=LAST,
                faults=not clean,
                files=files,
                duplicates_ratio=0.0 if clean else 0.05,
                late_ratio=0.0 if clean else 0.02,
                corrected_ratio=0.0 if clean else 0.01,
                broken_ratio=0.0 if clean else 0.01,
            )
            for file in (out / "landing").glob("*.jsonl"):
                respell(file)
        return out / "landing"


def _baseline(name: str, source: Path, out: Path, *, python: str = sys.executable) -> list[str]:
    return [python, "-m", "bench.baselines", name, str(source), str(out)]


def _only_file(landing: Path) -> Path:
    (path,) = [path for path in landing.iterdir() if path.is_file()]
    return path


def ingest_against_bare_parse(place: Place) -> Iterator[Figure]:
    """5 million events from one file into an empty log, clean and with every kind of trouble."""
    for label, clean in (("clean", True), ("5% redelivered, 1% corrected, 1% broken", False)):
        count = place.count(5_000_000)
        source = _only_file(
            place.events(f"five-{'clean' if clean else 'dirty'}", count, seed=1, clean=clean)
        )
        ours, bare = [], []
        for _ in range(place.repeats):
            bare.append(run(_baseline("bare_parse", source, place.fresh("bare") / "o.parquet")))
            ours.append(run(takeup(place.fresh("home"), "ingest", str(source))))
        yield Figure(
            f"ingest {count:,} events, {label}",
            middle(ours),
            "DuckDB: parse, cast, write Parquet",
            middle(bare),
            "at most 1.5 times, under 2 GiB",
        )


def memory_at_twenty_million(place: Place) -> Iterator[Figure]:
    """20 million events in one file: memory must not grow with the file."""
    count = place.count(20_000_000)
    source = _only_file(place.events("twenty", count, seed=2, clean=True))
    yield Figure(
        f"ingest {count:,} events in one file",
        run(takeup(place.fresh("home"), "ingest", str(source))),
        "",
        None,
        "under 2 GiB",
    )
    shutil.rmtree(place.folder / "twenty")


def small_files(place: Place) -> Iterator[Figure]:
    """10,000 files of 10 events."""
    files = max(10, int(10_000 * place.scale))
    landing = place.events("small", files * 10, seed=3, files=files, clean=True)
    yield Figure(
        f"ingest {files:,} files of 10 events",
        run(takeup(place.fresh("home"), "ingest", str(landing))),
        "",
        None,
        "under 60 s",
    )


def against_dlt(place: Place) -> Iterator[Figure]:
    """200,000 events against a general loader's merge, where it is installed."""
    asked = [place.dlt_python, "-c", "import dlt; print(dlt.__version__)"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        print(
            "dlt is not installed: left out (--dlt-python names a Python that has it)", flush=True
        )
        return
    count = place.count(200_000)
    source = _only_file(place.events("dlt", count, seed=4, clean=True))
    out = place.fresh("dlt-out") / "events.duckdb"
    loaded = run(
        _baseline("dlt_merge", source, out, python=place.dlt_python),
        environment={"RUNTIME__DLTHUB_TELEMETRY": "false", "DO_NOT_TRACK": "1"},
    )
    yield Figure(
        f"ingest {count:,} events",
        run(takeup(place.fresh("home"), "ingest", str(source))),
        f"dlt {found.stdout.strip()}: merge into DuckDB",
        loaded,
        "at most 0.01 times",
    )


def small_night(place: Place) -> Iterator[Figure]:
    """1,500 records on a new home, neither pages nor pack: what a night takes whatever lands."""
    landing = place.events("small-night", 1_500, seed=5, files=3, clean=False)
    asked = ("nightly", "--landing", str(landing), "--json")
    plain = {"TAKEUP_PAGES": "no", "TAKEUP_PACK": "no"}
    ours, others = [], []
    for _ in range(place.repeats):
        if place.other is not None:
            elsewhere = [sys.executable, "-P", "-m", "takeup.cli", "--home"]
            command = [*elsewhere, str(place.fresh("other")), *asked]
            others.append(run(command, environment=plain | {"PYTHONPATH": str(place.other)}))
        ours.append(run(takeup(place.fresh("home"), *asked), environment=plain))
    yield Figure(
        "whole night, 1,500 records on a new home",
        middle(ours),
        "" if place.other is None else "another checkout",
        middle(others) if others else None,
        "under 18 s",
    )


def night_on_a_large_log(place: Place) -> Iterator[Figure]:
    """5 million new events onto a log of 100 million: ingest, whole night, replay."""
    steps, step = 20, place.count(5_000_000)
    home = place.fresh("large")
    empty = None
    for number in range(steps):
        landing = place.events("batch", step, seed=100 + number, clean=True)
        took = run(takeup(home, "ingest", str(landing)))
        empty = empty or took
        print(f"  log of {(number + 1) * step:,}: {took.wall_s:.1f} s", flush=True)
        shutil.rmtree(place.folder / "batch")
    run(takeup(home, "nightly", "--json"))
    landing = place.events("batch", step, seed=200, clean=True)
    night = run(takeup(home, "nightly", "--landing", str(landing), "--json"))
    yield Figure(
        f"whole night, {step:,} onto {steps * step:,}", night, "", None, "under 60 s, 2 GiB"
    )
    shutil.rmtree(place.folder / "batch")
    landing = place.events("batch", step, seed=300, clean=True)
    yield Figure(
        f"ingest {step:,} onto {steps * step:,}",
        run(takeup(home, "ingest", str(landing))),
        "the same onto an empty log",
        empty,
        "at most 1.5 times",
    )
    yield Figure(
        f"replay of {(steps + 2) * step:,}", run(takeup(home, "replay")), "", None, "under 120 s"
    )


def long_report(place: Place) -> Iterator[Figure]:
    """A report of a megabyte against a quarter of it: what a text takes grows with its length."""
    sizes = {name: place.fresh(name) / "report.txt" for name in ("quarter", "whole")}
    sentence = "Take-up of rod licences rose to {0}.{1}%, up from 36% in a year; {2} more called."
    for name, megabytes in (("quarter", 0.25), ("whole", 1.0)):
        lines = ["Action 6: departments will move", "Updated 4 March 2016", "Cabinet Office"]
        lines.append("Progress during 2015")
        lines += [sentence.format(n % 99, n % 10, n) for n in range(int(megabytes * 12_000))]
        sizes[name].write_text("\n\n".join(lines), encoding="utf-8")
    took = {
        name: middle(
            [run(takeup(place.fresh("home"), "ingest", str(path))) for _ in range(place.repeats)]
        )
        for name, path in sizes.items()
    }
    yield Figure(
        "report of 1 MB, 36,000 figures",
        took["whole"],
        "a quarter of it",
        took["quarter"],
        "at most 4 times",
    )


def quarter(place: Place) -> Iterator[Figure]:
    """The quarter of 90 nights that `make quarter` has run: its last nights beside its first."""
    nights = nights_of(place.quarter)
    first, last = ends_of(nights)
    if not first:
        print(f"no quarter in {place.quarter}: left out (make quarter runs one)", flush=True)
        return
    for line in account(nights):
        print(f"  {line}", flush=True)
    yield Figure(
        f"night of a day's events, the last {len(last)} of {len(nights)}",
        usual(last),
        f"the first {len(first)}",
        usual(first),
        "at most 1.15 times",
    )


FIGURES: tuple[Callable[[Place], Iterator[Figure]], ...] = (
    ingest_against_bare_parse,
    against_dlt,
    small_files,
    long_report,
    memory_at_twenty_million,
    small_night,
    night_on_a_large_log,
    quarter,
)
