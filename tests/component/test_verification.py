"""Damage to the log: every kind of it is named, and ends with exit 4."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from ingest.log import chain, verification
from ingest.log.columns import table_schema
from ingest.log.event_log import Commit, EventLog
from ingest.log.verification import verify
from takeup import cli
from takeup.verification import verify_home
from tests.support.events import completed
from tests.support.homes import Home

KINDS = ("event", "duplicate", "quarantine", "file", "retry")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of five commits with every kind of record; tests damage copies of it."""
    home = Home.at(tmp_path_factory.mktemp("sound") / "home")
    home.land_events("0.jsonl", completed("event-0"), completed("event-0"), "no event")
    home.ingest()
    home.retry()
    for number in range(1, 4):
        home.land_events(f"{number}.jsonl", completed(f"event-{number}"))
        home.ingest()
    return home


@pytest.fixture
def damaged(sound: Home, tmp_path: Path) -> Home:
    """A copy to damage."""
    shutil.copytree(sound.settings.home, tmp_path / "home")
    return Home.at(tmp_path / "home")


def exit_code_of(home: Home, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["takeup", "--home", str(home.settings.home), *arguments])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


def commit_of(home: Home, version: int) -> Path:
    return EventLog.path_of_commit(home.settings.log, version)


def edit(path: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change the actions of a commit file."""
    actions = [json.loads(line) for line in path.read_text().splitlines()]
    change(actions)
    path.write_text("\n".join(json.dumps(action) for action in actions))


def own_of(actions: list[dict[str, Any]]) -> dict[str, Any]:
    info = next(action["commitInfo"] for action in actions if "commitInfo" in action)
    own: dict[str, Any] = json.loads(info["takeup"])
    return own


def with_own(actions: list[dict[str, Any]], own: dict[str, Any]) -> None:
    info = next(action["commitInfo"] for action in actions if "commitInfo" in action)
    info["takeup"] = json.dumps(own, sort_keys=True)


def part_of(home: Home, kind: str) -> Path:
    """The oldest live file of a kind of record."""
    return Path(home.log().files(kind)[0].path)


def flip(path: Path, at: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(at * (len(content) - 1))] ^= 1
    path.write_bytes(content)


# Damages: what is done, and what the report must name.

Damage = Callable[[Home], None]


def change_facts(version: int) -> Damage:
    def change(home: Home) -> None:
        def change_run(actions: list[dict[str, Any]]) -> None:
            own = own_of(actions)
            own["facts"]["run_at"] = "2014-01-01T00:00:00.000000+00:00"
            with_own(actions, own)

        edit(commit_of(home, version), change_run)

    return change


def relink(version: int) -> Damage:
    """Facts changed and the commit's own link made to follow from them again."""

    def change(home: Home) -> None:
        before = EventLog.read_commit(home.settings.log, version - 1)

        def change_run(actions: list[dict[str, Any]]) -> None:
            own = own_of(actions)
            own["facts"]["run_at"] = "2014-01-01T00:00:00.000000+00:00"
            own["link"] = chain.link(before.link or "", before.digest, own["facts"])
            with_own(actions, own)

        edit(commit_of(home, version), change_run)

    return change


def change_action(version: int, field: str, value: Any) -> Damage:
    def change(home: Home) -> None:
        def change_first(actions: list[dict[str, Any]]) -> None:
            add = next(action["add"] for action in actions if "add" in action)
            add[field] = value

        edit(commit_of(home, version), change_first)

    return change


def drop_action(version: int) -> Damage:
    def change(home: Home) -> None:
        def drop(actions: list[dict[str, Any]]) -> None:
            actions.remove(next(action for action in actions if "add" in action))

        edit(commit_of(home, version), drop)

    return change


def add_action(version: int) -> Damage:
    """A file more than the facts say: what a log with planted events would look like."""

    def change(home: Home) -> None:
        planted = home.settings.log / "record_kind=event" / "planted.parquet"
        shutil.copy(part_of(home, "event"), planted)

        def plant(actions: list[dict[str, Any]]) -> None:
            add = next(action["add"] for action in actions if "add" in action)
            path = "record_kind=event/planted.parquet"
            actions.append({"add": {**add, "path": path, "size": planted.stat().st_size}})

        edit(commit_of(home, version), plant)

    return change


def add_remove(version: int) -> Damage:
    def change(home: Home) -> None:
        path = part_of(home, "event").relative_to(home.settings.log).as_posix()
        removal = {"path": path, "dataChange": True, "deletionTimestamp": 0}
        edit(commit_of(home, version), lambda actions: actions.append({"remove": removal}))

    return change


def change_schema(home: Home) -> None:
    def change(actions: list[dict[str, Any]]) -> None:
        metadata = next(action["metaData"] for action in actions if "metaData" in action)
        metadata["configuration"]["delta.enableExpiredLogCleanup"] = "true"

    edit(commit_of(home, 0), change)


def change_white_space(version: int) -> Damage:
    def change(home: Home) -> None:
        path = commit_of(home, version)
        path.write_bytes(path.read_bytes() + b"\n")

    return change


def append_foreign(home: Home) -> None:
    row = dict.fromkeys(table_schema().names) | {"record_kind": "event", "id": "x"}
    write_deltalake(
        str(home.settings.log), pa.Table.from_pylist([row], schema=table_schema()), mode="append"
    )


def delete_rows(home: Home) -> None:
    """By way of a foreign writer that first lifts the ban on deleting."""
    commit = {
        "commitInfo": {"operation": "DELETE"},
        "remove": {
            "path": part_of(home, "event").relative_to(home.settings.log).as_posix(),
            "dataChange": True,
            "deletionTimestamp": 0,
        },
    }
    lines = [json.dumps({name: value}) for name, value in commit.items()]
    commit_of(home, home.log().version + 1).write_text("\n".join(lines))


def forge_rewrite(home: Home) -> None:
    """A compaction that loses a row on the way."""
    DeltaTable(str(home.settings.log)).optimize.compact()
    log = home.log()
    path = next(Path(file.path) for file in log.files("event") if file.row_count > 1)
    table = pq.read_table(path, partitioning=None)
    pq.write_table(table.slice(0, table.num_rows - 1), path)

    def resize(actions: list[dict[str, Any]]) -> None:
        for action in actions:
            if action.get("add", {}).get("path", "").endswith(path.name):
                action["add"]["size"] = path.stat().st_size

    edit(commit_of(home, log.version), resize)


def forge_checkpoint(home: Home) -> None:
    """A checkpoint that no longer lists a file: readers would pass its rows over in silence."""
    DeltaTable(str(home.settings.log)).create_checkpoint()
    (path,) = (home.settings.log / "_delta_log").glob("*.checkpoint.parquet")
    table = pq.read_table(path)
    rows = table.to_pylist()
    listed = [i for i, row in enumerate(rows) if row["add"] is not None]
    assert len(listed) > 5
    rows.pop(listed[0])
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)


DAMAGES: dict[str, tuple[Damage, str]] = {
    **{
        f"a flipped bit in a {kind} file, {where}": (
            lambda home, kind=kind, at=at: flip(part_of(home, kind), at),  # type: ignore[misc]
            "file was changed: record_kind=" + kind,
        )
        for kind in KINDS
        for where, at in {"at its start": 0.0, "in its middle": 0.5, "at its end": 1.0}.items()
    },
    **{
        f"a {kind} file removed": (
            lambda home, kind=kind: part_of(home, kind).unlink(),  # type: ignore[misc]
            "file is missing: record_kind=" + kind,
        )
        for kind in KINDS
    },
    "a file cut": (
        lambda home: part_of(home, "event").write_bytes(part_of(home, "event").read_bytes()[:-9]),
        "bytes instead of",
    ),
    "a file changed for another": (
        lambda home: (
            shutil.copy(home.log().files("event")[1].path, part_of(home, "event")) and None
        ),
        "record_kind=event/00000000000000000001-0",
    ),
    "the first commit's settings changed": (change_schema, "commit 1: its link does not follow"),
    "facts changed in the middle": (change_facts(2), "commit 2: its link does not follow"),
    "facts changed in the newest commit": (change_facts(5), "commit 5"),
    "facts changed and linked again in the middle": (
        relink(2),
        "commit 3: its link does not follow",
    ),
    "facts changed and linked again in the newest": (relink(5), "commit 5: its file was changed"),
    "an action changed in the middle": (change_action(3, "size", 1), "commit 3: its action on"),
    "an action changed in the newest commit": (
        change_action(5, "size", 1),
        "commit 5: its action on",
    ),
    "an action's partition changed": (
        change_action(5, "partitionValues", {"record_kind": "file"}),
        "commit 5: its action on",
    ),
    "an action's statistics changed": (
        change_action(5, "stats", '{"numRecords": 0}'),
        "commit 5: its action on",
    ),
    "an action dropped in the middle": (drop_action(3), "is only in its facts"),
    "an action dropped in the newest commit": (drop_action(5), "is only in its facts"),
    "a file planted in the newest commit": (
        add_action(5),
        "planted.parquet is only in its actions",
    ),
    "a removal planted": (add_remove(5), "commit 5: it removes files"),
    "white space behind the newest commit": (
        change_white_space(5),
        "commit 5: its file was changed",
    ),
    "white space behind the first commit": (
        change_white_space(0),
        "commit 1: its link does not follow",
    ),
    "the first commit removed": (lambda home: commit_of(home, 0).unlink(), "commit 0 is missing"),
    "a commit removed in the middle": (
        lambda home: commit_of(home, 3).unlink(),
        "commit 3 is missing",
    ),
    "the newest commit removed": (lambda home: commit_of(home, 5).unlink(), "commit 5 is missing"),
    "all commits removed": (
        lambda home: [commit_of(home, version).unlink() for version in range(6)] and None,
        "no commit in",
    ),
    "a commit that is no JSON": (
        lambda home: commit_of(home, 2).write_text("{") and None,
        "commit 2 can't be read",
    ),
    "a commit of another log in its place": (
        lambda home: shutil.copy(commit_of(home, 4), commit_of(home, 3)) and None,
        "commit 3: its link does not follow",
    ),
    "the record of the head removed": (
        lambda home: (home.settings.log / "_head.json").unlink(),
        "_head.json is missing",
    ),
    "the record of the head spoilt": (
        lambda home: (home.settings.log / "_head.json").write_text("{}") and None,
        "_head.json can't be read",
    ),
    "a foreign append": (append_foreign, "commit 6: it was not made by this pipeline"),
    "a foreign deletion": (delete_rows, "commit 6: it was not made by this pipeline"),
    "a rewrite that loses a row": (forge_rewrite, "commit 6: its rewrite changed 1 rows"),
    "a checkpoint that passes a file over": (forge_checkpoint, "readers pass over"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_named_with_exit_4(
    name: str,
    damaged: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    damage, named = DAMAGES[name]
    damage(damaged)
    assert exit_code_of(damaged, monkeypatch, "verify") == 4
    said = capsys.readouterr()
    assert said.err.startswith("takeup: the event log is damaged:\n")
    assert named in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_shows_to_a_run_that_knows_the_log_from_before(
    name: str, damaged: Home, tmp_path: Path
) -> None:
    index = tmp_path / "index.json"
    assert verify(damaged.settings.log, index=index).problems == []
    damage, named = DAMAGES[name]
    damage(damaged)
    for _ in range(2):
        assert named in "\n".join(verify(damaged.settings.log, index=index).problems)


def test_a_file_with_its_old_size_and_time_is_read_again_when_it_was_changed(
    damaged: Home, tmp_path: Path
) -> None:
    index = tmp_path / "index.json"
    assert verify(damaged.settings.log, index=index).problems == []
    part = part_of(damaged, "event")
    state = part.stat()
    flip(part, 0.5)
    os.utime(part, ns=(state.st_atime_ns, state.st_mtime_ns))
    (problem,) = verify(damaged.settings.log, index=index).problems
    assert problem.startswith("file was changed: record_kind=event")


def test_only_files_that_a_run_brought_are_read_for_the_next_build(
    damaged: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def noting(path: Path) -> str:
        if path.suffix == ".parquet":
            read.append(path.name)
        return digest_file(path)

    digest_file = verification.digest_file
    index = tmp_path / "index.json"
    before = verify(damaged.settings.log, index=index)
    damaged.land_events("more.jsonl", completed("event-9"))
    damaged.ingest()
    monkeypatch.setattr(verification, "digest_file", noting)
    after = verify(damaged.settings.log, index=index)
    assert after.problems == []
    assert after.files - before.files == len(read) == 2
    assert all(name.startswith("00000000000000000006-") for name in read)
    verify(damaged.settings.log)
    assert len(read) == 2 + after.files


def test_the_chain_is_followed_on_from_where_it_was_followed_to(
    damaged: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def noting(folder: Path, version: int) -> Commit:
        read.append(version)
        return read_commit(folder, version)

    read_commit = EventLog.read_commit
    index = tmp_path / "index.json"
    verify(damaged.settings.log, index=index)
    damaged.land_events("more.jsonl", completed("event-9"))
    damaged.ingest()
    monkeypatch.setattr(EventLog, "read_commit", staticmethod(noting))
    after = verify(damaged.settings.log, index=index)
    # The first and the newest once more, as by everybody who opens the log.
    assert (sorted(set(read)), read.count(6)) == ([0, 6], 2)
    assert after == verify(damaged.settings.log)
    assert set(read) == set(range(7))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"signature": "", "walk": {"head": 1}}'])
def test_a_chain_of_which_nothing_is_known_is_followed_from_the_beginning(
    damaged: Home, tmp_path: Path, content: str
) -> None:
    index = tmp_path / "index.json"
    verify(damaged.settings.log, index=index)
    (tmp_path / verification.WALK).write_text(content, encoding="utf-8")
    damage, named = DAMAGES["facts changed in the middle"]
    damage(damaged)
    assert named in "\n".join(verify(damaged.settings.log, index=index).problems)


def test_nothing_is_built_from_a_damaged_log(
    damaged: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    flip(part_of(damaged, "event"), 0.5)
    assert exit_code_of(damaged, monkeypatch, "build") == 4
    assert "file was changed" in capsys.readouterr().err
    assert not damaged.settings.staging_file.exists()


def test_a_sound_log_is_told_sound(
    sound: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(sound, monkeypatch, "verify") == 0
    assert capsys.readouterr().out.startswith("sound: 6 commits, ")
    assert exit_code_of(sound, monkeypatch, "verify", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["problems"] == []
    assert found["head"] == sound.log().head()


def test_the_order_of_digests_and_files_is_what_is_hashed() -> None:
    facts = {"version": 1, "parts": [{"path": "a"}, {"path": "b"}]}
    link = chain.link("p", "c", facts)
    assert link == chain.link("p", "c", dict(reversed(facts.items())))
    assert link != chain.link("p", "c", facts | {"parts": [{"path": "b"}, {"path": "a"}]})
    assert link != chain.link("q", "c", facts)
    assert link != chain.link("p", "d", facts)


def test_an_honest_compaction_keeps_the_chain(damaged: Home) -> None:
    before = {kind: damaged.rows(kind) for kind in KINDS}
    head = damaged.log().head()
    done = DeltaTable(str(damaged.settings.log)).optimize.compact()
    assert done["numFilesRemoved"] > done["numFilesAdded"]
    assert verify(damaged.settings.log).problems == []
    assert damaged.log().head() == head
    for kind, rows in before.items():
        # A compacted file has the columns of all kinds, null where its own kind has none.
        columns = rows[0].keys()
        after = [{name: row[name] for name in columns} for row in damaged.rows(kind)]
        assert after == rows
    damaged.land_events("more.jsonl", completed("event-1"), completed("event-9"))
    assert damaged.ingest().total("duplicate") == 1
    assert verify(damaged.settings.log).problems == []
    DeltaTable(str(damaged.settings.log)).create_checkpoint()
    assert verify(damaged.settings.log).problems == []


def test_a_run_that_died_before_it_recorded_the_head_is_no_damage(damaged: Home) -> None:
    head = damaged.settings.log / "_head.json"
    older = head.read_bytes()
    damaged.land_events("more.jsonl", completed("event-9"))
    damaged.ingest()
    head.write_bytes(older)
    assert verify(damaged.settings.log).problems == []


def test_a_run_that_died_in_its_first_commit_is_no_damage(home: Home) -> None:
    home.land_events("a.jsonl", completed("event-1"))
    home.ingest()
    (home.settings.log / "_head.json").unlink()
    assert verify(home.settings.log).problems == []


def test_what_remembers_the_chain_shows_a_log_that_was_cut(damaged: Home) -> None:
    head = damaged.log().head()
    remembered = {"the published file": (5, head)}
    assert verify(damaged.settings.log, recorded_heads=remembered).problems == []
    other = {"the published file": (5, "blake3:" + "1" * 64)}
    (problem,) = verify(damaged.settings.log, recorded_heads=other).problems
    assert problem == "the published file names another chain at log version 5"
    commit_of(damaged, 5).unlink()
    problems = verify(damaged.settings.log, recorded_heads=remembered).problems
    assert "the published file was made from log version 5, which is not there" in problems


def test_landed_files_are_hashed_again_on_request(damaged: Home) -> None:
    assert verify_home(damaged.settings, landing=True).problems == []
    path = damaged.settings.landing / "2.jsonl"
    path.write_bytes(path.read_bytes().replace(b"online", b"paper!"))
    assert verify_home(damaged.settings).problems == []
    (problem,) = verify_home(damaged.settings, landing=True).problems
    assert problem == "landed file 2.jsonl has other bytes than the ledger recorded"


def test_two_problems_are_both_named(damaged: Home) -> None:
    flip(part_of(damaged, "event"), 0.5)
    part_of(damaged, "quarantine").unlink()
    assert len(verify(damaged.settings.log).problems) == 2
