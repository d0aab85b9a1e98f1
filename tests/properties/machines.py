"""A home as a machine: whatever is done to it, in whatever order, it holds what the rules say."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.properties.histories import (
    ASSISTANCE,
    BROKEN,
    CHANNELS,
    SOURCES,
    SPELLINGS,
    Death,
    deaths,
    events,
    spelt,
)
from tests.properties.living import Life
from tests.properties.model import Record, SentFile
from tests.support.events import CORRECTED, VOIDED, Event, envelope

contents = st.lists(events, min_size=1, max_size=4)
suffixes = st.sampled_from(("jsonl", "jsonl.gz"))


class LogMachine(RuleBasedStateMachine):
    """Files land, runs take them, die of them, try the quarantine again."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="machine-"))
        self.life = Life.at(self.folder / "home")
        self.sent: list[Event] = []
        self.files = 0
        self.is_checked = True

    @initialize(first=contents)
    def begin(self, first: list[Event]) -> None:
        """A log with something in it."""
        self.land(first, [], "jsonl")
        self.ingest()

    @rule(new=contents, broken=st.lists(st.sampled_from(BROKEN), max_size=2), suffix=suffixes)
    def land(self, new: list[Event], broken: list[Record], suffix: str) -> None:
        """New events arrive, and what is none."""
        self.sent += new
        self._send([spelt(event, SPELLINGS[0]) for event in new] + broken, suffix)

    @rule(chosen=st.lists(st.integers(0, 1000), min_size=1, max_size=4), suffix=suffixes)
    def redeliver(self, chosen: list[int], suffix: str) -> None:
        """Events arrive again, written in other ways."""
        self._send(
            [
                spelt(self.sent[number % len(self.sent)], SPELLINGS[number % len(SPELLINGS)])
                for number in chosen
            ],
            suffix,
        )

    @rule()
    def land_the_same_file_again(self) -> None:
        """The same bytes under another name."""
        if self.life.landed:
            last = self.life.landed[-1]
            name = f"again-{self.files}.{last.name.split('.', 1)[1]}"
            self.files += 1
            self.life.land((SentFile(name, last.records),))

    @rule(
        number=st.integers(0, 1000),
        channel=st.sampled_from(CHANNELS),
        assistance=st.sampled_from(ASSISTANCE),
        is_void=st.booleans(),
        day=st.integers(1, 28),
    )
    def correct(self, number: int, channel: str, assistance: str, is_void: bool, day: int) -> None:
        """An event that was sent before is corrected, a correction perhaps."""
        about = self.sent[number % len(self.sent)]
        target = {"source": about["source"], "id": about["id"]}
        attributes = {"source": SOURCES[0], "time": f"2015-07-{day:02}T08:00:00Z"}
        name = f"correction-{self.files}"
        event = (
            envelope(VOIDED, name, {"voids": target, "reason": "double"}, **attributes)
            if is_void
            else envelope(
                CORRECTED,
                name,
                {"corrects": target, "channel": channel, "assistance": assistance},
                **attributes,
            )
        )
        self.sent.append(event)
        self._send([spelt(event, SPELLINGS[0])], "jsonl")

    @rule()
    def ingest(self) -> None:
        """A run takes what is there."""
        self.life.ingest()
        self.is_checked = False

    @rule(death=deaths)
    def ingest_and_die(self, death: Death) -> None:
        """A run dies."""
        self.life.ingest(death)
        self.is_checked = False

    @rule(death=st.none() | deaths.map(lambda death: Death(1, death.when)))
    def retry(self, death: Death | None) -> None:
        """The quarantine is tried again, and the run may die."""
        self.life.retry(death)
        self.is_checked = False

    @rule()
    def lose_what_stands_beside_the_log(self) -> None:
        """Indexes are gone: they can be made again."""
        self.life.lose_index()

    @precondition(lambda machine: not machine.is_checked)
    @invariant()
    def the_log_holds_what_the_rules_say(self) -> None:
        """After every run."""
        self.life.check(is_complete=False)
        self.is_checked = True

    def teardown(self) -> None:
        """The last run takes what is left, and one more finds nothing to do."""
        try:
            self.life.ingest()
            self.life.check(is_complete=True)
        finally:
            shutil.rmtree(self.folder)

    def _send(self, records: list[Record], suffix: str) -> None:
        self.life.land((SentFile(f"sent-{self.files}.{suffix}", tuple(records)),))
        self.files += 1
