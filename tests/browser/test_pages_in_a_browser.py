"""The pages in a real browser: phone and desk, by keyboard, without scripts, with axe-core."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from core.settings import Settings
from publish.pages.site.build import CURRENT, build_site
from publish.pages.site.serve import serving

pytestmark = pytest.mark.browser

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "preload": False,
    "iframes": False,
}
"""Up to WCAG 2.2 AA; pages that are opened as files may not load their style sheet by script, nor
ask the page in a frame, which is among the pages itself."""
WIDTHS = {"phone": 390, "desktop": 1280}
PAGES = (
    "index.html",
    "services/index.html",
    "services/defra-waste-carriers-brokers-dealers-registrations.html",
    "services/dwp-jobseekers-allowance-jsa-new-claims.html",
    "departments/index.html",
    "departments/dwp.html",
    "organisations/environment-agency.html",
    "targets.html",
    "reports/index.html",
    "reports/action-8-2015-01-16.html",
    "data-quality.html",
    "how-we-count.html",
    "dictionary/index.html",
    "dictionary/take_up.html",
    "search.html",
    "../gates/index.html",
    "../gates/standing.html",
)
"""One of each kind at least."""
SERVICE = PAGES[2]
DEPARTMENT = PAGES[5]


@pytest.fixture(scope="module")
def settings(example_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with the pages of the figures that the project carries."""
    settings = Settings(home=tmp_path_factory.mktemp("browser"))
    settings.published.mkdir()
    shutil.copy(example_home / "published" / "takeup.duckdb", settings.published_file)
    shutil.copytree(example_home / "warehouse" / "gates", settings.warehouse / "gates")
    build_site(settings)
    return settings


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: package chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What a browser said against the pages that a test opened."""
    return []


def opened(
    browser: Browser,
    address: str,
    complaints: list[str],
    *,
    width: int = 1280,
    scripts: bool = True,
) -> Page:
    """A page in a window of its own; what the browser says against it goes to `complaints`."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts
    )
    page = context.new_page()
    page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"not loaded: {request.url}"))
    page.goto(address)
    return page


def address_of(settings: Settings, path: str) -> str:
    return (settings.site / CURRENT / path).as_uri()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_fits_and_can_be_used_by_everybody(
    browser: Browser, settings: Settings, complaints: list[str], path: str, width: int
) -> None:
    page = opened(browser, address_of(settings, path), complaints, width=width)
    for closed in page.locator("details").all():
        closed.evaluate("one => one.open = true")
    found = Axe().run(page, options=AXE)

    assert found.response["violations"] == [], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.images].every(one => one.naturalWidth > 0)")
    assert complaints == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_the_same_without_scripts(
    browser: Browser, settings: Settings, complaints: list[str], path: str
) -> None:
    address = address_of(settings, path)
    with_scripts = opened(browser, address, complaints).locator("main").text_content()
    without = opened(browser, address, complaints, scripts=False).locator("main").text_content()
    assert without
    assert without == with_scripts


def test_a_keyboard_leads_past_the_navigation_to_what_a_page_says(
    browser: Browser, settings: Settings, complaints: list[str]
) -> None:
    page = opened(browser, address_of(settings, SERVICE), complaints)
    focused = partial(page.evaluate, "document.activeElement.textContent.trim()")
    page.keyboard.press("Tab")
    assert focused() == "Skip to the content"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") is not None


def test_a_keyboard_reaches_everything_that_can_be_followed_and_shows_where_it_is(
    browser: Browser, settings: Settings, complaints: list[str]
) -> None:
    page = opened(browser, address_of(settings, SERVICE), complaints)
    reachable = page.locator("a, button, summary, [tabindex='0']").count()
    seen = set()
    for _ in range(2 * reachable):
        page.keyboard.press("Tab")
        place, outline = page.evaluate(
            "[[...document.querySelectorAll('*')].indexOf(document.activeElement),"
            " getComputedStyle(document.activeElement).outlineStyle]"
        )
        if place in seen or page.evaluate("document.activeElement === document.body"):
            break
        assert outline == "solid"
        seen.add(place)
    hidden = page.locator("details:not([open]) :is(a, button, [tabindex='0'])").count()
    assert len(seen) == reachable - hidden


def test_a_table_is_put_in_order_by_a_heading(
    browser: Browser, settings: Settings, complaints: list[str]
) -> None:
    page = opened(browser, address_of(settings, DEPARTMENT), complaints)
    table = page.locator("table", has_text="Its services")
    heading = table.locator("th", has_text="Not digital")
    heading.locator("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    shown = [
        one.replace(",", "") for one in table.locator("tr td:nth-child(4)").all_text_contents()
    ]
    counts = [int(one) for one in shown if one.isdigit()]
    assert counts == sorted(counts)
    assert len(counts) > 10


def test_the_overview_says_whether_the_gates_passed_and_leads_to_them(
    browser: Browser, settings: Settings, complaints: list[str]
) -> None:
    for width in WIDTHS.values():
        page = opened(browser, address_of(settings, "index.html"), complaints, width=width)
        line = page.frame_locator("iframe.gates")
        assert line.locator(".mark").inner_text() == "✓ Passed"
        assert line.locator("html").evaluate("one => one.scrollHeight <= window.innerHeight")
        line.locator("a").click()
        page.wait_for_url("**/gates/index.html")
        assert page.title().startswith("Gates")
        page.locator("nav a", has_text="Overview").click()
        page.wait_for_url("**/current/index.html")
    assert complaints == []


def test_the_gates_are_there_where_the_pages_are_served(
    browser: Browser, settings: Settings, complaints: list[str]
) -> None:
    with serving(settings, port=0) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{server.server_port}/"
        page = opened(browser, f"{root}services/index.html", complaints)
        page.locator("nav a", has_text="Gates").click()
        page.wait_for_url("**/gates/index.html")
        page.locator("nav a", has_text="Overview").click()
        page.wait_for_url("**/current/index.html")
        assert page.frame_locator("iframe.gates").locator(".mark").inner_text() == "✓ Passed"
        server.shutdown()
    assert complaints == []


def test_search_finds_a_service_where_the_pages_are_served(
    browser: Browser, settings: Settings, complaints: list[str]
) -> None:
    with serving(settings, port=0) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{server.server_port}/"
        page = opened(browser, f"{root}search.html", complaints)
        page.locator("input[type=search]").press_sequentially("waste carriers")
        first = page.locator("ol.results a").first
        first.wait_for()
        assert first.text_content() == "Registrations of waste carriers, brokers and dealers"
        assert first.get_attribute("href") == f"/{SERVICE}"
        found = Axe().run(page, options=AXE)
        assert found.response["violations"] == [], found.generate_report()
        first.click()
        assert page.title().startswith("Registrations of waste carriers")
        server.shutdown()
    assert complaints == []


def test_search_sends_readers_of_files_to_the_list(
    browser: Browser, settings: Settings, complaints: list[str]
) -> None:
    page = opened(browser, address_of(settings, "search.html"), complaints)
    assert not page.locator("input").is_visible()
    page.locator("main a").first.click()
    assert page.title().startswith("Services A to Z")
    assert complaints == []
