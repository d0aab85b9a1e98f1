"""Read the next item of an iterator while the one before is being worked on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def prefetched(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, each read in a thread of its own while the caller has the one before.

    At most one item waits, so that memory stays bounded; errors come where they belong.
    """
    missing = object()
    with ThreadPoolExecutor(max_workers=1) as reader:
        waiting = reader.submit(next, items, missing)
        while (item := waiting.result()) is not missing:
            waiting = reader.submit(next, items, missing)
            yield item  # type: ignore[misc]
