"""What a build on Spark asks for before it starts anything, and which models it is for."""

from __future__ import annotations

import re
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from core.errors import UsageError
from core.settings import PROJECT_ROOT, Settings
from takeup.build import _goes_on_from, build, build_inputs_of
from takeup.spark import spark_connection
from tests.support.events import completed
from tests.support.homes import Home

MODELS = PROJECT_ROOT / "dbt_project" / "models"
READS = re.compile(r"\b(log_records|staged_events|open_quarantine)\(")


def on_spark(folder: Path, **settings: str) -> Settings:
    return Settings.model_validate({"home": folder, "engine": "spark"} | settings)


def test_a_package_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)

    with pytest.raises(UsageError, match=r"needs pyspark, which is not installed: run make spark$"):
        spark_connection(on_spark(tmp_path))


def test_java_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("takeup.spark.PACKAGES", ())
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UsageError, match=r"needs Java 17 or later, and there is no java in PATH"):
        spark_connection(on_spark(tmp_path))


@pytest.mark.parametrize(("limit", "heap"), [("1GB", "953m"), ("2GiB", "2048m"), ("80%", None)])
def test_the_memory_limit_is_sparks_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, heap: str | None
) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.touch(mode=0o755)
    monkeypatch.setattr("takeup.spark.PACKAGES", ())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    settings = on_spark(tmp_path, memory_limit=limit)
    if heap is not None:
        assert spark_connection(settings)["TAKEUP_SPARK_MEMORY"] == heap
    else:
        with pytest.raises(UsageError, match="TAKEUP_MEMORY_LIMIT: 80% is no size"):
            spark_connection(settings)


def test_what_is_missing_leaves_the_last_build_as_it_was(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.land_events("events.jsonl")
    home.ingest()
    home.settings.warehouse.mkdir(exist_ok=True)
    home.settings.staging_file.write_bytes(b"the last build")
    monkeypatch.setitem(sys.modules, "pyspark", None)

    with pytest.raises(UsageError):
        build(home.settings.model_copy(update={"engine": "spark"}))

    assert home.settings.staging_file.read_bytes() == b"the last build"


def test_every_model_that_reads_the_log_is_tagged() -> None:
    staging = MODELS / "staging"
    readers = [
        path
        for path in MODELS.rglob("*.sql")
        if READS.search(path.read_text(encoding="utf-8")) and path.parent != staging
    ]

    assert len(readers) >= 10
    assert [
        path.name for path in readers if "tags='reads_log'" not in path.read_text(encoding="utf-8")
    ] == []


def test_what_the_other_engine_built_is_not_built_upon(home: Home) -> None:
    home.land_events("events.jsonl", completed("a"))
    home.ingest()
    log = home.log()
    here, there = build_inputs_of(log, "duckdb"), build_inputs_of(log, "spark")

    assert _goes_on_from(asdict(here), here, log)
    assert not _goes_on_from(asdict(there), here, log)
