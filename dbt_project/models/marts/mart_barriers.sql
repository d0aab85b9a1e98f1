{#- Named apart from the register `barriers`. -#}
{{ config(alias='barriers') }}

{{ barriers_sql(ref('int_feedback_counts'), run_moment()) }}
order by service_id, period_kind, period_end, channel, barrier
