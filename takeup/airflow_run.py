"""`make run` and `make demo`: the nightly DAG, run once through Airflow, all kept in one home.

Airflow works in a process of its own, because it reads its configuration when it is imported and
writes several hundred lines in a run. Those go to a file in the home; a line per step comes here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Final, NoReturn

from core.errors import TakeupError
from core.lease import lease
from core.settings import PROJECT_ROOT, Settings
from core.terminal import guard, printable, unguarded
from publish.summary import print_summary
from takeup.airflow_environment import DAGS, environment_of
from takeup.first_homes import SIMULATED, home_to_run, inside, lay_example, mark_example

DAG_FILE: Final = DAGS / "takeup_nightly.py"
STOP_SECONDS: Final = 5


def airflow_environment(settings: Settings) -> dict[str, str]:
    """Environment of the Airflow process: nobody gets mail about a run that a person watches."""
    return environment_of(settings) | {
        "TAKEUP_ALERT_EMAIL": "",
        "TAKEUP_ALERT_WEBHOOK": "",
        # Whoever watches sees take-up against targets first: pack and pages are made after it.
        "TAKEUP_PACK": "no",
        "TAKEUP_PAGES": "no",
    }


def run_dag(settings: Settings) -> int:
    """Runs the DAG `takeup_nightly` once on this home, a line per step on standard output.

    Returns:
        0 where Airflow recorded the run as a success, 1 for every other outcome.
    """
    logs = settings.airflow / "logs" / "make_run"
    logs.mkdir(parents=True, exist_ok=True)
    log_file = logs / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%fZ}.log"
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "takeup.airflow_process", str(writing), str(DAG_FILE)]
    with log_file.open("wb") as log, os.fdopen(reading, encoding="utf-8") as progress:
        process = subprocess.Popen(
            command,
            cwd=PROJECT_ROOT,
            env=airflow_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[writing],
            start_new_session=True,
        )
        os.close(writing)
        with _stopping_with_us(process):
            for line in progress:
                _show(line.rstrip("\n"))
            exit_code = process.wait()
    if exit_code != 0:
        print(f"\nThe run failed and published nothing. Airflow's log of it: {log_file}")
    return 0 if exit_code == 0 else 1


def _show(line: str) -> None:
    """A line of progress; on a terminal, what has started gives way to what became of it."""
    if not sys.stdout.isatty():
        print(line, flush=True)
    elif line.endswith(": started"):
        print(line, end="", flush=True)
    else:
        print(f"\r\x1b[K{printable(line)}", file=unguarded(sys.stdout), flush=True)


@contextmanager
def _stopping_with_us(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """When this process is told to stop, Airflow and what it started (dbt) stop too."""

    def on_terminate(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, on_terminate)
    try:
        yield
    except BaseException:
        _stop(process)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _stop(process: subprocess.Popen[bytes]) -> None:
    # The process leads its own session, so its id names the group of everything it started.
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=STOP_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        return


def main(arguments: Sequence[str]) -> int:
    """Runs the DAG and prints take-up against targets; the exit code of `make run` and, with
    `demo`, of `make demo`."""
    guard()
    try:
        home = Settings.load()
        settings = _demo(home) if list(arguments) == ["demo"] else _home_or_example(home)
        print(f"Nightly run through Airflow, home {settings.home}")
        # Each step takes the home's own lease; this one keeps two schedulers out of one database.
        with lease(settings.airflow, purpose="make run"):
            exit_code = run_dag(settings)
        if exit_code == 0:
            print(f"Airflow's logs: {settings.airflow / 'logs'}")
            print_summary(settings)
        return exit_code
    except TakeupError as error:
        print(f"takeup: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 128 + signal.SIGINT


def _home_or_example(home: Settings) -> Settings:
    """The home to run: itself, or the example where nothing has landed."""
    settings = home_to_run(home)
    if settings != home:
        print(
            f"Nothing lies in {home.landing}: this run is on the published volumes and the digests"
            " of reports that the project carries."
        )
        mark_example(settings)
        lay_example(settings.landing)
    return settings


def _demo(home: Settings) -> Settings:
    """The simulated home, with something of every kind landed in it."""
    from simulator.demo import simulate_demo

    settings = inside(home, SIMULATED)
    print("This run is on simulated data, and says so in all that it makes.")
    simulate_demo(settings.landing)
    return settings


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
