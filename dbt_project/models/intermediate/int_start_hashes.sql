{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        tags='reads_log',
    )
}}

{#- Eight bytes of each start, so that no night reads every start of the log again. -#}
select
    {{ hash_of(['service_id', 'transaction_id']) }} as transaction_hash,
    commit_version
from {{ log_records('event', after=held_log_version()) }} as records
where
    type = 'uk.gov.takeup.transaction.started.v1'
    and transaction_id is not null
