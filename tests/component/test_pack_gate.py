"""The gate of a pack: the files that were written are read back, and each expectation can fail."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.errors import UsageError
from core.settings import Settings
from expectations.catalogue import written
from expectations.derived import NAMES
from expectations.pack import gate_pack
from expectations.results import StoppedByGate
from publish.export import export_quarter
from publish.swap import publish as swap
from tests.support.warehouse import build_staging, gate_passed, make_settings

WRITTEN = {
    one.name for suite in written().values() if suite.gate == "pack" for one in suite.expectations
}

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = make_settings(tmp_path_factory.mktemp("made") / "home")
    build_staging(settings)
    with duckdb.connect(str(settings.staging_file)) as connection:
        # The gate knows the lists of the real tables, of which this file has made-up ones.
        connection.execute("update data_quality set check_id = 'digital_above_total'")
        connection.execute(
            "insert into services select * replace ('angling' as service_id) from services"
        )
        connection.execute("checkpoint")
    swap(settings, run_id="run", require_pass=gate_passed)
    export_quarter(settings, quarter="2014-Q4")
    return settings.home


@pytest.fixture
def settings(made: Path, tmp_path: Path) -> Settings:
    shutil.copytree(made, tmp_path / "home")
    return make_settings(tmp_path / "home")


@pytest.fixture
def pack(settings: Settings) -> Path:
    return settings.exports / "mi-2014-Q4"


def write_json(path: Path, said: object) -> None:
    path.write_text(json.dumps(said), encoding="utf-8")


class WrittenWrong:
    """A pack of which every file agrees with the manifest, as it would if it were written wrong."""

    def __init__(self, pack: Path) -> None:
        self.pack = pack
        self.manifest: dict[str, Any] = json.loads((pack / "manifest.json").read_bytes())
        self.package: dict[str, Any] = json.loads((pack / "datapackage.json").read_bytes())

    def resource(self, name: str) -> dict[str, Any]:
        return next(one for one in self.package["resources"] if one["name"] == name)

    def change(self, name: str, change: Callable[[Rows], object]) -> None:
        file = self.pack / f"{name}.csv"
        with file.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        change(rows)
        self.write(name, rows)

    def write(self, name: str, rows: Rows) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        (self.pack / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8")
        entry = self.manifest["files"].setdefault(f"{name}.csv", {})
        entry.setdefault("columns", list(rows[0]))
        entry["row_count"] = len(rows)

    def done(self) -> None:
        write_json(self.pack / "datapackage.json", self.package)
        for name, entry in self.manifest["files"].items():
            entry["sha256"] = hashlib.sha256((self.pack / name).read_bytes()).hexdigest()
        write_json(self.pack / "manifest.json", self.manifest)
        digest = hashlib.sha256((self.pack / "manifest.json").read_bytes()).hexdigest()
        edition = json.loads((self.pack / "edition.json").read_bytes())
        write_json(self.pack / "edition.json", edition | {"manifest_sha256": digest})


def broken(settings: Settings, pack: Path) -> tuple[dict[str, str], str]:
    """The names of what is broken, with the outcome of each, and what is said of it."""
    with pytest.raises(StoppedByGate) as stopped:
        gate_pack(settings, pack)
    result = stopped.value.result
    found = [*result.failures, *result.warnings]
    return {check.name: check.outcome for _, check in found}, str(stopped.value)


def by_channel(basis: str, *, kind: str, start: str, counts: tuple[int, ...]) -> Rows:
    return [
        {
            "service_id": "licence",
            "period_kind": kind,
            "period_start": start,
            "channel": f"channel {number}",
            "transactions_count": str(count),
            "value_status": "provided",
            "basis": basis,
            "is_simulated": "false",
        }
        for number, count in enumerate(counts)
    ]


def describe(wrong: WrittenWrong, name: str, rows: Rows) -> None:
    types = {
        "period_start": "date",
        "transactions_count": "integer",
        "total_count": "integer",
        "is_simulated": "boolean",
    }
    fields = [{"name": one, "type": types.get(one, "string")} for one in rows[0]]
    wrong.package["resources"].append(
        {"name": name, "path": f"{name}.csv", "schema": {"fields": fields}}
    )
    wrong.write(name, rows)


def test_a_pack_passes_as_it_was_written(settings: Settings, pack: Path) -> None:
    result = gate_pack(settings, pack)
    assert result.outcome == "passed"
    manifest = json.loads((pack / "manifest.json").read_bytes())
    rows = {suite.table: suite.rows_checked for suite in result.suites}
    tables = {
        name.removesuffix(".csv"): entry["row_count"]
        for name, entry in manifest["files"].items()
        if name.endswith(".csv")
    }
    assert rows == rows | tables
    assert rows["pack_files"] == len(manifest["files"]) + 1
    assert rows["pack_references"] > 0
    assert (settings.warehouse / "gates" / f"{pack.name}-pack.json").is_file()


def test_a_folder_that_somebody_touched_is_found_with_its_files(
    settings: Settings, pack: Path
) -> None:
    (pack / "services.csv").write_text("service_id\nanother\n")
    (pack / "government.parquet").unlink()
    (pack / "notes.txt").write_text("mine")
    names, said = broken(settings, pack)
    assert names["pack_files_are_those_of_the_manifest"] == "failed"
    for name in ("services.csv", "government.parquet", "notes.txt"):
        assert name in said
    assert "the pack gate stopped the hand-over, nothing was handed over" in said
    assert "services.csv is not as the manifest says" in said
    assert names["services_has_its_columns"] == "error"


def test_every_expectation_finds_what_was_written_wrong(settings: Settings, pack: Path) -> None:
    wrong = WrittenWrong(pack)
    wrong.change("take_up_quarter", lambda rows: rows[0].update(take_up_ratio="1.5"))
    wrong.change("take_up_quarter", lambda rows: rows[0].update(basis="events"))
    wrong.change("channel_shift_quarter", lambda rows: rows.append(rows[0]))
    wrong.change("government", lambda rows: rows[0].update(period_kind="decade"))
    wrong.change("promises", lambda rows: rows[0].update(promise_id=""))
    wrong.change("missing", lambda rows: rows[0].update(is_simulated="true"))
    wrong.change("services", lambda rows: rows[0].update(service_id="renamed"))
    wrong.change("set_asides", lambda rows: rows[0].update(records_count="many"))
    renamed = (pack / "mi_returns.csv").read_text().replace("due_on", "wanted_on", 1)
    (pack / "mi_returns.csv").write_text(renamed)
    wrong.manifest["files"]["offline_volumes_rolling_year.parquet"]["row_count"] = 7
    wrong.package["resources"].remove(wrong.resource("departments_quarter"))
    quarter = by_channel("events", kind="quarter", start="2014-10-01", counts=(400, 599))
    year = by_channel("reported", kind="rolling_year", start="2014-01-01", counts=(1, 2))
    describe(wrong, "channel_volumes_quarter", quarter)
    describe(wrong, "channel_volumes_rolling_year", year)
    describe(wrong, "odd", [{"service_id": "licence", "extra": "1", "is_simulated": "false"}])
    wrong.resource("odd")["schema"]["fields"][1]["name"] = "other"
    wrong.done()

    names, said = broken(settings, pack)

    assert names.pop("pack_reported_channels_add_up_to_the_total") == "warned"
    assert {name for name in names if name in WRITTEN} == (
        WRITTEN
        - {"pack_files_are_those_of_the_manifest", "pack_reported_channels_add_up_to_the_total"}
    )
    derived = {
        "take_up_quarter": "rules",
        "channel_shift_quarter": "key",
        "government": "values",
        "promises": "nulls",
        "missing": "simulated",
    }
    for table, kind in derived.items():
        assert names[f"{table}_{NAMES[kind]}"] == "failed"  # type: ignore[index]
    assert {name for name in names if name.startswith("set_asides_")}
    assert "many" in said, "a value of another type is shown"
    assert "departments_quarter.csv" in said
    assert "wanted_on" in said


def test_what_is_not_the_pack_of_a_quarter_is_refused(settings: Settings, pack: Path) -> None:
    (pack / "datapackage.json").unlink()
    with pytest.raises(UsageError, match="not the pack of a quarter"):
        gate_pack(settings, pack)
