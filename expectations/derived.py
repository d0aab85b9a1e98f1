"""Expectations that follow from a declaration of a table, so that no suite repeats it.

The published tables are declared by their dbt models (`contracts`), the log's records by the
columns that ingest writes. What holds beyond a declaration is written in `suites/*.yml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from core.sql import quote
from expectations.definitions import Expectation, Gate

Kind = Literal["columns", "key", "nulls", "values", "rules", "simulated"]
Value = str | int | float | bool


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """What a declaration says of one table."""

    table: str
    rows: str
    """What one row is."""
    columns: Mapping[str, bool]
    """Every column, and whether each row must have a value in it."""
    keys: Sequence[Sequence[str]] = ()
    """Columns that together name a row. Nulls count as equal in a key of several columns; in
    a key of one column they are passed over."""
    accepted: Mapping[str, Sequence[Value]] = {}
    """Per column the values that it may have, besides null."""
    limits: Mapping[str, str] = {}
    """Per column a SQL condition on its values, which a null keeps."""
    holds: Mapping[str, str] = {}
    """Per name a SQL condition on each row; one that is null does not hold."""
    show: Sequence[str] = ()
    """The columns by which a reader finds a row; by default the first key, or all."""

    @property
    def shown(self) -> list[str]:
        """The columns by which a reader finds a row."""
        return list(self.show or (self.keys[0] if self.keys else self.columns))


NAMES: dict[Kind, str] = {
    "columns": "has_its_columns",
    "key": "rows_are_unique",
    "nulls": "has_no_gaps",
    "values": "values_are_known",
    "rules": "keeps_its_rules",
    "simulated": "says_whether_it_is_simulated",
}
MEANS: dict[Kind, str] = {
    "columns": "The table has the columns that its contract names, and no others.",
    "key": "No two rows have the same {about}.",
    "nulls": "Every row has a value in {about}.",
    "values": "Only values that the contract lists are in {about}.",
    "rules": "Every row keeps the rules of the contract: {about}.",
    "simulated": "Every row says, and says rightly, whether the log behind it is simulated.",
}

MODEL = (
    "A model multiplies rows or breaks a rule of its contract in dbt_project/models. Nothing was "
    "published; correct the model, run `takeup build` and `takeup check`."
)
RECORD = (
    "Ingestion should have quarantined the record. Find its file and line with `takeup trace`, "
    "and correct the source module or the schema that let it through."
)
FILE = (
    "A file of the pack is not what the pack or a contract says. Nothing was handed over. "
    "`takeup export` puts a folder that was touched right; where it leaves it as it is, publish/ "
    "writes it wrong."
)
WHEN_IT_TRIPS: dict[Gate, dict[Kind, str]] = {
    "pack": {},
    "warehouse": {
        "columns": (
            "A published column was renamed, dropped or added without its contract. Put it "
            "right, or change the contract of the model, docs/ and the changelog first, and "
            "tell those who query it."
        ),
        "simulated": (
            "Simulated and real figures may have been mixed, and must never be. Check which "
            "home the build ran in; nothing was published."
        ),
    },
    "log": {
        "columns": (
            "Files were written by another version of the project. Compare its release with the "
            "one that wrote the last commit; nothing in the log needs to change."
        ),
    },
}
ANYTHING_ELSE: dict[Gate, str] = {"warehouse": MODEL, "log": RECORD, "pack": FILE}


def name_of(table: str, kind: Kind) -> str:
    """The name of a table's expectation of a kind."""
    return f"{table}_{NAMES[kind]}"


def derived(contract: Contract, gate: Gate) -> list[Expectation]:
    """What a contract lets a gate expect: at most one expectation of each kind.

    Past the log's gate `is_simulated`, where a table has it, is compared with the word of the log
    for it, or of the pack.
    """
    required = {name: f"{name} is null" for name, needed in contract.columns.items() if needed}
    unknown = {
        name: f"{name} not in ({', '.join(map(sql_value, values))})"
        for name, values in contract.accepted.items()
    }
    rules = {name: f"not ({limit})" for name, limit in contract.limits.items()}
    rules |= {name: f"not coalesce({one}, false)" for name, one in contract.holds.items()}
    queries: list[tuple[Kind, str, str]] = [("columns", "", other_columns(contract.columns))]
    if contract.keys:
        about = ", nor the same ".join(", ".join(key) for key in contract.keys)
        queries.append(("key", about, "\nunion all by name\n".join(map(doubles, contract.keys))))
    if required:
        queries.append(("nulls", ", ".join(required), broken_rows(contract, required)))
    if unknown:
        queries.append(("values", ", ".join(unknown), broken_rows(contract, unknown)))
    if rules:
        about = "; ".join([*contract.limits.values(), *contract.holds])
        queries.append(("rules", about, broken_rows(contract, rules)))
    if gate != "log" and "is_simulated" in contract.columns:
        queries.append(("simulated", "", SIMULATED))
    return [
        Expectation(
            name=name_of(contract.table, kind),
            severity="fail",
            means=MEANS[kind].format(about=about),
            when_it_trips=WHEN_IT_TRIPS[gate].get(kind, ANYTHING_ELSE[gate]),
            unexpected_rows=sql,
        )
        for kind, about, sql in queries
    ]


SIMULATED = """
select is_simulated, count(*) as rows_count
from batch
where is_simulated is null
    or is_simulated <> (select log_kind.is_simulated from log_kind)
group by is_simulated
"""


def other_columns(columns: Iterable[str]) -> str:
    """SQL for the columns that a table has besides these, and for those of these that it lacks.

    Great Expectations has an expectation for it, which takes ten times as long to find out.
    """
    return (
        f"with expected as (select unnest([{', '.join(map(quote, columns))}]) as column_name)\n"
        "select\n"
        "    column_name,\n"
        "    case when expected.column_name is null then 'not in the contract' else 'missing' end\n"
        "        as what\n"
        "from (describe select * from batch) as found\n"
        "full join expected using (column_name)\n"
        "where expected.column_name is null or found.column_name is null"
    )


def doubles(key: Sequence[str]) -> str:
    """SQL for the values of a key that several rows have."""
    columns = ", ".join(key)
    given = f"\nwhere {columns} is not null" if len(key) == 1 else ""
    return (
        f"select {columns}, count(*) as rows_count\nfrom batch{given}\n"
        f"group by {columns}\nhaving count(*) > 1"
    )


def broken_rows(contract: Contract, broken: Mapping[str, str]) -> str:
    """SQL for the rows of which one of these conditions is true, with what is broken in each:
    columns with their values, rules by their names."""
    said = ",\n    ".join(
        f"case when {condition} then {printed(contract, name)} end"
        for name, condition in broken.items()
    )
    return (
        f"select {', '.join(contract.shown)},\n    concat_ws(', ', {said}) as broken\n"
        f"from batch\nwhere {' or '.join(broken.values())}"
    )


def printed(contract: Contract, name: str) -> str:
    """SQL for the text of a column with its value, or of a rule's name."""
    if name not in contract.columns:
        return quote(name)
    return f"'{name} = ' || coalesce(cast({name} as varchar), 'null')"


def sql_value(value: Value) -> str:
    """A value that a column may have, as SQL."""
    return quote(value) if isinstance(value, str) else str(value).lower()
