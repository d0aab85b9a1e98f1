with

definitions as (
    select * from {{ ref('definitions') }}
),

channel_classes as (
    select * from {{ ref('channel_classes') }}
),

assistances as (
    select 'none' as assistance
    union all
    select 'talk_through' as assistance
    union all
    select 'on_behalf' as assistance
),

-- What an event does not say is below no minimum.
extents as (
    select
        'none' as online_extent,
        0 as extent_rank
    union all
    select
        'some' as online_extent,
        1 as extent_rank
    union all
    select
        'significant' as online_extent,
        2 as extent_rank
    union all
    select
        'all' as online_extent,
        3 as extent_rank
    union all
    select
        'not_stated' as online_extent,
        9 as extent_rank
),

classified as (
    select
        channel_classes.definition_id,
        channel_classes.channel,
        assistances.assistance,
        extents.online_extent,
        case
            when channel_classes.class <> 'digital' then channel_classes.class
            when extents.extent_rank < coalesce(minimums.extent_rank, 0) then 'non_digital'
            when assistances.assistance = 'on_behalf' then definitions.on_behalf_class
            when assistances.assistance = 'talk_through' then definitions.talk_through_class
            else channel_classes.class
        end as transaction_class
    from channel_classes
    inner join definitions
        on channel_classes.definition_id = definitions.definition_id
    left join extents as minimums
        on definitions.minimum_online_extent = minimums.online_extent
    cross join assistances
    cross join extents
),

-- A publisher that counts help as it likes has counted it with its channel.
decided as (
    select
        definition_id,
        channel,
        assistance,
        online_extent,
        case when transaction_class = 'as_counted' then 'digital' else transaction_class end as transaction_class
    from classified
)

select
    definition_id,
    channel,
    assistance,
    online_extent,
    transaction_class,
    transaction_class = 'digital' as is_digital,
    {{ is_simulated() }} as is_simulated
from decided
order by definition_id, channel, assistance, online_extent
