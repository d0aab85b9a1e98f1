"""The code version: it changes with what decides a layer's results, and with nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core import version
from core.settings import PROJECT_ROOT
from core.version import DECIDING, Layer, code_version, deciding_content

PYTHON = '''"""What it is for."""

LIMIT = 3
"""Of what."""


def double(number: int) -> int:
    """Twice a number."""
    return 2 * number  # as everybody knows
'''
SQL = """-- one row per service
select '--' as dashes, "a /* b" as name, {{ text("it's") }} as text {# no more #}
from services /* all
of them */
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one file for each layer."""
    for name, content in {
        "ingest/rules.py": PYTHON,
        "dbt_project/models/services.sql": SQL,
        "dbt_project/models/services.yml": "description: one row per service\n",
        "dbt_project/dbt_project.yml": "vars: {jump_factor: 10}\n",
        "core/periods.py": PYTHON,
        "seeds/services.csv": "service_id\n",
        "seeds/targets.csv": "target_id\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    monkeypatch.setattr(version, "PROJECT_ROOT", tmp_path)
    return tmp_path


def versions() -> dict[Layer, str]:
    code_version.cache_clear()
    found: dict[Layer, str] = {layer: code_version(layer) for layer in DECIDING}
    code_version.cache_clear()
    return found


def changed(project: Path, name: str, old: str, new: str) -> set[str]:
    """Layers whose version changes with a file."""
    before = versions()
    path = project / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    return {layer for layer, found in versions().items() if found != before[layer]}


@pytest.mark.parametrize(
    ("name", "old", "new", "layers"),
    [
        ("ingest/rules.py", "LIMIT = 3", "LIMIT = 4", {"ingest"}),
        ("ingest/rules.py", "2 * number", "3 * number", {"ingest"}),
        ("ingest/rules.py", "Twice a number", "A number twice", set()),
        ("ingest/rules.py", "Of what", "Of that", set()),
        ("ingest/rules.py", "as everybody knows", "by two", set()),
        ("ingest/rules.py", "\n\n\n", "\n\n\n\n", set()),
        ("dbt_project/models/services.sql", "'--'", "'---'", {"models"}),
        ("dbt_project/models/services.sql", "a /* b", "a /* c", {"models"}),
        ("dbt_project/models/services.sql", "it's", "it is", {"models"}),
        ("dbt_project/models/services.sql", "from services", "from service", {"models"}),
        ("dbt_project/models/services.sql", "one row per service", "a row per service", set()),
        ("dbt_project/models/services.sql", "no more", "enough", set()),
        ("dbt_project/models/services.sql", "of them", "of these", set()),
        ("dbt_project/models/services.yml", "one row", "a row", {"models"}),
        ("dbt_project/dbt_project.yml", "10", "20", {"models"}),
        ("core/periods.py", "2 * number", "3 * number", {"ingest", "models"}),
        ("seeds/services.csv", "service_id\n", "service_id\na\n", {"ingest", "models"}),
        ("seeds/targets.csv", "target_id\n", "target_id\na\n", {"models"}),
    ],
)
def test_what_changes_a_version(
    name: str, old: str, new: str, layers: set[str], project: Path
) -> None:
    assert changed(project, name, old, new) == layers


def test_every_file_that_decides_can_be_read() -> None:
    assert len(set(versions().values())) == 2
    for path in (PROJECT_ROOT / "ingest").rglob("*.py"):
        assert deciding_content(path)


def test_every_register_that_ingest_reads_decides_its_results() -> None:
    named = re.compile(
        r"\b(?:load_register|column|_columns)\(\s*\"([a-z_]+)\"|register=\"([a-z_]+)\""
    )
    files = [*(PROJECT_ROOT / "ingest").rglob("*.py"), PROJECT_ROOT / "core" / "registers.py"]
    read = {one or other for path in files for one, other in named.findall(path.read_text())} - {
        "targets",
        "service_channels",
        "return_calendar",
    }  # of targets nothing is checked; channels and the calendar make a template

    assert len(read) > 5
    assert {f"{name}.csv" for name in read} == set(DECIDING["ingest"]["seeds"])


def test_who_gets_packs_and_when_feeds_are_expected_decide_no_figure() -> None:
    deciding = {path.name for path in version._files("models")}
    assert "targets.csv" in deciding
    assert deciding.isdisjoint({"recipients.csv", "feeds.csv"})
