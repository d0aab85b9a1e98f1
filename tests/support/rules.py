"""The rules by which records are checked, as a run of the tests' clock has them."""

from __future__ import annotations

from datetime import timedelta

from core.settings import PROJECT_ROOT
from ingest.validation.rules import Rules
from ingest.validation.vocabulary import Vocabulary
from tests.support.homes import RUN_AT


def rules_of(*, is_simulated: bool = False, **limits: int) -> Rules:
    """Rules with other limits than the usual: `tolerance` in minutes, `size` in bytes, `depth`."""
    return Rules(
        vocabulary=Vocabulary.load(PROJECT_ROOT / "seeds"),
        run_at=RUN_AT,
        future_tolerance=timedelta(minutes=limits.get("tolerance", 60)),
        maximum_bytes=limits.get("size", 1024 * 1024),
        maximum_depth=limits.get("depth", 64),
        is_simulated=is_simulated,
    )
