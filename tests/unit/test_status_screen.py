"""The screen of `takeup status`: what it says of each state of a home, and how wide it is."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ingest.refusals import FILE_NEXT_STEPS, FILE_REASONS, NEXT_STEPS, RECORD_REASONS
from takeup.status_screen import LABEL, WIDTH, Told, lines_of, print_screen, told_of

EMPTY: dict[str, Any] = {
    "home": "/srv/home",
    "looked_at": "2016-07-05T08:00:00+00:00",
    "running": "nothing",
    "last_run": None,
    "log": "none yet",
    "published": "nothing yet",
    "places": {"published file": None},
}
RUN: dict[str, Any] = {
    "state": "published",
    "step": "publish",
    "ended_at": "2016-07-05T01:02:30+00:00",
    "seconds": 150.0,
    "error": None,
    "took_in": {
        "files": 2, "rejected": 1, "read": 1300, "accepted": 1200, "duplicates": 60,
        "quarantined": 40,
    },
}  # fmt: skip
FULL: dict[str, Any] = EMPTY | {
    "last_run": RUN,
    "log": "real",
    "log_version": 8,
    "epoch": 1,
    "last_addition": "2016-07-05T01:00:00+00:00",
    "events": 1200,
    "files": {"rejected": 1, "ingested": 16},
    "log_files": 1234,
    "log_files_read": 34,
    "identity_index_bytes": 12_340_000,
    "sources": {"cloudevents": {"files": 16, "last_at": "2016-07-05T01:00:00+00:00"}},
    "quarantine": {"not_json": 3, "unknown_service": 1040},
    "next_steps": {"not_json": "its sender mends it", "unknown_service": "take it over"},
    "set_aside": "nothing",
    "published": "/srv/home/published/takeup.duckdb",
    "published_log_version": 8,
    "published_epoch": 1,
    "published_code_version": "0.1.0",
    "new_since": "2016-07-04T01:00:00+00:00",
    "new_since_what": "the day before the log last grew",
    "not_told": [],
    "revised": {
        "count": 12,
        "largest": [
            {
                "service_id": "a",
                "service_name": "Licences to fish with a rod and line in every river " * 2,
                "period_kind": "quarter",
                "period_start": "2016-01-01",
                "period_end": "2016-03-31",
                "effect_pp": -3.25,
            }
        ],
    },
    "crossed": {"count": 1, "targets": [{"whose": "Passports", "says": "80% or more since"}]},
    "silent": {
        "feeds_count": 4,
        "count": 1,
        "problem": None,
        "longest": [
            {
                "service_id": "b",
                "service_name": None,
                "channel": "phone",
                "last_came_on": "2016-06-27",
                "since": "2016-06-27",
                "silent_days": 8,
                "longest_gap_days": 3,
                "every_days": None,
            }
        ],
    },
    "returns": {
        "received": 9,
        "overdue": 3,
        "overdue_of": {"dwp": 2, "co": 1},
        "due": 1,
        "next_due_on": "2016-07-29",
    },
    "commentary": {
        "missing": 2,
        "latest": [
            {
                "department_id": "dwp",
                "service_id": "a",
                "service_name": None,
                "period_kind": "quarter",
                "period_start": "2016-01-01",
                "period_end": "2016-03-31",
                "commentary_needed_for": "movement, missed_target",
            }
        ],
    },
    "promises": {"came_due": 0, "latest": [], "unanswered": 2, "due": 5},
    "publications": {"volumes": "2016-06-01T08:00:00+00:00"},
    "withheld_count": 2,
    "withheld": ["Waste carriers, January to March 2016: total count 99,999, beyond any service"],
    "unregistered": ['service "Lighthouse visits" is in no register'],
    "in_doubt": ["April to June 2016: the 4 that could move most", *"abcd"],
}


CAN_BE_RETRIED = {
    *("unknown_service", "unknown_channel", "unknown_value", "unknown_schema", "in_the_future")
}


def test_each_reason_has_a_next_step_and_only_some_can_be_tried_again() -> None:
    assert NEXT_STEPS.keys() == RECORD_REASONS.keys()
    assert FILE_NEXT_STEPS.keys() == FILE_REASONS.keys()
    retried = {reason for reason, step in NEXT_STEPS.items() if "quarantine retry" in step}
    assert retried == CAN_BE_RETRIED


def lines(found: dict[str, Any]) -> list[str]:
    return [line for one in told_of(found) for line in lines_of(one)]


def text(found: dict[str, Any]) -> str:
    """All that is told, in one line, so that it reads the same wherever a line ends."""
    return " ".join(" ".join(lines(found)).split())


def test_what_a_person_needs_at_nine_is_said_in_words() -> None:
    said = text(FULL)
    for part in (
        "last run done 5 July 2016 at 02:02, after 2 min 30 s: published",
        "it took in 1,200 records of 2 files; 40 to quarantine, 1 file rejected",
        "since 4 July 2016, the day before the log last grew:",
        "12 figures revised by more than a point",
        "January to March 2016: -3.25 pp",
        "target crossed: Passports, 80% or more since",
        "SILENT for too long: 1 of 4 feeds of events",
        "b, phone: 8 days, last 27 June 2016 (longest gap 3)",
        "cloudevents: 16 files, the last 5 July 2016 at 02:00",
        "latest publications: volumes 1 June 2016",
        "3 returns OVERDUE: dwp 2, co 1; ask for them",
        "commentary missing of 2 returns; ask for it",
        "dwp, a, January to March 2016: movement, missed target",
        "1 due, the next on 29 July 2016",
        "5 with a test are due; of 2 of them no report says that anything was done",
        "1 file: land the mended file",
        "withheld 2 figures, shown first",
        "set aside nothing",
        "log real, version 8, last grew 5 July 2016 at 02:00",
        "events 1,200",
        "files ingested 16, rejected 1",
        "published log version 8, by code 0.1.0",
    ):
        assert part in said


def test_what_is_withheld_of_a_target_comes_first_and_the_largest_heap_of_a_kind() -> None:
    shown = lines(FULL)
    assert shown[0].startswith("withheld ")
    heaps = [line for line in shown if line.startswith("quarantine")]
    assert [line.split()[1] for line in heaps] == ["1,040", "3"]
    assert heaps[0].endswith("1,040 unknown_service: take it over")
    assert [line.split()[2] for line in shown if line.startswith("in doubt")] == [
        "April", "a", "b", "c",
    ]  # fmt: skip


@pytest.mark.parametrize("found", [EMPTY, FULL])
def test_nothing_but_a_path_is_wider_than_the_screen(found: dict[str, Any]) -> None:
    long = found | {"places": {"MI pack": "/srv/" + "deep/" * 30}}
    wide = [line for line in lines(long) if len(line) > WIDTH]
    assert wide == [f"{'MI pack':{LABEL}}/srv/{'deep/' * 30}"]
    assert len(lines(long)) < 60


def test_a_label_is_not_repeated_and_a_source_can_not_steer_the_terminal() -> None:
    one = Told("new", "\x1b[2Jname")
    assert lines_of(one) == [f"{'new':{LABEL}} [2Jname"]
    assert lines_of(one, repeats=True) == [f"{'':{LABEL}} [2Jname"]


@pytest.mark.parametrize(("variable", "is_coloured"), [("NO_COLOR", False), ("SOMETHING", True)])
def test_colours_only_on_a_terminal_that_wants_them(
    variable: str,
    is_coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_screen(FULL)
    plain = capsys.readouterr().out
    assert "\x1b" not in plain
    assert plain.count("in doubt") == 1, "a label is said once"
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv(variable, "1")
    print_screen(FULL)
    shown = capsys.readouterr().out
    assert ("\x1b[1;31m" in shown) is is_coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == plain


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "last run none yet: nothing has been taken in"),
        ({"log": "simulated"} | {k: FULL[k] for k in ("log_version", "epoch", "last_addition",
          "events", "files", "log_files", "log_files_read", "identity_index_bytes")},
         "SIMULATED these figures were made up by the simulator"),
    ],
)  # fmt: skip
def test_a_home_without_figures_says_so(changes: dict[str, Any], said: str) -> None:
    assert said in text(EMPTY | changes)
    assert "published nothing yet" in text(EMPTY | changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"last_run": RUN | {"state": "failed", "step": "build", "error": "a model failed"}},
            "last run FAILED in build 5 July 2016 at 02:02, after 2 min 30 s last run a model",
        ),
        (
            {"last_run": RUN | {"state": "stopped", "step": "ingest"}},
            "STOPPED in gate_log: killed, or waits for its next step",
        ),
        (
            {"last_run": RUN | {"state": "under_way", "step": "land"}, "running": "nightly, pid 7"},
            "running nightly, pid 7: what follows may change last run under way: land done",
        ),
        ({"last_run": RUN | {"took_in": {"files": 0}}}, "it found no new files"),
        ({"last_run": None}, "not recorded; the log last grew 5 July 2016 at 02:00"),
        ({}, "log files 1,234, read as 34 identity index 12.3 MB"),
        ({"log_files_read": 1234, "identity_index_bytes": None}, "log files 1,234 published log"),
        ({"published_log_version": 7}, "log version 7, by code 0.1.0; BEHIND the log"),
        # The same number, of before the log was restored.
        ({"epoch": 2}, "real, version 8 of epoch 2, last grew"),
        ({"epoch": 2}, "log version 8, by code 0.1.0; BEHIND the log"),
        ({"epoch": 2, "published_epoch": 2}, "log version 8 of epoch 2, by code 0.1.0 "),
        ({"published_problem": "torn"}, "CAN'T BE READ: torn"),
        ({"not_told": ["returns"]}, "an earlier version made the file; it can't tell: returns"),
        ({"set_aside": {"files": 2, "records": 1}}, "set aside 2 files and 1 record"),
        ({"quarantine": "empty"}, "quarantine empty"),
        ({"withheld_count": 0}, "withheld nothing"),
        ({"withheld_count": 1, "withheld": []}, "1 figure, none of a service with a target"),
        ({"returns": FULL["returns"] | {"overdue": 0, "due": 0}}, "none is awaited; 9 have come"),
        ({"revised": {"count": 0, "largest": []}}, "no figure revised by more than a point"),
        ({"crossed": {"count": 0, "targets": []}}, "no target was crossed"),
        ({"silent": FULL["silent"] | {"count": 0}}, "none of 4 feeds of events has gone silent"),
        (
            {"silent": FULL["silent"] | {"problem": "register feeds.csv, line 2: no service_id"}},
            "- register feeds.csv, line 2: no service_id",
        ),
    ],
)
def test_each_state_is_plain(changes: dict[str, Any], said: str) -> None:
    assert said in text(FULL | changes)
