"""CloudEvents 1.0 as JSON lines: plain, gzip or Zstandard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.sources import Context, SourceFile

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "cloudevents"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LINE_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst", ".ndjson.zst")


def recognise(file: SourceFile) -> bool:
    """JSON lines are lines, whatever they hold: the suffix decides."""
    return file.name.lower().endswith(LINE_SUFFIXES)


def read(file: SourceFile, context: Context) -> Iterator[pa.Table]:
    """One record per line that is not empty.

    A last line without its newline that is no JSON is `torn_line`.
    """
    from ingest.containers import open_stream, read_exactly
    from ingest.records import split_lines

    position = 1
    rest = b""
    with open_stream(file.path, file.container) as stream:
        is_first = True
        while True:
            block = read_exactly(stream, context.chunk_bytes - len(rest))
            content = rest + block
            if is_first:
                content = content.removeprefix(BYTE_ORDER_MARK)
                is_first = False
            is_last = not block
            cut = len(content) if is_last else content.rfind(b"\n") + 1
            if cut == 0 and not is_last:
                # One line fills the whole chunk: read on until its end.
                rest = content
                context = _with_larger_chunk(context)
                continue
            content, rest = content[:cut], content[cut:]
            if content:
                table, count = split_lines(content, first_position=position)
                position += count
                yield _mark_torn(table) if is_last and not content.endswith(b"\n") else table
            if is_last:
                return


def _with_larger_chunk(context: Context) -> Context:
    from dataclasses import replace

    return replace(context, chunk_bytes=context.chunk_bytes * 2)


def _mark_torn(table: pa.Table) -> pa.Table:
    import pyarrow as pa

    from ingest.records import record_table

    last = table.num_rows - 1
    line = table["line"][last].as_py()
    try:
        json.loads(line)
    except ValueError:
        torn = record_table(
            position=[table["position"][last].as_py()],
            line=[line],
            reason=["torn_line"],
            detail=["the last line has no newline and is no whole record"],
        )
        return pa.concat_tables([table.slice(0, last), torn])
    return table
