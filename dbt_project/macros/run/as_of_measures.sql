{#- As-of macros of the measures that rest on take-up; the rest as in as_of_macros.sql. Each names
    the others by their bare names, so those that others read come first. -#}
{% macro create_as_of_measures(results) -%}
    {%- set built = results
        | selectattr('status', 'equalto', 'success')
        | map(attribute='node')
        | selectattr('resource_type', 'equalto', 'model')
        | map(attribute='name')
        | list -%}
    {%- set moment = as_of_moment() -%}
    {%- if 'take_up' in built and 'mart_services' in built and 'channel_shift' in built -%}
        {{ create_table_macro('take_up_headline_as_of', take_up_headline_sql('take_up_as_of(ts)')) }}
        {{ create_table_macro(
            'services_as_of',
            services_sql(
                'service_listings', 'service_presence', facts_of_services(), 'take_up_as_of(ts)', moment
            )
        ) }}
        {{ create_table_macro(
            'campaigns_as_of',
            campaigns_sql(
                'campaign_events', 'take_up_as_of(ts)', 'department_take_up_as_of(ts)', 'services', moment
            )
        ) }}
        {{ create_table_macro(
            'channel_shift_as_of',
            channel_shift_sql('take_up_as_of(ts)', 'services', 'campaigns_as_of(ts)')
        ) }}
        {{ create_table_macro(
            'channel_shift_decomposition_as_of',
            channel_shift_decomposition_sql('take_up_as_of(ts)', 'service_listings', 'services', moment)
        ) }}
    {%- endif -%}
    {%- if 'int_reported_cells' in built and 'revisions' in built -%}
        {{ create_table_macro(
            'revisions_as_of',
            all_revisions_sql(
                'reported_cells',
                'transaction_counts',
                'transaction_adjustments',
                'definitions',
                'definition_classes',
                'run_history',
                'ingest_ledger',
                moment
            )
        ) }}
    {%- endif -%}
    {%- if 'mart_services' in built and 'published_figures' in built and 'data_quality' in built -%}
        {{ create_table_macro(
            'data_quality_as_of',
            data_quality_sql(
                'reported_cells', 'take_up_as_of(ts)', 'published_figures', 'services_as_of(ts)', moment
            )
        ) }}
    {%- endif -%}
    {%- if 'int_feedback_counts' in built and 'int_contact_counts' in built and 'take_up' in built -%}
        {{ create_table_macro('barriers_as_of', barriers_sql('feedback_counts', moment)) }}
        {{ create_table_macro('contacts_as_of', contacts_sql('contact_counts', 'take_up_headline_as_of(ts)', moment)) }}
    {%- endif -%}
    {%- if 'int_return_records' in built and 'mi_returns' in built -%}
        {{ create_table_macro(
            'mi_returns_as_of',
            mi_returns_sql('return_records', 'service_channels', moment)
        ) }}
    {%- endif -%}
    {%- if 'channel_volumes' in built and 'channel_shares' in built and 'service_measures' in built -%}
        {{ create_table_macro('channel_shares_as_of', channel_shares_sql('channel_volumes_as_of(ts)', 'services')) }}
        {{ create_table_macro(
            'savings_as_of',
            savings_sql('channel_shares_as_of(ts)', 'channel_volumes_as_of(ts)', 'services', 'unit_costs')
        ) }}
        {{ create_table_macro(
            'service_measures_as_of',
            service_measures_sql({
                'counts': 'transaction_counts',
                'adjustments': 'transaction_adjustments',
                'start_adjustments': 'start_adjustments',
                'exclusions': 'completion_exclusions',
                'feedback': 'feedback_counts',
                'contacts': 'contact_counts',
                'costs': 'reported_costs',
                'figures': 'published_figures',
                'headline': 'take_up_headline_as_of(ts)',
                'channel_volumes': 'channel_volumes_as_of(ts)',
                'classes': 'definition_classes',
            }, moment)
        ) }}
    {%- endif -%}
{%- endmacro %}

{#- What the register says of services is as old as the register: it has no moment. -#}
{% macro facts_of_services() -%}
    (
        select
            service_id,
            service_name,
            'service' as kind,
            is_exemplar,
            is_seasonal,
            has_offline_route,
            rounding_unit,
            rounding_until
        from services
    )
{%- endmacro %}
