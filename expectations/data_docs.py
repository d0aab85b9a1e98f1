"""Data Docs: the HTML pages that Great Expectations writes about a run, made safe to keep.

As they come they load scripts, styles and a counted logo from a dozen servers, and they
print values of the data unescaped: a service whose name holds a script would run it in the
reader's browser. Here values are escaped before pages are drawn, everything that loads or
runs is taken out, and a policy in each page forbids what might be left.
"""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path
from typing import Any

from great_expectations.core.expectation_validation_result import (
    ExpectationSuiteValidationResult,
)
from great_expectations.data_context.data_context.file_data_context import FileDataContext

from expectations.results import to_plain

SCRIPT = re.compile(r"<script\b.*?</script\s*>", re.DOTALL | re.IGNORECASE)
LOADED = re.compile(
    r"<(?:link|img|source|iframe)\b[^>]*?(?:href|src)\s*=\s*[\"']?(?:https?:)?//[^>]*>",
    re.IGNORECASE,
)
HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'self' 'unsafe-inline'; img-src 'self'; font-src 'self'\">"
    "<style>"
    "body{font-family:sans-serif;margin:2em;max-width:80em}"
    "table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.3em .6em;"
    "text-align:left;vertical-align:top}"
    ".modal,.navbar-brand,.ge-index-page-cta,#ge-cta-footer{display:none}"
    "pre,code{white-space:pre-wrap}"
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
    """Make a result fit to be stored and drawn: plain JSON types, texts escaped."""
    for one in result.results:
        one.result = escape(to_plain(one.result or {}))


def clean_page(page: str) -> str:
    """A page without anything that runs or loads from elsewhere."""
    page = LOADED.sub("", SCRIPT.sub("", page))
    return HEAD.sub(lambda found: found.group(0) + POLICY, page, count=1)


def build_site(context: FileDataContext, *, site: Path, scratch: Path) -> None:
    """Draw the pages of all stored results and put them at `site` in one step."""
    context.update_data_docs_site(
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
    context.build_data_docs()
    for path in scratch.rglob("*.html"):
        path.write_text(clean_page(path.read_text("utf-8")), "utf-8")
    replace_folder(scratch, site)


def replace_folder(new: Path, old: Path) -> None:
    """Put a folder in the place of another one."""
    old.parent.mkdir(parents=True, exist_ok=True)
    aside = old.with_name(old.name + ".old")
    shutil.rmtree(aside, ignore_errors=True)
    if old.exists():
        old.rename(aside)
    new.rename(old)
    shutil.rmtree(aside, ignore_errors=True)
