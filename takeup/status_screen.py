"""`takeup status` for a person: one screen, at most 80 columns but for paths, in words that say
the same without colours."""

from __future__ import annotations

import datetime as dt
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from core.periods import REPORTING_ZONE
from core.terminal import unguarded
from publish.display import counted, day, moment, period, printable
from publish.summary import SIMULATED
from takeup.news_lines import crossed_line, revised_line, silent_line
from takeup.status import Facts, step_after

WIDTH: Final = 80
LABEL: Final = 15
IN_DOUBT_SHOWN: Final = 3
"""Of the doubts that could move most; the published file and the pages have all."""

Tone = Literal["", "good", "attention", "bad"]
STYLES: Final = {"": "", "good": "green", "attention": "yellow", "bad": "bold red"}


@dataclass(frozen=True)
class Told:
    """One thing that is told, under its label; `is_path` is left in one piece, to be copied."""

    label: str
    text: str
    tone: Tone = ""
    is_path: bool = False


def print_screen(found: Facts) -> None:
    """Print the facts of a home; colours only on a terminal that wants them."""
    from rich.console import Console
    from rich.text import Text

    console = Console(file=unguarded(sys.stdout), soft_wrap=True, highlight=False)
    before = None
    for one in told_of(found):
        for line in lines_of(one, repeats=one.label == before):
            shown = Text(line, style=STYLES[one.tone])
            shown.stylize("bold", 0, LABEL)
            console.print(shown)
        before = one.label


def lines_of(one: Told, *, repeats: bool = False) -> list[str]:
    """Its lines, the label before the first of them unless it `repeats` the one above."""
    label = "" if repeats else one.label
    text = printable(one.text)
    if one.is_path:
        return [f"{label:{LABEL}}{text}"]
    return textwrap.wrap(
        text,
        width=WIDTH,
        initial_indent=f"{label:{LABEL}}",
        subsequent_indent=" " * (LABEL + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


def told_of(found: Facts) -> Iterator[Told]:
    """All that is told of a home: what must not be missed first, where things are last."""
    for line in found.get("withheld", ()):
        yield Told("withheld", line, "bad")
    if found["log"] == "simulated":
        yield Told("SIMULATED", SIMULATED.removeprefix("SIMULATED DATA: "), "attention")
    yield Told("home", found["home"], is_path=True)
    yield Told("at", moment(found["looked_at"]))
    yield from _run(found)
    yield from _new(found)
    yield from _sources(found)
    yield from _waiting(found)
    yield from _due(found)
    yield from _doubts(found)
    yield from _held(found)
    for name, place in found["places"].items():
        yield Told(name, place or "none yet", is_path=True)


def _run(found: Facts) -> Iterator[Told]:
    run = found["last_run"]
    if found["running"] != "nothing":
        yield Told("running", f"{found['running']}: what follows may change", "attention")
    if run is None:
        if found["log"] == "none yet":
            yield Told("last run", "none yet: nothing has been taken in")
        else:
            grown = f"the log last grew {moment(found['last_addition'])}"
            yield Told("last run", f"not recorded; {grown}", "attention")
        return
    ended, took = moment(run["ended_at"]), _duration(run["seconds"])
    yield {
        "published": Told("last run", f"done {ended}, after {took}: published", "good"),
        "under_way": Told("last run", f"under way: {run['step']} done {ended}"),
        "stopped": Told(
            "last run",
            f"STOPPED in {step_after(run['step'])}: killed, or waits for its next step. Its step"
            f" {run['step']} was done {ended}; run again",
            "bad",
        ),
        "failed": Told("last run", f"FAILED in {run['step']} {ended}, after {took}", "bad"),
    }[run["state"]]
    if run["error"]:
        yield Told("last run", run["error"], "bad")
    if took_in := run["took_in"]:
        yield Told("last run", _taken_in(took_in))


def _taken_in(counts: dict[str, int]) -> str:
    if not counts.get("files"):
        return "it found no new files"
    refused = counts.get("rejected", 0)
    return (
        f"it took in {counted(counts['accepted'], 'record')} of {counted(counts['files'], 'file')};"
        f" {counts['quarantined']:,} to quarantine, {counted(refused, 'file')} rejected"
    )


def _new(found: Facts) -> Iterator[Told]:
    if "new_since" not in found:
        return
    since = f"since {day(_london(found['new_since']).date())}, {found['new_since_what']}:"
    yield Told("new", since)
    if revised := found.get("revised"):
        count = counted(revised["count"], "figure") if revised["count"] else "no figure"
        yield Told("new", f"- {count} revised by more than a point")
        for one in revised["largest"]:
            yield Told("new", f"  {revised_line(one)}")
    if crossed := found.get("crossed"):
        for one in crossed["targets"]:
            yield Told("new", f"- target crossed: {crossed_line(one)}", "attention")
        if not crossed["count"]:
            yield Told("new", "- no target was crossed")
    if silent := found.get("silent"):
        yield from _silent(silent)
    if found["not_told"]:
        which = ", ".join(found["not_told"])
        yield Told("new", f"- an earlier version made the file; it can't tell: {which}")


def _silent(silent: Facts) -> Iterator[Told]:
    if silent["problem"]:
        yield Told("new", f"- {silent['problem']}", "bad")
    if not silent["feeds_count"]:
        return
    feeds = counted(silent["feeds_count"], "feed")
    if not silent["count"]:
        yield Told("new", f"- none of {feeds} of events has gone silent")
        return
    yield Told("new", f"- SILENT for too long: {silent['count']} of {feeds} of events", "attention")
    for one in silent["longest"]:
        yield Told("new", f"  {silent_line(one)}")


def _sources(found: Facts) -> Iterator[Told]:
    for kind, source in found.get("sources", {}).items():
        files = f"{counted(source['files'], 'file')}, the last {moment(source['last_at'])}"
        yield Told("sources", f"{kind}: {files}")
    if publications := found.get("publications"):
        latest = (f"{kind} {day(_london(on).date())}" for kind, on in publications.items())
        yield Told("sources", f"latest publications: {', '.join(latest)}")


def _waiting(found: Facts) -> Iterator[Told]:
    """What was refused, withheld or set aside, and what to do about it."""
    quarantine = found.get("quarantine", "empty")
    if quarantine == "empty":
        yield Told("quarantine", "empty")
    else:
        for reason, count in sorted(quarantine.items(), key=lambda item: (-item[1], item[0])):
            step = found["next_steps"][reason]
            yield Told("quarantine", f"{count:,} {reason}: {step}", "attention")
    if rejected := found.get("files", {}).get("rejected"):
        step = "land the mended file; the table ingest_ledger says why"
        yield Told("rejected", f"{counted(rejected, 'file')}: {step}", "attention")
    if (withheld := found.get("withheld_count")) is not None:
        whose = ", shown first" if found.get("withheld") else ", none of a service with a target"
        yield Told("withheld", f"{counted(withheld, 'figure')}{whose}" if withheld else "nothing")
    if "set_aside" in found:
        yield Told("set aside", _set_aside(found["set_aside"]))
    if isinstance(lines := found.get("unregistered", "nothing"), list):
        for line in lines:
            yield Told("unregistered", line, "attention")
    yield from _to_hand_over(found.get("hand_over", "nothing"))


def _to_hand_over(packs: list[Facts] | str) -> Iterator[Told]:
    if isinstance(packs, str):
        if packs != "nothing":
            yield Told("hand-over", packs, "bad")
        return
    for one in packs:
        next_step = (
            f"`takeup hand-over {one['pack']}`"
            if one["is_approved"]
            else f"look at it, then `takeup hand-over {one['pack']} --role ROLE`"
        )
        state = "is approved, not handed over" if one["is_approved"] else "WAITS FOR APPROVAL"
        told = f"{one['pack']} for {one['recipient_name']} {state}: {next_step}"
        yield Told("hand-over", told, "attention")


def _due(found: Facts) -> Iterator[Told]:
    if returns := found.get("returns"):
        yield from _returns(returns)
    if (commentary := found.get("commentary")) and commentary["missing"]:
        yield from _commentary(commentary)
    if promises := found.get("promises"):
        yield Told(
            "promises",
            f"{promises['due']} with a test are due; of {promises['unanswered']} of them no report"
            " says that anything was done"
            if promises["due"]
            else "none with a test is due",
        )
        if promises["came_due"]:
            since = day(_london(found["new_since"]).date())
            yield Told("promises", f"{promises['came_due']} came due since {since}, the latest:")
        for one in promises["latest"]:
            said = f"{one['who']}, {one['promise'].rstrip('.')}"
            yield Told("promises", f"  {said} ({day(_date(one['due_on']))})")


def _returns(returns: Facts) -> Iterator[Told]:
    if returns["overdue"]:
        of = ", ".join(f"{who} {count}" for who, count in returns["overdue_of"].items())
        said = f"{counted(returns['overdue'], 'return')} OVERDUE: {of}; ask for them"
        yield Told("returns", said, "bad")
    if returns["due"]:
        by = day(_date(returns["next_due_on"]))
        yield Told("returns", f"{returns['due']} due, the next on {by}")
    if not returns["overdue"] and not returns["due"]:
        came = f"{returns['received']:,} have come" if returns["received"] else "none has ever come"
        yield Told("returns", f"none is awaited; {came}")


def _commentary(commentary: Facts) -> Iterator[Told]:
    """Returns whose department owes commentary: which, and what for."""
    said = f"commentary missing of {counted(commentary['missing'], 'return')}; ask for it"
    yield Told("returns", said, "attention")
    for one in commentary["latest"]:
        when = period(one["period_kind"], _date(one["period_start"]), _date(one["period_end"]))
        name = one["service_name"] or one["service_id"]
        why = one["commentary_needed_for"].replace("_", " ")
        yield Told("returns", f"  {one['department_id']}, {name}, {when}: {why}")


def _doubts(found: Facts) -> Iterator[Told]:
    if not isinstance(lines := found.get("in_doubt", "nothing"), list):
        return
    head, *doubts = lines
    for line in [head, *doubts[:IN_DOUBT_SHOWN]]:
        yield Told("in doubt", line)


def _held(found: Facts) -> Iterator[Told]:
    """Log and published file, and whether the one has what the other holds."""
    if found["log"] == "none yet":
        yield Told("log", "none yet")
    else:
        grown = f"last grew {moment(found['last_addition'])}"
        version = f"version {found['log_version']}{_epoch(found['epoch'])}"
        yield Told("log", f"{found['log']}, {version}, {grown}")
        yield Told("events", f"{found['events']:,}")
        yield Told("files", _states(found["files"]))
        count, read = found["log_files"], found["log_files_read"]
        yield Told("log files", f"{count:,}" + (f", read as {read:,}" if read < count else ""))
        if (size_bytes := found["identity_index_bytes"]) is not None:
            yield Told("identity index", f"{size_bytes / 1e6:,.1f} MB")
    if found["published"] == "nothing yet":
        yield Told("published", "nothing yet")
    elif "published_problem" in found:
        yield Told("published", f"CAN'T BE READ: {found['published_problem']}", "bad")
        yield Told("published", "`takeup replay` makes it again from the log", "bad")
    else:
        version, code = found["published_log_version"], found["published_code_version"]
        epoch = found["published_epoch"]
        is_behind = (version, epoch) != (
            found.get("log_version", version),
            found.get("epoch", epoch),
        )
        behind = "; BEHIND the log: the next run publishes the rest" if is_behind else ""
        yield Told(
            "published",
            f"log version {version}{_epoch(epoch)}, by code {code}{behind}",
            "bad" if is_behind else "",
        )


def _epoch(number: int) -> str:
    """Said from the second on: that the log was restored, so that versions of before differ."""
    return "" if number == 1 else f" of epoch {number}"


def _set_aside(kinds: dict[str, int] | str) -> str:
    if isinstance(kinds, str):
        return kinds
    return " and ".join(counted(count, kind.removesuffix("s")) for kind, count in kinds.items())


def _states(counts: dict[str, int]) -> str:
    return ", ".join(f"{state} {count:,}" for state, count in sorted(counts.items())) or "none"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _london(iso: str) -> dt.datetime:
    return dt.datetime.fromisoformat(iso).astimezone(REPORTING_ZONE)


def _date(iso: str) -> dt.date:
    return dt.date.fromisoformat(iso)
