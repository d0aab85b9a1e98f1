"""Records that a pipeline must refuse: what is wrong with each, and the reason it should give.

Every fault spoils one thing in an otherwise good record. Expressions are DuckDB SQL over the
columns of a record: `id`, `service_id`, `body` (the members of a completed event's data),
`transaction_id`, `event_ts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

GOOD_DATA = """'{' || body || ',"transaction_id":"' || transaction_id || '"}'"""
ENVELOPE: Mapping[str, str] = {
    "specversion": "'\"1.0\"'",
    "id": "'\"' || id || '\"'",
    "source": "'\"' || source || '\"'",
    "type": "'\"uk.gov.takeup.transaction.completed.v1\"'",
    "time": "'\"' || time || '\"'",
    "datacontenttype": "'\"application/json\"'",
    "simulated": "'true'",
    "data": GOOD_DATA,
}
"""JSON of each member of a good record, in order."""

_FEEDBACK = "'\"uk.gov.takeup.feedback.given.v1\"'"
_VOLUME = "'\"uk.gov.takeup.volume.reported.v1\"'"
OVERSIZED_BYTES = 1_100_000


@dataclass(frozen=True)
class Fault:
    """One way to break a record.

    reason: the pipeline's reason for quarantine.
    members: JSON of the members that differ; None leaves the member out.
    line: the whole record, where it is not an object with members.
    is_columnar: it can be said in CSV and Parquet too, where all members but data are text.
    """

    name: str
    reason: str
    members: Mapping[str, str | None] = field(default_factory=dict)
    line: str | None = None
    is_columnar: bool = False


def _rating(value: str) -> dict[str, str | None]:
    data = '\'{"service_id":"\' || service_id || \'","channel":"online","rating":'
    return {"type": _FEEDBACK, "data": data + value + "}'"}


def _volume(value: str) -> dict[str, str | None]:
    data = (
        '\'{"service_id":"\' || service_id || \'","breakdown":"total","measure":"completed"'
        ',"period":{"kind":"quarter","start":"2014-01-01","end":"2014-03-31"},"count":'
    )
    return {"type": _VOLUME, "data": data + value + "}'"}


def _also(member: str) -> dict[str, str | None]:
    """Good data with one more member in front."""
    return {
        "data": f"'{{{member},' || body || ',\"transaction_id\":\"' || transaction_id || '\"}}'"
    }


def _fields(members: str) -> dict[str, str | None]:
    """Data with these members; `%` stands for the service."""
    text = members.replace("%", "' || service_id || '")
    return {"data": f"'{{{text},\"transaction_id\":\"' || transaction_id || '\"}}'"}


ORDINARY: tuple[Fault, ...] = (
    Fault("text_not_json", "not_json", line="'this is not JSON: ' || id"),
    Fault(
        "cut_in_the_middle", "not_json", line="""'{"specversion":"1.0","id":"' || id || '","so'"""
    ),
    Fault("trailing_comma", "not_json", {"data": f"{GOOD_DATA} || ','"}),
    Fault("rating_nan", "not_json", _rating("NaN")),
    Fault("rating_infinity", "not_json", _rating("-Infinity")),
    Fault("a_list", "not_an_object", line="'[\"' || id || '\"]'"),
    Fault("a_text", "not_an_object", line="'\"' || id || '\"'"),
    Fault("a_number", "not_an_object", line="'42'"),
    Fault("a_null", "not_an_object", line="'null'"),
    Fault("key_twice_in_data", "duplicate_key", _also('"channel":"paper"')),
    Fault("key_twice_escaped", "duplicate_key", _also('"chan\\u006eel":"paper"')),
    Fault("key_twice_in_envelope", "duplicate_key", {"data": f"""{GOOD_DATA} || ',"id":"x"'"""}),
    Fault(
        "nested_too_deep",
        "too_deep",
        _also("\"form\":' || repeat('[', 70) || repeat(']', 70) || '"),
    ),
    Fault("control_character", "control_character", _also('"form":"\' || chr(1) || \'"')),
    Fault("nul_character", "control_character", _also('"form":"\' || chr(0) || \'"')),
    Fault("nul_escaped_in_id", "control_character", {"id": "'\"' || id || '\\u0000\"'"}),
    Fault("id_missing", "invalid_envelope", {"id": None}, is_columnar=True),
    Fault("id_empty", "invalid_envelope", {"id": "'\"\"'"}, is_columnar=True),
    Fault("id_number", "invalid_envelope", {"id": "'42'"}),
    Fault("source_missing", "invalid_envelope", {"source": None}, is_columnar=True),
    Fault("source_empty", "invalid_envelope", {"source": "'\"\"'"}, is_columnar=True),
    Fault("type_missing", "invalid_envelope", {"type": None}, is_columnar=True),
    Fault("time_missing", "invalid_envelope", {"time": None}, is_columnar=True),
    Fault("time_number", "invalid_envelope", {"time": "'1400000000'"}),
    Fault("specversion_missing", "invalid_envelope", {"specversion": None}, is_columnar=True),
    Fault("specversion_other", "invalid_envelope", {"specversion": "'\"0.3\"'"}, is_columnar=True),
    Fault("data_missing", "invalid_envelope", {"data": None}, is_columnar=True),
    Fault("data_text", "invalid_envelope", {"data": "'\"none\"'"}, is_columnar=True),
    Fault(
        "type_unknown",
        "unknown_schema",
        {"type": "'\"uk.gov.takeup.transaction.teleported.v1\"'"},
        is_columnar=True,
    ),
    Fault(
        "version_unknown",
        "unknown_schema",
        {"type": "'\"uk.gov.takeup.transaction.completed.v9\"'"},
        is_columnar=True,
    ),
    Fault(
        "time_without_zone",
        "no_time_zone",
        {"time": "strftime(event_ts, '\"%Y-%m-%dT%H:%M:%S.%f\"')"},
        is_columnar=True,
    ),
    Fault(
        "time_impossible", "invalid_time", {"time": "'\"2014-02-30T10:00:00Z\"'"}, is_columnar=True
    ),
    Fault("time_in_words", "invalid_time", {"time": "'\"yesterday\"'"}, is_columnar=True),
    Fault(
        "time_far_ahead",
        "in_the_future",
        {"time": "'\"2999-01-01T00:00:00Z\"'"},
        is_columnar=True,
    ),
    Fault(
        "channel_missing",
        "missing_field",
        _fields('"service_id":"%","assistance":"none","outcome":"intended"'),
        is_columnar=True,
    ),
    Fault("transaction_missing", "missing_field", {"data": "'{' || body || '}'"}, is_columnar=True),
    Fault(
        "assistance_other",
        "invalid_field",
        _fields('"service_id":"%","channel":"online","assistance":"some","outcome":"intended"'),
        is_columnar=True,
    ),
    Fault(
        "outcome_other",
        "invalid_field",
        _fields('"service_id":"%","channel":"online","assistance":"none","outcome":"perhaps"'),
        is_columnar=True,
    ),
    Fault("rating_six", "invalid_field", _rating("6"), is_columnar=True),
    Fault("rating_negative", "invalid_field", _rating("-1"), is_columnar=True),
    Fault("rating_fractional", "invalid_field", _rating("3.5"), is_columnar=True),
    Fault("rating_text", "invalid_field", _rating('"5"'), is_columnar=True),
    Fault("count_negative", "invalid_field", _volume("-5"), is_columnar=True),
    Fault("count_fractional", "invalid_field", _volume("12.5"), is_columnar=True),
    Fault(
        "count_too_large", "inexact_number", _volume("1234567890123456789012345"), is_columnar=True
    ),
    Fault(
        "service_unknown",
        "unknown_service",
        _fields(
            '"service_id":"simulated-unknown","channel":"online","assistance":"none"'
            ',"outcome":"intended"'
        ),
        is_columnar=True,
    ),
    Fault(
        "channel_unknown",
        "unknown_channel",
        _fields(
            '"service_id":"%","channel":"carrier_pigeon","assistance":"none","outcome":"intended"'
        ),
        is_columnar=True,
    ),
    Fault(
        "barrier_unknown",
        "unknown_value",
        _rating('2,"barrier":"simulated_unknown"'),
        is_columnar=True,
    ),
    Fault("personal_field", "personal_data", _also('"nino":"QQ123456C"'), is_columnar=True),
    Fault(
        "personal_field_nested",
        "personal_data",
        _also('"form":{"email":"someone@example.org"}'),
        is_columnar=True,
    ),
    Fault("not_marked_simulated", "wrong_kind_of_log", {"simulated": None}, is_columnar=True),
)
"""Faults that broken records take in turn, by hash."""

CONFLICT = Fault("same_identity_other_time", "id_conflict", is_columnar=True)
"""One per block: the identity of a completed transaction before it, a microsecond aside. Either
of the two may stay (file hashes decide), and both give the same measures."""

OVERSIZED = Fault(
    "oversized",
    "too_large",
    _also(f"\"form\":\"' || repeat('x', {OVERSIZED_BYTES}) || '\""),
    is_columnar=True,
)
"""Rare, for its size: once in 500 blocks."""

OVERSIZED_EVERY = 500
OVERSIZED_BLOCK = 7


def faults_for(*, is_columnar: bool) -> tuple[Fault, ...]:
    """Faults of a format, in the order of their numbers: the ordinary ones, then the two others."""
    ordinary = tuple(fault for fault in ORDINARY if fault.is_columnar or not is_columnar)
    return (*ordinary, CONFLICT, OVERSIZED)
