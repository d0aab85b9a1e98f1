"""How many examples the tests here may try."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

MORE = int(os.environ.get("EXAMPLES", "1"))
"""Times as many examples as usual; usual ones are always the same, more are drawn at random."""
STEPS = 8


def bounded(examples: int) -> settings:
    """Settings of a test that touches the disk, bounded by examples."""
    return settings(
        max_examples=examples * MORE,
        stateful_step_count=STEPS,
        derandomize=MORE == 1,
        suppress_health_check=list(HealthCheck),
    )
