{# Registers are read as Python's `csv` reads them, some lines of which may end as on Windows where
   others don't: somebody added a row. The adapter's own macro leaves quotes to a guess, and fails. What
   DuckDB passes over so, text behind a closing quote, the build refuses before (core/registers.py). #}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {% set sql %}
        copy {{ this.render() }} from '{{ adapter.get_seed_file_path(model) }}'
        (format csv, header true, delimiter ',', quote '"', escape '"', strict_mode false)
    {% endset %}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}
