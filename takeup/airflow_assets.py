"""What Airflow knows of as made by our runs, for DAGs that wait for it."""

from __future__ import annotations

from typing import Final

from airflow.sdk import Asset

PUBLISHED: Final = Asset(name="takeup_published", uri="takeup://published/", group="takeup")
"""The published file of a home, after a night that published: swapped in, or the same still."""

PACKS: Final = Asset(name="takeup_packs", uri="takeup://exports/", group="takeup")
"""The packs of a home, after a publication: made, or the same still."""

REPORTS: Final = Asset(name="takeup_reports", uri="takeup://reports/", group="takeup")
"""What a home's published file says of reports, after a night in which that is new."""
