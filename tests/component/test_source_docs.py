"""docs/sources.md: every source stands there, and its examples are taken."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from core.settings import PROJECT_ROOT
from ingest.load.recognition import source_names
from ingest.refusals import FILE_REASONS, RECORD_REASONS
from ingest.sources.mi_template import COLUMNS
from tests.support.source_runs import Run, lay, run

PAGE = (PROJECT_ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTION = re.compile(r"^## (\w+)$", re.MULTILINE)
DIGEST = re.compile(r"\{sha256:([^}]+)\}")
EXPECTED = {
    "events.jsonl": ("cloudevents", 1),
    "deliveries/events.csv": ("event_tables", 1),
    "deliveries/volumes.csv": ("event_tables", 2),
    "deliveries/manifest.csv": ("delivery_manifest", 0),
    "published/services-2015-06-30.csv": ("published_volumes", 4),
    "published/vintages.csv": ("publication_manifest", 0),
    "tidy/cells.csv": ("tidy_volumes", 3),
    "tidy/listings.csv": ("tidy_volumes", 2),
    "tidy/stated.csv": ("tidy_volumes", 2),
    "tidy/publications.csv": ("publications", 0),
    "digests/action-3-2013-05-02.yml": ("report_digest", 2),
    "platform/transactions-by-channel.json": ("performance_platform", 3),
    "returns/dwp-2015-q1.csv": ("mi_returns", 5),
}


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The examples, landed together; digests are filled in."""
    folder = tmp_path_factory.mktemp("examples")
    files = dict(EXAMPLE.findall(PAGE))

    def digest(match: re.Match[str]) -> str:
        return hashlib.sha256(files[match[1]].encode()).hexdigest()

    lay(folder / "landing", {name: DIGEST.sub(digest, text) for name, text in files.items()})
    return run(folder / "home", folder / "landing")


def test_every_source_has_its_section_and_its_line_in_the_table() -> None:
    names = set(source_names())

    assert {name for name in SECTION.findall(PAGE) if name != "What"} == names
    assert set(re.findall(r"^\| \[`(\w+)`\]\(#\1\) \|", PAGE, re.MULTILINE)) == names


def test_the_examples_are_accepted_whole(landed: Run) -> None:
    assert landed.refusals() == []
    assert {
        file.name: (file.source_kind, file.accepted) for file in landed.result.files
    } == EXPECTED
    flagged = {file.name: file.flags for file in landed.result.files if file.flags}
    assert flagged == {"platform/transactions-by-channel.json": ("weekly_or_daily",)}


def test_the_example_of_a_return_has_the_columns_of_the_template() -> None:
    header = dict(EXAMPLE.findall(PAGE))["returns/dwp-2015-q1.csv"].splitlines()[0]

    assert header.split(",") == list(COLUMNS)


def test_every_reason_that_the_page_names_is_one() -> None:
    tables = "\n".join(line for line in PAGE.splitlines() if line.startswith("| "))
    named = set(re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`(?=[,:;]| \|)", tables))
    named -= set(source_names()) | set(COLUMNS) | {"not_provided", "no_records", "no_manifest"}
    named -= {"unread_column", "looks_like_total", "similar_slugs"}
    named -= {"service_id", "last_publication", "published_at"}

    assert len(named) > 10
    assert named <= set(RECORD_REASONS) | set(FILE_REASONS)


def test_nothing_is_left_to_guess_about_a_cut_example(tmp_path: Path) -> None:
    text = dict(EXAMPLE.findall(PAGE))["deliveries/volumes.csv"]
    done = run(tmp_path / "home", lay(tmp_path / "landing", {"a.csv": text[:-20]}))

    assert [reason for _, _, reason in done.refusals()] == ["wrong_width"]
    assert done.outcome("a.csv").flags == ("no_manifest",)
