{{ as_of('channel_shift_contributions') }}
