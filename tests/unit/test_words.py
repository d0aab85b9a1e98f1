"""One word for one thing: where a word was given up for another, it does not come back.

Outside of it are columns of the analyst interface (`verdict` of a target or a claim, `lost_on`),
the words of the definitions, and ordinary English.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from core.settings import PROJECT_ROOT

IN_NAMES = {
    "admitted": "accepted",
    "doubtful": "possible duplicate",
    "fate": "outcome",
    "fates": "outcomes",
    "judge": "check",
    "judged": "checked",
    "judges": "checks",
    "judging": "full check",
    "lane": "fast path, full check",
    "lanes": "fast path, full check",
    "look": "signature (of a file), scan (of a folder)",
    "lost": "duplicate",
    "plain": "fast path (of events), folded (of names), uncompressed (of containers)",
    "ruled": "outcome",
    "ruling": "outcome",
    "rulings": "outcomes",
    "seal": "approval",
    "sealed": "approved",
    "settle": "deduplicate",
    "settled": "deduplicated",
    "settles": "deduplicates",
    "settlement": "deduplication",
    "taken": "accepted",
    "verdicts": "outcomes",
}
"""Old word and new, in names of Python, SQL and YAML in ingest and expectations. A word is given
up as a part of longer names too: `settled_rows`."""

IN_TEXTS = {
    r"(fast|full|two|one) lanes?\b|\blanes?\b": "fast path, full check",
    r"\bsettl(e|es|ed|ing|ement)\b": "deduplicate",
    r"\bfates?\b": "outcome",
    r"\bplain (event|record|transaction)s?\b": "of the fast path",
    r"\bjudg(e|es|ed|ing) (them|records?|files?|events?)\b": "check",
    r"\b(code|schema|version|code that) (that )?judged\b": "checked",
    r"\b(un)?seal(s|ed|ing)?\b": "approval",
    r"\blook_at(_file)?\b": "scan, signature",
    r"\bstands? twice\b": "appears twice",
    r"(?<![Tt]here )\bis no (whole|number|moment|quarter|day|date|ratio|count|folder|JSON|report"
    r"|figure|text|list|object|channel|transaction|service|exemplar|event|YAML|RFC|ISO|DuckDB|CSV"
    r"|Parquet)\b": "is not a",
}
"""Old words as patterns, and the new ones, in documentation, messages, docstrings and comments."""

OF_THE_INTERFACE = {"lost_on"}

PACKAGES = (
    *("core", "ingest", "simulator", "projections", "expectations", "publish", "takeup"),
    *("bench", "dags"),
)
MODELS = ("dbt_project/models", "dbt_project/macros", "dbt_project/tests", "seeds")
SQL = re.compile(r"\b(select|from|where|insert|create)\b")
IDENTIFIER = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")


def files(folders: Iterable[str], *suffixes: str) -> list[Path]:
    return [
        path
        for folder in folders
        for path in sorted((PROJECT_ROOT / folder).rglob("*"))
        if path.suffix in suffixes
    ]


def names_in(path: Path, text: str) -> Iterator[str]:
    """Every name of a file: of Python the syntax's own, and those of the SQL in its strings."""
    if path.suffix != ".py":
        yield from IDENTIFIER.findall(text)
        return
    for node in ast.walk(ast.parse(text)):
        for field in ("id", "attr", "name", "arg", "asname", "module"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield name
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and SQL.search(node.value)
        ):
            yield from IDENTIFIER.findall(node.value)


def old_words_of(name: str) -> list[str]:
    parts = "_".join(re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)).lower()
    return [word for word in IN_NAMES if f"_{word}_" in f"_{parts}_"]


def old_texts_of(text: str) -> list[str]:
    return [
        f"{match.group(0)!r}: say {new!r}"
        for old, new in IN_TEXTS.items()
        for match in re.finditer(old, text)
    ]


def test_no_name_of_ingest_or_expectations_has_an_old_word() -> None:
    paths = files(("ingest", "expectations"), ".py", ".sql", ".yml")
    found = {
        f"{path.relative_to(PROJECT_ROOT)}: {name}: {word!r} is {IN_NAMES[word]!r} now"
        for path in paths
        for name in names_in(path, path.read_text(encoding="utf-8"))
        for word in old_words_of(name)
        if name not in OF_THE_INTERFACE
    }

    assert len(paths) > 50
    assert sorted(found) == []


def test_no_message_comment_or_page_has_an_old_word() -> None:
    paths = [
        *files(PACKAGES, ".py", ".sql", ".yml"),
        *files(MODELS, ".sql", ".yml", ".md"),
        *files(["docs"], ".md"),
        *PROJECT_ROOT.glob("*.md"),
    ]
    found = [
        f"{path.relative_to(PROJECT_ROOT)}: {old}"
        for path in paths
        for old in old_texts_of(path.read_text(encoding="utf-8"))
    ]

    assert len(paths) > 150
    assert found == []


@pytest.mark.parametrize(
    "name",
    ["settled_rows", "FullLane", "judge", "LANES", "old.sealed", "look_at_file", "plain_name"],
)
def test_an_old_word_in_a_name_is_seen(name: str) -> None:
    assert old_words_of(name)


@pytest.mark.parametrize("name", ["deduplicated_rows", "planes", "looks_like_a_number", "outlook"])
def test_another_word_is_let_be(name: str) -> None:
    assert old_words_of(name) == []


@pytest.mark.parametrize(
    "text",
    [
        "the full lane",
        "once they are settled",
        "retry judges them again",
        "what is no number",
        "column stands twice",
        "a plain event",
    ],
)
def test_an_old_word_in_a_text_is_seen(text: str) -> None:
    assert old_texts_of(text)


@pytest.mark.parametrize(
    "text", ["there is no ratio", "plain text", "targets are judged by quarter", "airplanes"]
)
def test_ordinary_english_is_let_be(text: str) -> None:
    assert old_texts_of(text) == []
