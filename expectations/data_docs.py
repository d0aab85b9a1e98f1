"""Data Docs: the HTML pages that Great Expectations writes about a run, made safe to keep.

As they come they load scripts, styles and a counted logo from a dozen servers, and they
print values of the data unescaped: a service whose name holds a script would run it in the
reader's browser. Here values are escaped before pages are drawn, everything that loads or
runs is taken out, and a policy in each page forbids what might be left.
"""

from __future__ import annotations

import html
import logging
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from great_expectations.core.expectation_validation_result import (
    ExpectationSuiteValidationResult,
)
from great_expectations.data_context.data_context.ephemeral_data_context import (
    EphemeralDataContext,
)

from core.files import replace_folder, write_file
from expectations.messages import describe_check
from expectations.results import SuiteResult, to_json

UNWANTED = re.compile(r"<(script|style|footer)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
LOADED = re.compile(r"<(?:link|img|source|iframe|object|embed)\b[^>]*>", re.IGNORECASE)
BODY = re.compile(r"<body[^>]*>", re.IGNORECASE)
HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
DRAWING = "great_expectations.render.renderer.site_builder"
"""Who logs what goes wrong in drawing."""
SIMULATED = "<p><strong>Simulated data: not figures of any real service.</strong></p>"
HEADER = (
    '<meta charset="utf-8">'
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'unsafe-inline'\">"
    "<style>"
    "body{font-family:sans-serif;margin:2em;max-width:80em}"
    "table{border-collapse:collapse}"
    "td,th{border:1px solid #bbb;padding:.3em .6em;text-align:left;vertical-align:top}"
    "pre,code,td{white-space:pre-wrap}"
    ".modal,.ge-walkthrough{display:none}"
    ".fa-check-circle::before{content:'passed'}"
    ".fa-times::before{content:'failed'}"
    ".fa-exclamation-triangle::before{content:'error'}"
    "</style>"
)


def escape(value: Any) -> Any:
    """A JSON value whose texts mean themselves when put into HTML."""
    if isinstance(value, str):
        return html.escape(value)
    if isinstance(value, list):
        return [escape(part) for part in value]
    if isinstance(value, dict):
        return {html.escape(key): escape(part) for key, part in value.items()}
    return value


def escape_result(result: ExpectationSuiteValidationResult) -> None:
    """Make a result fit to be stored and drawn: JSON types, texts escaped."""
    for one in result.results:
        one.result = escape(to_json(one.result or {}))


def clean_page(page: str, *, banner: str) -> str:
    """A page without anything that runs or loads, and with this HTML at its top."""
    page = LOADED.sub("", UNWANTED.sub("", page))
    page = HEAD.sub(lambda found: found.group(0) + HEADER, page, count=1)
    return BODY.sub(lambda found: found.group(0) + banner, page, count=1)


def index_page(site: Path, suites: Sequence[SuiteResult], *, run_id: str, banner: str) -> str:
    """A gate's first page. The one that comes with the Data Docs is drawn by its scripts, and
    their pages of results leave out the names of expectations."""
    rows = []
    for suite in suites:
        passed = sum(check.outcome == "passed" for check in suite.checks)
        pages = [
            (word, page)
            for word, pattern in (
                ("results", f"validations/{suite.table}/**/*.html"),
                ("what is expected", f"expectations/{suite.table}.html"),
            )
            for page in site.glob(pattern)
        ]
        links = [
            f'<a href="{quote(page.relative_to(site).as_posix())}">{word}</a>'
            for word, page in pages
        ]
        rows.append(
            f"<tr><td>{html.escape(suite.table)}</td><td>{passed} of {suite.checks_expected}</td>"
            f"<td>{suite.rows_checked:,}</td><td>{', '.join(links)}</td></tr>"
        )
    broken = "\n\n".join(
        describe_check(suite, check)
        for suite in suites
        for check in suite.checks
        if check.outcome != "passed"
    )
    return (
        f"<!DOCTYPE html><html><head>{HEADER}<title>Gate</title></head><body>"
        f"{banner}<p><a href='../index.html'>All gates</a></p><h1>Run {html.escape(run_id)}</h1>"
        "<table><tr><th>Table</th><th>Expectations passed</th><th>Rows checked</th>"
        "<th>Pages</th></tr>"
        f"{''.join(rows)}</table><h2>What did not pass</h2>"
        f"<pre>{html.escape(broken or 'Everything passed.')}</pre></body></html>\n"
    )


def front_page(folder: Path) -> str:
    """The page that leads to those of each gate."""
    gates = sorted(path.parent.name for path in folder.glob("*/index.html"))
    links = "".join(f"<li><a href='{gate}/index.html'>{gate}</a></li>" for gate in gates)
    return (
        f"<!DOCTYPE html><html><head>{HEADER}<title>Gates</title></head><body>"
        f"<h1>What the gates last found</h1><ul>{links}</ul></body></html>\n"
    )


class _Raising(logging.Handler):
    """Raises what is being logged as an error."""

    def emit(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        if record.levelno >= logging.ERROR and error is not None:
            raise error


@contextmanager
def _ending_at_errors() -> Iterator[None]:
    """Great Expectations logs an error in drawing, with a traceback, and goes on without the page:
    here a full disk ends it, as it ends everything else."""
    drawing, raising = logging.getLogger(DRAWING), _Raising()
    drawing.addHandler(raising)
    try:
        yield
    finally:
        drawing.removeHandler(raising)


def build_site(
    context: EphemeralDataContext,
    suites: Sequence[SuiteResult],
    *,
    site: Path,
    scratch: Path,
    run_id: str,
    is_simulated: bool,
) -> None:
    """Draw the pages of all stored results and put them at `site` in one step."""
    context.add_data_docs_site(
        "local_site",
        {
            "class_name": "SiteBuilder",
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(scratch),
            },
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    with _ending_at_errors():
        context.build_data_docs()
    shutil.rmtree(scratch / "static")  # logos and fonts that no page loads any more
    banner = SIMULATED if is_simulated else ""
    for path in scratch.rglob("*.html"):
        path.write_text(clean_page(path.read_text("utf-8"), banner=banner), "utf-8")
    index = index_page(scratch, suites, run_id=run_id, banner=banner)
    (scratch / "index.html").write_text(index, "utf-8")
    replace_folder(scratch, site)
    write_file(site.parent / "index.html", front_page(site.parent))
