"""The quarter, night by night, in one home: what is landed, run and done about it."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import blake3

from bench.quarter import NIGHTS
from core.files import write_file
from core.version import code_version
from tests.quarter.landing import WRONG_NAME, Files, make_landing
from tests.quarter.plan import Plan
from tests.quarter.running import LATER, Ended, Place
from tests.support.nights import copy_project
from tests.support.receivers import Hook

SOURCE: Final = "Assumed: the simulated publication prints it"
DIES_AFTER: Final = "gate_log"
"""The run that is killed dies while it builds."""
EXPECTED_CODE: Final = {"killed": -9, "tripped": 3}
ROLE: Final = ("--role", "data quality lead", "--reason", "totals that can't be")


@dataclass(frozen=True)
class NightTold:
    """What a night took, what the home came to, and who was told what.

    Seconds are of the process, processor seconds and the peak also of what it started; `steps` are
    the seconds of each step. Bytes are those that lie in the folders afterwards. `served` is the
    digest of the file that readers have then.
    """

    night: int
    moment: str
    incidents: tuple[str, ...]
    is_quiet: bool
    code: int
    wall_s: float
    cpu_s: float
    peak_mib: float
    log_bytes: int
    warehouse_bytes: int
    steps: dict[str, float]
    alerts: list[str]
    served: str
    said: str


@dataclass
class Quarter:
    """A quarter in a folder: under way or over. One that was interrupted goes on after its last
    whole night, where code and registers are the same."""

    plan: Plan
    folder: Path
    hook: Hook
    place: Place = field(init=False)
    files: dict[int, Files] = field(init=False)
    told: list[NightTold] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self._goes_on():
            shutil.rmtree(self.folder, ignore_errors=True)
            (self.folder / "first place").mkdir(parents=True)
            copy_project(self.folder / "project")
            write_file(self.folder / "begun.json", self._begun)
            (self.folder / NIGHTS).touch()
        with TemporaryDirectory() as scratch:
            self.files = make_landing(self.plan, Path(scratch))
        lines = (self.folder / NIGHTS).read_text(encoding="utf-8").splitlines()
        self.told = [NightTold(**json.loads(line)) for line in lines]
        environment = {"TAKEUP_ALERT_WEBHOOK": self.hook.address, "no_proxy": "127.0.0.1"}
        self.place = Place(
            home=next(self.folder.glob("*place")) / "home",
            project=self.project_of(max(1, len(self.told))),
            environment=environment | {"TAKEUP_ALERT_DISK_BYTES": "0"},
        )

    @property
    def _begun(self) -> str:
        return json.dumps([self.plan.nights, code_version("ingest"), code_version("models")])

    def _goes_on(self) -> bool:
        try:
            return (self.folder / "begun.json").read_text(encoding="utf-8") == self._begun
        except OSError:
            return False

    @property
    def published(self) -> Path:
        """The file that readers have."""
        return self.place.home / "published" / "takeup.duckdb"

    def of(self, night: int) -> NightTold:
        """What is known of a night."""
        return self.told[night - 1]

    def run(self) -> None:
        """All nights that are still to come."""
        for night in self.plan.numbers[len(self.told) :]:
            self._before(night)
            self._land(night)
            steps = len(self.place.steps())
            ended = self._night(night)
            taken = {one["step"]: one["seconds"] for one in self.place.steps()[steps:]}
            self._in_the_morning(night)
            self._keep(night, ended, taken)

    def project_of(self, night: int) -> Path:
        """Code and registers of a night: those of the beginning, until the body is registered."""
        is_registered = night >= self.plan.night_of("registered")
        return self.folder / ("registered" if is_registered else "project")

    def _before(self, night: int) -> None:
        moved = self.folder / "it's another place"
        if night == self.plan.night_of("moved") and not moved.exists():
            self.place.home.parent.rename(moved)
            self.place.home = moved / "home"
        self.place.project = self.project_of(night)

    def _land(self, night: int) -> None:
        for name, content in self.files[night].items():
            path = self.place.home / "landing" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def _night(self, night: int) -> Ended:
        incidents, made = self.plan.incidents(night), "yes" if self.plan.has_pages(night) else "no"
        ended = self.place.run(
            self.plan.moment(night),
            "nightly",
            die_after=DIES_AFTER if "killed" in incidents else None,
            TAKEUP_PAGES=made,
            TAKEUP_PACK=made,
        )
        expected = next((EXPECTED_CODE[one] for one in incidents if one in EXPECTED_CODE), 0)
        assert ended.code == expected, f"night {night}:\n{ended.said[-4000:]}"
        return ended

    def _keep(self, night: int, ended: Ended, taken: dict[str, float]) -> None:
        told = NightTold(
            night=night,
            moment=self.plan.moment(night).isoformat(),
            incidents=self.plan.incidents(night),
            is_quiet=self.plan.is_quiet(night),
            code=ended.code,
            wall_s=round(ended.wall_s, 2),
            cpu_s=round(ended.cpu_s, 2),
            peak_mib=round(ended.peak_mib, 1),
            log_bytes=self.place.bytes_of("log"),
            warehouse_bytes=self.place.bytes_of("warehouse"),
            steps=taken,
            alerts=[str(body["text"]) for body in self.hook.bodies],
            served=hashlib.sha256(self.published.read_bytes()).hexdigest(),
            said=ended.said,
        )
        self.hook.bodies.clear()
        self.told.append(told)
        with (self.folder / NIGHTS).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(told)) + "\n")

    def _in_the_morning(self, night: int) -> None:
        """What somebody does about a night."""
        moment = self.plan.moment(night) + LATER
        incidents = self.plan.incidents(night)
        if "killed" in incidents:
            self._done(self.place.run(moment, "alerts"))
        if "tripped" in incidents:
            (wrong,) = (
                content for name, content in self.files[night].items() if WRONG_NAME in name
            )
            key = blake3.blake3(wrong).hexdigest()[:12]
            self._done(self.place.run(moment, "set-aside", key, *ROLE))
        if "unregistered" in incidents:
            suggested = self.folder / "suggested"
            self._done(self.place.run(moment, "registers", "suggest", "--to", str(suggested)))
            self._register(suggested)

    @staticmethod
    def _done(ended: Ended) -> None:
        assert ended.code == 0, ended.said[-4000:]

    def _register(self, suggested: Path) -> None:
        """A copy of the project with what was suggested in its registers, each row with a source,
        as the runbook asks for it."""
        shutil.rmtree(self.folder / "registered", ignore_errors=True)
        copy_project(self.folder / "registered")
        for path in sorted(suggested.glob("*.csv")):
            register = self.folder / "registered" / "seeds" / path.name
            text = register.read_text(encoding="utf-8")
            columns = next(csv.reader(text.splitlines()))
            with register.open("a", encoding="utf-8", newline="") as stream:
                if not text.endswith("\n"):
                    stream.write("\n")
                for row in _rows(path):
                    cells = {name: row.get(name, "") for name in columns}
                    if "source" in cells:
                        cells["source"] = cells["source"] or SOURCE
                    csv.DictWriter(stream, columns, lineterminator="\n").writerow(cells)

    def again(self) -> Place:
        """Another home that takes in the same files at the same moments, and runs one night."""
        shutil.rmtree(self.folder / "again", ignore_errors=True)
        other = Place(self.folder / "again" / "home", self.place.project, {})
        landing = other.home / "landing"
        landing.mkdir(parents=True)
        asides = sorted((self.place.home / "landing").glob("set-aside-*"))
        for night in self.plan.numbers:
            other.project = self.project_of(night)
            for name, content in self.files[night].items():
                path = landing / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            if self.files[night]:
                self._done(other.run(self.plan.moment(night), "ingest", str(landing)))
            if "tripped" in self.plan.incidents(night):
                for path in asides:
                    shutil.copyfile(path, landing / path.name)
                moment = self.plan.moment(night) + LATER
                self._done(other.run(moment, "ingest", str(landing)))
        last = self.plan.moment(self.plan.nights)
        self._done(other.run(last, "nightly", TAKEUP_PAGES="no", TAKEUP_PACK="no"))
        return other


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)
