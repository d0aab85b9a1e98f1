"""SQL of the stream: records by number, as columns.

Every value comes from a hash of the seed and a record's number, with whole-number arithmetic,
so that a record is the same whichever thread makes it and whatever was made before. DuckDB's
`hash` may change between its versions: a seed repeats its bytes on the pinned version.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.faults import OVERSIZED_BLOCK, OVERSIZED_EVERY, Fault
from simulator.pattern import BLOCK, Kind, Pattern, Shape
from simulator.world import DIGITAL_SCALE, MIX_SLOTS, PARTS, SERVICE_SLOTS, World

SOURCE = "urn:takeup:simulated:"
NOTHING = -1
"""Key of the row, in every table that not all records look into, that says nothing.

A left join hands on the rows that meet nothing after those that meet something: where every row
meets one, records stay in order.
"""
LEAST_LAG_DAYS = 5
MOST_LAG_DAYS = 40
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

    def hash_of(self, line: str, salt: int) -> str:
        """SQL of the hash that decides `salt` of the record numbered `line`."""
        return f"hash({line}, {self.seed}::bigint, {salt})"

    @property
    def ahead(self) -> int:
        """Blocks, on from its own, in which a late original follows: about a day."""
        return max(1, self.full_blocks // len(self.world.days))


def rows_sql(stream: Stream, first: int, until: int, *, slots: Sequence[int] = ()) -> str:
    """Records `first` up to `until`, in order, one row per record, still without text.

    record: its number. subject: the record that it delivers, another one when it is a
    redelivery. about: the record whose transaction it speaks of. The tables `pattern`, `parts`,
    `places`, `days`, `services`, `mixes`, `combinations`, `alternatives` and `campaigns` must
    exist. Every join is a left join in which each record meets exactly one row.
    """
    steps = (
        _numbered(first, until, slots),
        _delivered(stream),
        _referring(),
        _targeted(stream),
        _dated(stream),
        _placed(stream),
        _combined(stream),
        _rows(stream),
    )
    return "\nwith " + ",\n".join(steps) + "\n"


def _numbered(first: int, until: int, slots: Sequence[int]) -> str:
    """Numbers of the records, with their block and their slot in it."""
    only = f"where record % {BLOCK} in ({', '.join(map(str, slots))})" if slots else ""
    return f"""numbered as (
    select record, record // {BLOCK} as block, record % {BLOCK} as slot,
    from range({first}, {until}) as numbers(record)
    {only}
)"""


def _delivered(stream: Stream) -> str:
    """Which record each delivers: itself, or an earlier one once more."""
    block = f"({stream.hash_of('record', 11)} % (block + 1)::ubigint)::bigint"
    again = f"{block} * {BLOCK} + chosen.repeatable"
    return f"""delivered as (
    select
        record,
        kind = {Kind.DUPLICATE} as is_duplicate,
        case when kind = {Kind.DUPLICATE} then {again} else record end as subject,
    from numbered
    left join pattern on numbered.slot = pattern.slot
    left join places as chosen
        on case when kind = {Kind.DUPLICATE}
            then ({stream.hash_of("record", 12)} % repeatable_before::ubigint)::bigint
            else {NOTHING}
        end = chosen.rank
)"""


def _referring() -> str:
    """The slot of what is delivered, and the record that it refers to."""
    return f"""referring as (
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
)"""


def _targeted(stream: Stream) -> str:
    """The transaction that each speaks of: for corrections an earlier or a later one."""
    ahead = f"""least(
                    subject_block + 1 + ({stream.hash_of("anchor", 21)} % {stream.ahead})::bigint,
                    {stream.full_blocks - 1}
                ) * {BLOCK} + chosen_late.late"""
    back = f"""(
                    subject_block
                    - ({stream.hash_of("anchor", 21)}
                        % least(subject_block + 1, {stream.window})::ubigint)::bigint
                ) * {BLOCK} + chosen.correctable"""
    return f"""targeted as (
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
            then ({stream.hash_of("anchor", 22)} % correctable_before::ubigint)::bigint
            else {NOTHING}
        end = chosen.rank
    left join places as chosen_late
        on case when shape = {Shape.AHEAD}
            then ({stream.hash_of("anchor", 22)} % {max(1, len(stream.pattern.late))})::bigint
            else {NOTHING}
        end = chosen_late.rank
)"""


def _dated(stream: Stream) -> str:
    """The day of each delivery and that of its transaction, long before it where it is late."""
    return f"""dated as (
    select
        targeted.*,
        about_pattern.has_starts as about_has_starts,
        about_pattern.is_late,
        own_parts.day as own_day,
        case
            when about_pattern.is_late then greatest(
                0,
                about_parts.day - {LEAST_LAG_DAYS}
                - ({stream.hash_of("about", 31)} % {MOST_LAG_DAYS - LEAST_LAG_DAYS + 1})::bigint
            )
            else about_parts.day
        end as about_day,
        {stream.hash_of("about", 41)} as dice,
    from targeted
    left join pattern as about_pattern on targeted.about % {BLOCK} = about_pattern.slot
    left join parts as own_parts on targeted.own * {PARTS} // {stream.events} = own_parts.part
    left join parts as about_parts
        on targeted.about * {PARTS} // {stream.events} = about_parts.part
)"""


def _placed(stream: Stream) -> str:
    """Moments within the days, the service, and whether it is done online."""
    return f"""placed as (
    select
        dated.*,
        days.start_us,
        days.start_us + ({_time_of_day(stream, "about", 32)}) * days.hours // 24 as about_us,
        own_days.start_us + ({_time_of_day(stream, "own", 33)}) * own_days.hours // 24 as own_us,
        services.service,
        ((dice >> 8) % {DIGITAL_SCALE})::bigint < services.digital_threshold as is_digital,
    from dated
    left join days on dated.about_day = days.day
    left join days as own_days on dated.own_day = own_days.day
    left join services
        on (days.month * 2 + dated.about_has_starts) * {SERVICE_SLOTS}
            + (dice % {SERVICE_SLOTS})::bigint = services.key
)"""


def _combined(stream: Stream) -> str:
    """Channel and details of the transaction; campaigns in their slots."""
    blocks = [campaign.block for campaign in stream.world.campaigns] or [NOTHING]
    campaign_blocks = ", ".join(map(str, blocks))
    return f"""combined as (
    select
        placed.*,
        mixes.combination,
        case
            when campaigns.block <> {NOTHING} then {Kind.CAMPAIGN}
            else placed.kind
        end as record_kind,
        campaigns.* exclude (block),
    from placed
    left join mixes
        on (placed.service * 2 + placed.is_digital::int) * {MIX_SLOTS}
            + ((dice >> 28) % {MIX_SLOTS})::bigint = mixes.key
    left join campaigns
        on case
            when placed.slot = {stream.pattern.last} and placed.subject_block in ({campaign_blocks})
                then placed.subject_block
            else {NOTHING}
        end = campaigns.block
)"""


def _rows(stream: Stream) -> str:
    """What the record says in the end: kind, corrections, fault, moment."""
    return f"""rows as (
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
                about_us - 60000000 - ({stream.hash_of("about", 34)} % 1740000000)::bigint, start_us
            )
            when {Kind.FEEDBACK} then about_us // 1000000 * 1000000
            when {Kind.CONTACT} then about_us // 1000000 * 1000000
            when {Kind.CAMPAIGN} then campaign_us
            when {Kind.BROKEN} then xor(about_us, 1)
            else about_us
        end) as event_ts,
        {stream.hash_of("subject", 51)} as die,
    from combined
    left join combinations on combined.combination = combinations.combination
    left join alternatives
        on case when record_kind = {Kind.CORRECTED}
            then combined.combination * 8 + ({stream.hash_of("subject", 52)} % 8)::bigint
            else {NOTHING}
        end = alternatives.key
)"""


def _time_of_day(stream: Stream, line: str, salt: int) -> str:
    """Microseconds of the day, most of them in the middle of it."""
    number = stream.hash_of(line, salt)
    return (
        f"case when {number} % 8 = 0 then (({number} >> 3) % 86400000000)::bigint"
        f" else 28800000000 + (({number} >> 3) % 21600000000)::bigint"
        f" + (({number} >> 20) % 21600000000)::bigint end"
    )


def truth_sql(stream: Stream, first: int, until: int) -> str:
    """Counts of records by what they are, one row per kind, day, combination and details.

    detail: rating, number of the contact's channel, fault or shape, by kind.
    second_detail: number of the barrier or of the contact's reason, by kind.
    """
    return f"""{rows_sql(stream, first, until)}
select
    case when is_duplicate then {Kind.DUPLICATE} else kind end::utinyint as kind,
    case when not is_duplicate and kind <= {Kind.CONTACT} then about_day end::integer as day,
    case
        when not is_duplicate and kind in ({Kind.COMPLETED}, {Kind.STARTED}, {Kind.FEEDBACK},
            {Kind.CONTACT}) then combination
    end::integer as combination,
    case
        when is_duplicate then null
        when kind = {Kind.FEEDBACK} then {rating()}
        when kind = {Kind.CONTACT} then {contact_channel_number()}
        when kind = {Kind.BROKEN} then fault
        when kind in ({Kind.VOIDED}, {Kind.CORRECTED}) then shape
    end::utinyint as detail,
    case
        when is_duplicate then null
        when kind = {Kind.FEEDBACK} then {barrier_number(stream)}
        when kind = {Kind.CONTACT} then {contact_reason_number(stream)}
    end::utinyint as second_detail,
    not is_duplicate and is_late as is_late,
    count(*)::integer as records_count,
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
    # The top bit of each group is set, so that each has its full length without padding.
    return (
        f"concat(to_hex(({high} & 2147483647) + 2147483648), '-',"
        f" to_hex((({high} >> 31) & 32767) + 32768), '-4',"
        f" to_hex((({high} >> 46) & 2047) + 2048), '-',"
        f" to_hex(({low} & 16383) + 32768), '-',"
        f" to_hex(({low} >> 17) + 140737488355328))"
    )


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
            else ({stream.hash_of("subject", 61)} % {count - 2})::bigint
        end"""


def one_of(values: Sequence[str], number: str) -> str:
    """SQL of the text with this number, null for none."""
    cases = " ".join(f"when {n} then '{value}'" for n, value in enumerate(values))
    return f"case {number} {cases} end"


def rating() -> str:
    """SQL of the rating that a feedback record gives."""
    return f"[{', '.join(map(str, RATINGS))}][1 + (die % {len(RATINGS)})::bigint]"


def barrier_number(stream: Stream) -> str:
    """SQL of the number of a barrier in the register: named with one of three ratings below 4."""
    return (
        f"case when die % {len(RATINGS)} < {sum(rating < 4 for rating in RATINGS)}"
        f" and (die >> 8) % 3 = 0 then ((die >> 16) % {len(stream.world.barriers)})::bigint end"
    )


def contact_channel_number() -> str:
    """SQL of the number, in CONTACT_CHANNELS, of a contact's channel."""
    return f"((die >> 8) % {len(CONTACT_CHANNELS)})::bigint"


def contact_reason_number(stream: Stream) -> str:
    """SQL of the number of a contact's reason in the register."""
    return f"((die >> 16) % {len(stream.world.contact_reasons)})::bigint"
