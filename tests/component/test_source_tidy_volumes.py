"""Tidy volumes: what each row becomes, what is refused, and what a publication beside them adds."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.publications import manifest, publication
from tests.support.source_runs import Run, lay, run

SOURCE = "urn:takeup:gds-transaction-volumes"
MARCH, JUNE = "2015-07-08T09:30:00+01:00", "2015-10-08T09:30:00+01:00"
PUBLICATIONS = (
    "publication,published_at,source,document\n"
    f"july,{MARCH},{SOURCE},services-2015-07-08.csv\n"
    f"october,{JUNE},{SOURCE},services-2015-10-08.csv\n"
    f"elsewhere,{JUNE},urn:other,other.csv\n"
)
CELLS = "service_id,breakdown,measure,period_kind,period_start,period_end,count,status,publication"
LISTINGS = "service_id,service_name,department_name,publication,last_publication"
STATED = (
    "service_id,metric,unit,period_kind,period_start,period_end,value,place,"
    "publication,last_publication"
)
QUARTER = "quarter,2015-01-01,2015-03-31"
A, B = "co-voter-registration", "dwp-carers-allowance-new-claims"
"""Services of the register: figures of others wait until a listing names them."""


def landed(folder: Path, **tables: str | bytes) -> Run:
    """A run on tables by name; rows only, the header is the table's."""
    headers = {"cells": CELLS, "listings": LISTINGS, "stated": STATED}
    files: dict[str, str | bytes] = {"publications.csv": PUBLICATIONS}
    for name, rows in tables.items():
        files[f"{name}.csv"] = rows if isinstance(rows, bytes) else f"{headers[name]}\n{rows}\n"
    return run(folder / "home", lay(folder / "landing", files))


def said(done: Run, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Identity and data of the events of a kind, in the order of their identities."""
    return sorted(
        (row["id"], json.loads(row["data"])) for row in done.events() if kind in row["type"]
    )


def test_a_cell_is_an_event_of_its_publication(tmp_path: Path) -> None:
    rows = [
        f'{A},total,completed,{QUARTER},"1,234 (r)",,july',
        f"{A},digital,completed,{QUARTER},12,provided,july",
        f"{A},digital,completed,{QUARTER},,,october",
        f"{A},paper,received,month,2015-01-01,2015-01-31,see note,,october",
        f"{B},total,completed,{QUARTER},,suppressed,october",
    ]
    done = landed(tmp_path, cells="\n".join(rows))

    period = {"kind": "quarter", "start": "2015-01-01", "end": "2015-03-31"}
    same = {"measure": "completed", "period": period}
    assert done.refusals() == []
    assert said(done, "volume.reported") == [
        (
            f"2015-07-08T08:30:00Z/{A}/digital/2015-01-01",
            same | {"service_id": A, "breakdown": "digital", "count": 12},
        ),
        (
            f"2015-07-08T08:30:00Z/{A}/total/2015-01-01",
            same | {"service_id": A, "breakdown": "total", "count": 1234, "marker": "revised"},
        ),
        (
            f"2015-10-08T08:30:00Z/{A}/digital/2015-01-01",
            same | {"service_id": A, "breakdown": "digital", "status": "not_provided"},
        ),
        (
            f"2015-10-08T08:30:00Z/{A}/paper/2015-01-01/month/received",
            {
                "service_id": A,
                "breakdown": "paper",
                "measure": "received",
                "period": {"kind": "month", "start": "2015-01-01", "end": "2015-01-31"},
                "status": "not_provided",
                "text": "see note",
            },
        ),
        (
            f"2015-10-08T08:30:00Z/{B}/total/2015-01-01",
            same | {"service_id": B, "breakdown": "total", "status": "suppressed"},
        ),
    ]
    assert {row["source"] for row in done.events()} == {SOURCE}
    assert {row["published_at"].isoformat() for row in done.events()} == {
        "2015-07-08T08:30:00+00:00",
        "2015-10-08T08:30:00+00:00",
    }


def test_a_row_that_holds_in_two_publications_is_two_events(tmp_path: Path) -> None:
    year = "rolling_year,2014-04-01,2015-03-31"
    done = landed(
        tmp_path,
        listings=f"{A},Letters,Department for Letters,july,october\n{B},Maps,Maps Office,october,",
        stated=f"{A},completion_rate,ratio,{year},97%,2015-Q2 Completion rate,july,october\n"
        f"{A},transactions,count,{year},-,,july,",
    )

    assert [name for name, _ in said(done, "service.listed")] == [
        f"2015-07-08T08:30:00Z/listing/{A}/digest",
        f"2015-10-08T08:30:00Z/listing/{A}/digest",
        f"2015-10-08T08:30:00Z/listing/{B}/digest",
    ]
    figures = said(done, "figure.published")
    assert [(name, one["qualifier"], one.get("value"), one["place"]) for name, one in figures] == [
        (
            f"2015-07-08T08:30:00Z/{A}/completion_rate/2014-04-01",
            "exact",
            0.97,
            "2015-Q2 Completion rate",
        ),
        (f"2015-07-08T08:30:00Z/{A}/transactions/2014-04-01", "no_number", None, "transactions"),
        (
            f"2015-10-08T08:30:00Z/{A}/completion_rate/2014-04-01",
            "exact",
            0.97,
            "2015-Q2 Completion rate",
        ),
    ]
    assert {one["document"] for _, one in figures} == {
        "services-2015-07-08.csv",
        "services-2015-10-08.csv",
    }
    # Listings alone are of a digest; the place says in which publication the row holds.
    marked = {row["type"].split(".")[3]: row["extensions"] for row in done.events()}
    assert marked == {"service": '{"digest":true}', "figure": None}
    assert {row["place"] for row in done.events()} == {"july", "october"}


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        ("cells", f",total,completed,{QUARTER},1,,july", "missing_key"),
        ("cells", f"{A},,completed,{QUARTER},1,,july", "missing_field"),
        ("cells", f"{A},total,completed,{QUARTER},1,,", "missing_field"),
        ("cells", f"{A},total,completed,{QUARTER},1,,august", "unknown_value"),
        ("cells", f"{A},total,completed,{QUARTER},1.5m,,july", "unreadable_cell"),
        ("cells", f"{A},total,completed,{QUARTER},1,not_provided,july", "invalid_field"),
        ("cells", f"{A},total,completed,{QUARTER},,provided,july", "invalid_field"),
        ("cells", f"{A},total,completed,{QUARTER},,lost,july", "invalid_field"),
        ("cells", f"{A},total,counted,{QUARTER},1,,july", "invalid_field"),
        ("cells", f"{A},pigeon,completed,{QUARTER},1,,july", "unknown_value"),
        ("cells", f"{A},total,completed,quarter,2015-02-01,2015-04-30,1,,july", "invalid_field"),
        ("cells", f"{A},total,completed,quarter,2016-01-01,2016-03-31,1,,july", "invalid_field"),
        ("cells", f"{A},total,completed,{QUARTER},1,,july,more", "wrong_width"),
        ("listings", f"{A},,Maps Office,july,", "missing_field"),
        ("listings", f"{A},Maps,Maps Office,october,july", "invalid_field"),
        ("listings", f"{A},Maps,Maps Office,july,august", "unknown_value"),
        ("listings", f"{A},Maps,Maps Office,july,elsewhere", "invalid_field"),
        (
            "stated",
            f"{A},cost_per_transaction,GBP,year,2014-01-01,2014-12-31,,,july,",
            "missing_field",
        ),
        (
            "stated",
            f"{A},cost_per_transaction,GBP,year,2014-01-01,2014-12-31,~3,,july,",
            "unreadable_cell",
        ),
    ],
)
def test_a_row_that_can_not_be_taken_is_refused_once(
    tmp_path: Path, table: str, row: str, reason: str
) -> None:
    good = {
        "cells": f"{B},total,completed,{QUARTER},1,,july",
        "listings": f"{B},Maps,Maps Office,july,",
        "stated": f"{B},cost_per_transaction,GBP,year,2014-01-01,2014-12-31,3.10,,july,",
    }
    done = landed(tmp_path, **{table: f"{row}\n{good[table]}"})

    assert [(position, found) for position, _, found in done.refusals()] == [(2, reason)]
    assert [json.loads(event["data"])["service_id"] for event in done.events()] == [B]


@pytest.mark.parametrize(
    ("header", "said_of_it"),
    [
        (f"{CELLS},colour", "column 'colour' is unknown in cells"),
        (f"{CELLS},count", "column 'count' appears twice"),
        (CELLS.replace("measure,", ""), "column 'measure' is missing in cells"),
        (CELLS.replace(",", ";"), "semicolons"),
    ],
)
def test_a_header_that_is_not_the_tables_refuses_the_file(
    tmp_path: Path, header: str, said_of_it: str
) -> None:
    done = landed(tmp_path, cells=f"{header}\n".encode())

    outcome = done.outcome("cells.csv")
    assert (outcome.source_kind, outcome.reason) == (None, "bad_header")
    assert said_of_it in str(outcome.detail)


@pytest.mark.parametrize("beside", [None, "publication,published_at,source,document\nx,now,u,d\n"])
def test_tables_wait_for_what_says_when_their_figures_came(
    tmp_path: Path, beside: str | None
) -> None:
    files: dict[str, str | bytes] = {
        "cells.csv": f"{CELLS}\n{A},total,completed,{QUARTER},1,,july\n"
    }
    if beside is not None:
        files["publications.csv"] = beside
    first = run(tmp_path / "home", lay(tmp_path / "landing", files))
    assert first.result.waiting == ["cells.csv"]
    assert "publications.csv" in first.result.waits_for["cells.csv"]

    (tmp_path / "landing" / "publications.csv").write_text(PUBLICATIONS)
    then = run(tmp_path / "home", tmp_path / "landing")
    assert then.outcome("cells.csv").accepted == 1


def test_tables_may_be_packed_and_sent_again_with_more(tmp_path: Path) -> None:
    rows = f"{CELLS}\n{A},total,completed,{QUARTER},1,,july\n"
    files = {"publications.csv": PUBLICATIONS, "cells.csv.gz": gzip.compress(rows.encode())}
    run(tmp_path / "home", lay(tmp_path / "first", files))
    rows += f"{A},total,completed,{QUARTER},2,,october\n"
    files["cells.csv.gz"] = gzip.compress(rows.encode())

    again = run(tmp_path / "home", lay(tmp_path / "second", files)).outcome("cells.csv.gz")

    assert (again.accepted, again.duplicate, again.quarantined) == (1, 1, 0)


def test_what_a_publication_says_again_is_a_duplicate_of_the_tables(tmp_path: Path) -> None:
    rolling = "2015-Q2 Vol."
    columns = (
        "Total transactions Jan - Mar 2015",
        "Digital transactions Jan - Mar 2015",
        rolling,
    )
    year = "rolling_year,2014-04-01,2015-03-31"
    landed(
        tmp_path,
        cells=f'{A},total,completed,{QUARTER},"2,468",,july\n'
        f"{A},digital,completed,{QUARTER},,not_provided,july\n"
        f"{B},total,completed,{QUARTER},7,,july\n{B},digital,completed,{QUARTER},6,,july",
        listings=f"{A},A,Department for Work and Pensions,july,\n"
        f"{B},B,Department for Work and Pensions,july,",
        stated=f'{A},transactions,count,{year},"9,000",{rolling},july,',
    )
    content = publication({A: ["2,468", "", "9,000"], B: [7, 5, ""]}, columns=columns)
    name = "services-2015-07-08.csv"
    files = {name: content, "vintages.csv": manifest({name: (MARCH, content)})}

    beside = run(tmp_path / "home", lay(tmp_path / "beside", files))

    # One figure of five differs: that conflicts, and the listings are events of their own.
    outcome = beside.outcome(name)
    assert (outcome.accepted, outcome.duplicate, outcome.quarantined) == (2, 4, 1)
    assert [reason for _, _, reason in beside.refusals()] == ["id_conflict"]


def test_simulated_tables_say_so_in_every_event(tmp_path: Path) -> None:
    lines = PUBLICATIONS.splitlines()
    marked = "\n".join([f"{lines[0]},simulated", *(f"{line},true" for line in lines[1:])])
    files = {
        "publications.csv": marked,
        "cells.csv": f"{CELLS}\n{A},total,completed,{QUARTER},1,,july\n",
        "listings.csv": f"{LISTINGS}\n{A},Maps,Maps Office,july,\n",
    }
    done = run(tmp_path / "home", lay(tmp_path / "landing", files))

    extensions = {row["type"].split(".")[3]: json.loads(row["extensions"]) for row in done.events()}
    assert extensions == {
        "volume": {"simulated": True},
        "service": {"digest": True, "simulated": True},
    }


def test_services_that_only_listings_beside_them_name_are_known(tmp_path: Path) -> None:
    row = f"new,total,completed,{QUARTER},1,,july"
    alone = landed(tmp_path / "alone", cells=row)
    listed = landed(tmp_path / "listed", cells=row, listings="new,New,Maps Office,july,")

    assert alone.refusals() == [(2, None, "unknown_service")]
    assert listed.refusals() == []
    assert [row["service_id"] for row in listed.events()] == ["new", "new"]


def test_tables_saved_again_by_a_spreadsheet_are_duplicates(tmp_path: Path) -> None:
    tables = {
        "cells": f'{A},total,completed,{QUARTER},"1,234",,july\n'
        f"{A},total,completed,{QUARTER},7 (r),,october\n{A},digital,completed,{QUARTER},-,,july",
        "listings": f"{A},Letters,Department for Letters,july,october",
        "stated": f"{A},cost_per_transaction,GBP,year,2014-01-01,2014-12-31,3.10,,july,",
    }
    landed(tmp_path, **tables)
    saved = {"publications.csv": PUBLICATIONS}
    for path in (tmp_path / "landing").glob("[cls]*.csv"):
        header, *rows = [line[::-1] for line in csv.reader(path.read_text().splitlines())]
        text = io.StringIO(newline="")
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerows([[*header, ""], *([*row, ""] for row in reversed(rows))])
        saved[f"again/{path.name}"] = "\ufeff" + text.getvalue().replace("1,234", "1234")
    saved["again/publications.csv"] = PUBLICATIONS

    again = run(tmp_path / "home", lay(tmp_path / "again", saved))

    for name, count in {"cells": 3, "listings": 2, "stated": 1}.items():
        one = again.outcome(f"again/{name}.csv")
        assert (one.accepted, one.duplicate, one.quarantined) == (0, count, 0)


def test_listings_say_what_a_reader_should_know_of_their_services(tmp_path: Path) -> None:
    rows = [
        f"{A},Voting,Cabinet Office,july,",
        f"{A},Voting by post,Cabinet Office,october,",
        "co-Voter_registration,Voting,Cabinet Office,july,",
        "all,All services,Cabinet Office,july,october",
    ]
    done = landed(tmp_path, listings="\n".join(rows))

    assert done.outcome("listings.csv").flags == (
        "looks_like_total: row 5, all",
        f"similar_slugs: {A} in rows 2, 4",
    )
