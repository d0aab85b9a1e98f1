{{ as_of('int_report_warnings') }}
