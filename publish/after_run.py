"""What a run makes last of what it published, the pack of the latest quarter and the pages: never a
reason for it to fail.

Whatever goes wrong is told and not raised: the figures are out already, what was there before
stays, and the next run tries again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import TakeupError
from core.limits import limit_met, with_remedy
from core.live import showing
from core.settings import Settings

WARNING: Final = "warning: "
"""What the line of something that could not be made begins with."""


@dataclass(frozen=True)
class LatestPack:
    """What became of the latest quarter's pack in one line, empty where nobody wants one, and
    where it lies; None where there is none."""

    line: str = ""
    path: Path | None = None


def latest_pack(settings: Settings) -> LatestPack:
    """Make the pack of the latest quarter where the settings want it and its records are new."""
    if not settings.pack:
        return LatestPack()
    found: list[Path] = []

    def make() -> str:
        from publish.export import export_latest_quarter

        pack = export_latest_quarter(settings)
        if pack is None:
            return "no pack: no quarter of any service is known yet"
        found.append(pack.path)
        return pack.line

    with showing(settings, "the pack"):
        line = _told(make, what="the pack", by_itself="takeup export")
    return LatestPack(line, found[0] if found else None)


def pages_line(settings: Settings) -> str:
    """Make the pages where the settings want them; what became of them in one line, else empty."""
    if not settings.pages:
        return ""

    def make() -> str:
        from publish.pages.site.build import build_site

        return f"pages: {build_site(settings).made}"

    with showing(settings, "the pages"):
        return _told(make, what="the pages", by_itself="takeup site")


def newest_pack(exports: Path) -> Path | None:
    """The pack that was written last into a folder of packs; None where there is none."""
    manifests = sorted(exports.glob("mi-*/manifest.json"), key=lambda path: path.stat().st_mtime)
    return manifests[-1].parent if manifests else None


def _told(make: Callable[[], str], *, what: str, by_itself: str) -> str:
    try:
        return make()
    except TakeupError as error:
        why = with_remedy(str(error))
    except Exception as error:
        why = limit_met(error) or f"{type(error).__name__}: {error}"
    return (
        f"{WARNING}{what} could not be made ({' '.join(why.split())}). The run is as it says"
        f" above, what was there before stays, and the next run tries again; `{by_itself}` tells"
        " more."
    )
