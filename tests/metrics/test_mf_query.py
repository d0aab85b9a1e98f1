"""What `mf query` answers is what the published tables say, and it can't average ratios."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from core.settings import PROJECT_ROOT, Settings
from takeup.first_homes import lay_example
from tests.support.events import completed, lines
from tests.support.nights import run_night

pytestmark = pytest.mark.metrics

GUIDE = PROJECT_ROOT / "docs" / "analysts.md"
QUESTION = re.compile(
    r"^```\n\$ mf (?P<line>query [^\n]*)\n(?P<answer>.*?)^```", re.DOTALL | re.MULTILINE
)


def mf(home: Path, *asked: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "takeup.metrics", "--home", str(home), *asked],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night on the figures that the project carries, and on events of a service whose volumes are
    among them: it has readings by several definitions, of which those of the volumes are quoted."""
    folder = tmp_path_factory.mktemp("metrics")
    lay_example(folder / "landing")
    channels = {8: "phone", 9: "face_to_face"}
    events = [
        completed(
            f"{month}-{number}",
            time=f"2015-0{month}-02T10:00:00Z",
            data={"channel": channels.get(number, "online")},
        )
        for month in (1, 2, 3)
        for number in range(10)
    ]
    (folder / "landing" / "events.jsonl").write_bytes(lines(*events))
    run_night(folder / "home", folder / "landing")
    return folder / "home"


def answers(home: Path, *asked: str) -> tuple[duckdb.DuckDBPyConnection, int]:
    """The answer as table `answer` beside the published tables, and how many rows it has."""
    file = home / "answer.csv"
    file.unlink(missing_ok=True)
    done = mf(home, *asked, "--quiet", "--csv", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    connection = duckdb.connect()
    connection.execute(
        "create table answer as from read_csv($file, all_varchar = true)", {"file": str(file)}
    )
    connection.execute(f"attach '{home}/published/takeup.duckdb' as takeup (read_only)")
    connection.execute("set search_path = 'takeup,memory'")
    counted = connection.execute("select count(*) from memory.answer").fetchone()
    assert counted is not None
    return connection, int(counted[0])


def differing(connection: duckdb.DuckDBPyConnection, answered: str, published: str) -> list[object]:
    """Rows of the one that the other lacks; ratios to twelve digits."""
    return connection.execute(
        f"with answered as ({answered}), published as ({published})"
        " (from answered except from published) union all (from published except from answered)"
    ).fetchall()


def bodies(level: str, period_kind: str, *, structure: str = "current", scope: str = "all") -> str:
    """The published rows of a level of bodies, from `from` on; of the volumes' own definition."""
    return (
        f"from department_take_up where level = '{level}' and period_kind = '{period_kind}'"
        f" and structure = '{structure}' and scope = '{scope}'"
        " and definition_id = 'transactions-explorer'"
    )


RATIO = "round(cast({} as double), 12) as take_up"


def test_government_by_quarter_is_the_government_of_the_published_file(home: Path) -> None:
    connection, rows = answers(home, "query", "--saved-query", "take_up_by_quarter")

    assert rows > 12
    assert not differing(
        connection,
        f"select cast(metric_time__quarter as date) as quarter, {RATIO.format('take_up')},"
        " cast(digital_transactions as bigint) as digital,"
        " cast(measured_transactions as bigint) as measured from memory.answer",
        f"select period_start, {RATIO.format('take_up_ratio')}, digital_count, total_count"
        f" {bodies('government', 'quarter')}",
    )


def test_government_by_year_is_the_sum_of_four_quarters(home: Path) -> None:
    connection, _ = answers(
        home, "query", "--metrics", "take_up,offline_transactions,quarters",
        "--group-by", "metric_time__year",
    )  # fmt: skip
    whole = "from memory.answer where quarters = '4'"
    years = connection.execute(f"select count(*) {whole}").fetchone()

    assert years == (3,)
    assert not differing(
        connection,
        f"select year(cast(metric_time__year as date)) as year, {RATIO.format('take_up')},"
        f" cast(offline_transactions as bigint) as offline {whole}",
        f"select year(period_end), {RATIO.format('take_up_ratio')}, offline_count"
        f" {bodies('government', 'rolling_year')} and month(period_end) = 12",
    )


@pytest.mark.parametrize(
    ("structure", "department"),
    [("current", "department_id"), ("as_at_period", "department_at_period_id")],
)
def test_departments_by_quarter_are_those_of_today_or_of_the_quarter(
    home: Path, structure: str, department: str
) -> None:
    connection, rows = answers(
        home, "query", "--metrics", "take_up,measured_transactions",
        "--group-by", f"metric_time__quarter,flow__{department}",
    )  # fmt: skip

    assert rows > 200
    # A quarter in which nothing of a department was measured has a row here only if a total was.
    assert not differing(
        connection,
        f"select cast(metric_time__quarter as date) as quarter, flow__{department} as department,"
        f" {RATIO.format('take_up')}, cast(measured_transactions as bigint) as measured"
        " from memory.answer where measured_transactions is not null",
        f"select period_start, department_id, {RATIO.format('take_up_ratio')}, total_count"
        f" {bodies('department', 'quarter', structure=structure)} and total_count is not null",
    )


def test_a_department_by_financial_year_in_the_scope_of_services_with_a_choice(home: Path) -> None:
    connection, rows = answers(
        home, "query", "--metrics", "take_up,measured_transactions",
        "--group-by", "flow__financial_year",
        "--where", "{{ Dimension('flow__department_id') }} = 'dft'",
        "--where", "{{ Dimension('flow__digital_offer') }} = 'offers_both'",
    )  # fmt: skip

    assert rows >= 4
    assert not differing(
        connection,
        f"select flow__financial_year as year, {RATIO.format('take_up')},"
        " cast(measured_transactions as bigint) as measured from memory.answer"
        " where flow__financial_year in ('2013-14', '2014-15', '2015-16')",
        "select year(period_start) || '-' || right(cast(year(period_end) as varchar), 2),"
        f" {RATIO.format('take_up_ratio')}, total_count"
        f" {bodies('department', 'financial_year', scope='offers_both')} and department_id = 'dft'",
    )


def test_offline_volumes_by_organisation_are_those_of_the_published_file(home: Path) -> None:
    connection, rows = answers(home, "query", "--saved-query", "offline_by_organisation")

    assert rows > 300
    assert not differing(
        connection,
        "select flow__financial_year as year, flow__department_id as department,"
        " flow__organisation_id as organisation,"
        " cast(offline_transactions as bigint) as offline from memory.answer"
        " where flow__financial_year in ('2013-14', '2014-15', '2015-16')"
        " and flow__organisation_id is not null and offline_transactions is not null",
        "select year(period_start) || '-' || right(cast(year(period_end) as varchar), 2),"
        " department_id, organisation_id, offline_count"
        f" {bodies('organisation', 'financial_year')} and offline_count is not null",
    )


def test_without_a_group_or_a_definition_each_transaction_counts_once(home: Path) -> None:
    connection, _ = answers(home, "query", "--metrics", "transactions")
    of_flows = "inner join services using (service_id) where volume_kind = 'flow'"
    answered, quoted, read = (
        connection.execute(query).fetchone()
        for query in (
            "select cast(transactions as bigint) from memory.answer",
            *(
                f"select cast(sum(total_count) as bigint) from {table} {of_flows}"
                " and period_kind = 'quarter'"
                for table in ("take_up_headline", "take_up")
            ),
        )
    )

    assert answered == quoted
    assert quoted is not None
    assert read is not None
    assert read[0] > quoted[0]


@pytest.mark.parametrize(
    "asked",
    [
        ("--metrics", "average_take_up"),
        ("--metrics", "transactions", "--group-by", "take_up"),
        ("--metrics", "digital_count"),
    ],
    ids=["as_a_metric", "as_a_group", "by_a_column"],
)
def test_an_average_of_ratios_can_not_be_asked(home: Path, asked: tuple[str, ...]) -> None:
    done = mf(home, "query", *asked)

    assert done.returncode != 0
    assert re.search("does not (exactly )?match any", done.stdout + done.stderr)


def test_the_published_file_stays_as_it_is_and_others_may_read_it(home: Path) -> None:
    file = Settings(home=home).published_file
    before = file.read_bytes()

    with duckdb.connect(str(file), read_only=True):
        done = mf(home, "validate-configs")

    assert "validated metrics against data warehouse (ERRORS: 0" in done.stdout
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_file_from_before_the_layer_is_refused_in_a_line(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.published.mkdir()
    with duckdb.connect(str(settings.published_file)) as connection:
        connection.execute("create table take_up as select 1 as one")

    done = mf(tmp_path, "query", "--metrics", "take_up")

    assert done.returncode == 1
    assert "headline_flows" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_questions_of_the_guide_have_the_answers_that_it_prints(home: Path) -> None:
    questions = QUESTION.findall(GUIDE.read_text(encoding="utf-8"))

    assert len(questions) == 3
    for line, answer in questions:
        done = mf(home, *shlex.split(line), "--quiet")
        assert [row.rstrip() for row in done.stdout.splitlines()] == answer.splitlines(), line
