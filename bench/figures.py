"""The figures that are measured, each a function that returns rows of the result table."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bench.history import lay_history, repeat_batch
from bench.process import Run, middle, run, takeup
from bench.quarter import account, ends_of, nights_of, usual
from bench.sources import respell
from takeup.first_homes import lay_example

FIRST, LAST = date(2013, 1, 1), date(2015, 12, 31)
LARGE = (20, 29, 60)
"""How many times 5 million events a large log holds when a night comes."""
TO_THE_SWAP = {"TAKEUP_PAGES": "no", "TAKEUP_PACK": "no"}


@dataclass(frozen=True)
class Figure:
    """One row: what was measured, by the other checkout too, its baseline in the same run, their
    ratio, and the aim."""

    name: str
    measured: Run
    aim: str
    baseline_name: str = ""
    baseline: Run | None = None
    other: Run | None = None

    @classmethod
    def of(
        cls, name: str, runs: Runs, aim: str, baseline_name: str = "", baseline: Run | None = None
    ) -> Figure:
        """What both checkouts took."""
        return cls(name, runs.ours, aim, baseline_name, baseline, runs.other)

    @property
    def ratio(self) -> float | None:
        """Measured wall time over the baseline's."""
        return None if self.baseline is None else self.measured.wall_s / self.baseline.wall_s


@dataclass(frozen=True)
class Runs:
    """The same by this checkout and, where one is given, by the other."""

    ours: Run
    other: Run | None


def middle_of(runs: Sequence[Runs]) -> Runs:
    """Median of each figure, of each checkout."""
    others = [one.other for one in runs if one.other is not None]
    return Runs(middle([one.ours for one in runs]), middle(others) if others else None)


@dataclass(frozen=True)
class Place:
    """Where a bench works, how large it is (1 is the full size) and how often it repeats."""

    folder: Path
    scale: float
    repeats: int
    dlt_python: str = sys.executable
    other: Path | None = None
    """Another checkout of the project, that ours is compared with."""
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

    def both(
        self,
        *arguments: str,
        home: Path | None = None,
        built: bool = True,
        environment: dict[str, str] | None = None,
    ) -> Runs:
        """What `takeup` takes with these arguments, ours after the other checkout's.

        Args:
            home: what both find, each on a copy; none: an empty home.
            built: whether each has built that before.
        """
        other = None
        is_built = built and home is not None
        if self.other is not None:
            path = ["-P", "-m", "takeup.cli", "--home", str(self._home("other", home))]
            elsewhere = (environment or {}) | {"PYTHONPATH": str(self.other)}
            other = self._run([sys.executable, *path], arguments, is_built, elsewhere)
        ours = takeup(self._home("home", home))
        return Runs(self._run(ours, arguments, is_built, environment), other)

    def _run(
        self,
        command: list[str],
        arguments: Sequence[str],
        is_built: bool,
        environment: dict[str, str] | None,
    ) -> Run:
        if is_built:
            # Tables of other code are made anew, which is not what is asked.
            run([*command, "build"], environment=environment)
        return run([*command, *arguments], environment=environment)

    def _home(self, name: str, found: Path | None) -> Path:
        path = self.fresh(name)
        if found is not None:
            shutil.copytree(found, path, copy_function=_copy, dirs_exist_ok=True)
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


def _copy(source: str, target: str) -> None:
    """The log's files are never written to again, and may be many gigabytes."""
    if source.endswith(".parquet"):
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def _baseline(name: str, source: Path, out: Path, *, python: str = sys.executable) -> list[str]:
    return [python, "-m", "bench.baselines", name, str(source), str(out)]


def _only_file(landing: Path) -> Path:
    (path,) = [path for path in landing.iterdir() if path.is_file()]
    return path


def ingest_against_bare_parse(place: Place) -> Iterator[Figure]:
    """5 million events from one file into an empty log, clean and with every kind of trouble."""
    for label, clean, times in (
        ("clean", True, 1.6),
        ("5% redelivered, 1% corrected, 1% broken", False, 2.5),
    ):
        count = place.count(5_000_000)
        source = _only_file(
            place.events(f"five-{'clean' if clean else 'dirty'}", count, seed=1, clean=clean)
        )
        runs, bare = [], []
        for _ in range(place.repeats):
            bare.append(run(_baseline("bare_parse", source, place.fresh("bare") / "o.parquet")))
            runs.append(place.both("ingest", str(source)))
        yield Figure.of(
            f"ingest {count:,} events, {label}",
            middle_of(runs),
            f"at most {times} times, under 2 GiB",
            "DuckDB: parse, cast, write Parquet",
            middle(bare),
        )


def memory_at_twenty_million(place: Place) -> Iterator[Figure]:
    """20 million events in one file: memory must not grow with the file."""
    count = place.count(20_000_000)
    for label, clean in (("", True), (", 5% redelivered, 1% corrected, 1% broken", False)):
        source = _only_file(place.events("twenty", count, seed=2, clean=clean))
        yield Figure.of(
            f"ingest {count:,} events in one file{label}",
            place.both("ingest", str(source)),
            "under 2 GiB",
        )
        shutil.rmtree(place.folder / "twenty")


def small_files(place: Place) -> Iterator[Figure]:
    """10,000 files of 10 events."""
    files = max(10, int(10_000 * place.scale))
    landing = place.events("small", files * 10, seed=3, files=files, clean=True)
    yield Figure.of(
        f"ingest {files:,} files of 10 events", place.both("ingest", str(landing)), "under 60 s"
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
    yield Figure.of(
        f"ingest {count:,} events",
        place.both("ingest", str(source)),
        "at most 0.03 times",
        f"dlt {found.stdout.strip()}: merge into DuckDB",
        loaded,
    )


def small_night(place: Place) -> Iterator[Figure]:
    """1,500 records on a new home, to the swap: what a night takes whatever lands."""
    landing = place.events("small-night", 1_500, seed=5, files=3, clean=False)
    yield _night(place, "1,500 records on a new home", landing, "under 15 s")


def published_night(place: Place) -> Iterator[Figure]:
    """The published volumes and digests that the project carries, on a new home, to the swap."""
    landing = place.fresh("published")
    lay_example(landing)
    yield _night(place, "the published volumes and digests on a new home", landing, "under 60 s")


def _night(place: Place, name: str, landing: Path, aim: str) -> Figure:
    asked = ("nightly", "--landing", str(landing), "--json")
    runs = [place.both(*asked, environment=TO_THE_SWAP) for _ in range(place.repeats)]
    return Figure.of(f"whole night, {name}", middle_of(runs), aim)


def night_on_a_large_log(place: Place) -> Iterator[Figure]:
    """5 million new events onto logs of 100, 145 and 300 million: ingest, whole night, replay."""
    step = place.count(5_000_000)
    home = place.fresh("large")
    landing = place.events("night", step, seed=99, clean=True)
    batch = place.events("batch", step, seed=98, clean=True)
    empty = run(takeup(home, "ingest", str(batch)))
    first_night, batches = None, 1
    for held in LARGE:
        repeat_batch(home / "log", range(batches, held))
        batches = held
        # So that what is measured finds a home that is indexed, approved and built.
        few = place.events(f"few-{held}", 1_000, seed=held, clean=True)
        run(takeup(home, "nightly", "--landing", str(few)), environment=TO_THE_SWAP)
        onto = f"{held * step:,}"
        yield Figure.of(
            f"ingest {step:,} onto {onto}",
            place.both("ingest", str(landing), home=home, built=False),
            "at most 1.5 times",
            "onto nothing",
            empty,
        )
        asked = ("nightly", "--landing", str(landing), "--json")
        night = place.both(*asked, home=home, environment=TO_THE_SWAP)
        yield Figure.of(
            f"whole night, {step:,} onto {onto}",
            night,
            "at most 1.1 times" if first_night else "under 40 s, 2 GiB",
            f"onto {min(LARGE) * step:,}" if first_night else "",
            first_night,
        )
        first_night = first_night or night.ours
    replayed = run(takeup(home, "replay"))
    yield Figure(f"replay of {max(LARGE) * step:,}", replayed, "under 1.2 s for each million")


def long_history(place: Place) -> Iterator[Figure]:
    """Ten years of small nights: what a build of them, the next night, its status take."""
    nights = max(20, int(3_650 * place.scale))
    home = place.fresh("history")
    lay_history(home / "log", nights=nights)
    after = f"after {nights:,} nights of four small files"
    yield Figure.of(f"first build {after}", place.both("build", home=home, built=False), "-")
    landing = place.events("small-night", 1_500, seed=5, files=3, clean=False)
    asked = ("nightly", "--landing", str(landing), "--json")
    night = place.both(*asked, home=home, environment=TO_THE_SWAP)
    yield Figure.of(f"whole night, 1,500 records {after}", night, "-")
    yield Figure.of(f"status {after}", place.both("status", home=home), "-")


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
        "at most 4 times",
        "a quarter of it",
        took["quarter"],
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
        "at most 1.15 times",
        f"the first {len(first)}",
        usual(first),
    )


FIGURES: tuple[Callable[[Place], Iterator[Figure]], ...] = (
    ingest_against_bare_parse,
    against_dlt,
    small_files,
    long_report,
    memory_at_twenty_million,
    small_night,
    published_night,
    night_on_a_large_log,
    long_history,
    quarter,
)
