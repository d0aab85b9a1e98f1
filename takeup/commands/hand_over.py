"""MI packs to those who get them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from takeup.commands.options import AsJson, Home, print_json, settings_of


def hand_over(
    pack: Annotated[
        str | None,
        typer.Argument(help="Name of the pack's folder in exports/; without it, what waits."),
    ] = None,
    to: Annotated[
        str | None, typer.Option(help="Recipient, instead of all who get packs like it.")
    ] = None,
    role: Annotated[
        str | None, typer.Option(help="In which role you approve it; no names.")
    ] = None,
    was_sent: Annotated[
        bool | None,
        typer.Option("--was-sent/--not-sent", help="Of a mail that broke off: whether it went."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that is approved, or with --role all that waits.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Approve a pack and hand it over to its recipients, once each.

    Without a pack it says what waits.
    """
    from core.errors import UsageError
    from core.lease import lease
    from publish.hand_over import hand_over as run
    from publish.hand_over import hand_over_all, waiting

    settings = settings_of(home)
    if pack is None and not everything:
        found = [asdict(one) for one in waiting(settings)]
        if as_json:
            print_json(found)
        else:
            _print_waiting(found)
        return
    if pack is not None and everything:
        raise UsageError("give a pack or --all, one of the two")
    if everything and (to is not None or was_sent is not None):
        raise UsageError("--to, --was-sent and --not-sent go with a pack")
    with lease(settings.home, purpose="hand-over"):
        if pack is not None:
            receipts = run(settings, pack, to=to, role=role, was_sent=was_sent)
        else:
            asked = {(one.pack, one.recipient_id) for one in waiting(settings)}
            receipts = list(hand_over_all(settings, role=role, asked=asked))
    if as_json:
        print_json([asdict(one) for one in receipts])
        return
    for one in receipts:
        print(f"{one.pack} went to {one.recipient_name} on {one.handed_over_at}: {one.place}")
        print(f"  receipt: {settings.receipts / one.key}.receipt.json")
    if not receipts:
        print("nothing was handed over: nothing approved waits")


def _print_waiting(found: list[dict[str, object]]) -> None:
    for one in found:
        state = "is approved, and not handed over yet" if one["is_approved"] else "waits"
        print(f"{one['pack']} {state}, for {one['recipient_name']} by {one['way']}")
    if found:
        print("to approve and hand over: takeup hand-over PACK --role ROLE")
    else:
        print("nothing waits to be handed over")
