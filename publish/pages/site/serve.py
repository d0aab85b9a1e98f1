"""Shows the site on this machine alone, for as long as somebody looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import IO, Any, Final

from core.errors import TakeupError, UsageError
from core.settings import Settings
from publish.pages.site.build import CURRENT

LOOPBACK: Final = "127.0.0.1"
BESIDE: Final = ("gates", "data_docs")
"""Folders beside the pages to which these lead."""


@contextmanager
def serving(settings: Settings, *, port: int) -> Iterator[ThreadingHTTPServer]:
    """A server of the home's site on loopback, closed afterwards. Port 0 takes any that is free.

    Raises:
        UsageError: no site was built yet.
        TakeupError: the port is taken.
    """
    if not (settings.site / CURRENT).exists():
        raise UsageError("there is no site yet: run `takeup site`")
    handler = partial(_Handler, directory=str(settings.site))
    try:
        server = ThreadingHTTPServer((LOOPBACK, port), handler)
    except OSError as error:
        raise TakeupError(f"port {port} can't be used: {error.strerror}") from error
    try:
        yield server
    finally:
        server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    """Files of the site only: no listings, and nothing is guessed of what a file is."""

    def translate_path(self, path: str) -> str:
        """The file behind an address: of the pages, or of what lies beside them."""
        found = super().translate_path(path)
        below = found.removeprefix(self.directory).lstrip("/")
        is_beside = below.partition("/")[0] in (CURRENT, *BESIDE)
        return found if is_beside else f"{self.directory}/{CURRENT}/{below}"

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def list_directory(self, path: Any) -> IO[bytes] | None:  # type: ignore[override]
        self.send_error(404)
        return None

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: whoever looks sees what they get."""
