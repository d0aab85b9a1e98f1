"""What a home holds, in a form in which a killed one and an undisturbed one can be compared.

Left out, because two runs that do the same may differ in it:

- of the log: the number of the commit and the moment of recording, the digest under which a
  home's own key masks a value, and how often a record was tried again in vain;
- of the published file: `run_history`, and the head of the chain in `warehouse_version`, which
  covers the bytes of Delta's commit files and so the machine's clock.

Everything else has to be the same to the last value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.settings import Settings
from publish.database import reading
from publish.fingerprint import NOT_COMPARED, table_hashes
from takeup.verification import verify_home
from tests.support.homes import Home, Row
from tests.support.invariants import check_log

MOVING = {"commit_version", "recorded_at", "winner_commit_version", "attempt"}
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


def packs(home: Path) -> Content:
    """Every file of every pack with its bytes."""
    folder = Settings(home=home).exports
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def check_home(home: Path) -> None:
    """The log is sound, keeps its invariants, and nothing half-made lies in the home."""
    settings = Settings(home=home)
    assert verify_home(settings).problems == []
    landed = [
        (path.relative_to(settings.landing).as_posix(), path.read_bytes())
        for path in sorted(settings.landing.rglob("*"))
        if path.is_file()
    ]
    found = Home(settings, landed=landed)
    check_log(found, is_again_a_no_op=False)
    live = {file.path for file in found.log().files()}
    parts = {str(path) for path in settings.log.rglob("*.parquet*")}
    assert parts == live, "parts lie in the log that no commit has"
    assert {path.name for path in settings.published.glob("*")} <= {"takeup.duckdb"}
    assert [path.name for path in settings.exports.glob(".*")] == []


def _fixed(row: Row) -> tuple[object, ...]:
    kept = {name: value for name, value in row.items() if name not in MOVING}
    if isinstance(kept.get("raw"), bytes):
        kept["raw"] = MASKED.sub(b"masked", kept["raw"])
    return tuple(kept.items())
