"""A small staging warehouse with the columns of the analyst interface, for tests of publish/."""

from __future__ import annotations

from pathlib import Path

import duckdb

from core.settings import Settings

LOG_RUN_AT = "2017-07-01T02:00:00.000000Z"

_TAKE_UP_COLUMNS = """
    service_id varchar not null,
    period_kind varchar not null,
    period_start date not null,
    period_end date not null,
    definition_id varchar not null,
    measure varchar not null,
    digital_count bigint,
    total_count bigint,
    take_up_ratio double,
    take_up_lower double,
    take_up_upper double,
    parts_present bigint,
    parts_expected bigint,
    value_status varchar,
    status_reason varchar,
    is_default_definition boolean,
    basis varchar,
    is_authoritative boolean,
    known_at timestamptz,
    is_simulated boolean not null
"""


def make_settings(home: Path) -> Settings:
    return Settings(home=home)


def gate_passed(settings: Settings) -> None:
    """Stands in for the gate's record that this staging file passed."""
    assert settings.staging_file.is_file()


def build_staging(
    settings: Settings,
    *,
    log_version: int = 7,
    is_simulated: bool = False,
    status_reason: str | None = None,
    digital_count: int = 600,
    clutter_rows: int = 1000,
    reverse: bool = False,
    with_department_macro: bool = False,
    as_of_schema: str = "",
) -> Path:
    """Write the staging file anew, as the build leaves it: checkpointed, with schema internal.

    `digital_count` is that of the licence's first quarter (of 1000 transactions). `reverse`
    writes the same rows in the opposite order. `as_of_schema` goes before the tables that the
    macros name.
    """
    path = settings.staging_file
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob("takeup.duckdb*"):
        old.unlink()
    connection = duckdb.connect(str(path))
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("create schema internal")
    connection.execute(
        "create table internal.log_cells as"
        f" select i, md5(i::varchar) as cell from range({clutter_rows}) as t (i)"
    )
    connection.execute('create view internal.stg as select * from "takeup"."internal"."log_cells"')
    connection.execute(f"create table take_up ({_TAKE_UP_COLUMNS})")
    rows = _take_up_rows(
        digital_count=digital_count, status_reason=status_reason, is_simulated=is_simulated
    )
    connection.executemany(
        f"insert into take_up values ({', '.join('?' * 20)})", rows[::-1] if reverse else rows
    )
    connection.execute("comment on table take_up is 'Digital take-up of a service in a period'")
    connection.execute("comment on column take_up.take_up_ratio is 'digital_count / total_count'")
    connection.execute(
        "create table take_up_headline as select * from take_up where is_default_definition"
    )
    simulated = str(is_simulated).lower()
    connection.execute(
        f"""
        create table services as
        select
            'licence' as service_id, 'Fishing [rod] licence' as service_name,
            'defra' as department_id, 'Environment' as department_name,
            null::varchar as organisation_id, null::varchar as organisation_name,
            'flow' as volume_kind, {simulated} as is_simulated
        """
    )
    connection.execute(
        """
        create table department_take_up as
        select
            level, if(level = 'government', 'all', 'defra') as department_id,
            null::varchar as organisation_id, 'current' as structure, false as is_closed,
            period_kind, period_start, period_end, definition_id, 'all' as scope, digital_count,
            total_count, take_up_ratio, take_up_ratio as take_up_lower,
            take_up_ratio as take_up_upper, 1::bigint as services_active,
            1::bigint as services_measured, 0::bigint as services_in_part,
            1::double as coverage_ratio, 'complete' as coverage_status,
            total_count - digital_count as offline_count, 'licence' as largest_service_id,
            1::double as largest_service_share, is_simulated
        from take_up
        cross join (select unnest(['government', 'department']) as level)
        where is_default_definition
        """
    )
    connection.execute(
        """
        create table offline_volumes as
        select
            largest_service_id as service_id, period_kind, period_start, period_end, offline_count,
            total_count, 1::double as offline_share, 1::double as cumulative_share,
            null::bigint as change_count, true as offers_digital, 4::bigint as quarters_measured,
            is_simulated
        from department_take_up
        where level = 'government' and period_kind = 'rolling_year';
        create table unmeasured_services as
        select
            'defra' as department_id, period_start, period_end, 'angling' as service_id,
            'not_returned' as status, 100::bigint as last_total_count,
            date '2014-03-31' as last_period_end, 100::bigint as assumed_count, is_simulated
        from department_take_up
        where level = 'government' and period_kind = 'quarter';
        create table channel_shift_contributions as
        select
            level, department_id, scope, period_kind, period_start, period_end, definition_id,
            'year' as comparison, 'licence' as service_id, 1::double as within_service_pp,
            0::double as mix_pp, 0::double as entry_exit_pp, 0::double as coverage_pp, is_simulated
        from department_take_up;
        create macro aggregate_revisions_between(old_at, new_at) as table
            select
                level, department_id, scope, period_kind, period_start, period_end, definition_id,
                old_at as old_known_at, new_at as new_known_at, take_up_ratio - 0.01 as old_ratio,
                take_up_ratio as new_ratio, 'licence' as service_id, 1::double as effect_pp,
                'restated' as effect_kind, is_simulated
            from department_take_up
            where old_at is distinct from new_at
        """
    )
    connection.execute(
        """
        create table channel_shift as
        select
            service_id, period_kind, period_start, period_end, definition_id, measure, basis,
            take_up_ratio, null::double as shift_pp_previous, null::double as shift_pp_year,
            0.0::double as shift_pp_baseline, is_simulated
        from take_up_headline
        """
    )
    connection.execute(
        """
        create table revisions as
        select
            service_id, period_kind, period_start, period_end, definition_id,
            'digital_count' as quantity, 500::bigint as old_value,
            digital_count as new_value, timestamptz '2014-06-01 00:00:00+00' as old_known_at,
            known_at as new_known_at,
            'with_scheduled_release' as timing, 0.1::double as relative_size,
            5.0::double as effect_pp, null::varchar as cause, 'second.csv' as input, is_simulated
        from take_up_headline
        where period_kind = 'quarter'
        """
    )
    connection.execute(
        f"""
        create table target_attainment as
        select
            'licence-60' as target_id, 'licence' as service_id, 'defra' as department_id,
            'take_up' as metric, 0.6::double as target_ratio, date '2013-01-01' as set_on,
            date '2015-03-31' as due_on, 'rolling_year' as period_kind,
            'transactions-explorer' as definition_id,
            'transactions-explorer' as definition_used, 'reported' as basis,
            '=HYPERLINK("x")' as source,
            null::double as planned_ratio, 0.65::double as measured_ratio,
            date '2014-01-01' as measured_period_start, date '2014-12-31' as measured_period_end,
            5.0::double as gap_pp, null::double as planned_gap_pp,
            null::double as required_pp_per_quarter, true as is_attained,
            date '2014-12-31' as attained_not_before, date '2014-12-31' as attained_by,
            date '2014-12-31' as attained_on, null::date as lost_on, 1::bigint as periods_early,
            'quarter' as latest_period_kind, date '2014-12-31' as latest_period_end,
            0.7::double as latest_ratio, 'holding' as latest_says, false as is_stale,
            'attained' as verdict, null::varchar as reason, {simulated} as is_simulated
        """
    )
    connection.execute("create schema as_of")
    connection.execute(
        """
        create table as_of.target_periods as
        select
            'licence-60' as target_id, period_kind, period_start, period_end,
            period_kind = 'rolling_year' as is_judged, digital_count, total_count, take_up_ratio,
            take_up_ratio as lowest_ratio, take_up_ratio as highest_ratio
        from take_up
        where is_default_definition
        """
    )
    connection.execute(
        """
        create table figure_reconciliation as
        select 'f' as figure_id, 'agrees' as verdict, 'licence-60' as target_id
        """
    )
    connection.execute(
        """
        create table published_figures as
        select
            'f' as figure_id, 'action-8-2015-01-16' as document, 1::bigint as line,
            'licences' as subject, 'outcome' as claim_kind, 'target_met_early' as metric,
            1.0::double as value;
        create table report_claims as
        select
            'g' as figure_id, 'action-8-2015-01-16' as document, 2::bigint as line,
            'harbour' as subject_id, 'people_trained' as metric, 'target' as claim_kind,
            1.0::double as value;
        create table report_subjects as
        select 'harbour' as subject_id, 'Harbour' as subject_name, 'place' as kind;
        create table promises as
        select
            'action-8:defra:plan-2014:1' as promise_id, 'defra' as department_id,
            'Licences are online.' as promise, date '2014-12-31' as due_on, 'kept' as reported,
            'action-8-2015-01-16 line 1' as evidence, 'done' as progress,
            'attained' as target_verdict, 'Defra' as body, 'plan-2014' as section, 1 as line,
            true as is_reviewed, 'action-8-2015-01-16' as document, false as is_simulated;
        create table commitments as
        select
            'action-8' as report, 'defra' as department_id, 2014::bigint as reported_year,
            'action-8-2015-01-16' as document, 'done' as status
        """
    )
    connection.execute(
        f"""
        create table target_projections as
        select
            'licence-60' as target_id, 'licence' as service_id, 'defra' as department_id,
            'rolling_year' as period_kind, date '2014-04-01' as period_start,
            date '2015-03-31' as period_end, 1::bigint as quarters_ahead,
            0.65::double as projected_ratio, 0.6::double as lower_80, 0.7::double as upper_80,
            0.5::double as lower_95, 0.8::double as upper_95, 0.6::double as target_ratio,
            8::bigint as quarters_used, 'a method' as method, 'projected' as value_status,
            null::varchar as status_reason, timestamptz '{LOG_RUN_AT}' as known_at,
            {simulated} as is_simulated
        """
    )
    connection.execute(
        """
        create table mi_returns as
        select
            service_id, period_kind, period_start, period_end, 'defra' as department_id,
            date '2015-04-20' as due_on, timestamptz '2015-04-21 00:00:00+00' as received_at,
            true as is_late, 1::bigint as submissions_count, 0::bigint as refused_count,
            'service manager' as signed_off_by_role, 'department' as assurance,
            'final' as release_status, null::varchar as commentary,
            null::varchar as commentary_needed_for, false as is_commentary_missing, is_simulated
        from take_up_headline
        where period_kind = 'quarter'
        """
    )
    connection.execute(
        f"""
        create table set_asides as
        select
            'file' as what, 'blake3:wrong' as content_hash, 'wrong.csv' as input,
            null::varchar as event_source, null::varchar as event_id, null::varchar as event_type,
            12::bigint as records_count, 'data quality lead' as role, 'last year again' as reason,
            timestamptz '2015-02-01 00:00:00+00' as set_aside_at,
            timestamptz '2015-06-01 00:00:00+00' as restored_at,
            'data quality lead' as restored_by_role, 'it was this year' as restored_reason,
            {simulated} as is_simulated
        """
    )
    # Twelve doubts of the last quarter, the later the larger, of which one moves nothing; one of
    # the quarter before.
    connection.execute(
        """
        create table data_quality as
        select
            'check ' || number as check_id, 'warn' as severity, service_id, period_kind,
            period_start, period_end, 'take_up_ratio' as quantity, 'doubt ' || number as what,
            take_up_ratio as value, 0.5::double as expected, number::double as service_effect_pp,
            number / 10::double as department_effect_pp, 'v.csv' as input, known_at, is_simulated
        from take_up_headline, range(12) as numbers (number)
        where period_kind = 'quarter'
            and (period_start = '2014-10-01' or (period_start = '2014-07-01' and number = 11))
        """
    )
    connection.execute(
        f"""
        create table warehouse_version as
        select
            {log_version}::bigint as log_version, 'sha256:head{log_version}' as chain_head,
            1::bigint as epoch, '0.1.0' as code_version, timestamptz '{LOG_RUN_AT}' as run_at,
            {simulated} as is_simulated, 'sha256:definitions' as definitions_digest
        """
    )
    connection.execute(
        f"create table run_history as select 'run' as run_id, {simulated} as is_simulated"
    )
    connection.execute(f"update promises set is_simulated = {simulated}")
    marts = ["take_up", "take_up_headline", "services", "target_attainment", "commitments"]
    marts += ["published_figures", "figure_reconciliation"]
    if with_department_macro:
        marts += ["department_take_up", "mi_returns", "data_quality"]
    for mart in marts:
        known = "where known_at <= ts" if mart in {"take_up", "take_up_headline"} else ""
        connection.execute(
            f"create macro {mart}_as_of(ts) as table"
            f" select * from {as_of_schema}{mart} {known or 'where ts is not null'}"
        )
    connection.execute("checkpoint")
    connection.close()
    return path


def _take_up_rows(
    *, digital_count: int, status_reason: str | None, is_simulated: bool
) -> list[tuple[object, ...]]:
    """Four quarters of 2014 and their year under the default definition, and the last quarter
    under another as well. The last quarter was known from 2015-03, the rest from 2014-12."""
    rows: list[tuple[object, ...]] = []
    quarters = [
        ("2014-01-01", "2014-03-31", digital_count, "2014-12-01"),
        ("2014-04-01", "2014-06-30", 600, "2014-12-01"),
        ("2014-07-01", "2014-09-30", 700, "2014-12-01"),
        ("2014-10-01", "2014-12-31", 700, "2015-03-01"),
    ]

    def row(
        kind: str, start: str, end: str, digital: int, total: int, known: str, definition: str
    ) -> tuple[object, ...]:
        ratio = digital / total
        is_default = definition == "transactions-explorer"
        parts = 2 if kind == "quarter" else 8
        return (
            *("licence", kind, start, end, definition, "completed"),
            *(digital, total, ratio, ratio, ratio, parts, parts, "complete", status_reason),
            *(is_default, "reported", True, f"{known} 00:00:00+00", is_simulated),
        )

    for start, end, digital, known in quarters:
        rows.append(row("quarter", start, end, digital, 1000, known, "transactions-explorer"))
    year = digital_count + 600 + 700 + 700
    rows.append(
        row(
            "rolling_year", "2014-01-01", "2014-12-31", year, 4000, "2015-03-01",
            "transactions-explorer",
        )
    )  # fmt: skip
    rows.append(row("quarter", "2014-10-01", "2014-12-31", 650, 1000, "2015-03-01", "as-reported"))
    return rows
