"""Land, ingest, kill, retry, correct, in any order: the log keeps to the rules."""

from __future__ import annotations

import pytest

from tests.properties.budget import bounded
from tests.properties.machines import LogMachine

pytestmark = pytest.mark.slow

TestLogMachine = LogMachine.TestCase
TestLogMachine.settings = bounded(8)
