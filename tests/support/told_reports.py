"""What papers say, put into an empty warehouse as the log would: for tests of the models alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from ingest.sources.reports import Registers, load_registers, read_report
from ingest.sources.reports.events import STATEMENT
from tests.support.report_texts import SEEDS

NOT_STAGED = {
    *("first_line", "last_line", "shared_terms", "period_basis", "subject_kind", "citations"),
    "place",
}
"""What the models don't read of a paper's events."""


@cache
def registers() -> Registers:
    """The project's own registers."""
    return load_registers(SEEDS)


@dataclass(frozen=True)
class Told:
    """A warehouse without a log, and the folder of the build that made it."""

    connection: duckdb.DuckDBPyConnection
    build: Path

    def land(self, content: bytes, *, recorded_at: str, commit: int, name: str = "paper") -> None:
        """Stage what one paper says, as recorded at a moment in a commit."""
        events, _ = read_report(content, name=name, registers=registers())
        self.stage(events, recorded_at=recorded_at, commit=commit, name=name)

    def stage(
        self, events: list[dict[str, Any]], *, recorded_at: str, commit: int, name: str
    ) -> None:
        """Stage events of reports, and the file that they came in."""
        self.connection.execute(
            "insert into ingest_ledger by name select ? as content_hash, ? as name,"
            " 'report' as source_kind, 'ingested' as state, false as is_simulated",
            [name, name],
        )
        for position, event in enumerate(events):
            kind = "statement" if event["type"] == STATEMENT else "figure"
            row = {
                **_columns(event["data"], kind),
                "event_source": event["source"],
                "event_id": event["id"],
                "is_from_digest": event.get("digest", False),
                "known_at": event.get("publishedat", recorded_at),
                "recorded_at": recorded_at,
                "content_hash": name,
                "position": position,
                "commit_version": commit,
            }
            if kind == "statement":
                row["documented_at"] = event["time"]
            marks = ", ".join("?" for _ in row)
            self.connection.execute(
                f"insert into internal.stg_events__{kind}_published ({', '.join(row)})"
                f" values ({marks})",
                list(row.values()),
            )

    def tell(self) -> None:
        """Make of what is staged what the models read of it at any moment."""
        results = json.loads((self.build / "target" / "run_results.json").read_text("utf-8"))
        compiled = {node["unique_id"]: node["compiled_code"] for node in results["results"]}
        sentences = "stg_events__statement_sentences"
        made = {f"internal.{sentences}": sentences}
        for name in ("report_statements", "report_figures", "report_sentences", "report_words"):
            made[f"as_of.{name}"] = f"int_{name}"
        for table, model in made.items():
            self.connection.execute(f"delete from {table}")
            self.connection.execute(
                f"insert into {table} by name {compiled[f'model.takeup.{model}']}"
            )

    def places(self, moment: str) -> dict[str, str]:
        """As `places_of`, of the promises at a moment."""
        source = f"promises_as_of(timestamptz '{moment} 00:00:00+00')"
        return places_of(self.connection, source)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        return self.connection.execute(query).fetchall()


def places_of(connection: duckdb.DuckDBPyConnection, promises: str) -> dict[str, str]:
    """By the id of each promise of a relation, where it first stood: report, section, the number of
    its sentence, and which of the sentence's promises it is."""
    rows = connection.execute(
        rf"""
        with sentences as (
            select passage as digest, min(sentence) as sentence
            from as_of.report_sentences
            group by digest
        ),

        named as (
            select distinct promise_id, regexp_extract(
                promise_id, '^(.*:)([0-9a-f]{{16}})((\.\d+)?)$', ['before', 'digest', 'part']
            ) as parts
            from {promises}
        )

        select promise_id, parts.before || sentence || parts.part
        from named
        left join sentences on parts.digest = sentences.digest
        """
    ).fetchall()
    return {promise_id: place or promise_id for promise_id, place in rows}


def _columns(data: dict[str, Any], kind: str) -> dict[str, Any]:
    """The columns of a staging model that an event's data give."""
    columns = {name: value for name, value in data.items() if name not in NOT_STAGED}
    columns[f"{kind}_text"] = columns.pop("text", None)
    if "sentences" in columns:
        columns["sentences"] = json.dumps(columns["sentences"])
    period = columns.pop("period", None)
    if period is not None:
        columns |= {f"period_{name}": value for name, value in period.items()}
    return columns
