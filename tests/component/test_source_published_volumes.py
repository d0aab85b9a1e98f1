"""Published volumes as people and spreadsheets write them: cells, headings, rows, manifests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.publications import DEPARTMENT, LISTING, QUARTERS, publication
from tests.support.source_runs import Run, lay, run

NAME = "services-2015-07-08.csv"
PLAIN = QUARTERS[:2]


def ingested(folder: Path, content: bytes | str, **beside: bytes) -> Run:
    files: dict[str, bytes | str] = {NAME: content}
    files |= {name.replace("_", "."): bytes_of for name, bytes_of in beside.items()}
    return run(folder / "home", lay(folder / "landing", files))


def volumes(done: Run) -> dict[tuple[str, str, str], dict[str, Any]]:
    """What is said by service, breakdown and first day."""
    data = [json.loads(row["data"]) for row in done.events() if row["type"].endswith("reported.v1")]
    return {(one["service_id"], one["breakdown"], one["period"]["start"]): one for one in data}


@pytest.mark.parametrize(
    ("cell", "data"),
    [
        ("2,468", {"count": 2468}),
        ("\u2009 2468\u00a0\n", {"count": 2468}),
        ("0042", {"count": 42}),
        ("2,468.00", {"count": 2468}),
        ("2468.000000", {"count": 2468}),
        ("2,468 (R)", {"count": 2468, "marker": "revised"}),
        ("2468[p]", {"count": 2468, "marker": "provisional"}),
        ("2468 (provisional)", {"count": 2468, "marker": "provisional"}),
        ("", {"status": "not_provided"}),
        ("\u200b", {"status": "not_provided"}),
        ("–", {"status": "not_provided", "text": "–"}),
        ("[x]", {"status": "not_provided", "text": "[x]"}),
        ("to follow", {"status": "not_provided", "text": "to follow"}),
    ],
)
def test_cells_that_are_read(tmp_path: Path, cell: str, data: dict[str, Any]) -> None:
    done = ingested(tmp_path, publication({"a": [cell, 7]}, columns=PLAIN))

    found = volumes(done)["a", "total", "2015-01-01"]
    assert {n: found[n] for n in ("count", "status", "text", "marker") if n in found} == data
    assert done.refusals() == []


UNREADABLE = (
    "2468r", "2468*", "2468 [note 3]", "2468³", "2 468", "2\u00a0468", "2\u202f468", "2'468",
    "2.468", "2.468,00", "2,46", "2.4m", "24k", "2.4E+05", "\u22127", "(7)", "<10", "c. 2400",
    "7%", "2400 - 2500", "1/2/2015", "٢٤", "\uff12\uff14", "24O", '="24"',
    "#REF!", "#N/A", "#####", "9" * 19,
)  # fmt: skip


def test_cells_that_hold_a_number_and_can_not_be_read_stay_what_they_were(tmp_path: Path) -> None:
    services = {f"s{i}": [cell, 7] for i, cell in enumerate(UNREADABLE)}
    done = ingested(tmp_path, publication(services, columns=PLAIN))

    assert {key[0] for key in volumes(done) if key[1] == "total"} == set()
    assert {key[0] for key in volumes(done) if key[1] == "digital"} == set(services)
    assert [row["raw"].decode() for row in done.rows("quarantine")] == list(UNREADABLE)
    assert {(place, reason) for _, place, reason in done.refusals()} == {
        (PLAIN[0], "unreadable_cell")
    }


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("1,234.5", (1234.5, "exact")),
        ("95%", (0.95, "exact")),
        ("0.95 (r)", (0.95, "exact")),
        ("-", (None, "no_number")),
        ("~95%", "unreadable_cell"),
        ("#DIV/0!", "unreadable_cell"),
    ],
)
def test_cells_of_rolling_years(tmp_path: Path, cell: str, said: Any) -> None:
    columns = (*PLAIN, "2014-Q4 Completion rate")
    done = ingested(tmp_path, publication({"a": [9, 7, cell]}, columns=columns))

    found = [json.loads(r["data"]) for r in done.events() if "figure.published" in r["type"]]
    if isinstance(said, str):
        assert (found, done.refusals()) == ([], [(2, columns[2], said)])
    else:
        assert [(one.get("value"), one["qualifier"]) for one in found] == [said]


@pytest.mark.parametrize(
    ("heading", "marker"),
    [
        ("Total transactions Apr-Jun 2015", None),
        ("TOTAL TRANSACTIONS APR – JUN 2015", None),
        ("Total transactions Apr—Jun 2015", None),
        ("Total  transactions\nApril\u00a0to June 2015", None),
        ("total transactions Apr 2015 - Jun 2015", None),
        ("Total transactions Apr. - Jun. 2015", None),
        ("Total transactions Apr - Jun 2015 (p)", "provisional"),
        ("Total transactions Apr - Jun 2015 [revised]", "revised"),
        ("Total transactions Apr - Jun 2015 [note 4]", None),
    ],
)
def test_headings_that_are_understood(tmp_path: Path, heading: str, marker: str | None) -> None:
    done = ingested(tmp_path, publication({"a": [9, 7, 5]}, columns=(*PLAIN, heading)))

    found = volumes(done)["a", "total", "2015-04-01"]
    assert (found["count"], found.get("marker")) == (5, marker)
    assert found["period"] == {"kind": "quarter", "start": "2015-04-01", "end": "2015-06-30"}
    assert done.outcome(NAME).flags == ("no_manifest",)


@pytest.mark.parametrize(
    "heading",
    [
        "Total transactions Apr - Jul 2015",
        "Total transactions May - Jul 2015",
        "Total transactions Oct 2014 - Dec 2015",
        "Total transactions Apr - Jun 15",
        "Digital transactions in the second quarter",
        "Total transations Apr - Jun 2015",
        "Total Apr - Jun 2015",
        "2015-Q2 Volume",
    ],
)
def test_headings_of_figures_that_are_not_understood_are_flagged_by_name(
    tmp_path: Path, heading: str
) -> None:
    done = ingested(tmp_path / "a", publication({"a": [9, 7, 5]}, columns=(*PLAIN, heading)))
    alone = ingested(tmp_path / "b", publication({"a": [5]}, columns=(heading,)))

    assert f"unread_column: {heading}" in done.outcome(NAME).flags
    assert len(volumes(done)) == 2
    assert (alone.outcome(NAME).state, alone.outcome(NAME).reason) == ("rejected", "bad_header")
    assert heading in (alone.outcome(NAME).detail or "")


@pytest.mark.parametrize(
    "heading",
    ["Ttal transactions Apr - Jun 2015", "Totaltransactions Apr - Jun 2O15", "2O15-Q2 Vol."],
)
def test_a_misspelt_heading_beside_others_like_it_is_flagged(tmp_path: Path, heading: str) -> None:
    columns = (*PLAIN, "2015-Q1 Vol.", heading, "Totals check", "Latest volumes")
    done = ingested(tmp_path, publication({"a": [9, 7, 5, 5, 5, 5]}, columns=columns))

    assert done.outcome(NAME).flags == ("no_manifest", f"unread_column: {heading}")


def test_a_comma_that_is_lost_in_the_header_shifts_no_figure(tmp_path: Path) -> None:
    whole = publication({"a": [9, 7, ""], "b": [8, 6, ""]}, columns=(*PLAIN, ""))
    done = ingested(tmp_path, whole.replace(b"Abbr,Name", b"AbbrxName", 1))
    cut = ingested(tmp_path / "b", whole.replace(b"Department,Abbr", b"Departmentx", 1))

    assert done.outcome(NAME).state == cut.outcome(NAME).state == "rejected"
    header, rest = publication({"a": [9, 7, ""]}, columns=("Keywords", *PLAIN)).split(b"\r\n", 1)
    other = ingested(tmp_path / "c", header.replace(b"Slug,Keywords", b"Slug") + b"\r\n" + rest)
    assert other.events() == []
    assert [reason for *_, reason in other.refusals()] == ["wrong_width"]


def test_one_quarter_under_two_headings_is_refused(tmp_path: Path) -> None:
    columns = (*PLAIN, "Total transactions January to March 2015")
    done = ingested(tmp_path, publication({"a": [9, 7, 8]}, columns=columns))

    assert done.outcome(NAME).reason == "bad_header"


def row(slug: str, *cells: object, **listing: str) -> str:
    known = {**DEPARTMENT, "Name of service": slug.title(), "Slug": slug} | listing
    return ",".join([*(known[name] for name in LISTING), *map(str, cells)])


@pytest.mark.parametrize(
    ("broken", "refused"),
    [
        ([row("", 1, 1)], [(3, "Slug", "missing_key")]),
        ([row("b", 1, 1, **{"Name of service": " "})], [(3, "Name of service", "missing_field")]),
        ([row("b", 1, 1, Department="")], [(3, "Department", "missing_field")]),
        (['"', ""], [(3, None, "wrong_width")]),
        # The quotes of two rows: one that opens and one that closes, each where a quote may.
        (
            [
                row("b", 2, 1, **{"Name of service": '"B'}),
                row("c", 3, 1),
                row("d", 4, 1, **{"Name of service": 'D"'}),
            ],
            [(3, None, "wrong_width"), (5, None, "wrong_width")],
        ),
        (["", "", row("b", "(5)", 1)], [(5, PLAIN[0], "unreadable_cell")]),
    ],
)
def test_rows_that_can_not_be_read_cost_nobody_elses_figures(
    tmp_path: Path, broken: list[str], refused: list[Any]
) -> None:
    lines = [",".join((*LISTING, *PLAIN)), row("a", 9, 7), *broken, row("z", 11, 10), ",,,", ""]
    done = ingested(tmp_path, "\n".join(lines))

    assert done.refusals() == refused
    counts = {key[0]: found["count"] for key, found in volumes(done).items() if key[1] == "total"}
    assert counts.pop("c", 3) == 3
    assert counts == {"a": 9, "z": 11}
    listed = {r["position"] for r in done.events() if "listed" in r["type"]}
    assert not listed & {position for position, place, _ in refused if place not in PLAIN}


@pytest.mark.parametrize(
    ("slugs", "flag"),
    [
        (["a-b", "A-B"], "similar_slugs: a-b in rows 2, 3"),
        (["a-b", "a\u2011b"], "similar_slugs: a-b in rows 2, 3"),
        (["a-b", "x", "a-b\u200d"], "similar_slugs: a-b in rows 2, 4"),
        (["a", "Grand total"], "looks_like_total: row 3, Grand total"),
        (["a", "all"], "looks_like_total: row 3, all"),
        (["a", "dwp-total"], "looks_like_total: row 3, dwp-total"),
        (["a-b", "a-c", "total-loss-claims", "overall-ratings"], None),
    ],
)
def test_rows_that_may_count_twice_are_flagged(
    tmp_path: Path, slugs: list[str], flag: str | None
) -> None:
    done = ingested(tmp_path, publication({slug: [9, 7] for slug in slugs}, columns=PLAIN))

    assert done.outcome(NAME).flags == ("no_manifest", *([flag] if flag else []))


CONTENT = publication({"a": [9, 7]}, columns=PLAIN)
FORMS = {
    "a title above": (b"Transactions explorer,,\n\n" + CONTENT, "a row is above the header"),
    "semicolons": (CONTENT.replace(b",", b";"), "separated by semicolons"),
    "tabs": (CONTENT.replace(b",", b"\t"), "separated by tabs"),
    "a line for Excel": (b"sep=,\n" + CONTENT, "'sep=', which is for Excel"),
    "returns": (CONTENT.replace(b"\r\n", b"\r"), "carriage return alone"),
    "a workbook": (b"PK\x03\x04\x14\x00[Content_Types].xml xl/workbook.xml\xff", "Excel workbook"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "old Excel workbook"),
    "an open sheet": (
        b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet\xff",
        "OpenDocument",
    ),
    "two octets": (CONTENT.decode().encode("utf-16"), "UTF-16"),
    "two octets, no mark": (CONTENT.decode().encode("utf-16-le"), "UTF-16"),
    "another code page": (CONTENT.replace(b"A,", b"Caf\xe9 \x80,"), "windows-1252"),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_a_table_for_others_is_refused_with_what_it_is(tmp_path: Path, form: str) -> None:
    content, said = FORMS[form]
    done = ingested(tmp_path, content)

    assert done.outcome(NAME).state == "rejected"
    assert said in (done.outcome(NAME).detail or "")


@pytest.mark.parametrize(
    "manifest",
    [
        '"published_at","file"\r\n"2015-07-09T09:30:00+01:00","services-2015-07-08.csv"\r\n',
        "File,Published_at,note,sha256\nservices-2015-07-08.csv,2015-07-09 08:30Z,first,\n\n",
    ],
)
def test_a_manifest_with_the_columns_that_it_needs_is_used(tmp_path: Path, manifest: str) -> None:
    done = ingested(tmp_path, CONTENT, vintages_csv=manifest.encode())

    assert {str(row["published_at"]) for row in done.events()} == {"2015-07-09 08:30:00+00:00"}
    assert done.outcome(NAME).flags == ()


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("file;published_at\nservices-2015-07-08.csv;2015-07-09T09:30Z\n", "semicolons"),
        ("file,published_at\nservices-2015-07-08.csv,09/07/2015 09:30\n", "a spreadsheet writes"),
        ("file,published_at\nservices-2015-07-08.csv,2015-07-09T09:30\n", "no time zone"),
        ("file,published_at\nservices-2015-07-08.csv\n", "published_at"),
        ("file,published\nservices-2015-07-08.csv,2015-07-09T09:30Z\n", "columns file, publ"),
        ("file,published_at\nCaf\u00e9,2015-07-09T09:30Z\n", "not_utf8"),
    ],
)
def test_publications_wait_while_their_manifest_can_not_be_read(
    tmp_path: Path, manifest: str, said: str
) -> None:
    done = ingested(tmp_path, CONTENT, vintages_csv=manifest.encode("latin-1"))

    assert done.result.waiting == [NAME]
    assert said in done.result.waits_for[NAME]
    assert done.events() == []
