from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from core.errors import TakeupError
from core.settings import PROJECT_ROOT
from publish.fingerprint import table_hashes


def hashes(folder: Path, *statements: str) -> dict[str, str]:
    """Hashes of a new file that the statements fill."""
    path = folder / "some.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return table_hashes(path)


def test_the_order_of_rows_plays_no_part(tmp_path: Path) -> None:
    rows = "select i as id, i / 7 as ratio, 'x' || i as name from range(5000) as t (i)"
    one = hashes(tmp_path, f"create table t as {rows} order by i")
    two = hashes(tmp_path, f"create table t as {rows} order by md5(i::varchar)")
    assert one == two
    assert set(one) == {"t"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("select 1 as a", "select 2 as a"),
        ("select 1 as a", "select 1 as b"),
        ("select 1::bigint as a", "select 1::integer as a"),
        ("select null::varchar as a", "select '' as a"),
        ("select null::varchar as a", "select '-' as a"),
        ("select null::varchar as a", "select 'NULL' as a"),
        ("select 'ab' as a, 'c' as b", "select 'a' as a, 'bc' as b"),
        ("select 'a' as a, '1:b' as b", "select 'a1:b' as a, '' as b"),
        ("select 0.1::double as a", "select 0.1::double + 1e-17::double * 2 as a"),
        ("select 1 as a", "select unnest([1, 1]) as a"),
        ("select unnest([1, 1, 2]) as a", "select unnest([1, 2, 2]) as a"),
        ("select 1 as a", "select 1 as a where false"),
        (
            "select timestamptz '2017-06-01 00:00:00+00' as a",
            "select timestamptz '2017-06-01 00:00:00.000001+00' as a",
        ),
        ("select date '2017-06-01' as a", "select date '2017-06-02' as a"),
        ("select true as a", "select false as a"),
    ],
)  # fmt: skip
def test_any_other_content_has_another_hash(tmp_path: Path, first: str, second: str) -> None:
    one = hashes(tmp_path, f"create table t as {first}")
    two = hashes(tmp_path, f"create table t as {second}")
    assert one["t"] != two["t"]


def test_a_hash_never_changes_from_one_version_to_the_next(tmp_path: Path) -> None:
    """Packs, replays and kill tests are held against hashes that earlier code wrote."""
    found = hashes(
        tmp_path,
        "create table t"
        " (id bigint, ratio double, name varchar, known_at timestamptz, on_date date)",
        "insert into t values (1, 0.1, 'é', '2017-06-05 23:30:00.000001+01', '2017-06-06'),"
        " (null, null, null, null, null)",
    )
    assert found == {"t": "sha256:40635b300c1340ef4de455c4290780c233424f71f8f1a6f6162d6494cf7aa000"}


def test_the_machine_s_time_zone_plays_no_part(tmp_path: Path) -> None:
    here = hashes(tmp_path, "create table t as select timestamptz '2017-06-05 23:30:00+01' as a")
    code = (
        "import sys; from pathlib import Path; from publish.fingerprint import table_hashes;"
        "print(table_hashes(Path(sys.argv[1]))['t'])"
    )
    in_tokyo = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "some.duckdb")],
        cwd=PROJECT_ROOT,
        env={**os.environ, "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert in_tokyo.stdout.strip() == here["t"]


def test_only_tables_of_main_and_not_the_history_of_runs(tmp_path: Path) -> None:
    found = hashes(
        tmp_path,
        "create schema internal",
        "create table internal.t as select 1 as a",
        "create table run_history as select 1 as a",
        'create table "a \'quoted\' ""name""" as select 1 as "a ""column"""',
        "create table t as select 1 as a",
    )
    assert set(found) == {"t", "a 'quoted' \"name\""}


def test_what_can_not_be_read_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(TakeupError, match="no such file"):
        table_hashes(tmp_path / "absent.duckdb")
    (tmp_path / "broken.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(TakeupError, match="can't be read"):
        table_hashes(tmp_path / "broken.duckdb")
