"""Promises in a small warehouse, each told by what a test is about: for tests of publish/."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import yaml

from core.settings import PROJECT_ROOT

MODEL = PROJECT_ROOT / "dbt_project" / "models" / "marts" / "promises.yml"
Promise = Mapping[str, object]


def promise(promise_id: str, reported: str, **others: object) -> Promise:
    """A promise of a department's plan for 2014, in our words unless it is said otherwise.

    `known_to` is the moment at which a later version took the place of its own.
    """
    return {
        "promise_id": promise_id,
        "report": "action-8",
        "document": "action-8-2015-01-16",
        "section": "co:plan-2014",
        "section_kind": "plan",
        "section_year": 2014,
        "line": 7,
        "citations": f"action-8-2015-01-16 line {len(promise_id)}",
        "department_id": "co",
        "promise": f"Does {promise_id}.",
        "due_on": "2014-12-31",
        "reported": reported,
        "basis": "reviewed",
        "is_reviewed": True,
        "is_from_digest": False,
        "known_at": "2015-01-16 00:00:00+00",
        "is_simulated": False,
        **others,
    }


def promises_in(connection: duckdb.DuckDBPyConnection, *told: Promise) -> None:
    """Put the table `promises` and its `_as_of(ts)` into the staging file that is open."""
    columns = yaml.safe_load(MODEL.read_text(encoding="utf-8"))["models"][0]["columns"]
    types = {column["name"]: column["data_type"] for column in columns}
    fields = ", ".join(f"{name} {kind}" for name, kind in types.items())
    connection.execute(f"create table as_of.promises_told ({fields}, known_to timestamptz)")
    for one in told:
        connection.execute(
            f"insert into as_of.promises_told ({', '.join(one)})"
            f" values ({', '.join('?' * len(one))})",
            list(one.values()),
        )
    connection.execute(
        """
        create macro promises_as_of(ts) as table
            select * exclude (known_to) from as_of.promises_told
            where known_at <= ts and (known_to is null or known_to > ts);
        create or replace table promises as
            select * exclude (known_to) from as_of.promises_told where known_to is null
        """
    )
