"""Lines that commands print for a person."""

from __future__ import annotations

import pytest

from ingest.load.file_outcomes import FileOutcome, IngestResult
from takeup.commands.quarantine import SHOWN_CHARACTERS, record_lines
from takeup.progress import file_lines, step_line
from takeup.trace import meant


def outcome(name: str, state: str = "ingested", **facts: object) -> FileOutcome:
    return FileOutcome(name, "cloudevents_json", state, **facts)  # type: ignore[arg-type]


def test_files_are_named_in_their_order_with_what_is_to_know_of_each() -> None:
    result = IngestResult(
        files=[
            outcome("h.csv", read=9, duplicate=9, flags=("no_manifest",)),
            outcome("g.csv", read=2, accepted=2, flags=("other_name: s in rows 2, 3",)),
            outcome("f.json", read=2, accepted=1, duplicate=1, flags=("weekly_or_daily",)),
            outcome("e.jsonl", read=1234, accepted=1230, quarantined=4),
            outcome("d.jsonl", read=3, accepted=3, flags=("no_manifest", "unread_column: Total")),
            outcome("c.jsonl", read=1, quarantined=1, flags=("incomplete",)),
            outcome("b.jsonl", flags=("no_records",)),
            outcome("a-manifest.csv"),
            outcome("a.jsonl", "rejected", reason="corrupt", detail="torn"),
        ],
        waiting=["z.part", "y.csv"],
        waits_for={"y.csv": "for vintages.csv"},
    )

    assert list(file_lines(result)) == [
        "  z.part: still being written, waits for the next run",
        "  y.csv: waits for vintages.csv",
        "  a.jsonl: rejected, corrupt: torn",
        "  b.jsonl: no records in it",
        "  c.jsonl: 1 of 1 record in quarantine, the last line is torn",
        "  d.jsonl: warning, unread_column: Total; not read: mend its heading and land it again",
        "  e.jsonl: 4 of 1,234 records in quarantine",
        "  f.json: weekly or daily figures are kept, and in no table: a week makes no period",
        "  g.csv: a service_name that is not that of its service_id: s in rows 2, 3",
        "  h.csv: says what is in the log already: all duplicates",
    ]


def test_the_time_of_a_step_stands_on_its_line_and_not_on_that_of_a_file() -> None:
    facts = IngestResult(commits=[1], files=[outcome("a.jsonl", read=2, accepted=2)]).facts()

    assert step_line("ingest", facts | {"notes": ["  a note"]}, seconds=1.25) == (
        "ingest          1 file, 2 records: 2 accepted, 0 duplicates, 0 quarantined; "
        "0 files rejected (1.2 s)\n  a note"
    )


RECORD = {
    "key": "c8b792f21b78:7",
    "name": "a.jsonl",
    "position": 7,
    "place": None,
    "reason": "not_json",
    "detail": None,
    "raw": "{",
    "attempts": 0,
}


def test_a_record_without_detail_says_what_its_reason_means() -> None:
    which, why, record = record_lines(RECORD)

    assert which == "c8b792f21b78:7  a.jsonl line 7"
    assert why.startswith("  not_json: it is not JSON (")
    assert why.endswith("  (attempts: 0)")
    assert record == "  {"


def test_a_record_can_not_steer_the_terminal_and_says_what_is_left_out() -> None:
    raw = "\x1b[2J" + "x" * SHOWN_CHARACTERS

    lines = list(record_lines(RECORD | {"raw": raw, "detail": "why\x07", "attempts": 2}))

    assert lines[1] == "  not_json: why   (attempts: 2)"
    assert lines[2].startswith("   [2Jxxx")
    assert lines[2].endswith("x ... and 4 more characters")


KNOWN = ("dwp-claims-new", "dwp-claims-old", "hmrc-returns")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("claims", "; is it dwp-claims-new, dwp-claims-old?"),
        ("dwp-clams-new", "; is it dwp-claims-new"),
        ("zzz", ", nor in any other period"),
    ],
)
def test_a_service_that_is_not_there_is_answered_with_those_that_are(asked: str, said: str) -> None:
    assert meant(asked, KNOWN).startswith(said)


def test_a_service_that_is_there_needs_no_other_name() -> None:
    assert meant("dwp-claims-old", KNOWN) == ""
