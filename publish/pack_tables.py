"""The tables of a quarter's pack: which rows of which mart, with the names of what they are about.

Each query reads `known_MART`, the mart's rows at the pack's moment, and what `publish.known` lays
beside them. A table of periods has a file for each kind of period: a pivot adds nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.periods import Quarter
from publish.doubts import largest_doubts_sql

_OF_SERVICE: Final = (
    "names.service_name, names.department_id, names.department_name, names.organisation_id,"
    " names.organisation_name"
)
_PERIOD: Final = "service_id period_kind period_start".split()
_GRAIN: Final = tuple("service_id period_kind period_start definition_id measure basis".split())
_BODY: Final = "level department_id organisation_id structure scope period_kind".split()


@dataclass(frozen=True)
class TableSpec:
    """One table of a pack.

    Args:
        name: its file's name without its kind; of a table of periods without that of the period.
        marts: what it reads, as `known_MART`. The first describes it and says why it is empty.
        query: SQL of its rows.
        key: the columns that say which row a row is.
        first_by: SQL of what its rows go by, before all columns.
        by_kind: whether each kind of period has a file of its own.
        department: SQL of the department that a row is of; empty where a pack of one department
            has all rows.
        refers: whether its services are rows of `services`.
    """

    name: str
    marts: tuple[str, ...]
    query: str
    key: tuple[str, ...]
    first_by: str = ""
    by_kind: bool = False
    department: str = "department_id"
    refers: bool = True

    @property
    def mart(self) -> str:
        """The mart that describes it."""
        return self.marts[0]


SERVICES: Final = TableSpec(
    "services", ("services",), "select * from known_services", ("service_id",)
)
"""The table of services; a pack has those that its other tables mention."""


def _named(source: str, where: str = "true", columns: str = "rows.*") -> str:
    """SQL: rows of a relation that has services, with the names of each after its id."""
    return f"""
        select rows.service_id, {_OF_SERVICE},
            {columns} exclude (service_id, is_simulated), rows.is_simulated
        from {source} as rows
        left join names on rows.service_id = names.service_id
        where {where}
    """


_IN_PERIODS: Final = (
    "(rows.period_kind, rows.period_start) in (select (period_kind, period_start) from periods)"
)
_IS_HEADLINE: Final = f"""({", ".join(f"rows.{name}" for name in _GRAIN)}) in (
    select ({", ".join(_GRAIN)}) from known_take_up_headline
)"""
_HEADLINE_OF_BODIES: Final = """
    rows.structure = 'current'
    and rows.definition_id = (select definition_id from definition_of_bodies)
"""


def _bodies(where: str) -> str:
    """SQL: rows of bodies in the pack's periods, with their names."""
    return f"""
        select
            rows.level, rows.department_id, names.department_name, rows.organisation_id,
            names.organisation_name,
            rows.* exclude (level, department_id, organisation_id, is_simulated),
            rows.is_simulated
        from known_department_take_up as rows
        left join body_names as names
            on
                rows.department_id = names.department_id
                and rows.organisation_id is not distinct from names.organisation_id
        where {_IN_PERIODS} and {where}
    """


_MISSING: Final = """
    select
        coalesce(rows.service_id, returns.service_id) as service_id,
        names.service_name,
        coalesce(rows.department_id, returns.department_id) as department_id,
        names.department_name, names.organisation_id, names.organisation_name,
        coalesce(rows.period_start, returns.period_start) as period_start,
        coalesce(rows.period_end, returns.period_end) as period_end,
        rows.* exclude (service_id, department_id, period_start, period_end, is_simulated),
        returns.service_id is not null and returns.received_at is null as is_return_outstanding,
        returns.due_on,
        coalesce(returns.is_commentary_missing, false) as is_commentary_missing,
        returns.commentary_needed_for,
        coalesce(rows.is_simulated, returns.is_simulated) as is_simulated
    from (select * from known_unmeasured_services as rows where {quarter}) as rows
    full join (
        select * from known_mi_returns as rows
        where (rows.received_at is null or rows.is_commentary_missing)
            and rows.period_kind = 'quarter' and {quarter}
    ) as returns
        on rows.service_id = returns.service_id and rows.period_start = returns.period_start
    left join names on coalesce(rows.service_id, returns.service_id) = names.service_id
""".format(quarter="rows.period_start = (select starts_on from pack)")

# The later moment is the pack's own, which its manifest has: in the rows it would make them new
# records whenever the log grew.
_CHANGED_AGGREGATES: Final = """
    select
        rows.level, rows.department_id, bodies.department_name,
        rows.* exclude (level, department_id, new_known_at, service_id, is_simulated),
        rows.service_id, names.service_name, causes.cause, rows.is_simulated
    from known_aggregate_revisions as rows
    left join names on rows.service_id = names.service_id
    left join body_names as bodies
        on rows.department_id = bodies.department_id and bodies.organisation_id is null
    left join (
        select service_id, string_agg(distinct cause, '; ' order by cause) as cause
        from known_revisions, pack
        where new_known_at > pack.changed_since and new_known_at <= pack.known_at
        group by service_id
    ) as causes on rows.service_id = causes.service_id
    where
        (rows.period_kind, rows.period_end) in (select (period_kind, period_end) from periods)
"""
_CHANGED_FIGURES: Final = """
    rows.service_id is not null
    and rows.timing <> 'first_value'
    and rows.new_known_at > (select changed_since from pack)
    and rows.new_known_at <= (select known_at from pack)
    and rows.period_end <= (select ends_on from pack)
"""


_OF_THE_PACK: Final = """(
    select * from known_data_quality
    where (select department_id from pack) is null or service_id in (
        select names.service_id from names
        where names.department_id = (select department_id from pack)
    )
)"""
"""Doubts of the department that a pack is of: its largest are not those of all."""


def _doubts(asked: Quarter) -> str:
    """SQL: the quarter's largest doubts, with names."""
    largest = largest_doubts_sql(_OF_THE_PACK, asked.start, asked.end)
    return f"""
        select rows.place, rows.others_count, {_OF_SERVICE},
            rows.* exclude (place, others_count, is_simulated), rows.is_simulated
        from ({largest}) as rows
        left join names on rows.service_id = names.service_id
    """


def pack_specs(asked: Quarter) -> Iterator[TableSpec]:
    """Every table of a quarter's pack but `services`, in the order of their files."""
    yield from _take_up()
    yield from _departments()
    yield from _moves()
    yield from _owed()
    yield TableSpec(
        "data_quality",
        ("data_quality",),
        _doubts(asked),
        ("place",),
        first_by="place",
        refers=False,
    )
    yield TableSpec(
        "set_asides", ("set_asides",), "select * from known_set_asides", (), department=""
    )


def _take_up() -> Iterator[TableSpec]:
    """Services by period: what to quote, and what other definitions say."""
    yield TableSpec(
        "take_up",
        ("take_up_headline",),
        _named("known_take_up_headline", _IN_PERIODS),
        tuple(_PERIOD),
        by_kind=True,
    )
    yield TableSpec(
        "take_up_other_definitions",
        ("take_up", "take_up_headline"),
        _named("known_take_up", f"{_IN_PERIODS} and not {_IS_HEADLINE}"),
        _GRAIN,
        by_kind=True,
    )
    yield TableSpec(
        "offline_volumes",
        ("offline_volumes",),
        _named("known_offline_volumes", _IN_PERIODS),
        tuple(_PERIOD),
        first_by="offline_count desc nulls last",
        by_kind=True,
    )
    for mart in ("channel_volumes", "channel_shares"):
        yield TableSpec(
            mart,
            (mart,),
            _named(f"known_{mart}", f"{_IN_PERIODS} and rows.is_authoritative"),
            (*_PERIOD, "channel"),
            by_kind=True,
        )
    yield TableSpec(
        "service_measures",
        ("service_measures",),
        _named("known_service_measures", _IN_PERIODS),
        (*_PERIOD, "basis"),
        by_kind=True,
    )


def _departments() -> Iterator[TableSpec]:
    """Bodies by period, never by their ratio: they go by where the work is."""
    first_by = "offline_count desc nulls last"
    for name, where, by_kind in (
        ("government", f"{_HEADLINE_OF_BODIES} and rows.level = 'government'", False),
        ("departments", f"{_HEADLINE_OF_BODIES} and rows.level = 'department'", True),
        ("organisations", f"{_HEADLINE_OF_BODIES} and rows.level = 'organisation'", True),
    ):
        scope = "true" if name == "government" else "rows.scope = 'all'"
        yield TableSpec(
            name,
            ("department_take_up",),
            _bodies(f"{where} and {scope}"),
            tuple(_BODY[: 2 + (name == "organisations")]) + tuple(_BODY[4:]),
            first_by=f"period_kind, scope, {first_by}",
            by_kind=by_kind,
            department="" if name == "government" else "department_id",
        )
    shown = f"{_HEADLINE_OF_BODIES} and (rows.scope = 'all' or rows.level = 'government')"
    yield TableSpec(
        "department_take_up_other_readings",
        ("department_take_up",),
        _bodies(f"({shown}) is not true"),
        (),
        first_by=f"level, structure, scope, period_kind, {first_by}",
    )


def _moves() -> Iterator[TableSpec]:
    """Shift of services, what it adds up to for bodies, and what publications changed."""
    yield TableSpec(
        "channel_shift",
        ("channel_shift", "take_up_headline"),
        _named("known_channel_shift", f"{_IN_PERIODS} and {_IS_HEADLINE}"),
        tuple(_PERIOD),
        by_kind=True,
    )
    of_definition = "rows.definition_id = (select definition_id from definition_of_bodies)"
    yield TableSpec(
        "channel_shift_decomposition",
        ("channel_shift_decomposition", "department_take_up"),
        f"""
            select rows.* from known_channel_shift_decomposition as rows
            where {_IN_PERIODS} and {of_definition}
        """,
        (),
        by_kind=True,
    )
    yield TableSpec(
        "channel_shift_contributions",
        ("channel_shift_contributions", "department_take_up"),
        f"""
            select rows.* exclude (service_id, is_simulated), rows.service_id,
                names.service_name, rows.is_simulated
            from known_channel_shift_contributions as rows
            left join names on rows.service_id = names.service_id
            where {_IN_PERIODS} and {of_definition} and rows.scope = 'all'
                and rows.level in ('government', 'department')
        """,
        ("level", "department_id", "comparison", *_PERIOD),
        by_kind=True,
    )
    yield TableSpec(
        "changed_figures",
        ("revisions",),
        _named("known_revisions", _CHANGED_FIGURES),
        (),
        first_by="abs(effect_pp) desc nulls last",
    )
    yield TableSpec(
        "changed_aggregates",
        ("aggregate_revisions", "revisions"),
        _CHANGED_AGGREGATES,
        ("level", "department_id", "scope", "definition_id", *_PERIOD),
        first_by="level desc, department_id, scope, period_kind, abs(effect_pp) desc nulls last",
        refers=False,
    )


def _owed() -> Iterator[TableSpec]:
    """Targets, promises, what is missing, and the returns."""
    yield TableSpec(
        "target_attainment",
        ("target_attainment",),
        """
            select rows.* exclude (is_simulated), names.service_name, rows.is_simulated
            from known_target_attainment as rows
            left join names on rows.service_id = names.service_id
        """,
        ("target_id",),
    )
    yield TableSpec(
        "promises",
        ("promises",),
        "select * from known_promises",
        ("promise_id",),
        refers=False,
    )
    yield TableSpec(
        "missing",
        ("unmeasured_services", "mi_returns"),
        _MISSING,
        ("service_id", "period_start"),
        first_by="assumed_count desc nulls last, last_total_count desc nulls last",
    )
    yield TableSpec(
        "mi_returns",
        ("mi_returns",),
        f"""
            select rows.* exclude (is_simulated), names.service_name, rows.is_simulated
            from known_mi_returns as rows
            left join names on rows.service_id = names.service_id
            where {_IN_PERIODS}
        """,
        tuple(_PERIOD),
    )
