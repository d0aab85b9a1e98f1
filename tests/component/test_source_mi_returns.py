"""The departments' return: the template, what comes of a filled one, and what is refused."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import UsageError
from core.registers import load_register
from core.settings import SEEDS
from ingest.sources.mi_returns import MiReturns
from ingest.sources.mi_template import COLUMNS, instructions, template_of, write_template
from tests.support.source_runs import (
    CONTEXT,
    lay,
    records,
    refused_whole,
    run,
    source_file,
    source_of,
)

SOURCE = MiReturns()

SERVICE = "dwp-carers-allowance-new-claims"
ROW = {
    "department_id": "dwp",
    "service_id": SERVICE,
    "service_name": "Carer's Allowance",
    "period_kind": "quarter",
    "period_start": "2015-01-01",
    "period_end": "2015-03-31",
    "breakdown": "online",
    "measure": "completed",
    "count": "1,234",
    "submitted_on": "2015-04-20",
}
PERIOD = {"kind": "quarter", "start": "2015-01-01", "end": "2015-03-31"}
SIGNED = {
    "submitted_by_role": "performance analyst",
    "signed_off_by_role": "service manager",
    "signed_off_on": "2015-04-21",
    "assurance": "department",
    "commentary": "Paper forms of March came in April.",
}


def as_csv(rows: Iterable[dict[str, str]], names: Iterable[str] = COLUMNS) -> str:
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, list(names), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def one(tmp_path: Path, **cells: str) -> dict[str, Any]:
    """The first record of a return of one row."""
    lay(tmp_path, {"a.csv": as_csv([ROW | cells])})
    return records(SOURCE, tmp_path / "a.csv")[0]


def accepted(tmp_path: Path) -> int:
    return run(tmp_path / "home", tmp_path / "a.csv").result.total("accepted")


def test_a_row_gives_volume_cost_and_sign_off(tmp_path: Path) -> None:
    lay(tmp_path, {"a.csv": as_csv([ROW | SIGNED | {"cost_gbp": "£5,400.50", "note": "n"}])})

    volume, cost, sign_off = records(SOURCE, tmp_path / "a.csv")

    shared = {
        "specversion": "1.0",
        "source": "urn:takeup:mi-return:dwp",
        "time": "2015-04-19T23:00:00Z",
        "datacontenttype": "application/json",
        "publishedat": "2015-04-19T23:00:00Z",
    }
    assert [record["place"] for record in (volume, cost, sign_off)] == [
        "count",
        "cost_gbp",
        "signed_off_by_role",
    ]
    assert volume["line"] == shared | {
        "id": f"volume/completed/{SERVICE}/online/quarter/2015-01-01/2015-04-20",
        "type": "uk.gov.takeup.volume.reported.v1",
        "data": {
            "service_id": SERVICE,
            "breakdown": "online",
            "period": PERIOD,
            "measure": "completed",
            "count": 1234,
            "note": "n",
        },
    }
    assert cost["line"] == shared | {
        "id": f"cost/{SERVICE}/online/quarter/2015-01-01/2015-04-20",
        "type": "uk.gov.takeup.cost.reported.v1",
        "data": {
            "service_id": SERVICE,
            "breakdown": "online",
            "period": PERIOD,
            "amount": 5400.5,
            "kind": "total",
        },
    }
    assert sign_off["line"] == shared | {
        "id": f"sign-off/service%20manager/{SERVICE}//quarter/2015-01-01/2015-04-20",
        "type": "uk.gov.takeup.return.signed_off.v1",
        "time": "2015-04-20T23:00:00Z",
        "data": {
            "service_id": SERVICE,
            "period": PERIOD,
            "role": "service manager",
            "assurance": "department",
            "commentary": "Paper forms of March came in April.",
            "submitted_by_role": "performance analyst",
        },
    }
    assert accepted(tmp_path) == 3


@pytest.mark.parametrize(
    ("count", "status", "data"),
    [
        ("0", "", {"count": 0}),
        ("12", "provided", {"count": 12}),
        (" 1,234,567 ", "", {"count": 1234567}),
        ("12.0", "", {"count": 12}),
        ("12.", "", {"count": 12}),
        ("", "", {"status": "not_provided"}),
        ("\u00a0", "", {"status": "not_provided"}),
        ("", "not provided", {"status": "not_provided"}),
        ("", "Withdrawn", {"status": "withdrawn"}),
        ("", "suppressed", {"status": "suppressed"}),
        ("n/a", "", {"status": "not_applicable"}),
        ("N/A", "not_applicable", {"status": "not_applicable"}),
        ("see note", "", {"status": "not_provided", "text": "see note"}),
        ("see note", "withdrawn", {"status": "withdrawn", "text": "see note"}),
        ("ask the agency", "", {"status": "not_provided", "text": "ask the agency"}),
        ("1,234 (r)", "", {"count": 1234, "marker": "revised"}),
        ("56 [P]", "provided", {"count": 56, "marker": "provisional"}),
    ],
)
def test_counts(tmp_path: Path, count: str, status: str, data: dict[str, Any]) -> None:
    found = one(tmp_path, count=count, status=status)["line"]["data"]

    said = ("count", "status", "text", "marker")
    assert {name: found[name] for name in said if name in found} == data
    assert accepted(tmp_path) == 1


@pytest.mark.parametrize(
    "cell",
    [
        "-5",
        "12.5",
        "1,23",
        "£12",
        "(12)",
        "12%",
        "1e5",
        "1 234",
        "- 5",
        "9" * 19,
        "c. 500",
        "#REF!",
    ],
)
def test_numbers_that_are_no_counts(tmp_path: Path, cell: str) -> None:
    found = one(tmp_path, count=cell)

    assert (found["reason"], found["place"]) == ("unreadable_cell", "count")
    assert found["detail"] == f"row 2, column count: {cell}"
    assert json.loads(found["raw"])["count"] == cell
    assert run(tmp_path / "home", tmp_path / "a.csv").refusals() == [
        (2, "count", "unreadable_cell")
    ]


@pytest.mark.parametrize(
    ("count", "status", "detail"),
    [
        ("12", "not_provided", "count 12 beside status not_provided"),
        ("n/a", "withdrawn", "count n/a beside status withdrawn"),
        ("", "provided", "status provided without a count"),
    ],
)
def test_contradictions_are_refused(tmp_path: Path, count: str, status: str, detail: str) -> None:
    found = one(tmp_path, count=count, status=status)

    assert (found["reason"], found["detail"]) == ("invalid_field", detail)


@pytest.mark.parametrize(
    ("cell", "amount"),
    [("5", 5.0), ("£ 1,000", 1000.0), ("0.75", 0.75), ("-5", None), ("some", None)],
)
def test_costs(tmp_path: Path, cell: str, amount: float | None) -> None:
    lay(tmp_path, {"a.csv": as_csv([ROW | {"cost_gbp": cell}])})

    _, cost = records(SOURCE, tmp_path / "a.csv")
    if amount is None:
        assert (cost["reason"], cost["detail"]) == (
            "unreadable_cell",
            f"row 2, column cost_gbp: {cell}",
        )
    else:
        assert cost["line"]["data"]["amount"] == amount
    assert accepted(tmp_path) == (1 if amount is None else 2)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"service_id": ""}, "missing_key"),
        ({"service_id": "dwp-of-nobody"}, "unknown_service"),
        ({"department_id": ""}, "missing_field"),
        ({"department_id": "?"}, "unknown_value"),
        ({"breakdown": "fax"}, "unknown_channel"),
        ({"breakdown": ""}, "missing_field"),
        ({"measure": ""}, "missing_field"),
        ({"measure": "guessed"}, "invalid_field"),
        ({"status": "lost", "count": ""}, "invalid_field"),
        ({"period_kind": ""}, "missing_field"),
        ({"period_kind": "fortnight"}, "invalid_field"),
        ({"period_start": ""}, "missing_field"),
        ({"period_start": "January"}, "invalid_field"),
        ({"period_end": "2015-03-30"}, "invalid_field"),
        # American order: not the first day of a quarter when read as a British day.
        ({"period_start": "01/02/2015"}, "invalid_field"),
        ({"submitted_on": ""}, "missing_field"),
        ({"submitted_on": "soon"}, "invalid_time"),
        ({"submitted_on": "2016-03-01"}, "in_the_future"),
    ],
)
def test_refused_rows(tmp_path: Path, cells: dict[str, str], reason: str) -> None:
    lay(tmp_path, {"a.csv": as_csv([ROW | cells])})
    done = run(tmp_path / "home", tmp_path / "a.csv")

    assert done.refusals() == [(2, "count", reason)]
    (row,) = done.rows("quarantine")
    assert json.loads(row["raw"]) == dict.fromkeys(COLUMNS, "") | ROW | cells


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"signed_off_by_role": ""}, "missing_field"),
        ({"assurance": "sworn"}, "invalid_field"),
        ({"signed_off_on": "never"}, "invalid_time"),
    ],
)
def test_refused_sign_offs_leave_the_volume(
    tmp_path: Path, cells: dict[str, str], reason: str
) -> None:
    lay(tmp_path, {"a.csv": as_csv([ROW | SIGNED | cells])})
    done = run(tmp_path / "home", tmp_path / "a.csv")

    assert done.refusals() == [(2, "signed_off_by_role", reason)]
    assert done.result.total("accepted") == 1


def test_a_blank_assurance_is_unassured_and_a_sender_alone_signs_nothing(tmp_path: Path) -> None:
    rows = [ROW | SIGNED | {"assurance": ""}, ROW | {"submitted_by_role": "analyst"}]
    lay(tmp_path, {"a.csv": as_csv(rows)})

    found = records(SOURCE, tmp_path / "a.csv")
    assert [record["place"] for record in found] == ["count", "signed_off_by_role", "count"]
    assert found[1]["line"]["data"]["assurance"] == "unassured"


@pytest.mark.parametrize(
    ("submitted", "moment", "written"),
    [
        ("2015-04-20", "2015-04-19T23:00:00Z", "2015-04-20"),
        ("20/04/2015", "2015-04-19T23:00:00Z", "2015-04-20"),
        ("1/2/2015", "2015-02-01T00:00:00Z", "2015-02-01"),
        ("2015-04-20T15:30", "2015-04-20T14:30:00Z", "2015-04-20T14:30:00Z"),
        ("2015-04-20T15:30:00+02:00", "2015-04-20T13:30:00Z", "2015-04-20T13:30:00Z"),
    ],
)
def test_moments(tmp_path: Path, submitted: str, moment: str, written: str) -> None:
    line = one(tmp_path, submitted_on=submitted)["line"]

    assert (line["time"], line["publishedat"]) == (moment, moment)
    assert line["id"].endswith(f"/{written}")


def test_days_as_a_spreadsheet_rewrites_them(tmp_path: Path) -> None:
    found = one(tmp_path, period_start="01/01/2015", period_end="31/03/2015")

    assert found["line"]["data"]["period"] == PERIOD


def test_a_later_submission_restates_and_the_same_again_changes_nothing(tmp_path: Path) -> None:
    first = as_csv([ROW])
    files = {"first.csv": first, "again.csv": as_csv([ROW | {"count": "1234 "}])}
    files["later.csv"] = as_csv([ROW | {"count": "1300", "submitted_on": "2015-05-01"}])
    done = run(tmp_path / "home", lay(tmp_path / "landing", files))

    assert (done.result.total("accepted"), done.result.total("duplicate")) == (2, 1)
    assert {row["published_at"]: json.loads(row["data"])["count"] for row in done.events()} == {
        datetime(2015, 4, 19, 23, tzinfo=UTC): 1234,
        datetime(2015, 4, 30, 23, tzinfo=UTC): 1300,
    }


def test_another_count_under_the_same_day_is_a_conflict(tmp_path: Path) -> None:
    lay(tmp_path, {"a.csv": as_csv([ROW, ROW | {"count": "1"}])})

    assert run(tmp_path / "home", tmp_path / "a.csv").refusals() == [(3, "count", "id_conflict")]


@pytest.mark.parametrize(
    ("rows", "flags"),
    [
        ([{}], ()),
        ([{"service_name": ""}], ()),
        ([{"service_name": "Carer\u2019s allowance"}], ()),
        ([{"department_id": "hmrc"}, {}], (f"other_department: {SERVICE} in row 2",)),
        (
            [{"service_name": "Tax returns"}, {}, {"service_name": "Bereavement benefits"}],
            (f"other_name: {SERVICE} in rows 2, 4",),
        ),
        (
            [{"breakdown": b, "department_id": "hmrc"} for b in ("online", "phone", "paper")]
            + [{"breakdown": b, "department_id": "hmrc"} for b in ("email", "api", "ivr")],
            (f"other_department: {SERVICE} in rows 2, 3, 4, 5, 6 and 1 more",),
        ),
        # Of a service or a department that the register does not have nothing is known.
        ([{"service_id": "dwp-of-nobody", "service_name": "Anything"}], ()),
    ],
)
def test_rows_that_name_another_than_their_service_are_flagged(
    tmp_path: Path, rows: list[dict[str, str]], flags: tuple[str, ...]
) -> None:
    lay(tmp_path, {"a.csv": as_csv([ROW | cells for cells in rows])})

    assert run(tmp_path / "home", tmp_path / "a.csv").outcome("a.csv").flags == flags


def test_the_same_sign_off_on_every_row_counts_once(tmp_path: Path) -> None:
    rows = [ROW | SIGNED, ROW | SIGNED | {"breakdown": "total"}]
    lay(tmp_path, {"a.csv": as_csv(rows)})
    done = run(tmp_path / "home", tmp_path / "a.csv")

    assert (done.result.total("accepted"), done.result.total("duplicate")) == (3, 1)


def test_blank_rows_are_no_records_and_rows_of_another_width_are_kept(tmp_path: Path) -> None:
    content = as_csv([ROW, {}, ROW | {"breakdown": "paper"}]) + "dwp,too,short\r\n"
    done = run(tmp_path / "home", lay(tmp_path / "landing", {"a.csv": content}))

    assert [row["position"] for row in done.events()] == [2, 4]
    assert done.refusals() == [(5, None, "wrong_width")]
    assert done.rows("quarantine")[0]["raw"] == b"dwp,too,short"


def test_columns_in_another_order_give_the_same(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {"a.csv": as_csv([ROW | SIGNED]), "b.csv": as_csv([ROW | SIGNED], list(COLUMNS)[::-1])},
    )

    first, other = (records(SOURCE, tmp_path / name) for name in ("a.csv", "b.csv"))
    assert [record["line"] for record in first] == [record["line"] for record in other]


@pytest.mark.parametrize(
    ("names", "detail"),
    [
        ([name for name in COLUMNS if name != "note"], "column 'note' is missing"),
        ([*COLUMNS, "owner"], "column 'owner' is unknown"),
        ([*COLUMNS, "count"], "column 'count' appears twice"),
    ],
)
def test_a_header_that_is_not_ours_refuses_the_file(
    tmp_path: Path, names: list[str], detail: str
) -> None:
    lay(tmp_path, {"a.csv": ",".join(names) + "\n"})

    assert source_of(tmp_path / "a.csv") == "mi_returns"
    assert refused_whole(SOURCE, tmp_path / "a.csv") == ("bad_header", detail)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_another_separator_is_recognised_and_refused(tmp_path: Path, separator: str) -> None:
    lay(tmp_path, {"a.csv": separator.join(COLUMNS) + "\n"})

    assert source_of(tmp_path / "a.csv") == "mi_returns"
    assert refused_whole(SOURCE, tmp_path / "a.csv")[0] == "bad_header"


def test_a_return_saved_in_another_encoding_is_refused_with_its_offset(tmp_path: Path) -> None:
    content = as_csv([ROW | {"note": "caf\u00e9"}]).encode("cp1252")
    done = run(
        tmp_path / "home", lay(tmp_path / "landing", {"a.csv": content, "b.csv": as_csv([ROW])})
    )

    outcome = done.outcome("a.csv")
    assert (outcome.state, outcome.reason) == ("rejected", "not_utf8")
    offset = content.index(0xE9)
    assert (outcome.detail or "").startswith(
        f"byte offset {offset}: in windows-1252 it would be 'é'"
    )


@pytest.mark.parametrize(("mark", "says"), [("true", True), ("", False), ("false", False)])
def test_simulated_returns(tmp_path: Path, mark: str, says: bool) -> None:
    names = [*COLUMNS, "simulated"]
    done = run(
        tmp_path / "home",
        lay(tmp_path / "landing", {"a.csv": as_csv([ROW | {"simulated": mark}], names)}),
    )
    lay(tmp_path, {"empty.csv": as_csv([], names), "plain.csv": as_csv([ROW])})

    assert SOURCE.marks_simulated(source_file(tmp_path / "landing" / "a.csv")) is says
    assert SOURCE.marks_simulated(source_file(tmp_path / "empty.csv")) is None
    assert SOURCE.marks_simulated(source_file(tmp_path / "plain.csv")) is False
    assert [row["extensions"] for row in done.events()] == (
        [None] if mark == "" else [f'{{"simulated":{mark}}}']
    )


@pytest.mark.parametrize(
    ("printed", "department_id"),
    [
        ("dwp", "dwp"),
        ("DWP", "dwp"),
        ("Department for Work & Pensions", "dwp"),
        ("DHSC", "dh"),
        ("Ministry of Magic", "ministry-of-magic"),
    ],
)
def test_a_return_is_of_the_department_that_it_prints(
    tmp_path: Path, printed: str, department_id: str
) -> None:
    lay(tmp_path, {"a.csv": as_csv([ROW | {"department_id": printed}])})

    (found,) = records(SOURCE, tmp_path / "a.csv")
    assert found["reason"] is None
    assert found["line"]["source"] == f"urn:takeup:mi-return:{department_id}"
    assert accepted(tmp_path) == 1


def test_what_was_refused_is_read_again_by_later_registers(tmp_path: Path) -> None:
    lay(tmp_path, {"a.csv": as_csv([ROW | SIGNED | {"service_id": "dwp-new", "cost_gbp": "5"}])})
    before = records(SOURCE, tmp_path / "a.csv")
    seeds = shutil.copytree(SEEDS, tmp_path / "seeds")
    register = (seeds / "services.csv").read_text(encoding="utf-8")
    line = next(line for line in register.splitlines() if line.startswith(f"{SERVICE},"))
    (seeds / "services.csv").write_text(register + line.replace(SERVICE, "dwp-new") + "\n")
    later = replace(CONTEXT, seeds=seeds)
    after = [SOURCE.read_again(row["raw"], row["place"], later).to_pylist() for row in before]

    assert {row["reason"] for row in before} == {"unknown_service"}
    assert [len(rows) for rows in after] == [1, 1, 1]
    assert [rows[0]["place"] for rows in after] == [row["place"] for row in before]
    assert all(json.loads(rows[0]["line"])["data"]["service_id"] == "dwp-new" for rows in after)


# The template


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_template_has_a_row_per_service_and_expected_channel_and_for_the_total() -> None:
    rows = rows_of(write_template("dwp", "2015-Q1", seeds=SEEDS))

    own = [row["breakdown"] for row in rows if row["service_id"] == SERVICE]
    assert own == ["online", "paper", "total"]
    services = {
        row["service_id"]
        for row in load_register("services", SEEDS)
        if row["department_id"] == "dwp" and row["kind"] == "service"
    }
    assert {row["service_id"] for row in rows} == services
    assert {(row["period_start"], row["period_end"]) for row in rows} == {
        ("2015-01-01", "2015-03-31")
    }
    assert {row["count"] + row["status"] + row["submitted_on"] for row in rows} == {""}


def test_channels_that_do_not_apply_are_not_asked_for() -> None:
    rows = rows_of(write_template("home-office", "2015-Q1", seeds=SEEDS))

    assert [
        row["breakdown"] for row in rows if row["service_id"] == "home-office-registered-traveller"
    ] == ["online", "total"]


def test_services_of_a_dissolved_department_stand_with_its_successor(tmp_path: Path) -> None:
    seeds = shutil.copytree(SEEDS, tmp_path / "seeds")
    departments = load_register("departments", seeds)
    heirs = {row["department_id"]: row for row in departments if row["successor_id"]}
    (name, row) = next(iter(heirs.items()))
    with (seeds / "services.csv").open("a", encoding="utf-8") as register:
        header = (seeds / "services.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
        register.write(
            ",".join(
                {"service_id": "s", "department_id": name, "kind": "service"}.get(c, "")
                for c in header
            )
            + "\n"
        )
    last_quarter = f"{row['valid_to'][:4]}-Q{(int(row['valid_to'][5:7]) + 2) // 3}"
    next_year = f"{int(row['valid_to'][:4]) + 1}-Q1"

    before = rows_of(write_template(name, last_quarter, seeds=seeds))
    after = rows_of(write_template(row["successor_id"], next_year, seeds=seeds))
    assert "s" in {one["service_id"] for one in before}
    assert "s" in {one["service_id"] for one in after}


def test_names_that_a_spreadsheet_would_run_are_neutralised(tmp_path: Path) -> None:
    seeds = shutil.copytree(SEEDS, tmp_path / "seeds")
    register = (seeds / "services.csv").read_text(encoding="utf-8")
    (seeds / "services.csv").write_text(register.replace("Public appointments", "=1+1"))

    rows = rows_of(write_template("co", "2015-Q1", seeds=seeds))
    assert "'=1+1" in {row["service_name"] for row in rows}


@pytest.mark.parametrize(
    ("department", "quarter", "why"),
    [
        ("nobody", "2015-Q1", "no department 'nobody' in the register"),
        ("dwp", "2015-Q5", "'2015-Q5' is not a quarter"),
        ("dwp", "Q1 2015", "'Q1 2015' is not a quarter"),
    ],
)
def test_what_no_template_can_be_made_for(department: str, quarter: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        write_template(department, quarter, seeds=SEEDS)


def test_a_department_without_services_has_no_template() -> None:
    with_services = {row["department_id"] for row in load_register("services", SEEDS)}
    without = next(
        row["department_id"]
        for row in load_register("departments", SEEDS)
        if row["department_id"] not in with_services and not row["valid_to"]
    )
    with pytest.raises(UsageError, match=f"has none of department '{without}'"):
        write_template(without, "2015-Q1", seeds=SEEDS)


def test_the_instructions_name_every_column() -> None:
    text = instructions(template_of("dwp", "2015-Q1", seeds=SEEDS))

    assert "dwp, 1 January 2015 to 31 March 2015" in text
    assert [name for name in COLUMNS if f"| `{name}` |" not in text] == []


def test_an_unfilled_template_says_that_nothing_was_provided(tmp_path: Path) -> None:
    rows = rows_of(write_template("dwp", "2015-Q1", seeds=SEEDS))
    for row in rows:
        row["submitted_on"] = "2015-04-20"
    done = run(tmp_path / "home", lay(tmp_path / "landing", {"a.csv": as_csv(rows)}))

    assert done.result.total("accepted") == len(rows)
    assert {json.loads(row["data"])["status"] for row in done.events()} == {"not_provided"}


@pytest.mark.parametrize("form", ["plain", "gzip", "spreadsheet"])
def test_a_filled_template_comes_back_whole(tmp_path: Path, form: str) -> None:
    rows = rows_of(write_template("dwp", "2015-Q1", seeds=SEEDS))
    for number, row in enumerate(rows):
        row |= {"submitted_on": "2015-04-20", "count": f"{1000 * number:,}"}
        if row["breakdown"] == "total":
            row |= SIGNED | {"cost_gbp": "12.50", "commentary": f"Line one,\nline two of {number}"}
    text = as_csv(rows)
    if form == "spreadsheet":
        # What a spreadsheet makes of it: a byte order mark, British days, empty rows at the end.
        text = "\ufeff" + text.replace("2015-01-01", "01/01/2015").replace(
            "2015-03-31", "31/03/2015"
        )
        text += "," * (len(COLUMNS) - 1) + "\r\n"
    packed = {"a.csv.gz": gzip.compress(text.encode())} if form == "gzip" else {"a.csv": text}
    done = run(tmp_path / "home", lay(tmp_path / "landing", packed))

    services = len({row["service_id"] for row in rows})
    assert done.refusals() == []
    assert done.result.total("accepted") == len(rows) + 2 * services
    told = [
        (row["position"], json.loads(row["data"])["count"])
        for row in done.events()
        if row["place"] == "count"
    ]
    assert told == [(number + 2, 1000 * number) for number in range(len(rows))]
    commentaries = [
        json.loads(row["data"])["commentary"]
        for row in done.events()
        if row["place"] == "signed_off_by_role"
    ]
    assert len(commentaries) == services
    assert all(text.startswith("Line one,\nline two of ") for text in commentaries)


def test_a_template_that_says_when_it_is_due_gives_events_that_say_so(tmp_path: Path) -> None:
    due = write_template("dwp", "2015-Q1", seeds=SEEDS, due_on=date(2015, 4, 30))
    row = next(csv.DictReader(io.StringIO(due)))
    assert [*row] == [*COLUMNS, "due_on"]
    assert row["due_on"] == "2015-04-30"
    row |= {"count": "5", "submitted_on": "2015-04-20", "cost_gbp": "1", **SIGNED}
    lay(tmp_path, {"a.csv": as_csv([row | {"due_on": "30/04/2015"}], [*COLUMNS, "due_on"])})

    volume, cost, sign_off = records(SOURCE, tmp_path / "a.csv")

    assert volume["line"]["data"]["due_on"] == sign_off["line"]["data"]["due_on"] == "2015-04-30"
    assert "due_on" not in cost["line"]["data"]
    assert accepted(tmp_path) == 3
    asked = instructions(template_of("dwp", "2015-Q1", seeds=SEEDS, due_on=date(2015, 4, 30)))
    assert "due on 30 April 2015" in asked
    assert "| `due_on` |" in asked


def test_a_day_due_that_is_none_is_refused_like_any_other_day(tmp_path: Path) -> None:
    lay(tmp_path, {"a.csv": as_csv([ROW | {"due_on": "end of April"}], [*COLUMNS, "due_on"])})
    landed = run(tmp_path / "home", tmp_path / "a.csv")

    assert landed.refusals() == [(2, "count", "invalid_field")]
