{#- Whether an event of the log was made of a digest of its document, not of the document. -#}
{% macro is_from_digest() -%}
    coalesce({{ json_record('extensions', {'digest': 'boolean'}) }}.digest, false)
{%- endmacro %}
