{{ service_measures_sql({
    'counts': ref('int_transaction_counts'),
    'adjustments': ref('int_transaction_adjustments'),
    'start_adjustments': ref('int_start_adjustments'),
    'exclusions': ref('int_completion_exclusions'),
    'feedback': ref('int_feedback_counts'),
    'contacts': ref('int_contact_counts'),
    'costs': ref('int_reported_costs'),
    'figures': ref('published_figures'),
    'headline': ref('take_up_headline'),
    'channel_volumes': ref('channel_volumes'),
    'classes': ref('int_definition_classes'),
}, run_moment()) }}
order by measured.service_id, measured.period_kind, measured.period_end, measured.basis
