"""Secrets in what is printed or logged: each gives way to asterisks."""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import unquote, urlsplit

MASK: Final = "***"

_known: set[str] = set()


def remember(secret: str) -> None:
    """Mask these characters from now on, wherever `masked` is asked."""
    if secret:
        _known.update((secret, json.dumps(secret)[1:-1]))


def remember_address(address: str) -> None:
    """Mask the password in an address, as it is written there and as it is meant."""
    try:
        password = urlsplit(address).password or ""
    except ValueError:
        # Where the password is can't be told: none of it is shown.
        password = address
    remember(password)
    remember(unquote(password))


def masked(text: str) -> str:
    """The text without the secrets of this process, in whichever of them another lies too."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text
