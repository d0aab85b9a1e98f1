"""What an alert may be about: what each cause means, who acts, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One cause.

    Args:
        cause_id: its name in settings, state and docs.
        title: what has happened, as the subject of a message.
        means: what that means for readers of the figures.
        owner: who acts, in a role.
        action: what to do, in a sentence.
        section: heading of the runbook that says more.
        is_news: something came and is told once; else it lasts, and is told each day until it is
            over.
    """

    cause_id: str
    title: str
    means: str
    owner: str
    action: str
    section: str
    is_news: bool = False

    @property
    def anchor(self) -> str:
        """The section's address."""
        return "docs/runbook.md#" + self.section.lower().replace(" ", "-").replace(",", "")


CAUSES: Final = (
    Cause(
        cause_id="run_failed",
        title="The nightly run failed",
        means="Nothing of this run was published; readers have the figures of the last good run.",
        owner="whoever looks after the nightly run",
        action="Read what `takeup status` says of the last run, mend it, and run again: nothing is"
        " counted twice.",
        section="A run failed",
    ),
    Cause(
        cause_id="gate_tripped",
        title="A gate stopped the nightly run",
        means="What was to be published breaks what is expected of it; readers have the figures of"
        " the last good run.",
        owner="whoever looks after the nightly run; the source of the data or the keeper of"
        " the register decides who is right",
        action="Look at the rows that the gate shows (`takeup status`, the pages of the gates), and"
        " decide who is right: the data, the register or the expectation.",
        section="A gate stopped the run",
    ),
    Cause(
        cause_id="packs_failed",
        title="A pack could not be made",
        means="The figures are published; a pack in `exports/` is still the one before.",
        owner="whoever looks after the nightly run",
        action="Read the log of the task `export`, mend what it names (disk, permissions), and"
        " clear the task.",
        section="A run failed",
    ),
    Cause(
        cause_id="hand_over_failed",
        title="A pack could not be handed over",
        means="A recipient doesn't have it yet; what others were to get has gone out.",
        owner="whoever looks after the nightly run",
        action="Read the log of the red task; mend what it names (a file of the pack, the register"
        " of recipients, the mail server), and clear the task.",
        section="A pack could not be handed over",
    ),
    Cause(
        cause_id="reports_failed",
        title="A review could not be made",
        means="The figures are published; a review in `exports/` is still the one before.",
        owner="whoever looks after the nightly run",
        action="Read the log of the red task, mend what it names (disk, permissions), and clear"
        " the task.",
        section="A run failed",
    ),
    Cause(
        cause_id="log_damaged",
        title="The event log is damaged",
        means="It is not what it recorded, or could not be read; what is published was made"
        " before that was seen.",
        owner="whoever looks after the nightly run",
        action="Stop the nights, read what `takeup verify` names, and restore the log from the"
        " newest copy.",
        section="The log is damaged",
    ),
    Cause(
        cause_id="replay_failed",
        title="A replay failed",
        means="What is published stays as it was before.",
        owner="whoever looks after the nightly run",
        action="Read the log of the red task, mend what it names, and start the replay again.",
        section="A run failed",
    ),
    Cause(
        cause_id="disk_low",
        title="A disk is nearly full",
        means="The next run may find no room. What is published stays as it is.",
        owner="whoever looks after the machine",
        action="Free space, or give the home a larger disk.",
        section="The disk is full",
    ),
    Cause(
        cause_id="quarantine_full",
        title="Many records are in quarantine",
        means="These records count nowhere until they are accepted.",
        owner="the MI team, with the sources that sent them",
        action="`takeup quarantine show` has them; mend the register, or ask the source to send"
        " them again.",
        section="Records are in quarantine",
    ),
    Cause(
        cause_id="feed_overdue",
        title="A feed is overdue",
        means="A service's channel has sent no events for longer than the register of feeds states"
        " or than ever before, or a return's day is over: its figures end where it stopped.",
        owner="whoever runs the service, or the department that owes the return",
        action="Ask whoever runs the service or owes the return; land what they send.",
        section="A feed is overdue",
    ),
    Cause(
        cause_id="unregistered",
        title="Something unregistered arrived",
        means="It is published under its printed name, and belongs to no register yet.",
        owner="the MI team, who keep the registers",
        action="`takeup registers suggest --to DIR` writes the rows to review.",
        section="Something is in no register",
        is_news=True,
    ),
    Cause(
        cause_id="figure_revised",
        title="A figure was revised by more than a point",
        means="Take-up that was published before is another figure now.",
        owner="the MI team",
        action="Look at the table `revisions` for who changed what; tell those who quoted it.",
        section="A figure was revised",
        is_news=True,
    ),
    Cause(
        cause_id="target_crossed",
        title="A target was crossed",
        means="A service has reached its target, or has fallen below it.",
        owner="the MI team, with the department whose target it is",
        action="Look at the table `target_attainment`, and at what moved it, before saying so.",
        section="A target was crossed",
        is_news=True,
    ),
)
"""In the order in which they are told."""

BY_ID: Final = {cause.cause_id: cause for cause in CAUSES}
