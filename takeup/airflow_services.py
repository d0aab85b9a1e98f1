"""`make airflow`: Airflow's services on one home, for as long as somebody lets them run.

Each is a process of its own, whose output goes to a file in the home; they end together.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final

from core.errors import TakeupError, UsageError
from core.lease import lease
from core.secrets import masked
from core.settings import PROJECT_ROOT, Settings
from takeup.airflow_environment import LOOPBACK, address_of, services_environment
from takeup.airflow_secrets import ADMIN, OWNER_ONLY, new_password, secrets_of

SCHEDULER: Final = "scheduler"
# Nobody but the API server listens: it reads the logs of tasks from the same disk.
SERVICES: Final = {
    "api-server": ("api-server",),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
    SCHEDULER: (SCHEDULER, "--skip-serve-logs"),
}
"""Arguments of each, in the order in which they start."""
GRACE_SECONDS: Final = 15
"""How long the scheduler may wait for running tasks when it is told to stop, and then the others
for what they do."""
LOOK_SECONDS: Final = 0.5
SHOWN_LINES: Final = 8
DRIVER: Final = "postgresql+psycopg2://"


@dataclass(frozen=True)
class Service:
    """One service that was started, as the leader of a session of its own."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def require_alive(self) -> None:
        """Raises: TakeupError: it has ended, which no service does by itself."""
        code = self.process.poll()
        if code is not None:
            why = f"by signal {-code}" if code < 0 else f"with exit code {code}"
            raise TakeupError(f"Airflow's {self.name} ended {why}; all of {self.log} ends:\n"
                              + last_lines(self.log))  # fmt: skip

    def stop(self) -> None:
        """Tell it to stop."""
        with suppress(ProcessLookupError):
            self.process.terminate()

    def end(self, *, before: float) -> None:
        """Wait for its end until the moment `before`; what is left of it then is killed."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=max(0.0, before - time.monotonic()))
        for process_id in of_session(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
        self.process.wait()


def serve(settings: Settings, *, stop: Event) -> None:
    """Run the services of a home's Airflow until `stop` is set.

    Raises:
        UsageError: a setting is wrong, or the port is taken.
        TakeupError: the database could not be prepared, or a service ended by itself.
    """
    require_driver(settings)
    require_free_port(settings)
    environment = services_environment(settings, secrets=secrets_of(settings))
    _prepare_database(settings, environment)
    _say(f"Airflow on the home {settings.home}, logs in {logs_of(settings)}")
    if password := new_password(settings):
        _say(f"user {ADMIN}, password {password} (said this once; passwords.json keeps it)")
    with _running(settings, environment) as services:
        _watch(settings, services, stop=stop)


def require_driver(settings: Settings) -> None:
    """Raises: UsageError: the setting names a database that is not used, or its driver is not
    there."""
    from importlib.util import find_spec

    address = settings.airflow_database.get_secret_value()
    if not address:
        return
    if not address.startswith(DRIVER):
        raise UsageError(f"setting TAKEUP_AIRFLOW_DATABASE: begins with {DRIVER}, or is empty")
    if not (find_spec("psycopg2") and find_spec("asyncpg")):
        raise UsageError("the drivers of PostgreSQL are not installed: make postgres")


def require_free_port(settings: Settings) -> None:
    """Raises: UsageError: somebody else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, settings.airflow_port))
        except OSError as error:
            raise UsageError(
                f"port {settings.airflow_port} can't be used ({error.strerror}): stop who has it,"
                " or set TAKEUP_AIRFLOW_PORT"
            ) from error


def logs_of(settings: Settings) -> Path:
    """Where each service has a file of what it says."""
    return settings.airflow / "logs" / "services"


def last_lines(log: Path) -> str:
    """The last lines of a log, without secrets."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-SHOWN_LINES:]
    return masked("\n".join(f"  {line}" for line in lines))


def of_session(leader: int) -> list[int]:
    """Processes of a session. Tasks lead groups of their own; sessions only services do."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(ProcessLookupError):
            if os.getsid(int(entry.name)) == leader:
                found.append(int(entry.name))
    return found


def _prepare_database(settings: Settings, environment: dict[str, str]) -> None:
    _say("preparing Airflow's database")
    log = logs_of(settings) / "database.log"
    process = _start(("-m", "takeup.airflow_process"), log, environment)
    if process.wait() != 0:
        raise TakeupError(f"Airflow's database can't be used; all of {log} ends:\n"
                          + last_lines(log))  # fmt: skip


@contextmanager
def _running(settings: Settings, environment: dict[str, str]) -> Iterator[list[Service]]:
    """The services, started; ended whatever happens."""
    services: list[Service] = []
    with ExitStack() as ending:
        ending.callback(_end, services)
        for name, arguments in SERVICES.items():
            log = logs_of(settings) / f"{name}.log"
            process = _start(("-m", "airflow", *arguments), log, environment)
            services.append(Service(name, process, log))
        yield services


def _end(services: Sequence[Service]) -> None:
    """The scheduler before the others: a task that ends tells it to the API server."""
    of_tasks = [service for service in services if service.name == SCHEDULER]
    for together in (of_tasks, [service for service in services if service not in of_tasks]):
        for service in together:
            service.stop()
        before = time.monotonic() + GRACE_SECONDS
        for service in together:
            service.end(before=before)


def _start(
    arguments: Sequence[str], log: Path, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    try:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT_ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=subprocess.STDOUT,
            # Ctrl-C at a terminal reaches us alone, and we end them in their order.
            start_new_session=True,
        )
    finally:
        os.close(handle)


def _watch(settings: Settings, services: Sequence[Service], *, stop: Event) -> None:
    is_ready = False
    while not stop.wait(LOOK_SECONDS):
        for service in services:
            service.require_alive()
        if not is_ready and is_healthy(settings):
            is_ready = True
            _say(f"ready: {address_of(settings)} (Ctrl-C ends it)")


def is_healthy(settings: Settings) -> bool:
    """Whether the API server answers, and says that all others are at work."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address_of(settings)}/api/v2/monitor/health", timeout=5) as answer:
            found = json.load(answer)
    except (OSError, ValueError):
        return False
    return all(part and part.get("status") == "healthy" for part in found.values())


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    """The exit code of `make airflow`: 0 when it was told to stop."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        settings = Settings.load()
        # A second scheduler on the same database, or `make run`, would run the same nights.
        with lease(settings.airflow, purpose="make airflow"):
            serve(settings, stop=stop)
    except TakeupError as error:
        print(f"takeup: {masked(str(error))}", file=sys.stderr)
        return error.exit_code
    _say("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
