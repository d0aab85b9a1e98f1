"""The swap on real files, with real processes that read, write and die."""

from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from core.errors import GateFailed, IntegrityError, LeaseHeld, TakeupError, UsageError
from core.settings import PROJECT_ROOT, Settings
from core.sql import quote
from publish import swap as swapping
from publish.database import reading
from publish.fingerprint import table_hashes
from publish.swap import Published, publish
from tests.support.promised import promise, promises_in
from tests.support.warehouse import build_staging, gate_passed, make_settings

TABLES = {
    "commitments",
    "channel_shift",
    "channel_shift_contributions",
    "data_quality",
    "department_take_up",
    "figure_reconciliation",
    "mi_returns",
    "offline_volumes",
    "promises",
    "published_figures",
    "report_claims",
    "report_subjects",
    "revisions",
    "run_history",
    "services",
    "set_asides",
    "take_up",
    "take_up_headline",
    "target_attainment",
    "target_projections",
    "unmeasured_services",
    "warehouse_version",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path / "a home with 'quotes'")


def swap(settings: Settings, run_id: str = "run-1") -> Published:
    return publish(settings, run_id=run_id, require_pass=gate_passed)


def value(path: Path, query: str) -> object:
    """Asked in a process of its own: DuckDB hands out a file that this process holds again."""
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True);"
        "print(c.execute(sys.argv[2]).fetchone()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), query], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def child(code: str, *arguments: str, **options: object) -> subprocess.Popen[str]:
    """A Python process at the project's root that can import the project."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )


@contextmanager
def running(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


READER = """
    import duckdb, sys
    connection = duckdb.connect(sys.argv[1], read_only=True)
    first = "select log_version from warehouse_version"
    print(connection.execute(first).fetchone()[0], flush=True)
    for _ in sys.stdin:
        rows = connection.execute("select count(*), sum(digital_count) from take_up").fetchone()
        print(connection.execute(first).fetchone()[0], *rows, flush=True)
"""


def with_helpers(settings: Settings) -> None:
    """A macro of main that rests on a macro and a table of schema as_of."""
    with duckdb.connect(str(settings.staging_file)) as connection:
        connection.execute("create schema if not exists as_of")
        connection.execute("create table as_of.register as select distinct service_id from take_up")
        connection.execute(
            "create macro as_of.listed_as_of(ts) as table"
            " select * from take_up semi join as_of.register using (service_id) where ts is null"
        )
        connection.execute(
            "create macro listed_as_of(ts) as table select * from as_of.listed_as_of(ts)"
        )


def test_what_the_macros_need_goes_along_in_a_schema_of_its_own(settings: Settings) -> None:
    build_staging(settings)
    with_helpers(settings)

    done = swap(settings)

    assert set(done.row_counts) == TABLES
    assert table_hashes(settings.published_file)["as_of.register"].startswith("sha256:")
    with duckdb.connect() as connection:
        connection.execute(f"attach {quote(settings.published_file)} as k (read_only)")
        connection.execute("use k")
        shown = {name for (name,) in connection.sql("show tables").fetchall()}
        assert shown == TABLES
        listed, all_rows = (
            connection.sql(f"select count(*) from {relation}").fetchone()
            for relation in ("listed_as_of(null)", "take_up")
        )
        assert listed == all_rows


def test_a_changed_table_that_only_macros_need_is_published(settings: Settings) -> None:
    build_staging(settings)
    with_helpers(settings)
    swap(settings)
    with duckdb.connect(str(settings.staging_file)) as connection:
        connection.execute("insert into as_of.register values ('b')")

    assert swap(settings).state == "published"


def test_only_tables_and_macros_of_main_are_published(settings: Settings) -> None:
    build_staging(settings)
    done = swap(settings)
    assert done.state == "published"
    assert set(done.row_counts) == TABLES
    assert done.version.log_version == 7
    assert names_in(settings.published) == ["takeup.duckdb"]
    path = settings.published_file
    assert (
        value(path, "select count(*) from duckdb_schemas() where schema_name = 'internal'") == "0"
    )
    assert value(path, "select count(*) from duckdb_views() where not internal") == "0"
    assert value(path, "select count(*) from take_up_as_of(timestamptz '2015-01-01')") == "3"
    assert (
        value(path, "select comment from duckdb_columns() where column_name = 'take_up_ratio'"
        " and comment is not null")
        == "digital_count / total_count"
    )  # fmt: skip
    assert value(path, "select is_nullable from duckdb_columns() where table_name = 'take_up'"
                 " and column_name = 'service_id'") == "False"  # fmt: skip
    assert table_hashes(path) == table_hashes(settings.staging_file)


def test_what_is_left_out_takes_no_space(settings: Settings) -> None:
    build_staging(settings, clutter_rows=800_000)
    done = swap(settings)
    assert settings.staging_file.stat().st_size - done.size_bytes > 2_000_000


def test_the_published_file_is_written_by_nobody_else(settings: Settings) -> None:
    build_staging(settings)
    swap(settings)
    assert settings.published_file.stat().st_mode & 0o222 == 0


def test_a_failed_gate_publishes_nothing(settings: Settings) -> None:
    build_staging(settings)
    swap(settings)
    before = settings.published_file.read_bytes()
    build_staging(settings, log_version=8)

    def refuse(_: Settings) -> None:
        raise GateFailed("take_up_ratio_within_0_and_1")

    with pytest.raises(GateFailed, match="take_up_ratio_within"):
        publish(settings, run_id="run-2", require_pass=refuse)
    assert settings.published_file.read_bytes() == before


def test_no_pass_on_record_publishes_nothing(settings: Settings) -> None:
    build_staging(settings)
    with pytest.raises(GateFailed, match="may not be published"):
        publish(settings, run_id="run-1")
    assert names_in(settings.published) == []


def test_the_same_content_again_is_a_no_op_that_says_so(settings: Settings) -> None:
    build_staging(settings)
    swap(settings)
    inode = settings.published_file.stat().st_ino
    build_staging(settings, reverse=True)
    again = swap(settings, "run-2")
    assert again.state == "unchanged"
    assert "nothing new to publish" in again.line
    assert settings.published_file.stat().st_ino == inode


@pytest.mark.parametrize(
    "change", [{"log_version": 8}, {"digital_count": 601}, {"status_reason": "late"}]
)
def test_any_other_content_is_published(settings: Settings, change: dict[str, object]) -> None:
    build_staging(settings)
    swap(settings)
    build_staging(settings, **change)  # type: ignore[arg-type]
    assert swap(settings, "run-2").state == "published"
    assert table_hashes(settings.published_file) == table_hashes(settings.staging_file)


def test_a_changed_comment_is_published(settings: Settings) -> None:
    build_staging(settings)
    swap(settings)
    with duckdb.connect(str(settings.staging_file)) as connection:
        connection.execute("comment on column take_up.total_count is 'all channels'")
    assert swap(settings, "run-2").state == "published"


def test_a_reader_reads_on_while_the_file_is_swapped(settings: Settings) -> None:
    build_staging(settings)
    swap(settings)
    with running(child(READER, str(settings.published_file))) as reader:
        assert reader.stdin
        assert reader.stdout
        assert reader.stdout.readline().strip() == "7"
        build_staging(settings, log_version=8, digital_count=0)
        assert swap(settings, "run-2").state == "published"
        reader.stdin.write("go on\n")
        reader.stdin.flush()
        assert reader.stdout.readline().split()[0] == "7", "the old file, whole"
        with running(child(READER, str(settings.published_file))) as late:
            assert late.stdout
            assert late.stdout.readline().strip() == "8", "a new reader gets the new one"


def test_readers_that_come_and_go_always_find_a_whole_file(settings: Settings) -> None:
    """Digital counts are made so that a mixture of two versions would show."""
    build_staging(settings, log_version=1, digital_count=1)
    swap(settings)
    code = """
        import duckdb, sys, time
        seen, end = set(), time.monotonic() + float(sys.argv[2])
        # As long as it takes on a busy machine until the first swap.
        while time.monotonic() < end + (0 if len(seen) > 1 else 60):
            with duckdb.connect(sys.argv[1], read_only=True) as connection:
                seen.add(connection.execute(
                    "select log_version, (select min(digital_count) from take_up)"
                    " from warehouse_version"
                ).fetchone())
        print(sorted(seen))
    """
    with running(child(code, str(settings.published_file), "3")) as reader:
        version = 1
        while reader.poll() is None:
            version += 1
            build_staging(settings, log_version=version, digital_count=version, clutter_rows=10)
            swap(settings, f"run-{version}")
        out, err = reader.communicate()
    assert err == ""
    seen = ast.literal_eval(out)
    assert len(seen) > 1, "the reader saw several versions"
    assert all(log_version == digital for log_version, digital in seen)


def test_two_publications_at_once(settings: Settings) -> None:
    build_staging(settings)
    holder = """
        import sys
        from pathlib import Path
        from core.files import sole_writer
        with sole_writer(Path(sys.argv[1])):
            print("held", flush=True)
            sys.stdin.read()
    """
    with running(child(holder, str(settings.published))) as process:
        assert process.stdout
        assert process.stdout.readline().strip() == "held"
        with pytest.raises(LeaseHeld):
            swap(settings)
    assert swap(settings).state == "published", "a dead holder holds nothing"


KILLED = """
    import os, signal, sys
    from pathlib import Path
    import publish.swap
    from core.settings import Settings

    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

    point = sys.argv[2]
    if point == "copying":
        real = publish.swap._copy_published
        def copied(*a, **k):
            real(*a, **k); die()
        publish.swap._copy_published = copied
    elif point == "half-copied":
        import duckdb
        def half(staging, candidate, **_):
            c = duckdb.connect(str(candidate))
            c.execute("create table half (i int)")
            c.execute("insert into half values (1)")
            die()
        publish.swap._copy_published = half
    elif point == "before the rename":
        Path.replace = die
    elif point == "after the rename":
        real = Path.replace
        def replaced(*a):
            real(*a); die()
        Path.replace = replaced
    publish.swap.publish(
        Settings(home=Path(sys.argv[1])), run_id="doomed", require_pass=lambda _: None
    )
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "point", ["half-copied", "copying", "before the rename", "after the rename"]
)
def test_killed_at_any_point_the_next_run_ends_the_same(settings: Settings, point: str) -> None:
    build_staging(settings)
    swap(settings)
    old = settings.published_file.read_bytes()
    build_staging(settings, log_version=8)
    with running(child(KILLED, str(settings.home), point)) as process:
        assert process.wait(60) == -signal.SIGKILL
    if point == "after the rename":
        assert value(settings.published_file, "select log_version from warehouse_version") == "8"
    else:
        assert settings.published_file.read_bytes() == old
        assert any(name.startswith(".takeup-doomed") for name in names_in(settings.published))
    after = swap(settings, "run-3")
    assert names_in(settings.published) == ["takeup.duckdb"]
    assert value(settings.published_file, "select log_version from warehouse_version") == "8"
    assert table_hashes(settings.published_file) == table_hashes(settings.staging_file)
    if point != "after the rename":
        assert after.removed_leftovers


def test_a_stale_wal_beside_the_published_file_is_removed(settings: Settings) -> None:
    build_staging(settings)
    swap(settings)
    path = settings.published_file
    path.chmod(0o644)
    writer = """
        import duckdb, os, sys
        connection = duckdb.connect(sys.argv[1])
        connection.execute("create table graffiti (i int)")
        os._exit(0)
    """
    with running(child(writer, str(path))) as process:
        process.wait(60)
    assert "takeup.duckdb.wal" in names_in(settings.published)
    assert value(path, "select count(*) from duckdb_tables() where table_name='graffiti'") == "1"
    build_staging(settings, log_version=8)
    done = swap(settings, "run-2")
    assert "takeup.duckdb.wal" in done.removed_leftovers
    assert names_in(settings.published) == ["takeup.duckdb"]
    assert value(path, "select log_version from warehouse_version") == "8"
    assert value(path, "select count(*) from duckdb_tables() where table_name='graffiti'") == "0"


def test_a_writer_on_the_published_file_is_named_and_nothing_is_lost(settings: Settings) -> None:
    build_staging(settings)
    swap(settings)
    path = settings.published_file
    path.chmod(0o644)
    writer = """
        import duckdb, sys
        connection = duckdb.connect(sys.argv[1])
        connection.execute("create table graffiti (i int)")
        print("writing", flush=True)
        sys.stdin.read()
    """
    build_staging(settings, log_version=8)
    with running(child(writer, str(path))) as process:
        assert process.stdout
        assert process.stdout.readline().strip() == "writing"
        with pytest.raises(TakeupError, match="open for writing"):
            swap(settings, "run-2")
        assert "takeup.duckdb.wal" in names_in(settings.published), "the writer's, left alone"
    assert swap(settings, "run-3").state == "published"


def test_a_staging_file_with_a_wal_is_refused(settings: Settings) -> None:
    build_staging(settings)
    writer = """
        import duckdb, os, sys
        connection = duckdb.connect(sys.argv[1])
        connection.execute("update take_up set digital_count = 1")
        os._exit(0)
    """
    with running(child(writer, str(settings.staging_file))) as process:
        process.wait(60)
    with pytest.raises(TakeupError, match="not closed in good order"):
        swap(settings)
    assert names_in(settings.published) == []


def test_a_staging_file_that_changes_meanwhile_is_not_published(settings: Settings) -> None:
    build_staging(settings)

    def judged_then_rebuilt(settings: Settings) -> None:
        build_staging(settings, digital_count=1)

    with pytest.raises(TakeupError, match="changed while it was published"):
        publish(settings, run_id="run-1", require_pass=judged_then_rebuilt)
    assert names_in(settings.published) == []


@pytest.mark.parametrize(
    "statement", ["update take_up set digital_count = digital_count + 1", "delete from services"]
)
def test_a_copy_that_differs_is_not_published(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    copy = swapping._copy_published

    def copy_and_change(staging: Path, candidate: Path, *, settings: Settings) -> None:
        copy(staging, candidate, settings=settings)
        with duckdb.connect(str(candidate)) as connection:
            connection.execute(statement)

    monkeypatch.setattr(swapping, "_copy_published", copy_and_change)
    build_staging(settings)
    with pytest.raises(IntegrityError, match="the copy for analysts differs"):
        swap(settings)
    assert names_in(settings.published) == []


def test_a_view_in_main_is_refused(settings: Settings) -> None:
    build_staging(settings)
    with duckdb.connect(str(settings.staging_file)) as connection:
        connection.execute("create view handy as select * from take_up")
    with pytest.raises(TakeupError, match="no views, it has: handy"):
        swap(settings)


def test_a_macro_that_only_macros_need_is_refused_where_it_can_not_be_called(
    settings: Settings,
) -> None:
    build_staging(settings)
    with_helpers(settings)
    with duckdb.connect(str(settings.staging_file)) as connection:
        connection.execute("create macro as_of.other_as_of(ts) as table from takeup.main.take_up")
    with pytest.raises(TakeupError, match="macro other_as_of can't be used"):
        swap(settings)


def test_a_macro_that_another_calls_is_refused_where_it_can_not_be_called(
    settings: Settings,
) -> None:
    build_staging(settings)
    with duckdb.connect(str(settings.staging_file)) as connection:
        connection.execute("create schema if not exists as_of")
        connection.execute("create macro as_of.inner_as_of(ts) as table from takeup.main.take_up")
        connection.execute("create macro outer_as_of(ts) as table from as_of.inner_as_of(ts)")
    with pytest.raises(TakeupError, match="macro inner_as_of can't be used"):
        swap(settings)


@pytest.mark.parametrize("schema", ["takeup.main.", "internal."])
def test_a_macro_that_analysts_could_not_call_is_refused(settings: Settings, schema: str) -> None:
    build_staging(settings)
    with duckdb.connect(str(settings.staging_file)) as connection:
        if schema == "internal.":
            connection.execute("create table internal.take_up as from main.take_up")
        connection.execute(
            f"create or replace macro take_up_as_of(ts) as table from {schema}take_up"
        )
    with pytest.raises(TakeupError, match="macro take_up_as_of can't be used"):
        swap(settings)
    assert names_in(settings.published) == []


@pytest.mark.parametrize(
    "statement", ["delete from warehouse_version", "drop table warehouse_version"]
)
def test_a_warehouse_that_does_not_say_its_version_is_refused(
    settings: Settings, statement: str
) -> None:
    build_staging(settings)
    with duckdb.connect(str(settings.staging_file)) as connection:
        connection.execute(statement)
    with pytest.raises(IntegrityError, match="version"):
        swap(settings)


def test_simulated_data_never_replaces_real_data(settings: Settings) -> None:
    build_staging(settings)
    swap(settings)
    build_staging(settings, is_simulated=True)
    with pytest.raises(UsageError, match="holds real data and the warehouse simulated data"):
        swap(settings, "run-2")


def test_simulated_data_is_named_in_the_line(settings: Settings) -> None:
    build_staging(settings, is_simulated=True)
    assert "SIMULATED" in swap(settings).line


def test_a_damaged_published_file_is_replaced(settings: Settings) -> None:
    build_staging(settings)
    settings.published.mkdir()
    settings.published_file.write_bytes(b"no database")
    assert swap(settings).state == "published"
    assert value(settings.published_file, "select log_version from warehouse_version") == "7"


def test_nothing_built_is_one_clear_line(settings: Settings) -> None:
    with pytest.raises(TakeupError, match="was not built yet"):
        swap(settings)


LIMITED = """
    import resource, sys
    from pathlib import Path
    import duckdb  # before the limit: the test is about files, not about imports
    from publish.swap import publish
    from core.errors import TakeupError
    from core.settings import Settings

    kind, limit = getattr(resource, sys.argv[2]), int(sys.argv[3])
    resource.setrlimit(kind, (limit, limit))
    try:
        publish(Settings(home=Path(sys.argv[1])), run_id="limited", require_pass=lambda _: None)
    except TakeupError as error:
        print(error)
        sys.exit(error.exit_code)
"""


@pytest.mark.parametrize(
    ("kind", "limit"),
    [("RLIMIT_FSIZE", 300_000), ("RLIMIT_NOFILE", 5)],
    ids=["no room on disk", "too few file handles"],
)
def test_short_of_means_nothing_is_half_published(
    settings: Settings, kind: str, limit: int
) -> None:
    build_staging(settings)
    swap(settings)
    old = settings.published_file.read_bytes()
    build_staging(settings, log_version=8)
    with running(child(LIMITED, str(settings.home), kind, str(limit))) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1, out + err
    assert "could not publish, the old file stays" in out or "can't be read" in out
    assert "Traceback" not in err
    assert settings.published_file.read_bytes() == old
    assert swap(settings, "run-3").state == "published"
    assert names_in(settings.published) == ["takeup.duckdb"]


def test_a_file_in_the_place_of_the_folder_is_one_clear_line(settings: Settings) -> None:
    build_staging(settings)
    settings.published.write_text("not a folder")
    with pytest.raises(TakeupError, match="could not publish"):
        swap(settings)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into read-only folders")
def test_a_read_only_folder_is_one_clear_line(settings: Settings) -> None:
    build_staging(settings)
    settings.published.mkdir()
    settings.published.chmod(0o555)
    try:
        with pytest.raises(TakeupError, match="could not publish"):
            swap(settings)
    finally:
        settings.published.chmod(0o755)


def test_a_run_id_of_airflow_makes_a_file_name(settings: Settings) -> None:
    build_staging(settings)
    done = swap(settings, "manual__2026-01-01T00:00:00+00:00/../x")
    assert done.state == "published"
    assert names_in(settings.published) == ["takeup.duckdb"]


def blocks(language: str) -> list[str]:
    """The code that docs/analysts.md shows, by language."""
    text = (PROJECT_ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_the_connection_that_the_docs_advise_reaches_nothing_else(settings: Settings) -> None:
    build_staging(settings)
    swap(settings)
    names: dict[str, duckdb.DuckDBPyConnection] = {}
    path = str(settings.published_file).replace("'", "''")
    exec(blocks("python")[0].replace("var/published/takeup.duckdb", path), names)
    with names["connection"] as connection:
        assert connection.execute("select count(*) from take_up").fetchone() == (6,)
        for statement in (
            f"from read_text('{path}')",
            "copy take_up to 'out.csv'",
            "attach 'other.duckdb'",
            "set enable_external_access = true",
            "install excel",
            "update take_up set digital_count = 0",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)


def test_every_query_of_the_docs_runs_on_the_published_file(settings: Settings) -> None:
    with duckdb.connect(str(build_staging(settings))) as connection:
        promises_in(connection, promise("a", "kept_late", due_on="2014-03-31"))
    swap(settings)
    path = str(settings.published_file).replace("'", "''")
    shown = blocks("sql")
    assert len(shown) >= 6
    with duckdb.connect() as connection:
        for block in shown:
            for statement in filter(None, map(str.strip, block.split(";"))):
                result = connection.execute(
                    statement.replace("var/published/takeup.duckdb", path)
                ).fetchall()
                if statement.startswith("select"):
                    assert result, statement


def test_a_process_can_read_the_new_file_while_it_holds_the_old_one(settings: Settings) -> None:
    build_staging(settings)
    swap(settings)
    path = settings.published_file
    with duckdb.connect(str(path), read_only=True) as old:
        build_staging(settings, log_version=8)
        assert swap(settings, "run-2").state == "published"
        assert old.execute("select log_version from warehouse_version").fetchone() == (7,)
        with reading(path) as new:
            assert new.execute("select log_version from warehouse_version").fetchone() == (8,)
        assert old.execute("select log_version from warehouse_version").fetchone() == (7,)
