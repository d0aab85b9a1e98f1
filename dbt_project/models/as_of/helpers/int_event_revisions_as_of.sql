{{ as_of('int_event_revisions') }}
