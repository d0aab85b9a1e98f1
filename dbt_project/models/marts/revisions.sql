{#- Figures that changed after they were published: reported ones, and months of transaction events. -#}
select * from {{ known('int_cell_revisions') }}
union all
select * from {{ known('int_event_revisions') }}
order by service_id, period_start, measure, new_known_at
