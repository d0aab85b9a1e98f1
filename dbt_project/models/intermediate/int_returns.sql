{#- Each return that came, with its latest sign-off known. -#}
{%- set period = "service_id, period_kind, period_start, period_end" %}
{%- set period_columns = period | replace(", ", ",\n        ") %}
with

known_records as (
    select
        *,
        max(case when sign_off_id is null then submitted_at end) over (
            partition by {{ period }}
        ) as last_submitted_at
    from {{ stored('return_records') }}
    where
        known_from <= {{ moment() }}
        and {{ counts_at(moment()) }}
),

received as (
    select
        {{ period_columns }},
        min(coalesce(submitted_at, known_from)) as received_at,
        max(last_submitted_at) as last_submitted_at,
        count(distinct coalesce(submitted_at, known_from)) as submissions_count,
        -- Of a file of which nothing was accepted, nobody knows what it restates.
        cast(sum(case
            when submitted_at = last_submitted_at or last_submitted_at is null then refused_count
            else 0
        end) as bigint) as refused_count,
        max(known_from) as known_at
    from known_records
    group by {{ period }}
),

-- The day that was asked for first: what is asked again later makes nothing timely.
due as (
    select
        *,
        row_number() over (partition by {{ period }} order by known_from, due_on) as precedence
    from known_records
    where due_on is not null
),

returned_by as (
    select
        *,
        row_number() over (
            partition by {{ period }} order by known_from desc, submitted_at desc, department_id desc
        ) as precedence
    from known_records
    where department_id is not null
),

sign_offs as (
    select
        *,
        row_number() over (
            partition by {{ period }} order by submitted_at desc, signed_off_at desc, sign_off_id desc
        ) as precedence
    from known_records
    where sign_off_id is not null
),

returned as (
    select
        received.*,
        returned_by.department_id,
        due.due_on,
        sign_offs.submitted_at as sign_off_submitted_at,
        sign_offs.submitted_by_role,
        sign_offs.signed_off_by_role,
        sign_offs.signed_off_at,
        sign_offs.assurance,
        sign_offs.commentary
    from received
    left join returned_by
        on
            received.service_id = returned_by.service_id
            and received.period_kind = returned_by.period_kind
            and received.period_start = returned_by.period_start
            and received.period_end = returned_by.period_end
            and returned_by.precedence = 1
    left join due
        on
            received.service_id = due.service_id
            and received.period_kind = due.period_kind
            and received.period_start = due.period_start
            and received.period_end = due.period_end
            and due.precedence = 1
    left join sign_offs
        on
            received.service_id = sign_offs.service_id
            and received.period_kind = sign_offs.period_kind
            and received.period_start = sign_offs.period_start
            and received.period_end = sign_offs.period_end
            and sign_offs.precedence = 1
)

select * from returned
