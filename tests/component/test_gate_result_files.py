"""Where a gate keeps its result."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations.results import (
    GateResult,
    file_name_of,
    read_result,
    result_path,
    write_result,
)
from tests.support.gate_tables import settings_of


@pytest.mark.parametrize(
    ("run_id", "name"),
    [
        ("scheduled__2017-01-01T02:00:00+00:00", "scheduled__2017-01-01T02_00_00+00_00"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("", "_"),
        (".hidden", "hidden"),
        ("x" * 500, "x" * 180),
    ],
)
def test_a_run_id_can_not_choose_where_its_result_goes(
    run_id: str, name: str, tmp_path: Path
) -> None:
    assert file_name_of(run_id) == name
    settings = settings_of(tmp_path)
    path = write_result(settings, GateResult(gate="log", run_id=run_id, outcome="passed"))
    assert path == result_path(settings, run_id=run_id, gate="log")
    assert path.parent == tmp_path / "warehouse" / "gates"
    assert read_result(path).run_id == run_id
    assert [one.name for one in path.parent.iterdir()] == [path.name]
