{{ as_of('int_promise_words') }}
