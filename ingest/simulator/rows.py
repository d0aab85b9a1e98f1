"""SQL of the stream: records by number, as columns, then as text.

Every value comes from a hash of the seed and a record's number, with whole-number arithmetic,
so that a record is the same whichever thread makes it and whatever was made before. DuckDB's
`hash` may change between its versions: a seed repeats its bytes on the pinned version.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.simulator.faults import (
    ENVELOPE,
    OVERSIZED_BLOCK,
    OVERSIZED_EVERY,
    Fault,
)
from ingest.simulator.pattern import BLOCK, Kind, Pattern, Shape
from ingest.simulator.world import DIGITAL_SCALE, MIX_SLOTS, PARTS, SERVICE_SLOTS, World

SOURCE = "urn:takeup:simulated:"
LEAST_LAG_DAYS = 5
MOST_LAG_DAYS = 40
VOID_REASONS = ("entered twice", "test transaction", "withdrawn by the user", "wrong service")
CONTACT_CHANNELS = ("phone", "phone", "phone", "email", "email", "webchat", "face_to_face", "paper")
RATINGS = (1, 2, 2, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5)

TYPES = {
    Kind.COMPLETED: "transaction.completed.v1",
    Kind.STARTED: "transaction.started.v1",
    Kind.FEEDBACK: "feedback.given.v1",
    Kind.CONTACT: "contact.received.v1",
    Kind.VOIDED: "transaction.voided.v1",
    Kind.CORRECTED: "transaction.channel_corrected.v1",
    Kind.CAMPAIGN: "campaign.ran.v1",
}


@dataclass(frozen=True)
class Stream:
    """Everything that the SQL of one simulation depends on."""

    seed: int
    events: int
    pattern: Pattern
    world: World
    faults: tuple[Fault, ...]

    @property
    def full_blocks(self) -> int:
        return self.events // BLOCK

    @property
    def window(self) -> int:
        """Blocks, back from its own, in which a correction finds its transaction: 45 days."""
        return max(1, self.full_blocks * 45 // len(self.world.days))

    @property
    def ahead(self) -> int:
        """Blocks, on from its own, in which a late original follows: about a day."""
        return max(1, self.full_blocks // len(self.world.days))


def rows_sql(stream: Stream, first: int, until: int, *, slots: Sequence[int] = ()) -> str:
    """Records `first` up to `until`, in order, one row per record, still without text.

    record: its number. subject: the record that it delivers, another one when it is a
    redelivery. about: the record whose transaction it speaks of. The tables `pattern`, `parts`,
    `places`, `days`, `services`, `mixes`, `combinations`, `alternatives` and `campaigns` must
    exist. Every join is a left join, though all but two always match: DuckDB keeps their order.
    """
    pattern, seed = stream.pattern, stream.seed
    only = f"where record % {BLOCK} in ({', '.join(map(str, slots))})" if slots else ""

    def h(line: str, salt: int) -> str:
        return f"hash({line}, {seed}::bigint, {salt})"

    again = f"""({h("record", 11)} % (block + 1)::ubigint)::bigint * {BLOCK} + chosen.repeatable"""
    ahead = f"""least(
                    subject_block + 1 + ({h("anchor", 21)} % {stream.ahead})::bigint,
                    {stream.full_blocks - 1}
                ) * {BLOCK} + chosen_late.late"""
    back = f"""(
                    subject_block
                    - ({h("anchor", 21)}
                        % least(subject_block + 1, {stream.window})::ubigint)::bigint
                ) * {BLOCK} + chosen.correctable"""

    def time_of_day(line: str, salt: int) -> str:
        number = h(line, salt)
        return (
            f"case when {number} % 8 = 0 then (({number} >> 3) % 86400000000)::bigint else 28800000000"
            f" + (({number} >> 3) % 21600000000)::bigint"
            f" + (({number} >> 20) % 21600000000)::bigint end"
        )

    return f"""
with numbered as (
    select record, record // {BLOCK} as block, record % {BLOCK} as slot,
    from range({first}, {until}) as numbers(record)
    {only}
),
delivered as (
    select
        record,
        kind = {Kind.DUPLICATE} as is_duplicate,
        case when kind = {Kind.DUPLICATE} then {again} else record end as subject,
    from numbered
    left join pattern on numbered.slot = pattern.slot
    left join places as chosen
        on case when kind = {Kind.DUPLICATE}
            then ({h("record", 12)} % repeatable_before::ubigint)::bigint
        end = chosen.rank
),
referring as (
    select
        delivered.*,
        subject // {BLOCK} as subject_block,
        pattern.* exclude (is_late),
        case when shape <> {Shape.NONE} or ref_slot <> pattern.slot
            then subject // {BLOCK} * {BLOCK} + ref_slot
            else subject
        end as anchor,
    from delivered
    left join pattern on delivered.subject % {BLOCK} = pattern.slot
),
targeted as (
    select
        referring.*,
        case when shape = {Shape.TIE} then anchor else subject end as own,
        case
            when shape = {Shape.NONE} then anchor
            when shape = {Shape.AHEAD} and subject_block + 1 < {stream.full_blocks}
                then {ahead}
            else {back}
        end as about,
    from referring
    left join places as chosen
        on case when shape <> {Shape.NONE}
            then ({h("anchor", 22)} % correctable_before::ubigint)::bigint
        end = chosen.rank
    left join places as chosen_late
        on case when shape = {Shape.AHEAD}
            then ({h("anchor", 22)} % {max(1, len(pattern.late))})::bigint
        end = chosen_late.rank
),
dated as (
    select
        targeted.*,
        about_pattern.has_starts as about_has_starts,
        about_pattern.is_late,
        own_parts.day as own_day,
        case
            when about_pattern.is_late then greatest(
                0,
                about_parts.day - {LEAST_LAG_DAYS}
                - ({h("about", 31)} % {MOST_LAG_DAYS - LEAST_LAG_DAYS + 1})::bigint
            )
            else about_parts.day
        end as about_day,
        {h("about", 41)} as dice,
    from targeted
    left join pattern as about_pattern on targeted.about % {BLOCK} = about_pattern.slot
    left join parts as own_parts on targeted.own * {PARTS} // {stream.events} = own_parts.part
    left join parts as about_parts
        on targeted.about * {PARTS} // {stream.events} = about_parts.part
),
placed as (
    select
        dated.*,
        days.start_us,
        days.start_us + ({time_of_day("about", 32)}) * days.hours // 24 as about_us,
        own_days.start_us + ({time_of_day("own", 33)}) * own_days.hours // 24 as own_us,
        services.service,
        ((dice >> 8) % {DIGITAL_SCALE})::bigint < services.digital_threshold as is_digital,
    from dated
    left join days on dated.about_day = days.day
    left join days as own_days on dated.own_day = own_days.day
    left join services
        on (days.month * 2 + dated.about_has_starts) * {SERVICE_SLOTS}
            + (dice % {SERVICE_SLOTS})::bigint = services.key
),
combined as (
    select
        placed.*,
        mixes.combination,
        case
            when campaigns.block is not null then {Kind.CAMPAIGN}
            else placed.kind
        end as record_kind,
        campaigns.* exclude (block),
    from placed
    left join mixes
        on (placed.service * 2 + placed.is_digital::int) * {MIX_SLOTS}
            + ((dice >> 28) % {MIX_SLOTS})::bigint = mixes.key
    left join campaigns
        on case when placed.slot = {pattern.last} then placed.subject_block end = campaigns.block
),
rows as (
    select
        combined.* exclude (kind, is_late),
        record_kind as kind,
        is_late and record_kind = {Kind.COMPLETED} as is_late,
        combinations.* exclude (combination),
        alternatives.channel as new_channel,
        alternatives.assistance as new_assistance,
        {_fault_number(stream)} as fault,
        make_timestamp(case record_kind
            when {Kind.VOIDED} then own_us
            when {Kind.CORRECTED} then own_us
            when {Kind.STARTED} then greatest(
                about_us - 60000000 - ({h("about", 34)} % 1740000000)::bigint, start_us
            )
            when {Kind.FEEDBACK} then about_us // 1000000 * 1000000
            when {Kind.CONTACT} then about_us // 1000000 * 1000000
            when {Kind.CAMPAIGN} then campaign_us
            when {Kind.BROKEN} then xor(about_us, 1)
            else about_us
        end) as event_ts,
        {h("subject", 51)} as die,
    from combined
    left join combinations on combined.combination = combinations.combination
    left join alternatives
        on case when record_kind = {Kind.CORRECTED}
            then combined.combination * 8 + ({h("subject", 52)} % 8)::bigint
        end = alternatives.key
)
"""


def truth_sql(stream: Stream, first: int, until: int) -> str:
    """Counts of records by what they are, one row per kind, day, combination and detail."""
    return f"""{rows_sql(stream, first, until)}
select
    case when is_duplicate then {Kind.DUPLICATE} else kind end as kind,
    case when not is_duplicate and kind <= {Kind.CONTACT} then about_day end as day,
    case
        when not is_duplicate and kind in ({Kind.COMPLETED}, {Kind.STARTED}, {Kind.FEEDBACK},
            {Kind.CONTACT}) then combination
    end as combination,
    case
        when is_duplicate then null
        when kind = {Kind.FEEDBACK} then {_rating()}::varchar
        when kind = {Kind.CONTACT} then {_contact_channel()}
        when kind = {Kind.BROKEN} then fault::varchar
        when kind in ({Kind.VOIDED}, {Kind.CORRECTED}) then shape::varchar
    end as detail,
    case
        when is_duplicate then null
        when kind = {Kind.FEEDBACK} then {_barrier(stream)}
        when kind = {Kind.CONTACT} then {_contact_reason(stream)}
    end as second_detail,
    not is_duplicate and is_late as is_late,
    count(*) as records_count,
from rows
group by all
"""


def corrections_sql(stream: Stream, first: int, until: int) -> str:
    """Corrections and voids that reach a transaction, one row each, with what they say of it."""
    slots = [slot.slot for slot in stream.pattern.slots if slot.shape is not Shape.NONE] or [-1]
    return f"""{rows_sql(stream, first, until, slots=slots)}
select
    about, about_day as day, combination, kind, event_ts,
    event_source as source,
    {identifier("subject", stream.seed)} as id,
    new_channel, new_assistance,
from rows
where kind in ({Kind.VOIDED}, {Kind.CORRECTED}) and not is_duplicate
    and shape <> {Shape.NOTHING}
"""


def identifier(line: str, seed: int) -> str:
    """SQL of a record's id: shaped as a UUID, from the seed and the record's number."""
    high, low = (f"hash({line}, {seed}::bigint, {salt})" for salt in (1, 2))
    return (
        f"format('{{:08x}}-{{:04x}}-4{{:03x}}-{{:04x}}-{{:012x}}', {high} & 4294967295,"
        f" ({high} >> 32) & 65535, {high} >> 52, ({low} & 16383) + 32768, {low} >> 16)"
    )


def members_sql(stream: Stream, first: int, until: int) -> str:
    """Records with the text of their members: id, source, type, time, data (null if broken)."""
    seed = stream.seed
    target = """'{"source":"', source, '","id":"', target_id, '"}'"""
    types = "\n".join(f"when {kind} then 'uk.gov.takeup.{name}'" for kind, name in TYPES.items())
    reasons = ", ".join(f"'{reason}'" for reason in VOID_REASONS)
    with_transaction = """',"transaction_id":"', transaction_id, '"}'"""
    return f"""{rows_sql(stream, first, until)},
identified as (
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
            then format('{{:016x}}', hash(about, {seed}::bigint, 3))
        end as transaction_id,
        case
            when shape = {Shape.NOTHING} then {identifier("-1 - subject", seed)}
            when shape = {Shape.CHAIN} then {identifier("anchor", seed)}
            when shape <> {Shape.NONE} then {identifier("about", seed)}
        end as target_id,
    from rows
),
members as (
    select
        *,
        case kind
            when {Kind.COMPLETED} then concat('{{', body, form_version, {with_transaction})
            when {Kind.STARTED} then concat('{{', body, {with_transaction})
            when {Kind.FEEDBACK} then concat(
                '{{"service_id":"', service_id, '","channel":"', channel, '","rating":', {_rating()},
                ',"barrier":"' || {_barrier(stream)} || '"', '}}'
            )
            when {Kind.CONTACT} then concat(
                '{{"service_id":"', service_id, '","channel":"', {_contact_channel()},
                '","reason":"', {_contact_reason(stream)}, '"}}'
            )
            when {Kind.VOIDED} then concat(
                '{{"voids":', {target}, ',"reason":"',
                [{reasons}][1 + (die % {len(VOID_REASONS)})::bigint], '"}}'
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


def _fault_number(stream: Stream) -> str:
    """Number of the fault of a broken record: conflict and oversized come last in the list."""
    pattern, count = stream.pattern, len(stream.faults)
    if pattern.first_broken is None:
        return "null::bigint"
    return f"""case
            when record_kind <> {Kind.BROKEN} then null
            when combined.slot = {pattern.conflict if pattern.conflict is not None else -1}
                then {count - 2}
            when combined.slot = {pattern.first_broken}
                and subject_block % {OVERSIZED_EVERY} = {OVERSIZED_BLOCK} then {count - 1}
            else (hash(subject, {stream.seed}::bigint, 61) % {count - 2})::bigint
        end"""


def _rating() -> str:
    return f"[{', '.join(map(str, RATINGS))}][1 + (die % {len(RATINGS)})::bigint]"


def _barrier(stream: Stream) -> str:
    barriers = ", ".join(f"'{barrier}'" for barrier in stream.world.barriers)
    count = len(stream.world.barriers)
    return (
        f"case when die % {len(RATINGS)} < 5 and (die >> 8) % 3 = 0"
        f" then [{barriers}][1 + ((die >> 16) % {count})::bigint] end"
    )


def _contact_channel() -> str:
    channels = ", ".join(f"'{channel}'" for channel in CONTACT_CHANNELS)
    return f"[{channels}][1 + ((die >> 8) % {len(CONTACT_CHANNELS)})::bigint]"


def _contact_reason(stream: Stream) -> str:
    reasons = ", ".join(f"'{reason}'" for reason in stream.world.contact_reasons)
    return f"[{reasons}][1 + ((die >> 16) % {len(stream.world.contact_reasons)})::bigint]"
