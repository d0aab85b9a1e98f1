{#- Named apart from the register `services`, from which it takes what no publication says. -#}
{{ config(alias='services') }}

{{ services_sql(
    ref('int_service_listings'),
    ref('int_service_presence'),
    ref('int_service_register'),
    ref('take_up'),
    run_moment()
) }}
order by known_listings.service_id
