"""Threads that make the records of a stream, each on a DuckDB connection of its own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from core.errors import UsageError
from core.sql import connect
from simulator.rows import Stream
from simulator.tables import world_tables

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

CHUNK = 300_000
"""Records that one query makes: planning it takes 0.05 s, 1,000 records 0.45 MB of memory."""
BATCH = 20_480


class Makers:
    """Threads that each make stretches of the stream on a DuckDB connection of their own."""

    def __init__(self, stream: Stream, *, threads: int) -> None:
        if threads < 1:
            raise UsageError("simulate: threads must be 1 or more")
        self.stream = stream
        self.threads = threads
        self.tables = world_tables(stream.pattern, stream.world)
        self._local = threading.local()
        self._connections: list[DuckDBPyConnection] = []
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="simulator")

    def __enter__(self) -> Makers:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        for connection in self._connections:
            connection.close()

    def make(self, queries: Iterator[str]) -> Iterator[pa.Table]:
        """Results of the queries in their order, a few of them made ahead."""
        waiting: deque[Future[pa.Table]] = deque()
        try:
            for query in queries:
                waiting.append(self._pool.submit(self._run, query))
                if len(waiting) > self.threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def _run(self, query: str) -> pa.Table:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = maker_of(self.tables)
            self._connections.append(connection)
        # In batches: small buffers are used again, large ones are asked of the system each time.
        with connection.execute(query).to_arrow_reader(BATCH) as batches:
            return batches.read_all()


def maker_of(tables: dict[str, pa.Table]) -> DuckDBPyConnection:
    """A connection that makes records in order: joins keep the sides that they are written with."""
    connection = connect(threads=1, memory_limit="512MB")
    connection.execute("set disabled_optimizers = 'build_side_probe_side'")
    connection.execute("set arrow_large_buffer_size = true")
    for name, table in tables.items():
        connection.register("source", table)
        connection.execute(f"create temp table {name} as select * from source")
        connection.unregister("source")
    return connection


def stretches(first: int, until: int, *, size: int = CHUNK) -> Iterator[tuple[int, int]]:
    """A range in pieces of at most `size`."""
    for start in range(first, until, size):
        yield start, min(start + size, until)
