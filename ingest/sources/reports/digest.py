"""Digests of reports: what a document says, in our own words, reviewed and held against it.

As a source (`digest_events.py`) it speaks for its document until the document itself has landed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import UsageError
from core.limits import unreadable
from ingest.sources.reports.document import Document, Number, Section
from ingest.sources.reports.standing import Status

DEEPEST = 20
"""A digest is nested six deep; the loader's stack ends the process at some tens of thousands."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DigestNumber(_Strict):
    """One number, in the document's order: a claim with its fields, or what else it is (`kind`).

    `is_by_hand` marks one that the reader leaves undecided and a person has decided. `also_in`
    cites the other documents that hold the same passage.
    """

    line: int
    text: str
    kind: str
    metric: str | None = None
    subject: str | None = None
    service_id: str | None = None
    scope: str | None = None
    qualifier: str | None = None
    value: Decimal | None = None
    unit: str | None = None
    per: str | None = None
    direction: str | None = None
    claim_kind: str | None = None
    is_estimate: bool = False
    start: date | None = None
    end: date | None = None
    due_on: date | None = None
    also_in: tuple[str, ...] = ()
    is_by_hand: bool = False


class DigestEntry(_Strict):
    """One section: where it is, what it says in our words, what it names and counts.

    `status` and `answers_plan` are a reader's judgement, for progress only.
    """

    section: str
    line: int | None
    last_line: int
    says: str = Field(min_length=1)
    status: Status | None = None
    answers_plan: bool | None = None
    names: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    numbers: tuple[DigestNumber, ...] = ()


class Digest(_Strict):
    """One document. `outside` holds the numbers of front matter and of the page around it."""

    document: str
    about: str = Field(min_length=1)
    publisher: str | None
    series: str | None
    action: int | None
    published_on: date | None
    updated_on: date | None
    date_precision: Literal["day", "month"] | None
    outside: tuple[DigestNumber, ...] = ()
    entries: tuple[DigestEntry, ...]


CLAIM_FIELDS = (
    "metric subject service_id scope qualifier value unit per direction claim_kind is_estimate "
    "start end due_on"
).split()
"""Fields of a claim that a digest states and the check compares."""


class _Loader(yaml.CSafeLoader):
    """YAML in which no name hides another of the same mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names: set[str] = set()
        for name in (str(key.value) for key, _ in node.value):
            if name in names:
                raise yaml.YAMLError(f"{name} appears twice, line {node.start_mark.line + 1}")
            names.add(name)
        return super().construct_mapping(node, deep)


def read_digest_text(text: str, *, name: str) -> Digest:
    """A digest from its text.

    Args:
        name: what the text is called in messages.

    Raises:
        UsageError: it is not YAML, or has a field that a digest does not have.
    """
    try:
        _check_shape(text)
        content = yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError) as error:
        raise UsageError(f"digest {name}: not YAML: {_problem(error)}") from error
    try:
        return Digest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"digest {name}: {where}: {first['msg']}") from error


def _check_shape(text: str) -> None:
    """Refuse YAML that the loader would take more memory or stack for than its length says.

    Raises:
        yaml.YAMLError: it is nested too deep, or a list or mapping that is said once is meant
            again (a value may be).
    """
    many: set[str | None] = set()
    depth = 0
    for part in yaml.parse(text, yaml.CSafeLoader):
        if isinstance(part, yaml.CollectionStartEvent):
            many.add(part.anchor)
            depth += 1
        elif isinstance(part, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(part, yaml.AliasEvent) and part.anchor in many:
            raise yaml.YAMLError(f"a list or mapping may not stand for another (*{part.anchor})")
        if depth > DEEPEST:
            raise yaml.YAMLError(f"it is nested more than {DEEPEST} deep")


def _problem(error: Exception) -> str:
    """What is wrong with YAML, in one line, and where."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{error.problem}, line {error.problem_mark.line + 1}"
    return str(error).splitlines()[0]


def load_digest(path: Path) -> Digest:
    """A digest from its file.

    Raises:
        UsageError: it is not there, or as in `read_digest_text`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise unreadable(f"digest {path}: {error.strerror}", error) from error
    return read_digest_text(text, name=str(path))


def load_digests(folder: Path) -> list[Digest]:
    """Every digest in a folder, in the order of their names.

    Raises:
        UsageError: one of them cannot be read, or there is none.
    """
    paths = sorted(folder.glob("*.yml"))
    if not paths:
        raise UsageError(f"no digests in {folder}")
    return [load_digest(path) for path in paths]


def partners_of(digests: Iterable[Digest]) -> tuple[str, ...]:
    """Every organisation that a digest names beside the registered services."""
    names = {name for digest in digests for entry in digest.entries for name in entry.partners}
    return tuple(sorted(names))


def partners_in(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that a text holds: whole words, singular or plural, capitals as given."""
    return tuple(
        name
        for name in sorted(names)
        if re.search(rf"(?<![\w-]){re.escape(name)}s?(?![\w-])", text)
    )


def numbers_by_section(document: Document) -> dict[int | None, list[Number]]:
    """Numbers by the index of their section, None for front matter, asides and headings other
    than a section's own; the year in a section's heading is the section's, and left out."""
    homes: dict[int, list[tuple[int, int, int]]] = {}
    for index, section in enumerate(document.sections):
        for line in section.lines:
            end = line.column + len(line.text)
            homes.setdefault(line.number, []).append((line.column, end, index))
            for _, later in line.breaks:
                homes.setdefault(later, []).append((line.column, end, index))
    grouped: dict[int | None, list[Number]] = {None: []}
    for index in range(len(document.sections)):
        grouped[index] = []
    for number in document.numbers:
        if number.kind == "section_year":
            continue
        home = next(
            (i for start, end, i in homes.get(number.line, ()) if start <= number.offset <= end),
            None,
        )
        grouped[home].append(number)
    return grouped


def names_in(document: Document, section: Section) -> tuple[str, ...]:
    """Registered things that a section names."""
    numbers = {number for line in section.lines for number in _numbers_of(line.number, line.breaks)}
    return tuple(named.service_id for named in document.named if numbers.intersection(named.lines))


def _numbers_of(first: int, breaks: tuple[tuple[int, int], ...]) -> list[int]:
    return [first, *(number for _, number in breaks)]


def number_fields(number: Number) -> dict[str, Any]:
    """A number as a digest states it: fields that have nothing to say are left out."""
    fields: dict[str, Any] = {"line": number.line, "text": number.text, "kind": number.kind}
    claim = number.claim
    if claim is None:
        return fields
    period = claim.period
    said = {
        "metric": claim.metric,
        "subject": claim.subject,
        "service_id": claim.service_id,
        "scope": claim.scope,
        "qualifier": claim.qualifier,
        "value": None if claim.value is None else _number_of(claim.value),
        "unit": claim.unit,
        "per": claim.per,
        "direction": None if claim.direction == "none" else claim.direction,
        "claim_kind": claim.claim_kind,
        "is_estimate": claim.is_estimate or None,
        "start": period.start if period else None,
        "end": period.end if period else None,
        "due_on": claim.due_on,
    }
    return fields | {name: value for name, value in said.items() if value is not None}


def _number_of(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
