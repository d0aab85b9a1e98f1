"""The measures of the gates' small world, and for each expectation of their suites the one change
that breaks it."""

from __future__ import annotations

from typing import Any

CONTACT = '{"service_id":"alpha","channel":"phone","reason":"chase_progress"}'
FEEDBACK = '{"service_id":"alpha","channel":"online","rating":4,"barrier":"skills"}'
CAMPAIGN = '{"service_id":"alpha","kind":"posters","start":"2014-05-01","end":"2014-05-31"}'
SIGN_OFF = (
    '{"service_id":"alpha","period":{"kind":"quarter","start":"2014-01-01","end":"2014-03-31"},'
    '"role":"service manager","assurance":"department"}'
)
FIGURE = '{"figure_id":"f","metric":"transactions","value":400,"text":"400"}'
CLAIM = (
    '{"figure_id":"report:a:people:people_trained:1","document":"report","claim_kind":"target",'
    '"metric":"people_trained","value":300,"text":"300"}'
)
STATEMENT = (
    '{"document":"report","department_id":"first","section_kind":"progress","section_year":2014,'
    '"sentences":[{"says":"promise","passage":"p","line":3},{"says":"done","passage":"q","line":5}]}'
)
SENT: dict[str, dict[str, Any]] = {
    "contact.received": {"service_id": "alpha", "data": CONTACT},
    "feedback.given": {"service_id": "alpha", "data": FEEDBACK},
    "campaign.ran": {"service_id": "alpha", "data": CAMPAIGN},
    "return.signed_off": {"service_id": "alpha", "data": SIGN_OFF},
    "figure.published": {"data": FIGURE},
    "figure.published of a report": {"data": CLAIM},
    "statement.published": {"data": STATEMENT},
}
"""Events beside the publications, by type and what tells two of one type apart: in a file of their
own."""

MEASURES = """
insert into channel_shift by name
with firsts as (
    select service_id, period_kind, min(period_start) as baseline_period_start
    from take_up where value_status = 'complete' group by all
)
select take_up.service_id, take_up.period_kind, take_up.period_start, take_up.period_end,
    take_up.definition_id, take_up.measure, take_up.basis, take_up.is_authoritative,
    take_up.take_up_ratio,
    100 * (take_up.take_up_ratio - previous.take_up_ratio) as shift_pp_previous,
    100 * (take_up.take_up_ratio - year_before.take_up_ratio) as shift_pp_year,
    firsts.baseline_period_start,
    100 * (take_up.take_up_ratio - baseline.take_up_ratio) as shift_pp_baseline,
    0::bigint as campaigns_count, take_up.value_status, false as is_simulated
from take_up
left join take_up as previous on take_up.service_id = previous.service_id
    and take_up.period_kind = previous.period_kind
    and previous.period_start = take_up.period_start - interval 3 month
left join take_up as year_before on take_up.service_id = year_before.service_id
    and take_up.period_kind = year_before.period_kind
    and year_before.period_start = take_up.period_start - interval 12 month
left join firsts on take_up.service_id = firsts.service_id
    and take_up.period_kind = firsts.period_kind
left join take_up as baseline on take_up.service_id = baseline.service_id
    and take_up.period_kind = baseline.period_kind
    and baseline.period_start = firsts.baseline_period_start;
create macro channel_shift_as_of(ts) as table
    select * from channel_shift where exists (from take_up_as_of(ts)) or ts is null;
insert into channel_shift_decomposition by name
select later.level, later.department_id, later.organisation_id, later.period_kind,
    later.period_start, later.period_end, later.scope,
    unnest(['previous', 'year']) as comparison,
    earlier.period_start as from_period_start, later.definition_id,
    100 * (later.take_up_ratio - earlier.take_up_ratio) as total_shift_pp,
    100 * (later.take_up_ratio - earlier.take_up_ratio) as within_service_pp,
    0::double as mix_pp, 0::double as entry_exit_pp, 0::double as coverage_pp,
    1::bigint as services_compared, 0::bigint as services_without_offline_route,
    false as is_simulated
from department_take_up as later
inner join department_take_up as earlier
    on later.level = earlier.level and later.department_id = earlier.department_id
    and later.organisation_id is not distinct from earlier.organisation_id
    and later.structure = earlier.structure and later.period_kind = earlier.period_kind
    and later.scope = earlier.scope
    and earlier.period_start = later.period_start - interval 3 month
where later.structure = 'current' and later.period_kind = 'quarter'
    and later.take_up_ratio is not null and earlier.take_up_ratio is not null;
insert into channel_shift_contributions by name
select * exclude (total_shift_pp, services_compared, services_without_offline_route),
    'alpha' as service_id
from channel_shift_decomposition;
insert into take_up_like_for_like by name
select level, department_id, scope, period_kind, period_start, period_end, definition_id,
    from_period_start as base_period_start, within_service_pp as change_pp,
    within_service_pp as cumulative_pp, 1::bigint as services_count, 1::double as volume_share,
    false as is_simulated
from channel_shift_decomposition where comparison = 'year' and level <> 'organisation';
insert into aggregate_revisions by name
select level, department_id, scope, period_kind, period_start, period_end, definition_id,
    timestamptz '2015-06-30 10:00:00+00' as old_known_at,
    timestamptz '2016-03-11 11:00:00+00' as new_known_at,
    (digital_count - 1) / total_count as old_ratio, take_up_ratio as new_ratio,
    'alpha' as service_id, 100 * (take_up_ratio - (digital_count - 1) / total_count) as effect_pp,
    'restated' as effect_kind, false as is_simulated
from department_take_up
where structure = 'current' and level = 'government' and period_start = '2014-01-01';
insert into offline_volumes by name
select service_id, period_kind, period_start, period_end,
    total_count - digital_count as offline_count, total_count, 1::double as offline_share,
    1::double as cumulative_share, true as offers_digital, 4::bigint as quarters_measured,
    0::bigint as quarters_compared, false as is_simulated
from take_up where service_id = 'alpha' and period_kind = 'rolling_year';
insert into headline_flows by name
select take_up.service_id, service_name, department_id, department_id as department_at_period_id,
    period_start, period_end, year(period_start)::varchar as financial_year, definition_id,
    'offers_both' as digital_offer, digital_count,
    case when digital_count is not null then total_count end as measured_count,
    total_count - digital_count as offline_count, total_count, false as is_simulated
from take_up_headline as take_up inner join services using (service_id)
where period_kind = 'quarter' and volume_kind = 'flow' and total_count is not null;
insert into unmeasured_services by name
select 'second' as department_id, period_start, period_end, service_id,
    'without_digital' as status, definition_id, 10::bigint as last_total_count,
    date '2014-03-31' as last_period_end, total_count as assumed_count, false as is_simulated
from take_up
where service_id = 'beta' and period_kind = 'quarter' and value_status = 'incomplete';
create macro channel_shift_decomposition_as_of(ts) as table
    select * from channel_shift_decomposition where exists (from take_up_as_of(ts)) or ts is null;
insert into revisions by name
select 'alpha' as service_id, 'quarter' as period_kind, date '2014-01-01' as period_start,
    date '2014-03-31' as period_end, 'transactions-explorer' as definition_id,
    'digital_count' as quantity, 60::bigint as old_value, 61::bigint as new_value,
    timestamptz '2015-06-30 10:00:00+00' as old_known_at,
    timestamptz '2016-03-11 11:00:00+00' as new_known_at, 'with_scheduled_release' as timing,
    1 / 60::double as relative_size, 0.5::double as effect_pp, 'v2.csv' as input,
    false as is_simulated;
create macro revisions_as_of(ts) as table select * from revisions where new_known_at <= ts;
insert into data_quality by name
select 'digital_without_total' as check_id, 'warn' as severity, 'beta' as service_id,
    'quarter' as period_kind, date '2014-04-01' as period_start, date '2014-06-30' as period_end,
    'digital_count' as quantity, 'no total' as what, 5::double as value,
    null::double as expected, 'v2.csv' as input,
    timestamptz '2016-03-11 11:00:00+00' as known_at, false as is_simulated;
insert into run_history by name
select commit_version, min(recorded_at) as recorded_at, count(*) as files_count,
    count(*) filter (state = 'rejected') as files_rejected_count,
    sum(read_count)::bigint as read_count, sum(accepted_count)::bigint as accepted_count,
    sum(duplicate_count)::bigint as duplicate_count,
    sum(quarantined_count)::bigint as quarantined_count,
    0::bigint as retried_count, 0::bigint as released_count, false as is_simulated
from landed group by commit_version;
insert into channel_shares by name
select 'alpha' as service_id, 'quarter' as period_kind, date '2014-01-01' as period_start,
    date '2014-03-31' as period_end, unnest(['online', 'phone']) as channel, 'events' as basis,
    true as is_authoritative, unnest([0.25, 0.75])::double as share_ratio,
    null::double as shift_pp_previous, null::double as shift_pp_year,
    null::double as transactions_moved_year, 'provided' as value_status, false as is_simulated;
insert into service_measures by name
select 'alpha' as service_id, 'month' as period_kind, date '2014-01-01' as period_start,
    date '2014-01-31' as period_end, 'events' as basis, 4::bigint as started_count,
    3::bigint as completed_count, 1::bigint as months_present, 1::bigint as months_expected,
    0.75::double as completion_ratio, 1::bigint as ratings_count, 0::bigint as rating_1_count,
    0::bigint as rating_2_count, 0::bigint as rating_3_count, 1::bigint as rating_4_count,
    0::bigint as rating_5_count, 0.75::double as satisfaction_ratio,
    1::double as satisfied_ratio, 10::double as total_cost_gbp,
    4::bigint as cost_transactions_count, 2.5::double as cost_per_transaction_gbp,
    null::double as digital_cost_gbp, null::bigint as digital_cost_transactions_count,
    null::double as digital_cost_per_transaction_gbp, 1::bigint as contacts_count,
    1::bigint as avoidable_contacts_count, 1::double as avoidable_contacts_ratio,
    0.01::double as contacts_per_transaction, 0.61::double as take_up_ratio,
    'transactions-explorer' as definition_id, 'provided' as value_status,
    null::varchar as status_reason, null::double as implied_offline_cost_gbp,
    null::varchar as placeholder_quantities,
    timestamptz '2017-01-02 03:00:00+00' as known_at, false as is_simulated;
insert into contacts by name
select 'alpha' as service_id, 'month' as period_kind, date '2014-01-01' as period_start,
    date '2014-01-31' as period_end, 'phone' as channel, 'chase_progress' as reason,
    true as is_avoidable, 1::bigint as contacts_count, 100::bigint as transactions_count,
    0.01::double as contacts_per_transaction,
    timestamptz '2017-01-02 03:00:00+00' as known_at, false as is_simulated;
insert into barriers by name
select 'alpha' as service_id, 'month' as period_kind, date '2014-01-01' as period_start,
    date '2014-01-31' as period_end, 'online' as channel, 'skills' as barrier,
    1::bigint as feedback_count, 1::bigint as all_feedback_count, 1::double as feedback_ratio,
    timestamptz '2017-01-02 03:00:00+00' as known_at, false as is_simulated;
insert into savings by name
select 'alpha' as service_id, 'quarter' as period_kind, date '2014-04-01' as period_start,
    date '2014-06-30' as period_end, 'events' as basis, true as is_authoritative,
    date '2014-01-01' as baseline_period_start, 100::bigint as transactions_count,
    120::double as cost_at_baseline_mix_gbp, 100::double as cost_at_own_mix_gbp,
    20::double as saving_gbp, null::varchar as reason, 'online: a document' as unit_cost_sources,
    false as is_simulated;
insert into campaigns by name
select 'c' as campaign_id, 'alpha' as service_id, null::varchar as department_id,
    'posters' as campaign_kind, date '2014-05-01' as started_on, date '2014-05-31' as ended_on,
    unnest(['month', 'quarter']) as period_kind, 'transactions-explorer' as definition_id,
    date '2014-01-01' as before_period_start, date '2014-03-31' as before_period_end,
    0.61::double as take_up_before, date '2014-07-01' as after_period_start,
    date '2014-09-30' as after_period_end, 0.8::double as take_up_after,
    null::double as shift_pp_before, 100 * (0.8::double - 0.61::double) as shift_pp_after,
    timestamptz '2017-01-02 03:00:00+00' as known_at, false as is_simulated;
insert into mi_returns by name
select service_id, 'quarter' as period_kind, date '2014-01-01' as period_start,
    date '2014-03-31' as period_end, 'first' as department_id, date '2017-01-02' as due_on,
    case when came then timestamptz '2017-01-02 03:00:00+00' end as received_at,
    false as is_late, came::bigint as submissions_count, 0::bigint as refused_count,
    null::varchar as submitted_by_role,
    case when came then 'service manager' end as signed_off_by_role,
    case when came then timestamptz '2014-01-15 00:00:00+00' end as signed_off_at,
    case when came then 'department' end as assurance,
    case when came then 'final' end as release_status, null::varchar as commentary,
    false as is_commentary_missing,
    case when came then timestamptz '2017-01-02 03:00:00+00' end as known_at,
    false as is_simulated
from (values ('alpha', true), ('beta', false)) as returns (service_id, came);
insert into target_projections by name
select 'unmeasured' as target_id, 'beta' as service_id, 'second' as department_id,
    'rolling_year' as period_kind, null::date as period_start, null::date as period_end,
    null::bigint as quarters_ahead, null::double as projected_ratio, null::double as lower_80,
    null::double as upper_80, null::double as lower_95, null::double as upper_95,
    0.9::double as target_ratio, 1::bigint as quarters_used, null::varchar as method,
    'not_projectable' as value_status, 'too few quarters' as status_reason,
    timestamptz '2016-03-11 11:00:00+00' as known_at, false as is_simulated;
insert into published_figures by name
select 'f' as figure_id, 'report' as document, 1 as line, 'report line 1' as citations,
    1 as citations_count, 'transactions' as metric, 'exact' as qualifier, 400 as value,
    'count' as unit, false as is_estimate, false as is_from_digest,
    timestamptz '2017-01-02 03:00:00+00' as known_at, false as is_simulated;
insert into published_figures by name
select 'report:a:people:people_trained:1' as figure_id, 'report' as document, 4 as line,
    'report line 4' as citations, 1 as citations_count, 'first' as department_id,
    'harbour' as subject_id, 'people_trained' as metric, 'target' as claim_kind,
    'exact' as qualifier, 300 as value, 'count' as unit, false as is_estimate,
    false as is_from_digest, timestamptz '2017-01-02 03:00:00+00' as known_at,
    false as is_simulated;
insert into report_claims by name
select * from published_figures where claim_kind is not null;
insert into report_subjects by name
select 'harbour' as subject_id, 'Harbour' as subject_name, 'place' as kind,
    'a document' as source, 1 as claims_count, 0 as promises_count, false as is_simulated;
insert into inclusion by name
select figure_id, document, line, citations, department_id, service_id, subject_id,
    'people' as topic, metric, claim_kind, qualifier, value, unit, 'not_measurable' as verdict,
    'promise' as measured_by, 'report:first:plan-2014:1' as promise_id,
    'A count of people.' as would_measure, is_simulated
from report_claims;
insert into figure_reconciliation by name
select figure_id, 'not_measurable' as verdict, 'nobody counts it' as reason, is_simulated
from report_claims;
insert into figure_reconciliation by name
select 'f' as figure_id, 396 as measured_value, -4 as difference, 'differs' as verdict,
    'it is less' as reason, false as is_simulated;
insert into commitments by name
select 'report' as report, 'report' as document, 1 as action, 'first' as department_id,
    2014 as reported_year, 'done' as status, 'rule' as status_basis, false as is_from_digest,
    timestamptz '2017-01-02 03:00:00+00' as known_at, false as is_simulated;
insert into promises by name
select 'report:first:plan-2014:1' as promise_id, 'report' as report, 'report' as document,
    'first:plan-2014' as section, 'plan' as section_kind, 2014 as section_year, 3 as line,
    'report line 3' as citations, 'first' as department_id, 'It will be done.' as promise,
    date '2014-12-31' as due_on, 'kept' as reported, 'report line 5' as evidence,
    'rule' as basis, false as is_reviewed, false as is_from_digest,
    timestamptz '2017-01-02 03:00:00+00' as known_at, false as is_simulated;
create macro published_figures_as_of(ts) as table
    select * from published_figures where known_at <= ts;
create macro figure_reconciliation_as_of(ts) as table
    select * from figure_reconciliation where exists (from published_figures_as_of(ts));
create macro commitments_as_of(ts) as table select * from commitments where known_at <= ts;
create macro promises_as_of(ts) as table select * from promises where known_at <= ts;
"""
"""The marts, from take_up, department_take_up and `landed` (every row of the log's ledger)."""


def doubled(table: str) -> str:
    """Every row twice."""
    return f"insert into {table} from {table}"


def projected(**changes: float) -> str:
    """A target that is projected as it should be, but for some columns."""
    row: dict[str, float] = {
        "lower_95": 0.2,
        "lower_80": 0.3,
        "projected_ratio": 0.4,
        "upper_80": 0.5,
        "upper_95": 0.6,
        "quarters_ahead": 1,
        "quarters_used": 8,
    }
    numbers = ", ".join(f"{name} = {value}" for name, value in (row | changes).items())
    return (
        "update target_projections set period_start = date '2017-01-01', "
        "period_end = date '2017-12-31', method = 'a method', value_status = 'projected', "
        f"status_reason = null, {numbers}"
    )


def withheld(
    *, services: str, value: str = "1", quantity: str = "digital_count", kind: str = "quarter"
) -> str:
    """A figure of each of these services (a list in SQL) that is withheld, of early 2014."""
    return (
        "insert into data_quality by name "
        f"select 'count_beyond_any_service' as check_id, 'withheld' as severity, "
        f"unnest({services}) as service_id, '{kind}' as period_kind, "
        "date '2014-01-01' as period_start, date '2014-03-31' as period_end, "
        f"'{quantity}' as quantity, 'impossible' as what, {value}::double as value, "
        "timestamptz '2016-03-11 11:00:00+00' as known_at, false as is_simulated"
    )


BROKEN_MEASURES: dict[str, str] = {
    # channel_shift
    "every_row_of_take_up_is_followed": "delete from channel_shift where service_id = 'alpha'",
    "shifts_are_differences_of_take_up": "update channel_shift set shift_pp_previous = 1",
    "baselines_are_the_first_complete_periods": (
        "update channel_shift set baseline_period_start = '2014-04-01'"
    ),
    "channel_shift_as_of_now_is_channel_shift": (
        "create or replace macro channel_shift_as_of(ts) as table "
        "select * from channel_shift where period_kind = 'quarter'"
    ),
    # channel_shift_decomposition
    "decomposed_bodies_are_named": (
        "update channel_shift_decomposition set department_id = 'all' where level = 'department'"
    ),
    "the_parts_add_up_to_the_change": "update channel_shift_decomposition set mix_pp = 1",
    "change_of_bodies_is_that_of_their_take_up": (
        "update channel_shift_decomposition set total_shift_pp = 1"
    ),
    "decomposition_as_of_now_is_decomposition": (
        "create or replace macro channel_shift_decomposition_as_of(ts) as table "
        "select * from channel_shift_decomposition where level <> 'government'"
    ),
    "effects_add_up_to_the_revision": (
        "update aggregate_revisions set effect_pp = effect_pp + 0.001"
    ),
    "contributions_add_up_to_the_decomposition": (
        "update channel_shift_contributions set mix_pp = mix_pp + 0.001"
    ),
    "links_are_changes_within_services": (
        "update take_up_like_for_like set change_pp = 1, cumulative_pp = 1"
    ),
    "offline_shares_add_up_to_one": "update offline_volumes set offline_share = 0.5",
    "every_flow_is_counted_once": (
        "insert into headline_flows by name"
        " select * replace ('other' as definition_id) from headline_flows"
    ),
    "nobody_is_chased_for_what_is_there": (
        "update unmeasured_services set period_start = '2014-01-01'"
    ),
    # revisions
    "an_effect_is_told_once": (
        "insert into revisions by name select * replace ('total_count' as quantity) from revisions"
    ),
    "the_last_revision_is_what_is_published": "update revisions set new_value = 62",
    "revisions_as_of_now_is_revisions": (
        "create or replace macro revisions_as_of(ts) as table select * from revisions limit 0"
    ),
    # data_quality
    "warnings_say_what_is_wrong": "update data_quality set what = ' '",
    "every_contradiction_is_warned_of": "update data_quality set check_id = 'digital_above_total'",
    "what_is_withheld_is_not_shown": withheld(services="['alpha']", value="61"),
    "withheld_services_are_few": withheld(services="['a', 'b', 'c', 'd', 'e', 'f']"),
    "doubts_say_what_they_could_move": (
        "update data_quality set check_id = 'digital_falls_to_zero'"
    ),
    "nothing_is_newly_withheld": withheld(services="['beta']"),
    # run_history
    "every_commit_is_there": "delete from run_history where commit_version = 2",
    # channel_shares
    "shares_add_up_to_one": "update channel_shares set share_ratio = 0.5 where channel = 'online'",
    # service_measures
    "costs_and_rates_are_not_negative": (
        "update service_measures set contacts_per_transaction = -1"
    ),
    "measures_follow_from_their_parts": "update service_measures set months_present = 0",
    "feedback_is_that_of_the_log": "update service_measures set ratings_count = 2",
    # contacts
    "contacts_are_those_of_the_log": "update contacts set contacts_count = 2",
    "contacts_per_transaction_follow_from_their_parts": (
        "update contacts set contacts_per_transaction = 0.5"
    ),
    # barriers
    "barriers_are_a_share_of_feedback": "update barriers set feedback_count = 2",
    # savings
    "savings_follow_from_their_parts": "update savings set saving_gbp = 21",
    "the_baseline_saves_nothing": "update savings set baseline_period_start = period_start",
    # target_projections
    "only_targets_still_ahead_are_projected": (
        "update target_attainment set verdict = 'attained' where target_id = 'unmeasured'"
    ),
    "every_pending_target_is_projected_or_says_why_not": (
        "update target_attainment set verdict = 'pending' where target_id = 'reached'"
    ),
    "projections_are_whole_or_say_why_not": "update target_projections set status_reason = null",
    "projected_periods_lie_ahead": projected(quarters_ahead=9),
    # campaigns
    "campaigns_are_those_of_the_log": "delete from campaigns where period_kind = 'month'",
    "shifts_of_campaigns_follow_from_take_up": (
        "update campaigns set before_period_end = '2014-05-01'"
    ),
    # mi_returns
    "sign_offs_of_returns_are_those_of_the_log": (
        "delete from mi_returns where signed_off_at is not null"
    ),
    "standings_of_returns_follow_from_their_parts": "update mi_returns set refused_count = 1",
    "returns_have_come_by_the_day_due": "update mi_returns set is_late = true",
    # claims
    "claims_are_those_of_the_log": "update published_figures set citations_count = 2",
    "every_claim_is_reconciled": "delete from figure_reconciliation",
    "differences_are_measured_less_claimed": "update figure_reconciliation set difference = 4",
    "what_is_said_of_promises_is_said_somewhere": "update promises set evidence = null",
    "what_is_not_reported_cites_no_entry": "update promises set reported = 'not_reported'",
    "what_is_promised_and_reported_can_be_compared": (
        "update promises set promised_figure_id = 'f', reported_value = 300,"
        " reported_figure_id = 'report:a:people:people_trained:1'"
    ),
    "promises_of_departments_are_of_reports_of_the_log": (
        "update promises set department_id = 'second'"
    ),
    "commitments_are_those_of_the_log": "update commitments set department_id = 'second'",
    "every_section_of_the_log_is_shown": "update commitments set status_basis = null",
    "what_claims_are_about_is_there": "update published_figures set subject_id = 'elsewhere'",
    "what_promises_are_about_is_there": "update promises set subject_id = 'elsewhere'",
    "every_sentence_that_promises_is_cited": "update promises set citations = 'report line 4'",
    "report_claims_are_the_figures_of_reports": "delete from report_claims",
    "subjects_are_those_of_claims_and_promises": "update promises set subject_id = 'elsewhere'",
    "inclusion_is_of_claims_of_reports": "update inclusion set value = 301",
    "what_measures_inclusion_is_there": (
        "update inclusion set measured_by = null, would_measure = null"
    ),
    "published_figures_as_of_now_are_published_figures": (
        "create or replace macro published_figures_as_of(ts) as table "
        "select * from published_figures where known_at > ts"
    ),
    "figure_reconciliation_as_of_now_is_figure_reconciliation": (
        "create or replace macro figure_reconciliation_as_of(ts) as table "
        "select * replace ('agrees' as verdict) from figure_reconciliation where ts is not null"
    ),
    "commitments_as_of_now_are_commitments": (
        "create or replace macro commitments_as_of(ts) as table "
        "select * from commitments where known_at > ts"
    ),
    "promises_as_of_now_are_promises": (
        "create or replace macro promises_as_of(ts) as table "
        "select * from promises where known_at > ts"
    ),
}
"""By expectation: a change to the staging file that breaks it."""

MORE_BROKEN_MEASURES: list[tuple[str, str]] = [
    ("claims_are_those_of_the_log", "delete from published_figures"),
    ("every_claim_is_reconciled", "update figure_reconciliation set figure_id = 'g'"),
    ("commitments_are_those_of_the_log", "delete from commitments"),
    (
        "every_section_of_the_log_is_shown",  # a plan that nobody printed
        "update commitments set planned_document = 'report'",
    ),
    ("every_section_of_the_log_is_shown", "update commitments set reported_year = 2015"),
    (
        "what_claims_are_about_is_there",  # a service that is none
        "update published_figures set service_id = 'harbour'",
    ),
    (
        "what_claims_are_about_is_there",  # two services
        "update published_figures set service_id = 'alpha', subject_id = 'beta'",
    ),
    (
        "what_promises_are_about_is_there",
        "update promises set service_id = 'harbour', subject_id = 'harbour'",
    ),
    (
        "what_promises_are_about_is_there",
        "update promises set service_id = 'alpha', subject_id = 'beta'",
    ),
    ("what_promises_are_about_is_there", "update promises set promised_figure_id = 'g'"),
    ("what_promises_are_about_is_there", "update promises set reported_figure_id = 'g'"),
    ("every_sentence_that_promises_is_cited", "delete from promises"),
    (
        "report_claims_are_the_figures_of_reports",  # a publication's own figure
        "insert into report_claims by name select * from published_figures where figure_id = 'f'",
    ),
    (
        "report_claims_are_the_figures_of_reports",
        "update report_claims set subject_id = 'elsewhere'",
    ),
    ("subjects_are_those_of_claims_and_promises", "update report_subjects set promises_count = 1"),
    (
        "subjects_are_those_of_claims_and_promises",  # what no report is about
        (
            "insert into report_subjects by name "
            "select * replace ('elsewhere' as subject_id) from report_subjects"
        ),
    ),
    ("inclusion_is_of_claims_of_reports", "delete from inclusion"),
    ("inclusion_is_of_claims_of_reports", "delete from report_claims"),
    ("inclusion_is_of_claims_of_reports", "update inclusion set subject_id = 'elsewhere'"),
    (
        "inclusion_is_of_claims_of_reports",  # what the register does not take out
        (
            "insert into report_claims by name select * replace "
            "('report:a:people:people_trained:2' as figure_id) from report_claims"
        ),
    ),
    ("what_measures_inclusion_is_there", "update inclusion set promise_id = 'elsewhere'"),
    ("what_measures_inclusion_is_there", "update inclusion set promise_id = null"),
    ("what_measures_inclusion_is_there", "update inclusion set reported_figure_id = 'g'"),
    ("what_measures_inclusion_is_there", "update inclusion set measured_by = 'figure'"),
    ("what_measures_inclusion_is_there", "update inclusion set measured_by = 'service'"),
    ("every_row_of_take_up_is_followed", "update channel_shift set take_up_ratio = 0.5"),
    (
        "shifts_are_differences_of_take_up",  # a shift from a period that is not there
        "update channel_shift set shift_pp_year = 0",
    ),
    (
        "the_parts_add_up_to_the_change",
        "update channel_shift_decomposition set services_compared = 0",
    ),
    (
        "contributions_add_up_to_the_decomposition",
        "delete from channel_shift_contributions where level = 'organisation'",
    ),
    (
        "effects_add_up_to_the_revision",
        (
            "insert into aggregate_revisions by name select * replace ('beta' as service_id, "
            "0.5 as old_ratio) from aggregate_revisions"
        ),
    ),
    ("links_are_changes_within_services", "update take_up_like_for_like set cumulative_pp = 5"),
    ("warnings_say_what_is_wrong", "update data_quality set severity = null"),
    ("doubts_say_what_they_could_move", "update data_quality set department_effect_pp = 101"),
    ("doubts_say_what_they_could_move", "update data_quality set check_id = 'cost_of_zero'"),
    (
        "every_contradiction_is_warned_of",
        (
            "update take_up set digital_count = 11 where service_id = 'beta' "
            "and period_kind = 'quarter' and period_start = '2014-01-01'"
        ),
    ),
    (
        "what_is_withheld_is_not_shown",  # a rate of the publisher's own
        "update service_measures set basis = 'reported'; "
        + withheld(services="['alpha']", value="0.75", quantity="completion_ratio", kind="month"),
    ),
    ("every_commit_is_there", "update run_history set accepted_count = accepted_count + 1"),
    (
        "shares_add_up_to_one",
        "update channel_shares set share_ratio = null where channel = 'phone'",
    ),
    ("measures_follow_from_their_parts", "update service_measures set completion_ratio = 0.7"),
    ("measures_follow_from_their_parts", "update service_measures set rating_5_count = 1"),
    ("measures_follow_from_their_parts", "update service_measures set total_cost_gbp = 11"),
    ("feedback_is_that_of_the_log", "delete from service_measures"),
    ("contacts_are_those_of_the_log", "delete from contacts"),
    (
        "contacts_per_transaction_follow_from_their_parts",
        "update contacts set transactions_count = null",
    ),
    ("savings_follow_from_their_parts", "update savings set reason = 'no unit cost'"),
    ("projections_are_whole_or_say_why_not", projected(quarters_used=7)),
    (
        "projections_are_whole_or_say_why_not",
        "update target_projections set projected_ratio = 0",
    ),
    (
        "projected_periods_lie_ahead",
        f"{projected()}; update target_attainment set due_on = date '2017-12-30'",
    ),
    (
        "projected_periods_lie_ahead",
        f"{projected()}; update target_attainment set measured_period_end = date '2017-12-31'",
    ),
    (
        "only_targets_still_ahead_are_projected",
        "update target_projections set target_ratio = 0.8",
    ),
    ("savings_follow_from_their_parts", "update savings set saving_gbp = null"),
    (
        "shifts_of_campaigns_follow_from_take_up",
        "update campaigns set take_up_after = 0.9 where period_kind = 'quarter'",
    ),
    (
        "sign_offs_of_returns_are_those_of_the_log",
        "update mi_returns set signed_off_at = '2014-01-16' where service_id = 'beta'",
    ),
    ("standings_of_returns_follow_from_their_parts", "update mi_returns set is_late = true"),
    ("standings_of_returns_follow_from_their_parts", "update mi_returns set assurance = null"),
]
"""Other ways to break the same expectations, where one has several arms."""
