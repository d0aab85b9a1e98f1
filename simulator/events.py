"""Simulated transaction events at any scale, with the truth beside them.

`OUT/landing` holds what a pipeline would be given, `OUT/truth` what it should find in it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, get_args

from core.errors import UsageError
from core.settings import PROJECT_ROOT
from core.sql import connect
from simulator.faults import faults_for
from simulator.pattern import BLOCK, Pattern, Ratios, make_pattern
from simulator.rendering import columns_sql, csv_lines_sql, lines_sql
from simulator.rows import NOTHING, SOURCE, Stream
from simulator.world import PARTS, World, make_world

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

Format = Literal["jsonl", "jsonl.gz", "jsonl.zst", "csv", "parquet"]
CHUNK = 300_000
"""Records that one query makes: planning it takes 0.05 s, 1,000 records 0.45 MB of memory."""
BATCH = 20_480
COLUMNS = "specversion,id,source,type,time,datacontenttype,simulated,data"
GZIP_LEVEL = 1
ZSTD_LEVEL = 3


@dataclass(frozen=True)
class Slice:
    """One file: its name and the records that it holds."""

    name: str
    first: int
    until: int


@dataclass(frozen=True)
class SimulatedEvents:
    """What was written."""

    landing: Path
    files: tuple[Path, ...]
    truth: Path
    events: int
    size_bytes: int


def simulate_events(
    out: Path,
    *,
    events: int,
    seed: int,
    start: date,
    end: date,
    faults: bool = False,
    duplicates_ratio: float = 0.05,
    late_ratio: float = 0.02,
    corrected_ratio: float = 0.01,
    broken_ratio: float = 0.01,
    format: Format = "jsonl",
    files: int | Literal["daily"] = 1,
    threads: int = 2,
    seeds_dir: Path = PROJECT_ROOT / "seeds",
    progress: Callable[[int], None] | None = None,
) -> SimulatedEvents:
    """Write `events` records of London days `start` to `end` (both included) below `out`.

    files: how many files, in order of delivery, or "daily" for one per day of delivery.
    faults: whether `broken_ratio` of the records is broken, in every way that `faults.py` lists.
    progress: called with the number of records written since the last call.

    The same arguments give the same bytes, whatever `threads` is.

    Raises:
        UsageError: an argument is out of range, or `out` holds a landing already.
    """
    if events < 1:
        raise UsageError("simulate: --events must be 1 or more")
    if format not in get_args(Format):
        raise UsageError(f"simulate: format must be one of {', '.join(get_args(Format))}")
    landing = out / "landing"
    if landing.exists() and any(landing.iterdir()):
        raise UsageError(f"simulate: {landing} is not empty")
    ratios = Ratios(
        duplicates=duplicates_ratio,
        late=late_ratio,
        corrected=corrected_ratio,
        broken=broken_ratio if faults else 0.0,
    )
    stream = make_stream(
        events=events,
        seed=seed,
        start=start,
        end=end,
        ratios=ratios,
        with_faults=faults,
        is_columnar=not format.startswith("jsonl"),
        seeds_dir=seeds_dir,
    )
    slices = slice_files(stream, files=files, suffix=format)
    landing.mkdir(parents=True, exist_ok=True)
    with Makers(stream, threads=threads) as makers:
        _write_files(landing, slices, makers, format=format, progress=progress)
        from simulator.truth import write_truth

        write_truth(out / "truth", stream, makers, slices=slices)
    paths = tuple(landing / part.name for part in slices)
    size = sum(path.stat().st_size for path in paths)
    return SimulatedEvents(landing, paths, out / "truth", events, size)


def make_stream(
    *,
    events: int,
    seed: int,
    start: date,
    end: date,
    ratios: Ratios,
    with_faults: bool,
    is_columnar: bool,
    seeds_dir: Path,
) -> Stream:
    """Everything that the records depend on."""
    world = make_world(start=start, end=end, seed=seed, blocks=events // BLOCK, seeds_dir=seeds_dir)
    pattern = make_pattern(ratios, starts_share=world.starts_share, with_faults=with_faults)
    return Stream(seed, events, pattern, world, faults_for(is_columnar=is_columnar))


def slice_files(stream: Stream, *, files: int | Literal["daily"], suffix: str) -> tuple[Slice, ...]:
    """The files in order of delivery; a day on which nothing is delivered has none."""
    if files == "daily":
        firsts: dict[int, int] = {}
        for part, day in enumerate(stream.world.parts):
            # The first record of the part: records are dealt out by record * PARTS // events.
            firsts.setdefault(day, -(-part * stream.events // PARTS))
        bounds = [*firsts.values(), stream.events]
        names = [f"events-{stream.world.days[day].on}" for day in firsts]
    else:
        if files < 1:
            raise UsageError("simulate: --files must be 1 or more")
        bounds = [number * stream.events // files for number in range(files + 1)]
        names = [f"events-{number:06d}" for number in range(1, files + 1)]
    return tuple(
        Slice(f"{name}.{suffix}", first, until)
        for name, first, until in zip(names, bounds, bounds[1:], strict=False)
        if first < until
    )


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


def world_tables(pattern: Pattern, world: World) -> dict[str, pa.Table]:
    """The tables that the stream looks things up in."""
    import pyarrow as pa

    starts = {day.on: day.start_us for day in world.days}

    def table(names: str, rows: Sequence[Sequence[Any]]) -> pa.Table:
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(names.split())
        return pa.table(dict(zip(names.split(), map(list, columns), strict=True)))

    campaigns = table(
        "block campaign_us campaign_subject campaign_subject_id campaign_kind"
        " campaign_start campaign_end",
        [
            (
                campaign.block,
                starts[campaign.start] + timedelta(hours=9) // timedelta(microseconds=1),
                campaign.subject,
                campaign.subject_id,
                campaign.kind,
                campaign.start.isoformat(),
                campaign.end.isoformat(),
            )
            for campaign in world.campaigns
        ]
        + [(NOTHING, 0, "", "", "", "", "")],
    )
    return {
        "pattern": table(
            "slot kind has_starts is_late shape ref_slot correctable_before repeatable_before",
            [
                (
                    slot.slot,
                    int(slot.kind),
                    int(slot.has_starts),
                    slot.is_late,
                    int(slot.shape),
                    slot.ref_slot,
                    slot.correctable_before,
                    slot.repeatable_before,
                )
                for slot in pattern.slots
            ],
        ),
        "places": table(
            "rank repeatable correctable late",
            [
                *zip_longest(range(BLOCK), pattern.repeatable, pattern.correctable, pattern.late),
                (NOTHING, None, None, None),
            ],
        ),
        "parts": table("part day", list(enumerate(world.parts))),
        "days": table(
            "day start_us hours month",
            [(day.number, day.start_us, day.hours, day.month) for day in world.days],
        ),
        "services": table("key service digital_threshold", world.services),
        "mixes": table("key combination", world.mixes),
        "combinations": table(
            "combination service_id channel assistance assistance_provider online_extent outcome"
            " event_source started_body completed_body",
            [
                (
                    number,
                    combination.service_id,
                    combination.channel,
                    combination.assistance,
                    combination.assistance_provider,
                    combination.online_extent,
                    combination.outcome,
                    SOURCE + combination.service_id,
                    combination.started_body,
                    combination.completed_body,
                )
                for number, combination in enumerate(world.combinations)
            ],
        ),
        "alternatives": table(
            "key channel assistance", [*world.alternatives, (NOTHING, None, None)]
        ),
        "campaigns": campaigns,
    }


def stretches(first: int, until: int, *, size: int = CHUNK) -> Iterator[tuple[int, int]]:
    """A range in pieces of at most `size`."""
    for start in range(first, until, size):
        yield start, min(start + size, until)


def _write_files(
    landing: Path,
    slices: Sequence[Slice],
    makers: Makers,
    *,
    format: Format,
    progress: Callable[[int], None] | None,
) -> None:
    """Write the whole stream, cut into its files: each under a temporary name until it is whole."""
    make = {"csv": csv_lines_sql, "parquet": columns_sql}.get(format, lines_sql)
    ranges = list(stretches(0, makers.stream.events))
    tables = makers.make(make(makers.stream, *bounds) for bounds in ranges)
    ahead = iter(slices)
    part: Slice | None = None
    with ExitStack() as stack:
        for (first, until), table in zip(ranges, tables, strict=True):
            reached = first
            while reached < until:
                if part is None:
                    part = next(ahead)
                    write = stack.enter_context(_open(landing / f".{part.name}.tmp", format))
                count = min(part.until, until) - reached
                write(table.slice(reached - first, count))
                reached += count
                if reached == part.until:
                    stack.close()
                    (landing / f".{part.name}.tmp").replace(landing / part.name)
                    part = None
            if progress is not None:
                progress(table.num_rows)


Writer = Callable[["pa.Table"], None]


@contextmanager
def _open(path: Path, format: Format) -> Iterator[Writer]:
    """A function that writes tables of the stream into a file of this format."""
    if format == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([pa.field(name, pa.string()) for name in COLUMNS.split(",")])
        with pq.ParquetWriter(path, schema, compression="zstd") as parquet:
            yield lambda table: parquet.write_table(table.cast(schema))
        return
    with _open_bytes(path, format) as stream:
        if format == "csv":
            stream.write(f"{COLUMNS}\n".encode())

        def write(table: pa.Table) -> None:
            for array in table.column(0).chunks:
                stream.write(_text(array))

        yield write


@contextmanager
def _open_bytes(path: Path, format: Format) -> Iterator[IO[bytes]]:
    """A stream of plain bytes into a file, packed as the format says."""
    if format == "jsonl.gz":
        import gzip

        # No name and no time of writing in the header: the same records give the same bytes.
        with (
            path.open("wb") as packed,
            gzip.GzipFile("", "wb", GZIP_LEVEL, packed, mtime=0) as plain,
        ):
            yield plain  # type: ignore[misc]
    elif format == "jsonl.zst":
        import zstandard

        packer = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
        with path.open("wb") as packed, packer.stream_writer(packed) as plain:
            yield plain
    else:
        with path.open("wb") as plain:
            yield plain


def _text(array: Any) -> memoryview:
    """The texts of an Arrow array on end, without a copy."""
    _, offsets, content = array.buffers()
    bounds = memoryview(offsets).cast("q")
    return memoryview(content)[bounds[array.offset] : bounds[array.offset + len(array)]]
