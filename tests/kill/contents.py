"""What a home holds, so that an interrupted one and an undisturbed one can be compared.

Left out, because two runs that do the same may differ in it:

- of the log: the number of the commit and the moment of recording, the digest under which a
  home's own key masks a value, and how often a record was tried again in vain;
- of the published file: `run_history`, and the head of the chain in `warehouse_version`, which
  covers the bytes of Delta's commit files and so the machine's clock;
- of a pack: that head in its manifest, and what edition.json says of the manifest's bytes.

Everything else has to be the same to the last value, and of the pages to the last byte. Where the
clock was moved before all was committed, the log says so: records were taken in at other moments.
Then it is figures that are compared: every column of the published tables that is no moment.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.files import digest_file
from core.settings import Settings
from core.sql import identifier
from ingest.log.compacted import FOLDER
from ingest.log.event_log import EventLog
from publish.database import published_tables, reading
from publish.fingerprint import NOT_COMPARED, table_hashes
from takeup.verification import verify_home
from tests.support.homes import Home, Row
from tests.support.invariants import check_log

MOVING = {"commit_version", "recorded_at", "winner_commit_version", "attempt"}
OF_THE_CHAIN = {"chain_head", "manifest_sha256", "parent_manifest_sha256"}
MASKED = re.compile(rb"masked:[0-9a-f]+")

Content = Mapping[str, Any]


def log_content(home: Path) -> Content:
    """Rows by kind of record, as often as they are there, and the keys of what is still open."""
    found = Home(Settings(home=home))
    rows = {
        kind: Counter(_fixed(row) for row in found.rows(kind))
        for kind in ("event", "duplicate", "quarantine", "file")
    }
    retried = [row for row in found.rows("retry") if row["outcome"] != "quarantined"]
    open_keys = sorted((record.key, record.reason) for record in found.open_records())
    return rows | {"retry": Counter(map(_fixed, retried)), "open": open_keys}


def published_content(home: Path) -> Content:
    """A hash per table of the published file, and what it says of its version."""
    path = Settings(home=home).published_file
    hashes = table_hashes(path, ignore=NOT_COMPARED | {"warehouse_version"})
    with reading(path) as connection:
        version = connection.execute("select * exclude (chain_head) from warehouse_version")
        return hashes | {"warehouse_version": str(version.fetchall())}


def published_figures(home: Path) -> Content:
    """Rows of each table of the published file, and a sum over them, moments left out."""
    with reading(Settings(home=home).published_file) as connection:
        found = {}
        for schema, table in published_tables(connection, database="takeup"):
            name = f"{identifier(schema)}.{identifier(table)}"
            described = connection.execute(f"describe {name}").fetchall()
            columns = [identifier(row[0]) for row in described if "TIME ZONE" not in row[1]]
            if table not in NOT_COMPARED | {"warehouse_version"}:
                query = f"select count(*), sum(hash({', '.join(columns)})::hugeint) from {name}"
                found[table] = connection.execute(query).fetchone()
    return found


def packs(home: Path) -> dict[str, Content]:
    """Every pack that can be seen: its files with their bytes, what they say of the chain aside."""
    folder = Settings(home=home).exports
    return {path.name: _files_of(path) for path in folder.glob("mi-*")}


def _files_of(pack: Path) -> Content:
    found: dict[str, Any] = {path.name: path.read_bytes() for path in pack.iterdir()}
    for name in ("manifest.json", "edition.json"):
        said = json.loads(found[name])
        found[name] = {key: value for key, value in said.items() if key not in OF_THE_CHAIN}
    return found


def pages(home: Path) -> Content:
    """A digest of every file of the pages that are shown, by its path; none where none are."""
    folder = Settings(home=home).site / "current"
    return {
        path.relative_to(folder).as_posix(): digest_file(path)
        for path in folder.rglob("*")
        if path.is_file()
    }


def differing(one: Content, other: Content) -> list[str]:
    """Names of what the two have otherwise, or one of them alone."""
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def moments(home: Path) -> set[str]:
    """When the runs were that have added something to the log."""
    log = EventLog.open(Settings(home=home).log)
    commits = (log.commit_at(version) for version in range(log.version + 1))
    return {commit.said["run_at"] for commit in commits if commit.said.get("parts")}


def check_home(home: Path) -> None:
    """The log is sound, keeps its invariants, and nothing half-made lies in the home."""
    settings = Settings(home=home)
    assert verify_home(settings).problems == []
    landed = [
        (path.relative_to(folder).as_posix(), path.read_bytes())
        for folder in (settings.landing, *sorted(settings.archive.glob("*")))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    found = Home(settings, landed=landed)
    check_log(found, is_again_a_no_op=False)
    live = {file.path for file in found.log().files()}
    found_parts = settings.log.rglob("*.parquet*")
    parts = {str(path) for path in found_parts if FOLDER not in path.parts}
    assert parts == live, "parts lie in the log that no commit has"
    assert {path.name for path in settings.published.glob("*")} <= {"takeup.duckdb"}
    assert [path.name for path in settings.exports.glob(".*")] == []


def _fixed(row: Row) -> tuple[object, ...]:
    kept = {name: value for name, value in row.items() if name not in MOVING}
    if isinstance(kept.get("raw"), bytes):
        kept["raw"] = MASKED.sub(b"masked", kept["raw"])
    return tuple(kept.items())
