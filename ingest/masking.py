"""Mask forbidden personal values before a refused record is kept.

The value is replaced by a keyed digest: the same value in two records can be seen to be the
same, and nobody without the home's key can find out what it was.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from blake3 import blake3


def masking_key(path: Path) -> bytes:
    """The home's key, made on first use and readable by its owner only."""
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        key = secrets.token_bytes(32)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(key.hex())
        return key


def mask(raw: str, *, forbidden: frozenset[str], key: bytes) -> str:
    """The record with every forbidden value masked, and nothing else changed where it is JSON lines.

    A record that is no JSON is searched as text, so that a torn line gives nothing away.
    """

    def digest(text: str) -> str:
        return "masked:" + blake3(text.encode(), key=key).hexdigest()[:32]

    found = False

    def clean(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        members: dict[str, Any] = {}
        for name, value in pairs:
            if name in members:
                raise ValueError("a key stands twice")
            is_forbidden = name.lower() in forbidden
            found |= is_forbidden
            members[name] = digest(json.dumps(value, ensure_ascii=False)) if is_forbidden else value
        return members

    try:
        document = json.loads(raw, object_pairs_hook=clean)
    except (ValueError, RecursionError):
        return _mask_text(raw, forbidden=forbidden, digest=digest)
    return json.dumps(document, ensure_ascii=False) if found else raw


def _mask_text(raw: str, *, forbidden: frozenset[str], digest: Callable[[str], str]) -> str:
    names = "|".join(re.escape(name) for name in sorted(forbidden, key=len, reverse=True))
    # In a CSV cell the quotes of JSON are doubled.
    value = r'""(?:[^"\\]|\\.)*""|"(?:[^"\\]|\\.)*"?|[^,}\s]+'
    pattern = re.compile(rf'("(?:{names})""?\s*:\s*)({value})', re.IGNORECASE)
    return pattern.sub(lambda match: match[1] + '"' + digest(match[2]) + '"', raw)


def mentions(forbidden: frozenset[str]) -> str:
    """A regular expression (RE2) that finds a forbidden name used as a key, escaped or not."""
    names = "|".join(re.escape(name) for name in sorted(forbidden))
    return rf'(?i)"(?:{names})""?\s*:|\\u00'
