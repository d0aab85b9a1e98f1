"""Someone who reads the pages all the time, as a browser does: a page, what it shows, what it
leads to."""

from __future__ import annotations

import http.client
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from html.parser import HTMLParser
from posixpath import join, normpath
from urllib.parse import unquote, urlsplit

from blake3 import blake3

from core.settings import Settings
from publish.pages.site.serve import LOOPBACK, serving

FIRST = "index.html"
BREATH_SECONDS = 0.03
"""Between two requests: the machine has other work to do."""


@dataclass(frozen=True)
class View:
    """A page as somebody saw it: its path, and the digests of it and of what it shows."""

    page: str
    parts: tuple[tuple[str, str], ...]

    def is_of(self, site: Mapping[str, str]) -> bool:
        """Whether page and all parts are of that version of the pages."""
        return all(site.get(path) == digest for path, digest in self.parts)


class Browser(threading.Thread):
    """Follows links from the first page on, over HTTP, and begins again when it knows them all."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(daemon=True)
        self._settings = settings
        self._stopped = threading.Event()
        self.views: set[View] = set()
        self.count = 0
        self.failures: list[str] = []
        self.start()

    def run(self) -> None:
        with ExitStack() as held:
            server = held.enter_context(serving(self._settings, port=0))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            held.callback(server.shutdown)
            while not self._stopped.is_set():
                self._walk(server.server_port)

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        self.join()

    def _walk(self, port: int) -> None:
        known, waiting = {FIRST}, deque([FIRST])
        while waiting and not self._stopped.is_set():
            page = waiting.popleft()
            try:
                shown, links = self._look(port, page)
            except Exception as error:
                # Of another version, the page that led here may lead where nothing is any more.
                self.failures.append(f"{page}: {type(error).__name__}: {error}")
                time.sleep(BREATH_SECONDS)
                continue
            self.views.add(shown)
            self.count += 1
            fresh = [path for path in links if path not in known]
            known.update(fresh)
            waiting.extend(fresh)

    def _look(self, port: int, page: str) -> tuple[View, list[str]]:
        body = self._get(port, page)
        read = _Reader(page)
        read.feed(body.decode())
        parts = {page: body} | {path: self._get(port, path) for path in read.parts}
        # What lies beside the pages is of the home and its runs, of no version.
        of_version = ((path, got) for path, got in parts.items() if not path.startswith("../"))
        digests = ((path, f"blake3:{blake3(got).hexdigest()}") for path, got in of_version)
        return View(page, tuple(digests)), [path for path in read.links if path.endswith(".html")]

    def _get(self, port: int, path: str) -> bytes:
        """The whole of a response, or an error."""
        time.sleep(BREATH_SECONDS)
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=30)
        try:
            connection.request("GET", f"/{path}")
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status != 200 or len(body) != int(response.headers["Content-Length"]):
            raise ValueError(f"{path} answered {response.status} with {len(body)} bytes")
        return body


class _Reader(HTMLParser):
    """What a page shows of itself, and where it leads to within the pages, by path."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._folder = page.rpartition("/")[0]
        self.parts: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get("src") or given.get("href")
        if address is None:
            return
        to = self.links if tag == "a" else self.parts
        to.extend(path for path in self._within(address) if path not in to)

    def _within(self, address: str) -> Iterator[str]:
        split = urlsplit(address)
        if not split.scheme and not split.netloc and split.path:
            yield normpath(join(self._folder, unquote(split.path)))
