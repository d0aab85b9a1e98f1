"""What a reader of a vintage should know though every row can be read: for the ledger's flags."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ingest.sources.flags import flag_of_rows
from ingest.sources.volume_columns import Layout, fold_header

if TYPE_CHECKING:
    import pyarrow as pa

TOTAL = re.compile(
    r"(grand |overall |sub-?)?totals?( (of|for) .*| all .*)?|.*[ -](grand )?totals?"
    r"|all( (services|departments|transactions))?|sum"
)


def remarks(rows: pa.Table, layout: Layout) -> tuple[str, ...]:
    """Flags of a vintage, each with what it is about: those on its services, and

    - `unread_column`: speaks of figures, in words that are not understood; it is not read.
    """
    return (
        *(f"unread_column: {name}" for name in layout.unread),
        *remarks_on_services(
            rows["row_number"].to_pylist(),
            rows[f"f{layout.key}"].to_pylist(),
            rows[f"f{layout.listing['service_name']}"].to_pylist(),
        ),
    )


def remarks_on_services(
    numbers: Sequence[int], slugs: Sequence[str], names: Sequence[str]
) -> tuple[str, ...]:
    """Flags on services as they are listed, by number of the row, key and name.

    - `looks_like_total`: a row that may be a sum of others, which would count twice;
    - `similar_slugs`: keys that differ by case, hyphens or invisible characters only.
    """
    found = [
        f"looks_like_total: row {number}, {slug or name}"
        for number, slug, name in zip(numbers, slugs, names, strict=True)
        if any(TOTAL.fullmatch(fold_header(cell)) for cell in (slug, name))
    ]
    alike: dict[str, list[int]] = defaultdict(list)
    for number, slug in zip(numbers, slugs, strict=True):
        if slug.strip():
            alike[_folded_slug(slug)].append(number)
    found += [
        flag_of_rows("similar_slugs", slug, same) for slug, same in alike.items() if len(same) > 1
    ]
    return tuple(found)


def _folded_slug(slug: str) -> str:
    """A key without case and what can't be seen, its words joined by single hyphens."""
    folded = fold_header(unicodedata.normalize("NFKC", slug))
    return re.sub(r"[ _-]+", "-", folded).strip("-")
