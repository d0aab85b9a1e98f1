{#- `rules` of a staging model of events: what holds for all of them, beside what holds for this one. -#}
{% test event_rules(model, never_null=[]) %}
{{ test_rules(
    model,
    never_null=[
        'event_source', 'event_id', 'known_at', 'recorded_at', 'content_hash', 'position', 'commit_version'
    ] + never_null,
    unique_combination=['event_source', 'event_id', 'restored_at'],
    **kwargs
) }}
{% endtest %}
