"""Publications of a log written as tidy volumes: what changes is a row, what repeats is none."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest

from core.errors import UsageError
from core.settings import Settings
from publish.tidy_volumes import write_tidy_volumes
from tests.support.publications import QUARTERS, manifest, publication
from tests.support.source_runs import lay, run

ROLLING = "2015-Q2 Vol."
COLUMNS = (*QUARTERS[:2], ROLLING)
FIRST = publication(
    {"a": ["2,468", "-", "9,000"], "b": [7, 6, ""], "c": ["5 (r)", 1, 4]}, columns=COLUMNS
)
SECOND = publication({"a": ["2,468", 9, "9,000"], "b": ["", 6, "8"]}, columns=COLUMNS)
THIRD = publication(
    {"a": ["2,468", 9, "9,001"], "b": ["", 6, "8"], "c": [5, 1, 4]}, columns=COLUMNS
)
PUBLISHED = {
    "services-2015-07-08.csv": ("2015-07-08T09:30:00+01:00", FIRST),
    "services-2015-10-08.csv": ("2015-10-08T09:30:00+01:00", SECOND),
    "later-that-day.csv": ("2015-10-08T17:00:00+01:00", THIRD),
}
SECOND_MOMENT, THIRD_MOMENT = "2015-10-08T08:30:00Z", "2015-10-08T16:00:00Z"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("log")
    files = {name: content for name, (_, content) in PUBLISHED.items()}
    files["vintages.csv"] = manifest(PUBLISHED)
    return run(folder / "home", lay(folder / "landing", files)).settings


def rows(folder: Path, table: str, *columns: str) -> list[tuple[str, ...]]:
    text = gzip.decompress((folder / f"{table}.csv.gz").read_bytes()).decode()
    return [tuple(row[name] for name in columns) for row in csv.DictReader(io.StringIO(text))]


def test_a_cell_has_a_row_where_a_publication_changes_it(
    settings: Settings, tmp_path: Path
) -> None:
    write_tidy_volumes(settings, tmp_path)

    names = ("service_id", "breakdown", "count", "status", "publication")
    assert rows(tmp_path, "cells", *names) == [
        ("a", "digital", "-", "not_provided", "2015-07-08"),
        ("a", "digital", "9", "", SECOND_MOMENT),
        ("a", "total", "2468", "", "2015-07-08"),
        ("b", "digital", "6", "", "2015-07-08"),
        ("b", "total", "7", "", "2015-07-08"),
        ("b", "total", "", "not_provided", SECOND_MOMENT),
        ("c", "digital", "1", "", "2015-07-08"),
        ("c", "total", "5 (r)", "", "2015-07-08"),
        ("c", "total", "5", "", THIRD_MOMENT),
    ]


def test_what_publications_in_a_row_repeat_is_one_row(settings: Settings, tmp_path: Path) -> None:
    write_tidy_volumes(settings, tmp_path)

    spans = ("publication", "last_publication")
    assert rows(tmp_path, "listings", "service_id", *spans) == [
        ("a", "2015-07-08", THIRD_MOMENT),
        ("b", "2015-07-08", THIRD_MOMENT),
        ("c", "2015-07-08", ""),
        ("c", THIRD_MOMENT, ""),
    ]
    assert rows(tmp_path, "stated", "service_id", "value", "place", *spans) == [
        ("a", "9,000", ROLLING, "2015-07-08", SECOND_MOMENT),
        ("a", "9,001", ROLLING, THIRD_MOMENT, ""),
        ("b", "8", ROLLING, SECOND_MOMENT, THIRD_MOMENT),
        ("c", "4", ROLLING, "2015-07-08", ""),
        ("c", "4", ROLLING, THIRD_MOMENT, ""),
    ]


def test_what_a_person_wrote_of_a_publication_stays(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "publications.csv"
    write_tidy_volumes(settings, tmp_path)
    first = path.read_text().splitlines()
    path.write_text("\n".join([f"{first[0]},title", *(f"{line},Volumes" for line in first[1:])]))

    write_tidy_volumes(settings, tmp_path)

    assert [row["title"] for row in csv.DictReader(path.open())] == ["Volumes"] * 3
    assert len(first) == 4


def test_a_log_filled_from_the_tables_gives_the_same_bytes(
    settings: Settings, tmp_path: Path
) -> None:
    write_tidy_volumes(settings, tmp_path / "made")
    again = run(tmp_path / "home", tmp_path / "made")
    (tmp_path / "again").mkdir()

    write_tidy_volumes(again.settings, tmp_path / "again")

    assert again.refusals() == []
    made = {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}
    assert made == {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}


def test_there_has_to_be_a_log_with_a_publication(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no log in"):
        write_tidy_volumes(Settings.load(tmp_path), tmp_path / "out")
