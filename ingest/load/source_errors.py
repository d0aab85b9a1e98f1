"""What is wrong with a file's content, told apart from what is wrong with us or the machine.

One file can only hurt itself: whatever a source raises on it is its rejection. What ends a run is
a broken log, a broken register, and a machine without memory, disk or handles.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import TakeupError
from ingest.refusals import FileRejected, FileWaits

LONGEST_DETAIL = 200


@contextmanager
def rejecting(what: str) -> Iterator[None]:
    """Turn what is raised inside about a file's content into the file's rejection.

    Args:
        what: who could not read it, for the rejection's detail.

    Raises:
        FileRejected: `unreadable`, or what the source itself says.
    """
    try:
        yield
    except (FileRejected, FileWaits):
        raise
    except Exception as error:
        if not is_about_content(error):
            raise
        raise FileRejected("unreadable", f"{what}: {first_line(error)}") from error


def is_about_content(error: Exception) -> bool:
    """Whether a source's error can only come of what is in the file.

    An error of the system has a number: a file that is gone or locked may be read another day.
    """
    import duckdb

    if isinstance(error, OSError):
        return error.errno is None
    of_machine = (duckdb.OperationalError, duckdb.FatalException, duckdb.InterruptException)
    return not isinstance(error, (TakeupError, MemoryError, *of_machine))


def is_about_records(error: Exception) -> bool:
    """Whether an error while records are checked can only come of what is in them.

    Here the SQL is ours: only what it says of values is theirs.
    """
    import duckdb

    if isinstance(error, duckdb.Error):
        return isinstance(error, (duckdb.DataError, duckdb.InvalidInputException))
    return is_about_content(error)


def first_line(error: Exception) -> str:
    """What an error says, in one line that is not too long."""
    said = str(error).strip().partition("\n")[0][:LONGEST_DETAIL]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
