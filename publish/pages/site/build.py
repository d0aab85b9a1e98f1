"""Builds the site into a folder of its own, and puts it in the place of the one before.

`<home>/site/current` is a link to the folder that people see; it changes by one rename. The site
before stays beside it, for whoever reads it at that moment.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import TakeupError
from core.files import sole_writer, write_file
from core.settings import Settings
from core.spreadsheet import neutralise
from publish.database import WarehouseVersion
from publish.pages.site import search, words
from publish.pages.site.departments import body_pages
from publish.pages.site.gates import write_gates_page
from publish.pages.site.model import Chart, Download, Page
from publish.pages.site.overview import overview
from publish.pages.site.reference import reference_pages
from publish.pages.site.reports import report_pages, target_page
from publish.pages.site.services import service_pages
from publish.pages.site.source import Source, source_of
from publish.rendering import templates_in
from publish.standings import targets_of

FOLDER: Final = Path(__file__).parent
CURRENT: Final = "current"
NAVIGATION: Final = (
    ("Overview", "index.html"),
    ("Services", "services/index.html"),
    ("Departments", "departments/index.html"),
    ("Targets", "targets.html"),
    ("Reports", "reports/index.html"),
    ("Data quality", "data-quality.html"),
    ("How we count", "how-we-count.html"),
    ("Data dictionary", "dictionary/index.html"),
    ("Gates", "../gates/index.html"),
    ("Search", "search.html"),
)
STATIC: Final = ("style.css", "icon.svg", "tables.js", "search.js")
DRAWN_AT_ONCE: Final = 40
"""Charts that a process is handed at a time."""


@dataclass(frozen=True)
class Built:
    """What a build of the site did."""

    index: Path
    pages_count: int
    charts_count: int
    charts_drawn: int

    @property
    def made(self) -> str:
        """How much was made, in words."""
        return (
            f"{self.pages_count:,} with {self.charts_count:,} charts, {self.charts_drawn:,} of them"
            " drawn anew"
        )


def build_site(settings: Settings) -> Built:
    """Make all pages of the published file, and show them.

    Charts that the site before has are taken from there. A build that fails leaves that site.

    Raises:
        TakeupError: nothing is published yet, or the folder can't be written.
        LeaseHeld: the site is being built already.
    """
    if not settings.published_file.is_file():
        raise TakeupError("nothing is published yet: there is nothing to make pages of")
    try:
        with sole_writer(settings.site):
            built = _build(settings.published_file, settings.site, keep=settings.keep_sites)
        write_gates_page(settings)
    except OSError as error:
        raise TakeupError(f"could not make the pages, the old ones stay: {error}") from error
    return built


def _build(published_file: Path, site: Path, *, keep: int) -> Built:
    before = (site / CURRENT).resolve() if (site / CURRENT).exists() else None
    with source_of(published_file) as source:
        folder = site / _folder_name(source.version, before)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        pages = list(pages_of(source))
        write_pages(pages, folder, source.version)
    charts = {chart.file_name: chart for page in pages for chart in page.charts}
    drawn = _draw(charts, folder, before)
    for name in STATIC:
        shutil.copyfile(FOLDER / name, folder / name)
    search.index(folder)
    _show(folder, site)
    _remove_old(site, shown=(folder, before), keep=keep)
    return Built(site / CURRENT / "index.html", len(pages), len(charts), drawn)


def pages_of(source: Source) -> Iterator[Page]:
    """All pages of the site."""
    targets = targets_of(source.connection)
    yield overview(source, targets)
    yield from service_pages(source, targets)
    yield from body_pages(source)
    yield from report_pages(source)
    yield target_page(source, targets)
    yield from reference_pages(source)
    yield search.search_page()


def write_pages(pages: Iterable[Page], folder: Path, version: WarehouseVersion) -> None:
    """Write pages and what can be downloaded from them."""
    import datetime as dt

    environment = templates_in(FOLDER / "templates")
    as_of = words.date(dt.datetime.fromisoformat(version.run_at))
    for page in pages:
        text = environment.get_template(f"{page.template}.html").render(
            page=page,
            navigation=NAVIGATION,
            version=version,
            simulated=version.is_simulated,
            as_of=as_of,
            **page.content,
        )
        path = folder / page.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        for download in page.downloads:
            _write_csv(folder / download.path, download)


def _write_csv(path: Path, download: Download) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(download.columns)
        for row in download.rows:
            writer.writerow([neutralise(one) if isinstance(one, str) else one for one in row])


def _draw(charts: Mapping[str, Chart], folder: Path, before: Path | None) -> int:
    """Draw what the site before lacks, in two processes; returns how many."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    (folder / "charts").mkdir()
    missing: list[tuple[str, Mapping[str, Any]]] = []
    for name, chart in charts.items():
        old = before / name if before else None
        if old and old.is_file():
            os.link(old, folder / name)
        else:
            missing.append((str(folder / name), chart.spec))
    parts = [missing[i : i + DRAWN_AT_ONCE] for i in range(0, len(missing), DRAWN_AT_ONCE)]
    if len(parts) < 2:
        for part in parts:
            draw(part)
    else:
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            for _ in pool.map(draw, parts):
                pass
    return len(missing)


def draw(charts: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Draw charts, each to the file of its path."""
    import vl_convert

    for path, spec in charts:
        write_file(Path(path), vl_convert.vegalite_to_svg(dict(spec)))


def _folder_name(version: WarehouseVersion, before: Path | None) -> str:
    """A folder by version of the log; another one where the site of that version is shown."""
    name = f"v{version.log_version}"
    return f"{name}-again" if before and before.name == name else name


def _show(folder: Path, site: Path) -> None:
    """Let the link that people follow lead to `folder`, in one step."""
    link = site / f".{CURRENT}"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name, target_is_directory=True)
    link.rename(site / CURRENT)


def _remove_old(site: Path, *, shown: Sequence[Path | None], keep: int) -> None:
    """Remove all but the newest `keep` sites; the one that is shown and the one before stay."""
    others = [path for path in site.glob("v*") if path.is_dir() and path not in shown]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others[max(0, keep - len(shown)) :]:
        shutil.rmtree(path, ignore_errors=True)
