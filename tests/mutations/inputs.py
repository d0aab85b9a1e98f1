"""Good files of every kind that lands, cut small: what edits are tried on.

No two of them speak of the same service, so that what an edit in one changes in another shows.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from core.settings import SEEDS
from ingest.sources.mi_template import write_template
from simulator.events import simulate_events
from simulator.landing import simulate_landing

Form = Literal["table", "lines", "document", "text", "packed"]
SERVICES_OF_A_VINTAGE = 4
SERVICES_OF_A_NIGHT = 8
EVENTS = 300
SEED = 20150801


@dataclass(frozen=True)
class Input:
    """One file as its parts: what is before the first record (the header of a table), the records,
    what is between them and after them.

    first: position of the first record, as ingest numbers it.
    """

    name: str
    form: Form
    records: tuple[bytes, ...]
    head: bytes = b""
    between: bytes = b"\n"
    tail: bytes = b"\n"
    first: int = 1

    @property
    def content(self) -> bytes:
        """The whole file."""
        return self.head + self.between.join(self.records) + self.tail

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """Where each record begins and ends in the content."""
        found, at = [], len(self.head)
        for record in self.records:
            found.append((at, at + len(record)))
            at += len(record) + len(self.between)
        return found

    @cached_property
    def starts(self) -> list[int]:
        """Position of each record, in ingest's numbers: of a text the line that it begins on."""
        if self.form != "text":
            return list(range(self.first, self.first + len(self.records)))
        return [self.content[:start].count(b"\n") + 1 for start, _ in self.spans]

    def cells(self, index: int) -> list[str]:
        """Cells of a table's row, the header's for -1."""
        return cells_of(self.head if index < 0 else self.records[index])


def cells_of(row: bytes) -> list[str]:
    """Cells of one row of a table."""
    return next(csv.reader(io.StringIO(row.decode("utf-8", "replace"), newline="")), [])


def row_of(cells: Sequence[str]) -> bytes:
    """One row of a table, without a line end."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerow(cells)
    return stream.getvalue().removesuffix("\n").encode()


def all_inputs(vintages: Path | None) -> tuple[Input, ...]:
    """Every file. `vintages`: folder of the published volumes, where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        made = [*_of_events(Path(folder)), *_platform(), *_returns(), *_reports()]
        made += _simulated_volumes(Path(folder) / "volumes")
        if vintages is not None:
            made += _vintages(vintages)
    return tuple(made)


def inputs_of_nights(vintages: Path | None) -> tuple[Input, ...]:
    """The files of whole nights: of publications a few, and all of the same services.

    A publication that leaves a service out says that it is listed no longer.
    """
    others = [file for file in all_inputs(None) if not file.name.startswith("volumes/")]
    with tempfile.TemporaryDirectory() as folder:
        if vintages is None:
            paths = list(simulate_landing(Path(folder)).publications)
        else:
            paths = sorted(vintages.glob("services-*.csv"))[::7]
        tables = [_rows(path) for path in paths]
        keys = [{row[header.index("Slug")] for row in rows} for header, rows in tables]
        common = sorted(set.intersection(*keys) - {"dwp-carers-allowance-new-claims"})
        chosen = common[:: max(1, len(common) // SERVICES_OF_A_NIGHT)][:SERVICES_OF_A_NIGHT]
        volumes = [
            _unmarked(
                f"volumes/{path.name}",
                header,
                [row for row in rows if row[header.index("Slug")] in chosen],
            )
            for path, (header, rows) in zip(paths, tables, strict=True)
        ]
    return (*others, *volumes)


def _of_events(folder: Path) -> Iterator[Input]:
    """The simulator's events, as lines, packed, as documents and as tables."""
    simulated = simulate_events(
        folder,
        events=EVENTS,
        seed=SEED,
        start=date(2014, 10, 1),
        end=date(2014, 12, 31),
        duplicates_ratio=0,
    )
    lines = simulated.files[0].read_bytes().splitlines()
    events = [json.loads(line.replace(b'"simulated":true,', b"")) for line in lines]
    texts = [_json(event) for event in events]
    yield Input("events/a.jsonl", "lines", tuple(texts[:60]))
    yield Input("events/b.jsonl", "lines", tuple(texts[60:120]))
    packed = gzip.compress(b"\n".join(texts[120:150]), mtime=0)
    yield Input("events/c.jsonl.gz", "packed", (packed,), tail=b"")
    yield Input(
        "events/d.json", "document", tuple(texts[150:180]), b"[\n", between=b",\n", tail=b"\n]\n"
    )
    yield Input("events/e.json", "document", (texts[180],))
    names = ["specversion", "id", "source", "type", "time", "data"]
    rows = [
        [_json(event[name]).decode() if name == "data" else event[name] for name in names]
        for event in events[190:]
    ]
    yield _table("events/f.csv", names, rows[:50])
    stream = io.BytesIO()
    columns = dict(zip(names, map(list, zip(*rows[50:], strict=True)), strict=True))
    pq.write_table(pa.table(columns), stream, compression="none", write_page_checksum=True)
    yield Input("events/g.parquet", "packed", (stream.getvalue(),), tail=b"")
    yield _volume_events()


def _volume_events() -> Input:
    """Volumes as a table of events, a column to each field."""
    names = "specversion id source type time data.service_id data.breakdown data.measure"
    names += " data.period.kind data.period.start data.period.end data.count data.status"
    rows = [
        [
            "1.0",
            f"v-{month}-{channel}",
            "urn:returns:votes",
            "uk.gov.takeup.volume.reported.v1",
            "2015-04-20T00:00:00Z",
            "co-voter-registration",
            channel,
            "completed",
            "month",
            f"2015-0{month}-01",
            f"2015-0{month}-{days}",
            "" if (month, channel) == (2, "paper") else str(1000 * month + len(channel)),
            "not_provided" if (month, channel) == (2, "paper") else "",
        ]
        for month, days in ((1, 31), (2, 28), (3, 31))
        for channel in ("online", "phone", "paper", "face_to_face")
    ]
    return _table("events/h.csv", names.split(), rows)


def _platform() -> Iterator[Input]:
    """Records of the platform: an array, an answer, lines, and a group."""
    array = _platform_records("co-honours-nominations")
    yield Input("platform/array.json", "document", array, b"[\n", between=b",\n", tail=b"\n]\n")
    answer = _platform_records("bis-payment-of-patent-renewal-fee-f12")
    yield Input(
        "platform/answer.json", "document", answer, b'{"data": [\n', between=b",\n", tail=b"\n]}\n"
    )
    yield Input("platform/lines.jsonl", "lines", _platform_records("dfe-contact-form"))


def _platform_records(service: str) -> tuple[bytes, ...]:
    return tuple(
        _json(
            {
                "_timestamp": f"2015-{month:02}-01T00:00:00+00:00",
                "_updated_at": "2015-07-16T09:30:00+00:00",
                "service": service,
                "channel": channel,
                "count": 1000.0 * month + len(channel),
                "dataType": "transactions-by-channel",
                "period": "month",
            }
        )
        for month in range(1, 7)
        for channel in ("digital", "paper_form", "telephone_human")
    )


def _returns() -> Iterator[Input]:
    """Departments' returns, on the templates that they are sent."""
    for department, quarter in (("dwp", "2015-Q1"), ("hmrc", "2015-Q2")):
        header, *rows = csv.reader(
            io.StringIO(write_template(department, quarter, seeds=SEEDS), newline="")
        )
        filled = []
        for number, row in enumerate(rows[:12]):
            cells = dict(zip(header, row, strict=True)) | {
                "count": "n/a" if number == 4 else f"{(20 - number) * 1117:,}",
                "cost_gbp": "1,250.50" if number % 5 == 0 else "",
                "submitted_on": "2015-07-20",
                "submitted_by_role": "performance analyst",
            }
            if number % 6 == 0:
                cells |= {
                    "signed_off_by_role": "service manager",
                    "signed_off_on": "2015-07-21",
                    "assurance": "department",
                    "commentary": "Counted by hand, as before.",
                }
            filled.append([cells[name] for name in header])
        yield _table(f"returns/{department}.csv", header, filled)


REPORT = """Action {action}: move services online
Updated 3 March 2014
@@Department for Work and Pensions
Progress during 2013
Take-up of Carer's Allowance online rose to {ratio}% in December 2013, up from 21% a year before.
Calls fell by 12,000.
Plans for 2014
We will reach 60% digital take-up of Carer's Allowance by March 2015.
@@HM Revenue & Customs
Progress during 2013
Over 80% of Self Assessment returns were filed online in 2013.
Plans for 2014
We will publish a digital strategy for small businesses.
@@Department for Transport
Progress during 2013
Digital take-up of practical driving tests was 75% in 2013.
"""


def _reports() -> Iterator[Input]:
    """A report as a text and another as a page. Its records are the departments' entries."""
    head, *entries = REPORT.format(action=13, ratio=42).split("@@")
    records = tuple(entry.rstrip("\n").encode() for entry in entries)
    yield Input("reports/action-13.txt", "text", records, head.encode())
    head, *entries = REPORT.format(action=7, ratio=41).split("@@")
    records = tuple(
        "\n".join(_marked_up(entry.replace("&", "&amp;").splitlines())).encode()
        for entry in entries
    )
    titles = head.splitlines()
    page = f"<html><head><meta charset='utf-8'></head><body>\n<h1>{titles[0]}</h1>\n"
    page += f"<p>{titles[1]}</p>\n"
    yield Input("reports/action-7.html", "text", records, page.encode(), tail=b"\n</body></html>\n")


def _marked_up(lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        is_section = line.startswith(("Progress during", "Plans for"))
        tag = "h2" if number == 0 else "h3" if is_section else "p"
        yield f"<{tag}>{line}</{tag}>"


def _simulated_volumes(folder: Path) -> Iterator[Input]:
    """The simulator's publications, of some services each."""
    for path, services in zip(
        simulate_landing(folder).publications, (slice(0, 4), slice(4, 8)), strict=True
    ):
        header, rows = _rows(path)
        yield _unmarked(f"volumes/{path.name}", header, rows[services])


def _unmarked(name: str, header: list[str], rows: list[list[str]]) -> Input:
    """A table without the simulator's mark: the log of these tests is a real one."""
    kept = [index for index, heading in enumerate(header) if heading != "Simulated"]
    return _table(name, [header[i] for i in kept], [[row[i] for i in kept] for row in rows])


def _vintages(folder: Path) -> Iterator[Input]:
    """A few services of every published vintage, with all of its columns."""
    taken = {"dwp-carers-allowance-new-claims"}
    for path in sorted(folder.glob("services-*.csv")):
        header, rows = _rows(path)
        key = header.index("Slug")
        filled = sorted(
            (row for row in rows if row[key] not in taken and sum(map(bool, row)) > len(row) / 2),
            key=lambda row: row[key],
        )
        chosen = filled[:SERVICES_OF_A_VINTAGE]
        taken |= {row[key] for row in chosen}
        yield _table(f"volumes/{path.name}", header, chosen)


def _rows(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header, *rows = csv.reader(stream)
    return header, [row for row in rows if len(row) == len(header)]


def _table(name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Input:
    head = row_of(header) + b"\n"
    return Input(name, "table", tuple(map(row_of, rows)), head, first=2)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
