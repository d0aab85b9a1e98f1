"""What an Airflow task does: a step of the nightly run, pages, packs or their hand-over, with
errors in Airflow's terms."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from core.errors import GateFailed, IntegrityError, LeaseHeld, UsageError
from core.lease import lease
from core.settings import Settings
from takeup import logs, nightly
from takeup.last_run import run_recorded
from takeup.progress import step_line

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
    settings = Settings.load()
    logs.configure(settings, write=log.info)
    log.info("%s: started", step)
    started = time.monotonic()
    try:
        facts = run_recorded(settings, step, getattr(nightly, step), run_id=run_id)
    except NOT_RETRIED as error:
        log.error("%s: stopped: %s", step, error)
        raise AirflowFailException(str(error)) from error
    except Exception as error:
        log.error("%s: failed: %s: %s", step, type(error).__name__, error)
        raise
    log.info("%s", step_line(step, facts, seconds=time.monotonic() - started))
    return facts


def export_changed_packs() -> dict[str, Any]:
    """The packs that a publication has changed, a line of the log for each.

    Returns:
        Folders of packs by what became of them, fit for JSON.
    """
    from publish.handed_over import export_changed

    found: dict[str, Any] = {}
    for pack in export_changed(Settings.load()):
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

    settings = Settings.load()
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
