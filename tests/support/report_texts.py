"""Reports in the action papers' layout, written for the tests: no word of them is published."""

from __future__ import annotations

from core.settings import PROJECT_ROOT
from ingest.sources.reports import Document, Registers, read_document

REGISTERS = Registers(
    departments=(
        ("Department for Kites", "kites"),
        ("DfK", "kites"),
        ("The Lighthouse Office", "lights"),
        ("Lighthouse Office", "lights"),
        ("Ministry of Ferries and Fords", "ferries"),
        ("Mapmakers' Commission", "maps"),
        ("Board of Beacons", "lights"),
    ),
    services=(
        ("Kite licences", "kites-licences"),
        ("kite licence", "kites-licences"),
        ("KLO", "kites-licences"),
        ("Ferry tickets", "ferries-tickets"),
        ("Lamp Scheme", "lights-lamps"),
        ("postcards", "maps-postcards"),
        ("Chart Portal", "maps-portal"),
    ),
    service_departments={
        "kites-licences": "kites",
        "ferries-tickets": "ferries",
        "lights-lamps": "lights",
        "maps-postcards": "maps",
        "maps-portal": "maps",
    },
    service_kinds={
        "kites-licences": "service",
        "ferries-tickets": "service",
        "lights-lamps": "programme",
        "maps-postcards": "service",
        "maps-portal": "platform",
    },
    service_names={
        "kites-licences": "Kite licences",
        "ferries-tickets": "Ferry tickets",
        "lights-lamps": "Lamp Scheme",
        "maps-postcards": "Postcards",
        "maps-portal": "Chart Portal",
    },
)
"""Departments and services of no government."""

FRONT = "Action 12: publish what services do\nUpdated 3 March 2014\n"


def read(text: str) -> Document:
    """A text as read with the registers of the tests."""
    return read_document(text.encode(), registers=REGISTERS)


def read_claims(sentence: str, *, section: str = "Progress during 2013") -> Document:
    """One sentence in a section of the Department for Kites."""
    return read(f"{FRONT}Department for Kites\n{section}\n{sentence}\n")


SEEDS = PROJECT_ROOT / "seeds"
