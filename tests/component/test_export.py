"""The MI pack of a quarter, from a small published file to bytes on disk."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pytest

import core.files
from core.errors import IntegrityError, LeaseHeld, TakeupError, UsageError
from core.settings import PROJECT_ROOT, Settings
from publish.export import export_latest_quarter, export_quarter
from publish.pack import Pack, pack_table
from publish.swap import publish as swap
from tests.support.warehouse import build_staging, gate_passed, make_settings

pytestmark = pytest.mark.slow

TABLES = [
    "channel_shift_contributions_quarter",
    "channel_shift_contributions_rolling_year",
    "channel_shift_quarter",
    "channel_shift_rolling_year",
    "data_quality",
    "departments_quarter",
    "departments_rolling_year",
    "government",
    "mi_returns",
    "missing",
    "offline_volumes_rolling_year",
    "promises",
    "services",
    "set_asides",
    "take_up_other_definitions_quarter",
    "take_up_quarter",
    "take_up_rolling_year",
    "target_attainment",
]
CSV_FILES = [f"{name}.csv" for name in TABLES]
TEXTS = {".csv", ".json", ".md", ".html"}
OTHERS = ["README.md", "datapackage.json", "summary.html", "take-up.xlsx"]
JANUARY = dt.datetime(2015, 1, 1, tzinfo=dt.UTC)
APRIL = dt.datetime(2015, 4, 1, tzinfo=dt.UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path / "home")


def published(settings: Settings, **options: object) -> Settings:
    build_staging(settings, **options)  # type: ignore[arg-type]
    swap(settings, run_id="run", require_pass=gate_passed)
    return settings


def rows_of(pack: Pack, name: str) -> list[dict[str, str]]:
    with (pack.path / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_pack_holds_the_quarter_and_the_year_that_ends_with_it(settings: Settings) -> None:
    pack = export_quarter(published(settings), quarter="2014-Q4")
    assert pack.state == "written"
    assert pack.path == settings.exports / "mi-2014-Q4"
    assert sorted(bytes_of(pack.path)) == sorted(
        [
            *CSV_FILES,
            *(f"{name}.parquet" for name in TABLES),
            *OTHERS,
            *("edition.json", "manifest.json"),
        ]
    )
    files = ("take_up_quarter", "take_up_other_definitions_quarter", "take_up_rolling_year")
    assert [
        (r["service_name"], r["department_name"], r["period_kind"], r["period_start"],
         r["definition_id"], r["digital_count"], r["total_count"], r["take_up_ratio"])
        for name in files
        for r in rows_of(pack, f"{name}.csv")
    ] == [
        ("Fishing [rod] licence", "Environment", *row)
        for row in (
            ("quarter", "2014-10-01", "transactions-explorer", "700", "1000", "0.7"),
            ("quarter", "2014-10-01", "as-reported", "650", "1000", "0.65"),
            ("rolling_year", "2014-01-01", "transactions-explorer", "2600", "4000", "0.65"),
        )
    ]  # fmt: skip
    assert {r["known_at"] for r in rows_of(pack, "take_up_quarter.csv")} == {
        "2015-03-01T00:00:00.000000Z"
    }
    assert [(r["level"], r["period_kind"]) for r in rows_of(pack, "government.csv")] == [
        ("government", "quarter"),
        ("government", "rolling_year"),
    ]
    for kind in ("quarter", "rolling_year"):
        (department,) = rows_of(pack, f"departments_{kind}.csv")
        assert (department["department_name"], department["period_kind"]) == ("Environment", kind)
    target = rows_of(pack, "target_attainment.csv")[0]
    assert target["is_attained"] == "true"
    assert target["lost_on"] == ""
    assert [r["service_name"] for r in rows_of(pack, "services.csv")] == ["Fishing [rod] licence"]
    returns = [(r["period_start"], r["assurance"]) for r in rows_of(pack, "mi_returns.csv")]
    assert returns == [("2014-10-01", "department")]
    assert target["source"] == '\'=HYPERLINK("x")', "text that would run is made text"


def test_the_manifest_says_what_the_pack_was_made_from(settings: Settings) -> None:
    pack = export_quarter(published(settings), quarter="2014-q4")
    manifest = json.loads((pack.path / "manifest.json").read_bytes())
    assert manifest == json.loads(json.dumps(pack.manifest))
    for name in CSV_FILES:
        content = (pack.path / name).read_bytes()
        assert manifest["files"][name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert manifest["files"][name]["row_count"] == len(rows_of(pack, name))
        assert manifest["files"][name]["columns"] == list(rows_of(pack, name)[0])
    assert {key: manifest[key] for key in ("quarter", "as_of", "log_version", "chain_head")} == {
        "quarter": "2014-Q4",
        "as_of": None,
        "log_version": 7,
        "chain_head": "sha256:head7",
    }
    assert manifest["code_version"] == "0.1.0"
    assert manifest["is_simulated"] is False
    assert manifest["definitions"] == ["as-reported", "transactions-explorer"]
    assert manifest["definitions_digest"] == "sha256:definitions"
    for name in OTHERS:
        content = (pack.path / name).read_bytes()
        assert manifest["files"][name] == {"sha256": hashlib.sha256(content).hexdigest()}
    assert manifest["records_digest"].startswith("sha256:")
    assert pack.as_dict()["state"] == "written"
    assert pack.as_dict()["pack"] == str(pack.path)
    json.dumps(pack.as_dict())


def test_the_same_records_give_the_same_bytes_in_whatever_order_they_lie(tmp_path: Path) -> None:
    first = published(make_settings(tmp_path / "a"))
    second = published(make_settings(tmp_path / "b"), reverse=True, clutter_rows=5)
    one, two = (export_quarter(home, quarter="2014-Q4") for home in (first, second))
    assert bytes_of(one.path) == bytes_of(two.path)
    texts = (path.read_bytes() for path in one.path.iterdir() if path.suffix in TEXTS)
    assert b"\r" not in b"".join(texts)


def test_an_identical_pack_is_left_and_another_is_an_edition_beside_it(
    settings: Settings,
) -> None:
    published(settings)
    first = export_quarter(settings, quarter="2014-Q4")
    bytes_before, inode = bytes_of(first.path), first.path.stat().st_ino
    again = export_quarter(settings, quarter="2014-Q4")
    assert (again.state, again.changed, again.edition) == ("unchanged", (), 1)
    assert first.path.stat().st_ino == inode
    assert "the same to the last byte" in again.line

    build_staging(settings, digital_count=601)
    swap(settings, run_id="run-2", require_pass=gate_passed)
    later = export_quarter(settings, quarter="2014-Q4")
    assert (later.state, later.edition) == ("written", 2)
    assert later.path.name == "mi-2014-Q4-edition-2"
    assert bytes_of(first.path) == bytes_before, "what was handed over stays"
    moved = {"take_up_rolling_year.csv", "departments_rolling_year.csv", "take-up.xlsx"}
    assert moved < set(later.changed)
    assert "take_up_quarter.csv" not in later.changed
    assert "take_up_rolling_year.csv" in later.line
    assert later.manifest["records_digest"] != first.manifest["records_digest"]
    assert export_quarter(settings, quarter="2014-Q4").state == "unchanged"
    assert sorted(path.name for path in settings.exports.iterdir()) == [
        "mi-2014-Q4",
        "mi-2014-Q4-edition-2",
    ]


def test_an_edition_names_its_parent_and_what_changed(settings: Settings) -> None:
    published(settings)
    first = export_quarter(settings, quarter="2014-Q4")
    build_staging(settings, digital_count=601)
    swap(settings, run_id="run-2", require_pass=gate_passed)
    later = export_quarter(settings, quarter="2014-Q4")

    one, two = (json.loads((pack.path / "edition.json").read_bytes()) for pack in (first, later))
    assert (one["edition"], one["parent"], one["changed"]) == (1, None, {})
    assert (two["edition"], two["parent"]) == (2, "mi-2014-Q4")
    assert two["parent_manifest_sha256"] == one["manifest_sha256"]
    manifest = (later.path / "manifest.json").read_bytes()
    assert two["manifest_sha256"] == hashlib.sha256(manifest).hexdigest()
    assert two["changed"]["take_up_rolling_year.csv"] == {"rows_before": 1, "rows_now": 1}
    assert sorted(two["changed"]) == sorted(later.changed)
    assert "edition.json" not in later.manifest["files"]  # type: ignore[operator]


def test_an_edition_says_what_changed_since_the_one_before(settings: Settings) -> None:
    published(settings)
    first = export_quarter(settings, quarter="2014-Q4")
    assert first.manifest["changed_since"] is None
    build_staging(settings, log_version=8)
    with duckdb.connect(str(settings.staging_file)) as connection:
        connection.execute("update warehouse_version set run_at = '2017-08-01 00:00:00+00'")
        connection.execute("update revisions set new_known_at = '2017-07-15 00:00:00+00'")
        connection.execute("checkpoint")
    swap(settings, run_id="run-2", require_pass=gate_passed)

    later = export_quarter(settings, quarter="2014-Q4")

    assert later.manifest["changed_since"] == first.manifest["run_at"]
    assert {row["service_name"] for row in rows_of(later, "changed_figures.csv")} == {
        "Fishing [rod] licence"
    }
    assert {row["effect_pp"] for row in rows_of(later, "changed_aggregates.csv")} == {"1.0"}
    said = "October to December 2014: +5.00 percentage points, no cause is stated."
    summary = (later.path / "summary.html").read_text(encoding="utf-8")
    assert f"Fishing [rod] licence, {said}" in summary
    assert export_quarter(settings, quarter="2014-Q4").state == "unchanged"


def test_a_night_makes_the_latest_quarter_and_an_edition_only_of_new_records(
    settings: Settings,
) -> None:
    published(settings)
    first = export_latest_quarter(settings)
    assert first is not None
    assert (first.state, first.path.name) == ("written", "mi-2014-Q4")
    grown = "update warehouse_version set run_at = '2017-08-01 00:00:00+00'"
    build_staging(settings, log_version=8)
    with duckdb.connect(str(settings.staging_file)) as connection:
        connection.execute(grown)
        connection.execute("checkpoint")
    swap(settings, run_id="run-2", require_pass=gate_passed)
    again = export_latest_quarter(settings)
    assert again is not None
    assert (again.state, again.path, again.changed) == ("same_records", first.path, ())
    assert again.line == f"{first.path} is there already, with the same records"

    build_staging(settings, log_version=9, digital_count=601)
    swap(settings, run_id="run-3", require_pass=gate_passed)
    later = export_latest_quarter(settings)
    assert later is not None
    assert (later.state, later.path.name) == ("written", "mi-2014-Q4-edition-2")


def test_the_moment_of_a_pack_is_in_its_manifest_and_in_none_of_its_records(
    settings: Settings,
) -> None:
    published(settings)
    export_quarter(settings, quarter="2014-Q4")
    build_staging(settings, log_version=8)
    with duckdb.connect(str(settings.staging_file)) as connection:
        connection.execute("update warehouse_version set run_at = '2017-08-01 00:00:00+00'")
        connection.execute("update revisions set new_known_at = '2017-07-15 00:00:00+00'")
        connection.execute("checkpoint")
    swap(settings, run_id="run-2", require_pass=gate_passed)
    pack = export_quarter(settings, quarter="2014-Q4")
    assert rows_of(pack, "changed_aggregates.csv")
    moment = str(pack.manifest["run_at"])[:19]
    assert moment == "2017-08-01T00:00:00"
    assert [path.name for path in pack.path.glob("*.csv") if moment in path.read_text()] == []


def test_a_pack_that_somebody_touched_is_made_good(settings: Settings) -> None:
    pack = export_quarter(published(settings), quarter="2014-Q4")
    before = bytes_of(pack.path)
    (pack.path / "take_up_quarter.csv").write_text("0\n")
    (pack.path / "more.txt").write_text("mine")
    again = export_quarter(settings, quarter="2014-Q4")
    assert (again.state, again.changed) == ("replaced", ("more.txt", "take_up_quarter.csv"))
    assert bytes_of(pack.path) == before


def test_mending_works_without_an_exchange_of_names(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(settings)
    before = bytes_of(export_quarter(settings, quarter="2014-Q4").path)
    (settings.exports / "mi-2014-Q4" / "take_up_quarter.csv").write_text("0\n")
    monkeypatch.setattr(core.files, "_exchange", lambda *_: False)
    pack = export_quarter(settings, quarter="2014-Q4")
    assert (pack.state, pack.changed) == ("replaced", ("take_up_quarter.csv",))
    assert bytes_of(pack.path) == before
    assert [path.name for path in settings.exports.iterdir()] == ["mi-2014-Q4"]


def test_a_pack_of_an_earlier_format_stays_beside_the_new_edition(settings: Settings) -> None:
    published(settings)
    earlier = settings.exports / "mi-2014-Q4"
    earlier.mkdir(parents=True)
    (earlier / "manifest.json").write_text('{"pack_format": 1}')
    pack = export_quarter(settings, quarter="2014-Q4")
    assert (pack.path.name, pack.state) == ("mi-2014-Q4-edition-2", "written")
    assert bytes_of(earlier) == {"manifest.json": b'{"pack_format": 1}'}


def test_a_pack_of_one_department_holds_its_services_alone(settings: Settings) -> None:
    published(settings, with_department_macro=True)
    for name in ("published_file", "staging_file"):
        path = getattr(settings, name)
        path.chmod(0o644)
        with duckdb.connect(str(path)) as connection:
            connection.execute(
                "insert into services by name select * replace ('passport' as service_id,"
                " 'home' as department_id, 'Home' as department_name) from services"
            )
            connection.execute(
                "insert into take_up_headline select * replace ('passport' as service_id)"
                " from take_up_headline;"
                " insert into data_quality select * replace ('passport' as service_id,"
                " service_effect_pp + 50 as service_effect_pp,"
                " department_effect_pp + 50 as department_effect_pp) from data_quality"
            )
    pack = export_quarter(settings, quarter="2014-Q4", department="defra")
    assert pack.path.name == "mi-2014-Q4-defra"
    assert pack.manifest["department"] == "defra"
    for name in ("take_up_quarter", "services", "departments_quarter", "missing"):
        assert {row["department_id"] for row in rows_of(pack, f"{name}.csv")} == {"defra"}
    assert {row["level"] for row in rows_of(pack, "government.csv")} == {"government"}
    then = export_quarter(settings, quarter="2014-Q4", department="defra", as_of=APRIL)
    assert then.path.name == "mi-2014-Q4-defra-as-of-20150401T000000Z"
    for each in (pack, then):
        assert len(rows_of(each, "data_quality.csv")) == 10, "its own doubts, not those of all"
    whole = export_quarter(settings, quarter="2014-Q4")
    assert {row["service_id"] for row in rows_of(whole, "take_up_quarter.csv")} == {
        "licence",
        "passport",
    }
    with pytest.raises(UsageError, match=r"no department 'dwp': one of defra, home"):
        export_quarter(settings, quarter="2014-Q4", department="dwp")


KILLED = """
    import os, signal, sys
    from pathlib import Path
    import publish.export, publish.editions, core.files
    from core.settings import Settings

    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

    if sys.argv[2] == "writing":
        publish.editions.replace_folder = die
    elif sys.argv[2] == "set aside":
        core.files._exchange = lambda *_: False
        real, calls = Path.rename, []
        def rename(*a):
            calls.append(a)
            if len(calls) == 2:
                die()
            return real(*a)
        Path.rename = rename
    elif sys.argv[2] == "exchanged":
        core.files.shutil.rmtree = die
    publish.export.export_quarter(Settings(home=Path(sys.argv[1])), quarter="2014-Q4")
"""


@pytest.mark.parametrize("point", ["writing", "set aside", "exchanged"])
def test_killed_at_any_point_the_next_export_ends_the_same(settings: Settings, point: str) -> None:
    published(settings)
    pack = export_quarter(settings, quarter="2014-Q4")
    old = bytes_of(pack.path)
    if point == "writing":  # a new edition
        build_staging(settings, digital_count=601)
        swap(settings, run_id="run-2", require_pass=gate_passed)
    else:  # mending the one that is there
        (pack.path / "services.csv").write_text("0\n")
    died = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(settings.home), point],
        cwd=PROJECT_ROOT,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    names = {path.name for path in settings.exports.iterdir()}
    assert any(name.startswith(".mi-") for name in names), "it left something half-done"
    after = export_quarter(settings, quarter="2014-Q4")
    assert bytes_of(pack.path) == old
    expected = {"mi-2014-Q4"} | ({"mi-2014-Q4-edition-2"} if point == "writing" else set())
    assert {path.name for path in settings.exports.iterdir()} == expected
    states = {"writing": "written", "set aside": "replaced", "exchanged": "unchanged"}
    assert after.state == states[point]


def test_as_of_a_moment_gives_what_was_known_then(settings: Settings) -> None:
    published(settings)
    then = export_quarter(settings, quarter="2014-Q2", as_of=JANUARY)
    assert then.path.name == "mi-2014-Q2-as-of-20150101T000000Z"
    assert then.manifest["as_of"] == "2015-01-01T00:00:00.000000Z"
    rows = rows_of(then, "take_up_quarter.csv")
    assert [row["period_start"] for row in rows] == ["2014-04-01"]
    for name in ("department_take_up", "mi_returns", "data_quality"):
        assert any(f"can't give {name} as of a moment" in note for note in then.notes)
    for name in ("government", "departments_quarter", "mi_returns", "data_quality"):
        assert not (then.path / f"{name}.csv").exists()
    assert list(then.notes) == then.manifest["notes"]
    with pytest.raises(UsageError, match="as of 2015-01-01"):
        export_quarter(settings, quarter="2014-Q4", as_of=JANUARY)
    assert export_quarter(settings, quarter="2014-Q4", as_of=APRIL).state == "written"


def test_as_of_a_moment_is_whole_where_the_file_can_answer(settings: Settings) -> None:
    published(settings, with_department_macro=True)
    pack = export_quarter(settings, quarter="2014-Q4", as_of=APRIL)
    assert (pack.path / "departments_quarter.csv").exists()
    assert [row["service_id"] for row in rows_of(pack, "services.csv")] == ["licence"]
    assert rows_of(pack, "take_up_other_definitions_quarter.csv")[0]["definition_id"] == (
        "as-reported"
    )
    assert not any(
        "department_take_up" in note or "mi_returns" in note or "data_quality" in note
        for note in pack.notes
        if "left out" in note
    )


def test_a_moment_after_the_last_record_is_said(settings: Settings) -> None:
    later = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)
    pack = export_quarter(published(settings), quarter="2014-Q4", as_of=later)
    assert any("later than the log's last record" in note for note in pack.notes)


def test_a_moment_without_a_time_zone_is_refused(settings: Settings) -> None:
    with pytest.raises(UsageError, match="time zone"):
        export_quarter(
            published(settings),
            quarter="2014-Q4",
            as_of=dt.datetime(2015, 1, 1),  # noqa: DTZ001
        )


def test_another_log_version_is_rebuilt_and_pinned(settings: Settings, tmp_path: Path) -> None:
    published(settings)
    asked: list[int] = []

    def rebuild(_: Settings, log_version: int) -> Path:
        asked.append(log_version)
        return build_staging(make_settings(tmp_path / "rebuilt"), log_version=log_version)

    own = export_quarter(settings, quarter="2014-Q4", log_version=7, rebuild=rebuild)
    assert (own.path.name, asked) == ("mi-2014-Q4-log-7", [])
    older = export_quarter(settings, quarter="2014-Q4", log_version=5, rebuild=rebuild)
    assert (older.path.name, asked) == ("mi-2014-Q4-log-5", [5])
    assert older.manifest["log_version"] == 5
    with pytest.raises(UsageError, match="built from log version 7, not 5"):
        export_quarter(settings, quarter="2014-Q4", log_version=5)
    with pytest.raises(UsageError, match="not published yet"):
        export_quarter(settings, quarter="2014-Q4", log_version=8, rebuild=rebuild)
    with pytest.raises(IntegrityError, match="gave 7"):
        export_quarter(
            settings,
            quarter="2014-Q4",
            log_version=5,
            rebuild=lambda home, _: home.published_file,
        )


def test_simulated_data_says_so_everywhere(settings: Settings) -> None:
    pack = export_quarter(published(settings, is_simulated=True), quarter="2014-Q4")
    assert pack.path.name == "mi-2014-Q4-simulated"
    assert "SIMULATED" in pack.line
    assert pack.manifest["is_simulated"] is True
    for name in CSV_FILES:
        rows = rows_of(pack, name)
        assert rows
        assert list(rows[0])[-1] == "is_simulated"
        assert {row["is_simulated"] for row in rows} == {"true"}


def test_mixed_data_is_refused(settings: Settings) -> None:
    published(settings)
    path = settings.published_file
    path.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update department_take_up set is_simulated = true")
    with pytest.raises(IntegrityError, match=r"government\.csv mixes real and simulated"):
        export_quarter(settings, quarter="2014-Q4")
    assert not settings.exports.exists()


def test_infinity_is_no_figure(settings: Settings) -> None:
    published(settings)
    path = settings.published_file
    path.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update take_up set take_up_upper = 'infinity'")
    with pytest.raises(IntegrityError, match="is not a figure"):
        export_quarter(settings, quarter="2014-Q4")


def test_text_from_a_source_is_neutralised_and_numbers_are_not(settings: Settings) -> None:
    published(settings, status_reason="=cmd|'/c calc'!A1")
    path = settings.published_file
    path.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        connection.execute("update target_attainment set gap_pp = -5.5, periods_early = -2")
    pack = export_quarter(settings, quarter="2014-Q4")
    assert {row["status_reason"] for row in rows_of(pack, "take_up_quarter.csv")} == {
        "'=cmd|'/c calc'!A1"
    }
    target = rows_of(pack, "target_attainment.csv")[0]
    assert (target["gap_pp"], target["periods_early"]) == ("-5.5", "-2")


@pytest.mark.parametrize("quarter", ["2014-Q5", "last", "2014-Q4/../../x"])
def test_a_bad_quarter_is_a_usage_error_with_an_example(settings: Settings, quarter: str) -> None:
    with pytest.raises(UsageError, match="write it like 2014-Q4"):
        export_quarter(published(settings), quarter=quarter)


def test_a_quarter_that_nobody_reported_is_a_usage_error(settings: Settings) -> None:
    with pytest.raises(UsageError, match=r"no take-up for 2030-Q1.*2014-01-01 to 2014-12-31"):
        export_quarter(published(settings), quarter="2030-Q1")
    assert not settings.exports.exists()


def test_nothing_published_is_one_clear_line(settings: Settings) -> None:
    with pytest.raises(TakeupError, match="nothing is published yet"):
        export_quarter(settings, quarter="2014-Q4")


def test_out_names_the_folder_that_packs_go_into(settings: Settings, tmp_path: Path) -> None:
    pack = export_quarter(published(settings), quarter="2014-Q4", out=tmp_path / "else" / "where")
    assert pack.path == tmp_path / "else" / "where" / "mi-2014-Q4"
    assert (pack.path / "manifest.json").is_file()


def test_a_file_in_the_way_stays(settings: Settings) -> None:
    published(settings)
    settings.exports.mkdir()
    (settings.exports / "mi-2014-Q4").write_text("mine")
    with pytest.raises(UsageError, match="is not a folder"):
        export_quarter(settings, quarter="2014-Q4")
    assert (settings.exports / "mi-2014-Q4").read_text() == "mine"


def test_two_exports_at_once(settings: Settings) -> None:
    published(settings)
    with (
        core.files.sole_writer(settings.exports),
        pytest.raises(LeaseHeld, match="another run is writing"),
    ):
        export_quarter(settings, quarter="2014-Q4")


def test_no_room_on_disk_leaves_the_old_pack(settings: Settings) -> None:
    published(settings)
    pack = export_quarter(settings, quarter="2014-Q4")
    old = bytes_of(pack.path)
    build_staging(settings, digital_count=601)
    swap(settings, run_id="run-2", require_pass=gate_passed)
    code = """
        import resource, sys
        from pathlib import Path
        from publish.export import export_latest_quarter, export_quarter
        from core.errors import TakeupError
        from core.settings import Settings

        resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400))
        try:
            export_quarter(Settings(home=Path(sys.argv[1])), quarter="2014-Q4")
        except TakeupError as error:
            print(error)
            sys.exit(error.exit_code)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(settings.home)],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 1, done.stderr
    assert "could not write the pack mi-2014-Q4" in done.stdout
    assert bytes_of(pack.path) == old
    assert [path.name for path in settings.exports.iterdir()] == ["mi-2014-Q4"]


def test_rows_go_by_what_their_file_asks_for_and_then_by_all_columns() -> None:
    query = "select * from (values ('a', 1), ('c', 5), ('b', 5), ('d', null)) as t (name, offline)"
    with duckdb.connect() as connection:
        ordered = pack_table(connection, "x.csv", query, "offline desc nulls last")
        plain = pack_table(connection, "x.csv", query)

    assert ordered.values("name") == ["b", "c", "a", "d"]
    assert plain.values("name") == ["a", "b", "c", "d"]


def test_a_pack_lists_what_is_set_aside_as_it_was_known(settings: Settings) -> None:
    published(settings)
    now = rows_of(export_quarter(settings, quarter="2014-Q4"), "set_asides.csv")
    then = rows_of(export_quarter(settings, quarter="2014-Q4", as_of=APRIL), "set_asides.csv")

    assert [(row["input"], row["role"], row["reason"]) for row in now] == [
        ("wrong.csv", "data quality lead", "last year again")
    ]
    assert now[0]["restored_reason"] == "it was this year"
    assert (then[0]["reason"], then[0]["restored_at"]) == ("last year again", "")
    assert then[0]["restored_by_role"] == then[0]["restored_reason"] == ""
