"""The night after a log was restored and a record erased: gates pass, and it says what it is."""

from __future__ import annotations

import shutil
from pathlib import Path
from unittest.mock import Mock

import duckdb
import pytest

from core.errors import UsageError
from ingest.load.erasure import erase
from publish.export import export_quarter
from takeup import nightly
from takeup.restore import restore
from takeup.verification import verify_home
from tests.support.events import SOURCE, completed
from tests.support.homes import Home
from tests.support.publications import publication

JSA = "dwp-jobseekers-allowance-jsa-new-claims"
MANIFEST = "file,published_at\nservices-1.csv,2015-07-30T09:30:00+01:00\n"


@pytest.mark.nights
def test_a_night_after_a_restore_and_an_erasure(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home", landed_files="archive")
    home.land_events("one.jsonl", completed("one"), completed("gone"), "no event")
    home.ingest()
    shutil.copytree(home.settings.log, tmp_path / "copy")
    head = home.log().head()
    home.land("2015/vintages.csv", MANIFEST.encode())
    home.land("2015/services-1.csv", publication({JSA: [1000, 810, 1100, 900]}))
    home.land_events("two.jsonl", completed("two"), completed("gone"))
    home.ingest()
    next(Path(file.path) for file in home.log().files("event") if file.commit_version == 2).unlink()

    restored, _ = restore(home.settings, tmp_path / "copy")
    assert restored.epoch == 2
    erased = erase(
        home.settings,
        SOURCE,
        "gone",
        authority="order of a test",
        run_at=home.log().run_at(),
        confirm=lambda *_: True,
    )
    assert erased is not None
    assert erased.records == 2

    done = dict(nightly.run_all(home.settings))
    assert done["gate_log"]["outcome"] == "passed"
    assert done["gate_warehouse"]["outcome"] == "passed"
    assert done["ingest"]["notes"][-1].startswith("  moved to ")
    with duckdb.connect(str(home.settings.published_file), read_only=True) as connection:
        assert connection.execute(
            "select epoch, log_version from warehouse_version"
        ).fetchall() == [(2, home.log().version)]
        assert connection.execute(
            "select name, read_count, accepted_count, duplicate_count from ingest_ledger"
            " where name in ('one.jsonl', 'two.jsonl') order by name"
        ).fetchall() == [("one.jsonl", 2, 1, 0), ("two.jsonl", 1, 1, 0)]
    found = verify_home(home.settings, landing=True)
    assert found.problems == []
    assert len(found.notes) == 2

    pack = export_quarter(home.settings, quarter="2015-Q2")
    assert pack.manifest["epoch"] == 2
    with pytest.raises(UsageError, match="of before epoch 2"):
        export_quarter(home.settings, quarter="2015-Q2", log_version=1)
    with pytest.raises(UsageError, match="was lost before epoch 2"):
        export_quarter(home.settings, quarter="2015-Q2", log_version=1, chain_head="blake3:other")
    rebuild = Mock(side_effect=UsageError("asked to rebuild"))
    with pytest.raises(UsageError, match="asked to rebuild"):
        export_quarter(
            home.settings, quarter="2015-Q2", log_version=1, chain_head=head, rebuild=rebuild
        )
