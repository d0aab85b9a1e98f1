"""What is said of limits of the machine."""

from __future__ import annotations

import duckdb
import pytest

from core.limits import limit_met, remedy_for, unreadable, with_remedy


def test_a_limit_is_told_with_what_to_do() -> None:
    said = limit_met(OSError(28, "No space left on device", "/disk/part"))
    assert said == (
        "No space left on device: /disk/part: free room on that disk, then run it again"
    )


def test_of_two_files_the_written_one_is_named() -> None:
    said = limit_met(OSError(28, "No space left on device", "/from", None, "/disk/to"))
    assert said is not None
    assert said.startswith("No space left on device: /disk/to: free room")


def test_what_is_no_limit_is_none() -> None:
    assert limit_met(ZeroDivisionError("a mistake")) is None
    assert limit_met(OSError(5, "Input/output error")) is None
    assert with_remedy("it went wrong") == "it went wrong"


def test_what_to_do_is_said_once() -> None:
    said = with_remedy("Too many open files")
    assert with_remedy(said) == said


def raised(error: Exception) -> Exception:
    """An error as it is when it was raised while another one was seen to."""
    error.__context__ = duckdb.IOException("IO Error: x: Too many open files\nmore")
    return error


def test_a_limit_is_found_in_what_caused_an_error() -> None:
    said = limit_met(raised(ValueError("could not be read")))
    assert said is not None
    assert said.startswith("IO Error: x: Too many open files: allow more open files")


def test_of_the_log_s_keeper_the_causes_are_told_without_their_colours() -> None:
    said = limit_met(
        ValueError(
            "Kernel error -> Generic LocalFileSystem error\n"
            " \x1b[31m\u21b3\x1b[0m Unable to open file /log/8.json\n"
            "  \x1b[31m\u21b3\x1b[0m Too many open files (os error 24)\n"
        )
    )
    assert said == (
        "Unable to open file /log/8.json: Too many open files (os error 24):"
        " allow more open files (ulimit -n), then run it again"
    )


def test_what_is_hidden_on_purpose_is_no_cause() -> None:
    hiding = raised(ValueError("another matter"))
    hiding.__suppress_context__ = True
    assert limit_met(hiding) is None


@pytest.mark.parametrize(("number", "code"), [(2, 2), (13, 2), (24, 1), (12, 1)])
def test_a_register_that_no_handle_is_left_for_is_not_a_wrong_one(number: int, code: int) -> None:
    assert unreadable("register a.csv", OSError(number, "x")).exit_code == code


def test_memory_of_duckdb_is_another_matter_than_that_of_the_machine() -> None:
    own, machine = (
        remedy_for("Out of Memory Error: 1 GiB used"),
        remedy_for("Cannot allocate memory"),
    )
    assert own is not None
    assert own.startswith("raise TAKEUP_MEMORY_LIMIT")
    assert machine is not None
    assert machine.startswith("lower TAKEUP_MEMORY_LIMIT")
