"""A PostgreSQL of the system's packages on loopback, in a folder that goes away again."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

WHERE_DEBIAN_HAS_IT = Path("/usr/lib/postgresql")
USER = "takeup"


def programs() -> Path | None:
    """The folder of the newest `initdb` and `postgres`; None where there is none."""
    found = sorted(WHERE_DEBIAN_HAS_IT.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    initdb = found[-1] if found else shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def free_port() -> int:
    """A port on loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres() -> Iterator[str]:
    """The address of an empty database, as the setting takes it."""
    found = programs()
    if found is None:
        pytest.skip("there is no PostgreSQL here (Debian: package postgresql)")
    # It refuses to be run by root.
    other: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        other = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}
    folder = Path(tempfile.mkdtemp(prefix="takeup-postgres-"))
    password, port = secrets.token_hex(8), free_port()
    try:
        if other:
            os.chown(folder, other["user"], other["group"])
        (folder / "password").write_text(password)
        (folder / "password").chmod(0o644)
        subprocess.run(
            [
                *(found / "initdb", "-D", folder / "data", "-U", USER, "-E", "UTF8"),
                *("--locale=C", "--auth=scram-sha-256", "--no-sync"),
                f"--pwfile={folder / 'password'}",
            ],
            **other,
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=120,
        )
        options = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": folder,
            "fsync": "off",
            "shared_buffers": "32MB",
        }
        server = subprocess.Popen(
            [found / "postgres", "-D", folder / "data"]
            + [part for name, value in options.items() for part in ("-c", f"{name}={value}")],
            **other,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "log").open("wb"),
        )
        try:
            _wait_until_it_listens(server, port, folder / "log")
            yield f"postgresql+psycopg2://{USER}:{password}@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)
    finally:
        shutil.rmtree(folder)


def _wait_until_it_listens(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while "ready to accept connections" not in log.read_text():
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, f"nothing listens on {port}: {log.read_text()}"
        time.sleep(0.1)
