{#- Under which identities a claim is stated, by the versions of a report and by every report that holds
    its passage, as known at a moment: what a register says of one of them, it says of the claim. One
    row per identity, with the one that the claim is shown under; the newest version's first. -#}
with

statements as (
    select * from {{ known('int_claim_subjects') }}
),

shown as (
    select
        claim_key,
        claim_id,
        row_number() over (partition by claim_key order by value_known_at, document, line, claim_id) as place_number
    from statements
    where is_current
),

-- A claim's words change from version to version, its identity doesn't.
current_claims as (
    select
        statements.claim_id,
        shown.claim_id as shown_id
    from statements
    inner join shown on statements.claim_key = shown.claim_key
    where
        statements.is_current
        and shown.place_number = 1
)

select
    coalesce(current_claims.shown_id, statements.claim_id) as claim_id,
    statements.figure_id,
    row_number() over (
        partition by coalesce(current_claims.shown_id, statements.claim_id)
        order by statements.version_on desc, statements.version_number desc, statements.figure_id asc
    ) as identity_number
from statements
left join current_claims on statements.claim_id = current_claims.claim_id
