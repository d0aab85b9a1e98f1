"""The three tables of tidy volumes: their columns, and how a table is known by its header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.sql import quote
from ingest.refusals import FileRejected
from ingest.validation.data_check import NUMBER_MEANT

KEY = "service_id"
PERIOD = ("period_kind", "period_start", "period_end")


@dataclass(frozen=True)
class Table:
    """One table. `columns` need to be there, `optional` ones may be.

    told_by: names that no other table has.
    filled: columns that need a text in each row.
    problems: SQL, `when ... then 'reason|detail'` for what can be wrong with its rows besides.
    """

    name: str
    told_by: frozenset[str]
    columns: tuple[str, ...]
    optional: tuple[str, ...]
    filled: tuple[str, ...]
    problems: str = ""

    @property
    def events_sql(self) -> str:
        """SQL of its events: one row for each, with `kind`, `key` and `body`, of `spanned`."""
        return (Path(__file__).parent / f"{self.name}.sql").read_text(encoding="utf-8")

    @property
    def known(self) -> tuple[str, ...]:
        """Every column that it may have."""
        return (*self.columns, *self.optional)

    def check(self, names: Sequence[str]) -> None:
        """Refuse columns that are not the table's. Their order does not matter.

        Raises:
            FileRejected: `bad_header`, naming the column.
        """
        for name in names:
            if names.count(name) > 1:
                raise FileRejected("bad_header", f"column {name!r} appears twice")
            if name not in self.known:
                raise FileRejected("bad_header", f"column {name!r} is unknown in {self.name}")
        missing = next((name for name in self.columns if name not in names), None)
        if missing is not None:
            raise FileRejected("bad_header", f"column {missing!r} is missing in {self.name}")


CELLS = Table(
    name="cells",
    told_by=frozenset({"breakdown", "measure"}),
    columns=(KEY, "breakdown", "measure", *PERIOD, "count", "status", "publication"),
    optional=(),
    filled=("breakdown", "measure", *PERIOD),
    problems="""
        when cell_is_unreadable then 'unreadable_cell|column count: ' || left("count", 100)
        when cell_count is not null and status not in ('', 'provided')
            then 'invalid_field|count ' || "count" || ' beside status ' || left(status, 40)
        when cell_count is null and status = 'provided'
            then 'invalid_field|status provided without a count'
    """,
)
LISTINGS = Table(
    name="listings",
    told_by=frozenset({"service_name", "department_name"}),
    columns=(KEY, "service_name", "department_name", "publication"),
    optional=(
        "department_abbreviation",
        "organisation_name",
        "organisation_abbreviation",
        "customer_type",
        "business_model",
        "category",
        "previous_department_name",
        "previous_organisation_name",
        "notes",
        "last_publication",
    ),
    filled=("service_name", "department_name"),
)
STATED = Table(
    name="stated",
    told_by=frozenset({"metric", "value"}),
    columns=(KEY, "metric", "unit", *PERIOD, "value", "publication"),
    optional=("place", "last_publication"),
    filled=("metric", "unit", *PERIOD, "value"),
    problems=f"""
        when not is_decimal_text(unmarked("value"))
            and regexp_matches("value", {quote(NUMBER_MEANT)})
            then 'unreadable_cell|column value: ' || left("value", 100)
    """,
)
TABLES = (CELLS, LISTINGS, STATED)


def table_of(names: Sequence[str]) -> Table | None:
    """The table whose header this is, whole or not; None where it is none of ours.

    Every one names service and publication, and at least one column that is its own.
    """
    if not {KEY, "publication"} <= set(names):
        return None
    return next((table for table in TABLES if table.told_by & set(names)), None)
