"""What the models count of any log is what the rules count of its events."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given

from tests.properties.budget import bounded
from tests.properties.counting import (
    channel_months_agree,
    counts_agree_as_of_every_day,
    waiting_corrections_are_shown,
)
from tests.properties.histories import Night, histories
from tests.properties.living import Life
from tests.properties.models import Models, render


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return render(tmp_path_factory.mktemp("models"))


@pytest.mark.slow
@bounded(12)
@given(nights=histories())
def test_models_count_what_the_rules_count(models: Models, nights: list[Night]) -> None:
    with TemporaryDirectory() as folder:
        life = Life.at(Path(folder) / "home")
        for night in nights:
            life.night(night)
        life.ingest()
        life.retry()
        if not life.model.accepted:
            return
        with models.built_from(life.home.log()) as connection:
            counts_agree_as_of_every_day(connection, life)
            channel_months_agree(connection, life.model)
            waiting_corrections_are_shown(connection, life.model)
