"""The published file against the oracle: every row and every column, now and at any moment.

Counts, dates and words agree exactly, ratios within 1e-12, percentage points within 1e-10, the
parts of a decomposition within 1e-9. The words of reasons are free (tests/oracle/README.md).
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_type_hints

import duckdb
import pytest

from tests.oracle.channel_shift import ChannelShift
from tests.oracle.decomposition import Decomposition
from tests.oracle.departments import DepartmentTakeUp
from tests.oracle.measures import Oracle, read_oracle
from tests.oracle.revisions import Revision
from tests.oracle.take_up import TakeUp
from tests.oracle.targets import ABOVE_BEFORE_SET, TargetAttainment

PROJECT_ROOT = Path(__file__).resolve().parents[2]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN_DIFFERENCES = 10
VINTAGES = 15
AROUND = {"a second before": -1, "at": 0, "a second after": 1}

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Mart:
    """How a mart is compared: the oracle's row, the columns that name one, and tolerances.

    `expressions` gives the SQL of what the oracle states in another form than the mart."""

    name: str
    row: type
    key: tuple[str, ...]
    left_out: frozenset[str] = frozenset()
    expressions: dict[str, str] = field(default_factory=dict)
    percentage_point_tolerance: float = 1e-10

    @property
    def columns(self) -> list[str]:
        return [column.name for column in fields(self.row) if column.name not in self.left_out]

    def tolerance(self, column: str) -> float:
        if column.endswith("_pp") or "_pp_" in column:
            return self.percentage_point_tolerance
        return 1e-12 if get_type_hints(self.row)[column] in (float, float | None) else 0.0

    def selection(self) -> str:
        """The select list; moments as microseconds, which need no time zone library."""
        hints = get_type_hints(self.row)
        return ", ".join(
            f"epoch_us({column}) as {column}"
            if hints[column] is datetime
            else f"{self.expressions.get(column, column)} as {column}"
            for column in self.columns
        )


PERIOD = ("period_kind", "period_start", "period_end", "definition_id")
TAKE_UP_KEY = ("service_id", *PERIOD, "measure", "basis")
TAKE_UP = Mart("take_up", TakeUp, TAKE_UP_KEY)
TAKE_UP_HEADLINE = Mart("take_up_headline", TakeUp, TAKE_UP_KEY)
DEPARTMENT_TAKE_UP = Mart(
    "department_take_up",
    DepartmentTakeUp,
    ("level", "department_id", "organisation_id", "structure", *PERIOD),
)
CHANNEL_SHIFT = Mart("channel_shift", ChannelShift, ("service_id", *PERIOD))
DECOMPOSITION = Mart(
    "channel_shift_decomposition",
    Decomposition,
    ("level", "department_id", *PERIOD, "comparison"),
    percentage_point_tolerance=1e-9,
)
TARGET_ATTAINMENT = Mart(
    "target_attainment",
    TargetAttainment,
    ("target_id",),
    expressions={"is_above_before_set": f"coalesce(contains(reason, '{ABOVE_BEFORE_SET}'), false)"},
)
REVISION_KEY = ("service_id", "period_kind", "period_start", "measure", "new_known_at")
REVISIONS = Mart("revisions", Revision, REVISION_KEY, left_out=frozenset({"cause"}))
REVISION_CAUSES = Mart(
    "revisions",
    Revision,
    REVISION_KEY,
    left_out=frozenset({"period_end", "old_value", "new_value", "old_known_at", "input"}),
)


@pytest.fixture(scope="session")
def oracle(vintages_dir: Path) -> Oracle:
    return read_oracle(vintages_dir, PROJECT_ROOT / "seeds")


@pytest.fixture(scope="session")
def published_file(vintages_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that one real night on all vintages publishes."""
    home = tmp_path_factory.mktemp("oracle") / "home"
    night = subprocess.run(
        [
            str(Path(sys.executable).with_name("takeup")),
            *("--home", str(home), "nightly", "--landing", str(vintages_dir)),
        ],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert night.returncode == 0, f"{night.stdout[-4000:]}\n{night.stderr[-4000:]}"
    return home / "published" / "takeup.duckdb"


@pytest.fixture(scope="session")
def published(published_file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(published_file), read_only=True) as connection:
        yield connection


def published_rows(
    connection: duckdb.DuckDBPyConnection, mart: Mart, moment: datetime | None = None
) -> list[tuple[Any, ...]]:
    """The mart's rows, in the oracle's columns; through its table macro where a moment is given."""
    if moment is None:
        return connection.sql(f"select {mart.selection()} from {mart.name}").fetchall()
    source = f"{mart.name}_as_of(cast('{moment.isoformat()}' as timestamptz))"
    return connection.sql(f"select {mart.selection()} from {source}").fetchall()


def oracle_rows(rows: Sequence[Any], mart: Mart) -> list[tuple[Any, ...]]:
    """The oracle's rows as tuples of the mart's columns, moments as microseconds."""
    return [
        tuple(
            (value - EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else value
            for value in (getattr(row, column) for column in mart.columns)
        )
        for row in rows
    ]


def agrees(ours: Any, theirs: Any, tolerance: float) -> bool:
    """Whether two values of a column are the same; null is like null only."""
    if ours is None or theirs is None or not tolerance:
        return bool(ours == theirs and type(ours) is type(theirs))
    return abs(ours - theirs) <= tolerance


def by_key(rows: Sequence[tuple[Any, ...]], mart: Mart) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    positions = [mart.columns.index(column) for column in mart.key]
    return {tuple(row[position] for position in positions): row for row in rows}


def row_differences(
    key: tuple[Any, ...],
    expected: tuple[Any, ...],
    actual: tuple[Any, ...],
    columns: Sequence[tuple[str, float]],
) -> Iterator[str]:
    for (column, tolerance), ours, theirs in zip(columns, expected, actual, strict=True):
        if not agrees(ours, theirs, tolerance):
            yield f"{key}: {column}: oracle {ours!r}, published {theirs!r}"


def differences(
    expected: Sequence[tuple[Any, ...]], actual: Sequence[tuple[Any, ...]], mart: Mart
) -> list[str]:
    """Every disagreement as a line: rows that only one has, rows twice, values that differ."""
    ours, theirs = by_key(expected, mart), by_key(actual, mart)
    assert len(ours) == len(expected), f"the oracle has a row of {mart.name} twice"
    found = [] if len(theirs) == len(actual) else [f"{len(actual) - len(theirs)} rows twice"]
    found += [f"{key}: published only: {theirs[key]}" for key in theirs.keys() - ours.keys()]
    found += [f"{key}: oracle only: {ours[key]}" for key in ours.keys() - theirs.keys()]
    columns = [(column, mart.tolerance(column)) for column in mart.columns]
    for key in ours.keys() & theirs.keys():
        found.extend(row_differences(key, ours[key], theirs[key], columns))
    return sorted(found)


def assert_agreement(
    rows: Sequence[Any],
    connection: duckdb.DuckDBPyConnection,
    mart: Mart,
    moment: datetime | None = None,
) -> None:
    """Fails with the first differences and, in brief, how many there are of which column."""
    found = differences(oracle_rows(rows, mart), published_rows(connection, mart, moment), mart)
    if found:
        kinds = Counter(line.split(": ")[1] for line in found if ": " in line)
        shown = "\n".join(found[:SHOWN_DIFFERENCES])
        pytest.fail(f"{mart.name}: {len(found)} differences {dict(kinds)}\n{shown}", pytrace=False)


def test_take_up(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().take_up, published, TAKE_UP)


def test_take_up_headline(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().take_up_headline, published, TAKE_UP_HEADLINE)


def test_department_take_up(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().department_take_up, published, DEPARTMENT_TAKE_UP)


def test_target_attainment(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().target_attainment, published, TARGET_ATTAINMENT)


def test_channel_shift(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().channel_shift, published, CHANNEL_SHIFT)


def test_channel_shift_decomposition(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().channel_shift_decomposition, published, DECOMPOSITION)


def test_the_published_decomposition_adds_up(published: duckdb.DuckDBPyConnection) -> None:
    (split, apart) = published.sql(
        """
        select
            count(mix_pp),
            count(*) filter (
                abs(total_shift_pp - within_service_pp - mix_pp - entry_exit_pp - coverage_pp) > 1e-9
            )
        from channel_shift_decomposition
        """
    ).fetchall()[0]

    assert split > 0
    assert apart == 0


def test_revisions(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().revisions, published, REVISIONS)


def test_causes_of_revisions(oracle: Oracle, published: duckdb.DuckDBPyConnection) -> None:
    assert_agreement(oracle.now().revisions, published, REVISION_CAUSES)


@pytest.mark.parametrize("seconds", AROUND.values(), ids=AROUND.keys())
@pytest.mark.parametrize("position", range(VINTAGES))
def test_as_of_each_publication(
    oracle: Oracle, published: duckdb.DuckDBPyConnection, position: int, seconds: int
) -> None:
    assert len(oracle.vintages) == VINTAGES
    moment = oracle.vintages[position].published_at + timedelta(seconds=seconds)
    then = oracle.as_of(moment)

    assert_agreement(then.take_up, published, TAKE_UP, moment)
    assert_agreement(then.target_attainment, published, TARGET_ATTAINMENT, moment)


def test_reasons_stand_where_they_have_to(published: duckdb.DuckDBPyConnection) -> None:
    wrong = published.sql(
        """
        select service_id, period_kind, period_start, value_status, status_reason
        from take_up
        where (status_reason is null) <> (value_status = 'complete')
        limit 10
        """
    ).fetchall()
    silent = published.sql(
        "select target_id from target_attainment where verdict = 'not_measurable' and reason is null"
    ).fetchall()

    assert wrong == []
    assert silent == []


@pytest.mark.parametrize(
    "table",
    [
        "take_up",
        "take_up_headline",
        "department_take_up",
        "target_attainment",
        "channel_shift",
        "channel_shift_decomposition",
        "revisions",
    ],
)
def test_nothing_is_simulated(published: duckdb.DuckDBPyConnection, table: str) -> None:
    simulated = published.sql(f"select distinct is_simulated from {table}").fetchall()

    assert simulated == [(False,)]
