"""An S3 server on loopback, and what lies at an address of it.

It is moto's, which `make test-mirror` installs: this module imports nothing of it before it is
asked.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECRET = "only-this-test-knows-it"
LISTENS = re.compile(r"Running on (http://127\.0\.0\.1:\d+)")


@dataclass
class S3:
    """A server: what to put into the environment, and where it writes what it is asked."""

    environment: dict[str, str]
    output: Path
    buckets: int = 0

    def requests(self) -> list[str]:
        """Every request so far."""
        lines = self.output.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if '" ' in line]

    def bucket(self) -> str:
        """The address of a folder in a new bucket."""
        import boto3

        self.buckets += 1
        client = boto3.client(
            "s3",
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name=self.environment["AWS_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=SECRET,
        )
        client.create_bucket(Bucket=f"bucket-{self.buckets}")
        return f"s3://bucket-{self.buckets}/takeup/log"


@contextmanager
def s3_server(folder: Path) -> Iterator[S3]:
    """A server on a free port, in a process of its own: Delta's reader may hold this one's lock
    while it waits for an answer. What it says goes into the folder."""
    output = folder / "server.log"
    with output.open("wb") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        yield S3(
            {
                "AWS_ENDPOINT_URL": _endpoint(server, output),
                "AWS_ALLOW_HTTP": "true",
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "reader-and-writer",
                "AWS_SECRET_ACCESS_KEY": SECRET,
            },
            output,
        )
    finally:
        server.terminate()
        server.wait(timeout=30)


def _endpoint(server: subprocess.Popen[bytes], output: Path) -> str:
    """Where it listens, once it does."""
    for _ in range(600):
        if found := LISTENS.search(output.read_text(encoding="utf-8")):
            return found[1]
        assert server.poll() is None, output.read_text(encoding="utf-8")
        time.sleep(0.1)
    raise AssertionError(f"no server after a minute: {output.read_text(encoding='utf-8')}")


def contents(address: str) -> dict[str, bytes]:
    """Every object at an address."""
    import obstore

    store = _store(address)
    names = [found["path"] for page in obstore.list(store) for found in page]
    return {name: bytes(obstore.get(store, name).bytes()) for name in names}


def put(address: str, name: str, content: bytes) -> None:
    """Put an object, as somebody else would."""
    import obstore

    obstore.put(_store(address), name, content)


def delete(address: str, name: str) -> None:
    """Delete an object, as somebody else would."""
    import obstore

    obstore.delete(_store(address), name)


def _store(address: str) -> Any:
    from obstore.store import from_url

    return from_url(address)
