"""Records that a source refused are read anew once the registers know better."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from core.settings import SEEDS
from ingest.load import environment
from ingest.load.environment import connect
from ingest.load.retry import RetryResult, retry
from ingest.sources import mi_events, platform_events
from ingest.sources.mi_template import write_template
from tests.support.source_runs import RUN_AT, Run, lay, run

PLATFORM = {
    "_timestamp": "2015-06-08T00:00:00Z",
    "service": "carers-allowance",
    "channel": "carrier pigeon",
    "count": 12,
    "dataType": "transactions-by-channel",
    "period": "week",
}


@pytest.fixture
def seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Registers of the test's own, which the pipeline reads."""
    own = shutil.copytree(SEEDS, tmp_path / "seeds")
    monkeypatch.setattr(environment, "SEEDS", own)
    return own


def add(register: Path, line: str) -> None:
    with register.open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
    platform_events.load_words.cache_clear()
    mi_events.load_known.cache_clear()


def again(done: Run, *, hours: int) -> RetryResult:
    with connect(done.settings) as connection:
        return retry(connection, done.settings, run_at=RUN_AT + timedelta(hours=hours))


def test_a_word_of_the_platform_that_the_register_learns(tmp_path: Path, seeds: Path) -> None:
    grouped = {key: PLATFORM[key] for key in ("service", "channel", "dataType")}
    grouped["values"] = [{"_start_at": "2015-06-01", "_end_at": "2015-06-08", "count:sum": 7}]
    content = json.dumps([PLATFORM, grouped, PLATFORM | {"count": -1}])
    done = run(tmp_path / "home", lay(tmp_path / "landing", {"a.json": content}))

    assert [reason for _, _, reason in done.refusals()] == ["unknown_channel"] * 3
    first = again(done, hours=1)
    assert (first.tried, first.quarantined) == (3, 3)
    assert {row["reason"] for row in done.rows("retry")} == {"unknown_channel"}

    add(seeds / "channel_aliases.csv", "carrier pigeon,other,a test")
    second = again(done, hours=2)

    assert (second.tried, second.accepted, second.quarantined) == (3, 2, 1)
    counts = {
        (row["position"], row["place"]): json.loads(row["data"])["count"] for row in done.events()
    }
    assert counts == {(1, None): 12, (2, "values[0]"): 7}
    assert [row["reason"] for row in done.rows("retry") if row["attempt"] == 2] == [
        None,
        None,
        "invalid_field",
    ]
    assert again(done, hours=3).tried == 1


def test_a_service_of_a_return_that_the_register_learns(tmp_path: Path, seeds: Path) -> None:
    known = "dwp-carers-allowance-new-claims"
    header, *rows = write_template("dwp", "2015-Q1", seeds=seeds).splitlines()
    row = next(row for row in rows if f",{known}," in row).replace(known, "dwp-new-service")
    cells = dict(zip(header.split(","), row.split(","), strict=True))
    cells |= {"count": "5", "cost_gbp": "1.50", "submitted_on": "2015-04-20"}
    good = ",".join(cells.values())
    broken = ",".join((cells | {"count": "-5", "breakdown": "paper", "cost_gbp": ""}).values())
    landing = lay(tmp_path / "landing", {"a.csv": f"{header}\n{good}\n{broken}\ntoo,short\n"})
    done = run(tmp_path / "home", landing)

    assert [reason for _, _, reason in done.refusals()] == [*["unknown_service"] * 3, "wrong_width"]
    register = (seeds / "services.csv").read_text(encoding="utf-8").splitlines()
    line = next(line for line in register if line.startswith(f"{known},"))
    add(seeds / "services.csv", line.replace(known, "dwp-new-service"))
    result = again(done, hours=1)

    assert (result.tried, result.accepted, result.quarantined) == (4, 2, 2)
    assert sorted(row["place"] for row in done.events()) == ["cost_gbp", "count"]
    assert [row["reason"] for row in done.rows("retry") if row["outcome"] == "quarantined"] == [
        "unreadable_cell",
        "wrong_width",
    ]
