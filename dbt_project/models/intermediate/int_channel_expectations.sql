{#- Which channels a service is expected to count, or has none of, and which of them send events.

    One row per service, channel and stretch of the register, in months (consecutive integers). A
    service that the register leaves out is expected to go on by the channels of its events, where
    some of them are digital under some definition and some under none: an online form that comes
    alone may be half of a service.
-#}
with

registered as (
    select
        service_id,
        channel,
        cast(null as {{ dbt.type_string() }}) as only_basis,
        {{ month_index("coalesce(valid_from, date '0001-01-01')") }} as first_month,
        {{ month_index("coalesce(valid_to, date '9999-12-31')") }} as last_month,
        case when expectation = 'expected' then 1 else 0 end as is_expected,
        case when expectation = 'not_applicable' then 1 else 0 end as is_ruled_out,
        case
            when expectation = 'expected' and basis = 'events'
                then {{ month_index("coalesce(authoritative_from, valid_from, date '0001-01-01')") }}
        end as fed_from
    from {{ stored('mart_service_channels') }}
),

digital_channels as (
    select distinct channel
    from {{ stored('definition_classes') }}
    where is_digital
),

sent as (
    select
        counts.service_id,
        counts.channel,
        min(counts.month_index) as first_month,
        max(case when digital_channels.channel is null then 0 else 1 end) as is_digital
    from {{ known('int_channel_counts') }} as counts
    left join registered
        on counts.service_id = registered.service_id
    left join digital_channels
        on counts.channel = digital_channels.channel
    where counts.basis = 'events' and counts.events_count is not null and registered.service_id is null
    group by counts.service_id, counts.channel
),

with_others as (
    select
        *,
        min(is_digital) over (partition by service_id) as is_all_digital,
        max(is_digital) over (partition by service_id) as is_any_digital
    from sent
)

select * from registered
union all
select
    service_id,
    channel,
    'events' as only_basis,
    first_month,
    {{ month_index("date '9999-12-31'") }} as last_month,
    1 as is_expected,
    0 as is_ruled_out,
    first_month as fed_from
from with_others
where is_all_digital = 0 and is_any_digital = 1
