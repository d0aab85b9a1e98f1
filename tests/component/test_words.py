"""One word per concept: what the old words were, and that none of them is back.

Contract columns, DEFINITIONS.md's words and ordinary English are outside of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import PROJECT_ROOT

FOLDERS = ("core", "ingest")

WORDS = {
    "lane, lanes": "fast path, full check",
    "plain": "fast path (of events), folded (of names and text), uncompressed (of containers)",
    "judge, judged, judges, judging": "check, checked",
    "settle, settled, settles, settlement": "deduplicate, deduplicated",
    "fate, fates, verdict, verdicts, ruling, rulings, ruled": "outcome, reason, refusal",
    "admitted, taken": "accepted",
    "lost": "superseded",
    "doubtful": "possible duplicate",
    "look": "signature (of a file), scan (of a folder)",
    "seal, sealed, seals": "approval, approved",
}
"""Old words of identifiers, in Python and in SQL, and what to say instead."""

PHRASES = {
    r"\bstands? twice\b": "appears twice",
    r"\bis no (?:whole )?(?:\w+)$": "is not a ...",
    r"\bis no (?:text|number|date|list|object|quarter|moment|ratio|day|JSON|CSV|YAML)\b": "is not",
    r"\b(?:fast|full) lane\b": "fast path, full check",
}
"""Phrases of messages, and what to say instead."""

IDENTIFIER = re.compile(
    r"[a-z]+(?:_[a-z]+)+|(?<=\b(?:from|join|into|view) )[a-z]+|(?<=\bas )[a-z]+"
)


def files() -> list[Path]:
    return sorted(path for name in FOLDERS for path in (PROJECT_ROOT / name).rglob("*.py"))


def texts_of(tree: ast.Module) -> Iterator[str]:
    """Every text but docstrings: messages and SQL."""
    alone = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value


def identifiers_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name


def words_in(source: str) -> set[str]:
    """Words of the identifiers of a module, those of its SQL included."""
    tree = ast.parse(source)
    names = {
        *identifiers_of(tree),
        *(name for text in texts_of(tree) for name in IDENTIFIER.findall(text)),
    }
    return {
        word.lower() for name in names for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    }


def old_words() -> dict[str, str]:
    return {old: new for words, new in WORDS.items() for old in words.split(", ")}


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PROJECT_ROOT)))
def test_no_old_word_is_back(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    old = old_words()

    assert {word: old[word] for word in words_in(source) & old.keys()} == {}
    assert {
        text: new
        for text in texts_of(ast.parse(source))
        for phrase, new in PHRASES.items()
        if re.search(phrase, text)
    } == {}


def test_an_old_word_is_seen() -> None:
    assert words_in("def f(): pass\njudged_rows = settleAll = 1") >= {"judged", "settle", "rows"}
    assert "lane" in words_in("q = 'select * from fast_lane'")
    assert "fate" in words_in("q = 'select 1 as fate'")
    assert "lane" not in words_in("def f():\n    '''A fast_lane.'''")
    assert re.search(next(iter(PHRASES)), "column 'a' stands twice")
