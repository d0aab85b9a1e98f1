"""SQL of the stream as text: JSON lines, CSV lines, or the columns of a Parquet file."""

from __future__ import annotations

from simulator.faults import ENVELOPE
from simulator.pattern import Kind, Shape
from simulator.rows import (
    CONTACT_CHANNELS,
    TYPES,
    Stream,
    barrier_number,
    contact_channel_number,
    contact_reason_number,
    identifier,
    one_of,
    rating,
    rows_sql,
)

VOID_REASONS = ("entered twice", "test transaction", "withdrawn by the user", "wrong service")


def members_sql(stream: Stream, first: int, until: int) -> str:
    """Records with the text of their members: id, source, type, time, data (null if broken)."""
    target = """'{"source":"', source, '","id":"', target_id, '"}'"""
    void_reason = one_of(VOID_REASONS, f"(die % {len(VOID_REASONS)})::bigint")
    contact_channel = one_of(CONTACT_CHANNELS, contact_channel_number())
    contact_reason = one_of(stream.world.contact_reasons, contact_reason_number(stream))
    barrier = one_of(stream.world.barriers, barrier_number(stream))
    with_transaction = """',"transaction_id":"', transaction_id, '"}'"""
    return f"""{rows_sql(stream, first, until)},
{_identified(stream)},
members as (
    select
        *,
        case kind
            when {Kind.COMPLETED} then concat('{{', body, form_version, {with_transaction})
            when {Kind.STARTED} then concat('{{', body, {with_transaction})
            when {Kind.FEEDBACK} then concat(
                '{{"service_id":"', service_id, '","channel":"', channel,
                '","rating":', {rating()}, ',"barrier":"' || {barrier} || '"', '}}'
            )
            when {Kind.CONTACT} then concat(
                '{{"service_id":"', service_id, '","channel":"', {contact_channel},
                '","reason":"', {contact_reason}, '"}}'
            )
            when {Kind.VOIDED} then concat(
                '{{"voids":', {target}, ',"reason":"',
                {void_reason}, '"}}'
            )
            when {Kind.CORRECTED} then concat(
                '{{"corrects":', {target}, ',"channel":"', new_channel,
                '","assistance":"', new_assistance, '"}}'
            )
            when {Kind.CAMPAIGN} then concat(
                '{{"', campaign_subject, '":"', campaign_subject_id, '","kind":"', campaign_kind,
                '","start":"', campaign_start, '","end":"', campaign_end, '"}}'
            )
        end as data,
    from identified
)
"""


def _identified(stream: Stream) -> str:
    """Identity, type, moment and transaction of each record, as text."""
    seed = stream.seed
    types = "\n".join(f"when {kind} then 'uk.gov.takeup.{name}'" for kind, name in TYPES.items())
    return f"""identified as (
    select
        *,
        case when kind = {Kind.STARTED} then started_body else completed_body end as body,
        case when kind = {Kind.COMPLETED} and die % 200 = 7 then ',"form_version":4' end
            as form_version,
        {identifier(f"case when kind = {Kind.BROKEN} then anchor else subject end", seed)} as id,
        event_source as source,
        case kind {types} else 'uk.gov.takeup.{TYPES[Kind.COMPLETED]}' end as type,
        case die % 64
            when 0 then strftime(event_ts + interval 1 hour, '%Y-%m-%dT%H:%M:%S.%f+01:00')
            when 1 then strftime(event_ts, '%Y-%m-%dT%H:%M:%S.%f+00:00')
            else case
                when kind in ({Kind.FEEDBACK}, {Kind.CONTACT}, {Kind.CAMPAIGN})
                    then strftime(event_ts, '%Y-%m-%dT%H:%M:%SZ')
                else strftime(event_ts, '%Y-%m-%dT%H:%M:%S.%fZ')
            end
        end as time,
        case when kind in ({Kind.COMPLETED}, {Kind.STARTED}, {Kind.BROKEN})
            then to_hex({stream.hash_of("about", 3)} | 9223372036854775808)
        end as transaction_id,
        case
            when shape = {Shape.NOTHING} then {identifier("-1 - subject", seed)}
            when shape = {Shape.CHAIN} then {identifier("anchor", seed)}
            when shape <> {Shape.NONE} then {identifier("about", seed)}
        end as target_id,
    from rows
)"""


def lines_sql(stream: Stream, first: int, until: int) -> str:
    """Records as JSON lines, each with its newline.

    Some redeliveries of transactions come with their members in another order and with spaces.
    """
    return f"""{members_sql(stream, first, until)}
select
    case
        when kind <= {Kind.STARTED} and not (is_duplicate and record % 2 = 0) then concat(
            '{{"specversion":"1.0","id":"', id, '","source":"', source, '","type":"', type,
            '","time":"', time,
            '","datacontenttype":"application/json","simulated":true,"data":{{',
            body, form_version, ',"transaction_id":"', transaction_id, '"}}}}', chr(10)
        )
        when kind <= {Kind.STARTED} then concat(
            '{{"type": "', type, '", "data": {{ "transaction_id" : "', transaction_id, '", ',
            body, form_version, ' }}, "time": "', time, '", "simulated": true, "source": "', source,
            '", "datacontenttype": "application/json", "id": "', id,
            '", "specversion": "1.0" }}', chr(10)
        )
        when kind = {Kind.BROKEN} then {_broken_line(stream)}
        else concat(
            '{{"specversion":"1.0","id":"', id, '","source":"', source, '","type":"', type,
            '","time":"', time, '","datacontenttype":"application/json","simulated":true,"data":',
            data, '}}', chr(10)
        )
    end as line,
from members
"""


def columns_sql(stream: Stream, first: int, until: int) -> str:
    """Records as columns of text, with data as JSON text; null where a member is missing."""

    def member(name: str, good: str) -> str:
        def text(expression: str | None) -> str:
            if expression is None:
                return "null"
            return expression if name == "data" else f"""trim({expression}, '"')"""

        cases = "\n".join(
            f"when {number} then {text(fault.members[name])}"
            for number, fault in enumerate(stream.faults)
            if name in fault.members
        )
        other = text(ENVELOPE[name])
        broken = f"case fault {cases} else {other} end" if cases else other
        return f"case when kind = {Kind.BROKEN} then {broken} else {good} end as {name}"

    goods = {
        "specversion": "'1.0'",
        "id": "id",
        "source": "source",
        "type": "type",
        "time": "time",
        "datacontenttype": "'application/json'",
        "simulated": "'true'",
        "data": "data",
    }
    return f"""{members_sql(stream, first, until)}
select
    {", ".join(member(name, good) for name, good in goods.items())},
from members
"""


def csv_lines_sql(stream: Stream, first: int, until: int) -> str:
    """Records as CSV lines, every cell quoted; a missing member is an empty cell."""
    cells = " || ',' || ".join(
        f"""coalesce('"' || replace({name}, '"', '""') || '"', '')""" for name in ENVELOPE
    )
    return f"select {cells} || chr(10) as line from ({columns_sql(stream, first, until)})"


def _broken_line(stream: Stream) -> str:
    def member(name: str) -> str:
        cases = "\n".join(
            f"when {number} then {fault.members[name] or 'null'}"
            for number, fault in enumerate(stream.faults)
            if name in fault.members
        )
        value = f"case fault {cases} else {ENVELOPE[name]} end" if cases else ENVELOPE[name]
        return f"""'"{name}":' || {value}"""

    whole = "\n".join(
        f"when {number} then {fault.line}"
        for number, fault in enumerate(stream.faults)
        if fault.line is not None
    )
    members = ", ".join(member(name) for name in ENVELOPE)
    assembled = f"'{{' || concat_ws(',', {members}) || '}}'"
    return f"(case fault {whole} else {assembled} end) || chr(10)" if whole else "null"
