"""Generated pages of docs/: that they are current, when they are written, what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import IntegrityError, TakeupError
from core.settings import PROJECT_ROOT
from publish.pages import __main__ as command
from publish.pages import architecture, page
from publish.pages.page import Page, cell, filled, opening, table
from publish.pages.registry import PAGES, check_pages, write_pages

WITHOUT_HOME = [made for made in PAGES if not made.needs_home]


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for docs/."""
    monkeypatch.setattr(page, "DOCS", tmp_path)
    return tmp_path


@pytest.mark.parametrize("made", WITHOUT_HOME, ids=lambda made: made.name)
def test_a_page_that_needs_no_home_is_current(made: Page) -> None:
    assert made.path.read_text(encoding="utf-8") == made.text()


def test_every_page_that_says_it_is_written_by_the_command_is_one() -> None:
    says_so = {
        path.name
        for path in (PROJECT_ROOT / "docs").glob("*.md")
        if "Written by `make docs" in path.read_text(encoding="utf-8")
        or "<!-- make docs: " in path.read_text(encoding="utf-8")
    }

    assert {made.name for made in PAGES} == says_so


def test_a_page_is_written_only_where_it_reads_otherwise(docs: Path) -> None:
    first, second = Page("a.md", lambda: "first\n"), Page("a.md", lambda: "second\n")

    assert write_pages(None, pages=[first]) == ["docs/a.md: written"]
    written_at = (docs / "a.md").stat().st_mtime_ns
    assert write_pages(None, pages=[first]) == ["docs/a.md: was current"]
    assert (docs / "a.md").stat().st_mtime_ns == written_at
    assert write_pages(None, pages=[second]) == ["docs/a.md: written"]
    assert (docs / "a.md").read_text() == "second\n"


def test_a_page_that_needs_a_home_is_left_out_without_one(docs: Path) -> None:
    needs_one = Page("a.md", str, needs_home=True)

    assert write_pages(None, pages=[needs_one]) == []
    assert check_pages(None, pages=[needs_one]) == []
    write_pages(docs / "takeup.duckdb", pages=[needs_one])
    assert (docs / "a.md").read_text() == str(docs / "takeup.duckdb")


def test_the_check_names_what_is_not_current_and_writes_nothing(docs: Path) -> None:
    (docs / "current.md").write_text("as it was")
    pages = [
        Page("current.md", lambda: "as it was"),
        Page("old.md", lambda: "new"),
        Page("older.md", lambda: "new"),
    ]

    with pytest.raises(TakeupError, match=r"out of date: docs/old\.md, docs/older\.md: run `make"):
        check_pages(None, pages=pages)
    assert not (docs / "old.md").exists()
    assert check_pages(None, pages=pages[:1]) == ["docs/current.md: current"]


def test_where_one_page_fails_none_is_written(docs: Path) -> None:
    def torn() -> str:
        raise IntegrityError("the file is torn")

    with pytest.raises(IntegrityError):
        write_pages(None, pages=[Page("a.md", lambda: "new"), Page("b.md", torn)])
    assert not (docs / "a.md").exists()


@pytest.mark.parametrize(("arguments", "goes_to"), [([], "write"), (["--check"], "check")])
def test_the_command_writes_or_checks(
    arguments: list[str],
    goes_to: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def told(what: str) -> Callable[[Path | None], list[str]]:
        return lambda published_file: [f"{what} {published_file}"]

    monkeypatch.setattr(command, "write_pages", told("write"))
    monkeypatch.setattr(command, "check_pages", told("check"))

    assert command.main(arguments) == 0
    assert command.main([*arguments, str(tmp_path)]) == 0
    file = tmp_path / "published" / "takeup.duckdb"
    assert capsys.readouterr().out == f"{goes_to} None\n{goes_to} {file}\n"


def test_an_error_of_the_command_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def torn(_: Path | None) -> list[str]:
        raise IntegrityError("takeup.duckdb is torn")

    monkeypatch.setattr(command, "write_pages", torn)

    assert command.main([]) == 4
    assert capsys.readouterr().err == "takeup.duckdb is torn\n"


def test_the_opening_says_what_wrote_the_page() -> None:
    assert list(opening("Claims", says=" of today.")) == [
        "# Claims",
        "",
        "Written by `make docs HOME=DIR` from the published file of a home of today.",
        "",
    ]


def test_a_table_has_its_numbers_on_the_right_and_nothing_where_nothing_is() -> None:
    assert list(table("name | >count", [("a", 1), (cell("b | c\nd"), None)])) == [
        "| name | count |",
        "| --- | ---: |",
        "| a | 1 |",
        "| b \\| c d |  |",
        "",
    ]


def test_a_generated_part_takes_its_place_in_a_page_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("Before.\n\n<!-- make docs: list -->\nold\n<!-- end of list -->\n\nAfter.\n")

    text = filled(file, {"list": "- new\n"})

    assert text == (
        "Before.\n\n<!-- make docs: list -->\n\n- new\n\n<!-- end of list -->\n\nAfter.\n"
    )
    file.write_text(text)
    assert filled(file, {"list": "- new\n"}) == text
    with pytest.raises(TakeupError, match=r"docs/page\.md has no place for .* 'other'"):
        filled(file, {"other": ""})


@pytest.mark.parametrize("container", ["", "ingest"])
def test_no_arrow_between_packages_goes_up(container: str) -> None:
    floors = architecture.layers(container)
    floor_of = {name: number for number, floor in enumerate(floors) for name in floor}
    found = architecture.arrows(floors)

    assert len(found) > 5
    assert [arrow for arrow in found if floor_of[arrow[0]] >= floor_of[arrow[1]]] == []


def test_arrows_are_drawn_for_imports_of_every_kind(tmp_path: Path) -> None:
    for name, text in {
        "top/a.py": "def late() -> None:\n    import low.b\n",
        "top/c.py": "from house import roof\n",
        "low/b.py": "from top.a import late\nfrom highest import x\n",
        "house/roof.py": "import json\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    found = architecture.arrows([["top"], ["house.roof"], ["low"]], root=tmp_path)

    assert found == [("top", "house.roof"), ("top", "low"), ("low", "top")]
