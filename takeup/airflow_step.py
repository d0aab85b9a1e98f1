"""What an Airflow task does, with errors in Airflow's terms: a step of the nightly run, pages,
packs, their hand-over, reviews, the whole check of the log, or all of it made again."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from core.errors import GateFailed, IntegrityError, LeaseHeld, UsageError
from core.lease import lease
from core.settings import Settings
from takeup import logs, nightly
from takeup.airflow_links import where_to_look
from takeup.last_run import run_recorded

if TYPE_CHECKING:
    from publish.pack import Pack

# Trying again can't mend these: the input, the log or the configuration must change first,
# and for a held lease the other run is already doing the work.
NOT_RETRIED: Final = (UsageError, GateFailed, IntegrityError, LeaseHeld)

log = logging.getLogger(__name__)


def run_step(step: str, *, run_id: str | None) -> dict[str, Any]:
    """One step of the nightly run, for the Airflow run that `run_id` names.

    The run id is the key of everything that a step leaves on disk for the next one, so that a
    retried task goes on where the failed one stopped. Manual runs may have no logical date:
    no date takes part.

    Returns:
        What the step reports of itself, fit for JSON.

    Raises:
        AirflowFailException: the step failed in a way that a retry can't mend.
    """
    if run_id is None:
        raise AirflowFailException(f"{step}: Airflow gave no run id")
    from takeup.progress import step_line
    from takeup.runs_page import drawing_failed_run

    settings = Settings.load()
    logs.configure(settings, write=log.info)
    log.info("%s: started", step)
    started = time.monotonic()
    with _in_terms_of_airflow(settings, "takeup_nightly", step), drawing_failed_run(settings):
        facts = run_recorded(settings, step, getattr(nightly, step), run_id=run_id)
    log.info("%s", step_line(step, facts, seconds=time.monotonic() - started))
    return facts


@contextmanager
def _in_terms_of_airflow(settings: Settings, dag: str, task: str) -> Iterator[None]:
    """Errors of ours as Airflow takes them, each with a line that says where to look."""
    try:
        yield
    except NOT_RETRIED as error:
        log.error("%s: stopped: %s", task, error)
        log.error("%s: %s", task, where_to_look(settings, dag, task))
        raise AirflowFailException(str(error)) from error
    except Exception as error:
        log.error("%s: failed: %s: %s", task, type(error).__name__, error)
        log.error("%s: %s", task, where_to_look(settings, dag, task))
        raise


def verify_log() -> dict[str, Any]:
    """Every byte of the log against its chain.

    Returns:
        What was walked, fit for JSON.

    Raises:
        AirflowFailException: the log is damaged, with every problem, or there is none.
    """
    from takeup.verification import verify_home

    settings = Settings.load()
    with _in_terms_of_airflow(settings, "takeup_verify", "verify"):
        found = verify_home(settings, copies=True)
        found.require_sound()
    log.info("sound: %s commits, %s files, head %s", found.commits, found.files, found.head)
    for note in found.notes:
        log.info("%s", note)
    return {"commits": found.commits, "files": found.files, "head": found.head}


def replay_home() -> dict[str, Any]:
    """All tables again from the log alone, gated and published.

    Returns:
        Tables that are other than before, and what has changed since, fit for JSON.

    Raises:
        AirflowFailException: it failed in a way that a retry can't mend.
    """
    from takeup.replay import replay

    settings = Settings.load()
    with (
        _in_terms_of_airflow(settings, "takeup_replay", "replay"),
        lease(settings.home, purpose="replay"),
    ):
        replayed = replay(settings)
    for line in replayed.lines():
        log.info("%s", line)
    return {"differing": replayed.differing, "changed": list(replayed.changed)}


def require_new_reports() -> None:
    """Raises: AirflowSkipException: what is published of reports is what the reviews were made
    of."""
    from publish.reviews import reports_are_new

    if not reports_are_new(Settings.load()):
        raise AirflowSkipException("nothing is new of reports")


def export_all_reviews() -> dict[str, Any]:
    """The review of every year that a report speaks of, a line of the log for each.

    Returns:
        Folders of reviews by what became of them, fit for JSON.
    """
    from publish.reviews import export_reviews

    return _told_of(export_reviews(Settings.load()))


def export_changed_packs() -> dict[str, Any]:
    """The packs that a publication has changed, a line of the log for each.

    Returns:
        Folders of packs by what became of them, fit for JSON.
    """
    from publish.handed_over import export_changed

    return _told_of(export_changed(Settings.load()))


def _told_of(packs: Sequence[Pack]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pack in packs:
        log.info("%s", pack.line)
        found.setdefault(pack.state, []).append(str(pack.path))
    return found


def make_pages() -> dict[str, Any]:
    """The pack of the latest quarter and the pages, as far as the settings want them.

    Returns:
        What became of each in one line, fit for JSON.

    Raises:
        AirflowSkipException: one could not be made, which is no failure of the night.
    """
    from publish.after_run import WARNING, latest_pack, pages_line
    from takeup.runs_page import drawing_runs

    settings = Settings.load()
    with drawing_runs(settings):
        found = {"pack": latest_pack(settings).line, "pages": pages_line(settings)}
    for line in filter(None, found.values()):
        log.log(logging.WARNING if line.startswith(WARNING) else logging.INFO, "%s", line)
    if problems := [line for line in found.values() if line.startswith(WARNING)]:
        raise AirflowSkipException("; ".join(problems))
    return found


def packs_waiting() -> list[dict[str, Any]]:
    """The packs of which a person has to be asked before they are handed over, fit for JSON."""
    from publish.hand_over import waiting

    return [asdict(one) for one in waiting(Settings.load()) if not one.is_approved]


def hand_over_packs(
    asked: Sequence[dict[str, Any]] = (), approval: dict[str, Any] | None = None
) -> list[str]:
    """Hand over what is approved, and what was `asked`, by the role that was given with the
    approval.

    Returns:
        The keys of the receipts.

    Raises:
        AirflowFailException: something was set or said wrong, which a retry can't mend.
    """
    from publish.hand_over import hand_over_all

    settings = Settings.load()
    role = None if approval is None else str(approval["params_input"].get("role", ""))
    found = []
    try:
        with lease(settings.home, purpose="hand-over"):
            for receipt in hand_over_all(
                settings, role=role, asked={(one["pack"], one["recipient_id"]) for one in asked}
            ):
                log.info("%s: handed over to %s", receipt.pack, receipt.recipient_name)
                found.append(receipt.key)
    except UsageError as error:
        raise AirflowFailException(str(error)) from error
    return found
