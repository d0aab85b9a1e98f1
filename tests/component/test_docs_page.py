"""Pages of docs/ that programs write: when they are written, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import IntegrityError
from publish.pages.page import opening, write, write_from_home


def test_a_page_is_written_only_where_it_reads_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "claims.md"

    write(page, "first\n")
    write(page, "first\n")
    write(page, "second\n")

    assert page.read_text() == "second\n"
    assert capsys.readouterr().out.splitlines() == [
        "docs/claims.md: written",
        "docs/claims.md: was current",
        "docs/claims.md: written",
    ]


def test_the_opening_says_what_wrote_the_page() -> None:
    assert list(opening("Claims", command="python -m claims HOME", says=" of today.")) == [
        "# Claims",
        "",
        "Written by `python -m claims HOME` from the published file of a home of today.",
        "",
    ]


def test_the_page_is_made_from_the_published_file_of_the_home(tmp_path: Path) -> None:
    page = tmp_path / "page.md"

    code = write_from_home([str(tmp_path)], command="page HOME", page=page, text_of=str)

    assert code == 0
    assert page.read_text() == str(tmp_path / "published" / "takeup.duckdb")


def test_a_page_without_its_home_is_a_question_of_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"

    assert write_from_home([], command="page HOME", page=page, text_of=str) == 2
    assert capsys.readouterr().err == "usage: page HOME\n"
    assert not page.exists()


def test_an_error_is_one_line_and_leaves_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("as it was")

    def torn(published_file: Path) -> str:
        raise IntegrityError(f"{published_file.name} is torn")

    assert write_from_home([str(tmp_path)], command="page HOME", page=page, text_of=torn) == 4
    assert capsys.readouterr().err == "takeup.duckdb is torn\n"
    assert page.read_text() == "as it was"
