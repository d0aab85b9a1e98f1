"""What a run and `takeup status` say of what no register knows."""

from __future__ import annotations

from pathlib import Path

import duckdb

from publish.database import reading
from publish.unregistered import MOST_SERVICES, unregistered_lines


def warehouse(folder: Path, *rows: tuple[str, str, int]) -> Path:
    """A file with a table `unregistered` of (kind, identifier, services)."""
    path = folder / "takeup.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table unregistered"
            " (kind varchar, published_id varchar, services_count bigint, what varchar)"
        )
        for kind, published_id, count in rows:
            connection.execute(
                "insert into unregistered values (?, ?, ?, ?)",
                [kind, published_id, count, f"{kind} {published_id} is\x1b[2J odd"],
            )
    return path


def lines_of(database: Path) -> list[str]:
    """What a file says of what no register knows."""
    with reading(database) as connection:
        return unregistered_lines(connection)


def test_departments_and_organisations_are_all_named_and_some_services(tmp_path: Path) -> None:
    services = [("service", f"s-{number}", 1) for number in range(MOST_SERVICES + 2)]
    departments = [("department", f"d-{number}", number) for number in range(MOST_SERVICES + 2)]
    path = warehouse(tmp_path, *services, ("organisation", "o", 3), *departments)
    lines = lines_of(path)
    assert len(lines) == len(departments) + 1 + MOST_SERVICES + 1
    assert lines[0].startswith(f"department d-{len(departments) - 1} "), "the largest first"
    assert lines[len(departments)].startswith("organisation o ")
    assert lines[-1] == "2 more services are in no register: the table unregistered has them"
    assert not any("\x1b" in line for line in lines)


def test_where_all_is_registered_nothing_is_said(tmp_path: Path) -> None:
    assert lines_of(warehouse(tmp_path)) == []


def test_a_file_of_an_earlier_version_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "takeup.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table services (service_id varchar)")
    assert lines_of(path) == []
