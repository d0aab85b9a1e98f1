"""docs/data-dictionary.md: what it takes from models and registers."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UsageError
from publish.pages import data_dictionary


def test_refuses_a_description_that_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "marts").mkdir()
    (tmp_path / "marts" / "m.yml").write_text(
        "models: [{name: m, description: One row per m., "
        "columns: [{name: a, description: \"{{ doc('absent') }}\"}]}]"
    )

    with pytest.raises(UsageError, match=r"m\.yml: a is described by doc\('absent'\)"):
        data_dictionary.page(models=tmp_path, registers=tmp_path)


def test_shows_published_name_shared_description_and_type(tmp_path: Path) -> None:
    marts = tmp_path / "marts"
    marts.mkdir()
    (tmp_path / "columns.md").write_text("{% docs shared %}Either a\n| b.{% enddocs %}")
    (marts / "m.yml").write_text(
        "models: [{name: mart_m, description: One row per m., "
        "columns: [{name: a, data_type: bigint, description: \"{{ doc('shared') }}\"}]}]"
    )

    text = data_dictionary.page(models=tmp_path, registers=tmp_path)

    assert "### m\n\nOne row per m.\n" in text
    assert "| `a` | bigint | Either a \\| b. |" in text


def test_every_table_says_why_it_may_have_no_rows(tmp_path: Path) -> None:
    described = data_dictionary.tables_of(
        data_dictionary.MODELS / "marts",
        kind="models",
        blocks=data_dictionary.doc_blocks(data_dictionary.MODELS),
    )
    assert len(described) > 50
    assert [table.name for table in described if not table.empty_because] == []

    (tmp_path / "marts").mkdir()
    (tmp_path / "marts" / "m.yml").write_text(
        "models: [{name: m, description: One row per m., "
        "config: {meta: {empty_because: nothing has come}}, columns: []}]"
    )
    text = data_dictionary.page(models=tmp_path, registers=tmp_path)
    assert "One row per m.\n\nWithout rows: nothing has come.\n" in text
