"""Many edits in one run of ingest: each in a file of its own, good files beside them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from expectations.gates import gate_log
from tests.mutations.edits import Edit, draw
from tests.mutations.inputs import Input
from tests.mutations.oracle import Taken, faults_of, taken_of
from tests.support.homes import Home

RUN_AT = datetime(2018, 1, 1, 2, tzinfo=UTC)
KINDS = ("event", "quarantine", "duplicate", "file")


@dataclass(frozen=True)
class Mutations:
    """The inputs, and what a run makes of them unedited."""

    inputs: tuple[Input, ...]
    folder: Path

    @cached_property
    def before(self) -> dict[str, Taken]:
        """What becomes of each file as it is."""
        return self._run("unedited", {file.name: file.content for file in self.inputs})

    def batches(self, *, seed: int, first: int, edits: int) -> Iterator[list[Edit]]:
        """Edits in batches, of which each leaves a third of the files as they are."""
        size = len(self.inputs) * 2 // 3
        for start in range(first, first + edits, size):
            numbers = range(start, min(start + size, first + edits))
            yield [draw(self.inputs, seed=seed, number=number) for number in numbers]

    def faults(self, edits: Sequence[Edit]) -> list[str]:
        """What one run with these edits did that it must not, each named by its edit."""
        files = {file.name: file.content for file in self.inputs}
        for edit in edits:
            files[edit.file.name] = edit.content
            if edit.copy is not None:
                files[edit.copy] = edit.content
        after = self._run(f"{edits[0].seed}-{edits[0].number}", files)
        edited = {edit.file.name for edit in edits}
        found = [
            f"{edit}, again by {edit.again}: {fault}"
            for edit in edits
            for fault in _of_one(edit, self.before[edit.file.name], after)
        ]
        found += [
            f"{name}, which was not edited, has another outcome beside edits from {edits[0]}"
            for name, before in self.before.items()
            if name not in edited
            and (before.events, len(before.refused))
            != (after[name].events, len(after[name].refused))
        ]
        return found

    def _run(self, name: str, files: dict[str, bytes]) -> dict[str, Taken]:
        """Ingest and the log's gate, in a home of its own."""
        home = Home.at(self.folder / name)
        for file, content in files.items():
            home.land(file, content)
        home.ingest(run_at=RUN_AT)
        log = home.log()
        events = log.files("event")
        gate_log(
            home.settings,
            paths=[file.path for file in events],
            expected_rows=sum(file.row_count for file in events),
            run_id="edits",
        )
        taken = taken_of({kind: home.rows(kind) for kind in KINDS})
        shutil.rmtree(home.settings.home)
        return taken


def _of_one(edit: Edit, before: Taken, after: dict[str, Taken]) -> Iterator[str]:
    if edit.copy is None:
        yield from faults_of(edit, before, after[edit.file.name])
        return
    names = (edit.file.name, edit.copy)
    states = sorted(after[name].ledger["state"] for name in names)
    if states != ["duplicate_file", "ingested"]:
        yield f"of two copies: {states}"
    kept = next(after[name] for name in names if after[name].ledger["state"] == "ingested")
    if kept.events != before.events:
        yield "of two copies the one taken has other events"
