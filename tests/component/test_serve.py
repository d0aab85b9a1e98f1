"""The pages over HTTP: whole, of this folder only, and with all that an open page shows."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import UsageError
from core.settings import Settings
from publish.pages.site.serve import serving

Get = Callable[[str], tuple[int, str]]


def show(site: Path, name: str, **files: str) -> None:
    """Make a version of the pages, and let the link lead to it."""
    for path, text in files.items():
        file = site / name / path.replace("_", "/").replace("DOT", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    link = site / ".current"
    link.symlink_to(name)
    link.rename(site / "current")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    show(folder, "v1", indexDOThtml="one", charts_aDOTsvg="a", oldDOThtml="old")
    return folder


@pytest.fixture
def get(site: Path) -> Iterator[Get]:
    with serving(Settings(home=site.parent), port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def get(path: str) -> tuple[int, str]:
            connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
            connection.request("GET", path)
            response = connection.getresponse()
            found = response.status, response.read().decode()
            connection.close()
            return found

        yield get
        server.shutdown()


def test_the_pages_of_now_are_shown(site: Path, get: Get) -> None:
    assert get("/index.html") == get("/") == (200, "one")
    show(site, "v2", indexDOThtml="two")
    assert get("/index.html") == get("/") == (200, "two")


def test_a_page_that_is_open_when_the_pages_change_still_shows_its_charts(
    site: Path, get: Get
) -> None:
    assert get("/index.html") == (200, "one")
    show(site, "v2", indexDOThtml="two", charts_bDOTsvg="b")
    assert get("/charts/a.svg") == (200, "a")
    assert get("/charts/b.svg") == (200, "b")
    # A page that is gone is gone, and what nobody was shown is never looked at.
    assert get("/old.html")[0] == 404
    (site / "v3").mkdir()
    (site / "v3" / "unfinished.svg").write_text("c")
    assert get("/unfinished.svg")[0] == 404


@pytest.mark.parametrize("path", ["/../v1/index.html", "/%2e%2e/v1/old.html", "/charts/"])
def test_nothing_else_is_shown(path: str, get: Get) -> None:
    assert get(path)[0] == 404


def test_without_pages_there_is_nothing_to_serve(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match="no site yet"),
        serving(Settings(home=tmp_path), port=0),
    ):
        raise AssertionError("it serves")
