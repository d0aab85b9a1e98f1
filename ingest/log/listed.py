"""Services that publications in the log list: their events are known, register or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.sql import list_of
from ingest.log.compacted import readable
from ingest.log.event_log import EventLog

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LISTED = "uk.gov.takeup.service.listed.v1"


def listed_services(connection: DuckDBPyConnection, log: EventLog) -> frozenset[str]:
    """Identifiers of all services that an accepted listing names."""
    paths = [file.path for file in readable(log, "event") if file.may_hold(LISTED)]
    if not paths:
        return frozenset()
    rows = connection.execute(
        f"""
        select distinct coalesce(service_id, json_extract_string(data, '$.service_id'))
        from read_parquet({list_of(paths)}, union_by_name = true, hive_partitioning = false)
        where type = '{LISTED}'
        """
    ).fetchall()
    return frozenset(service for (service,) in rows)
