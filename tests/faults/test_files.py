"""Files that are broken, doubled, half written or hostile: what becomes of each as a whole."""

from __future__ import annotations

import gzip
import io
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from core.errors import UsageError
from core.settings import Settings
from ingest.landing import containers, inspection
from ingest.landing import landed as landing
from ingest.landing.landed import scan, shown_name
from ingest.load import run as ingestion
from ingest.load.batch import Batch
from tests.support import workbooks
from tests.support.events import completed, lines, text
from tests.support.homes import RUN_AT, Home
from tests.support.invariants import check_log
from tests.support.publications import LISTING, QUARTERS, manifest, publication

WHOLE = gzip.compress(lines(*(completed(f"gz-{i}") for i in range(500))), mtime=0)
FRAME = zstandard.ZstdCompressor(write_checksum=True).compress(
    lines(*(completed(f"zst-{i}") for i in range(500)))
)
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00"
HEADER = "specversion,id,source,type,time,data"
CSV_ROW = (
    '1.0,{id},urn:test,uk.gov.takeup.transaction.started.v1,2015-03-02T10:00:00Z,"{{""service_id"":'
    '""dwp-jobseekers-allowance-jsa-new-claims"",""channel"":""online"",""assistance"":""none"",'
    '""transaction_id"":""t""}}"'
)


def parquet(count: int) -> bytes:
    """Events as Parquet."""
    made = [completed(f"pq-{i}") for i in range(count)]
    columns = {
        name: pa.array([event[name] for event in made], pa.string())
        for name in ("specversion", "id", "source", "type", "time")
    }
    columns["data"] = pa.array([text(event["data"]) for event in made], pa.string())
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


PARQUET = parquet(50)


@dataclass(frozen=True)
class Landed:
    """A file, and what the ledger must say of it."""

    content: bytes
    state: str
    reason: str | None = None
    detail: str = ""
    read: int = 0
    flags: tuple[str, ...] = ()


def taken(content: bytes, read: int, *flags: str) -> Landed:
    return Landed(content, "ingested", read=read, flags=flags)


def rejected(content: bytes, reason: str, detail: str = "") -> Landed:
    return Landed(content, "rejected", reason=reason, detail=detail)


def csv(identifier: str, *, header: str = HEADER) -> bytes:
    return (header + "\n" + CSV_ROW.format(id=identifier) + "\n").encode()


FILES: dict[str, Landed] = {
    "whole.jsonl": taken(lines(completed("whole")), 1),
    "whole.parquet": taken(PARQUET, 50),
    # Empty, or nothing in it.
    "empty.jsonl": taken(b"", 0, "no_records"),
    "newline.jsonl": taken(b"\n", 0, "no_records"),
    "blank-lines.jsonl": taken(b"\n" * 10_000, 0, "no_records"),
    "blank-lines-of-windows.jsonl": taken(b"\r\n" * 10_000, 0, "no_records"),
    "a-return.jsonl": taken(b"\r", 0, "no_records"),
    "only-a-mark.jsonl": taken(b"\xef\xbb\xbf", 0, "no_records"),
    "empty-inside.jsonl.gz": taken(gzip.compress(b"", mtime=0), 0, "no_records"),
    "empty-inside.jsonl.zst": taken(zstandard.ZstdCompressor().compress(b""), 0, "no_records"),
    "only-a-header.csv": taken(HEADER.encode() + b"\n", 0, "no_manifest", "no_records"),
    "no-rows.parquet": taken(parquet(0), 0, "no_records"),
    # Cut or corrupt.
    "cut.jsonl.gz": rejected(WHOLE[:-100], "corrupt", "gzip"),
    "cut-by-one-byte.jsonl.gz": rejected(WHOLE[:-1], "corrupt", "gzip"),
    "only-a-magic-number.jsonl.gz": rejected(b"\x1f\x8b", "corrupt", "gzip"),
    "flipped.jsonl.gz": rejected(WHOLE[:200] + bytes([WHOLE[200] ^ 1]) + WHOLE[201:], "corrupt"),
    "wrong-checksum.jsonl.gz": rejected(WHOLE[:-8] + b"\0\0\0\0" + WHOLE[-4:], "corrupt", "gzip"),
    "with-something-behind.jsonl.gz": rejected(WHOLE + b"something", "corrupt", "gzip"),
    "cut.jsonl.zst": rejected(FRAME[:-100], "corrupt", "zstd"),
    "cut-by-one-byte.jsonl.zst": rejected(FRAME[:-1], "corrupt", "zstd"),
    "flipped.jsonl.zst": rejected(FRAME[:200] + bytes([FRAME[200] ^ 1]) + FRAME[201:], "corrupt"),
    "with-something-behind.jsonl.zst": rejected(FRAME + b"something", "corrupt", "zstd"),
    "bad-footer.parquet": rejected(PARQUET[:-10] + b"\0" * 10, "corrupt", "parquet"),
    "cut.parquet": rejected(PARQUET[:500], "corrupt", "parquet"),
    "only-a-magic-number.parquet": rejected(b"PAR1", "corrupt", "parquet"),
    # Not UTF-8.
    "latin-1.jsonl": rejected(b'{"a":"caf\xe9"}\n', "not_utf8", "byte offset 9"),
    "utf-16.jsonl": rejected('{"a":1}\n'.encode("utf-16"), "not_utf8", "byte offset 0"),
    "surrogates.jsonl": rejected(b'{"a":"\xed\xa0\x80"}\n', "not_utf8", "byte offset 6"),
    "overlong.jsonl": rejected(b'{"a":"\xc0\xaf"}\n', "not_utf8", "byte offset 6"),
    "half-a-letter.jsonl": rejected(b"{}\n\xc3", "not_utf8", "byte offset 3"),
    "latin-1.jsonl.gz": rejected(gzip.compress(b'{"a":"caf\xe9"}\n'), "not_utf8", "byte offset 9"),
    "half-a-letter.jsonl.gz": rejected(gzip.compress(b"{}\n\xc3"), "not_utf8", "byte offset 3"),
    "late.jsonl": rejected(
        lines(*(completed(f"late-{i}") for i in range(300))) + b"\xff\n",
        "not_utf8",
        f"byte offset {len(lines(*(completed(f'late-{i}') for i in range(300))))}",
    ),
    # Other than they say.
    "packed.jsonl": rejected(WHOLE + b"!", "content_disagrees", "gzip"),
    "packed-otherwise.jsonl": rejected(FRAME + b"!", "content_disagrees", "zstd"),
    "packed-otherwise.jsonl.gz": rejected(FRAME + b"?", "content_disagrees", "zstd"),
    "parquet.jsonl": rejected(PARQUET[:600], "content_disagrees", "parquet"),
    "unpacked.jsonl.gz": rejected(
        lines(completed("unpacked")), "content_disagrees", "uncompressed"
    ),
    "text.parquet": rejected(lines(completed("text")), "content_disagrees", "uncompressed"),
    "workbook.csv": rejected(ZIP + b"\x80\xff", "not_utf8"),
    "picture.png": rejected(b"\x89PNG\r\n\x1a\n", "not_utf8"),
    "notes.txt": rejected(b"call me back", "unrecognised"),
    "no-suffix": rejected(lines(completed("no suffix")), "unrecognised"),
    "other.csv": rejected(b"a,b\n1,2\n", "unrecognised"),
    # A table of events of our own, with another header than it needs.
    "no-header.csv": rejected((CSV_ROW.format(id="h1") + "\n").encode(), "bad_header"),
    "column-missing.csv": rejected(
        csv("h2", header=HEADER.replace("time,", "")), "bad_header", "time"
    ),
    "column-too-many.csv": rejected(csv("h3", header=HEADER + ",colour"), "bad_header", "colour"),
    "column-twice.csv": rejected(csv("h4", header=HEADER + ",id"), "bad_header", "id"),
    # Workbooks that hold more, or other things, than the values of a return.
    **{
        name: rejected(content, reason, detail)
        for name, (content, reason, detail) in workbooks.HOSTILE.items()
    },
    # Names that are no more than names.
    'it\'s "quoted".jsonl': taken(lines(completed("name-1")), 1),
    "star*[a-z]?.jsonl": taken(lines(completed("name-2")), 1),
    "new\nline.jsonl": taken(lines(completed("name-3")), 1),
    "$(touch x); drop table.jsonl": taken(lines(completed("name-4")), 1),
    "--source=x.jsonl": taken(lines(completed("name-5")), 1),
    "größe 😀.jsonl": taken(lines(completed("name-6")), 1),
    "channel=paper/part.jsonl": taken(lines(completed("name-7")), 1),
    "record_kind=event/0.jsonl": taken(lines(completed("name-8")), 1),
    "a/b/c/d/deep.jsonl": taken(lines(completed("name-9")), 1),
    "UPPER.JSONL": taken(lines(completed("name-10")), 1),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that met all of `FILES` in one run."""
    home = Home.at(tmp_path_factory.mktemp("files") / "home")
    for name, landed in FILES.items():
        home.land(name, landed.content)
    home.ingest()
    return home


@pytest.mark.parametrize("name", FILES)
def test_file(name: str, home: Home) -> None:
    landed, entry = FILES[name], home.ledger()[shown_name(name)]
    assert (entry["state"], entry["reason"]) == (landed.state, landed.reason)
    assert landed.detail in (entry["detail"] or "")
    assert entry["read_count"] == landed.read
    assert entry["flags"] == str(list(landed.flags)).replace("'", '"')


def test_invariants_hold(home: Home) -> None:
    check_log(home)
    assert {row["name"] for row in home.rows("file")} == set(map(shown_name, FILES))


def test_the_bytes_of_what_was_refused_are_kept(home: Home) -> None:
    for name, landed in FILES.items():
        assert (home.settings.landing / name).read_bytes() == landed.content


def test_no_file_of_the_machine_was_made_by_a_name(home: Home) -> None:
    assert not Path("x").exists()
    (event,) = (row for row in home.rows("event") if row["id"] == "name-7")
    assert event["channel"] == "online"


def test_only_rejected_files_begin_no_log_and_are_told(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    home.land("cut.jsonl.gz", WHOLE[:-100])
    (outcome,) = home.ingest().files
    assert (outcome.name, outcome.state, outcome.reason) == ("cut.jsonl.gz", "rejected", "corrupt")
    home.land_events("good.jsonl", completed("1"))
    home.ingest()
    assert home.ledger()["cut.jsonl.gz"]["state"] == "rejected"
    check_log(home)


def test_a_rejected_file_is_tried_again_by_other_code_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home.at(tmp_path / "home")
    home.land("cut.jsonl.gz", WHOLE[:-100])
    home.land_events("good.jsonl", completed("1"))
    home.ingest()
    assert home.ingest().commits == []
    monkeypatch.setattr(ingestion, "code_version", lambda layer: "other")
    assert len(home.ingest().commits) == 1
    versions = [row["code_version"] for row in home.rows("file") if row["state"] == "rejected"]
    assert len(versions) == 2
    assert versions[1] == "other"


# The same bytes, the same name.


def test_the_same_bytes_are_taken_once(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    content = lines(completed("1"), completed("2"))
    for name in ("b.jsonl", "a.jsonl", "c/a.jsonl"):
        home.land(name, content)
    home.ingest()
    home.land("z.jsonl", content)
    home.ingest()
    states = {name: row["state"] for name, row in home.ledger().items()}
    assert states == {
        "a.jsonl": "ingested",
        "b.jsonl": "duplicate_file",
        "c/a.jsonl": "duplicate_file",
        "z.jsonl": "duplicate_file",
    }
    assert len(home.rows("event")) == 2
    assert home.rows("duplicate") == []
    check_log(home)


def test_a_file_renamed_after_it_was_taken_adds_no_event(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    path = home.land_events("a.jsonl", completed("1"))
    home.ingest()
    path.rename(path.with_name("b.jsonl"))
    home.ingest()
    assert home.ledger()["b.jsonl"]["state"] == "duplicate_file"
    assert len(home.rows("event")) == 1


def test_the_same_name_with_other_bytes_is_a_new_file(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    home.land_events("a.jsonl", completed("1"), completed("2"))
    home.ingest()
    home.land_events("a.jsonl", completed("1"), completed("2"), completed("3"))
    home.ingest()
    first, second = (row for row in home.rows("file") if row["name"] == "a.jsonl")
    assert (first["accepted_count"], first["duplicate_count"]) == (2, 0)
    assert (second["accepted_count"], second["duplicate_count"]) == (1, 2)
    check_log(home)


def test_bytes_that_change_under_the_same_size_and_time_are_found_by_a_full_look(
    tmp_path: Path,
) -> None:
    home = Home.at(tmp_path / "home")
    path = home.land_events("a.jsonl", completed("1"))
    home.ingest()
    index = home.settings.warehouse / "landing_index.json"
    assert index.is_file()
    index.unlink()
    state = path.stat()
    path.write_bytes(path.read_bytes().replace(b'"1"', b'"2"'))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    home.landed.append(("a.jsonl", path.read_bytes()))
    home.ingest()
    assert {row["id"] for row in home.rows("event")} == {"1", "2"}


# Still being written.


@pytest.mark.parametrize("name", ["a.jsonl.tmp", "a.jsonl.part", "A.JSONL.PART", ".a.jsonl"])
def test_a_temporary_name_waits(name: str, tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    path = home.land_events(name, completed("1"))
    result = home.ingest()
    assert result.waiting == [name]
    assert result.files == []
    path.rename(path.with_name("a.jsonl"))
    assert home.ingest().total("accepted") == 1


def append(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(lines(completed("2")))


def touch(path: Path) -> None:
    os.utime(path, ns=(0, 0))


def replace(path: Path) -> None:
    state = path.stat()
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(state.st_atime_ns, state.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize("change", [append, touch, replace, Path.unlink])
def test_a_file_that_changes_between_the_looks_waits(
    change: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path)
    still = settings.landing / "still.jsonl"
    moving = settings.landing / "moving.jsonl"
    settings.landing.mkdir()
    for path in (still, moving):
        path.write_bytes(lines(completed(path.name)))
    slept: list[float] = []

    def while_asleep(seconds: float) -> None:
        slept.append(seconds)
        change(moving)

    monkeypatch.setattr(landing.time, "sleep", while_asleep)
    result = ingestion.ingest(settings, [settings.landing], run_at=RUN_AT)
    assert 0.5 < slept[0] <= 1
    assert result.waiting == ["moving.jsonl"]
    assert [file.name for file in result.files] == ["still.jsonl"]


def test_a_file_that_goes_away_while_it_is_hashed_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home.at(tmp_path / "home")
    home.land_events("gone.jsonl", completed("1"))
    home.land_events("stays.jsonl", completed("2"))
    opened = landing.open_landed

    def open_late(path: Path) -> io.BufferedReader:
        if path.name == "gone.jsonl":
            path.unlink()
        return opened(path)

    monkeypatch.setattr(landing, "open_landed", open_late)
    result = home.ingest()
    assert result.waiting == ["gone.jsonl"]
    assert [file.name for file in result.files] == ["stays.jsonl"]


@pytest.mark.parametrize("change", [append, replace])
def test_a_file_that_changes_while_it_is_read_waits(
    change: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home.at(tmp_path / "home")
    moving = home.land_events("moving.jsonl", completed("1"), "no event")
    home.land_events("still.jsonl", completed("2"), completed("1"))
    finish = Batch.finish

    def finish_late(self: Batch) -> None:
        finish(self)
        if len(self.tallies) == 2:
            change(moving)

    with monkeypatch.context() as patch:
        patch.setattr(Batch, "finish", finish_late)
        result = home.ingest()
    assert result.waiting == ["moving.jsonl"]
    assert [(file.name, file.accepted) for file in result.files] == [("still.jsonl", 2)]
    assert home.rows("quarantine") == []

    home.landed = [(name, path.read_bytes()) for name, path in named(home)]
    again = home.ingest()
    assert [(file.name, file.accepted) for file in again.files] == [("moving.jsonl", 0)]
    assert again.total("duplicate") >= 1
    check_log(home)


def test_a_copy_of_a_file_that_changed_while_it_was_read_is_taken_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home.at(tmp_path / "home")
    first = home.land_events("1.jsonl", completed("1"))
    home.land_events("2.jsonl", completed("1"))
    finish = Batch.finish

    def finish_late(self: Batch) -> None:
        finish(self)
        for tally in self.tallies:
            append(tally.file.path)

    with monkeypatch.context() as patch:
        patch.setattr(Batch, "finish", finish_late)
        assert home.ingest().waiting == [first.name]
    assert home.rows("event") == []

    home.landed = [(name, path.read_bytes()) for name, path in named(home)]
    assert home.ingest().total("accepted") == 2
    assert {row["id"] for row in home.rows("event")} == {"1", "2"}
    check_log(home)


def test_a_file_that_is_taken_away_while_it_is_read_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home.at(tmp_path / "home")
    path = home.land_events("gone.jsonl", completed("1"))
    finish = Batch.finish

    def finish_late(self: Batch) -> None:
        finish(self)
        path.unlink()

    monkeypatch.setattr(Batch, "finish", finish_late)
    assert home.ingest().total("accepted") == 1
    check_log(home)


def named(home: Home) -> list[tuple[str, Path]]:
    """Names and paths of what lies in the landing folder."""
    return [(path.name, path) for path in sorted(home.settings.landing.glob("*.jsonl"))]


def test_a_known_file_that_grew_is_looked_at_twice_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home.at(tmp_path / "home")
    path = home.land_events("a.jsonl", completed("1"))
    home.ingest()
    append(path)
    monkeypatch.setattr(landing.time, "sleep", lambda seconds: append(path))
    found = scan([home.settings.landing], index=home.settings.warehouse / "landing_index.json")
    assert (found.files, found.waiting) == ([], ["a.jsonl"])


# Links and what is no file.


def test_nothing_outside_the_landing_folder_is_read(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.jsonl").write_bytes(lines(completed("outside")))
    folder = home.settings.landing
    (folder / "file.jsonl").symlink_to(outside / "secret.jsonl")
    (folder / "relative.jsonl").symlink_to("../../outside/secret.jsonl")
    (folder / "folder").symlink_to(outside, target_is_directory=True)
    (folder / "loop.jsonl").symlink_to("loop.jsonl")
    (folder / "one.jsonl").symlink_to("two.jsonl")
    (folder / "two.jsonl").symlink_to("one.jsonl")
    (folder / "nowhere.jsonl").symlink_to("not-there.jsonl")
    (folder / "round").symlink_to(folder, target_is_directory=True)
    os.mkfifo(folder / "pipe.jsonl")
    home.land_events("good.jsonl", completed("1"))
    result = home.ingest()
    assert [file.name for file in result.files] == ["good.jsonl"]
    refused = {name for name, _ in result.refused}
    assert refused == {
        "file.jsonl",
        "relative.jsonl",
        "loop.jsonl",
        "one.jsonl",
        "two.jsonl",
        "nowhere.jsonl",
        "pipe.jsonl",
        "folder",
        "round",
    }
    assert [row["id"] for row in home.rows("event")] == ["1"]


def test_a_socket_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home.at(tmp_path / "home")
    monkeypatch.chdir(home.settings.landing)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.jsonl")
        assert [name for name, _ in home.ingest().refused] == ["socket.jsonl"]


def test_a_link_inside_the_landing_folder_is_not_followed_either(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    home.land_events("a.jsonl", completed("1"))
    (home.settings.landing / "b.jsonl").symlink_to("a.jsonl")
    assert home.ingest().refused == [("b.jsonl", "a link is not followed")]
    assert home.ledger().keys() == {"a.jsonl"}


def test_a_path_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing-here"):
        ingestion.ingest(Settings(home=tmp_path), [tmp_path / "nothing-here"], run_at=RUN_AT)


# A last line that was torn.


@pytest.mark.parametrize("pack", ["jsonl", "jsonl.gz", "jsonl.zst"])
@pytest.mark.parametrize("cut", [1, 30, 200])
def test_a_torn_last_line_is_quarantined_and_the_rest_accepted(
    pack: str, cut: int, tmp_path: Path
) -> None:
    home = Home.at(tmp_path / "home")
    content = lines(completed("1"), completed("2"), completed("3"))[: -1 - cut]
    packed = {
        "jsonl": lambda: content,
        "jsonl.gz": lambda: gzip.compress(content),
        "jsonl.zst": lambda: zstandard.ZstdCompressor().compress(content),
    }[pack]()
    home.land(f"torn.{pack}", packed)
    home.ingest()
    outcomes = home.outcomes()
    assert [outcomes[i][0] for i in (1, 2, 3)] == ["event", "event", "quarantine"]
    assert outcomes[3][1]["reason"] == "torn_line"
    assert outcomes[3][1]["raw"] == content.split(b"\n")[2]
    assert home.ledger()[f"torn.{pack}"]["flags"] == '["incomplete"]'
    check_log(home)


def test_a_last_line_without_its_newline_is_whole_when_it_is_json(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    home.land("open.jsonl", lines(completed("1"), completed("2"))[:-1])
    home.ingest()
    assert [kind for kind, _ in home.outcomes().values()] == ["event", "event"]
    assert home.ledger()["open.jsonl"]["flags"] == "[]"


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (b"[" * 500, "torn_line"),
        (b"[" * 10_000, "not_json"),  # too deep for the reader that tells a torn line
        (b"[" * 10_000 + b"]" * 10_000, "not_an_object"),
        (b'{"a":' + b"9" * 5000 + b"}", "invalid_envelope"),
        (b'{"a":"' + b"x" * 2_000_000, "torn_line"),
        (b'{"a":"' + b"x" * 2_000_000 + b'"}', "too_large"),
    ],
)
def test_an_odd_last_line_stops_no_run(last: bytes, reason: str, tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    home.land("odd.jsonl", lines(completed("1")) + last)
    home.ingest()
    outcomes = home.outcomes()
    assert outcomes[1][0] == "event"
    assert outcomes[2][1]["reason"] == reason
    assert outcomes[2][1]["raw"] == last


@pytest.mark.parametrize("blank", [b"\r", b"\n\n\n", b"\r\n\r"])
def test_a_blank_end_tears_nothing(blank: bytes, tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    home.land("blank.jsonl", lines(completed("1"), "no event") + blank)
    home.ingest()
    assert home.outcomes()[2][1]["reason"] == "not_json"
    assert home.ledger()["blank.jsonl"]["flags"] == "[]"


def test_a_torn_line_gives_no_forbidden_value_away(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    torn = text(completed("2", data={"nino": "kept-by-nobody"})).split("nobody")[0] + "nobody"
    home.land("torn.jsonl", lines(completed("1")) + torn.encode())
    home.ingest()
    (row,) = home.rows("quarantine")
    assert row["reason"] == "torn_line"
    assert b"kept-by" not in row["raw"]
    assert row["raw"].startswith(torn.encode().split(b"kept-by")[0][:-1])


# Where bytes are read in blocks.


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 7, 64])
def test_the_byte_offset_does_not_depend_on_blocks(
    block_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "BLOCK_BYTES", block_bytes)
    home = Home.at(tmp_path / "home")
    good = ("é€😀" * 5).encode()
    for suffix, pack in {".jsonl": bytes, ".jsonl.gz": gzip.compress}.items():
        home.land(f"bad{suffix}", pack(good + b"\xff" + good))
        home.land(f"cut{suffix}", pack(good + "😀".encode()[:3]))
    details = {file.name: file.detail for file in home.ingest().files}
    assert set(details.values()) == {f"byte offset {len(good)}"}
    assert len(details) == 4


def test_letters_that_blocks_cut_in_two_are_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "BLOCK_BYTES", 5)
    home = Home.at(tmp_path / "home")
    home.land("letters.jsonl.gz", gzip.compress(lines(completed("é€😀" * 20))))
    assert home.ingest().total("accepted") == 1


def test_what_has_no_container_is_uncompressed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert containers.container_of(path, b"{}") == "uncompressed"
    assert containers.container_of(path, b"") == "uncompressed"


# Publications, and what a manifest vouches for.


def test_a_publication_with_its_columns_in_another_order_says_the_same(tmp_path: Path) -> None:
    cells = {"a-service": [10, 4, 20, 5], "b-service": ["", 1, "n/a", 3]}
    header = [*reversed(QUARTERS), "Internal notes", *reversed(LISTING)]
    said = []
    for name, content in {
        "2015-07-01.csv": publication(cells),
        "2015-07-01-b.csv": publication(cells, header=header),
    }.items():
        home = Home.at(tmp_path / name)
        home.land(name, content)
        home.ingest()
        check_log(home)
        said.append({(row["id"], row["data"]) for row in home.rows("event")})
    assert said[0] == said[1]
    assert len(said[0]) == 2 * 5


PUBLICATIONS = {
    "key twice": ([*LISTING, "Slug", *QUARTERS], "'Slug' appears twice"),
    "quarter twice": ([*LISTING, *QUARTERS, QUARTERS[0]], "appears twice"),
    "no key": ([*LISTING[:-1], *QUARTERS], "no column 'Slug'"),
    "no quarter": ([*LISTING, "2014-Q4 Vol."], "no column of quarterly volumes"),
    "no quarter that is understood": (
        [*LISTING, "Total transactions Feb - Apr 2015"],
        "'Total transactions Feb - Apr 2015' is not understood",
    ),
    "no department": ([*LISTING[1:], *QUARTERS], "no column 'Department'"),
}


@pytest.mark.parametrize("case", PUBLICATIONS)
def test_a_publication_with_a_bad_header_is_rejected(case: str, tmp_path: Path) -> None:
    header, detail = PUBLICATIONS[case]
    home = Home.at(tmp_path / "home")
    home.land("2015-07-01.csv", publication({"a": [1, 2, 3, 4]}, header=header))
    (outcome,) = home.ingest().files
    assert (outcome.state, outcome.reason) == ("rejected", "bad_header")
    assert detail in (outcome.detail or "")


def test_foreign_columns_that_repeat_are_passed_over(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    header = [*LISTING, *QUARTERS, "Notes", "Notes", ""]
    home.land("2015-07-01.csv", publication({"a": [1, 2, 3, 4]}, header=header))
    assert home.ingest().total("accepted") == 5


def test_odd_rows_of_a_publication_are_quarantined_one_by_one(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    content = publication(
        {"a": [1, 2, 3, 4], "": [5, 6, 7, 8], "b": ["see note", "-3", "1,000", "£5"]}
    )
    content += b"only,three,cells\r\n"
    content += b'DWP,DWP,"A name with a\r\nnewline",c,1,2,3,4\r\n'
    home.land("2015-07-01.csv", content)
    home.ingest()
    reasons = sorted(
        (row["position"], row["place"], row["reason"]) for row in home.rows("quarantine")
    )
    assert reasons == [
        (3, "Slug", "missing_key"),
        (4, QUARTERS[3], "unreadable_cell"),
        (4, QUARTERS[1], "unreadable_cell"),
        (5, None, "wrong_width"),
    ]
    texts = {
        row["id"].rpartition("/")[0].partition("/")[2]: row["data"]
        for row in home.rows("event")
        if '"text":"see note"' in (row["data"] or "")
    }
    assert list(texts) == ["b/total"]
    check_log(home)


def test_a_publication_cut_in_the_middle_of_a_number(tmp_path: Path) -> None:
    whole = publication({"a": [1, 2, 3, 4], "b": [1000, 2000, 3000, 4000]})
    cut = whole[:-4]
    assert cut.endswith(b"40")
    vouched = Home.at(tmp_path / "vouched")
    vouched.land("v.csv", cut)
    vouched.land("vintages.csv", manifest({"v.csv": ("2015-07-01T09:30:00+01:00", whole)}))
    vouched.ingest()
    assert vouched.ledger()["v.csv"]["reason"] == "manifest_mismatch"
    assert vouched.rows("event") == []
    vouched.land("v.csv", whole)
    vouched.ingest()
    assert vouched.ledger()["v.csv"]["state"] == "ingested"
    check_log(vouched)

    alone = Home.at(tmp_path / "alone")
    alone.land("2015-07-01.csv", cut)
    alone.ingest()
    assert alone.ledger()["2015-07-01.csv"]["flags"] == '["no_manifest"]'


def test_a_publication_of_no_known_day_waits_for_its_manifest(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    content = publication({"a": [1, 2, 3, 4]})
    home.land_events("good.jsonl", completed("1"))
    home.land("undated.csv", content)
    for _ in range(2):
        home.ingest()
    rows = [row for row in home.rows("file") if row["name"] == "undated.csv"]
    assert [(row["state"], row["reason"]) for row in rows] == [("rejected", "no_publication_time")]
    home.land("vintages.csv", manifest({"undated.csv": ("2015-07-01T00:00:00+01:00", content)}))
    home.ingest()
    assert home.ledger()["undated.csv"]["state"] == "ingested"
    assert {str(row["published_at"]) for row in home.rows("event") if row["data"]} == {
        "2015-06-30 23:00:00+00:00"
    }


def test_a_publication_waits_while_its_manifest_can_not_be_read(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    content = publication({"a": [1, 2, 3, 4]})
    home.land("2015-07-01.csv", content)
    home.land("vintages.csv", b"file,published_at,sha256\n2015-07-01.csv,yesterday,x\n")
    result = home.ingest()
    assert home.ledger()["vintages.csv"]["reason"] == "bad_header"
    assert result.waiting == ["2015-07-01.csv"]
    assert "'yesterday' is not a moment" in result.waits_for["2015-07-01.csv"]
    home.land("vintages.csv", manifest({"2015-07-01.csv": ("2015-07-02T09:30:00+01:00", content)}))
    assert home.ingest().waiting == []
    assert {str(row["published_at"]) for row in home.rows("event")} == {"2015-07-02 08:30:00+00:00"}
