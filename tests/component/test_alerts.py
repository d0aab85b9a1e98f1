"""Alerts: each cause is told once a day by every way that is on, and that it is over; whatever
becomes of a run or of a way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.errors import GateFailed, LeaseHeld, UsageError
from core.settings import PROJECT_ROOT, Settings
from expectations.definitions import Severity
from expectations.results import CheckResult, GateResult, StoppedByGate, SuiteResult, write_result
from publish.swap import publish as swap
from takeup import cli
from takeup.alerts import engine, observation, ways
from takeup.alerts.causes import BY_ID, CAUSES
from takeup.alerts.engine import alerting, tell
from takeup.alerts.messages import SHOWN, alert
from takeup.alerts.told import FILE_NAME, folder_of
from takeup.last_run import run_recorded
from tests.support.homes import Home
from tests.support.receivers import Hook, Mailbox, mail_server, web_server
from tests.support.warehouse import build_staging, gate_passed

PASSWORD = 'hush"hush'
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
TITLES = {cause.cause_id: cause.title for cause in CAUSES}

Found = observation.Found
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(ways, "PAUSE_SECONDS", 0)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_server() as receiver:
        yield receiver


@pytest.fixture
def settings(
    tmp_path: Path, mailbox: Mailbox, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """A home of which both ways are on."""
    monkeypatch.setenv("TAKEUP_ALERT_EMAIL", "take-up@example.org, duty@example.org")
    monkeypatch.setenv("TAKEUP_MAIL_FROM", "pipeline@example.org")
    monkeypatch.setenv("TAKEUP_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("TAKEUP_SMTP_PORT", str(mailbox.port))
    monkeypatch.setenv("TAKEUP_SMTP_STARTTLS", "no")
    monkeypatch.setenv("TAKEUP_ALERT_WEBHOOK", hook.address)
    monkeypatch.setenv("TAKEUP_ALERT_DISK_BYTES", "0")
    settings = Settings.load(tmp_path / "home")
    settings.warehouse.mkdir(parents=True)
    return settings


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Found:
    """What is seen of the home, for the test to say."""
    found: Found = {}
    monkeypatch.setattr(engine, "observe", lambda *_, **__: found)
    return found


def step(settings: Settings, name: str, error: BaseException | None = None) -> None:
    def ends(*_: object, **__: object) -> dict[str, Any]:
        if error is not None:
            raise error
        return {}

    with nullcontext() if error is None else pytest.raises(type(error)):
        run_recorded(settings, name, ends, run_id="one")


def texts(hook: Hook) -> list[str]:
    return [body["text"] for body in hook.bodies]


def told_and_over(
    settings: Settings, mailbox: Mailbox, cause: str, *, over: Callable[[], object]
) -> str:
    """The text of an alert that was provoked: received once by each way, however often a home is
    looked at, and once that it is over."""
    for _ in range(3):
        tell(settings)
    title = TITLES[cause]
    assert mailbox.subjects == [f"[takeup] {title}"]
    over()
    for _ in range(2):
        tell(settings)
    assert mailbox.subjects[1:] == [f"[takeup] All clear: {title[0].lower()}{title[1:]}"]
    return str(mailbox.mails[0].get_content()).replace("\r\n", "\n")


# Each cause, provoked.


def test_a_run_that_failed(settings: Settings, mailbox: Mailbox, hook: Hook) -> None:
    step(settings, "build", UsageError("the register targets has no row"))
    text = told_and_over(settings, mailbox, "run_failed", over=lambda: step(settings, "publish"))
    assert "in the step build" in text
    assert "the register targets has no row" in text
    assert BY_ID["run_failed"].means in text
    assert BY_ID["run_failed"].action in text
    assert "docs/runbook.md#a-run-failed" in text
    assert mailbox.recipients[:2] == ["take-up@example.org", "duty@example.org"]
    assert [one.splitlines()[0] for one in texts(hook)] == [
        "The nightly run failed.",
        "All clear: the nightly run failed: this is over.",
    ]


def test_a_run_that_was_killed(settings: Settings, mailbox: Mailbox) -> None:
    step(settings, "ingest")
    assert tell(settings) == []
    later = datetime.now(UTC) + timedelta(hours=1)
    tell(settings, now=later)
    assert "killed after the step ingest" in mailbox.mails[0].get_content()
    step(settings, "publish")
    tell(settings, now=later)
    assert len(mailbox.mails) == 2


def test_what_a_scheduler_says_of_a_run_that_the_home_knows_nothing_of(
    settings: Settings, mailbox: Mailbox
) -> None:
    step(settings, "publish")
    known: Found = {"run_failed": ("the task land of the run two failed or was killed",)}
    for _ in range(2):
        tell(settings, known=known)
    assert "the task land of the run two" in mailbox.mails[0].get_content()
    tell(settings, known={"run_failed": ()})
    assert len(mailbox.mails) == 2


def test_a_gate_that_stopped_the_run(settings: Settings, mailbox: Mailbox) -> None:
    check = CheckResult(
        name="ratios_are_ratios",
        severity=Severity.__args__[0],  # type: ignore[attr-defined]
        means="a ratio is at most one",
        when_it_trips="look",
        owner="take-up data team",
        outcome="failed",
        unexpected_count=3,
        samples=[{"name": "Ada Lovelace", "note": "QQ123456C"}],
    )
    suite = SuiteResult(
        table="take_up", rows_expected=9, rows_checked=9, checks_expected=1, checks=[check]
    )
    result = GateResult(gate="warehouse", run_id="one", outcome="failed", suites=[suite])
    write_result(settings, result)
    step(settings, "gate_warehouse", StoppedByGate(result, "3 rows\n Ada Lovelace QQ123456C"))
    text = told_and_over(settings, mailbox, "gate_tripped", over=lambda: step(settings, "publish"))
    assert (
        "take_up: ratios_are_ratios, 3 rows. Expected: a ratio is at most one."
        " Owner: take-up data team" in text
    )
    assert "Lovelace" not in text
    assert "QQ123456C" not in text


def test_a_test_of_the_models_is_a_gate_too(settings: Settings, mailbox: Mailbox) -> None:
    results = settings.warehouse / "dbt" / "target" / "run_results.json"
    results.parent.mkdir(parents=True)
    nodes = [
        {"unique_id": "test.takeup.rules_of_take_up", "status": "fail", "message": "QQ123456C"},
        {"unique_id": "model.takeup.take_up", "status": "success", "message": "QQ123456C"},
    ]
    results.write_text(json.dumps({"results": nodes}))
    step(settings, "build", GateFailed("tests of the models failed: QQ123456C"))
    tell(settings)
    assert mailbox.subjects == ["[takeup] A gate stopped the nightly run"]
    text = mailbox.mails[0].get_content()
    assert "- test.takeup.rules_of_take_up" in text
    assert "model.takeup" not in text
    assert "QQ123456C" not in text


def test_a_disk_that_is_nearly_full(
    settings: Settings, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    roomy = settings
    full = settings.model_copy(update={"alert_disk_bytes": 1 << 62})
    for _ in range(2):
        tell(full)
    for _ in range(2):
        tell(roomy)
    assert mailbox.subjects == [
        "[takeup] A disk is nearly full",
        "[takeup] All clear: a disk is nearly full",
    ]
    assert f"{settings.home}: " in mailbox.mails[0].get_content()


def test_a_quarantine_above_its_threshold(
    settings: Settings, mailbox: Mailbox, tmp_path: Path
) -> None:
    home = Home(settings)
    settings.landing.mkdir()
    home.land("a.jsonl", b'{"name": "Ada Lovelace"}\nQQ123456C\n')
    home.ingest()
    strict = settings.model_copy(update={"alert_quarantine": 1})
    for _ in range(2):
        tell(strict)
    for _ in range(2):
        tell(settings.model_copy(update={"alert_quarantine": 2}))
    alert, clear = mailbox.mails
    assert alert["Subject"] == "[takeup] Many records are in quarantine"
    assert "2 records, more than 1 (TAKEUP_ALERT_QUARANTINE)" in alert.get_content()
    assert "Lovelace" not in alert.get_content()
    assert "QQ123456C" not in alert.get_content()
    assert clear["Subject"] == "[takeup] All clear: many records are in quarantine"


NEWS: dict[str, Any] = {
    "revised": {"count": 0, "largest": []},
    "crossed": {"count": 0, "targets": []},
    "silent": {"problem": None, "longest": []},
    "returns": {"overdue_of": {}},
}
FIGURE = {
    "service_id": "a",
    "service_name": "Fishing licence <b>",
    "period_kind": "quarter",
    "period_start": "2015-10-01",
    "period_end": "2015-12-31",
    "effect_pp": -1.25,
}
FEED = {
    "service_id": "a",
    "service_name": None,
    "channel": "phone",
    "last_came_on": "2026-10-27",
    "since": "2026-10-27",
    "silent_days": 7,
    "longest_gap_days": 3,
    "every_days": None,
}
NEVER_CAME = FEED | {"last_came_on": None, "longest_gap_days": None, "every_days": 5}
BROKEN = "register feeds.csv, line 2: no service_id"


@pytest.mark.parametrize(
    ("cause", "news", "says"),
    [
        (
            "figure_revised",
            {"revised": {"count": 1, "largest": [FIGURE]}},
            "Fishing licence <b>, October to December 2015: -1.25 pp",
        ),
        (
            "target_crossed",
            {"crossed": {"targets": [{"whose": "Passports", "says": "80% or more"}]}},
            "Passports, 80% or more",
        ),
        (
            "feed_overdue",
            {
                "silent": {"problem": None, "longest": [FEED]},
                "returns": {"overdue_of": {"dwp": 2}},
            },
            "a, phone: 7 days, last 27 October 2026 (longest gap 3)\n- dwp: 2 returns",
        ),
        (
            "feed_overdue",
            {"silent": {"problem": BROKEN, "longest": [FEED | {"every_days": 1}]}},
            f"- {BROKEN}\n- a, phone: 7 days, last 27 October 2026 (expected every 1 day by",
        ),
        (
            "feed_overdue",
            {"silent": {"problem": None, "longest": [NEVER_CAME]}},
            "a, phone: 7 days, none since 27 October 2026 (expected every 5 days by the register)",
        ),
    ],
)
def test_what_the_published_file_tells(
    settings: Settings,
    mailbox: Mailbox,
    hook: Hook,
    monkeypatch: pytest.MonkeyPatch,
    cause: str,
    news: dict[str, Any],
    says: str,
) -> None:
    build_staging(settings)
    swap(settings, run_id="run", require_pass=gate_passed)
    now = dict(NEWS | news)
    monkeypatch.setattr("publish.news.news_of", lambda *_, **__: now)
    text = told_and_over(settings, mailbox, cause, over=lambda: now.update(NEWS))
    assert says in text
    assert "<b>" not in texts(hook)[0]


def test_something_in_no_register(settings: Settings, mailbox: Mailbox) -> None:
    build_staging(settings)
    swap(settings, run_id="run", require_pass=gate_passed)

    def change(statement: str) -> None:
        with duckdb.connect(str(settings.published_file)) as connection:
            connection.execute(statement)

    change(
        "create table unregistered as select 'service' as kind, 'x' as published_id,"
        " 1 as services_count, 'service \"Lighthouse visits\" is in no register' as what"
    )
    text = told_and_over(
        settings, mailbox, "unregistered", over=lambda: change("delete from unregistered")
    )
    assert 'service "Lighthouse visits" is in no register' in text


# Once a day, and when it is over.


def test_what_lasts_is_told_each_day_and_what_came_only_once(
    settings: Settings, mailbox: Mailbox, seen: Found
) -> None:
    seen |= {"disk_low": ("full",), "unregistered": ("a",)}
    for hours in (0, 6, 24, 30, 48):
        tell(settings, now=NOON + timedelta(hours=hours))
    disk, unknown = TITLES["disk_low"], TITLES["unregistered"]
    assert mailbox.subjects == [f"[takeup] {title}" for title in (disk, unknown, disk, disk)]
    seen["unregistered"] = ("a", "b")
    tell(settings, now=NOON + timedelta(hours=50))
    assert mailbox.subjects[4:] == [f"[takeup] {unknown}"]


def test_what_comes_again_after_it_was_over_waits_for_the_next_day(
    settings: Settings, mailbox: Mailbox, seen: Found
) -> None:
    for lines in (("x",), (), ("x",), (), ("x",)):
        seen["run_failed"] = lines
        tell(settings, now=NOON)
    assert len(mailbox.mails) == 2
    tell(settings, now=NOON + timedelta(days=1))
    assert len(mailbox.mails) == 3


def test_what_can_not_be_seen_is_neither_told_nor_over(
    settings: Settings, mailbox: Mailbox, seen: Found
) -> None:
    seen["run_failed"] = ("x",)
    tell(settings, now=NOON)
    seen.clear()
    tell(settings, now=NOON)
    assert len(mailbox.mails) == 1
    seen["run_failed"] = ()
    tell(settings, now=NOON)
    assert len(mailbox.mails) == 2


def test_without_its_memory_a_message_is_only_repeated(
    settings: Settings, mailbox: Mailbox, seen: Found
) -> None:
    seen["run_failed"] = ("x",)
    memory = folder_of(settings) / FILE_NAME
    for text in ("{}", "[]", "torn", '{"run_failed": {"e-mail": {"frobs": 1}}}', "\x00"):
        tell(settings, now=NOON)
        memory.write_text(text, encoding="utf-8")
    assert len(mailbox.mails) == 5


# Runs and ways that fail.


def test_a_way_that_fails_is_tried_by_the_next_run_and_holds_up_no_other(
    settings: Settings, mailbox: Mailbox, hook: Hook, seen: Found
) -> None:
    seen |= {"run_failed": ("x",), "disk_low": ("y",)}
    mailbox.mood = "refuses"
    lines = tell(settings, now=NOON)
    assert [line.partition(":")[0] for line in lines].count("warning") == 1
    assert "nobody here" in lines[0]
    assert (len(mailbox.mails), len(hook.bodies)) == (0, 2)
    mailbox.mood = "takes"
    tell(settings, now=NOON)
    assert (len(mailbox.mails), len(hook.bodies)) == (2, 2)


@pytest.mark.parametrize(
    ("statuses", "bodies"),
    [([503], 1), ([503, 503], 0), ([404], 0), ([302], 0)],
    ids=["a passing one", "one that stays", "a refusal", "another address"],
)
def test_a_webhook_is_tried_again_only_where_that_may_help(
    settings: Settings, hook: Hook, seen: Found, statuses: list[int], bodies: int
) -> None:
    seen["run_failed"] = ("x",)
    hook.statuses = statuses
    lines = tell(settings, now=NOON)
    assert len(hook.bodies) == bodies
    assert hook.statuses == []
    assert not any("hush" in line for line in lines)


@pytest.mark.parametrize("address", ["file:///etc/hostname", "http://127.0.0.1:9/hush", "hush"])
def test_no_address_of_a_webhook_stops_a_run_or_is_shown(
    settings: Settings, seen: Found, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen["run_failed"] = ("x",)
    monkeypatch.setenv("TAKEUP_ALERT_WEBHOOK", address)
    lines = tell(Settings.load(settings.home), now=NOON)
    assert "webhook" in lines[-1].lower()
    assert "could not be sent" in lines[-1]
    assert "hush" not in " ".join(lines)
    assert "hostname" not in " ".join(lines)


def test_nothing_goes_out_where_the_line_can_not_be_encrypted(
    settings: Settings, mailbox: Mailbox, seen: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen["run_failed"] = ("x",)
    monkeypatch.setenv("TAKEUP_SMTP_STARTTLS", "yes")
    monkeypatch.setenv("TAKEUP_SMTP_USER", "pipeline")
    monkeypatch.setenv("TAKEUP_SMTP_PASSWORD", PASSWORD)
    lines = tell(Settings.load(settings.home), now=NOON)
    assert "could not be sent: e-mail" in lines[0]
    assert {line.split()[0].upper() for line in mailbox.said} <= {
        "EHLO",
        "HELO",
        "QUIT",
        "STARTTLS",
    }


class Killed(BaseException):
    """Stands in for a kill: nothing of ours runs after it."""


def test_a_run_that_is_killed_while_it_tells_loses_nothing_and_repeats_little(
    settings: Settings, mailbox: Mailbox, seen: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen["disk_low"] = ("x",)
    only_mail = settings.model_copy(update={"alert_webhook": type(settings.alert_webhook)("")})
    send = ways.send

    def sends_and_dies(*given: Any) -> None:
        send(*given)
        raise Killed

    def dies(*_: Any) -> None:
        raise Killed

    monkeypatch.setattr(engine, "send", dies)
    with pytest.raises(Killed):
        tell(only_mail, now=NOON)
    assert mailbox.mails == []
    monkeypatch.setattr(engine, "send", sends_and_dies)
    with pytest.raises(Killed):
        tell(only_mail, now=NOON)
    for _ in range(12):
        tell(only_mail, now=NOON)
    assert len(mailbox.mails) == 1
    monkeypatch.setattr(engine, "send", send)
    tell(only_mail, now=NOON + timedelta(days=1))
    assert len(mailbox.mails) == 2


@pytest.mark.parametrize("error", [None, OSError("no space"), KeyboardInterrupt()])
def test_a_run_ends_as_it_would_and_tells(
    settings: Settings,
    mailbox: Mailbox,
    error: BaseException | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with nullcontext() if error is None else pytest.raises(type(error)), alerting(settings):
        step(settings, "build" if error else "publish", error)
        if error is not None:
            raise error
    assert len(mailbox.mails) == (1 if error else 0)
    said = capsys.readouterr()
    assert said.out == ""
    assert [line.partition(":")[0] for line in said.err.splitlines()] == (
        ["told by e-mail", "told by webhook"] if error else []
    )


def test_a_run_that_is_kept_out_tells_nothing(settings: Settings, mailbox: Mailbox) -> None:
    step(settings, "build", OSError("no space"))
    with pytest.raises(LeaseHeld), alerting(settings):
        raise LeaseHeld("another run")
    assert mailbox.mails == []


def test_whatever_goes_wrong_in_telling_fails_no_run(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Found:
        raise RuntimeError("a bug")

    monkeypatch.setattr(engine, "observe", broken)
    assert tell(settings) == ["warning: alerts could not be told (RuntimeError: a bug)"]


def test_what_can_not_be_read_keeps_nothing_else_from_being_told(
    settings: Settings, mailbox: Mailbox
) -> None:
    step(settings, "build", OSError("no space"))
    settings.published.mkdir()
    settings.published_file.write_bytes(b"torn" * 5000)
    (settings.log / "_delta_log").mkdir(parents=True)
    (settings.log / "_delta_log" / "00000000000000000000.json").write_text("torn")
    tell(settings)
    assert mailbox.subjects == ["[takeup] The nightly run failed"]


def test_by_default_nobody_is_told_and_nothing_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "observe", lambda *_, **__: pytest.fail("it was looked at"))
    assert tell(Settings(home=tmp_path / "home")) == []
    assert list(tmp_path.iterdir()) == []


# What a message says.


def test_teams_gets_a_card_in_which_nothing_is_markup(
    settings: Settings, hook: Hook, seen: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen["unregistered"] = ("service [here](http://example.org)",)
    monkeypatch.setenv("TAKEUP_ALERT_WEBHOOK_SHAPE", "teams")
    tell(Settings.load(settings.home), now=NOON)
    (body,) = hook.bodies
    card = body["attachments"][0]["content"]
    assert card["type"] == "AdaptiveCard"
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    runs = [run["text"] for block in card["body"] for run in block["inlines"]]
    assert "- service [here](http://example.org)" in runs


def test_a_message_shows_some_lines_and_no_control_characters() -> None:
    lines = tuple(f"line {number}\r\nBcc: x\x1b[2J" for number in range(SHOWN + 5))
    message = alert(BY_ID["unregistered"], lines, home="home", moment="now")
    assert "\x1b" not in message.text
    assert "\nBcc" not in message.text
    assert "- and 5 more" in message.text
    assert f"line {SHOWN}" not in message.text


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.cause_id)
def test_each_cause_has_its_section_of_the_runbook(cause: Any) -> None:
    text = (PROJECT_ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    assert f"\n## {cause.section}\n" in text
    (row,) = (line for line in text.splitlines() if line.startswith(f"| `{cause.cause_id}` |"))
    _, _, title, _, owner, link, _ = (cell.strip() for cell in row.split("|"))
    assert (title, owner) == (cause.title, cause.owner)
    assert link == f"[{cause.section}](#{cause.anchor.partition('#')[2]})"


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.cause_id)
def test_a_message_says_who_acts(cause: Any) -> None:
    message = alert(cause, ("something",), home="home", moment="now")
    assert f"Who acts: {cause.owner}." in message.lines


def test_secrets_are_shown_nowhere(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from core.secrets import masked
    from takeup import logs

    monkeypatch.setenv("TAKEUP_SMTP_PASSWORD", PASSWORD)
    monkeypatch.setenv("TAKEUP_LOG_FORMAT", "json")
    loaded = Settings.load(settings.home)
    assert "hush" not in repr(loaded)
    assert "hush" not in masked(f"535 {PASSWORD} is wrong")
    logs.configure(loaded)
    logs.tell("step_failed", error=f"login with {PASSWORD}")
    logs.configure(settings)
    said = capsys.readouterr().err
    assert "hush" not in said
    assert json.loads(said)["error"] == "login with ***"


# The command.


@pytest.fixture
def takeup(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line in this process: exit code, output, errors."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["takeup", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        said = capsys.readouterr()
        return int(stopped.value.code or 0), said.out, said.err

    return run


def test_the_command_shows_what_is_the_matter_and_tells_once(
    settings: Settings, mailbox: Mailbox, takeup: Command
) -> None:
    step(settings, "publish")
    assert takeup("--home", settings.home, "alerts") == (0, "nothing is the matter\n", "")
    code, said, _ = takeup("--home", settings.home, "alerts", "--failed")
    assert (code, said.splitlines()) == (
        0,
        [
            "The nightly run failed (docs/runbook.md#a-run-failed)",
            "  the scheduler says that the run failed or was killed",
            "told by e-mail: The nightly run failed",
            "told by webhook: The nightly run failed",
        ],
    )
    _, said, _ = takeup("--home", settings.home, "alerts", "--failed", "--json")
    assert [one["cause"] for one in json.loads(said)["holding"]] == ["run_failed"]
    assert json.loads(said)["told"] == []
    assert len(mailbox.mails) == 1


def test_a_test_goes_out_by_each_way_and_says_which_failed(
    settings: Settings, mailbox: Mailbox, hook: Hook, takeup: Command
) -> None:
    arguments = ("--home", settings.home, "alerts", "--test")
    assert takeup(*arguments) == (0, "e-mail: sent\nwebhook: sent\n", "")
    assert (mailbox.subjects, len(hook.bodies)) == (["[takeup] Test of alerts"], 1)
    mailbox.mood = "refuses"
    code, said, error = takeup(*arguments)
    assert (code, said) == (1, "webhook: sent\n")
    assert "not sent: e-mail" in error


def test_a_test_without_a_way_is_a_usage_error(
    tmp_path: Path, takeup: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TAKEUP_ALERT_EMAIL", raising=False)
    monkeypatch.delenv("TAKEUP_ALERT_WEBHOOK", raising=False)
    code, _, error = takeup("--home", tmp_path / "home", "alerts", "--test")
    assert code == 2
    assert "no way is on" in error
