{#- A value as a text in SQL. -#}
{% macro text_literal(value) -%}
    {{ return(adapter.dispatch('text_literal')(value)) }}
{%- endmacro %}

{% macro default__text_literal(value) -%}
    '{{ value | string | replace("'", "''") }}'
{%- endmacro %}

{% macro spark__text_literal(value) -%}
    '{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}'
{%- endmacro %}

{#- An identifier from a printed name: lower case, without apostrophes, the ampersand as a word,
    every other run of anything than letters and digits one hyphen. -#}
{% macro slug(text) -%}
    trim(
        regexp_replace(
            regexp_replace(replace(lower({{ text }}), '&', ' and '), '[''’‘]', '', 'g'),
            '[^a-z0-9]+', '-', 'g'
        ),
        '-'
    )
{%- endmacro %}

{#- What the printed name of a department or organisation is compared by: its identifier, without a
    leading "the". So the ampersand is the word, and no comma makes two of one. -#}
{% macro body_name_key(text) -%}
    regexp_replace({{ slug(text) }}, '^the-', '')
{%- endmacro %}

{#- The identifier of a department that no register knows. A name without a letter or digit has
    none of its own, and `all` is the government's. -#}
{% macro unregistered_department_id(text) -%}
    coalesce(nullif(nullif({{ slug(text) }}, ''), 'all'), concat('department-', substr(md5({{ text }}), 1, 8)))
{%- endmacro %}

{#- The texts of a group in one, ordered, so that it never depends on the order of rows. -#}
{% macro joined_texts(text, separator) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ text }})
{%- endmacro %}
