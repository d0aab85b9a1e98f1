"""No passage of the source documents stands in the project: facts and figures do, in own words."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

from core.settings import PROJECT_ROOT
from ingest.sources.reports import load_registers
from tests.support.shared import seed_documents

RUN = 8
"""Words in a row that would be a passage."""
WORD = re.compile(r"[a-z0-9]+")


def plain_words(text: str) -> str:
    """Words in small letters, without punctuation: `can't` and `cant` are the same word."""
    return " ".join(WORD.findall(re.sub(r"(?<=\w)['\u2019](?=\w)", "", text.casefold())))


@cache
def department_names() -> re.Pattern[str]:
    """Names of departments, the longest first: the registers print them, and a name is no text."""
    names = {plain_words(name) for name, _ in load_registers(PROJECT_ROOT / "seeds").departments}
    long_ones = sorted((name for name in names if name.count(" ") > 1), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(long_ones)})\b")


HEADING = re.compile(r"\bdepartmental digital strategy commitments december 2012\b")
"""What every paper of the kind has above its entries, those written for tests too."""


def words_of(text: str) -> list[str]:
    """A text's words; the name of a department counts as one, and so does a heading."""
    named = department_names().sub("department", plain_words(text))
    return HEADING.sub("heading", named).split()


def runs_of(text: str) -> set[tuple[str, ...]]:
    words = words_of(text)
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT_ROOT, capture_output=True, check=True
    )
    return [PROJECT_ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_no_run_of_eight_words_of_a_source_document_stands_in_the_project() -> None:
    theirs: set[tuple[str, ...]] = set()
    for path in seed_documents():
        theirs |= runs_of(path.read_text(encoding="utf-8"))
    found = [
        f"{path.relative_to(PROJECT_ROOT)}: {' '.join(run)}"
        for path in tracked_files()
        if path.is_file()
        for run in sorted(runs_of(path.read_text(encoding="utf-8", errors="replace")) & theirs)
    ]
    assert found == []


def test_a_copied_passage_would_be_found() -> None:
    passage = "Nine words that somebody copied from a source document."
    copy = "said: nine WORDS, that somebody copied - from a 'source' document"
    assert runs_of(passage) & runs_of(copy)
    assert not runs_of(passage) & runs_of("nine words that somebody wrote from a source document")
