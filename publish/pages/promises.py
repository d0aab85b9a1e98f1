"""docs/promises.md: which promises of reports to ask about, from a published file.

What is promised is told in our words only. Where a promise has none yet, its section and line stand
for it: no sentence of a document is on the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from publish.pages.page import Answers, Page, Row, answers_of, cell, opening, table
from publish.reported import IN_OUR_WORDS, MEANINGS, counts_line

NOT_ONE_DEPARTMENT: Final = "not one department"


@dataclass(frozen=True)
class Question:
    """A list of the page: which promises are in it, and the column that only this list has."""

    heading: str
    says: str
    where: str
    own: str = ""
    own_sql: str = "cast(null as varchar)"


LATE_BY: Final = """
    case
        when kept_not_before is null then 'not known'
        when kept_not_before < kept_by
            then concat(kept_not_before - due_on, ' to ', kept_by - due_on, ' days')
        else concat(
            kept_not_before - due_on,
            case when kept_not_before - due_on = 1 then ' day' else ' days' end,
            case when kept_by is null then ' or more' else '' end
        )
    end
"""
SLIPS: Final = """
    concat_ws(
        '; ',
        case when progress = 'delayed' then 'delayed' end,
        case
            when planned_before is not null
                then concat('plans again what was due ', planned_before)
        end,
        case when target_verdict in ('missed', 'lost') then concat('target ', target_verdict) end,
        case when latest_says in ('dipped', 'slipping') then concat('target ', latest_says) end,
        case when planned_gap_pp < 0 then 'target below its path' end
    )
"""
"""SQL of what says that an open promise slips; empty where nothing does."""

QUESTIONS: Final = (
    Question(
        "Due and silent",
        "They were due, a later report covers their day, and does not mention them.",
        "reported = 'not_reported'",
    ),
    Question(
        "Kept late",
        "Kept after their day: by how long, where an entry says when.",
        "reported = 'kept_late'",
        "late by",
        LATE_BY,
    ),
    Question(
        "Open and slipping",
        "Not due, or not yet covered by a report, and something says that they may be late: an "
        "entry calls them delayed, they plan again what was not kept, or the target that they "
        "stand for was missed or lost, dips or slips of late, or is below its path.",
        f"reported = 'open' and {SLIPS} <> ''",
        "why",
        SLIPS,
    ),
    Question(
        "Not kept",
        "An entry says so, or they are planned again after their day.",
        "reported = 'not_kept'",
    ),
    Question(
        "Replaced",
        "An entry says that something else took their place.",
        "reported = 'replaced'",
    ),
    Question(
        "Kept, without a day",
        "They had no day, or no entry says on which they were kept: whether in time is not known.",
        "reported = 'kept_undated'",
    ),
)
"""The lists before what can't be tested, in the order of the page."""
UNCLEAR: Final = Question(
    "Left to a person",
    "What the entries say does not decide it, by rule or by review.",
    "reported = 'unclear'",
)


def page(published_file: Path) -> str:
    """The whole page from the table `promises` of a published file.

    Raises:
        UsageError: there is no such file.
    """
    with answers_of(published_file) as rows:
        counts = rows(COUNTS)
        lines = [*_head(counts)]
        for question in QUESTIONS:
            lines += _list(question, rows)
        lines += [*_untested(counts), *_list(UNCLEAR, rows)]
    return "\n".join(lines)


COUNTS: Final = f"""
    select coalesce(department_id, '{NOT_ONE_DEPARTMENT}') as who, reported, count(*)
    from promises
    group by who, reported
    order by who = '{NOT_ONE_DEPARTMENT}', who, reported
"""
_LISTED: Final = f"""
    with planned_again as (
        select planned_again_in as promise_id, min(due_on) as planned_before
        from promises
        group by all
    )

    select
        coalesce(department_id, body) as who,
        {IN_OUR_WORDS} as promised,
        promises.due_on,
        citations,
        progress,
        evidence,
        promises.reason,
        promises.target_id,
        target_verdict,
        promises.latest_says,
        {{own}} as own
    from promises
    left join planned_again using (promise_id)
    left join (select target_id, planned_gap_pp from target_attainment) as targets
        using (target_id)
    where {{where}}
    order by promises.due_on, who, promise_id
"""


def _head(counts: list[Row]) -> Iterator[str]:
    yield from opening(
        "Promises to ask about",
        says=" that read the reports. What is promised is in our words, what reports say is cited "
        "by document and line; [how it is told](reports.md#promises). The table `promises` has "
        "all of them.",
    )
    by_word: Counter[str] = Counter()
    departments: dict[str, dict[str, int]] = {}
    for who, word, count in counts:
        by_word[word] += count
        departments.setdefault(who, {})[word] = count
    yield counts_line(by_word)
    yield ""
    yield from table(
        " | ".join(["who", ">all", *(f">`{word}`" for word in MEANINGS)]),
        [
            *(_counted(who, found) for who, found in departments.items()),
            _counted("all", by_word),
        ],
    )
    yield from table("word | means", ((f"`{word}`", means) for word, means in MEANINGS.items()))


def _counted(who: str, counts: Mapping[str, int]) -> Row:
    """A row of counts; what is none is left blank."""
    return who, sum(counts.values()), *(counts.get(word) for word in MEANINGS)


def _list(question: Question, rows: Answers) -> Iterator[str]:
    found = rows(_LISTED.format(own=question.own_sql, where=question.where))
    yield f"## {question.heading}"
    yield ""
    yield f"{_how_many(len(found))} {question.says}"
    yield ""
    if not found:
        return
    columns = ["who", "what", "due", *([question.own] if question.own else [])]
    yield from table(
        " | ".join([*columns, "promised in", "what reports say", "target"]),
        (_listed(row, has_own=bool(question.own)) for row in found),
    )


def _listed(row: Row, *, has_own: bool) -> Row:
    who, promised, due_on, citations, progress, evidence, reason, *target, own = row
    said = ": ".join(part for part in (_words(progress), evidence) if part) or "nothing"
    return (
        cell(who),
        cell(promised),
        due_on or "no day",
        *([own] if has_own else []),
        citations,
        cell(" ".join(f"{part.rstrip('.')}." for part in (said, reason) if part)),
        _target(*target),
    )


def _target(target_id: str | None, verdict: str | None, latest_says: str | None) -> str:
    """The target's verdict, never without what the latest period says of it."""
    if target_id is None:
        return ""
    return f"`{target_id}`: {_words(verdict)}, latest {_words(latest_says)}"


def _untested(counts: list[Row]) -> Iterator[str]:
    found = [(who, count) for who, word, count in counts if word == "no_test"]
    yield "## Can't be tested"
    yield ""
    yield (
        f"{_how_many(sum(count for _, count in found))} Nobody could say that they were done, so "
        "they are neither silent nor kept."
    )
    yield ""
    yield from [f"- {who}: {count}" for who, count in found]
    yield ""


def _how_many(count: int) -> str:
    return "None." if not count else f"{count} promise{'s' if count > 1 else ''}."


def _words(name: str | None) -> str:
    return (name or "").replace("_", " ")


PAGE: Final = Page("promises.md", page, needs_home=True)
