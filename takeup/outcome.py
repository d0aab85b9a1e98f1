"""The end of a run: take-up against targets, then where things are."""

from __future__ import annotations

from pathlib import Path

from core.settings import Settings


def print_outcome(settings: Settings) -> None:
    """Print the targets of the published file and the places of a home."""
    from rich.console import Console

    from publish.summary import render_places, render_targets, target_rows

    console = Console()
    render_targets(target_rows(settings.published_file), console)
    render_places(
        {
            "published file": settings.published_file,
            "MI packs": _if_there(settings.exports),
            "data docs": _if_there(settings.site / "data_docs" / "index.html"),
            "gate results": settings.warehouse / "gates",
        },
        console,
    )


def _if_there(path: Path) -> Path | None:
    return path if path.exists() else None
