{{ as_of('channel_shares') }}
