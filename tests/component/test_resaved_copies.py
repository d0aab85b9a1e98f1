"""A file saved again says the same: duplicates, but for a cell that really differs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.publications import publication
from tests.support.source_runs import Run, lay, run

NAME = "services-2015-07-08.csv"
MOMENT = "2015-07-08T09:30:00+01:00"
COLUMNS = (
    "Total transactions\nJan - Mar 2015",
    "Digital transactions\nJan - Mar 2015",
    "2015-Q1 CPT (£)",
    "2015-Q1 Completion rate",
)
NOTES = "Other notes"
ORIGINAL = publication(
    {"a": ["1,234", 900, "2.50", "95%"], "b": ["n/a", "", "", "-"], "c": [0, 0, "1,000", 0.5]},
    columns=COLUMNS,
    header=("Department", "Abbr", "Name of service", "Slug", NOTES, *COLUMNS),
).replace(b"DWP,A,a,,", b'DWP,A,a,"Rounded,\nby quarter",')
TABLE = list(csv.reader(io.StringIO(ORIGINAL.decode(), newline="")))


def written(rows: list[list[str]], *, quoting: int = csv.QUOTE_MINIMAL, ends: str = "\r\n") -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=quoting, lineterminator=ends).writerows(rows)
    return stream.getvalue()


FORMS: dict[str, str] = {
    "renamed": ORIGINAL.decode() + "\n",
    "lines end with a line feed": written(TABLE, ends="\n"),
    "every line ends with both, within cells too": ORIGINAL.decode()
    .replace("\r\n", "\n")
    .replace("\n", "\r\n"),
    "a byte order mark": "\ufeff" + ORIGINAL.decode(),
    "every cell quoted": written(TABLE, quoting=csv.QUOTE_ALL),
    "columns in another order": written([row[::-1] for row in TABLE]),
    "blank columns and rows behind": written([*([*row, "", ""] for row in TABLE), [""] * 11]),
    "numbers without commas and noughts": written(
        [[cell.replace("1,", "1").replace("2.50", "2.5") for cell in row] for row in TABLE]
    ),
}


def deliveries(tmp_path: Path, *nights: dict[str, str | bytes]) -> Run:
    """The last of several runs on one home."""
    for number, files in enumerate(nights):
        done = run(tmp_path / "home", lay(tmp_path / f"landing-{number}", files))
    return done


def manifest(name: str = NAME) -> str:
    return f"file,published_at\n{name},{MOMENT}\n"


@pytest.mark.parametrize("form", FORMS)
def test_a_publication_saved_again_is_duplicates(tmp_path: Path, form: str) -> None:
    first: dict[str, str | bytes] = {NAME: ORIGINAL, "vintages.csv": manifest()}
    copy = "copy of the services.csv"
    done = deliveries(tmp_path, first, {copy: FORMS[form], "vintages.csv": manifest(copy)})

    outcome = done.outcome(copy)
    assert (outcome.state, outcome.accepted, outcome.quarantined) == ("ingested", 0, 0)
    assert outcome.duplicate == outcome.read == 14
    assert done.refusals() == []


def test_only_the_cell_that_differs_is_a_conflict_and_says_in_what(tmp_path: Path) -> None:
    changed = written([[cell.replace("900", "901") for cell in row] for row in TABLE], ends="\n")
    done = deliveries(tmp_path, {NAME: ORIGINAL, "vintages.csv": manifest()}, {NAME: changed})

    (refused,) = done.rows("quarantine")
    assert (refused["position"], refused["place"]) == (2, COLUMNS[1])
    assert refused["reason"] == "id_conflict"
    assert refused["detail"].endswith(": data.count is 901, not 900")
    assert (done.outcome(NAME).accepted, done.outcome(NAME).duplicate) == (0, 13)


@pytest.mark.parametrize("is_together", [True, False])
def test_a_day_in_a_name_is_the_edition_of_that_day(tmp_path: Path, is_together: bool) -> None:
    copy: dict[str, str | bytes] = {"again/services-2015-07-08 (1).csv": FORMS["renamed"]}
    first: dict[str, str | bytes] = {NAME: ORIGINAL, "vintages.csv": manifest()}
    done = deliveries(tmp_path, first | copy) if is_together else deliveries(tmp_path, first, copy)

    assert {str(row["published_at"]) for row in done.events()} == {"2015-07-08 08:30:00+00:00"}
    assert (len(done.events()), len(done.rows("duplicate"))) == (14, 14)


@pytest.mark.parametrize(
    ("others", "moment"),
    [
        # Without another edition, and beside two of that day, a day is its first moment.
        ({}, "2015-07-07 23:00:00+00:00"),
        ({"x.csv": MOMENT, "y.csv": "2015-07-08T12:00:00+01:00"}, "2015-07-07 23:00:00+00:00"),
        # In London it is another day.
        ({"x.csv": "2015-07-08T23:30:00+00:00"}, "2015-07-07 23:00:00+00:00"),
    ],
)
def test_a_day_in_a_name_is_its_first_moment_elsewhere(
    tmp_path: Path, others: dict[str, str], moment: str
) -> None:
    listed = "".join(f"{name},{published}\n" for name, published in others.items())
    first: dict[str, str | bytes] = {"vintages.csv": f"file,published_at\n{listed}"}
    first |= {
        name: publication({f"s{number}": [1, 1]}, columns=COLUMNS[:2])
        for number, name in enumerate(others)
    }
    done = deliveries(tmp_path, first, {NAME: ORIGINAL})

    (file,) = (row for row in done.rows("file") if row["name"] == NAME)
    mine = {str(r["published_at"]) for r in done.events() if r["file_hash"] == file["file_hash"]}
    assert mine == {moment}


RETURN_ROWS = [
    {
        "department_id": "dwp",
        "service_id": "dwp-carers-allowance-new-claims",
        "service_name": "Carer's Allowance",
        "period_kind": "quarter",
        "period_start": "2015-01-01",
        "period_end": "2015-03-31",
        "breakdown": breakdown,
        "measure": "completed",
        "count": count,
        "cost_gbp": cost,
        "submitted_on": "2015-04-20",
        "commentary": commentary,
        "signed_off_by_role": commentary and "service manager",
    }
    for breakdown, count, cost, commentary in (
        ("online", "1,234", "£5,400.50", ""),
        ("paper", "see note", "", "Late forms.\nBy hand."),
    )
]


def returned(change: Callable[[str], str] = str, *, is_reversed: bool = False) -> str:
    from ingest.sources.mi_template import COLUMNS as NAMES

    names = list(NAMES)[::-1] if is_reversed else list(NAMES)
    rows = [names, *([row.get(name, "") for name in names] for row in RETURN_ROWS)]
    return change(written(rows))


RETURNS = {
    "by a spreadsheet": "\ufeff"
    + returned(
        lambda text: (
            text.replace("2015-01-01", "01/01/2015")
            .replace("2015-04-20", "20/04/2015")
            .replace('"1,234"', "1234")
            .replace('"£5,400.50"', "5400.5")
        )
    ),
    "with both ends of lines": returned(lambda text: text.replace(".\n", ".\r\n")),
    "in another order": returned(is_reversed=True),
}


@pytest.mark.parametrize("form", RETURNS)
def test_a_return_saved_again_is_duplicates(tmp_path: Path, form: str) -> None:
    done = deliveries(tmp_path, {"r.csv": returned()}, {"r (1).csv": RETURNS[form]})

    outcome = done.outcome("r (1).csv")
    assert (outcome.read, outcome.duplicate, done.refusals()) == (4, 4, [])


SENT = [
    {
        "_timestamp": "2015-06-01T00:00:00+00:00",
        "service": "carers-allowance",
        "channel": channel,
        "count": count,
        "dataType": "transactions-by-channel",
        "period": "month",
    }
    for channel, count in (("digital", 1792.0), ("paper_form", 285.0))
]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p (1).json", json.dumps({"data": SENT}, indent=4).replace("\n", "\r\n")),
        ("p.jsonl", "\n".join(json.dumps(record, sort_keys=True) for record in SENT)),
        ("q.json", json.dumps(SENT).replace(".0", "").replace("T00:00:00+00:00", "T01:00+01:00")),
    ],
)
def test_a_platform_file_saved_again_is_duplicates(tmp_path: Path, name: str, content: str) -> None:
    done = deliveries(tmp_path, {"p.json": json.dumps(SENT)}, {name: content})

    outcome = done.outcome(name)
    assert (outcome.read, outcome.duplicate, done.refusals()) == (2, 2, [])
