"""Search over the pages, for where they are served: an index that the reader's browser reads.

Pages that are opened as files can't load it; there the list from A to Z serves.
"""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from core.errors import TakeupError
from publish.pages.site.model import Page

FOLDER: Final = "search"
_OF_ITS_OWN_PAGES: Final = ("pagefind-*ui.*", "pagefind-highlight.js")
"""What comes with the index, and no page of ours asks for."""
_ANSWER_BYTES: Final = 2**20


def search_page() -> Page:
    """The page to search on."""
    return Page(path="search.html", title="Search", template="search", content={})


def index(folder: Path) -> None:
    """Make the index of the pages in a folder, within it.

    Raises:
        TakeupError: the indexer failed.
        OSError: the index could not be written.
    """
    for path, content in _files_of_index(folder):
        if not any(fnmatch(path, pattern) for pattern in _OF_ITS_OWN_PAGES):
            file = folder / FOLDER / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)


def _files_of_index(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file of the index.

    The indexer is asked for them as a service: where it writes them itself and the disk is full, it
    leaves some cut off and says that all went well. Its own client takes no answer beyond 2 MiB.
    """
    from pagefind.service import get_executable

    with subprocess.Popen(
        [str(get_executable()), "--service"],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as service:
        try:
            number = _ask(service, type="NewIndex", config=None)["index_id"]
            _ask(service, type="AddDir", index_id=number, path=str(folder.absolute()), glob=None)
            for file in _ask(service, type="GetFiles", index_id=number)["files"]:
                yield file["path"], base64.b64decode(file["content"])
        finally:
            service.kill()


def _ask(service: subprocess.Popen[bytes], **request: Any) -> dict[str, Any]:
    """What the indexer answers: each message is JSON in base 64, with a comma behind it."""
    assert service.stdin is not None
    assert service.stdout is not None
    message = json.dumps({"message_id": 1, "payload": request}).encode()
    with suppress(BrokenPipeError):  # one that has ended gives no answer
        service.stdin.write(base64.b64encode(message) + b",")
    answer = bytearray()
    while not answer.endswith(b","):
        part = service.stdout.read(_ANSWER_BYTES)
        if not part:
            raise TakeupError("the pages could not be indexed for search: the indexer has ended")
        answer += part
    payload: dict[str, Any] = json.loads(base64.b64decode(answer[:-1]))["payload"]
    if payload["type"] == "Error":
        said = str(payload["message"])
        raise TakeupError(f"the pages could not be indexed for search: {said[-300:]}")
    return payload
