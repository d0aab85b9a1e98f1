"""Shows the site on this machine alone, for as long as somebody looks at it.

The pages may change while somebody reads them. A page that was given out before shows charts that
are named by what they draw, and that the pages of now may lack: they come from the folder of then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any, Final

from core.errors import TakeupError, UsageError
from core.settings import Settings
from publish.pages.site.beside import FOLDERS
from publish.pages.site.build import CURRENT

LOOPBACK: Final = "127.0.0.1"


@contextmanager
def serving(settings: Settings, *, port: int) -> Iterator[ThreadingHTTPServer]:
    """A server of the home's site on loopback, closed afterwards. Port 0 takes any that is free.

    Raises:
        UsageError: no site was built yet.
        TakeupError: the port is taken.
    """
    if not (settings.site / CURRENT).exists():
        raise UsageError("there is no site yet: run `takeup site`")
    shown = _Shown(settings.site / CURRENT)
    handler = partial(_Handler, shown=shown, directory=str(settings.site))
    try:
        server = ThreadingHTTPServer((LOOPBACK, port), handler)
    except OSError as error:
        raise TakeupError(f"port {port} can't be used: {error.strerror}") from error
    try:
        yield server
    finally:
        server.server_close()


class _Shown:
    """The folder whose pages are shown, and the one that was before it while this server ran."""

    def __init__(self, link: Path) -> None:
        self.site = link.parent
        self._link = link
        self._folders: tuple[Path, ...] = (link.resolve(),)

    def folders(self) -> tuple[Path, ...]:
        """The one of now first."""
        now = self._link.resolve()
        if now != self._folders[0]:
            self._folders = (now, self._folders[0])
        return self._folders


class _Handler(SimpleHTTPRequestHandler):
    """Files of the site only: no listings, and nothing is guessed of what a file is."""

    def __init__(self, *arguments: Any, shown: _Shown, **options: Any) -> None:
        self._shown = shown
        super().__init__(*arguments, **options)

    def translate_path(self, path: str) -> str:
        """Where a file lies: beside the pages, or a page among those of now, and what it shows
        also among those before."""
        asked = super().translate_path(path).removeprefix(f"{self.directory}/")
        if asked.partition("/")[0] in FOLDERS:
            return f"{self._shown.site}/{asked}"
        asked = asked.removeprefix(f"{CURRENT}/")
        found, *others = (f"{folder}/{asked}" for folder in self._shown.folders())
        if Path(found).exists() or found.endswith(".html"):
            return found
        return next((other for other in others if Path(other).is_file()), found)

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def list_directory(self, path: Any) -> IO[bytes] | None:  # type: ignore[override]
        self.send_error(404)
        return None

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: whoever looks sees what they get."""
