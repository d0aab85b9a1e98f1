"""What a rule gives, put into the tables that the marts' table macros read."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import duckdb

from tests.support.listed import register_reported_services

Row = Mapping[str, str]

NOTHING = "-"
SERVICE = "s"
KNOWN = "2017-01-01"
"""Since when something is known, where the rule doesn't say."""

FIRST_LISTED = "2012-01-01"
"""When the first publication listed a service, where the rule doesn't say."""

DEFINITION = "transactions-explorer"


def load(connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Row]) -> None:
    """Put the rows of one given table where it belongs.

    Raises:
        KeyError: nothing is known by that name.
    """
    LOADERS[name](connection, rows)


def insert(connection: duckdb.DuckDBPyConnection, table: str, row: Mapping[str, Any]) -> None:
    """One row by the names of its columns; the others are null, `is_simulated` is false."""
    values = {name: value for name, value in row.items() if value is not None}
    values["is_simulated"] = False
    marks = ", ".join("?" for _ in values)
    connection.execute(
        f"insert into {table} ({', '.join(values)}) values ({marks})", list(values.values())
    )


def moment(day: str) -> str:
    return f"{day} 00:00:00+00"


def number(cell: str) -> int | None:
    return None if cell == NOTHING else int(cell.replace(",", ""))


def ratio(row: Row, name: str) -> float | None:
    cell = text(row, name)
    return None if cell is None else float(cell)


def text(row: Row, name: str, default: str | None = None) -> str | None:
    cell = row.get(name, NOTHING)
    return default if cell == NOTHING else cell


def quarter(cell: str) -> tuple[dt.date, dt.date]:
    """First and last day of `2014 Q1`."""
    year, _, place = cell.partition(" Q")
    month = 3 * int(place)
    last = calendar.monthrange(int(year), month)[1]
    return dt.date(int(year), month - 2, 1), dt.date(int(year), month, last)


def month(cell: str) -> dt.date:
    """First day of `2016-05`."""
    return dt.date.fromisoformat(f"{cell}-01")


def cells(rows: Sequence[Row], volume_kind: str) -> Iterator[dict[str, Any]]:
    """Histories of cells: per service, quarter and part one row for each value it took."""
    histories: dict[tuple[str, str, str], list[tuple[str, int | None]]] = {}
    for row in rows:
        service, known = text(row, "service", SERVICE) or "", text(row, "known", KNOWN) or ""
        for part in row.keys() - {"service", "quarter", "known"}:
            history = histories.setdefault((service, row["quarter"], part), [])
            if not history or history[-1][1] != number(row[part]):
                history.append((known, number(row[part])))
    for (service, period, part), history in histories.items():
        start, end = quarter(period)
        ends = [known for known, _ in history[1:]]
        was_given = False
        for (known, count), known_to in zip(history, [*ends, None], strict=True):
            withdrawn = "withdrawn" if was_given else "not_provided"
            was_given = was_given or count is not None
            yield {
                "service_id": service,
                "definition_id": DEFINITION,
                "measure": "completed",
                "breakdown": part,
                "period_kind": "quarter",
                "period_start": start,
                "period_end": end,
                "transactions_count": count,
                "value_status": withdrawn if count is None else "provided",
                "volume_kind": volume_kind,
                "known_from": moment(known),
                "known_to": None if known_to is None else moment(known_to),
                "event_source": "urn:takeup:test",
                "content_hash": f"blake3:{known}",
                "input": f"{known}.csv",
            }


def reported(volume_kind: str) -> Callable[[duckdb.DuckDBPyConnection, Sequence[Row]], None]:
    """Loader of quarters as a publication gives them."""

    def apply(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
        for cell in cells(rows, volume_kind):
            insert(connection, "reported_cells", cell)
        register_reported_services(connection)

    return apply


def no_digital_channel(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """Services of which the register says that they have none: their digital cells don't apply."""
    for row in rows:
        connection.execute(
            "update reported_cells set value_status = 'not_applicable' "
            "where breakdown = 'digital' and service_id = ?",
            [text(row, "service", SERVICE)],
        )


def transaction(row: Row, measure: str) -> dict[str, Any]:
    channel = row["channel"]
    return {
        "service_id": text(row, "service", SERVICE),
        "measure": measure,
        "month_start": month(row["month"]),
        "channel": channel,
        "assistance": text(row, "assistance", "none"),
        "online_extent": text(row, "online", "all" if channel == "online" else "not_stated"),
        "outcome": text(row, "outcome", "intended" if measure == "completed" else None),
        "transactions_count": number(row["count"]),
        "known_at": moment(text(row, "known", KNOWN) or ""),
    }


def transactions(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    for row in rows:
        insert(connection, "transaction_counts", transaction(row, "completed"))


def starts(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    for row in rows:
        insert(connection, "transaction_counts", transaction(row, "started"))


def corrections(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    for row in rows:
        insert(connection, "transaction_adjustments", transaction(row, "completed"))


def channels(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """The register of channels: all of a service's that it has, by where counts come from."""
    for row in rows:
        insert(
            connection,
            "service_channels",
            {
                "service_id": text(row, "service", SERVICE),
                "channel": row["channel"],
                "expectation": (text(row, "register", "expected") or "").replace(" ", "_"),
                "basis": text(row, "basis", "events"),
                "valid_from": text(row, "from"),
                "valid_to": text(row, "to"),
            },
        )


def presence(connection: duckdb.DuckDBPyConnection, row: Row) -> None:
    """From when to when publications list a service: from its first listing on."""
    delisted = text(row, "delisted")
    insert(
        connection,
        "service_presence",
        {
            "event_source": "urn:takeup:test",
            "service_id": row["service"],
            "listed_from": moment(text(row, "listed", FIRST_LISTED) or ""),
            "listed_to": None if delisted is None else moment(delisted),
        },
    )


def services(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """What publications and the register say of services, from a day on. The services of the real
    register, which name their source, are not asked for their counts."""
    connection.execute("delete from service_channels where source is not null")
    first: dict[str, Row] = {}
    for row in rows:
        if first.setdefault(row["service"], row) is row:
            presence(connection, row)
        service, kind = row["service"], text(row, "kind", "flow")
        department = text(row, "department", "dft")
        insert(
            connection,
            "service_listings",
            {
                "service_id": service,
                "department_id": department,
                "current_department_id": text(row, "today", department),
                "organisation_id": text(row, "organisation"),
                "volume_kind": kind,
                "is_published": True,
                "known_from": moment(text(row, "listed", FIRST_LISTED) or ""),
            },
        )
        if text(row, "seasonal") == "yes":
            insert_register(connection, service)
        connection.execute("delete from services where service_id = ?", [service])
        insert(
            connection,
            "services",
            {
                "service_id": service,
                "service_name": service,
                "department_id": text(row, "today", department),
                "volume_kind": kind,
                "is_exemplar": False,
                "is_seasonal": text(row, "seasonal") == "yes",
                "has_offline_route": text(row, "offline route") != "never",
                "is_listed": True,
                "rounding_unit": text(row, "rounded to"),
                "rounding_until": text(row, "rounded until"),
            },
        )


def insert_register(connection: duckdb.DuckDBPyConnection, service: str) -> None:
    """What the macros of the measures know of a seasonal service."""
    connection.execute("delete from as_of.service_register where service_id = ?", [service])
    connection.execute(
        "insert into as_of.service_register (service_id, kind, is_seasonal)"
        " values (?, 'service', true)",
        [service],
    )


def set_aside(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """Services of which all that was published is set aside, from a day on."""
    for row in rows:
        for table in ("reported_cells", "service_listings", "service_presence"):
            connection.execute(
                f"update {table} set counts_to = cast(? as timestamptz) where service_id = ?",
                [moment(row["from"]), text(row, "service", SERVICE)],
            )


def targets(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    connection.execute("delete from targets")
    for row in rows:
        insert(
            connection,
            "targets",
            {
                "target_id": row["target"],
                "service_id": text(row, "service", SERVICE),
                "department_id": "dft",
                "metric": "digital_take_up",
                "target_ratio": float(row["ratio"]),
                "baseline_ratio": ratio(row, "baseline"),
                "set_on": row["set on"],
                "due_on": text(row, "due on"),
                "period_kind": text(row, "by", "quarter"),
                "definition_id": DEFINITION,
                "source": "a document",
            },
        )


def paths(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    for row in rows:
        insert(
            connection,
            "target_paths",
            {
                "target_id": row["target"],
                "period_end": quarter(row["quarter"])[1],
                "planned_ratio": float(row["planned"]),
                "source": "a document",
            },
        )


def runs(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    for version, row in enumerate(rows, start=1):
        at = {"commit_version": version, "recorded_at": moment(row["night"])}
        insert(connection, "run_history", at)


def feedback(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    for row in rows:
        insert(
            connection,
            "feedback_counts",
            {
                "service_id": SERVICE,
                "month_start": month(row["month"]),
                "channel": text(row, "channel", "online"),
                "rating": number(row["rating"]),
                "barrier": text(row, "barrier"),
                "feedback_count": number(row["count"]),
                "known_at": moment(KNOWN),
            },
        )


def contacts(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    for row in rows:
        insert(
            connection,
            "contact_counts",
            {
                "service_id": SERVICE,
                "month_start": month(row["month"]),
                "channel": row["channel"],
                "reason": row["reason"],
                "is_avoidable": row["reason"] == "chase_progress",
                "contacts_count": number(row["count"]),
                "known_at": moment(KNOWN),
            },
        )


def costs(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    for row in rows:
        start, end = quarter(row["quarter"])
        insert(
            connection,
            "reported_costs",
            {
                "service_id": SERVICE,
                "breakdown": row["of"],
                "cost_kind": "total",
                "period_start": start,
                "period_end": end,
                "amount_gbp": float(row["pounds"]),
                "known_from": moment(KNOWN),
            },
        )


def stated_figures(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """Figures of one publisher, as publications in their order state or take them back."""
    histories: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        service = text(row, "service", SERVICE) or ""
        histories.setdefault((service, row["of"], row["year to"]), []).append(row)
    for (service, quantity, last_quarter), history in histories.items():
        end = quarter(last_quarter)[1]
        ends = [row["known"] for row in history[1:]]
        for row, known_to in zip(history, [*ends, None], strict=True):
            values = {
                "event_source": "urn:takeup:test",
                "service_id": service,
                "quantity": quantity,
                "period_start": end.replace(year=end.year - 1) + dt.timedelta(days=1),
                "period_end": end,
                "value": ratio(row, "value"),
                "input": f"{row['known']}.csv",
                "known_from": moment(row["known"]),
                "known_to": None if known_to is None else moment(known_to),
            }
            connection.execute(
                f"insert into as_of.stated_figures by name select {named(values)}",
                list(values.values()),
            )


def named(values: Mapping[str, Any]) -> str:
    """A mark for each value, under its name."""
    return ", ".join(f"? as {name}" for name in values)


def unit_costs(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    connection.execute("delete from unit_costs")
    for row in rows:
        insert(
            connection,
            "unit_costs",
            {
                "channel": row["channel"],
                "cost_per_transaction_gbp": float(row["pounds"]),
                "valid_from": "2010-01-01",
                "source": "a document",
            },
        )


def campaign(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    for row in rows:
        insert(
            connection,
            "campaign_events",
            {
                "campaign_id": row["kind"],
                "service_id": SERVICE,
                "campaign_kind": row["kind"],
                "started_on": row["from"],
                "ended_on": row["to"],
                "known_at": moment(KNOWN),
            },
        )


def returns(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """Returns as they were sent: their figures, and a sign-off where somebody gave one."""
    figures = ("service", "quarter", "digital", "total")
    sent = [{name: row[name] for name in figures} | {"known": row["sent"]} for row in rows]
    for cell in cells(sent, "flow"):
        insert(connection, "reported_cells", cell | {"event_source": "urn:takeup:mi-return:dft"})
    register_reported_services(connection)
    for row in rows:
        start, end = quarter(row["quarter"])
        record = {
            "service_id": row["service"],
            "period_kind": "quarter",
            "period_start": start,
            "period_end": end,
            "department_id": "dft",
            "known_from": moment(row["sent"]),
            "submitted_at": moment(row["sent"]),
            "recorded_at": moment(row["sent"]),
            "accepted_count": 2,
            "refused_count": 0,
        }
        insert(connection, "return_records", record | {"due_on": text(row, "asked by")})
        if signed := text(row, "signed off"):
            sign_off = {
                "accepted_count": 0,
                "sign_off_id": f"{row['service']} {signed}",
                "signed_off_by_role": "service manager",
                "signed_off_at": moment(signed),
                "commentary": text(row, "commentary"),
            }
            insert(connection, "return_records", record | sign_off)


def calendar_of_returns(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    """What the calendar asks for, service by service."""
    for row in rows:
        start, end = quarter(row["quarter"])
        connection.execute(
            "insert into as_of.returns_due"
            " (service_id, period_kind, period_start, period_end, department_id, due_on)"
            " values (?, 'quarter', ?, ?, ?, ?)",
            [row["service"], start, end, row["department"], row["due on"]],
        )


LOADERS: dict[str, Callable[[duckdb.DuckDBPyConnection, Sequence[Row]], None]] = {
    "published_quarters": reported("flow"),
    "published_caseload": reported("stock"),
    "services_without_a_digital_channel": no_digital_channel,
    "completed_transactions": transactions,
    "started_transactions": starts,
    "corrections": corrections,
    "register_of_channels": channels,
    "services": services,
    "what_is_set_aside": set_aside,
    "targets": targets,
    "planned_path": paths,
    "nights": runs,
    "feedback": feedback,
    "contacts": contacts,
    "reported_costs": costs,
    "stated_figures": stated_figures,
    "unit_costs": unit_costs,
    "campaign": campaign,
    "returns": returns,
    "calendar": calendar_of_returns,
}
"""How each kind of given table is put into the warehouse."""
