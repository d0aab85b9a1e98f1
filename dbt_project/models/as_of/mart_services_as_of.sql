{{ config(alias='services_as_of') }}
{{ as_of('mart_services') }}
