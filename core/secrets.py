"""Secrets in what is printed or logged: each gives way to asterisks."""

from __future__ import annotations

import json
from typing import Final

MASK: Final = "***"

_known: set[str] = set()


def remember(secret: str) -> None:
    """Mask these characters from now on, wherever `masked` is asked."""
    if secret:
        _known.update((secret, json.dumps(secret)[1:-1]))


def masked(text: str) -> str:
    """The text without the secrets of this process, in whichever of them another lies too."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text
