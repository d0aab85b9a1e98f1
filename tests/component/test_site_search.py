"""The index that pages are searched by is written whole, or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import TakeupError
from core.settings import PROJECT_ROOT
from publish.pages.site import search

INDEX_WITH_LITTLE_ROOM = """
import resource, sys
from pathlib import Path
from publish.pages.site import search
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
search.index(Path(sys.argv[1]))
"""


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    for name in ("passports", "licences"):
        page = f"<html lang='en'><title>{name}</title><body><p>Take-up of {name}.</p></body></html>"
        (tmp_path / f"{name}.html").write_text(page, encoding="utf-8")
    return tmp_path


def test_every_page_is_in_the_index(pages: Path) -> None:
    search.index(pages)
    made = pages / search.FOLDER
    stated = json.loads((made / "pagefind-entry.json").read_text(encoding="utf-8"))
    assert stated["languages"]["en"]["page_count"] == 2
    assert len(list((made / "fragment").iterdir())) == 2
    assert (made / "pagefind.js").is_file()
    assert not list(made.glob("*ui*"))


def test_an_index_that_is_not_written_whole_is_an_error(pages: Path) -> None:
    """The indexer itself passes over what it could not write, and ends well."""
    done = subprocess.run(
        [sys.executable, "-c", INDEX_WITH_LITTLE_ROOM, str(pages)],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "File too large" in done.stderr


def test_an_indexer_that_ends_is_an_error(pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGEFIND_BINARY_PATH", "/bin/false")
    with pytest.raises(TakeupError, match="the indexer has ended"):
        search.index(pages)
