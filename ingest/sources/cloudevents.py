"""CloudEvents 1.0 as JSON lines, as a JSON batch or one by one: uncompressed, gzip or Zstandard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from ingest.landing.inspection import SourceFile
from ingest.sources.base import Context, Source
from ingest.sources.json_elements import SUFFIXES, elements, first_object, text_of, whole_text

if TYPE_CHECKING:
    import pyarrow as pa

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NEWLINE = ord("\n")
FIRST_BYTES = 1024 * 1024
ROWS_PER_TABLE = 20_000
LINE_SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".jsonl.zst", ".ndjson.zst")


class CloudEvents(Source):
    """JSON lines are lines, whatever they hold: the suffix decides. JSON is events by its head."""

    name = "cloudevents"
    most_bytes = None
    may_take_fast_path = True

    def recognise(self, file: SourceFile) -> bool:
        name = file.name.lower()
        if name.endswith(SUFFIXES):
            text = text_of(file.head)
            return text[:1] in ("[", "{") and '"specversion"' in text
        return name.endswith(LINE_SUFFIXES)

    def marks_simulated(self, file: SourceFile) -> bool | None:
        """Whether the first event says that it is simulated; None where no line in sight is one."""
        if file.name.lower().endswith(SUFFIXES):
            first = first_object(file, answers=False)
            return None if first is None else first.get("simulated") is True
        for line in file.head.removeprefix(BYTE_ORDER_MARK).split(b"\n"):
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(event, dict) and "specversion" in event:
                return event.get("simulated") is True
        return None

    def read(self, file: SourceFile, context: Context) -> Iterator[pa.Table]:
        """One record per line, or per element of a batch."""
        if file.name.lower().endswith(SUFFIXES):
            return _read_document(file)
        return read_lines(file, context)


def _read_document(file: SourceFile) -> Iterator[pa.Table]:
    """One record per event of a batch, or the one event that the document is."""
    from ingest.landing.records import record_table

    found = elements(whole_text(file), answers=False)
    while rows := list(islice(found, ROWS_PER_TABLE)):
        positions, texts, reasons = zip(*rows, strict=True)
        # Lines end with a newline, and the fast path counts on it.
        yield record_table(
            position=positions,
            line=[f"{text}\n" for text in texts],
            reason=reasons,
            detail=[reason and "the file ends inside this event" for reason in reasons],
        )


def read_lines(file: SourceFile, context: Context) -> Iterator[pa.Table]:
    """One record per line that is not empty.

    A last line without its newline that is not JSON is `torn_line`.
    """
    from ingest.landing.containers import (
        LONGEST_DOCUMENT,
        Buffers,
        check_size,
        fill,
        open_stream,
    )
    from ingest.landing.records import after_last_newline, check_line_ends, split_lines

    check_line_ends(file.head)
    position = 1
    # Most files are small: memory for a whole chunk is asked for where there is more to come.
    size = min(FIRST_BYTES, context.chunk_bytes)
    rest = memoryview(b"")
    is_first = True
    buffers = Buffers()
    with open_stream(file.path, file.container) as stream:
        while True:
            # A buffer per chunk, which Arrow then refers to: the bytes are copied only once.
            buffer = buffers.of(max(size, len(rest) + 1))
            buffer[: len(rest)] = rest
            count = fill(buffer[len(rest) :], stream)
            is_last = len(rest) + count < len(buffer)
            content = buffer[: len(rest) + count]
            if is_first:
                content = content[3:] if content[:3] == BYTE_ORDER_MARK else content
                is_first = False
            cut = len(content) if is_last else after_last_newline(content)
            if cut == 0 and not is_last:
                check_size("a line", len(content), LONGEST_DOCUMENT)
                # One line fills the whole chunk: read on until its end.
                rest, size = content, max(context.chunk_bytes, size * 2)
                continue
            content, rest = content[:cut], content[cut:]
            size = context.chunk_bytes
            if content:
                table, lines = split_lines(content, first_position=position)
                position += lines
                is_open = is_last and content[-1] != NEWLINE
                yield _mark_torn(table, last=position - 1) if is_open else table
            if is_last:
                return


def _mark_torn(table: pa.Table, *, last: int) -> pa.Table:
    """The table with its line `last`, which has no newline, refused where it is not JSON.

    A blank line is not a record and tears nothing.
    """
    import pyarrow as pa

    from ingest.landing.records import record_table

    row = table.num_rows - 1
    if row < 0 or table["position"][row].as_py() != last:
        return table
    line = table["line"][row].as_py()
    if _is_whole(line):
        return table
    torn = record_table(
        position=[last],
        line=[line],
        reason=["torn_line"],
        detail=["the last line has no newline and is not a whole record"],
    )
    return pa.concat_tables([table.slice(0, row), torn])


def _is_whole(line: str) -> bool:
    try:
        json.loads(line, parse_int=float)
    except RecursionError:
        return True
    except ValueError:
        return False
    return True
