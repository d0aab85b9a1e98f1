"""The runbook followed to the letter, on one small home: each step types what its section prints.

Names of files, services and departments are hostile throughout: they are no more than names.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.nights import copy_project
from tests.support.publications import LISTING, manifest, publication
from tests.support.runbook import commands, section

JSA = "dwp-jobseekers-allowance-jsa-new-claims"
HOSTILE = "Dept'); drop table take_up; -- <script>alert(1)</script>\u202egnp"
ODD_NAME = 'it\'s $(touch made-by-a-name) "odd"\x1b[2J.csv'
COLUMNS = tuple(
    f"{what} transactions {months} {year}"
    for year in (2014, 2015)
    for months in ("Jan - Mar", "Apr - Jun", "Jul - Sep", "Oct - Dec")
    for what in ("Total", "Digital")
)
COUNTS = {JSA: [100, 60] * 8, "odd-service": [50, 10] * 8, "odd'; drop--": [50, 10] * 8}
ROLE = {"ROLE": "data quality lead", "REASON": "a test of the runbook"}

pytestmark = pytest.mark.deep


def volumes(counts: dict[str, list[int]], department: str | None = None) -> bytes:
    """A publication of two years; every service but Jobseeker's Allowance is of `department`."""
    rows = list(csv.reader(publication(counts, columns=COLUMNS).decode().splitlines()))
    for row in rows[1:]:
        if department is not None and row[LISTING.index("Slug")] != JSA:
            row[:3] = [department, "ODD", f"<b>{HOSTILE}</b>"]
    return ("\n".join(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row)
                      for row in rows) + "\n").encode()  # fmt: skip


@dataclass
class Operator:
    """Whoever follows the runbook: in a copy of the project, which has its own registers."""

    project: Path
    home: Path
    settings: dict[str, str] = field(default_factory=dict)

    def types(self, words: list[str], **settings: str) -> subprocess.CompletedProcess[str]:
        """What a command of the runbook does; `make setup` and `git pull` are somebody else's."""
        assert words[0] == "takeup", words
        return subprocess.run(
            [sys.executable, "-m", "takeup.cli", *words[1:]],
            cwd=self.project,
            env=os.environ
            | {"PYTHONPATH": str(self.project), "TAKEUP_HOME": str(self.home)}
            | self.settings
            | settings,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    def follows(self, title: str, part: slice = slice(None), **given: str | Path) -> str:
        """What the commands of a section say (of a part of it), each of which must end well."""
        said = ""
        for words in commands(section(title), **given)[part]:
            if words[0] == "takeup":
                done = self.types(words)
                assert done.returncode == 0, f"{words}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
                said += done.stdout
        assert said
        assert not set(said) & set("\x1b\u202e"), "a name steers the terminal"
        return said

    def asks(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.home / "published" / "takeup.duckdb"), read_only=True) as file:
            return file.execute(query).fetchall()

    def land(self, name: str, content: bytes, published_at: str | None = None) -> None:
        """Put a file into a folder of its own in `landing/`, with its manifest."""
        folder = self.home / "landing" / name[:8].encode("ascii", "ignore").hex()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        if published_at is not None:
            rows = csv.reader(manifest({"x": (published_at, content)}).decode().splitlines())
            header, row = rows
            with (folder / "vintages.csv").open("w", newline="") as stream:
                csv.writer(stream).writerows([header, [name, *row[1:]]])

    def add_row(self, register: str, **cells: str) -> None:
        """Add a row to a register of the project."""
        path = self.project / "seeds" / f"{register}.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            names = next(csv.reader(stream))
        with path.open("a", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerow([cells.get(name, "") for name in names])


@pytest.mark.nights
def test_the_runbook_does_what_it_says(tmp_path: Path) -> None:
    copy_project(tmp_path / "project")
    both = {"TAKEUP_PACK": "yes", "TAKEUP_PAGES": "yes"}
    operator = Operator(tmp_path / "project", tmp_path / "home", both)
    a_bad_file_and_an_unregistered_department(operator)
    files_are_for_the_group(operator)
    operator.settings |= {"TAKEUP_PACK": "no", "TAKEUP_PAGES": "no"}
    what_was_suggested_and_a_target(operator)
    a_failed_gate_and_a_wrong_figure(operator)
    a_lost_machine(operator, tmp_path)
    assert not list(tmp_path.rglob("made-by-a-name"))


def a_bad_file_and_an_unregistered_department(operator: Operator) -> None:
    operator.land(ODD_NAME, volumes(COUNTS, HOSTILE), "2016-03-01T09:30:00+00:00")
    operator.land("bad.csv", b"Slug;Name of service\n", "2016-03-01T09:30:00+00:00")
    said = operator.follows("A file was refused")
    assert "bad.csv: rejected" in said
    assert "is in no register" in said
    kinds = dict(operator.asks("select state, count(*) from ingest_ledger group by 1"))
    assert kinds["rejected"] == 1
    found = operator.asks(
        "select distinct department_name from services where not is_department_registered"
    )
    assert len(found) == 1
    assert "drop table take_up" in found[0][0]
    for page in operator.home.rglob("*.html"):
        assert "<script>alert(1)" not in page.read_text("utf-8"), page


def what_was_suggested_and_a_target(operator: Operator) -> None:
    """The mended file, the row of the department and a target come in with one night."""
    operator.land("mended.csv", volumes(COUNTS, HOSTILE), "2016-03-02T09:30:00+00:00")
    suggested = operator.home / "suggested"
    first, *rest = commands(section("Something is in no register"), DIR=suggested)
    assert operator.types(first).returncode == 0
    with (suggested / "departments.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    operator.add_row("departments", **row)
    operator.add_row(
        "targets",
        target_id="a-test",
        service_id=JSA,
        department_id="dwp",
        metric="digital_take_up",
        target_ratio="0.4",
        set_on="2014-01-01",
        due_on="2014-12-31",
        is_set_on_estimated="false",
        period_kind="quarter",
        definition_id="transactions-explorer",
        scope="all of it",
        source="a test of the runbook",
        note="as an operator adds one",
    )
    for words in rest:
        done = operator.types(words)
        assert done.returncode == 0, f"{words}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    assert operator.asks("select is_department_registered from services group by 1") == [(True,)]
    assert operator.asks(
        "select measured_ratio, is_attained from target_attainment where target_id = 'a-test'"
    ) == [(0.6, True)]


def a_failed_gate_and_a_wrong_figure(operator: Operator) -> None:
    """A publication of counts that no service has: the gate trips, and it is set aside."""
    headline = "select * exclude (known_at) from take_up_headline order by all"
    before = operator.asks(headline)
    beyond = {service: [9 * 10**12] * 16 for service in COUNTS}
    operator.land("wrong.csv", volumes(beyond, HOSTILE), "2016-04-01T09:30:00+00:00")
    none = {"TAKEUP_WITHHELD_SERVICES": "0", "TAKEUP_WITHHELD_SHARE": "0"}
    stopped = operator.types(["takeup", "nightly"], **none)
    assert stopped.returncode == 3, stopped.stdout
    assert "withheld_services_are_few" in stopped.stdout + stopped.stderr
    assert operator.asks(headline) == before, "readers see the file of the night before"
    assert operator.types(["takeup", "check"], **none).returncode == 3

    index = json.loads((operator.home / "warehouse" / "landing_index.json").read_text("utf-8"))
    (key,) = {entry["hash"] for name, entry in index.items() if name.endswith("wrong.csv")}
    title = "Put right what was published wrong"
    operator.follows(title, slice(2), KEY=key, **ROLE)
    assert operator.asks(headline) == before
    withheld = "select count(*) > 0 from data_quality where severity = 'withheld'"
    assert operator.asks(withheld) == [(False,)]
    operator.follows(title, slice(2, None), KEY=key, **ROLE)
    assert operator.asks(withheld) == [(True,)]


def files_are_for_the_group(operator: Operator) -> None:
    """What the pipeline wrote is read by its owner and group; the key by its owner."""
    home = operator.home
    for room in ("log", "warehouse", "published", "exports", "site"):
        for path in [home / room, *(home / room).rglob("*")]:
            if not path.is_symlink():
                mode = stat.S_IMODE(path.stat().st_mode)
                assert mode & 0o007 == 0, f"{path}: {mode:o}"
                assert mode & 0o040, f"{path}: {mode:o}"
    assert stat.S_IMODE((home / "masking.key").stat().st_mode) == 0o600


def a_lost_machine(operator: Operator, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(operator.home / "log", tmp_path / "copy"))
    there = Operator(operator.project, tmp_path / "another")
    shutil.copytree(operator.home / "landing", there.home / "landing")
    shutil.copy2(operator.home / "masking.key", there.home)
    said = there.follows("The machine is lost", COPY=copy)
    assert "sound: " in said
    headline = "from take_up_headline order by all"
    assert there.asks(headline) == operator.asks(headline)
