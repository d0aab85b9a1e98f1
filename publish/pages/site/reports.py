"""What the reports promised, by what they say of it since, and what they claimed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from publish.pages.site import words
from publish.pages.site.model import (
    Cell,
    Download,
    Link,
    Page,
    Row,
    Table,
    download_of,
    file_name_of,
)
from publish.pages.site.service_tables import due, finding, place, stated
from publish.pages.site.source import Source, grouped, report_path
from publish.reported import IN_OUR_WORDS, MEANINGS, counts_line
from publish.standings import Target, standing

ORDER: Final = (
    "not_kept", "not_reported", "kept_late", "partly", "open", "unclear", "replaced", "kept",
    "kept_undated", "not_applicable", "no_test",
)  # fmt: skip
"""What reports say of a promise, as the page tells it: what needs somebody first."""


def report_pages(source: Source) -> Iterator[Page]:
    """The promises by their standing, then a page for each document with what it claims."""
    promises = source.rows(
        f"select * replace ({IN_OUR_WORDS} as promise) from promises"
        " order by due_on nulls last, document, line, promise_id"
    )
    claims = source.rows(
        """
        select claims.*, found.verdict, found.reason, found.measured_value
        from report_claims as claims
        left join figure_reconciliation as found using (figure_id)
        order by document, line, figure_id
        """
    )
    documents = sorted({row["document"] for row in (*promises, *claims)})
    yield Page(
        path="reports/index.html",
        title="What reports promised",
        template="reports",
        content={
            "counts": _counts(promises),
            "groups": [
                (said, MEANINGS[said], _promises(rows, source, caption=words.words(said)))
                for said, rows in _in_order(promises)
            ],
            "documents": [(words.document(name), report_path(name)) for name in documents],
            "departments": _by_department(promises, source),
        },
        downloads=_file("data/promises.csv", promises),
    )
    promised, claimed = grouped(promises, "document"), grouped(claims, "document")
    for name in documents:
        yield _document(name, promised[name], claimed[name], source)


def _file(path: str, rows: list[Row]) -> tuple[Download, ...]:
    return (download_of(path, rows),) if rows else ()


def _in_order(promises: list[Row]) -> list[tuple[str, list[Row]]]:
    groups = grouped(promises, "reported")
    return [(said, groups[said]) for said in ORDER if said in groups]


def _counts(promises: list[Row]) -> str:
    if not promises:
        return "No report that has landed promises anything."
    return counts_line(Counter(row["reported"] for row in promises))


def _by_department(promises: list[Row], source: Source) -> Table:
    """How many promises of each department stand how; each leads to the department's page."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, Cell] = {}
    for row in promises:
        if row["department_id"] is not None:
            names[row["department_id"]] = _who(row, source)
            counts[row["department_id"]][row["reported"]] += 1
    shown = [said for said in ORDER if any(count[said] for count in counts.values())]
    return Table(
        caption="By department",
        columns=("Department", *(f">{words.capital(words.words(said))}" for said in shown)),
        rows=[
            (names[one], *(words.count(counts[one][said]) for said in shown))
            for one in sorted(counts)
        ],
    )


def _who(promise: Row, source: Source) -> Cell:
    """Whose promise it is: a department's page where it has one, else as the report prints it."""
    department = source.department(promise["department_id"])
    if isinstance(department, Link):
        return department
    return words.said(promise["body"]) or words.said(department).upper()


def _promises(
    rows: list[Row], source: Source, *, caption: str, where: Callable[[Row], Cell] = place
) -> Table:
    return Table(
        caption=words.capital(caption),
        columns=("Who", "Promise", "Due", "What reports say", "Where"),
        rows=[
            (
                _who(row, source),
                words.said(row["promise"]),
                due(row),
                _standing_of(row),
                where(row),
            )
            for row in rows
        ],
        download="data/promises.csv",
        download_name="every promise of every report",
    )


def _standing_of(promise: Row) -> str:
    """What reports say of a promise; where it is a target, its verdict and latest periods too."""
    target = [promise[part] for part in ("target_verdict", "latest_says") if promise[part]]
    said = words.words(promise["reported"])
    return f"{said}; target: {', '.join(map(words.words, target))}" if target else said


def _line(row: Row) -> str:
    """Where its own page says that a report says it."""
    return f"line {row['line']}"


def _document(name: str, promises: list[Row], claims: list[Row], source: Source) -> Page:
    file = f"data/reports/{file_name_of(name)}.csv"
    tables = [
        _promises(promises, source, caption="What it promises", where=_line),
        Table(
            caption="What it claims, held against the data",
            columns=("Line", "Subject", "Claim", ">Stated", ">Measured", "Finding"),
            rows=[
                (
                    str(row["line"]),
                    source.service(row["service_id"]) or words.said(row["subject"]),
                    words.words(row["metric"]),
                    stated(row),
                    words.figure(row["measured_value"], row["unit"]),
                    finding(row, source),
                )
                for row in claims
            ],
            download=file,
        ),
    ]
    return Page(
        path=report_path(name),
        title=words.document(name),
        template="list",
        content={"lead": _counts(promises), "tables": [table for table in tables if table.rows]},
        downloads=_file(file, claims),
    )


def target_page(source: Source, targets: Sequence[Target]) -> Page:
    """Every target with where it stands."""
    return Page(
        path="targets.html",
        title="Targets",
        template="targets",
        content={
            "targets": [
                {
                    "service": source.service(target.service_id) or words.said(target.service),
                    "goal": words.goal(target),
                    "judged": f"by {words.words(target.period_kind)}, as defined by"
                    f" {target.definition_id}",
                    "standing": standing(target) or "no value",
                    "verdict": words.words(target.verdict),
                    "latest": words.words(target.latest_says),
                    "reason": source.sentence(target.reason),
                }
                for target in targets
            ]
        },
        downloads=_file("data/targets.csv", source.rows("select * from target_attainment")),
    )
