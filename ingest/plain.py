"""The fast lane: transaction events in their plain shape, recognised in one pass.

Plain means: one of the two transaction types, known keys only, each once, values of the right
type in their vocabularies. Keys need not be listed to know that none is unknown, twice or
escaped: when every value is known to be a text, a line is exactly as long as the fields that
were read from it, spelled compactly or with one space after each comma and colon.
"""

from __future__ import annotations

import json

from ingest.event_types import ENVELOPE, event_types
from ingest.validation import (
    EARLIEST,
    TRANSACTION_TYPES,
    TYPED_FIELDS,
    Rules,
    allowed_values,
    any_of,
    is_required,
    quote,
)

MAY_BE_PLAIN = "(reason is null and contains(line, 'p.transa'))"
"""SQL: a cheap look for the types of transactions; what fails it is not plain. DuckDB finds
eight bytes several times faster than more."""
PLAIN_MOMENT = (
    r"^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,6})?(Z|[+-](0\d|1[0-4]):[0-5]\d)$"
)
SURELY_TEXT = r"^[0-9eE.+-]*[!#-&(-*,/:-DF-Z\]-df-z|~][!-&(-~]*$"
"""A text of ten characters or more that can be no number, constant, object or list: printable
ASCII, in which the first character that a number could not hold is no brace and no bracket.
JSON's constants, NaN and infinity among them, are shorter."""
ASCII = r"^[!-~]{1,200}$"
ATTRIBUTES = tuple(name for name in ENVELOPE if name not in ("publishedat", "data"))
REQUIRED = frozenset({"specversion", "id", "source", "type", "time"})
REQUIRED_IN_DATA = frozenset({"service_id", "channel", "assistance", "transaction_id"})


def plain_transactions(rules: Rules, *, all_json: bool) -> str:
    """SQL: plain events of table `records` (row_id, file_index, position, line, reason).

    With `all_json` the lines are taken to be JSON, and the query fails where one is not. The
    columns are the log's, less the commit's.
    """
    structure = json.dumps(
        dict.fromkeys(ATTRIBUTES, "VARCHAR") | {"data": dict.fromkeys(TYPED_FIELDS, "VARCHAR")},
        separators=(",", ":"),
    )
    # The same text everywhere, so that DuckDB parses a line once.
    event = f"from_json(line, '{structure}')"
    extensions = quote('{"simulated":true}') if rules.is_simulated else "null::varchar"
    return f"""
with opened as (
    select
        row_id, file_index, position, line,
        {", ".join(f"{event}.{name} as {name}" for name in ATTRIBUTES)},
        {", ".join(f"{event}.data.{name} as {name}" for name in TYPED_FIELDS)},
        try_cast({event}.time as timestamptz) as moment,
    from records
    where {MAY_BE_PLAIN} {"" if all_json else "and json_valid(line)"}
),
verified as (
    select
        *,
        -- random() keeps the optimizer from moving the filter below the parse, and doubling it
        {" and ".join(_conditions(rules))} and random() >= 0 as is_plain,
    from opened
)
select
    row_id, file_index, position,
    source, id, type, moment as time,
    specversion, datacontenttype, dataschema,
    {extensions} as extensions,
    null::timestamptz as published_at,
    null::varchar as data,
    {", ".join(TYPED_FIELDS)},
    null::varchar as target_source,
    null::varchar as target_id,
from verified
where is_plain
"""


def _conditions(rules: Rules) -> list[str]:
    """SQL of what must hold; `case` instead of `or` looks no further than it must."""
    started, completed = (event_types()[name] for name in TRANSACTION_TYPES)
    conditions = [
        f"type in ({any_of(list(TRANSACTION_TYPES))})",
        "specversion = '1.0'",
        _is_spelled(),
        _version_is_text(),
        *(_is_text(name) for name in ("id", "source", "transaction_id")),
        f"case when dataschema is null then true else {_is_text('dataschema')} end",
        f"regexp_matches(time, '{PLAIN_MOMENT}')",
        f"moment between {quote(EARLIEST)}::timestamptz and {quote(rules.latest)}::timestamptz",
        "(datacontenttype is null or datacontenttype = 'application/json')",
        "simulated = 'true'" if rules.is_simulated else "simulated is null",
    ]
    for name in TYPED_FIELDS:
        allowed = allowed_values(next(f for f in completed.fields if f.path == name), rules)
        if allowed is None:
            continue
        known = f"{name} in ({any_of(allowed)})"
        if not is_required(completed, name):
            known = f"case when {name} is null then true else {known} end"
        if name not in started.top_fields:
            is_started = f"type = {quote(started.name)}"
            known = f"case when {is_started} then {name} is null else {known} end"
        conditions.append(known)
    return conditions


def _is_spelled() -> str:
    """SQL: the line is as long as what was read from it, and nothing more.

    Where it is not, it may have a space behind colons and commas: no value holds one.
    """

    def spelled(name: str) -> str:
        # "name":"value" and the comma before it; simulated is no text.
        length = f"strlen({name}) + {len(name) + (4 if name == 'simulated' else 6)}"
        return length if name in REQUIRED | REQUIRED_IN_DATA else f"coalesce({length}, 0)"

    names = [*ATTRIBUTES, *TYPED_FIELDS]
    # The braces and the name of data, less the comma that the first field of data has not,
    # and the newline, which every line but an unfinished last one has.
    around = len('{"data":{}}') - 1 + 1
    compact = f"{' + '.join(map(spelled, names))} + {around}"
    closed_up = """replace(replace(line, '": ', '":'), ', "', ',"')"""
    return f"case when strlen(line) = {compact} then true else strlen({closed_up}) = {compact} end"


def _version_is_text() -> str:
    """SQL: specversion is the text 1.0, not the number."""
    first = quote('{"specversion":"1.0"')
    return (
        f"case when starts_with(line, {first}) then true else {_begins_as_text('specversion')} end"
    )


def _is_text(name: str) -> str:
    """SQL: a value read as text was a text, and holds nothing to look at closely.

    Where the value alone does not tell, a key of this name with a text stands in the line:
    were it another member than the one that was read, the line would be longer.
    """
    surely = f"strlen({name}) between 10 and 200 and regexp_matches({name}, '{SURELY_TEXT}')"
    looked_up = f"regexp_matches({name}, '{ASCII}') and {_begins_as_text(name)}"
    return f"case when {surely} then true else {looked_up} end"


def _begins_as_text(name: str) -> str:
    """SQL: somewhere in the line a member of this name has a text, in either spelling."""
    spellings = [f'"{name}":{space}"' for space in ("", " ")]
    return " or ".join(f"contains(line, {quote(one)})" for one in spellings).join("()")
