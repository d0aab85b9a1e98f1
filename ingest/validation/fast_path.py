"""The fast path: events of the simplest shape, recognised in one pass.

That is: a type whose data are flat texts and small whole numbers, known keys only, each
once, values of the right type in their vocabularies. Keys need not be listed to know that none
is unknown, twice or escaped: when every value is known to be of its type, a line is exactly as
long as the fields that were read from it, spelled compactly. Spaces between them don't count.
"""

from __future__ import annotations

import json

from core.sql import any_of, quote
from ingest.log.columns import EVENT
from ingest.validation.event_types import ENVELOPE, EventType, event_types
from ingest.validation.rules import EARLIEST, TYPED_FIELDS, Rules, allowed_values

ANSWER_TYPES = ("uk.gov.takeup.feedback.given.v1", "uk.gov.takeup.contact.received.v1")
"""What users say of a service, beside the transactions that they make."""
COMMON_PREFIX = "uk.gov.takeup."
SIMPLE_MOMENT = (
    r"^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\d(\.\d{1,6})?(Z|[+-](0\d|1[0-4]):[0-5]\d)$"
)
USUAL_MOMENTS = ("____-__-__T__:__:__.______Z", "____-__-__T__:__:__Z")
"""How nearly all moments are spelled (LIKE): what is read as one has digits there, or a space."""
NO_NUMBER = r"[!-*,/:-DF-Z\\^-df-z|~]"
"""A printable character that is neither in a JSON number nor a bracket."""
CONSTANTS = ", ".join(str(ord(first)) for first in "tfnNiI")
"""With what true, false, null, NaN and Infinity begin, however a parser spells the last two."""
LONGER_WHEN_READ = r"^-?[0-9]+[.eE]"
"""What may be a number of which DuckDB makes a longer text than was in the line: 1e9."""
WHOLE_NUMBER = r"^(0|[1-9]\d*)$"
ATTRIBUTES = tuple(name for name in ENVELOPE if name not in ("publishedat", "data"))
REQUIRED = frozenset({"specversion", "id", "source", "type", "time"})


def fast_path_events(
    rules: Rules, types: tuple[str, ...], *, table: str, all_json: bool, all_ascii: bool = False
) -> str:
    """SQL: events of these types among the records of a table, as far as the fast path knows them.

    The table has (row_id, file_index, position, place, line, reason). With `all_json` the lines are
    taken to be JSON, and the query fails where one is not; with `all_ascii` they are known to be
    ASCII, which each is asked for otherwise. The columns are `row_id`,
    `file_index`, `position` and the log's own of an event.
    """
    kinds = [event_types()[name] for name in types]
    fields = list(dict.fromkeys(name for kind in kinds for name in kind.top_fields))
    structure = json.dumps(
        dict.fromkeys(ATTRIBUTES, "VARCHAR") | {"data": dict.fromkeys(fields, "VARCHAR")},
        separators=(",", ":"),
    )
    conditions = _conditions(kinds, fields, rules)
    if not all_ascii:
        conditions.append("length(line) = strlen(line)")
    # The same text everywhere, so that DuckDB parses a line once.
    event = f"from_json(line, '{structure}')"
    return f"""
with opened as (
    select
        row_id, file_index, position, line,
        {", ".join(f"{event}.{name} as {name}" for name in ATTRIBUTES)},
        {", ".join(f"{event}.data.{name} as {name}" for name in fields)},
        try_cast({event}.time as timestamptz) as moment,
    from {table} as records
    -- a record with a place is a cell of a row, which its position does not name
    where reason is null and place is null {"" if all_json else "and json_valid(line)"}
),
verified as (
    select
        *,
        -- random() keeps the optimizer from moving the filter below the parse, and doubling it
        {" and ".join(conditions)} and random() >= 0 as is_known,
    from opened
)
select row_id, file_index, position, {_log_columns(kinds, fields, rules)}
from verified
where is_known
"""


def any_mention(types: tuple[str, ...], *, table: str) -> str:
    """SQL: one row if any record of a table may be of these types, else none."""
    # From the dot on: it is rarer in a line than letters are, so a search is faster that begins so.
    things = sorted({"." + name.removeprefix(COMMON_PREFIX).partition(".")[0] for name in types})
    mentions = " or ".join(f"contains(line, {quote(thing)})" for thing in things)
    return f"select 1 from {table} where {mentions} limit 1"


def _log_columns(kinds: list[EventType], fields: list[str], rules: Rules) -> str:
    """SQL of the log's own columns of an event, from what was read of it.

    The document is kept where it holds more than the log has columns for. Columns of few words are
    enumerations, which Parquet takes faster and keeps as texts; services are not, because the
    least and greatest that a part states would be those of the whole list.
    """
    keeps_document = not set(fields) <= set(TYPED_FIELDS)
    read = {name: name for name in (*ATTRIBUTES, *TYPED_FIELDS) if name in EVENT}
    read |= {name: "null::varchar" for name in TYPED_FIELDS if name not in fields}
    read |= {
        name: f"try_cast({name} as {_enumeration(words)})"
        for name in fields
        if name in EVENT and name != "service_id" and (words := _words(kinds, name, rules))
    }
    made = {
        "time": "moment",
        "extensions": quote('{"simulated":true}') if rules.is_simulated else "null::varchar",
        "published_at": "null::timestamptz",
        "data": "json_extract(line, '$.data')::varchar" if keeps_document else "null::varchar",
        "target_source": "null::varchar",
        "target_id": "null::varchar",
    }
    return ", ".join(f"{(read | made)[name]} as {name}" for name in EVENT)


def _conditions(kinds: list[EventType], fields: list[str], rules: Rules) -> list[str]:
    """SQL of what must hold; `case` instead of `or` reads no further than it must."""
    texts = [name for name in fields if any(_is_free_text(kind, name, rules) for kind in kinds)]
    is_of_type = f"type in ({any_of([kind.name for kind in kinds])})"
    return [
        f"case when {is_of_type} then {_is_spelled(kinds, fields)} else false end",
        f"strlen(line) <= {rules.maximum_bytes}",
        "specversion = '1.0'",
        _version_is_text(),
        *(_is_text(name) for name in ("id", "source", *texts)),
        f"case when dataschema is null then true else {_is_text('dataschema')} end",
        _is_moment(),
        f"moment between {quote(EARLIEST)}::timestamptz and {quote(rules.latest)}::timestamptz",
        "(datacontenttype is null or datacontenttype = 'application/json')",
        "simulated = 'true'" if rules.is_simulated else "simulated is null",
        *(
            condition
            for name in fields
            if (condition := _value_condition(kinds, name, rules)) is not None
        ),
    ]


def _value_condition(kinds: list[EventType], name: str, rules: Rules) -> str | None:
    """SQL: a field of data has a value that its type allows; None where any text will do."""
    conditions = {kind.name: _allowed(kind, name, rules) for kind in kinds}
    if len(set(conditions.values())) == 1:
        return next(iter(conditions.values()))
    cases = " ".join(
        f"when {quote(kind)} then {condition or 'true'}" for kind, condition in conditions.items()
    )
    return f"case type {cases} end"


def _allowed(kind: EventType, name: str, rules: Rules) -> str | None:
    field = kind.field(name)
    if field is None:
        return f"{name} is null"
    allowed = allowed_values(field, rules)
    if allowed is not None:
        known = f"try_cast({name} as {_enumeration(allowed)}) is not null" if allowed else "false"
    elif field.schema["type"] == "integer":
        bounds = f"{field.schema['minimum']} and {field.schema['maximum']}"
        is_whole = f"regexp_matches({name}, '{WHOLE_NUMBER}')"
        known = f"{is_whole} and try_cast({name} as bigint) between {bounds}"
    else:
        return None
    return known if field.is_required else f"case when {name} is null then true else {known} end"


def _enumeration(words: frozenset[str]) -> str:
    """SQL of a type that has these words: to ask one takes as long as to ask all of them."""
    return f"enum ({any_of(words)})"


def _words(kinds: list[EventType], name: str, rules: Rules) -> frozenset[str]:
    """The words of which a field of data has one, in any of these types; none where all will do."""
    found = [allowed_values(field, rules) for kind in kinds if (field := kind.field(name))]
    return frozenset() if None in found else frozenset().union(*filter(None, found))


def _is_free_text(kind: EventType, name: str, rules: Rules) -> bool:
    """Whether a field may hold any text: not one of a list of words."""
    field = kind.field(name)
    return (
        field is not None
        and field.schema["type"] == "string"
        and allowed_values(field, rules) is None
    )


def _is_spelled(kinds: list[EventType], fields: list[str]) -> str:
    """SQL: the line is as long as what was read from it, and nothing more.

    Where it is longer, that may be spaces, if no value holds one.
    """
    numbers = {
        name
        for kind in kinds
        for name in fields
        if (field := kind.field(name)) is not None and field.schema["type"] == "integer"
    }
    always = REQUIRED | {
        name
        for name in fields
        if all((field := kind.field(name)) is not None and field.is_required for kind in kinds)
    }

    def spelled(name: str) -> str:
        # "name":"value" and the comma before it; a number and simulated have no quotes.
        marks = 4 if name in numbers or name == "simulated" else 6
        length = f"strlen({name}) + {len(name) + marks}"
        return length if name in always else f"coalesce({length}, 0)"

    names = [*ATTRIBUTES, *fields]
    # The braces and the name of data, less the comma that the first field of data has not,
    # and the newline, which every line but an unfinished last one has.
    around = len('{"data":{}}') - 1 + 1
    compact = f"{' + '.join(map(spelled, names))} + {around}"
    spaced = [f"strlen(replace(line, ' ', '')) = {compact}"]
    spaced += [f"coalesce(not contains({name}, ' '), true)" for name in names]
    return f"case when strlen(line) = {compact} then true else {' and '.join(spaced)} end"


def _is_moment() -> str:
    """SQL: a time that can be read is spelled as a moment with its offset.

    Of a usual spelling that was read as a moment, only a space or midnight as 24:00 can be wrong.
    """
    usual = " or ".join(f"time like {quote(one)}" for one in USUAL_MOMENTS)
    return f"""case
        when {usual} then not contains(time, ' ') and time not like '%T24:%'
        else regexp_matches(time, '{SIMPLE_MOMENT}')
    end"""


def _version_is_text() -> str:
    """SQL: specversion is the text 1.0, not the number."""
    first = quote('{"specversion":"1.0"')
    return (
        f"case when starts_with(line, {first}) then true else {_begins_as_text('specversion')} end"
    )


def _is_text(name: str) -> str:
    """SQL: a value read as text was a text, and need not be read strictly.

    Most texts tell by themselves, by the first sign: no other value begins with a letter than a
    constant, and those, NaN and infinity among them, are shorter than ten characters. One that
    begins as a number does has three hyphens, of which a number can have two, or a character
    that no number has. For the rest a key of this name with a text is in the line: were it
    another member than the one that was read, the line would be longer.
    """
    first = f"ascii({name})"
    brackets = f"({ord('{')}, {ord('[')})"
    tells = f"""case
        when {first} in {brackets} then false
        when {first} > {ord("9")} and {first} not in ({CONSTANTS}) then true
        when strlen({name}) < 10 then false
        when {first} > {ord("9")} or {name} like '%-%-%-%' then true
        else regexp_matches({name}, '{NO_NUMBER}')
    end"""
    may_be_another = (
        f"{first} in {brackets} or regexp_matches({name}, '{LONGER_WHEN_READ}')"
        f" or not regexp_matches({name}, '[!-~]')"
    )
    return f"""
    strlen({name}) between 1 and 200 and not contains({name}, chr(127)) and case
        when {tells} then true
        when {may_be_another} then false
        else {_begins_as_text(name)}
    end"""


def _begins_as_text(name: str) -> str:
    """SQL: somewhere in the line a member of this name has a text, spaced as most people do."""
    spellings = [f'"{name}"{colon}"' for colon in (":", ": ", " : ")]
    return " or ".join(f"contains(line, {quote(one)})" for one in spellings).join("()")
