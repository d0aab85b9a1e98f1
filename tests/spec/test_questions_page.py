"""docs/questions.md is what its queries answer on the file published from the vintages."""

from __future__ import annotations

from pathlib import Path

from publish.pages import questions


def test_page_is_current(published_vintages: Path) -> None:
    assert questions.PAGE.path.read_text(encoding="utf-8") == questions.page(published_vintages)


def test_every_question_has_an_answer(published_vintages: Path) -> None:
    assert "No row." not in questions.page(published_vintages)


def test_no_question_is_asked_twice() -> None:
    asked = [question["ask"] for part in questions.headings() for question in part["questions"]]

    assert len(asked) >= 25
    assert len(set(asked)) == len(asked)
