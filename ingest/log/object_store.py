"""Stores of objects by their address: what they are asked for stands in the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from core.errors import TakeupError, UsageError
from core.secrets import remember

SECRETS: Final = (
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_CLIENT_SECRET",
    "AZURE_STORAGE_SAS_TOKEN",
)
"""Variables that are masked in whatever this process prints."""


def store_at(address: str) -> ObjectStore:
    """The store that an address names; its objects are named from there.

    Raises:
        UsageError: the address names none, or has more in it.
    """
    parts = urlsplit(address)
    if parts.password or parts.query or parts.fragment:
        raise UsageError(
            "the address of a store is a scheme, a bucket and a prefix (s3://BUCKET/PREFIX) and"
            " nothing more: credentials belong into the environment"
        )
    for name in SECRETS:
        remember(os.environ.get(name, ""))
    try:
        return from_url(address, mkdir=True) if parts.scheme == "file" else from_url(address)
    except (BaseError, ValueError) as error:
        raise UsageError(
            f"{address} is not the address of a store, which is like s3://BUCKET/PREFIX or"
            f" file:///FOLDER ({_first_line(error)})"
        ) from error


@contextmanager
def in_one_line(address: str) -> Iterator[None]:
    """What a store says goes on as an error of ours.

    Raises:
        TakeupError: the store refuses, or can't be reached.
    """
    try:
        yield
    except BaseError as error:
        raise TakeupError(
            f"{address}: {_first_line(error)}. Credentials, region and endpoint are read from the"
            " environment (docs/runbook.md, Mirror); what is there stays, do it again"
        ) from error


def _first_line(error: Exception) -> str:
    """What a store says, without the page that it sent."""
    return re.split(r"\n|: <", str(error), maxsplit=1)[0].strip()
