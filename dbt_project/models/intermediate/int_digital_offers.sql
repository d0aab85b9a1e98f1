{#- What a service's complete quarters show that it offers, as known at a moment: `offers_both` where
    one and the same quarter has at least 1% digital and at least 1% other, `never_digital` where none
    reaches 1% digital, `digital_only` where none reaches 1% other, `switched` where it went from
    the one to the other between two quarters.

    One row per flow service and definition with a complete quarter.
-#}
with

complete_quarters as (
    select
        service_id,
        definition_id,
        {{ is_at_least_one_percent('digital_count', 'total_count') }} as is_digital,
        {{ is_at_least_one_percent('(total_count - digital_count)', 'total_count') }} as is_other
    from {{ known('int_counted_units') }}
    where level = 'quarter' and is_measured = 1 and total_count > 0
)

select
    service_id,
    definition_id,
    {{ digital_offer('is_digital', 'is_other') }} as digital_offer
from complete_quarters
group by service_id, definition_id
