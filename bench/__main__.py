"""`make bench`: measure, print a table, keep it as JSON beside it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from bench.figures import FIGURES, Figure, Place

COLUMNS = "figure wall processor memory baseline its-wall ratio other-wall other-processor aim"


def machine() -> str:
    """The machine, as far as it says: processor, cores, memory, Python, DuckDB."""
    import duckdb

    model = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        named = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = named[0].split(":", 1)[1].strip() if named else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}"
    )


def line(*cells: str) -> str:
    """One line of the table."""
    return f"| {' | '.join(cells)} |"


def row(figure: Figure) -> str:
    """A figure's line; `other` is the other checkout."""
    measured, baseline, other = figure.measured, figure.baseline, figure.other
    return line(
        figure.name,
        *(seconds(measured.wall_s), seconds(measured.cpu_s), f"{measured.peak_mib:,.0f} MiB"),
        *(figure.baseline_name or "-", seconds(baseline.wall_s if baseline else None)),
        f"{figure.ratio:.2f}" if figure.ratio is not None else "-",
        *((seconds(other.wall_s), seconds(other.cpu_s)) if other else ("-", "-")),
        figure.aim,
    )


def seconds(taken: float | None) -> str:
    """Seconds as the table has them."""
    return "-" if taken is None else f"{taken:.1f} s"


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.04, help="1 is the full size")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=[figure.__name__ for figure in FIGURES], nargs="*")
    parser.add_argument("--folder", type=Path, default=Path("var/bench"))
    parser.add_argument("--dlt-python", default=sys.executable, help="a Python that has dlt")
    parser.add_argument("--other", type=Path, help="a checkout to compare ours with")
    parser.add_argument("--quarter", type=Path, default=Path("var/quarter"), help="its folder")
    parser.add_argument("--keep", action="store_true", help="keep the simulated input")
    given = parser.parse_args()
    other = given.other and given.other.absolute()
    place = Place(
        given.folder.absolute(),
        given.scale,
        given.repeats,
        given.dlt_python,
        other,
        given.quarter.absolute(),
    )
    place.folder.mkdir(parents=True, exist_ok=True)
    print(f"{machine()}; simulated events; scale {given.scale:g}\n")
    columns = [name.replace("-", " ") for name in COLUMNS.split()]
    print(line(*columns), line(*("---" for _ in columns)), sep="\n", flush=True)
    measured = []
    for figures in FIGURES:
        if given.only and figures.__name__ not in given.only:
            continue
        for figure in figures(place):
            print(row(figure), flush=True)
            measured.append(asdict(figure) | {"ratio": figure.ratio})
    results = {"machine": machine(), "scale": given.scale, "figures": measured}
    kept = place.folder / "results.json"
    kept.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(f"\nkept as {kept}")
    if not given.keep:
        for path in place.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)


if __name__ == "__main__":
    main()
