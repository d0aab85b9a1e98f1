with

definitions as (
    select * from {{ ref('definitions') }}
),

channel_classes as (
    select * from {{ ref('channel_classes') }}
),

in_force as (
    select {{ joined_texts('definition_id', ', ') }} as definitions_in_force
    from definitions
    where
        coalesce(cast(valid_from as date), date '0001-01-01') <= {{ london_date(run_moment()) }}
        and coalesce(cast(valid_to as date), date '9999-12-31') >= {{ london_date(run_moment()) }}
),

-- Two warehouses with the same digest counted by the same rules.
rules as (
    select
        concat_ws(
            '|',
            'definition',
            definition_id,
            coalesce(cast(valid_from as {{ dbt.type_string() }}), ''),
            coalesce(cast(valid_to as {{ dbt.type_string() }}), ''),
            coalesce(applies_to_basis, ''),
            coalesce(on_behalf_class, ''),
            coalesce(talk_through_class, ''),
            coalesce(minimum_online_extent, ''),
            coalesce(service_id, '')
        ) as rule_text
    from definitions
    union all
    select concat_ws('|', 'class', definition_id, channel, class) as rule_text
    from channel_classes
),

digest as (
    select md5({{ joined_texts('rule_text', ';') }}) as definitions_digest
    from rules
)

select
    cast({{ build_input_text('log_version') }} as bigint) as log_version,
    {{ build_input_text('chain_head') }} as chain_head,
    cast({{ given_input('epoch') or 1 }} as bigint) as epoch,
    {{ build_input_text('code_version') }} as code_version,
    {{ run_moment() }} as run_at,
    in_force.definitions_in_force,
    digest.definitions_digest,
    {{ is_simulated() }} as is_simulated
from in_force
cross join digest
