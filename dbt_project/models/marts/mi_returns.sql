{#- What became of the return of each service and period, as known at a moment.

    One row per service, kind of period and period.

    A return is there from the first of it that is known, and a later one restates it: the latest
    sign-off known says who, how far assured and with what commentary. It is final where that
    sign-off is of the latest figures and none of these wait in quarantine. Commentary is missing where
    it is needed and the latest sign-off has none, or is older than the figures that it should explain.

    A department answers once for all of its services. What neither the calendar asks for nor anybody
    returned before is not expected.
-#}
{%- set period_columns = "service_id,\n    period_kind,\n    period_start,\n    period_end" %}
with

returned as (
    select
        came.*,
        coalesce(came.due_on, due.due_on) as asked_by,
        needed.needed_for,
        needed.take_up_change_pp,
        needed.restated_at
    from {{ known('int_returns') }} as came
    left join {{ stored('int_returns_due') }} as due
        on
            came.service_id = due.service_id
            and came.period_kind = due.period_kind
            and came.period_start = due.period_start
    left join {{ known('int_commentary_needed') }} as needed
        on
            came.service_id = needed.service_id
            and came.period_kind = needed.period_kind
            and came.period_start = needed.period_start
)

select
    {{ period_columns }},
    department_id,
    asked_by as due_on,
    received_at,
    asked_by < {{ london_date('received_at') }} as is_late,
    submissions_count,
    refused_count,
    submitted_by_role,
    signed_off_by_role,
    signed_off_at,
    -- A blank is unassured, as the template says.
    coalesce(assurance, 'unassured') as assurance,
    case
        when
            sign_off_submitted_at >= coalesce(last_submitted_at, sign_off_submitted_at)
            and refused_count = 0
            then 'final'
        else 'provisional'
    end as release_status,
    commentary,
    needed_for as commentary_needed_for,
    take_up_change_pp,
    needed_for is not null
    and (commentary is null or coalesce(sign_off_submitted_at < restated_at, false)) as is_commentary_missing,
    known_at,
    {{ is_simulated() }} as is_simulated
from returned
union all
select
    {{ period_columns }},
    department_id,
    due_on,
    cast(null as {{ moment_type() }}) as received_at,
    due_on < {{ london_date(moment()) }} as is_late,
    cast(0 as bigint) as submissions_count,
    cast(0 as bigint) as refused_count,
    cast(null as {{ dbt.type_string() }}) as submitted_by_role,
    cast(null as {{ dbt.type_string() }}) as signed_off_by_role,
    cast(null as {{ moment_type() }}) as signed_off_at,
    cast(null as {{ dbt.type_string() }}) as assurance,
    cast(null as {{ dbt.type_string() }}) as release_status,
    cast(null as {{ dbt.type_string() }}) as commentary,
    cast(null as {{ dbt.type_string() }}) as commentary_needed_for,
    cast(null as double) as take_up_change_pp,
    false as is_commentary_missing,
    cast(null as {{ moment_type() }}) as known_at,
    {{ is_simulated() }} as is_simulated
from {{ known('int_outstanding_returns') }}
order by service_id, period_kind, period_start
