"""What goes out to people can steer no terminal, and no secret is in it."""

from __future__ import annotations

import io
import json
import sys

import pytest

from core import secrets
from core.terminal import guard, printable, unguarded


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, größe 😀\n\tnext", "plain, größe 😀\n\tnext"),
        ("\x1b[2Jcleared\r", "\\x1b[2Jcleared\\r"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\u009b31m"),
        ("txt.\u202egpj", "txt.\\u202egpj"),
        ("\u2066a\u2069 \u200eb\u2028c", "\\u2066a\\u2069 \\u200eb\\u2028c"),
        ("half \udcff", "half \\udcff"),
        ("tag \U000e0041", "tag \\udb40\\udc41"),
    ],
)
def test_what_would_steer_a_terminal_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_json_says_the_same_with_its_escapes() -> None:
    told = {"name": "\x9b\u202ea\U000e0041\x1b\n"}
    assert json.loads(printable(json.dumps(told, ensure_ascii=False, indent=2))) == told


def test_nothing_that_is_printed_goes_out_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setattr(secrets, "_known", set())
    secrets.remember("s3cret-word")
    guard()
    guard()
    print("a\x1b[2J", "https://example.org/s3cret-word")
    print("b\u202e", file=sys.stderr)
    sys.stdout.writelines(["c\x07\n"])
    print("\x1b[1mours\x1b[0m", file=unguarded(sys.stdout))
    assert out.getvalue() == "a\\x1b[2J https://example.org/***\nc\\x07\n\x1b[1mours\x1b[0m\n"
    assert err.getvalue() == "b\\u202e\n"
    assert not sys.stdout.isatty()
