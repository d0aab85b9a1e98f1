"""The files of a simulated landing: how the stream is cut into them, and writing them whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from core.errors import UsageError
from simulator.makers import Makers, stretches
from simulator.rendering import columns_sql, csv_lines_sql, lines_sql
from simulator.rows import Stream
from simulator.world import PARTS

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["jsonl", "jsonl.gz", "jsonl.zst", "csv", "parquet"]
COLUMNS = "specversion,id,source,type,time,datacontenttype,simulated,data"
GZIP_LEVEL = 1
ZSTD_LEVEL = 3


@dataclass(frozen=True)
class Slice:
    """One file: its name and the records that it holds."""

    name: str
    first: int
    until: int


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


def write_files(
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
