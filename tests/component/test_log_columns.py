"""The columns that the log declares: in its files, in Arrow and SQL, and as dbt is told of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from core.settings import PROJECT_ROOT
from ingest.log.columns import KINDS, PARTITION, columns_of, declared, no_records, table_schema
from ingest.validation.event_types import SCHEMAS
from takeup.dbt_process import run_dbt
from takeup.log_declaration import VARIABLE, log_declaration
from tests.support.events import completed, started, volume
from tests.support.homes import Home

EARLIER_LOG = PROJECT_ROOT / "tests" / "fixtures" / "log-2026-11"
EXAMPLES = sorted(SCHEMAS.glob("*.json"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A log with every kind of record, and files of both ways that an event is read in."""
    home = Home.at(tmp_path_factory.mktemp("columns"))
    unknown = completed("3", data={"channel": "pigeon"})
    home.land_events("a.jsonl", completed("1"), started("2"), unknown, volume("4"), "{")
    home.land_events("b.jsonl", completed("1"), volume("4"))
    home.land("c.txt", b"no events")
    home.ingest()
    home.retry()
    return home


def log_files(folder: Path) -> list[tuple[str, Path]]:
    """Every file of a log with its kind of record."""
    paths = sorted(folder.glob(f"{PARTITION}=*/*.parquet"))
    return [(path.parent.name.removeprefix(f"{PARTITION}="), path) for path in paths]


def test_files_hold_the_declared_columns_of_their_kind(home: Home) -> None:
    files = log_files(home.settings.log)
    assert {kind for kind, _ in files} == set(KINDS)
    for kind, path in files:
        # Each of its type; of moments Parquet keeps no more than that they are in UTC.
        assert pq.read_schema(path).names == list(columns_of(kind)), path


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_always_filled_is(home: Home, kind: str) -> None:
    for folder in (home.settings.log, EARLIER_LOG):
        for found, path in log_files(folder):
            if found == kind:
                table = pq.read_table(path)
                filled = {name for name in table.column_names if not table[name].null_count}
                assert filled >= {
                    name for name, column in declared(kind).items() if column.is_always_filled
                }, path


@pytest.mark.parametrize("kind", [*KINDS, None])
def test_a_column_has_one_type_in_arrow_and_in_sql(kind: str | None) -> None:
    schema = table_schema()
    with duckdb.connect() as connection:
        empty = schema.empty_table()
        assert empty is not None  # DuckDB finds it by its name
        described = "select column_name, column_type from (describe {})"
        in_arrow = dict(connection.sql(described.format("from empty")).fetchall())
        in_sql = connection.sql(described.format(no_records(kind))).fetchall()
    assert [name for name, _ in in_sql] == list(declared(kind))
    assert in_sql == [(name, in_arrow[name]) for name, _ in in_sql]


def test_a_column_of_several_kinds_has_one_type() -> None:
    types: dict[str, set[str]] = {}
    for kind in KINDS:
        for name, column in declared(kind).items():
            types.setdefault(name, set()).add(column.type)
    assert {name: found for name, found in types.items() if len(found) > 1} == {}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_models_read_every_field_of_an_event_by_its_type(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    (example,) = schema["examples"]
    fields = json.loads(log_declaration())["fields"][schema["properties"]["type"]["const"]]
    assert set(fields) == set(schema["properties"]["data"]["properties"])
    with duckdb.connect() as connection:
        found = connection.execute(
            # Strict: of a value that is not of its type no null is made, but an error.
            "select json_transform_strict($data, $fields)",
            {
                "data": json.dumps(dict.fromkeys(fields) | example["data"]),
                "fields": json.dumps(fields),
            },
        ).fetchone()
    assert found is not None
    assert names_filled(found[0]) == names_filled(example["data"])


def names_filled(fields: dict[str, Any], before: str = "") -> set[str]:
    """Names of the fields that have a value, those of fields in fields included."""
    found: set[str] = set()
    for name, value in fields.items():
        if isinstance(value, dict):
            found |= names_filled(value, f"{before}{name}.")
        elif value is not None:
            found.add(before + name)
    return found


def test_dbt_that_is_not_told_of_the_log_builds_nothing(home: Home, tmp_path: Path) -> None:
    done = run_dbt(
        *("compile", "--select", "stg_events__campaign_ran"),
        staging_file=tmp_path / "takeup.duckdb",
        work=tmp_path,
        inputs={},
        variables={VARIABLE: "{}"},
    )
    assert done.returncode != 0
    assert "nothing says which columns the log has" in done.stdout
