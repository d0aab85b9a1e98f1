{#- Under which identities the versions of a report state a claim, as known at a moment: what a register
    says of one of them, it says of the claim. One row per identity, the newest version's first. -#}
select
    claim_id,
    figure_id,
    row_number() over (partition by claim_id order by version_number desc, figure_id asc) as identity_number
from {{ known('int_report_claims') }}
