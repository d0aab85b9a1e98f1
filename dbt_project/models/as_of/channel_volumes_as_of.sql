{{ as_of('channel_volumes') }}
