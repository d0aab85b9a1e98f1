"""Rows for the registers of what a log holds and no register knows."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from core.registers import load_register
from core.settings import SEEDS
from takeup.commands.registers import suggest
from takeup.register_suggestions import REVIEW, Suggestion, as_csv, suggestions
from tests.support.events import completed, envelope, feedback
from tests.support.homes import Home

LISTED = "uk.gov.takeup.service.listed.v1"


def listing(
    number: int, department: str, abbreviation: str = "", **other: str
) -> dict[str, object]:
    said = {
        "service_id": f"s-{number}",
        "service_name": f"S{number}",
        "department_name": department,
    }
    said |= {"department_abbreviation": abbreviation} if abbreviation else {}
    moment = f"2015-01-{number:02}T10:00:00Z"
    return envelope(LISTED, f"l-{number}", said | other, time=moment, publishedat=moment)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path)


@pytest.fixture
def odd(home: Home) -> Home:
    """A home with what no register knows, one thing of each kind and more."""
    home.land_events(
        "listings.jsonl",
        listing(1, "Department of Health, Wales", organisation_name="Ofqal"),
        listing(2, "department of health wales"),
        listing(3, "Ministry of Stamps", "MOS", organisation_name="=Stamp Office"),
        listing(4, "Pensions Ministry", "DWP"),
        listing(5, "The Department for Education"),
    )
    home.land_events(
        "events.jsonl",
        completed("1", data={"channel": "web site"}),
        completed("2", data={"channel": "web site"}),
        completed("3", data={"service_id": "of-nobody"}),
        completed("4", data={"service_id": "dwp-jobseekers-allowance-jsa-new-claim"}),
        feedback("5", data={"barrier": "fog"}),
    )
    home.ingest()
    return home


def of(found: list[Suggestion], register: str) -> dict[str, Suggestion]:
    return {one.unknown.name: one for one in found if one.register == register}


def test_every_unknown_thing_has_a_row_with_a_guess(odd: Home) -> None:
    found = suggestions(odd.settings)
    aliases = of(found, "department_aliases")
    assert {name: one.row["department_id"] for name, one in aliases.items()} == {
        "Department of Health, Wales": "dh",
        "Pensions Ministry": "dwp",
    }
    health = aliases["Department of Health, Wales"]
    assert health.row["department_name"] == "Department of Health, Wales", "it may be renamed"
    assert (health.unknown.count, health.unknown.seen_in) == (1, "listings.jsonl")
    assert health.row["source"] == "listings.jsonl, 1 January 2015"
    (stamps,) = of(found, "departments").values()
    assert (stamps.row["department_id"], stamps.row["abbreviation"]) == ("mos", "MOS")
    (ofqual,) = of(found, "organisation_aliases").values()
    assert (ofqual.row["alias"], ofqual.row["organisation_id"]) == ("Ofqal", "ofqual")
    assert set(of(found, "organisations")) == {"=Stamp Office"}
    assert [one.row["service_id"] for one in of(found, "published_names").values()] == [
        f"s-{number}" for number in range(1, 6)
    ]
    (website,) = of(found, "channel_aliases").values()
    assert (website.row["channel"], website.unknown.count) == ("online", 2)
    assert set(of(found, "services")) == {"of-nobody"}
    (jobseekers,) = of(found, "service_aliases").values()
    assert jobseekers.row["service_id"] == "dwp-jobseekers-allowance-jsa-new-claims"
    assert [one.row["barrier"] for one in of(found, "barriers").values()] == ["fog"]


def test_rows_have_the_columns_of_their_register(odd: Home) -> None:
    for register, text in as_csv(suggestions(odd.settings)).items():
        header = next(csv.reader(io.StringIO(text)))
        columns = [name for name in load_register(register, SEEDS)[0] if not name.startswith("_")]
        assert header == [*columns, *REVIEW]
        assert ",=" not in text.replace("\n", ","), "a spreadsheet would run it"


def test_files_are_written_and_no_register_is(
    odd: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in SEEDS.glob("*.csv")}
    suggest(to=tmp_path / "rows", home=odd.settings.home)
    written = sorted(path.stem for path in (tmp_path / "rows").iterdir())
    assert written == sorted(as_csv(suggestions(odd.settings)))
    assert "department_aliases.csv" in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in SEEDS.glob("*.csv")} == before


def test_it_is_said_as_csv_and_as_json(odd: Home, capsys: pytest.CaptureFixture[str]) -> None:
    suggest(home=odd.settings.home)
    assert "# rows to review for seeds/departments.csv\n" in capsys.readouterr().out
    suggest(as_json=True, home=odd.settings.home)
    said = json.loads(capsys.readouterr().out)
    assert {one["register"] for one in said} == set(as_csv(suggestions(odd.settings)))
    assert {"register", "row", *REVIEW} == set(said[0])


def test_where_all_is_known_there_is_nothing_to_suggest(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.land_events("events.jsonl", completed("1"))
    home.ingest()
    suggest(home=home.settings.home)
    assert capsys.readouterr().out == "nothing to suggest\n"
