{#- Table macros that answer as of a moment, over the tables of the file that they stand in. They
    hold the same SQL as the models, and name tables without a database or a schema, so that
    they survive the swap of the file.

    A build that did not make what they read leaves them as they are.
-#}
{% macro create_as_of_macros(results) -%}
    {%- set built = results
        | selectattr('status', 'equalto', 'success')
        | map(attribute='node')
        | selectattr('resource_type', 'equalto', 'model')
        | map(attribute='name')
        | list -%}
    {%- if 'take_up' in built and 'target_attainment' in built -%}
        {{ create_table_macro(
            'reported_channels_as_of',
            reported_channels_sql('reported_cells', as_of_moment())
        ) }}
        {{ create_table_macro(
            'channel_months_as_of',
            channel_months_sql(
                'transaction_counts',
                'transaction_adjustments',
                'reported_channels_as_of(ts)',
                'service_channels',
                as_of_moment()
            )
        ) }}
        {{ create_table_macro(
            'channel_quarters_as_of',
            channel_quarters_sql('channel_months_as_of(ts)', 'reported_channels_as_of(ts)', as_of_moment())
        ) }}
        {{ create_table_macro(
            'channel_volumes_as_of',
            channel_volumes_sql('channel_months_as_of(ts)', 'channel_quarters_as_of(ts)', 'service_channels')
        ) }}
        {{ create_table_macro(
            'take_up_stated_as_of',
            take_up_stated_sql('reported_cells', as_of_moment())
        ) }}
        {{ create_table_macro(
            'take_up_by_channel_as_of',
            take_up_by_channel_sql(
                'channel_months_as_of(ts)',
                'channel_quarters_as_of(ts)',
                'transaction_counts',
                'transaction_adjustments',
                'definitions',
                'definition_classes',
                as_of_moment()
            )
        ) }}
        {{ create_table_macro(
            'take_up_as_of',
            take_up_sql('take_up_stated_as_of(ts)', 'take_up_by_channel_as_of(ts)', 'definitions', 'service_channels')
        ) }}
        {{ create_table_macro(
            'department_take_up_as_of',
            department_take_up_sql('take_up_as_of(ts)', 'service_listings', as_of_moment())
        ) }}
        {{ create_table_macro(
            'target_attainment_as_of',
            target_attainment_sql('targets', 'target_paths', 'take_up_as_of(ts)', 'department_take_up_as_of(ts)')
        ) }}
    {%- endif -%}
{%- endmacro %}

{% macro as_of_moment() -%}
    cast(ts as timestamptz)
{%- endmacro %}

{% macro create_table_macro(name, query) -%}
    {{ return(adapter.dispatch('create_table_macro')(name, query)) }}
{%- endmacro %}

{% macro duckdb__create_table_macro(name, query) -%}
    create or replace macro {{ target.schema }}.{{ name }}(ts) as table (
        {{ query }}
    );
{%- endmacro %}

{% macro spark__create_table_macro(name, query) -%}
    create or replace function {{ target.schema }}.{{ name }}(ts timestamp) returns table return
        {{ query }};
{%- endmacro %}
