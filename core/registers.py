"""The registers in `seeds/`: read whole, looked up by printed name, refused when they contradict.

Tables of facts that a person keeps, one CSV each; docs/registers.md says who keeps which.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import combinations
from pathlib import Path

from core.errors import UsageError
from core.limits import unreadable

Row = dict[str, str]

LINE = "_line"
"""Key under which a row carries the number of the line that it begins on."""

REQUIRED_OF_A_TARGET = ("target_id", "metric", "target_ratio", "set_on", "period_kind")
WHAT_A_TARGET_IS_ABOUT = (
    "service_id",
    "department_id",
    "metric",
    "period_kind",
    "definition_id",
    "scope",
)

_TYPOGRAPHIC = str.maketrans({"’": "'", "‘": "'", "–": "-", "—": "-", "\u00a0": " "})
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


def load_register(name: str, seeds_dir: Path) -> list[Row]:
    """One register: a row per line of data, cells without spaces around them, blanks as ''.

    Every row carries the line that it begins on under `LINE`, as text.

    Raises:
        UsageError: the register is missing, is not UTF-8, has no header, names a column twice,
            or has a row of another width than its header.
    """
    path = seeds_dir / f"{name}.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return _rows(csv.reader(stream, strict=True), path.name)
    except OSError as error:
        raise unreadable(f"register {path.name}: {error.strerror} ({path})", error) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"register {path.name}: not UTF-8 at byte {error.start}") from error
    except csv.Error as error:
        raise UsageError(f"register {path.name}: {error}") from error


def check_registers(seeds_dir: Path) -> None:
    """Read every register as strictly as `load_register` does: DuckDB passes over what stands
    behind a closing quote. Raises as that."""
    for path in sorted(seeds_dir.glob("*.csv")):
        load_register(path.stem, seeds_dir)


def _rows(reader: Iterable[list[str]], file_name: str) -> list[Row]:
    header: list[str] | None = None
    rows: list[Row] = []
    next_line = 1
    for cells in reader:
        line = next_line
        next_line += 1 + sum(cell.count("\n") for cell in cells)
        if not cells:
            continue
        cells = [cell.strip() for cell in cells]
        if header is None:
            header = cells
            repeated = sorted({column for column in header if header.count(column) > 1})
            if repeated:
                raise UsageError(f"register {file_name}: column {repeated[0]} appears twice")
        elif len(cells) != len(header):
            raise UsageError(
                f"register {file_name}, line {line}: {len(cells)} cells under {len(header)} columns"
            )
        else:
            rows.append({**dict(zip(header, cells, strict=True)), LINE: str(line)})
    if header is None:
        raise UsageError(f"register {file_name}: empty, without a header")
    return rows


def slug_of(printed: str) -> str:
    """The identifier of a printed name where no register gives one.

    Lower case; apostrophes dropped; `&` spelt out; every run of what is neither a letter a to z nor
    a digit is one hyphen, none at the ends. The rule is in docs/registers.md.
    """
    folded = printed.translate(_TYPOGRAPHIC).lower().replace("'", "").replace("&", " and ")
    return _NOT_IN_A_SLUG.sub("-", folded).strip("-")


def folded_name(printed: str) -> str:
    """A printed name as names are compared: typographic signs, case, spaces and `The` set aside."""
    words = printed.translate(_TYPOGRAPHIC).casefold().split()
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


def body_key(printed: str) -> str:
    """What the printed name of a department or organisation is compared by in publications: its
    slug, without a leading `the-`."""
    return slug_of(printed).removeprefix("the-")


def known_departments(departments: Iterable[Row], aliases: Iterable[Row]) -> dict[str, str]:
    """The identifier of a department by the key of every name that the registers have of it."""
    columns = ("department_id", "department_name", "abbreviation")
    names = [(row[column], row["department_id"]) for row in departments for column in columns]
    names += [(row["alias"], row["department_id"]) for row in aliases]
    return {body_key(name): department_id for name, department_id in names}


def alias_index(rows: Iterable[Row], id_column: str, *, register: str) -> dict[str, str]:
    """Folded name to identifier, of a register of aliases.

    Raises:
        UsageError: two aliases that compare as the same name stand for two identifiers.
    """
    first: dict[str, Row] = {}
    for row in rows:
        known = first.setdefault(folded_name(row["alias"]), row)
        if known[id_column] != row[id_column]:
            raise UsageError(
                f"register {register}.csv: alias {row['alias']!r} stands for "
                f"{known[id_column]} (line {known[LINE]}) and for {row[id_column]} "
                f"(line {row[LINE]})"
            )
    return {name: row[id_column] for name, row in first.items()}


def department_aliases(seeds_dir: Path) -> dict[str, str]:
    """The index of department names and abbreviations, for `id_of`.

    Raises:
        UsageError: the register is broken or contradicts itself.
    """
    rows = load_register("department_aliases", seeds_dir)
    return alias_index(rows, "department_id", register="department_aliases")


def service_aliases(seeds_dir: Path) -> dict[str, str]:
    """The index of service names as reports print them, for `id_of`.

    Raises:
        UsageError: the register is broken or contradicts itself.
    """
    rows = load_register("service_aliases", seeds_dir)
    return alias_index(rows, "service_id", register="service_aliases")


def id_of(printed: str, index: Mapping[str, str]) -> str | None:
    """The identifier that an index of aliases gives a printed name; None where it has none."""
    return index.get(folded_name(printed))


def check_targets(rows: Sequence[Row]) -> None:
    """Refuse a register of targets that no attainment could be worked out from.

    A target is about a service (or a department), metric, kind of period, definition and scope.
    Two targets about the same are contradictory when they are due on the same day (or both
    without a day) with different ratios, and overlapping when they have the same ratio while
    both are in force, that is from the day set to the day due. A further step (a higher ratio,
    due later) is neither.

    Args:
        rows: what `load_register("targets", ...)` gives.

    Raises:
        UsageError: a column or a value is missing, a value is out of range, a target_id appears
            twice, or two targets contradict or overlap; it names the rows and their lines.
    """
    if rows:
        needed = {*REQUIRED_OF_A_TARGET, *WHAT_A_TARGET_IS_ABOUT, "due_on"}
        if missing := sorted(needed - rows[0].keys()):
            raise UsageError(f"register targets.csv: no column {', '.join(missing)}")
    for row in rows:
        _check_target(row)
    for one, other in combinations(rows, 2):
        if one["target_id"] == other["target_id"]:
            raise UsageError(_both(one, other, "have the same target_id"))
        if _about(one) != _about(other):
            continue
        same_ratio = Decimal(one["target_ratio"]) == Decimal(other["target_ratio"])
        if not same_ratio and one["due_on"] == other["due_on"]:
            raise UsageError(
                _both(
                    one,
                    other,
                    f"contradict each other: {one['target_ratio']} and {other['target_ratio']} "
                    f"for the same measure, {_due(one)}",
                )
            )
        if same_ratio and _in_force_together(one, other):
            raise UsageError(
                _both(one, other, f"overlap: both ask for {one['target_ratio']} at the same time")
            )


def _check_target(row: Row) -> None:
    for column in REQUIRED_OF_A_TARGET:
        if not row[column]:
            raise UsageError(f"{_place(row)} has no {column}")
    if not row["service_id"] and not row["department_id"]:
        raise UsageError(f"{_place(row)} has neither a service_id nor a department_id")
    try:
        is_ratio = 0 < Decimal(row["target_ratio"]) <= 1
    except InvalidOperation as error:
        raise UsageError(f"{_place(row)}: {row['target_ratio']!r} is not a ratio") from error
    if not is_ratio:
        raise UsageError(f"{_place(row)}: a ratio lies between 0 and 1, not {row['target_ratio']}")
    if _day(row, "due_on", without=date.max) < _day(row, "set_on", without=date.min):
        raise UsageError(f"{_place(row)}: due on {row['due_on']}, before it was set")


def _day(row: Row, column: str, *, without: date) -> date:
    try:
        return date.fromisoformat(row[column]) if row[column] else without
    except ValueError as error:
        raise UsageError(f"{_place(row)}: {row[column]!r} in {column} is not a day") from error


def _about(row: Row) -> tuple[str, ...]:
    return tuple(folded_name(row[column]) for column in WHAT_A_TARGET_IS_ABOUT)


def _in_force_together(one: Row, other: Row) -> bool:
    starts = max(_day(row, "set_on", without=date.min) for row in (one, other))
    ends = min(_day(row, "due_on", without=date.max) for row in (one, other))
    return starts <= ends


def _due(row: Row) -> str:
    return f"due on {row['due_on']}" if row["due_on"] else "without a due date"


def _both(one: Row, other: Row, what: str) -> str:
    return (
        f"register targets.csv: {one['target_id']} (line {one[LINE]}) and "
        f"{other['target_id']} (line {other[LINE]}) {what}"
    )


def _place(row: Row) -> str:
    return f"register targets.csv, line {row[LINE]}: target {row['target_id'] or 'without a name'}"
