"""The pages at the end of a run: made of what it published, and never a reason for it to fail."""

from __future__ import annotations

from core.errors import TakeupError
from core.settings import Settings


def pages_line(settings: Settings) -> str:
    """Make the pages where the settings want them; what became of them in one line, else empty.

    Whatever goes wrong is told and not raised: the figures are out already, the pages before stay,
    and the next run makes them again.
    """
    if not settings.pages:
        return ""
    from publish.pages.site.build import build_site

    try:
        return f"pages: {build_site(settings).made}"
    except TakeupError as error:
        why = str(error)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
    return (
        f"warning: the pages could not be made ({' '.join(why.split())}). The run is as it says"
        " above, the pages before stay, and the next run tries again; `takeup site` tells more."
    )
