{{ config(alias='barriers_as_of') }}
{{ as_of('mart_barriers') }}
