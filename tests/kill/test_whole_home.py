"""Land, ingest, kill, retry, correct, build, publish, in any order, on one home."""

from __future__ import annotations

import os

import duckdb
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from publish.fingerprint import table_hashes
from takeup import nightly
from takeup.replay import replay
from takeup.verification import verify_home
from tests.kill.processes import Command, strike
from tests.properties.budget import bounded
from tests.properties.counting import (
    channel_months_agree,
    counts_agree_as_of_every_day,
    waiting_corrections_are_shown,
)
from tests.properties.machines import LogMachine
from tests.support.invariants import check_warehouse

BUILDS = 2
EXAMPLES = max(1, int(os.environ.get("KILLS", "25")) // 40)
LONGEST_BUILD_SECONDS = 8.0


class HomeMachine(LogMachine):
    """What the log's machine does, and all that is made of a log."""

    builds = 0
    dead_builds = 0

    @precondition(lambda machine: machine.builds < BUILDS - 1)
    @rule()
    def build_and_publish(self) -> None:
        """The rest of a night: it builds on what the last one left."""
        if not self.life.model.accepted:
            return
        self.builds += 1
        run_id = nightly.new_run_id()
        steps = (nightly.gate_log, nightly.build, nightly.gate_warehouse, nightly.publish)
        for step in steps:
            step(self.life.home.settings, run_id=run_id)
        self._what_is_published_is_what_the_rules_count()

    @precondition(lambda machine: machine.dead_builds < BUILDS)
    @rule(share=st.floats(0.05, 1.0), spares_children=st.booleans())
    def build_and_die(self, share: float, spares_children: bool) -> None:
        """A build is killed; what was published stays."""
        settings = self.life.home.settings
        published = settings.published_file
        before = table_hashes(published) if published.is_file() else None
        self.dead_builds += 1
        strike(
            Command(("build",)),
            settings.home,
            share * LONGEST_BUILD_SECONDS,
            spares_children=spares_children,
        )
        after = table_hashes(published) if published.is_file() else None
        assert before == after

    def teardown(self) -> None:
        """The last night completes everything; from nothing but the log it comes out the same."""
        try:
            self.life.ingest()
            self.builds = 0
            self.build_and_publish()
            settings = self.life.home.settings
            if settings.published_file.is_file():
                assert replay(settings).differing == []
                assert verify_home(settings).problems == []
        finally:
            super().teardown()

    def _what_is_published_is_what_the_rules_count(self) -> None:
        home = self.life.home
        check_warehouse(home, home.settings.published_file)
        run_at = home.log().run_at()
        with duckdb.connect(str(home.settings.published_file), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            counts_agree_as_of_every_day(connection, self.life)
            channel_months_agree(connection, self.life.model, until=f"{run_at:%Y-%m}-01")
            waiting_corrections_are_shown(connection, self.life.model)


TestHomeMachine = pytest.mark.kill(HomeMachine.TestCase)
TestHomeMachine.settings = settings(bounded(1), max_examples=EXAMPLES)
