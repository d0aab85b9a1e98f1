"""The names under which a text may mean a service, made from the names that registers print."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from core.registers import folded_name

Named = tuple[str, str]
"""A name as printed, and the identifier of the service that it stands for."""

FORM = re.compile(r" ?\([^()]*\)")
"""A form's number or an abbreviation in brackets, which prose leaves out."""
FEWEST_WORDS = 3
"""Words that a name needs to be told without its bracket: `Other services (consular)` is not."""
KIND = r"(?:new claims|claims|applications|bookings|registrations|renewals|returns|payments)"
OF_A_SERVICE = re.compile(rf"(?P<what>[^: ]+ [^:]+?)(?:: ?{KIND}| transactions)", re.I)
"""`Attendance Allowance: new claims`: prose says the benefit, and means what is claimed."""
CASELOAD = re.compile(r"\b(?:existing|maintained)\b", re.I)
"""What nobody takes up: it leaves the name of its benefit to the new claims."""


def names_of_services(*sources: Iterable[Named]) -> list[Named]:
    """Every name of every service: those of the first source before those of the next.

    Names are as printed, without a bracket, without a colon, and without the kind of transaction
    where only one service is of that name. A name that would stand for two services stands for
    neither, unless an earlier source says which.
    """
    names: dict[str, Named] = {}
    for source in sources:
        printed = list(source)
        _add(names, (spelt for name in printed for spelt in _as_printed(*name)))
        _add(names, _without_kind(printed))
    return list(names.values())


def _add(names: dict[str, Named], found: Iterable[Named]) -> None:
    """Add the names that are not known yet and stand for one service."""
    meant: dict[str, dict[str, Named]] = defaultdict(dict)
    for name, service_id in found:
        meant[folded_name(name)].setdefault(service_id, (name, service_id))
    for folded, by_service in meant.items():
        if len(by_service) == 1:
            names.setdefault(folded, *by_service.values())


def _as_printed(name: str, service_id: str) -> Iterator[Named]:
    bare = FORM.sub("", name)
    if len(bare.split()) < FEWEST_WORDS:
        bare = name
    for spelt in dict.fromkeys((name, bare, bare.replace(":", ""))):
        yield spelt, service_id


def _without_kind(printed: list[Named]) -> Iterator[Named]:
    """What is before the colon, where no other service is listed under it."""
    under: dict[str, set[str]] = defaultdict(set)
    for name, service_id in printed:
        if not CASELOAD.search(name):
            under[folded_name(FORM.sub("", name).partition(":")[0])].add(service_id)
    for name, service_id in printed:
        match = OF_A_SERVICE.fullmatch(FORM.sub("", name))
        if match is not None and len(under[folded_name(match["what"])]) == 1:
            yield match["what"], service_id
