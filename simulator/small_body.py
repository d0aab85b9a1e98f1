"""Simulated figures of a body that publishes in the tidy format, under names that no register
knows: a department, an organisation and a service that are published as printed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.files import write_file

SERVICE: Final = "simulated-lighthouse-visits"
PUBLICATION: Final = "2015-06"
PUBLICATIONS: Final = f"""\
publication,published_at,source,document,simulated
{PUBLICATION},2015-06-30T09:30:00+01:00,urn:takeup:simulated:lighthouses,lighthouses.csv,true
"""
LISTINGS: Final = f"""\
service_id,service_name,department_name,organisation_name,publication
{SERVICE},Lighthouse visits,Department for Simulated Affairs,Board of Lights,{PUBLICATION}
"""
CELLS_HEADER: Final = (
    "service_id,breakdown,measure,period_kind,period_start,period_end,count,status,publication"
)
QUARTERS: Final = (
    ("2014-04-01", "2014-06-30", 5_210, 1_980),
    ("2014-07-01", "2014-09-30", 7_440, 3_050),
    ("2014-10-01", "2014-12-31", 2_870, 1_320),
    ("2015-01-01", "2015-03-31", 2_530, 1_290),
)
"""First day, last day, visits booked, and those of them that were booked online."""


def simulate_small_body(folder: Path) -> None:
    """Write its tables, the same bytes each time."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        f"{SERVICE},{part},completed,quarter,{first},{last},{count},,{PUBLICATION}"
        for first, last, total, digital in QUARTERS
        for part, count in (("total", total), ("digital", digital))
    ]
    write_file(folder / "publications.csv", PUBLICATIONS)
    write_file(folder / "listings.csv", LISTINGS)
    write_file(folder / "cells.csv", "\n".join([CELLS_HEADER, *rows, ""]))
