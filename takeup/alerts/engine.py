"""All of an alert: look, see what is due, send, remember. Never a reason for a run to fail."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime

from core.errors import LeaseHeld
from core.files import sole_writer
from core.periods import REPORTING_ZONE
from core.secrets import masked
from core.settings import Settings
from publish.display import moment
from takeup import logs
from takeup.alerts.causes import BY_ID, CAUSES, Cause
from takeup.alerts.messages import Message, alert, all_clear, trial
from takeup.alerts.observation import Found, observe
from takeup.alerts.told import Memory, Told, digests, folder_of
from takeup.alerts.ways import NotSent, Way, send, ways_of


@contextmanager
def alerting(settings: Settings) -> Iterator[None]:
    """Tell what is to be told when a run has ended, however it ended, and say so on standard
    error; a run that another one keeps out is none."""
    try:
        yield
    except LeaseHeld:
        raise
    except BaseException:
        _say(tell(settings))
        raise
    _say(tell(settings))


def _say(lines: list[str]) -> None:
    for line in lines if not logs.is_on() else ():
        print(line, file=sys.stderr)


def tell(
    settings: Settings, *, now: datetime | None = None, known: Found | None = None
) -> list[str]:
    """Tell by every way that is on what holds, and what is over.

    Args:
        known: what a scheduler says of a run, beside what the home knows.

    Returns:
        A line for each message that went out, and for each way that failed; none where there
        was nothing to tell.
    """
    try:
        ways = ways_of(settings)
        if not ways:
            return []
        now = now or datetime.now(UTC)
        found = observe(settings, now=now, known=known)
        with _alone(settings):
            return _tell(_Telling(settings, now), ways, found)
    except LeaseHeld:
        return []
    except Exception as error:
        why = masked(f"{type(error).__name__}: {error}")
        logs.tell("alert_failed", level="warning", error=why)
        return [f"warning: alerts could not be told ({why})"]


def holding(settings: Settings, *, known: Found | None = None) -> list[tuple[Cause, str]]:
    """Each line of what is the matter now with its cause, whether it is told to anybody or not."""
    found = observe(settings, now=datetime.now(UTC), known=known)
    return [(cause, line) for cause in CAUSES for line in found.get(cause.cause_id, ())]


def try_ways(settings: Settings) -> list[tuple[str, str | None]]:
    """Send a test by every way that is on: each way's name, and why it failed if it did."""
    told: list[tuple[str, str | None]] = []
    telling = _Telling(settings, datetime.now(UTC))
    for way in ways_of(settings):
        try:
            send(way, trial(home=telling.home, moment=telling.moment))
            told.append((way.name, None))
        except NotSent as error:
            told.append((way.name, str(error)))
    return told


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Keep others from telling the same; where the folder can't be made, tell all the same."""
    with ExitStack() as held:
        with suppress(OSError):
            held.enter_context(sole_writer(folder_of(settings)))
        yield


class _Telling:
    """One look at a home: when, and what is remembered of the looks before."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.home = str(settings.home)
        self.memory = Memory.of(settings)
        self.today = now.astimezone(REPORTING_ZONE).date().isoformat()
        self.moment = moment(now.isoformat())

    def message(self, cause: Cause, lines: tuple[str, ...]) -> Message:
        """That a cause holds, or that it is over."""
        if lines:
            return alert(cause, lines, home=self.home, moment=self.moment)
        return all_clear(cause, home=self.home, moment=self.moment)

    def keep(self) -> None:
        """A disk without room keeps nobody from being told of it."""
        with suppress(OSError):
            self.memory.keep()


def _tell(telling: _Telling, ways: list[Way], found: Found) -> list[str]:
    said: list[str] = []
    for way in ways:
        for cause_id, lines in sorted(found.items(), key=lambda one: list(BY_ID).index(one[0])):
            cause, told = BY_ID[cause_id], telling.memory.about(cause_id, way.name)
            if not _is_due(cause, told, lines, today=telling.today):
                continue
            message = telling.message(cause, lines)
            try:
                _send(telling, way, message, told, lines)
            except NotSent as error:
                logs.tell("alert_failed", level="warning", way=way.name, error=str(error))
                said.append(f"warning: an alert could not be sent: {error}")
                break  # The others would wait for the same server, one after the other.
            logs.tell("alert_sent", way=way.name, cause=cause_id, is_over=not lines)
            said.append(f"told by {way.name}: {message.subject.removeprefix('[takeup] ')}")
    return said


def _is_due(cause: Cause, told: Told, lines: tuple[str, ...], *, today: str) -> bool:
    if told.is_spent(today):
        return False
    return told.wants(lines, today=today, is_news=cause.is_news) if lines else told.is_open


def _send(
    telling: _Telling, way: Way, message: Message, told: Told, lines: tuple[str, ...]
) -> None:
    told.begin(telling.today)
    telling.keep()
    try:
        send(way, message)
        if lines:
            told.on, told.is_open, told.items = telling.today, True, digests(lines)
        else:
            told.is_open, told.items = False, []
    except NotSent:
        told.end()
        telling.keep()
        raise
    told.end()
    telling.keep()
