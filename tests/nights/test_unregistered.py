"""Nights on publications that print what no register knows, before and after a register does."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.settings import PROJECT_ROOT, SEEDS
from ingest.sources.mi_template import write_template
from tests.support.events import completed, lines, volume
from tests.support.nights import copy_project, run_takeup
from tests.support.publications import manifest, publication

RENAMED = {
    "dh": ("Department of Health", "Department of Health and Social Care", "DHSC"),
    "dclg": (
        "Department for Communities and Local Government",
        "Ministry of Housing, Communities and Local Government",
        "MHCLG",
    ),
}
KEPT = "dwp-carers-allowance-new-claims"
NEW = "Dept for Paperwork & Forms"
HEADER = ("Department", "Abbr", "Agency/body", "Name of service", "Slug")
KNOWN_FIRST, KNOWN_LATER = "2017-06-06T15:27:25+01:00", "2018-01-31T09:30:00+00:00"


def vintage(rows: dict[str, tuple[str, str]]) -> bytes:
    """Four quarterly cells each of services, by slug the department and abbreviation printed."""
    quarters = [f"{what} transactions {months} 2015"
                for months in ("Jan - Mar", "Apr - Jun", "Jul - Sep", "Oct - Dec")
                for what in ("Total", "Digital")]  # fmt: skip
    text = publication(
        {slug: [100 + number, 50] * 4 for number, slug in enumerate(rows)},
        columns=quarters,
        header=(*HEADER, *quarters),
    ).decode()
    table = [next(reader := csv.reader(text.splitlines())), *reader]
    for row, (department, abbreviation) in zip(table[1:], rows.values(), strict=True):
        row[:3] = [department, abbreviation, "Office of Stamps" if department == NEW else ""]
    out = [",".join(f'"{cell}"' for cell in row) for row in table]
    return ("\n".join(out) + "\n").encode()


def land(folder: Path) -> Path:
    """Two vintages, of which the later one renames two departments and brings a new one, a return,
    events for its new service, for one that nobody lists, and a platform's record."""
    folder.mkdir()
    kept = {KEPT: ("Department for Work and Pensions", "DWP")}
    first = kept | {f"{one}-cards": (old, one.upper()) for one, (old, _, _) in RENAMED.items()}
    later = kept | {f"{one}-cards": (new, abbr) for one, (_, new, abbr) in RENAMED.items()}
    later |= {"forms-stamps": (NEW, "DPF")}
    published = {
        "services-2017-06-06.csv": (KNOWN_FIRST, vintage(first)),
        "services-2018-01-31.csv": (KNOWN_LATER, vintage(later)),
    }
    for name, (_, content) in published.items():
        (folder / name).write_bytes(content)
    (folder / "vintages.csv").write_bytes(manifest(published))
    (folder / "events.jsonl").write_bytes(
        lines(
            completed("1", data={"service_id": "forms-stamps"}),
            completed("2", data={"service_id": "of-nobody"}),
            volume("3", data={"service_id": "of-nobody"}),
        )
    )
    (folder / "platform.json").write_text(
        '[{"_timestamp": "2015-01-01T00:00:00+00:00", "period": "month", "count": 7,'
        ' "service": "forms-stamps", "channel": "paper", "dataType": "transactions-by-channel"}]'
    )
    (folder / "return.csv").write_text(a_return("MHCLG"), encoding="utf-8")
    return folder


def a_return(department: str) -> str:
    """A return of one row, under a department that the older registers don't know."""
    header, *given = write_template("dwp", "2015-Q1", seeds=SEEDS).splitlines()
    row = next(row for row in given if f",{KEPT}," in row)
    cells = dict(zip(header.split(","), row.split(","), strict=True))
    cells |= {"department_id": department, "count": "5", "submitted_on": "2015-04-20"}
    return f"{header}\n{','.join(cells.values())}\n"


def with_older_registers(folder: Path) -> Path:
    """A copy of the project whose registers end in 2016."""
    copy_project(folder)
    path = folder / "seeds" / "department_aliases.csv"
    lines_now = path.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines_now if "Civil Service World" not in line]
    assert len(kept) == len(lines_now) - 4
    path.write_text("".join(kept), encoding="utf-8")
    return folder


def rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "published" / "takeup.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def totals(home: Path, department: str, structure: str) -> set[tuple[Any, ...]]:
    """Quarters of a department: start, total and digital count."""
    return set(
        rows(
            home,
            "select period_start, total_count, digital_count from department_take_up"
            f" where level = 'department' and department_id = '{department}'"
            f" and structure = '{structure}' and period_kind = 'quarter'"
            " and definition_id = 'transactions-explorer'",
        )
    )


@pytest.mark.nights
@pytest.mark.deep
def test_departments_that_are_renamed_and_new(tmp_path: Path) -> None:
    landing, home = land(tmp_path / "landing"), tmp_path / "home"
    before = with_older_registers(tmp_path / "project")

    said = run_takeup(before, home, "nightly", "--landing", str(landing))
    printed = "department-of-health-and-social-care"
    for name in (RENAMED["dh"][1], RENAMED["dclg"][1], NEW):
        assert said.count(f'warning: department "{name}" is in no register: 1 service') == 1
    assert said.count('warning: organisation "Office of Stamps"') == 1
    departments = "select service_id, department_id, department_name, is_department_registered"
    stood = rows(home, f"{departments} from services where service_id like '%-cards'")
    assert ("dh-cards", printed, RENAMED["dh"][1], False) in stood
    assert totals(home, printed, "current") == totals(home, printed, "as_at_period") | totals(
        home, "dh", "as_at_period"
    )
    suggested = run_takeup(before, home, "registers", "suggest")
    assert f"{RENAMED['dh'][1]},dh,{RENAMED['dh'][1]}" in suggested
    assert "of-nobody" in suggested
    everybody = "select * exclude (department_id, organisation_id) from department_take_up"
    government = f"{everybody} where level = 'government' order by all"
    whole = rows(home, government)
    assert rows(home, "select reason, count(*) from ingest_ledger group by 1") == [(None, 6)]
    assert rows(home, "select sum(accepted_count), sum(quarantined_count) from ingest_ledger"
                " where name in ('events.jsonl', 'platform.json')") == [(2, 2)]  # fmt: skip

    of_the_return = "select distinct department_id from mi_returns"
    assert rows(home, of_the_return) == [("mhclg",)]

    said = run_takeup(PROJECT_ROOT, home, "nightly", "--landing", str(landing))
    assert [line.split('"')[1] for line in said.splitlines() if "warning: department" in line] == [
        NEW
    ]
    assert rows(home, government) == whole
    for one, (old, new, _) in RENAMED.items():
        name = "select department_name, is_department_registered from services"
        where = f"where service_id = '{one}-cards' and department_id = '{one}'"
        assert rows(home, f"{name} {where}") == [(new, True)]
        as_of = name.replace("services", "services_as_of(timestamptz '2017-12-31')")
        assert rows(home, f"{as_of} {where}") == [(old, True)]
        assert totals(home, one, "current") == totals(home, one, "as_at_period")
    for table in ("services", "service_listings", "department_take_up", "unregistered"):
        found = f"select 1 from {table} as t where t::varchar like '%{printed}%'"
        assert rows(home, found) == []
    assert rows(home, of_the_return) == [("dclg",)]
    new = "select published_id, services_count from unregistered where kind = 'department'"
    assert rows(home, new) == [("dept-for-paperwork-and-forms", 1)]
