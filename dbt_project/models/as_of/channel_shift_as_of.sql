{{ as_of('channel_shift') }}
